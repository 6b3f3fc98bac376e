//! What edits find in a tree that was made of tokens is what the parser's own tree says.

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;
use rnix::NodeOrToken;
use text_size::{TextRange, TextSize};

use frugix::syntax::rewrite::{node_around, node_at, with_parentheses};
use frugix::syntax::{DepthLimit, Node, SyntaxKind, SyntaxNode, Tree, comments_of, parse};

use crate::grammar::Nix;
use crate::runner_of;

/// What tells a node from others.
type Place = (SyntaxKind, TextRange);

fn place(node: Node<'_>) -> Place {
    (node.kind(), node.range())
}

fn place_in_parser(node: &SyntaxNode) -> Place {
    (node.kind(), node.text_range())
}

/// The innermost node around `range` by the parser's tree.
fn around(root: &SyntaxNode, range: TextRange) -> SyntaxNode {
    match root.covering_element(range) {
        NodeOrToken::Node(node) => node,
        NodeOrToken::Token(token) => token.parent().expect("a token is part of a node"),
    }
}

/// The outermost node below the root that is all of `range`.
fn at(root: &SyntaxNode, range: TextRange) -> Option<SyntaxNode> {
    let around = around(root, range);
    let of_range = around.ancestors().take_while(|node| node.text_range() == range);
    of_range.filter(|node| node.kind() != SyntaxKind::NODE_ROOT).last().or_else(|| {
        let is_root = around.kind() == SyntaxKind::NODE_ROOT && around.text_range() == range;
        is_root.then_some(around)
    })
}

fn comments(root: &SyntaxNode, range: TextRange) -> Vec<TextRange> {
    let tokens = root.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let comments = tokens.filter(|token| token.kind() == SyntaxKind::TOKEN_COMMENT);
    comments.map(|token| token.text_range()).filter(|it| range.contains_range(*it)).collect()
}

/// Holds one place against the parser.
fn check_range(tree: &Tree<'_>, root: &SyntaxNode, range: TextRange) -> Result<(), TestCaseError> {
    let expected = place_in_parser(&around(root, range));
    prop_assert_eq!(node_around(tree, range).map(place), Some(expected), "around {:?}", range);
    let expected = at(root, range).as_ref().map(place_in_parser);
    prop_assert_eq!(node_at(tree, range).map(place), expected, "at {:?}", range);
    let found: Vec<TextRange> = tree.comments_in(range).collect();
    prop_assert_eq!(found, comments(root, range), "comments in {:?}", range);
    Ok(())
}

/// Holds what lies around and inside one node against the parser.
fn check_node(node: Node<'_>, expected: &SyntaxNode) -> Result<(), TestCaseError> {
    prop_assert_eq!(place(node), place_in_parser(expected));
    prop_assert_eq!(node.text(), expected.text().to_string());
    let parent = expected.parent().as_ref().map(place_in_parser);
    prop_assert_eq!(node.parent().map(place), parent);
    let ancestors: Vec<Place> = expected.ancestors().map(|it| place_in_parser(&it)).collect();
    prop_assert_eq!(node.ancestors().map(place).collect::<Vec<_>>(), ancestors);
    let ends = [expected.first_child(), expected.last_child()];
    let found = [node.first_child(), node.last_child()].map(|it| it.map(place));
    prop_assert_eq!(found, ends.map(|it| it.as_ref().map(place_in_parser)));
    let outer = expected.ancestors().skip(1);
    let outer = outer.take_while(|it| it.kind() == SyntaxKind::NODE_PAREN).last();
    let outer = place_in_parser(outer.as_ref().unwrap_or(expected));
    prop_assert_eq!(place(with_parentheses(node)), outer);
    let is_text = |kind: SyntaxKind| kind == SyntaxKind::TOKEN_STRING_CONTENT;
    let tokens = node.tokens_within().filter(|token| is_text(token.kind()));
    let texts = expected.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let texts = texts.filter(|token| is_text(token.kind()));
    let found: Vec<TextRange> = tokens.map(|token| token.range()).collect();
    prop_assert_eq!(found, texts.map(|token| token.text_range()).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn a_tree_of_tokens_is_walked_like_that_of_the_parser() {
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let places = prop::collection::vec(any::<[prop::sample::Index; 2]>(), 0..40);
    let result = runner_of(1000).run(&(bytes, places), |(bytes, places)| {
        let nix = Nix::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes may run out");
        // Wherever white space may stand in it, a comment may.
        let text = nix.0.replace("\n", " # é {\n").replace(" = ", " /* [ */ = ");
        let Ok(parsed) = parse(&text) else { return Ok(()) };
        prop_assume!(parsed.errors().is_empty());
        let root = parsed.syntax();
        let tree = Tree::of_text(&text, DepthLimit::USUAL).expect("it has no mistakes");
        let nodes: Vec<Node<'_>> = tree.root().descendants().collect();
        let expected: Vec<SyntaxNode> = root.descendants().collect();
        prop_assert_eq!(nodes.len(), expected.len(), "{}", &text);
        for (node, expected) in nodes.into_iter().zip(&expected) {
            check_node(node, expected)?;
            check_range(&tree, &root, expected.text_range())?;
        }
        for ends in places {
            let ends = ends.map(|end| {
                TextSize::of(&text[..text.floor_char_boundary(end.index(text.len() + 1))])
            });
            let range = TextRange::new(ends[0].min(ends[1]), ends[0].max(ends[1]));
            if !range.is_empty() {
                check_range(&tree, &root, range)?;
            }
        }
        let texts: Vec<&str> =
            comments(&root, root.text_range()).into_iter().map(|it| &text[it]).collect();
        prop_assert_eq!(comments_of(&text).collect::<Vec<_>>(), texts);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
