//! What is compiled, or not, because of an override.
//!
//! Of one override at most one rule says what it costs: [`concern`](crate::budget::concern) gives the
//! order.

mod attr_clobber;
mod browser_args_conflict;
mod browser_override_ignored;
mod browser_source_build;
mod browser_wrapper_override;
mod check_only_override;
pub(crate) mod cost;
mod extend;
mod heavy_override;
mod needless_override;
mod noop_attr;
mod option;
mod replaced;
mod unreviewed_override;
mod version_without_src;
mod wrapper_rebuild;

pub use attr_clobber::AttrClobber;
pub use browser_args_conflict::BrowserArgsConflict;
pub use browser_override_ignored::BrowserOverrideIgnored;
pub use browser_source_build::BrowserSourceBuild;
pub use browser_wrapper_override::BrowserWrapperOverride;
pub use check_only_override::CheckOnlyOverride;
pub use heavy_override::HeavyOverride;
pub use needless_override::NeedlessOverride;
pub use noop_attr::NoopAttr;
pub use unreviewed_override::UnreviewedOverride;
pub use version_without_src::VersionWithoutSrc;
pub use wrapper_rebuild::WrapperRebuild;
