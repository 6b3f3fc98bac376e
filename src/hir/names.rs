//! The names of one text: each is looked up once in the table of all names.

use rustc_hash::FxHashMap;

use super::Name;
use crate::syntax::Node;

/// The names met in a text.
#[derive(Default)]
pub(super) struct Names<'t> {
    by_text: FxHashMap<&'t str, Name>,
}

impl<'t> Names<'t> {
    /// The name that `ident` is.
    pub fn of(&mut self, ident: Node<'t>) -> Name {
        let text = ident.text();
        *self.by_text.entry(text).or_insert_with(|| Name::new(text))
    }
}
