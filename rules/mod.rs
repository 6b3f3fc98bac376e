//! Every rule, one file each, in a folder a group.

pub mod advice;
mod built;
pub mod cache;
mod elements;
pub mod flake;
mod inputs;
mod made;
pub mod meta;
#[path = "override/mod.rs"]
pub mod overrides;
pub mod parallelism;
mod profile_names;
mod removal;
pub mod timeout;
mod variables;

pub(crate) use crate::budget::work;
use crate::lint::Rule;

/// Every rule, by group, then name.
pub static ALL: &[&dyn Rule] = &[
    &overrides::AttrClobber,
    &overrides::BrowserArgsConflict,
    &overrides::BrowserOverrideIgnored,
    &overrides::BrowserSourceBuild,
    &overrides::BrowserWrapperOverride,
    &overrides::CheckOnlyOverride,
    &overrides::HeavyOverride,
    &overrides::NeedlessOverride,
    &overrides::NoopAttr,
    &overrides::UnreviewedOverride,
    &overrides::VersionWithoutSrc,
    &overrides::WrapperRebuild,
    &timeout::BadTimeout,
    &timeout::IgnoredTimeout,
    &timeout::MissingTimeout,
    &timeout::UnboundedBuilds,
    &parallelism::ConflictingSettings,
    &parallelism::CoresOverBudget,
    &parallelism::CpuOverBudget,
    &parallelism::DuplicateJobsFlag,
    &parallelism::IgnoredJobs,
    &parallelism::MemoryOverBudget,
    &parallelism::PackageOverBudget,
    &parallelism::StringlyNumber,
    &parallelism::TierOverBudget,
    &cache::CachixUiUrl,
    &cache::CargoIncremental,
    &cache::CommitInDerivation,
    &cache::DragsHeavy,
    &cache::DroppedSystemFeatures,
    &cache::IneffectiveCompilerCache,
    &cache::MassRebuildConfig,
    &cache::MassRebuildOverlay,
    &cache::MissingCacheKey,
    &cache::NativeCpu,
    &cache::NeverCached,
    &cache::OptionSourceBuild,
    &cache::RestrictedSetting,
    &cache::SelfSubstituter,
    &cache::ShadowedExtra,
    &cache::SubstitutersReplaced,
    &cache::TmpfsBuilds,
    &cache::UnfilteredSrc,
    &flake::DuplicateNixpkgs,
    &flake::FollowsBustsCache,
    &flake::ImportFromDerivation,
    &flake::LookupPath,
    &flake::NixconfigNotLiteral,
    &flake::UncachedNixpkgs,
    &flake::UnpinnedFetch,
    &advice::CacheConnections,
    &advice::CodegenUnits,
    &advice::DepsSplit,
    &advice::LtoChoice,
    &advice::NodeHeap,
    &advice::PushCache,
    &advice::UpdateCadence,
    &advice::UseMold,
    &advice::Zram,
    &meta::EvaluationLimit,
    &meta::SyntaxError,
    &meta::UnknownSuppression,
    &meta::UnreadableFile,
    &meta::UnusedSuppression,
];
