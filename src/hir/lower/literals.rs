//! Lowering strings, paths and numbers.

use rnix::SyntaxKind;

use super::Lowering;
use crate::hir::attrs::path_pieces;
use crate::hir::expr::{Expr, Path, PathAnchor, StrPart};
use crate::syntax::{Node, StringPart, Token, string_parts};

impl Lowering {
    pub(super) fn string(&mut self, string: Node<'_>) -> Expr {
        let range = string.range();
        let parts = string_parts(string)
            .into_iter()
            .map(|part| match part {
                StringPart::Text(text) => StrPart::Text(text.into()),
                StringPart::Hole(node) => {
                    StrPart::Hole(self.expr(node.filter(|node| node.is_expression()), range))
                }
            })
            .collect();
        Expr::Str(parts)
    }

    pub(super) fn path(&mut self, node: Node<'_>, anchor: PathAnchor) -> Expr {
        let range = node.range();
        let parts = path_pieces(node)
            .map(|piece| match piece {
                Ok(text) if anchor == PathAnchor::Search => {
                    StrPart::Text(text.trim_matches(['<', '>']).into())
                }
                Ok(text) => StrPart::Text(text.into()),
                Err(hole) => StrPart::Hole(self.expr(hole, range)),
            })
            .collect();
        Expr::Path(Box::new(Path { anchor, parts }))
    }
}

/// A literal that is neither a string nor a path; an address is as good as a string.
pub(super) fn number_or_address(literal: Node<'_>) -> Expr {
    let value = |token: Token<'_>| match token.kind() {
        SyntaxKind::TOKEN_INTEGER => Some(Expr::Int(token.text().parse().ok())),
        SyntaxKind::TOKEN_FLOAT => Some(token.text().parse().map_or(Expr::Missing, Expr::Float)),
        SyntaxKind::TOKEN_URI => Some(Expr::Str(Box::new([StrPart::Text(token.text().into())]))),
        _ => None,
    };
    literal.tokens().find_map(value).unwrap_or(Expr::Missing)
}
