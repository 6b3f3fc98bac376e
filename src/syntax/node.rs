//! A tree as it is stored, read in place.
//!
//! A [`SyntaxNode`] knows its parents, and is made and counted for each step through a tree. Who only
//! goes from wholes to parts, as lowering does with every file, needs none of that: a node here is a
//! reference into the stored tree and the place where it begins.

use rnix::{NixLanguage, NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::{GreenNodeData, GreenTokenData, Language as _};
use text_size::{TextRange, TextSize};

/// A node, as good as copied for free.
#[derive(Copy, Clone, Debug)]
pub struct Node<'t> {
    stored: &'t GreenNodeData,
    start: TextSize,
}

/// A token.
#[derive(Copy, Clone, Debug)]
pub struct Token<'t>(&'t GreenTokenData);

/// What a node is made of.
pub type Element<'t> = NodeOrToken<Node<'t>, Token<'t>>;

impl<'t> Node<'t> {
    /// The same node as `node`.
    pub fn of(node: &'t SyntaxNode) -> Node<'t> {
        Node { stored: node.green(), start: node.text_range().start() }
    }

    /// Its kind.
    pub fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.stored.kind())
    }

    /// Its place in the text.
    pub fn range(self) -> TextRange {
        TextRange::at(self.start, self.stored.text_len())
    }

    /// Its parts, in the order of the text.
    pub fn elements(self) -> impl Iterator<Item = Element<'t>> {
        let mut start = self.start;
        self.stored.children().map(move |part| match part {
            NodeOrToken::Node(stored) => {
                let node = Node { stored, start };
                start += stored.text_len();
                NodeOrToken::Node(node)
            }
            NodeOrToken::Token(token) => {
                start += token.text_len();
                NodeOrToken::Token(Token(token))
            }
        })
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

    /// The first token of its text.
    pub fn first_token(self) -> Option<Token<'t>> {
        let mut node = self;
        loop {
            match node.elements().next()? {
                NodeOrToken::Node(inner) => node = inner,
                NodeOrToken::Token(token) => return Some(token),
            }
        }
    }

    /// Whether it is an expression. `${ }` is none, what stands in it is.
    pub fn is_expression(self) -> bool {
        use SyntaxKind::{
            NODE_APPLY, NODE_ASSERT, NODE_ATTR_SET, NODE_BIN_OP, NODE_CUR_POS, NODE_ERROR,
            NODE_HAS_ATTR, NODE_IDENT, NODE_IF_ELSE, NODE_LAMBDA, NODE_LEGACY_LET, NODE_LET_IN,
            NODE_LIST, NODE_LITERAL, NODE_PAREN, NODE_PATH_ABS, NODE_PATH_HOME, NODE_PATH_REL,
            NODE_PATH_SEARCH, NODE_ROOT, NODE_SELECT, NODE_STRING, NODE_UNARY_OP, NODE_WITH,
        };
        matches!(
            self.kind(),
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
}

impl<'t> Token<'t> {
    /// Its kind.
    pub fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.0.kind())
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        self.0.text()
    }

    /// Tells it from tokens of other texts: a tree stores tokens that read alike once, mostly.
    pub fn identity(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }
}

#[cfg(test)]
mod tests {
    use rnix::ast;
    use rowan::ast::AstNode as _;

    use super::*;
    use crate::syntax::parse;

    const TEXT: &str = "{ a, b ? 1, ... }@args: with a; let inherit (b) c; d.\"e\".${c} = [ 1 (-2) ]; \
        in if a ? b then assert !c; c.d or ./x + <nixpkgs> else (rec { e = ''${a}b''; } // (let { body = 1; }))";

    #[test]
    fn nodes_are_those_of_the_syntax_tree() {
        let parsed = parse(TEXT).unwrap();
        assert!(parsed.errors().is_empty());
        let root = parsed.syntax();
        let mut stored = vec![Node::of(&root)];
        let mut met = Vec::new();
        while let Some(node) = stored.pop() {
            met.push((node.kind(), node.range(), node.is_expression()));
            let children: Vec<Node<'_>> = node.children().collect();
            stored.extend(children.into_iter().rev());
        }
        let nodes = root
            .descendants()
            .map(|node| (node.kind(), node.text_range(), ast::Expr::can_cast(node.kind())));
        assert_eq!(met, nodes.collect::<Vec<_>>());
    }

    #[test]
    fn every_kind_of_expression_is_known() {
        let of_kind = |kind: SyntaxKind| {
            let kind = NixLanguage::kind_to_raw(kind);
            rowan::GreenNode::new(kind, std::iter::empty::<NodeOrToken<_, _>>())
        };
        for raw in 0..=SyntaxKind::NODE_WITH as u16 {
            let kind = NixLanguage::kind_from_raw(rowan::SyntaxKind(raw));
            let stored = of_kind(kind);
            let node = Node { stored: &stored, start: TextSize::new(0) };
            assert_eq!(node.is_expression(), ast::Expr::can_cast(kind), "{kind:?}");
        }
    }
}
