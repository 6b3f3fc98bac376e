//! What a merge is made of: the definitions of an option, with what wraps them.

use std::sync::Arc;

use smallvec::SmallVec;
use thin_vec::ThinVec;

use crate::eval::ThunkId;
use crate::eval::symbol::Symbol;
use crate::hir::Name;

/// One definition, with what wraps it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) value: ThunkId,
    /// Lower wins.
    pub(super) priority: i64,
    /// Where it comes among others of its priority; lower comes first.
    pub(super) order: i64,
    /// It cannot be told whether its module is imported.
    pub(super) is_open: bool,
    /// It holds only if all of these do.
    pub(super) conditions: ThinVec<ThunkId>,
}

/// The definitions of an option: mostly one.
pub(super) type Parts = SmallVec<[Part; 1]>;

/// The definitions and declarations of an option, or of the options below a name.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Merge {
    pub(super) parts: Parts,
    /// What the modules declare at this name: options, or sets of them.
    pub(super) declarations: ThinVec<ThunkId>,
    /// What stands for the option where the tree neither defines nor declares it: this, or its attribute
    /// of that name. Most options are never asked for.
    pub(super) fallback: (Arc<Symbol>, Option<Name>),
    /// An option below that its definitions do not give by themselves.
    pub(super) given: Option<Given>,
}

/// What a module defines.
#[derive(Clone, Copy, Debug)]
pub struct Defined {
    /// Its configuration.
    pub value: ThunkId,
    /// It cannot be told whether the module is imported.
    pub is_open: bool,
}

/// An option whose value is not what its definitions say but what comes of them elsewhere: modules
/// of their own. It is there only where something defines it.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The names that lead to it.
    pub path: &'static [&'static str],
    /// What it is.
    pub value: ThunkId,
}

impl Merge {
    pub(super) fn fallback(&self) -> Arc<Symbol> {
        let (symbol, name) = &self.fallback;
        name.map_or_else(|| symbol.clone(), |name| Symbol::select(symbol, name))
    }
}

impl Given {
    /// The same as seen from the option `name`, if it lies there.
    pub(super) fn below(self, name: Name) -> Option<Given> {
        let (first, path) = self.path.split_first()?;
        (name == *first).then_some(Given { path, ..self })
    }
}
