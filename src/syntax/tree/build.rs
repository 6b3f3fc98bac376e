//! A tree is built from its leaves on: a node takes the parts that were finished since it began.

use std::borrow::Cow;

use rnix::SyntaxKind;
use text_size::{TextRange, TextSize};

use super::{Part, Tree};
use crate::syntax::recognizer::Build;

/// A tree that is being built.
#[derive(Default)]
pub(in crate::syntax) struct TreeBuilder {
    /// The parts of the nodes that have ended.
    parts: Vec<Part>,
    /// What is part of no node yet.
    finished: Vec<Part>,
    open: Vec<Open>,
}

/// A node that has not ended.
struct Open {
    kind: SyntaxKind,
    start: TextSize,
    /// How much was finished before its first part.
    before: usize,
}

impl TreeBuilder {
    /// Nothing yet of a tree of about so many parts.
    pub(in crate::syntax) fn of_size(parts: usize) -> TreeBuilder {
        TreeBuilder { parts: Vec::with_capacity(parts), ..TreeBuilder::default() }
    }

    /// The tree of `text` whose root, of this kind, has the parts that are finished. Between them stand
    /// `comments`.
    pub(in crate::syntax) fn finish(
        mut self,
        kind: SyntaxKind,
        text: Cow<'_, str>,
        comments: Vec<TextRange>,
    ) -> Tree<'_> {
        let range = TextRange::up_to(TextSize::of(&*text));
        let root = self.whole(kind, range, 0);
        Tree { text, root, parts: self.parts, comments }
    }

    /// Makes a node of all that was finished since there were `before`.
    fn whole(&mut self, kind: SyntaxKind, range: TextRange, before: usize) -> Part {
        let first = index(self.parts.len());
        let before = before.min(self.finished.len());
        self.parts.extend(self.finished.drain(before..));
        Part { kind, range, first, count: index(self.parts.len()) - first }
    }
}

/// A text is never as long as to have so many parts.
fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Build for TreeBuilder {
    fn begin(&mut self, kind: SyntaxKind, start: TextSize) {
        self.open.push(Open { kind, start, before: self.finished.len() });
    }

    fn wrap(&mut self, kind: SyntaxKind) {
        if let Some(first) = self.finished.last() {
            let start = first.range.start();
            self.open.push(Open { kind, start, before: self.finished.len() - 1 });
        }
    }

    fn leaf(&mut self, kind: SyntaxKind, range: TextRange) {
        self.finished.push(Part { kind, range, first: 0, count: 0 });
    }

    fn end(&mut self, end: TextSize) {
        if let Some(Open { kind, start, before }) = self.open.pop() {
            let whole = self.whole(kind, TextRange::new(start, end.max(start)), before);
            self.finished.push(whole);
        }
    }
}
