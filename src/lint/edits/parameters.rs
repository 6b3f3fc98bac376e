//! The parameter that holds a package's old attributes: found, named, or made.

use text_size::TextRange;

use super::EditedFile;
use super::precedence;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind, rewrite};

/// Names for it, where none is there yet.
const NAMES: &[&str] = &["old", "oldAttrs", "prevAttrs", "previousAttrs"];

/// A name for the old attributes, and the edits that bind it.
#[derive(Clone, Debug)]
pub struct OldAttributes {
    /// The name.
    pub name: String,
    /// What has to be changed for it to be bound; empty where it is.
    pub edits: Vec<FixEdit>,
}

impl EditedFile {
    /// How the set at `literal`, which the argument of `overrideAttrs` at `argument` gives, can refer
    /// to the old attributes. An argument that is no function becomes one.
    pub fn old_attributes(&self, argument: Span, literal: Span) -> Option<OldAttributes> {
        let set = self.node(literal)?;
        let argument = self.node(argument)?;
        if !argument.range().contains_range(set.range()) {
            return None;
        }
        let inside = || {
            let above = set.ancestors().skip(1);
            above.take_while(|node| argument.range().contains_range(node.range()))
        };
        let Some(function) = inside().find(|node| node.kind() == SyntaxKind::NODE_LAMBDA) else {
            return self.as_function(argument);
        };
        let outer = function.parent().filter(|node| node.kind() == SyntaxKind::NODE_LAMBDA);
        if outer.unwrap_or(function) != argument {
            return None;
        }
        let parameter = function.first_child()?;
        let old = match parameter.kind() {
            SyntaxKind::NODE_IDENT_PARAM => self.named(parameter, function)?,
            SyntaxKind::NODE_PATTERN => self.bound(parameter, function)?,
            _ => return None,
        };
        let below = inside().take_while(|node| *node != function);
        let shadowed = below.chain([set]).any(|node| binds(node, &old.name));
        (!shadowed).then_some(old)
    }

    fn as_function(&self, argument: Node<'_>) -> Option<OldAttributes> {
        let name = fresh(argument)?;
        let range = argument.range();
        let edits = match precedence::takes_any(argument)? {
            true => vec![self.insertion(range.start(), &format!("{name}: "))],
            false => {
                let opening = TextRange::empty(range.start());
                let opening = rewrite::guarded(self.text(), opening, &format!("({name}: "));
                vec![self.insertion(range.start(), &opening), self.insertion(range.end(), ")")]
            }
        };
        Some(OldAttributes { name, edits })
    }

    fn named(&self, parameter: Node<'_>, function: Node<'_>) -> Option<OldAttributes> {
        let name = parameter.text().to_owned();
        if !name.starts_with('_') {
            return Some(OldAttributes { name, edits: Vec::new() });
        }
        let new = match name.trim_start_matches('_') {
            "" => fresh(function)?,
            plain if mentions(function, plain) => return None,
            plain => plain.to_owned(),
        };
        if mentions_below(function, parameter, &name) {
            return Some(OldAttributes { name, edits: Vec::new() });
        }
        let edit = FixEdit::replace(self.span(parameter.range()), new.clone());
        Some(OldAttributes { name: new, edits: vec![edit] })
    }

    fn bound(&self, pattern: Node<'_>, function: Node<'_>) -> Option<OldAttributes> {
        if let Some(bind) = pattern.child(SyntaxKind::NODE_PAT_BIND) {
            let name = bind.first_child()?.text().to_owned();
            return Some(OldAttributes { name, edits: Vec::new() });
        }
        let name = fresh(function)?;
        let end = pattern.range().end();
        let edits = vec![self.insertion(end, &format!("@{name}"))];
        Some(OldAttributes { name, edits })
    }
}

fn fresh(node: Node<'_>) -> Option<String> {
    NAMES.iter().find(|name| !mentions(node, name)).map(|&name| name.to_owned())
}

fn mentions(node: Node<'_>, name: &str) -> bool {
    words(node, name).next().is_some()
}

/// Whether `name` stands anywhere in `function` but in its own `parameter`.
fn mentions_below(function: Node<'_>, parameter: Node<'_>, name: &str) -> bool {
    words(function, name).any(|range| !parameter.range().contains_range(range))
}

fn words<'n>(node: Node<'n>, name: &'n str) -> impl Iterator<Item = TextRange> + 'n {
    node.descendants()
        .filter(move |node| node.kind() == SyntaxKind::NODE_IDENT && node.text() == name)
        .map(Node::range)
}

/// Whether `node` is a `let` or a recursive set that binds `name` itself.
fn binds(node: Node<'_>, name: &str) -> bool {
    let is_scope = match node.kind() {
        SyntaxKind::NODE_LET_IN => true,
        SyntaxKind::NODE_ATTR_SET => node.has_token(SyntaxKind::TOKEN_REC),
        _ => false,
    };
    is_scope
        && node
            .children()
            .filter(super::is_definition)
            .any(|definition| super::set::defined_names(definition).any(|defined| defined == name))
}
