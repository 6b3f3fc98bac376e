//! Finding the attribute set literal that an expression is, whatever stands before it.

use std::borrow::Cow;

use crate::syntax::{Node, StringPart, SyntaxKind, string_parts};

/// The set literal that `node` is, behind parentheses, `with`, `let` and `assert`.
pub fn attribute_set(mut node: Node<'_>) -> Option<Node<'_>> {
    loop {
        node = match node.kind() {
            SyntaxKind::NODE_ATTR_SET => return Some(node),
            SyntaxKind::NODE_PAREN => node.first_child()?,
            SyntaxKind::NODE_WITH | SyntaxKind::NODE_LET_IN | SyntaxKind::NODE_ASSERT => {
                node.last_child()?
            }
            _ => return None,
        }
    }
}

/// The set literal of which the attributes win in `node`: the set that it is, or the last of a chain
/// of updates.
pub fn leaf_set(mut node: Node<'_>) -> Option<Node<'_>> {
    loop {
        if let Some(set) = attribute_set(node) {
            return Some(set);
        }
        node = match node.kind() {
            SyntaxKind::NODE_PAREN => node.first_child()?,
            SyntaxKind::NODE_BIN_OP if node.has_token(SyntaxKind::TOKEN_UPDATE) => {
                node.last_child()?
            }
            _ => return None,
        }
    }
}

/// The first names that a definition gives: `a` of `a.b = 1;`, `b` and `c` of `inherit (a) b c;`.
/// Names that are computed are left out.
pub fn defined_names(definition: Node<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    let (names, count) = match definition.kind() {
        SyntaxKind::NODE_INHERIT => (definition, usize::MAX),
        _ => (definition.first_child().unwrap_or(definition), 1),
    };
    names.children().take(count).filter_map(attribute_name)
}

/// The names of the attribute path of a definition; `None` where one is computed.
pub fn definition_path(definition: Node<'_>) -> Option<Vec<String>> {
    if definition.kind() != SyntaxKind::NODE_ATTRPATH_VALUE {
        return None;
    }
    let names = definition.child(SyntaxKind::NODE_ATTRPATH)?.children();
    names.map(|name| attribute_name(name).map(Cow::into_owned)).collect()
}

/// The value that a definition `name = value;` gives.
pub fn defined_value(definition: Node<'_>) -> Option<Node<'_>> {
    (definition.kind() == SyntaxKind::NODE_ATTRPATH_VALUE).then(|| definition.expression())?
}

fn attribute_name(node: Node<'_>) -> Option<Cow<'_, str>> {
    match node.kind() {
        SyntaxKind::NODE_IDENT => Some(Cow::Borrowed(node.text())),
        SyntaxKind::NODE_STRING => match string_parts(node).as_slice() {
            [StringPart::Text(text)] => Some(Cow::Owned(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `node` itself binds `name` for what stands inside.
pub fn binds(node: Node<'_>, name: &str) -> bool {
    let defines = || {
        let mut definitions = node.children().filter(super::is_definition);
        definitions.any(|definition| defined_names(definition).any(|defined| defined == name))
    };
    match node.kind() {
        SyntaxKind::NODE_LAMBDA => node.first_child().is_some_and(|parameter| {
            parameter
                .descendants()
                .filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
                .any(|ident| ident.text() == name)
        }),
        SyntaxKind::NODE_LET_IN => defines(),
        SyntaxKind::NODE_ATTR_SET => node.has_token(SyntaxKind::TOKEN_REC) && defines(),
        _ => false,
    }
}
