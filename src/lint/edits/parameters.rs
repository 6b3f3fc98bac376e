//! The parameter that holds a package's old attributes: found, named, or made.

use rowan::ast::AstNode;
use text_size::TextRange;

use super::EditedFile;
use super::precedence;
use crate::lint::FixEdit;
use crate::source::Span;
use crate::syntax::{SyntaxKind, SyntaxNode, ast, rewrite};

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
        if !argument.text_range().contains_range(set.text_range()) {
            return None;
        }
        let inside = || {
            let above = set.ancestors().skip(1);
            above.take_while(|node| argument.text_range().contains_range(node.text_range()))
        };
        let Some(function) = inside().find(|node| node.kind() == SyntaxKind::NODE_LAMBDA) else {
            return self.as_function(&argument);
        };
        let outer = function.parent().filter(|node| node.kind() == SyntaxKind::NODE_LAMBDA);
        if *outer.as_ref().unwrap_or(&function) != argument {
            return None;
        }
        let parameter = ast::Lambda::cast(function.clone())?.param()?;
        let old = match parameter {
            ast::Param::IdentParam(name) => self.named(name.syntax(), &function)?,
            ast::Param::Pattern(pattern) => self.bound(&pattern, &function)?,
        };
        let below = inside().take_while(|node| *node != function);
        let shadowed = below.chain([set.clone()]).any(|node| binds(&node, &old.name));
        (!shadowed).then_some(old)
    }

    fn as_function(&self, argument: &SyntaxNode) -> Option<OldAttributes> {
        let name = fresh(argument)?;
        let range = argument.text_range();
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

    fn named(&self, parameter: &SyntaxNode, function: &SyntaxNode) -> Option<OldAttributes> {
        let name = parameter.text().to_string();
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
        let edit = FixEdit::replace(self.span(parameter.text_range()), new.clone());
        Some(OldAttributes { name: new, edits: vec![edit] })
    }

    fn bound(&self, pattern: &ast::Pattern, function: &SyntaxNode) -> Option<OldAttributes> {
        if let Some(bind) = pattern.pat_bind() {
            let name = bind.ident()?.syntax().text().to_string();
            return Some(OldAttributes { name, edits: Vec::new() });
        }
        let name = fresh(function)?;
        let end = pattern.syntax().text_range().end();
        let edits = vec![self.insertion(end, &format!("@{name}"))];
        Some(OldAttributes { name, edits })
    }
}

fn fresh(node: &SyntaxNode) -> Option<String> {
    NAMES.iter().find(|name| !mentions(node, name)).map(|&name| name.to_owned())
}

fn mentions(node: &SyntaxNode, name: &str) -> bool {
    words(node, name).next().is_some()
}

/// Whether `name` stands anywhere in `function` but in its own `parameter`.
fn mentions_below(function: &SyntaxNode, parameter: &SyntaxNode, name: &str) -> bool {
    words(function, name).any(|range| !parameter.text_range().contains_range(range))
}

fn words<'n>(node: &'n SyntaxNode, name: &'n str) -> impl Iterator<Item = TextRange> + 'n {
    node.descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(move |token| token.kind() == SyntaxKind::TOKEN_IDENT && token.text() == name)
        .map(|token| token.text_range())
}

/// Whether `node` is a `let` or a recursive set that binds `name` itself.
fn binds(node: &SyntaxNode, name: &str) -> bool {
    let is_scope = match node.kind() {
        SyntaxKind::NODE_LET_IN => true,
        SyntaxKind::NODE_ATTR_SET => {
            ast::AttrSet::cast(node.clone()).is_some_and(|set| set.rec_token().is_some())
        }
        _ => false,
    };
    is_scope
        && node
            .children()
            .filter(super::is_definition)
            .any(|definition| super::set::defined_names(&definition).any(|defined| defined == name))
}
