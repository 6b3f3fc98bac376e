//! Edits of Nix text, made from places: the file is read again, and what stands at the place
//! decides about parentheses, indentation, line breaks and comments.
//!
//! Everything answers `None` where it does not understand the text or a comment would be lost:
//! then a rule offers no fix.

mod comments;
mod definitions;
mod elements;
mod parameters;
mod parses;
mod precedence;
mod removal;
mod set;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use text_size::{TextRange, TextSize};

use crate::lint::FixEdit;
use crate::source::{FileId, SourceFile, Span, Tree};
use crate::syntax::{Node, SyntaxKind, Tree as SyntaxTree, rewrite};

pub use definitions::Definition;
pub use parameters::OldAttributes;
pub use parses::Parses;
pub use set::{attribute_set, binds, defined_names, defined_value, definition_path, leaf_set};

/// One file of a tree, read to be edited.
pub struct EditedFile {
    file: FileId,
    source: Arc<SourceFile>,
    syntax: Arc<SyntaxTree<'static>>,
}

impl EditedFile {
    /// The file as it is kept among `parses`. `None` when it cannot be read or has syntax errors:
    /// such a file is not edited.
    pub fn open(tree: &Tree, file: FileId, parses: &Parses) -> Option<EditedFile> {
        let source = tree.source(file).ok()?;
        let syntax = parses.of(&source.text)?;
        Some(EditedFile { file, source, syntax })
    }

    /// The text at `range`.
    pub fn slice(&self, range: TextRange) -> &str {
        self.source.slice(range)
    }

    /// The white space that the line of `offset` begins with.
    pub fn indentation(&self, offset: TextSize) -> &str {
        rewrite::line_indentation(self.text(), offset)
    }

    /// The node at exactly `span`; `None` for a span of another file.
    pub fn node(&self, span: Span) -> Option<Node<'_>> {
        (span.file == self.file).then(|| rewrite::node_at(&self.syntax, span.range))?
    }

    /// The innermost node around `span`, which may be part of a string.
    pub fn around(&self, span: Span) -> Option<Node<'_>> {
        (span.file == self.file).then(|| rewrite::node_around(&self.syntax, span.range))?
    }

    /// The definitions `name = value;` of all its sets and `let`s, in order.
    pub fn definitions(&self) -> impl Iterator<Item = Node<'_>> {
        let nodes = self.syntax.root().descendants();
        nodes.filter(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
    }

    /// Every name by itself, used or bound, in order.
    pub fn names(&self) -> impl Iterator<Item = Node<'_>> {
        let nodes = self.syntax.root().descendants();
        nodes.filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
    }

    /// Whether any comment lies inside `range`.
    pub fn has_comment(&self, range: TextRange) -> bool {
        self.syntax.comments_in(range).next().is_some()
    }

    /// The place of `range` in this file.
    pub fn span(&self, range: TextRange) -> Span {
        Span::new(self.file, range)
    }

    /// Puts the expression `with` in place of the one at `place`, together with the parentheses that
    /// hold nothing else. Comments that would go are put before it.
    pub fn replace(&self, place: Span, with: &str) -> Option<Vec<FixEdit>> {
        self.replace_keeping(place, with, with)
    }

    /// The same, where the comments in `moved` stand in the text afterwards, here or elsewhere.
    pub fn replace_keeping(&self, place: Span, with: &str, moved: &str) -> Option<Vec<FixEdit>> {
        let outer = rewrite::with_parentheses(self.node(place)?);
        let fitted = precedence::fitted(with, outer)?;
        let mut edits = self.hoisted_comments(outer.range(), moved, outer)?;
        edits.push(self.replacement(outer, &fitted));
        Some(edits)
    }

    /// Appends ` // { definition }` to the expression at `place`, whose attributes it wins over.
    /// `remark` becomes a comment.
    pub fn extend(&self, place: Span, definition: &Definition<'_>) -> Option<Vec<FixEdit>> {
        let outer = rewrite::with_parentheses(self.node(place)?);
        let end = outer.range().end();
        let (inline, mut edits) = self.remarked(std::slice::from_ref(definition), end);
        let inner = precedence::binds_tighter_than_update(outer);
        let whole = precedence::update_fits(outer)?;
        let before = match (whole, inner) {
            (true, true) => "",
            (true, false) | (false, true) => "(",
            (false, false) => "((",
        };
        let close = if inner { "" } else { ")" };
        let close_whole = if whole { "" } else { ")" };
        if !before.is_empty() {
            edits.push(self.insertion(outer.range().start(), before));
        }
        edits.push(self.insertion(end, &format!("{close} // {{ {inline} }}{close_whole}")));
        edits.sort_by_key(|edit| edit.span.sort_key());
        Some(edits)
    }

    fn text(&self) -> &str {
        &self.source.text
    }

    fn replacement(&self, outer: Node<'_>, with: &str) -> FixEdit {
        let range = outer.range();
        let guarded = rewrite::guarded(self.text(), range, with);
        // The dot of a selection parts a name from what is selected.
        let dotted = self.text()[usize::from(range.end())..].starts_with('.')
            && outer.parent().is_some_and(|parent| match parent.kind() {
                SyntaxKind::NODE_SELECT => parent.first_child() == Some(outer),
                SyntaxKind::NODE_ATTRPATH => parent.last_child() != Some(outer),
                _ => false,
            });
        let text = if dotted { guarded.trim_end() } else { &guarded };
        FixEdit::replace(self.span(range), text)
    }

    fn insertion(&self, at: TextSize, text: &str) -> FixEdit {
        FixEdit::replace(self.span(TextRange::empty(at)), text)
    }
}

fn is_definition(node: &Node<'_>) -> bool {
    matches!(node.kind(), SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT)
}
