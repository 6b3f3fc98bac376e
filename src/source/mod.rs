//! Where text comes from: files on disk, an editor's buffers, or memory, all behind one tree.
//!
//! Nothing here knows Nix. Everything above reads through this module, so that unsaved buffers and
//! the fix loop's new texts are seen everywhere.

mod span;

pub use span::{FileId, Span};
