//! Fetches that nothing pins, and paths that are looked up outside the tree.

use crate::source::Span;

/// A fetch that may give something else tomorrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpinnedFetch {
    /// The function that fetches.
    pub fetcher: String,
    /// The whole call.
    pub place: Span,
    /// What is missing.
    pub unpinned: Unpinned,
}

/// Why a fetch is not pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unpinned {
    /// It has neither a hash nor a commit, but one of these arguments would do.
    NothingGiven(Vec<String>),
    /// Its `rev` is the name of a branch, written at the place.
    Branch(String, Span),
}

/// `<nixpkgs>` or a path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupPath {
    /// What stands between the brackets.
    pub path: String,
    /// Where it stands.
    pub place: Span,
}
