//! What an attribute is made of that changes with the configuration itself: its commits, the time,
//! its folders.

use crate::source::Span;

/// Something that a value is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it is.
    pub what: ReadOf,
    /// The expression that brings it in.
    pub place: Span,
}

/// What a value may be made of that does not stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadOf {
    /// An attribute of the flake itself that every commit or edit changes, as it is written:
    /// `self.shortRev`.
    Commit(String),
    /// The time of evaluation.
    Time,
    /// A folder of the tree with all that lies in it.
    Folder {
        /// Its path, relative to the root of the tree; empty for the root.
        path: String,
        /// `lib.cleanSource` takes version control and editors' files out.
        cleaned: bool,
        /// A part of it is meant, but the whole flake is what Nix copies: `"${self}/tool"`.
        part: bool,
    },
}
