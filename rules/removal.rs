//! Taking variables out of a build.

use crate::facts::Change;
use crate::lint::FixEdit;
use crate::lint::TreeContext;
use crate::rules::variables::Variable;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

/// The edits that take out the attributes that are `variables`, and an `env` that holds nothing
/// else. `None` where a phase sets one of them, or one is written elsewhere.
pub(super) fn remove(cx: &TreeContext<'_>, variables: &[&Variable<'_>]) -> Option<Vec<FixEdit>> {
    if variables.iter().any(|variable| variable.by_phase) {
        return None;
    }
    let attributes = variables.iter().map(|variable| (variable.change, variable.within));
    remove_attributes(cx, &attributes.collect::<Vec<_>>())
}

/// The same of attributes, each with the `env` that it stands in.
pub(super) fn remove_attributes(
    cx: &TreeContext<'_>,
    attributes: &[(&Change, Option<&Change>)],
) -> Option<Vec<FixEdit>> {
    let (first, _) = attributes.first()?;
    let first = first.definition?;
    let file = cx.edited(first.file)?;
    let mut definitions: Vec<Span> = Vec::new();
    for (change, within) in attributes {
        let definition = change.definition.filter(|definition| definition.file == first.file)?;
        let is_removed =
            |inner: &Change| attributes.iter().any(|(one, _)| one.definition == inner.definition);
        let whole = within.filter(|env| env.inner.iter().all(is_removed)).and_then(|env| {
            let definition = env.definition.filter(|definition| definition.file == first.file)?;
            let value = file.node(definition)?.last_child()?;
            let holds_only_these = value.kind() == SyntaxKind::NODE_ATTR_SET;
            (holds_only_these || adds_to_old(value)).then_some(definition)
        });
        let definition = whole.unwrap_or(definition);
        if !definitions.contains(&definition) {
            definitions.push(definition);
        }
    }
    file.remove_definitions(definitions)
}

/// `(old.env or { }) // { … }`, which without the set is the old `env`.
fn adds_to_old(value: Node<'_>) -> bool {
    let is_update =
        value.kind() == SyntaxKind::NODE_BIN_OP && value.has_token(SyntaxKind::TOKEN_UPDATE);
    let sides: Vec<Node<'_>> = value.children().collect();
    let [left, right] = sides.as_slice() else { return false };
    let left = match left.kind() {
        SyntaxKind::NODE_PAREN => left.first_child(),
        _ => Some(*left),
    };
    let is_old = left.is_some_and(|left| {
        let path = left.children().find(|part| part.kind() == SyntaxKind::NODE_ATTRPATH);
        left.kind() == SyntaxKind::NODE_SELECT && path.is_some_and(|path| path.text() == "env")
    });
    is_update && is_old && right.kind() == SyntaxKind::NODE_ATTR_SET
}
