//! What leaves a binary cache, or keeps it from being used.

mod built;
mod cache_folder;
mod cachix_ui_url;
mod cargo_incremental;
mod commit_in_derivation;
mod ineffective_compiler_cache;
mod lists;
mod march;
mod native_cpu;
mod removal;
mod sandbox;
mod shadowed_extra;
mod substituters_replaced;
mod unfiltered_src;

pub use cachix_ui_url::CachixUiUrl;
pub use cargo_incremental::CargoIncremental;
pub use commit_in_derivation::CommitInDerivation;
pub use ineffective_compiler_cache::IneffectiveCompilerCache;
pub use native_cpu::NativeCpu;
pub use shadowed_extra::ShadowedExtra;
pub use substituters_replaced::SubstitutersReplaced;
pub use unfiltered_src::UnfilteredSrc;
