//! A look at the tokens of a text, which may tell that its tree is not needed.

use std::ops::ControlFlow;

use rnix::SyntaxKind;

use super::depth::{Cut, DepthLimit, read_tokens};
use super::parse::{Parsed, SyntaxError, parse_checked};
use super::recognizer::is_expression;

/// A text whose tokens were looked at.
pub struct Glance<'t> {
    text: &'t str,
    limit: DepthLimit,
    depth: Result<(), Cut>,
    is_plain: bool,
}

/// There is about one token that is no white space for so many bytes of text.
const BYTES_A_TOKEN: usize = 6;

impl<'t> Glance<'t> {
    /// Looks at the tokens of `text` until `tells` finds one that makes the tree needed.
    pub fn of(
        text: &'t str,
        limit: DepthLimit,
        mut tells: impl FnMut(SyntaxKind, &str) -> bool,
    ) -> Glance<'t> {
        let mut kinds = Vec::with_capacity(text.len() / BYTES_A_TOKEN);
        let mut is_told = false;
        let depth = read_tokens(text, limit, |kind, token| {
            if kind.is_trivia() {
                return ControlFlow::Continue(());
            }
            is_told = tells(kind, token);
            kinds.push(kind);
            if is_told { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let is_plain = !is_told && depth.is_ok() && is_expression(&kinds);
        Glance { text, limit, depth, is_plain }
    }

    /// Whether the text is an expression without mistakes, in which no token makes the tree needed.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Parses the text, as [`parse_within`](super::parse_within) does.
    ///
    /// # Errors
    ///
    /// A single error where the text nests too deeply to be parsed at all.
    pub fn parse(self) -> Result<Parsed, SyntaxError> {
        parse_checked(self.text, self.limit, self.depth)
    }
}
