//! What leaves a binary cache, or keeps it from being used.

mod cache_folder;
mod cachix_ui_url;
mod cargo_incremental;
mod commit_in_derivation;
mod drags_heavy;
mod ineffective_compiler_cache;
mod lists;
mod march;
mod mass_rebuild_overlay;
mod missing_cache_key;
mod native_cpu;
mod redefined;
mod removal;
mod restricted_setting;
mod sandbox;
mod self_substituter;
mod served;
mod shadowed_extra;
mod substituters_replaced;
mod trust;
mod unfiltered_src;

pub use cachix_ui_url::CachixUiUrl;
pub use cargo_incremental::CargoIncremental;
pub use commit_in_derivation::CommitInDerivation;
pub use drags_heavy::DragsHeavy;
pub use ineffective_compiler_cache::IneffectiveCompilerCache;
pub use mass_rebuild_overlay::MassRebuildOverlay;
pub use missing_cache_key::MissingCacheKey;
pub use native_cpu::NativeCpu;
pub use restricted_setting::RestrictedSetting;
pub use self_substituter::SelfSubstituter;
pub use shadowed_extra::ShadowedExtra;
pub use substituters_replaced::SubstitutersReplaced;
pub use unfiltered_src::UnfilteredSrc;
