//! Every rule, one file each, in a folder a group.

pub mod meta;

use crate::lint::Rule;

/// Every rule, by group, then name.
pub static ALL: &[&dyn Rule] = &[
    &meta::SyntaxError,
    &meta::UnknownSuppression,
    &meta::UnreadableFile,
    &meta::UnusedSuppression,
];
