//! Taking definitions and list elements out, comments kept.

use text_size::{TextRange, TextSize};

use super::EditedFile;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind, rewrite};

impl EditedFile {
    /// Takes the definition at `definition` out of its set, or the name there out of its `inherit`.
    /// Comments inside it stay where it stood; one behind it on its line gets a line of its own.
    pub fn remove_definition(&self, definition: Span) -> Option<Vec<FixEdit>> {
        let node = self.node(definition)?;
        if super::is_definition(&node) {
            return self.remove_node(node, "");
        }
        let inherit = node.parent().filter(|node| node.kind() == SyntaxKind::NODE_INHERIT)?;
        let names =
            inherit.children().filter(|node| node.kind() != SyntaxKind::NODE_INHERIT_FROM).count();
        match names {
            1 => self.remove_node(inherit, ""),
            _ => {
                let range = node.range();
                let start = range.start() - TextSize::of(self.blank_before(range.start()));
                Some(vec![FixEdit::remove(self.span(TextRange::new(start, range.end())))])
            }
        }
    }

    /// Takes several definitions out, each as [`remove_definition`](Self::remove_definition) does. To
    /// take out none is no edit.
    pub fn remove_definitions(
        &self,
        definitions: impl IntoIterator<Item = Span>,
    ) -> Option<Vec<FixEdit>> {
        let mut edits = Vec::new();
        for definition in definitions {
            edits.extend(self.remove_definition(definition)?);
        }
        edits.sort_by_key(|edit| edit.span.sort_key());
        (!edits.is_empty()).then(|| joined(edits))
    }

    /// Takes the element at `element` out of its list, with the parentheses around it. The comments in
    /// `moved`, which goes elsewhere, are not kept here.
    pub fn remove_element(&self, element: Span, moved: &str) -> Option<Vec<FixEdit>> {
        let outer = rewrite::with_parentheses(self.node(element)?);
        let list = outer.parent().filter(|node| node.kind() == SyntaxKind::NODE_LIST)?;
        // Who takes many elements out of a long list does not look through all of it for each.
        let is_only = list.children().take(2).count() == 1;
        let comments = |range| self.syntax.comments_in(range).count();
        if is_only
            && comments(list.range()) == comments(outer.range())
            && self.lost_comments(outer.range(), moved).is_empty()
        {
            return Some(vec![FixEdit::replace(self.span(list.range()), "[ ]")]);
        }
        self.remove_node(outer, moved)
    }

    /// Takes neighbouring elements out of their list.
    pub fn remove_elements(&self, elements: &[Span]) -> Option<Vec<FixEdit>> {
        let [first, .., last] = elements else {
            return self.remove_element(*elements.first()?, "");
        };
        let [start, end] = [self.outer_element(*first)?, self.outer_element(*last)?];
        let list = start.parent().filter(|list| end.parent() == Some(*list))?;
        let range = start.range().cover(end.range());
        if self.has_comment(range) {
            return None;
        }
        let inside = list.children().filter(|node| range.contains_range(node.range())).count();
        let is_all = inside == list.children().count();
        if is_all && !self.has_comment(list.range()) {
            return Some(vec![FixEdit::replace(self.span(list.range()), "[ ]")]);
        }
        (inside == elements.len())
            .then(|| vec![FixEdit::remove(self.span(self.without_gap(range)))])
    }

    fn outer_element(&self, element: Span) -> Option<Node<'_>> {
        let outer = rewrite::with_parentheses(self.node(element)?);
        let is_element = outer.parent().is_some_and(|node| node.kind() == SyntaxKind::NODE_LIST);
        is_element.then_some(outer)
    }

    fn remove_node(&self, node: Node<'_>, moved: &str) -> Option<Vec<FixEdit>> {
        let range = node.range();
        let comments = self.lost_comments(range, moved);
        if comments.is_empty() {
            return Some(vec![FixEdit::remove(self.span(self.without_gap(range)))]);
        }
        if self.begins_line(range.start()) {
            let indentation = rewrite::line_indentation(self.text(), range.start());
            let lines = comments.join(&format!("\n{indentation}"));
            let (range, lines) = match self.rest_of_line(range.end()) {
                "" => (range, lines),
                rest => {
                    let blank = rest.len() - rest.trim_start().len();
                    let end = range.end() + TextSize::of(&rest[..blank]);
                    (TextRange::new(range.start(), end), format!("{lines}\n{indentation}"))
                }
            };
            return Some(vec![FixEdit::replace(self.span(range), lines)]);
        }
        let mut edits = self.hoisted_comments(range, moved, node)?;
        edits.push(FixEdit::remove(self.span(rewrite::removal(self.text(), range))));
        Some(edits)
    }

    /// What to delete so that what stands at `range` leaves neither a blank line nor two in a row.
    fn without_gap(&self, range: TextRange) -> TextRange {
        let cut = rewrite::removal(self.text(), range);
        let before = &self.text()[..usize::from(cut.start())];
        let after = &self.text()[usize::from(cut.end())..];
        if !before.ends_with('\n') || !cut.contains_range(range) || cut == range {
            return cut;
        }
        let line_before = before.lines().next_back().unwrap_or_default().trim();
        let line_after = after.split_inclusive('\n').next().unwrap_or_default();
        let closes = line_after.trim_start().starts_with(['}', ']', ')'])
            || line_after.trim_start().starts_with("in ")
            || line_after.trim() == "in";
        let opens = line_before.is_empty()
            || line_before.ends_with(['{', '[', '('])
            || line_before.ends_with("let");
        if opens && line_after.ends_with('\n') && line_after.trim().is_empty() {
            TextRange::new(cut.start(), cut.end() + TextSize::of(line_after))
        } else if line_before.is_empty() && closes {
            let kept = before.trim_end().len();
            let blank = before[kept..].find('\n').map_or(0, |newline| newline + 1);
            let start = cut.start() - TextSize::of(&before[kept + blank..]);
            TextRange::new(start, cut.end())
        } else {
            cut
        }
    }

    fn blank_before(&self, offset: TextSize) -> &str {
        let before = &self.text()[..usize::from(offset)];
        &before[before.trim_end().len()..]
    }

    /// What follows `offset` on its line, without the white space at its end.
    fn rest_of_line(&self, offset: TextSize) -> &str {
        let rest = &self.text()[usize::from(offset)..];
        rest.split('\n').next().unwrap_or_default().trim_end()
    }
}

/// `edits` of one file in order, those that overlap made one: neighbours both take the white space
/// between them.
fn joined(edits: Vec<FixEdit>) -> Vec<FixEdit> {
    let mut joined: Vec<FixEdit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match joined.last_mut().filter(|last| edit.span.range.start() < last.span.range.end()) {
            Some(last) => {
                last.span.range = last.span.range.cover(edit.span.range);
                last.text.push_str(&edit.text);
            }
            None => joined.push(edit),
        }
    }
    joined
}
