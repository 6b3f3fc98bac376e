//! The syntax trees of files that rules edit, kept for the next rule and the next look at the tree.
//!
//! Most files are lowered and their syntax trees let go, for these take four times the text. A file with
//! findings is edited by several rules, side by side, and in an editor again at every keystroke: it is
//! read once, as long as not too much else was.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::syntax::{DepthLimit, Tree};

/// Trees of texts that are together longer than this, in bytes, are let go: the oldest first.
const MOST_TEXT: usize = 512 << 10;

/// Syntax trees of texts without errors.
#[derive(Default)]
pub struct Parses {
    latest: Mutex<Latest>,
}

#[derive(Default)]
struct Latest {
    /// The oldest first.
    kept: VecDeque<Kept>,
    /// How long their texts are together, in bytes.
    length: usize,
}

struct Kept {
    text: Arc<str>,
    tree: Slot,
}

/// Made for the first that asks; the others wait.
type Slot = Arc<OnceLock<Option<Arc<Tree<'static>>>>>;

impl Parses {
    /// The tree of `text`; `None` where it has errors.
    pub(super) fn of(&self, text: &Arc<str>) -> Option<Arc<Tree<'static>>> {
        let known = self.find(text);
        let tree = known.unwrap_or_else(|| self.keep(text, OnceLock::new()));
        let read =
            || Tree::of_text(text, DepthLimit::USUAL).map(|tree| Arc::new(tree.into_owned()));
        tree.get_or_init(read).clone()
    }

    /// Keeps a tree that is there anyway.
    pub fn offer(&self, text: &Arc<str>, tree: Tree<'static>) {
        self.keep(text, OnceLock::from(Some(Arc::new(tree))));
    }

    fn find(&self, text: &Arc<str>) -> Option<Slot> {
        self.latest().find(text)
    }

    fn keep(&self, text: &Arc<str>, tree: OnceLock<Option<Arc<Tree<'static>>>>) -> Slot {
        let tree = Arc::new(tree);
        let mut latest = self.latest();
        // Somebody else may have come between.
        if let Some(found) = latest.find(text) {
            return found;
        }
        let old = latest.add(Kept { text: Arc::clone(text), tree: Arc::clone(&tree) });
        // To take them apart takes longer than others should wait.
        drop(latest);
        drop(old);
        tree
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latest {
    fn find(&self, text: &Arc<str>) -> Option<Slot> {
        let found = self.kept.iter().find(|kept| Arc::ptr_eq(&kept.text, text))?;
        Some(Arc::clone(&found.tree))
    }

    /// Adds one, and gives back those that there is no room for any more.
    fn add(&mut self, new: Kept) -> Vec<Kept> {
        self.length += new.text.len();
        self.kept.push_back(new);
        let mut old = Vec::new();
        while self.length > MOST_TEXT && self.kept.len() > 1 {
            let oldest = self.kept.pop_front();
            self.length -= oldest.as_ref().map_or(0, |oldest| oldest.text.len());
            old.extend(oldest);
        }
        old
    }
}

impl fmt::Debug for Parses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parses").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_once_until_too_much_else_was() {
        let parses = Parses::default();
        let text: Arc<str> = "{ a = 1; }".into();
        let tree = parses.of(&text).expect("it is sound");
        let is_same = |other: &Arc<Tree<'static>>| Arc::ptr_eq(other, &tree);
        assert!(parses.of(&text).as_ref().is_some_and(is_same));
        let again: Arc<str> = "{ a = 1; }".into();
        parses.of(&again).expect("it is sound");
        assert_eq!(parses.latest().kept.len(), 2);

        let long: Arc<str> = format!("\"{}\"", "x".repeat(MOST_TEXT)).into();
        parses.of(&long).expect("it is sound");
        assert_eq!(parses.latest().kept.len(), 1);
    }

    #[test]
    fn a_text_with_errors_has_no_tree() {
        let parses = Parses::default();
        let text: Arc<str> = "{ a = ; }".into();
        assert!(parses.of(&text).is_none());
    }
}
