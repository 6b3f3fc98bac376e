//! What the user adds to the tables of knowledge: kept as text, for what their rows look like is known
//! only where the tables are.

use std::sync::Arc;

use super::Mistakes;
use super::entry::{Origin, Text};

/// A text that has a table `[knowledge]`.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct KnowledgeText {
    origin: Origin,
    text: Arc<str>,
}

impl KnowledgeText {
    pub(super) fn of(source: &Text<'_>) -> KnowledgeText {
        KnowledgeText { origin: source.origin.clone(), text: source.text.into() }
    }

    /// The whole text: TOML that was read without an error.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The error that what stands at the byte `offset` of the text has no meaning; `message` says what
    /// to write instead.
    pub fn error(&self, offset: usize, message: impl Into<String>) -> Mistakes {
        let source = Text { origin: self.origin.clone(), text: &self.text };
        Mistakes::one(source.location(offset), message)
    }
}
