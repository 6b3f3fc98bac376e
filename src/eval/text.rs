//! Text, of which some may not be known.

use smallvec::{SmallVec, smallvec};

use super::Value;

/// A string, perhaps with pieces that are not known as text.
#[derive(Debug, Default, Clone)]
pub struct Text {
    /// Its pieces; no two texts stand beside each other.
    pub pieces: SmallVec<[Piece; 1]>,
}

/// A piece of a string.
#[derive(Debug, Clone)]
pub enum Piece {
    Text(String),
    /// What stands here is this value, as a string.
    Hole(Value),
}

impl Text {
    /// A text without holes.
    pub fn plain(text: impl Into<String>) -> Text {
        let text = text.into();
        Text { pieces: (!text.is_empty()).then_some(Piece::Text(text)).into_iter().collect() }
    }

    /// Nothing but `value`, as a string.
    pub fn hole(value: Value) -> Text {
        Text { pieces: smallvec![Piece::Hole(value)] }
    }

    /// The whole text, where it has no holes.
    pub fn as_plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Adds text at the end.
    pub fn push_str(&mut self, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// Adds the pieces of `other` at the end.
    pub fn push_text(&mut self, other: &Text) {
        for piece in &other.pieces {
            match piece {
                Piece::Text(text) => self.push_str(text),
                Piece::Hole(value) => self.pieces.push(Piece::Hole(value.clone())),
            }
        }
    }
}
