//! The syntax tree that lowering reads: one list, in which the parts of a node lie next to each other.
//!
//! A tree of the parser knows every token and is made to be changed and shared. Who goes from wholes to
//! parts once, as lowering does with every file, needs only the tokens that tell something, and pays for
//! nothing else. It is made of what the recognizer recognizes, and of a tree of the parser where there is
//! one: so there is one lowering.

mod build;
mod stored;

use std::borrow::Cow;

use rnix::SyntaxKind;
use text_size::TextRange;

pub(super) use build::TreeBuilder;

use super::{DepthLimit, Glance, Node};

/// A syntax tree and its text.
#[derive(Debug)]
pub struct Tree<'s> {
    text: Cow<'s, str>,
    root: Part,
    /// All others.
    parts: Vec<Part>,
    /// Where comments stand, which are part of nothing.
    comments: Vec<TextRange>,
}

/// A node or a token.
#[derive(Copy, Clone, Debug)]
pub(super) struct Part {
    pub(super) kind: SyntaxKind,
    pub(super) range: TextRange,
    /// Where its own parts lie.
    first: u32,
    /// How many they are.
    count: u32,
}

impl Part {
    /// Whether it is a node.
    pub(super) fn is_node(&self) -> bool {
        self.kind >= SyntaxKind::NODE_APPLY
    }
}

impl<'s> Tree<'s> {
    /// The tree of `text`, by its tokens or else by the parser; none if it has mistakes or nests deeper
    /// than `limit`.
    pub fn of_text(text: &'s str, limit: DepthLimit) -> Option<Tree<'s>> {
        let glance = Glance::of(text, limit, |_, _| true);
        glance.tree().or_else(|| {
            let parsed = glance.parse().ok()?;
            parsed.errors().is_empty().then(|| parsed.tree())
        })
    }

    /// The same tree with a text of its own.
    pub fn into_owned(self) -> Tree<'static> {
        Tree { text: Cow::Owned(self.text.into_owned()), ..self }
    }

    /// Its root.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, &self.root)
    }

    /// All of its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The comments inside `range`, with their marks, in order.
    pub fn comments_in(&self, range: TextRange) -> impl Iterator<Item = TextRange> {
        let from = self.comments.partition_point(|comment| comment.start() < range.start());
        let behind = self.comments.get(from..).unwrap_or_default().iter().copied();
        behind.take_while(move |comment| comment.end() <= range.end())
    }

    /// The nodes around `range`, from the root on, up to the innermost.
    pub(super) fn way_to(&self, range: TextRange) -> impl Iterator<Item = Node<'_>> {
        let root = self.root().range().contains_range(range).then(|| self.root());
        std::iter::successors(root, move |node| node.part_around(range))
    }

    /// What stands at `range`.
    pub(super) fn text_at(&self, range: TextRange) -> &str {
        self.text.get(range.start().into()..range.end().into()).unwrap_or_default()
    }

    /// The parts of `part`.
    pub(super) fn parts_of(&self, part: &Part) -> &[Part] {
        let first = part.first as usize;
        self.parts.get(first..first + part.count as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::node::kinds;

    #[test]
    fn nodes_are_told_from_tokens() {
        for kind in kinds() {
            let part = Part { kind, range: TextRange::default(), first: 0, count: 0 };
            assert_eq!(part.is_node(), format!("{kind:?}").starts_with("NODE_"), "{kind:?}");
        }
    }

    /// There is about one for each token of a text.
    #[test]
    fn what_there_is_most_of_stays_small() {
        assert_eq!(size_of::<Part>(), 20);
    }
}
