//! The comments of a file and where they stand.

use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use text_size::TextRange;

use super::parse;
use super::tokenizer::tokenize;

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

/// The texts of all comments of `text`, with their marks, in order.
pub fn comments_of(text: &str) -> impl Iterator<Item = &str> {
    let comments = tokenize(text).filter(|(kind, _)| *kind == SyntaxKind::TOKEN_COMMENT);
    comments.map(|(_, comment)| comment)
}

/// The comments before the first expression of `text`, which need not be Nix from there on.
pub fn leading_comments(text: &str) -> Vec<Comment> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = match rest.strip_prefix("/*") {
            Some(block) => block.find("*/").map(|end| end + 4),
            None => rest.starts_with('#').then(|| rest.find('\n').unwrap_or(rest.len())),
        };
        match end.and_then(|end| rest.get(end..)) {
            Some(after) => rest = after,
            None => break,
        }
    }
    let leading = &text[..text.len() - rest.len()];
    parse(leading).map(|parsed| comments(&parsed.syntax())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    #[test]
    fn comments_at_the_start_are_found_in_any_text() {
        let found = |text| -> Vec<String> {
            leading_comments(text).into_iter().map(|comment| comment.text).collect()
        };
        assert_eq!(
            found("# one\n\n /* two\n */ # three\n[[ # four"),
            ["# one", "/* two\n */", "# three"]
        );
        assert_eq!(found("#"), ["#"]);
        assert_eq!(found("/* open"), [""; 0]);
        assert_eq!(found(""), [""; 0]);
    }
}
