//! A look at the tokens of a text, which may tell that its tree is not needed, and nearly always suffices
//! to make it.

use std::borrow::Cow;
use std::ops::ControlFlow;

use rnix::SyntaxKind;

use super::depth::{Cut, DepthLimit, read_tokens};
use super::lexeme::Lexemes;
use super::parse::{Parsed, SyntaxError, parse_checked};
use super::recognizer::{Nothing, recognize};
use super::tree::{Tree, TreeBuilder};

/// A text whose tokens were looked at.
pub struct Glance<'t> {
    text: &'t str,
    limit: DepthLimit,
    depth: Result<(), Cut>,
    lexemes: Lexemes,
    is_told: bool,
}

impl<'t> Glance<'t> {
    /// Looks at the tokens of `text`, and shows them to `tells` until it finds one that makes the tree
    /// needed.
    pub fn of(
        text: &'t str,
        limit: DepthLimit,
        mut tells: impl FnMut(SyntaxKind, &str) -> bool,
    ) -> Glance<'t> {
        let mut lexemes = Lexemes::of_length(text.len());
        let mut is_told = false;
        let depth = read_tokens(text, limit, |kind, token| {
            lexemes.pass(kind, token);
            is_told = is_told || (!kind.is_trivia() && tells(kind, token));
            ControlFlow::Continue(())
        });
        Glance { text, limit, depth, lexemes, is_told }
    }

    /// Whether the text is an expression without mistakes, in which no token makes the tree needed.
    pub fn is_plain(&self) -> bool {
        !self.is_told
            && self.depth.is_ok()
            && recognize(self.text, self.lexemes.found(), Nothing).is_some()
    }

    /// The tree of the text; none where only the parser can tell whether it is correct. Where there is
    /// one, the parser finds no mistake and makes the same one.
    pub fn tree(&self) -> Option<Tree<'t>> {
        self.depth.ok()?;
        let lexemes = self.lexemes.found();
        let builder = recognize(self.text, lexemes, TreeBuilder::of_size(lexemes.len()))?;
        let (text, comments) = (Cow::Borrowed(self.text), self.lexemes.comments().to_vec());
        Some(builder.finish(SyntaxKind::NODE_ROOT, text, comments))
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
