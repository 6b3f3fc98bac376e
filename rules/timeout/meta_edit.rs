//! Writing an attribute of `meta` into a call: one definition of `meta`, and none of it lost.

use text_size::TextRange;

use crate::facts::{Call, Change};
use crate::lint::FixEdit;
use crate::lint::edits::{Definition, EditedFile, defined_names, definition_path, leaf_set};
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

/// A call whose `meta` is to be written.
pub struct MetaEdit<'a> {
    /// The file that the call's attributes are written in.
    pub file: &'a EditedFile,
    /// The call.
    pub call: &'a Call,
    /// What it gives already.
    pub attributes: &'a [Change],
    /// It may give more than that.
    pub open: bool,
    /// It changes a package that has a `meta` already.
    pub is_override: bool,
}

impl MetaEdit<'_> {
    /// The edits that give `meta` the attribute `name` with the value `value`, and `remark` as a
    /// comment beside it.
    pub fn set(&self, name: &str, value: &str, remark: Option<&str>) -> Option<Vec<FixEdit>> {
        let text = format!("{name} = {value};");
        let definition = Definition { text: &text, remark };
        let literal = self.call.literal?;
        let set = self.file.node(literal)?;
        let of_meta = definitions_of_meta(set)?;
        let whole =
            of_meta.iter().find(|node| definition_path(**node).is_some_and(|path| path.len() == 1));
        if let Some(whole) = whole {
            return self.write_into(*whole, &definition);
        }
        if let Some(last) = of_meta.last() {
            let after = self.file.span(last.range());
            let text = format!("meta.{name} = {value};");
            return self.file.insert(literal, Some(after), &[Definition { text: &text, remark }]);
        }
        if self.may_have_meta_elsewhere() {
            return None;
        }
        if !self.is_override {
            let text = format!("meta.{name} = {value};");
            return self.file.insert(literal, None, &[Definition { text: &text, remark }]);
        }
        let old = self.file.old_attributes(self.call.argument, literal)?;
        let text = format!("meta = ({}.meta or {{ }}) // {{ {name} = {value}; }};", old.name);
        let mut edits = old.edits;
        edits.extend(self.file.insert(literal, None, &[Definition { text: &text, remark }])?);
        Some(edits)
    }

    fn write_into(&self, meta: Node<'_>, definition: &Definition<'_>) -> Option<Vec<FixEdit>> {
        let value = meta.last_child()?;
        let Some(set) = leaf_set(value) else {
            return self.file.extend(self.file.span(value.range()), definition);
        };
        if definitions(set).any(|inner| is_computed(inner)) {
            return None;
        }
        self.file.insert(self.file.span(set.range()), None, &[*definition])
    }

    /// The literal is not all of the attributes, and the rest has a `meta` or may have one.
    fn may_have_meta_elsewhere(&self) -> bool {
        self.open || self.attributes.iter().any(|attribute| attribute.name == "meta")
    }
}

/// The definitions of `meta` in `set`. `None` where one cannot be told apart or not be written to.
fn definitions_of_meta(set: Node<'_>) -> Option<Vec<Node<'_>>> {
    if set.kind() != SyntaxKind::NODE_ATTR_SET || definitions(set).any(|node| is_computed(node)) {
        return None;
    }
    let of_meta: Vec<Node<'_>> =
        definitions(set).filter(|node| defined_names(*node).any(|name| name == "meta")).collect();
    let inherited = of_meta.iter().any(|node| node.kind() == SyntaxKind::NODE_INHERIT);
    (!inherited).then_some(of_meta)
}

fn definitions(set: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let is_definition = |node: &Node<'_>| {
        matches!(node.kind(), SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT)
    };
    set.children().filter(is_definition)
}

/// Whether the first name it defines is computed, so that it may be any.
fn is_computed(definition: Node<'_>) -> bool {
    definition.kind() == SyntaxKind::NODE_ATTRPATH_VALUE
        && defined_names(definition).next().is_none()
}

/// What fixes of one call's timeouts are isolated by: they all write to one `meta`.
pub fn isolation(call: &Call) -> String {
    let place: Span = call.literal.unwrap_or(call.span);
    let range: TextRange = place.range;
    format!("timeout {} {:?}", place.file.index(), range.start())
}
