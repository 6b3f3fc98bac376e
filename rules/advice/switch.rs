//! Where a value is decided: the literal itself, or the switch in a profile that chooses it.

use crate::facts::ValueKind;
use crate::lint::edits::EditedFile;
use crate::lint::{FixEdit, TreeContext};
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

/// The edit that makes the string at `literal` say `wanted`, or the switch in a hardware profile
/// that chooses between it and `wanted`. `None` for a literal that is none, or that another
/// condition chooses.
pub(super) fn set_to(cx: &TreeContext<'_>, literal: Span, wanted: &str) -> Option<Vec<FixEdit>> {
    let file = cx.edited(literal.file)?;
    let node = file.node(literal)?;
    let quoted = format!("\"{wanted}\"");
    let is_text = node.kind() == SyntaxKind::NODE_STRING;
    match branch_of(node) {
        None => {
            let text = if is_text { quoted } else { wanted.to_owned() };
            Some(vec![FixEdit::replace(literal, text)])
        }
        Some((choice, is_then)) => {
            let parts: Vec<Node<'_>> = choice.children().collect();
            let [condition, then, otherwise] = parts.as_slice() else { return None };
            let other = if is_then { otherwise } else { then };
            let chooses =
                other.kind() == SyntaxKind::NODE_STRING && other.text() == quoted.as_str();
            let switch = switch_in_profile(cx, &file, *condition).filter(|_| chooses)?;
            // The other branch is what is wanted, so the switch is to be what it is not.
            let value = if is_then { "false" } else { "true" };
            Some(vec![FixEdit::replace(switch, value)])
        }
    }
}

/// The `if` of which `node` is a branch, and whether it is the first.
fn branch_of(node: Node<'_>) -> Option<(Node<'_>, bool)> {
    let choice = node.parent().filter(|parent| parent.kind() == SyntaxKind::NODE_IF_ELSE)?;
    let index = choice.children().position(|child| child == node)?;
    (index > 0).then_some((choice, index == 1))
}

/// The Boolean of a hardware profile that a condition is, by its name or that of the variable.
fn switch_in_profile(cx: &TreeContext<'_>, file: &EditedFile, condition: Node<'_>) -> Option<Span> {
    let name = match condition.kind() {
        SyntaxKind::NODE_SELECT => selected(condition)?,
        SyntaxKind::NODE_IDENT => {
            let variable = condition.text();
            let is_its = |definition: &Node<'_>| {
                definition.first_child().is_some_and(|path| path.text() == variable)
            };
            let mut definitions = file.definitions().filter(is_its);
            let value = definitions.next()?.last_child()?;
            if definitions.next().is_some() || value.kind() != SyntaxKind::NODE_SELECT {
                return None;
            }
            selected(value)?
        }
        _ => return None,
    };
    let values = cx.facts.profiles.iter().flat_map(|profile| &profile.values);
    let mut found = values.filter_map(|(path, value)| {
        let is_it = path.rsplit('.').next() == Some(name.as_str());
        let is_switch = matches!(value.kind, ValueKind::Bool(_));
        value.literal.filter(|_| is_it && is_switch)
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The last name of `a.b.c` and of `a.b.c or false`.
fn selected(select: Node<'_>) -> Option<String> {
    let path = select.children().find(|part| part.kind() == SyntaxKind::NODE_ATTRPATH)?;
    let last = path.last_child()?;
    (last.kind() == SyntaxKind::NODE_IDENT).then(|| last.text().to_owned())
}
