//! Comments beside and inside what is edited: none is ever lost.

use text_size::{TextRange, TextSize};

use super::EditedFile;
use super::definitions::Definition;
use crate::lint::FixEdit;
use crate::syntax::{Node, SyntaxKind, comments_of, rewrite};

impl EditedFile {
    /// Insertions that put the comments inside `range` which `replacement` lacks on lines of their
    /// own, before what `node` belongs to. `None` where there is no line to put them.
    pub(super) fn hoisted_comments(
        &self,
        range: TextRange,
        replacement: &str,
        node: Node<'_>,
    ) -> Option<Vec<FixEdit>> {
        let lost = self.lost_comments(range, replacement);
        if lost.is_empty() {
            return Some(Vec::new());
        }
        let at = self.line_before(node)?;
        let indentation = rewrite::line_indentation(self.text(), at);
        let lines: String =
            lost.iter().map(|comment| format!("{comment}\n{indentation}")).collect();
        Some(vec![self.insertion(at, &lines)])
    }

    /// The comments inside `range` that `replacement` lacks.
    pub(super) fn lost_comments(&self, range: TextRange, replacement: &str) -> Vec<String> {
        let comments = self.syntax.comments_in(range);
        let mut lost: Vec<String> = comments.map(|place| self.slice(place).to_owned()).collect();
        if !lost.is_empty() {
            for kept in comments_of(replacement) {
                lost.iter().position(|comment| *comment == kept).map(|index| lost.remove(index));
            }
        }
        lost
    }

    /// The start of the nearest definition or list element around `node` that begins a line.
    fn line_before(&self, node: Node<'_>) -> Option<TextSize> {
        let is_element = |whole: Option<Node<'_>>| {
            whole.is_some_and(|whole| whole.kind() == SyntaxKind::NODE_LIST)
        };
        let wholes = node.ancestors().skip(1).map(Some).chain([None]);
        node.ancestors()
            .zip(wholes)
            .filter(|(node, whole)| super::is_definition(node) || is_element(*whole))
            .map(|(node, _)| node.range().start())
            .find(|start| self.begins_line(*start))
    }

    /// Whether only white space stands before `offset` on its line.
    pub(super) fn begins_line(&self, offset: TextSize) -> bool {
        let before = &self.text()[..usize::from(offset)];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        before[line..].trim().is_empty()
    }

    /// The text of `definitions` with their remarks, as they stand inside a line at `at`. Where
    /// nothing but closing brackets follows, a single remark is an edit of its own at the end of the
    /// line.
    pub(super) fn remarked(
        &self,
        definitions: &[Definition<'_>],
        at: TextSize,
    ) -> (String, Vec<FixEdit>) {
        let rest = &self.text()[usize::from(at)..];
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        if let [Definition { text, remark: Some(remark) }] = definitions
            && line.chars().all(|char| " \t)]};".contains(char))
        {
            let end = at + TextSize::of(line);
            return ((*text).to_owned(), vec![self.insertion(end, &format!(" # {remark}"))]);
        }
        let inline = |definition: &Definition<'_>| match definition.remark {
            Some(remark) => format!("{} /* {remark} */", definition.text),
            None => definition.text.to_owned(),
        };
        (definitions.iter().map(inline).collect::<Vec<_>>().join(" "), Vec::new())
    }
}
