//! Every rule, one file each, in a folder a group.

pub mod meta;
pub mod parallelism;

use crate::lint::Rule;

/// Every rule, by group, then name.
pub static ALL: &[&dyn Rule] = &[
    &parallelism::CoresOverBudget,
    &parallelism::CpuOverBudget,
    &meta::SyntaxError,
    &meta::UnknownSuppression,
    &meta::UnreadableFile,
    &meta::UnusedSuppression,
];
