//! Folders held open, and what lies beneath them, reached without following a link.
//!
//! The paths of a tree are free of links when it is listed. A folder that is swapped for a link
//! afterwards must lead nowhere: neither to what is read nor to what is written. Paths given here
//! are relative, without `.` or `..`.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use elsewhere::{Beneath, Replacement};
#[cfg(unix)]
pub(super) use unix::{Beneath, Replacement};
