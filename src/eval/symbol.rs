//! Symbols: things outside the tree, known by how the tree reaches them.
//!
//! `pkgs.brave`, `with pkgs; brave` and `let b = pkgs.brave; in b` are one symbol. Calling a symbol
//! gives a symbol again, and the evaluator keeps a record of the call: the floors above tell an
//! override from a builder by what was called.

use std::fmt;
use std::sync::Arc;

use super::CallId;
use crate::hir::Name;
use crate::source::FileId;

/// The longest way that is followed.
const MAX_STEPS: usize = 100;

/// Something outside the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// Where every way starts.
    Root(Root),
    /// An attribute of another.
    Select(Arc<Symbol>, Name),
    /// What a call of another gives.
    Call(Arc<Symbol>, CallId),
}

/// The beginnings of all symbols.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Root {
    /// A nixpkgs package set.
    Packages(PackageSet),
    /// The function that `import nixpkgs` gives.
    Nixpkgs(PackageSet),
    /// nixpkgs' library.
    Lib,
    /// The merged configuration of a module.
    Config,
    /// The declared options of a module.
    Options,
    /// The inputs of a flake.
    Inputs,
    /// One input of a flake.
    Input(Name),
    /// The flake of this tree whose `flake.nix` is the file.
    Own(FileId),
    /// A function's parameter that nothing in the tree binds.
    Parameter(FileId, Name),
    /// `<name>`.
    SearchPath(Name),
}

/// Which nixpkgs a package is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PackageSet {
    /// The tree's own, with every overlay applied.
    Main,
    /// The layer below an overlay.
    Previous,
    /// Another nixpkgs, by the name of its input or binding.
    Other(Name),
}

impl Symbol {
    /// A root.
    pub fn root(root: Root) -> Arc<Symbol> {
        Arc::new(Symbol::Root(root))
    }

    /// The attribute `name` of `base`.
    pub fn select(base: &Arc<Symbol>, name: Name) -> Arc<Symbol> {
        Arc::new(Symbol::Select(base.clone(), name))
    }

    /// Its root and the names selected from it, where nothing on the way is a call.
    pub fn path(&self) -> Option<(&Root, Vec<Name>)> {
        let mut names = Vec::new();
        let mut symbol = self;
        loop {
            match symbol {
                Symbol::Root(root) => {
                    names.reverse();
                    return Some((root, names));
                }
                Symbol::Select(base, name) => {
                    names.push(*name);
                    symbol = base;
                }
                Symbol::Call(..) => return None,
            }
        }
    }

    /// Whether another step would make the way to it longer than any that means something: each
    /// step is a level of the stack to whoever compares, prints or drops it.
    pub(super) fn is_far(&self) -> bool {
        let mut symbol = self;
        for _ in 0..MAX_STEPS {
            match symbol {
                Symbol::Root(_) => return false,
                Symbol::Select(base, _) | Symbol::Call(base, _) => symbol = base,
            }
        }
        true
    }

    /// The last name selected.
    pub fn last_name(&self) -> Option<Name> {
        match self {
            Symbol::Select(_, name) => Some(*name),
            _ => None,
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Symbol::Root(root) => write!(f, "{root}"),
            Symbol::Select(base, name) => write!(f, "{base}.{name}"),
            Symbol::Call(function, _) => write!(f, "({function} …)"),
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Root::Packages(PackageSet::Main) => f.write_str("pkgs"),
            Root::Packages(PackageSet::Previous) => f.write_str("prev"),
            Root::Packages(PackageSet::Other(name)) => write!(f, "{name}"),
            Root::Nixpkgs(_) => f.write_str("import nixpkgs"),
            Root::Lib => f.write_str("lib"),
            Root::Config => f.write_str("config"),
            Root::Options => f.write_str("options"),
            Root::Inputs => f.write_str("inputs"),
            Root::Input(name) => write!(f, "inputs.{name}"),
            Root::Own(_) => f.write_str("self"),
            Root::Parameter(_, name) => write!(f, "{name}"),
            Root::SearchPath(name) => write!(f, "<{name}>"),
        }
    }
}
