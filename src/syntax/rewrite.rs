//! Edits that keep a text Nix: replacing an expression or removing a binding without gluing tokens,
//! losing parentheses that are needed, or leaving ragged lines.

use rnix::SyntaxKind;
use text_size::{TextRange, TextSize};

use super::{Node, Tree};

/// The smallest node whose range is `range` (or the outermost of several with the same range).
pub fn node_at<'t>(tree: &'t Tree<'_>, range: TextRange) -> Option<Node<'t>> {
    let is_there = |node: &Node<'_>| node.range() == range;
    let inner = tree.way_to(range).skip(1).find(is_there);
    inner.or_else(|| Some(tree.root()).filter(is_there))
}

/// The innermost node that holds all of `range`.
pub fn node_around<'t>(tree: &'t Tree<'_>, range: TextRange) -> Option<Node<'t>> {
    tree.way_to(range).last()
}

/// The outermost parentheses that hold nothing but `node`, or `node` itself.
pub fn with_parentheses(node: Node<'_>) -> Node<'_> {
    let is_parentheses = |outer: &Node<'_>| outer.kind() == SyntaxKind::NODE_PAREN;
    node.ancestors().skip(1).take_while(is_parentheses).last().unwrap_or(node)
}

/// `replacement`, with a space wherever it would otherwise melt into the text around `range`.
pub fn guarded(text: &str, range: TextRange, replacement: &str) -> String {
    let before = text.get(..usize::from(range.start())).and_then(|text| text.chars().next_back());
    let after = text.get(usize::from(range.end())..).and_then(|text| text.chars().next());
    let mut guarded = String::with_capacity(replacement.len() + 2);
    if let (Some(before), Some(first)) = (before, replacement.chars().next())
        && melts(before, first)
    {
        guarded.push(' ');
    }
    guarded.push_str(replacement);
    if let (Some(last), Some(after)) = (replacement.chars().next_back(), after)
        && melts(last, after)
    {
        guarded.push(' ');
    }
    guarded
}

/// Whether two neighbouring characters could join into one token: a word, a number, a path, a URI
/// or an operator.
fn melts(left: char, right: char) -> bool {
    let word = |char: char| char.is_alphanumeric() || "_'-".contains(char);
    let path = |char: char| word(char) || "./+~<>".contains(char);
    let quote = |char: char| char == '"' || char == '\'';
    (path(left) && path(right))
        || (left == ':' && (word(right) || "/~%?!$&".contains(right)))
        || (word(left) && quote(right))
        || (quote(left) && word(right))
        || (left == '$' && right == '{')
}

/// The white space at the start of the line that holds `offset`.
pub fn line_indentation(text: &str, offset: TextSize) -> &str {
    let line = line_start(text, offset);
    let rest = &text[line..];
    let width = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    &rest[..width]
}

fn line_start(text: &str, offset: TextSize) -> usize {
    let offset = usize::from(offset).min(text.len());
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// What to delete so that the binding at `range` (with its semicolon) leaves no blank line behind:
/// its whole line where it stands alone on it, else the binding and the spaces before it.
///
/// A comment behind it on the same line keeps its place.
pub fn removal(text: &str, range: TextRange) -> TextRange {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let line = line_start(text, range.start());
    let before = text.get(line..start).unwrap_or_default();
    let alone_before = before.trim().is_empty();
    let rest = text.get(end..).unwrap_or_default();
    let line_end = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    let alone_behind = rest[..line_end].trim().is_empty();
    let (start, end) = match (alone_before, alone_behind) {
        (true, true) => (line, end + line_end),
        (true, false) => (start, end + (rest.len() - rest.trim_start_matches([' ', '\t']).len())),
        (false, _) => (line + before.trim_end_matches([' ', '\t']).len(), end),
    };
    to_range(start, end)
}

fn to_range(start: usize, end: usize) -> TextRange {
    let at = |offset: usize| TextSize::new(u32::try_from(offset).unwrap_or(u32::MAX));
    TextRange::new(at(start), at(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::DepthLimit;

    fn range(text: &str, part: &str) -> TextRange {
        let start = text.find(part).unwrap();
        to_range(start, start + part.len())
    }

    #[test]
    fn tokens_are_kept_apart() {
        for (text, part, with, expected) in [
            ("f(x)", "(x)", "x", " x"),
            ("if(c)then d", "(c)", "c", " c "),
            ("x:(y)", "(y)", "y", " y"),
            ("[(a)(b)]", "(a)", "a", "a"),
            ("a ++ (b)", "(b)", "b", "b"),
            ("[(a)./b]", "(a)", "a", "a "),
        ] {
            assert_eq!(guarded(text, range(text, part), with), expected, "{text}");
        }
    }

    #[test]
    fn a_removed_line_leaves_no_gap() {
        let text = "{\n  a = 1;\n  b = 2; # why\n  c = 3; d = 4;\n}\n";
        let without = |part: &str| {
            let cut = removal(text, range(text, part));
            format!("{}{}", &text[..usize::from(cut.start())], &text[usize::from(cut.end())..])
        };
        assert_eq!(without("a = 1;"), "{\n  b = 2; # why\n  c = 3; d = 4;\n}\n");
        assert_eq!(without("b = 2;"), "{\n  a = 1;\n  # why\n  c = 3; d = 4;\n}\n");
        assert_eq!(without("d = 4;"), "{\n  a = 1;\n  b = 2; # why\n  c = 3;\n}\n");
    }

    #[test]
    fn nodes_are_found_by_range() {
        let text = "[ (pkgs.brave.override { }) ]";
        let tree = Tree::of_text(text, DepthLimit::USUAL).unwrap();
        let node = node_at(&tree, range(text, "pkgs.brave.override { }")).unwrap();
        assert_eq!(node.kind(), SyntaxKind::NODE_APPLY);
        assert_eq!(with_parentheses(node).kind(), SyntaxKind::NODE_PAREN);
        assert!(node_at(&tree, range(text, "brave.over")).is_none());
    }
}
