//! Builds that nothing stops, and limits that nobody reads.

mod bad_timeout;
mod builds;
mod ignored_timeout;
mod meta_edit;
mod missing_timeout;
mod policy;
mod unbounded_builds;

pub use bad_timeout::BadTimeout;
pub use ignored_timeout::IgnoredTimeout;
pub use missing_timeout::MissingTimeout;
pub use unbounded_builds::UnboundedBuilds;
