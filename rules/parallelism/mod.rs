//! What runs past the machine's threads and memory.

mod cap;
mod conflicting_settings;
mod cores_over_budget;
mod cpu_over_budget;
mod derived;
mod duplicate_jobs_flag;
mod ignored_jobs;
mod joint_fix;
mod memory_over_budget;
mod package_over_budget;
mod stringly_number;
mod takes;
mod tier_over_budget;
mod wording;

pub use conflicting_settings::ConflictingSettings;
pub use cores_over_budget::CoresOverBudget;
pub use cpu_over_budget::CpuOverBudget;
pub use duplicate_jobs_flag::DuplicateJobsFlag;
pub use ignored_jobs::IgnoredJobs;
pub(crate) use joint_fix::fix_to;
pub use memory_over_budget::MemoryOverBudget;
pub use package_over_budget::PackageOverBudget;
pub use stringly_number::StringlyNumber;
pub use tier_over_budget::TierOverBudget;
