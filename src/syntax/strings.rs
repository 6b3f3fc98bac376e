//! What a string literal says: escapes resolved and the common indentation of `'' ''` removed, by
//! the rules of Nix's own parser.

use rnix::{NodeOrToken, SyntaxKind};

use super::Node;

/// A piece of a string.
#[derive(Clone, Debug)]
pub enum StringPart<'t> {
    /// Text, as Nix would read it.
    Text(String),
    /// The expression node inside `${ }`; `None` where a syntax error stands there.
    Hole(Option<Node<'t>>),
}

/// The pieces of the string node `string`.
pub fn string_parts(string: Node<'_>) -> Vec<StringPart<'_>> {
    let indented = string.text().starts_with("''");
    if !indented && let Some(text) = only_text(string) {
        return vec![StringPart::Text(unescape(text))];
    }
    let raw = raw_parts(string);
    let parts =
        if indented { strip_indentation(raw) } else { raw.into_iter().map(plain).collect() };
    merge_text(parts)
}

/// The text of a string that has no holes, as most have none.
fn only_text(string: Node<'_>) -> Option<&str> {
    let mut elements = string.elements();
    match (elements.next(), elements.next()) {
        (Some(NodeOrToken::Token(token)), None) => Some(token.text()),
        _ => None,
    }
}

enum Raw<'t> {
    Text(&'t str),
    Hole(Option<Node<'t>>),
}

fn raw_parts(string: Node<'_>) -> Vec<Raw<'_>> {
    string
        .elements()
        .filter_map(|element| match element {
            NodeOrToken::Token(token) if token.kind() == SyntaxKind::TOKEN_STRING_CONTENT => {
                Some(Raw::Text(token.text()))
            }
            NodeOrToken::Token(_) => None,
            NodeOrToken::Node(node) => Some(Raw::Hole(node.children().next())),
        })
        .collect()
}

fn plain(part: Raw<'_>) -> StringPart<'_> {
    match part {
        Raw::Hole(node) => StringPart::Hole(node),
        Raw::Text(text) => StringPart::Text(unescape(text)),
    }
}

fn merge_text(parts: Vec<StringPart<'_>>) -> Vec<StringPart<'_>> {
    let mut merged: Vec<StringPart<'_>> = Vec::with_capacity(parts.len());
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(StringPart::Text(last)), StringPart::Text(text)) => last.push_str(&text),
            (_, StringPart::Text(text)) if text.is_empty() => {}
            (_, part) => merged.push(part),
        }
    }
    merged
}

/// Resolves the escapes of a `" "` string. A carriage return, alone or before a newline, is a
/// newline (`unescapeStr` in Nix's lexer).
fn unescape(text: &str) -> String {
    if !text.contains(['\\', '\r']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\\' => out.extend(rest.next().map(escaped)),
            '\r' => {
                rest.next_if_eq(&'\n');
                out.push('\n');
            }
            other => out.push(other),
        }
    }
    out
}

fn escaped(char: char) -> char {
    match char {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

/// A piece of an indented string after its escapes: escaped text takes no part in finding the
/// indentation.
enum Piece<'t> {
    Text(String),
    Escaped(String),
    Hole(Option<Node<'t>>),
}

/// The indentation algorithm of Nix (`ParserState::stripIndentation`).
fn strip_indentation(raw: Vec<Raw<'_>>) -> Vec<StringPart<'_>> {
    let pieces: Vec<Piece<'_>> = raw
        .into_iter()
        .flat_map(|part| match part {
            Raw::Hole(node) => vec![Piece::Hole(node)],
            Raw::Text(text) => split_escapes(text),
        })
        .collect();
    let indentation = common_indentation(&pieces);
    let last = pieces.len().saturating_sub(1);
    let mut line = Line { at_start: true, dropped: 0 };
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| match piece {
            Piece::Hole(node) => {
                line = Line { at_start: false, dropped: 0 };
                StringPart::Hole(node)
            }
            // An escaped newline starts a line like any other.
            Piece::Escaped(text) | Piece::Text(text) => {
                let mut text = line.strip(&text, indentation);
                if index == last {
                    drop_last_blank_line(&mut text);
                }
                StringPart::Text(text)
            }
        })
        .enumerate()
        .map(|(index, part)| if index == 0 { drop_first_blank_line(part) } else { part })
        .collect()
}

fn split_escapes(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let (escape, width) = if rest.starts_with("'''") {
            (Some("''".to_owned()), 3)
        } else if rest.starts_with("''$") {
            (Some("$".to_owned()), 3)
        } else if let Some(after) = rest.strip_prefix("''\\") {
            match after.chars().next() {
                Some(next) => (Some(escaped(next).to_string()), 3 + next.len_utf8()),
                None => (None, 3),
            }
        } else {
            plain.push(char);
            (None, char.len_utf8())
        };
        if let Some(escape) = escape {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Escaped(escape));
        }
        rest = &rest[width..];
    }
    pieces.push(Piece::Text(plain));
    pieces
}

fn common_indentation(pieces: &[Piece<'_>]) -> usize {
    let mut at_start = true;
    let mut current = 0;
    let mut least = usize::MAX;
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Escaped(_) | Piece::Hole(_) => {
                if at_start {
                    at_start = false;
                    least = least.min(current);
                }
                continue;
            }
        };
        for char in text.chars() {
            match char {
                ' ' if at_start => current += 1,
                '\n' => {
                    at_start = true;
                    current = 0;
                }
                _ if at_start => {
                    at_start = false;
                    least = least.min(current);
                }
                _ => {}
            }
        }
    }
    least
}

struct Line {
    at_start: bool,
    dropped: usize,
}

impl Line {
    fn strip(&mut self, text: &str, indentation: usize) -> String {
        let mut out = String::with_capacity(text.len());
        for char in text.chars() {
            match char {
                ' ' if self.at_start => {
                    if self.dropped >= indentation {
                        out.push(' ');
                    }
                    self.dropped += 1;
                }
                '\n' => {
                    self.at_start = true;
                    self.dropped = 0;
                    out.push('\n');
                }
                other => {
                    self.at_start = false;
                    out.push(other);
                }
            }
        }
        out
    }
}

fn drop_last_blank_line(text: &mut String) {
    if let Some(newline) = text.rfind('\n')
        && text[newline + 1..].chars().all(|char| char == ' ')
    {
        text.truncate(newline + 1);
    }
}

/// The lexer drops spaces and a newline right after the opening quotes.
fn drop_first_blank_line(part: StringPart<'_>) -> StringPart<'_> {
    match part {
        StringPart::Text(text) => StringPart::Text(match text.split_once('\n') {
            Some((first, rest)) if first.chars().all(|char| char == ' ') => rest.to_owned(),
            _ => text,
        }),
        hole => hole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn text(source: &str) -> String {
        let tree = parse(source).unwrap().tree();
        let node = tree.root().children().next().unwrap();
        string_parts(node)
            .into_iter()
            .map(|part| match part {
                StringPart::Text(text) => text,
                StringPart::Hole(_) => "<>".to_owned(),
            })
            .collect()
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(text(r#""a\n\"\${b}$${c}\q""#), "a\n\"${b}$${c}q");
        assert_eq!(text("''a ''' ''${b} ''\\n ''"), "a '' ${b} \n ");
    }

    #[test]
    fn common_indentation_goes() {
        assert_eq!(text("''\n    a\n      b\n\n    c\n  ''"), "a\n  b\n\nc\n");
        assert_eq!(text("''  a''"), "a");
        assert_eq!(text("''\n  ${x}\n    y''"), "<>\n  y");
        assert_eq!(text("''\n  ''\\n  a\n  b''"), "\na\nb");
    }
}
