//! New definitions in attribute sets that are written out.

use text_size::{TextRange, TextSize};

use super::EditedFile;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind, rewrite};

/// A definition to write.
#[derive(Copy, Clone, Debug)]
pub struct Definition<'d> {
    /// `name = value;`. Its further lines are indented relative to its first.
    pub text: &'d str,
    /// What a comment beside it says.
    pub remark: Option<&'d str>,
}

impl EditedFile {
    /// Writes `new` definitions into the set at `set`: behind the definition at `after`, else behind
    /// the last.
    pub fn insert(
        &self,
        set: Span,
        after: Option<Span>,
        new: &[Definition<'_>],
    ) -> Option<Vec<FixEdit>> {
        let set = self.node(set).filter(|node| node.kind() == SyntaxKind::NODE_ATTR_SET)?;
        let mut definitions = set.children().filter(super::is_definition);
        let previous = match after {
            Some(after) => definitions.find(|node| node.range() == after.range),
            None => definitions.last(),
        };
        match previous {
            Some(previous) => Some(self.insert_behind(previous, new)),
            None if after.is_some() => None,
            None => self.insert_first(set, new),
        }
    }

    pub(super) fn insert_behind(&self, previous: Node<'_>, new: &[Definition<'_>]) -> Vec<FixEdit> {
        let (start, end) = (previous.range().start(), previous.range().end());
        match self.end_of_line(end) {
            Some(line_end) => {
                let indentation = match self.begins_line(start) {
                    true => rewrite::line_indentation(self.text(), start).to_owned(),
                    false => format!("{}  ", rewrite::line_indentation(self.text(), start)),
                };
                let lines = own_lines(new, &indentation);
                let gap = if lines.contains('\n') && new.len() == 1 { "\n" } else { "" };
                vec![self.insertion(line_end, &format!("{gap}\n{indentation}{lines}"))]
            }
            None => {
                let (inline, mut edits) = self.remarked(new, end);
                edits.insert(0, self.insertion(end, &format!(" {inline}")));
                edits
            }
        }
    }

    /// Into a set without definitions; the comments in it stay first.
    fn insert_first(&self, set: Node<'_>, new: &[Definition<'_>]) -> Option<Vec<FixEdit>> {
        let open = self.behind_brace(set)?;
        let close = set.range().end() - TextSize::of('}');
        if self.begins_line(close) && self.slice(TextRange::new(open, close)).contains('\n') {
            let indentation = rewrite::line_indentation(self.text(), close);
            let lines = own_lines(new, &format!("{indentation}  "));
            return Some(vec![self.insertion(close, &format!("  {lines}\n{indentation}"))]);
        }
        if self.has_comment(set.range()) {
            return None;
        }
        let (inline, mut edits) = self.remarked(new, close);
        let inside = self.span(TextRange::new(open, close));
        edits.insert(0, FixEdit::replace(inside, format!(" {inline} ")));
        Some(edits)
    }

    /// Where the line ends that what ends at `end` stands on, and a comment that follows it there; `None`
    /// where something else follows on that line.
    fn end_of_line(&self, mut end: TextSize) -> Option<TextSize> {
        let mut rest = TextRange::new(end, TextSize::of(self.text()));
        loop {
            let behind = self.slice(rest);
            let blank = behind.len() - behind.trim_start().len();
            if behind[..blank].contains('\n') {
                return Some(end);
            }
            let next = rest.start() + TextSize::of(&behind[..blank]);
            let mut comments = self.syntax.comments_in(rest);
            end = comments.next().filter(|comment| comment.start() == next)?.end();
            rest = TextRange::new(end, rest.end());
        }
    }

    /// Where the brace of `set` ends that opens it.
    fn behind_brace(&self, set: Node<'_>) -> Option<TextSize> {
        // `rec /* { */ {`
        let is_in_comment = |at: &TextSize| {
            let mut comments = self.syntax.comments_in(set.range());
            comments.any(|comment| comment.contains(*at))
        };
        let text = set.text();
        let braces = text.match_indices('{');
        let mut starts = braces.map(|(at, _)| set.range().start() + TextSize::of(&text[..at]));
        starts.find(|at| !is_in_comment(at)).map(|at| at + TextSize::of('{'))
    }
}

/// The definitions with their remarks, on lines of their own after `indentation`.
fn own_lines(new: &[Definition<'_>], indentation: &str) -> String {
    let break_line = format!("\n{indentation}");
    let line = |definition: &Definition<'_>| {
        let text = definition.text.replace('\n', &break_line);
        match definition.remark {
            Some(remark) => format!("{text} # {remark}"),
            None => text,
        }
    };
    new.iter().map(line).collect::<Vec<_>>().join(&break_line)
}
