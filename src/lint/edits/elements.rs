//! New elements in lists that are written out.

use super::EditedFile;
use super::definitions::Definition;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::SyntaxKind;

impl EditedFile {
    /// Writes the expressions `new` behind the last element of the list at `list`.
    pub fn append_elements(&self, list: Span, new: &[String]) -> Option<Vec<FixEdit>> {
        let list = self.node(list).filter(|node| node.kind() == SyntaxKind::NODE_LIST)?;
        match list.last_child() {
            Some(last) => {
                let elements = new.iter().map(|text| Definition { text, remark: None });
                Some(self.insert_behind(last, &elements.collect::<Vec<_>>()))
            }
            None if self.has_comment(list.range()) => None,
            None => {
                let text = format!("[ {} ]", new.join(" "));
                Some(vec![FixEdit::replace(self.span(list.range()), text)])
            }
        }
    }
}
