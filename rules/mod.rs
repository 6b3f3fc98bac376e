//! Every rule, one file each, in a folder a group.

use crate::lint::Rule;

/// Every rule, by group, then name.
pub static ALL: &[&dyn Rule] = &[];
