//! New definitions in attribute sets that are written out.

use text_size::{TextRange, TextSize};

use super::EditedFile;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::{SyntaxKind, SyntaxNode, rewrite};

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
            Some(after) => definitions.find(|node| node.text_range() == after.range),
            None => definitions.last(),
        };
        match previous {
            Some(previous) => Some(self.insert_behind(&previous, new)),
            None if after.is_some() => None,
            None => self.insert_first(&set, new),
        }
    }

    pub(super) fn insert_behind(
        &self,
        previous: &SyntaxNode,
        new: &[Definition<'_>],
    ) -> Vec<FixEdit> {
        let end = previous.text_range().end();
        match self.end_of_line(previous) {
            Some(line_end) => {
                let start = previous.text_range().start();
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
    fn insert_first(&self, set: &SyntaxNode, new: &[Definition<'_>]) -> Option<Vec<FixEdit>> {
        let open = token_end(set, SyntaxKind::TOKEN_L_BRACE)?;
        let close = set.text_range().end() - TextSize::of('}');
        let has_comment = rewrite::has_comment(set, set.text_range());
        if self.begins_line(close) && self.slice(TextRange::new(open, close)).contains('\n') {
            let indentation = rewrite::line_indentation(self.text(), close);
            let lines = own_lines(new, &format!("{indentation}  "));
            return Some(vec![self.insertion(close, &format!("  {lines}\n{indentation}"))]);
        }
        if has_comment {
            return None;
        }
        let (inline, mut edits) = self.remarked(new, close);
        let inside = self.span(TextRange::new(open, close));
        edits.insert(0, FixEdit::replace(inside, format!(" {inline} ")));
        Some(edits)
    }

    /// Where the line of `node` ends behind it and a comment that follows it there; `None` where
    /// something else follows on that line.
    fn end_of_line(&self, node: &SyntaxNode) -> Option<TextSize> {
        let mut end = node.text_range().end();
        let mut next = node.next_sibling_or_token();
        while let Some(token) = next.as_ref().and_then(|next| next.as_token().cloned()) {
            match token.kind() {
                SyntaxKind::TOKEN_WHITESPACE if token.text().contains('\n') => return Some(end),
                SyntaxKind::TOKEN_COMMENT => end = token.text_range().end(),
                SyntaxKind::TOKEN_WHITESPACE => {}
                _ => return None,
            }
            next = token.next_sibling_or_token();
        }
        None
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

fn token_end(node: &SyntaxNode, kind: SyntaxKind) -> Option<TextSize> {
    node.children_with_tokens()
        .filter_map(|element| element.into_token())
        .find(|token| token.kind() == kind)
        .map(|token| token.text_range().end())
}
