//! A node of a [`Tree`], and the ways from it to its parts and to what it is part of.

use std::fmt;

use rnix::{NodeOrToken, SyntaxKind};
use text_size::TextRange;

use super::Tree;
use super::tree::Part;

/// A node, copied for free.
#[derive(Copy, Clone)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    part: &'t Part,
}

/// A token.
#[derive(Copy, Clone, Debug)]
pub struct Token<'t> {
    tree: &'t Tree<'t>,
    part: &'t Part,
}

/// What a node is made of. Of its tokens, only those are there that tell more than that they stand there.
pub type Element<'t> = NodeOrToken<Node<'t>, Token<'t>>;

impl<'t> Node<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, part: &'t Part) -> Node<'t> {
        Node { tree, part }
    }

    /// Its kind.
    pub fn kind(self) -> SyntaxKind {
        self.part.kind
    }

    /// Its place in the text.
    pub fn range(self) -> TextRange {
        self.part.range
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        self.tree.text_at(self.part.range)
    }

    /// Its parts, in the order of the text.
    pub fn elements(self) -> impl Iterator<Item = Element<'t>> {
        let tree = self.tree;
        tree.parts_of(self.part).iter().map(move |part| match part.is_node() {
            true => NodeOrToken::Node(Node { tree, part }),
            false => NodeOrToken::Token(Token { tree, part }),
        })
    }

    /// All parts of it and of them, from itself on, wholes before their parts.
    fn elements_within(self) -> impl Iterator<Item = Element<'t>> {
        let mut waiting = vec![Element::Node(self)];
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            if let Element::Node(node) = next {
                let before = waiting.len();
                waiting.extend(node.elements());
                waiting[before..].reverse();
            }
            Some(next)
        })
    }

    /// Itself and the nodes inside it, wholes before their parts.
    pub fn descendants(self) -> impl Iterator<Item = Node<'t>> {
        self.elements_within().filter_map(NodeOrToken::into_node)
    }

    /// The tokens inside it, in the order of the text.
    pub fn tokens_within(self) -> impl Iterator<Item = Token<'t>> {
        self.elements_within().filter_map(NodeOrToken::into_token)
    }

    /// What it is part of; none for the root.
    pub fn parent(self) -> Option<Node<'t>> {
        self.ancestors().nth(1)
    }

    /// Itself, what it is part of, and so on up to the root.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'t>> {
        let mut way: Vec<Node<'t>> = self.tree.way_to(self.range()).collect();
        way.truncate(way.iter().position(|node| *node == self).map_or(0, |at| at + 1));
        way.into_iter().rev()
    }

    /// The first node among its parts.
    pub fn first_child(self) -> Option<Node<'t>> {
        self.children().next()
    }

    /// The last node among its parts.
    pub fn last_child(self) -> Option<Node<'t>> {
        let parts = self.tree.parts_of(self.part);
        let last = parts.iter().rev().find(|part| part.is_node())?;
        Some(Node { tree: self.tree, part: last })
    }

    /// The part that holds all of `range`, if that is a node.
    pub(super) fn part_around(self, range: TextRange) -> Option<Node<'t>> {
        let parts = self.tree.parts_of(self.part);
        let at = parts.partition_point(|part| part.range.end() <= range.start());
        let part = parts.get(at)?;
        (part.is_node() && part.range.contains_range(range)).then_some(Node { part, ..self })
    }

    /// The nodes among its parts.
    pub fn children(self) -> impl Iterator<Item = Node<'t>> {
        self.elements().filter_map(NodeOrToken::into_node)
    }

    /// The tokens among its parts.
    pub fn tokens(self) -> impl Iterator<Item = Token<'t>> {
        self.elements().filter_map(NodeOrToken::into_token)
    }

    /// The expressions among its parts.
    pub fn expressions(self) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(|child| child.is_expression())
    }

    /// The first expression among its parts.
    pub fn expression(self) -> Option<Node<'t>> {
        self.expressions().next()
    }

    /// The first node of this kind among its parts.
    pub fn child(self, kind: SyntaxKind) -> Option<Node<'t>> {
        self.children().find(|child| child.kind() == kind)
    }

    /// Whether a token of this kind is among its parts.
    pub fn has_token(self, kind: SyntaxKind) -> bool {
        self.tokens().any(|token| token.kind() == kind)
    }

    /// Whether it is an expression. `${ }` is none, what stands in it is.
    pub fn is_expression(self) -> bool {
        is_expression(self.kind())
    }
}

/// The same node of the same tree.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.part, other.part)
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.range())
    }
}

fn is_expression(kind: SyntaxKind) -> bool {
    use SyntaxKind::{
        NODE_APPLY, NODE_ASSERT, NODE_ATTR_SET, NODE_BIN_OP, NODE_CUR_POS, NODE_ERROR,
        NODE_HAS_ATTR, NODE_IDENT, NODE_IF_ELSE, NODE_LAMBDA, NODE_LEGACY_LET, NODE_LET_IN,
        NODE_LIST, NODE_LITERAL, NODE_PAREN, NODE_PATH_ABS, NODE_PATH_HOME, NODE_PATH_REL,
        NODE_PATH_SEARCH, NODE_ROOT, NODE_SELECT, NODE_STRING, NODE_UNARY_OP, NODE_WITH,
    };
    matches!(
        kind,
        NODE_APPLY
            | NODE_ASSERT
            | NODE_ATTR_SET
            | NODE_BIN_OP
            | NODE_CUR_POS
            | NODE_ERROR
            | NODE_HAS_ATTR
            | NODE_IDENT
            | NODE_IF_ELSE
            | NODE_LAMBDA
            | NODE_LEGACY_LET
            | NODE_LET_IN
            | NODE_LIST
            | NODE_LITERAL
            | NODE_PAREN
            | NODE_PATH_ABS
            | NODE_PATH_HOME
            | NODE_PATH_REL
            | NODE_PATH_SEARCH
            | NODE_ROOT
            | NODE_SELECT
            | NODE_STRING
            | NODE_UNARY_OP
            | NODE_WITH
    )
}

impl<'t> Token<'t> {
    /// Its kind.
    pub fn kind(self) -> SyntaxKind {
        self.part.kind
    }

    /// Its place in the text.
    pub fn range(self) -> TextRange {
        self.part.range
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        self.tree.text_at(self.part.range)
    }
}

/// Every kind there is.
#[cfg(test)]
pub(super) fn kinds() -> impl Iterator<Item = SyntaxKind> {
    use rowan::Language as _;
    (0..=SyntaxKind::NODE_WITH as u16)
        .map(|raw| rnix::NixLanguage::kind_from_raw(rowan::SyntaxKind(raw)))
}

#[cfg(test)]
mod tests {
    use rnix::ast;
    use rowan::ast::AstNode as _;

    use super::*;

    #[test]
    fn every_kind_of_expression_is_known() {
        for kind in kinds() {
            assert_eq!(is_expression(kind), ast::Expr::can_cast(kind), "{kind:?}");
        }
    }
}
