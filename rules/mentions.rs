//! Whether a tree speaks of something at all: a rule that looks closely at every build first asks
//! whether there is anything to look for.

use memchr::memmem::Finder;

use crate::lint::TreeContext;

/// Whether `word` stands anywhere in a text of the tree, be it in a comment.
pub fn mentions(cx: &TreeContext<'_>, word: &str) -> bool {
    let word = Finder::new(word);
    let has = |file: &crate::source::FileId| {
        cx.tree.source(*file).is_ok_and(|source| word.find(source.text.as_bytes()).is_some())
    };
    cx.tree.files().iter().any(has)
}
