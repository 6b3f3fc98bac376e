//! The same tree made of the one that the parser stores.

use std::borrow::Cow;

use rnix::{NixLanguage, NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::{GreenNodeData, GreenTokenData, Language as _};
use text_size::{TextRange, TextSize};

use super::{Tree, TreeBuilder};
use crate::syntax::recognizer::Build as _;

/// What comes next on the way through a stored tree.
enum Step<'t> {
    /// A part of a node of this kind.
    Part(NodeOrToken<&'t GreenNodeData, &'t GreenTokenData>, SyntaxKind),
    /// The end of a node.
    End,
}

impl Tree<'static> {
    /// The tree under `root`, with places counted from where that begins.
    pub fn of(root: &SyntaxNode) -> Tree<'static> {
        let green = root.green();
        let mut text = String::with_capacity(green.text_len().into());
        let mut builder = TreeBuilder::default();
        let (mut steps, mut comments) = (Vec::new(), Vec::new());
        await_parts(&mut steps, green, root.kind());
        while let Some(step) = steps.pop() {
            let at = TextSize::of(&text);
            match step {
                Step::Part(NodeOrToken::Node(node), _) => {
                    let kind = NixLanguage::kind_from_raw(node.kind());
                    builder.begin(kind, at);
                    steps.push(Step::End);
                    await_parts(&mut steps, node, kind);
                }
                Step::Part(NodeOrToken::Token(token), whole) => {
                    let kind = NixLanguage::kind_from_raw(token.kind());
                    text.push_str(token.text());
                    let range = TextRange::new(at, TextSize::of(&text));
                    if kind == SyntaxKind::TOKEN_COMMENT {
                        comments.push(range);
                    } else if tells(kind, whole) {
                        builder.leaf(kind, range);
                    }
                }
                Step::End => builder.end(at),
            }
        }
        builder.finish(root.kind(), Cow::Owned(text), comments)
    }
}

fn await_parts<'t>(steps: &mut Vec<Step<'t>>, node: &'t GreenNodeData, kind: SyntaxKind) {
    steps.extend(node.children().rev().map(|part| Step::Part(part, kind)));
}

/// Whether a token, part of a `whole`, says more than that it stands there.
fn tells(token: SyntaxKind, whole: SyntaxKind) -> bool {
    use SyntaxKind::*;
    match whole {
        // All that such a node holds is text.
        NODE_PATH_ABS | NODE_PATH_HOME | NODE_PATH_REL | NODE_PATH_SEARCH => true,
        NODE_ATTR_SET => token == TOKEN_REC,
        NODE_BIN_OP | NODE_UNARY_OP => !token.is_trivia(),
        NODE_LITERAL => token.is_literal(),
        NODE_PATTERN => token == TOKEN_ELLIPSIS,
        NODE_STRING => token == TOKEN_STRING_CONTENT,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::{Node, parse};

    const TEXT: &str = "{ a, b ? 1, ... }@args: with a; let inherit (b) c; d.\"e\".${c} = [ 1 (-2) ]; \
        in if a ? b then assert !c; c.d or ./x${e}/f + <nixpkgs> else (rec { e = ''${a}b''; } // (let { body = 1; }))";

    #[test]
    fn nodes_are_those_of_the_syntax_tree() {
        let parsed = parse(TEXT).unwrap();
        assert!(parsed.errors().is_empty());
        let tree = parsed.tree();
        let mut waiting = vec![tree.root()];
        let mut met = Vec::new();
        while let Some(node) = waiting.pop() {
            met.push((node.kind(), node.range()));
            let children: Vec<Node<'_>> = node.children().collect();
            waiting.extend(children.into_iter().rev());
        }
        let nodes = parsed.syntax().descendants().map(|node| (node.kind(), node.text_range()));
        assert_eq!(met, nodes.collect::<Vec<_>>());
        assert_eq!(tree.root().text(), TEXT);
    }
}
