//! The scopes of a file: what each function, `let`, recursive set and `with` brings into view.

use std::num::NonZeroU32;

use rustc_hash::FxHashMap;

use super::expr::one_more;
use super::{ExprId, Name};

/// Up to this many names are searched one by one.
const SMALL: usize = 16;

/// A scope of a [`File`](super::File).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct ScopeId(NonZeroU32);

impl ScopeId {
    /// The scope of the file's outermost expression, which sees only Nix's own names.
    pub const ROOT: ScopeId = ScopeId(NonZeroU32::MIN);

    pub(super) fn from_index(index: usize) -> ScopeId {
        ScopeId(one_more(index))
    }

    pub(super) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// One scope. At run time it is one frame of an environment, with a slot a name.
#[derive(Debug)]
pub struct Scope {
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// What opens it.
    pub kind: ScopeKind,
    names: Box<[Name]>,
    /// Of many names, where each is.
    slots: Option<Box<FxHashMap<Name, u32>>>,
}

/// What opens a scope. Each carries the expression that does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// The file.
    Root,
    /// A function's body and defaults.
    Lambda(ExprId),
    /// `let … in`.
    Let(ExprId),
    /// `rec { }`.
    Recursive(ExprId),
    /// The body of `with`.
    With(ExprId),
}

impl Scope {
    /// A scope that binds `names`, by slot. Where a name stands twice, the first counts.
    pub(super) fn new(parent: Option<ScopeId>, kind: ScopeKind, names: Vec<Name>) -> Scope {
        let slots = (names.len() > SMALL).then(|| {
            let mut slots = FxHashMap::default();
            for (slot, name) in (0..).zip(&names) {
                slots.entry(*name).or_insert(slot);
            }
            Box::new(slots)
        });
        Scope { parent, kind, names: names.into(), slots }
    }

    /// The slot of `name`.
    pub fn slot(&self, name: Name) -> Option<u32> {
        match &self.slots {
            Some(slots) => slots.get(&name).copied(),
            None => {
                let slot = self.names.iter().position(|bound| *bound == name)?;
                u32::try_from(slot).ok()
            }
        }
    }

    /// The names it binds, by slot.
    pub fn names(&self) -> &[Name] {
        &self.names
    }
}
