//! Where text comes from: files on disk, an editor's buffers, or memory, all behind one [`Tree`].
//!
//! Nothing here knows Nix. Everything above reads through this module, so that unsaved buffers and
//! the fix loop's new texts are seen everywhere, and writes through it, so that a file is replaced
//! whole and only when it is still the one that was read.

mod base;
mod beneath;
mod cancel;
mod changes;
mod discovery;
mod edit;
mod error;
mod file;
pub mod git;
mod gitignore;
mod index;
mod lines;
mod listing;
mod original;
mod read;
mod root;
mod span;
#[cfg(test)]
mod tests;
mod tracked;
mod tree;
mod write;

pub use cancel::{Cancelled, Interest, unless_cancelled};
pub use changes::ChangedLines;
pub use discovery::Discovery;
pub use edit::{Edit, EditError, apply_edits};
pub use error::{ReadError, TreeError, WriteError};
pub use file::{Eol, SourceFile};
pub use index::EntryKind;
pub use lines::{LineIndex, Position, Utf16Position};
pub use read::{config_text, named_config_text};
pub use root::find_root;
pub use span::{FileId, Span};
pub use tree::Tree;
