//! The names of one text. A tree stores a token once, however often it stands in the text: so each is
//! looked up in the table of all names once.

use rustc_hash::FxHashMap;

use super::Name;
use crate::syntax::{Node, Token};

/// The names met in a text, by their tokens.
#[derive(Default)]
pub(super) struct Names {
    by_token: FxHashMap<usize, Name>,
}

impl Names {
    /// The name that `ident` is.
    pub fn of(&mut self, ident: Node<'_>) -> Name {
        ident.first_token().map_or_else(|| Name::new(""), |token| self.of_token(token))
    }

    fn of_token(&mut self, token: Token<'_>) -> Name {
        *self.by_token.entry(token.identity()).or_insert_with(|| Name::new(token.text()))
    }
}
