//! Nix text and its tree: parsing behind a depth guard, comments, string contents, and edits that
//! never glue two tokens together.
//!
//! A syntax tree is not `Send` and costs ten times its text; nothing above keeps one. What later
//! floors need is lowered into [`crate::hir`]. Lowering reads a smaller [`Tree`], which the tokens of a
//! text suffice for nearly always, and drops it.

mod comments;
mod depth;
mod glance;
mod lexeme;
mod node;
mod parse;
mod recognizer;
pub mod rewrite;
#[cfg(test)]
mod samples;
pub mod shell;
mod strings;
mod tokenizer;
mod tree;

pub use comments::{Comment, comments, comments_of, leading_comments};
pub use depth::DepthLimit;
pub use glance::Glance;
pub use node::{Element, Node, Token};
pub use parse::{Parsed, SyntaxError, parse, parse_within};
pub use rnix::{SyntaxKind, SyntaxNode, SyntaxToken, ast};
pub use strings::{StringPart, string_parts};
pub use tree::Tree;
