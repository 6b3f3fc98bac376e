//! The comments of a file and where they stand.

use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use text_size::TextRange;

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The comment with its marks (`#` or `/* */`).
    pub range: TextRange,
    /// Its text with its marks.
    pub text: String,
    /// Nothing but white space precedes it on its line.
    pub own_line: bool,
    /// It stands before the file's expression.
    pub leading: bool,
}

/// The comments of the tree under `root`, in order.
pub fn comments(root: &SyntaxNode) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut leading = true;
    let mut line_is_blank = true;
    for token in root.descendants_with_tokens().filter_map(NodeOrToken::into_token) {
        match token.kind() {
            SyntaxKind::TOKEN_WHITESPACE => line_is_blank |= token.text().contains('\n'),
            SyntaxKind::TOKEN_COMMENT => {
                found.push(Comment {
                    range: token.text_range(),
                    text: token.text().to_owned(),
                    own_line: line_is_blank,
                    leading,
                });
                line_is_blank = false;
            }
            _ => {
                leading = false;
                line_is_blank = token.text().ends_with('\n');
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn places_are_told_apart() {
        let parsed = parse("# one\n{ a = 1; # two\n  # three\n  b = /* four */ 2; }").unwrap();
        let found = comments(&parsed.syntax());
        let shape: Vec<_> =
            found.iter().map(|c| (c.text.as_str(), c.own_line, c.leading)).collect();
        assert_eq!(
            shape,
            [
                ("# one", true, true),
                ("# two", false, false),
                ("# three", true, false),
                ("/* four */", false, false)
            ]
        );
    }
}
