//! A token and its place, without its text: what the recognizer reads.

use rnix::SyntaxKind;
use text_size::{TextRange, TextSize};

/// A token that is neither white space nor a comment.
#[derive(Copy, Clone, Debug)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) kind: SyntaxKind,
    /// Where it stands.
    pub(super) range: TextRange,
}

/// Puts the tokens of a text in their places.
#[derive(Default)]
pub(super) struct Lexemes {
    found: Vec<Lexeme>,
    comments: Vec<TextRange>,
    /// Where the next token begins.
    at: TextSize,
}

/// There is about one token that is no white space for so many bytes of text.
const BYTES_A_TOKEN: usize = 5;

impl Lexemes {
    /// None yet of a text so many bytes long.
    pub(super) fn of_length(bytes: usize) -> Lexemes {
        Lexemes { found: Vec::with_capacity(bytes / BYTES_A_TOKEN), ..Lexemes::default() }
    }

    /// Takes the next token, which may be white space.
    pub(super) fn pass(&mut self, kind: SyntaxKind, token: &str) {
        let range = TextRange::at(self.at, TextSize::of(token));
        self.at = range.end();
        match kind {
            SyntaxKind::TOKEN_WHITESPACE => {}
            SyntaxKind::TOKEN_COMMENT => self.comments.push(range),
            _ => self.found.push(Lexeme { kind, range }),
        }
    }

    /// Those that were passed.
    pub(super) fn found(&self) -> &[Lexeme] {
        &self.found
    }

    /// The places of the comments between them.
    pub(super) fn comments(&self) -> &[TextRange] {
        &self.comments
    }
}
