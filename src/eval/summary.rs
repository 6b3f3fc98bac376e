//! What stands in an expression, whatever its environment: for those who must know without evaluating
//! it what it would come from.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Site;
use crate::hir::{File, Name};

/// What stands in one expression.
#[derive(Debug, Default)]
pub struct Summary {
    /// Evaluating it may show what nothing else shows.
    pub tells: bool,
    /// What it looks up in the environment that it is evaluated in.
    pub looks_up: Vec<LookUp>,
    /// The paths that it imports, as they are written.
    pub imports: Vec<String>,
    /// The names of which it was asked whether they lead to a function worth a call.
    pub asked: FxHashSet<Name>,
}

/// One name that is bound outside an expression, and the attributes selected from it.
#[derive(Debug, PartialEq, Eq)]
pub struct LookUp {
    /// How many frames up.
    pub depth: u32,
    pub slot: u32,
    pub path: Vec<Name>,
}

/// Who knows what stands in expressions, and what is worth a look.
pub trait Summarise: Sync {
    /// What stands in the expression at `site` of `file`.
    fn summary(&self, file: &File, site: Site) -> Arc<Summary>;

    /// Whether a function that is worth a call may be had by this name; that it was `asked` is noted.
    fn is_telling(&self, name: Name, asked: &mut FxHashSet<Name>) -> bool;

    /// The same, where no function of the tree can be had.
    fn is_telling_outside(&self, name: Name) -> bool;
}
