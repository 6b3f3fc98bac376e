//! Finding the attribute set literal that an expression is, whatever stands before it.

use rowan::ast::AstNode;

use crate::syntax::{StringPart, SyntaxKind, SyntaxNode, Tree, ast, string_parts};

/// The set literal that `node` is, behind parentheses, `with`, `let` and `assert`.
pub fn attribute_set(node: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = node.clone();
    loop {
        node = match node.kind() {
            SyntaxKind::NODE_ATTR_SET => return Some(node),
            SyntaxKind::NODE_PAREN => node.first_child()?,
            SyntaxKind::NODE_WITH => ast::With::cast(node)?.body()?.syntax().clone(),
            SyntaxKind::NODE_LET_IN => ast::LetIn::cast(node)?.body()?.syntax().clone(),
            SyntaxKind::NODE_ASSERT => ast::Assert::cast(node)?.body()?.syntax().clone(),
            _ => return None,
        }
    }
}

/// The set literal of which the attributes win in `node`: the set that it is, or the last of a chain
/// of updates.
pub fn leaf_set(node: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = node.clone();
    loop {
        if let Some(set) = attribute_set(&node) {
            return Some(set);
        }
        node = match node.kind() {
            SyntaxKind::NODE_PAREN => node.first_child()?,
            SyntaxKind::NODE_BIN_OP => {
                let update = ast::BinOp::cast(node)?;
                if update.operator()? != ast::BinOpKind::Update {
                    return None;
                }
                update.rhs()?.syntax().clone()
            }
            _ => return None,
        }
    }
}

/// The first names that a definition gives: `a` of `a.b = 1;`, `b` and `c` of `inherit (a) b c;`.
/// Names that are computed are left out.
pub fn defined_names(definition: &SyntaxNode) -> impl Iterator<Item = String> + use<> {
    let names = match definition.kind() {
        SyntaxKind::NODE_INHERIT => definition.clone(),
        _ => definition.first_child().unwrap_or_else(|| definition.clone()),
    };
    let count = if definition.kind() == SyntaxKind::NODE_INHERIT { usize::MAX } else { 1 };
    let names: Vec<String> =
        names.children().take(count).filter_map(|name| attribute_name(&name)).collect();
    names.into_iter()
}

/// The names of the attribute path of a definition; `None` where one is computed.
pub fn definition_path(definition: &SyntaxNode) -> Option<Vec<String>> {
    let path = ast::AttrpathValue::cast(definition.clone())?.attrpath()?;
    path.syntax().children().map(|name| attribute_name(&name)).collect()
}

fn attribute_name(node: &SyntaxNode) -> Option<String> {
    match node.kind() {
        SyntaxKind::NODE_IDENT => Some(node.text().to_string()),
        SyntaxKind::NODE_STRING => match string_parts(Tree::of(node).root()).as_slice() {
            [StringPart::Text(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `node` itself binds `name` for what stands inside.
pub fn binds(node: &SyntaxNode, name: &str) -> bool {
    let defines = || {
        let mut definitions = node.children().filter(super::is_definition);
        definitions.any(|definition| defined_names(&definition).any(|defined| defined == name))
    };
    match node.kind() {
        SyntaxKind::NODE_LAMBDA => node.first_child().is_some_and(|parameter| {
            parameter
                .descendants()
                .filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
                .any(|ident| ident.text() == name)
        }),
        SyntaxKind::NODE_LET_IN => defines(),
        SyntaxKind::NODE_ATTR_SET => {
            let set = ast::AttrSet::cast(node.clone());
            set.is_some_and(|set| set.rec_token().is_some()) && defines()
        }
        _ => false,
    }
}
