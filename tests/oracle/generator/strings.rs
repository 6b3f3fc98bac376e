//! Strings in every spelling: quoted and indented, with escapes, holes and ugly indentation.

use super::code::{Code, Level};
use super::scope::Scope;
use super::{Generator, Type};

/// Pieces of a quoted string as written.
const QUOTED: &[&str] = &[
    "a", "b", "", " ", "foo", "-", ".", "1.2", "\\n", "\\t", "\\\"", "\\\\", "\\${x}", "$${x}",
    "$", "é", "日", "\n", "\\q", "''", "'", "\\r", "/", "A", "$$", "\t",
];

/// Pieces of an indented string as written.
const INDENTED: &[&str] = &[
    "a", "b ", "\n", " ", "  ", "\n    ", "\n  ", "\t", "\n\t", "''${x}", "$${x}", "'''", "''\\n",
    "''\\t", "$", "\\n", "\"", "'", "é", "\n\n", "''\\\\", "''\\ ", "\n   \n", "''$", "\r\n", "\\",
];

impl Generator<'_> {
    /// A quoted string without holes.
    pub(super) fn plain_string(&mut self) -> Code {
        let count = self.pick(4);
        let mut text = String::from("\"");
        for _ in 0..count {
            let piece = self.one_of(QUOTED);
            push_piece(&mut text, piece);
        }
        text.push('"');
        Code::atom(text)
    }

    pub(super) fn string(&mut self, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Str, scope, depth);
        match self.pick(9) {
            0 => self.plain_string(),
            1 | 2 => self.interpolated(scope, depth),
            3 | 4 => self.indented(scope, depth),
            5 | 6 => Code::left(operand(self), "+", operand(self), Level::Add),
            _ => self.string_call(scope, depth),
        }
    }

    fn hole(&mut self, scope: &Scope, depth: u32) -> String {
        format!("${{{}}}", self.expression(&Type::Str, scope, depth).text())
    }

    fn interpolated(&mut self, scope: &Scope, depth: u32) -> Code {
        let mut text = String::from("\"");
        for _ in 0..1 + self.pick(4) {
            let piece = match self.pick(3) {
                0 => self.one_of(QUOTED).to_owned(),
                _ => self.hole(scope, depth),
            };
            push_piece(&mut text, &piece);
        }
        text.push('"');
        Code::atom(text)
    }

    fn indented(&mut self, scope: &Scope, depth: u32) -> Code {
        let mut text = String::from("''");
        for _ in 0..self.pick(8) {
            let piece = match self.pick(5) {
                4 => self.hole(scope, depth),
                _ => self.one_of(INDENTED).to_owned(),
            };
            push_piece(&mut text, &piece);
        }
        if text.len() > 2 && text.ends_with('\'') {
            text.push('.');
        }
        text.push_str("''");
        Code::atom(text)
    }
}

/// Adds a piece, with something between where the two would be read as one token.
fn push_piece(text: &mut String, piece: &str) {
    let glues = match text.chars().last() {
        Some('$') => piece.starts_with(['{', '$']),
        Some('\'') if text.len() > 2 => piece.starts_with(['\'', '$', '\\']),
        _ => false,
    };
    if glues {
        text.push('.');
    }
    text.push_str(piece);
}
