//! What is compiled, or not, because of an override.

mod browser_source_build;
mod browser_wrapper_override;
mod needless_override;
mod option;

pub use browser_source_build::BrowserSourceBuild;
pub use browser_wrapper_override::BrowserWrapperOverride;
pub use needless_override::NeedlessOverride;
