//! Parsing one text: rnix behind the depth guard, and its errors as sentences.

use rnix::{NixLanguage, NodeOrToken, ParseError, Root, SyntaxKind, SyntaxNode};
use rowan::{GreenNodeData, Language as _};
use text_size::{TextRange, TextSize};

use super::Tree;
use super::depth::{Cut, DepthLimit, Reason, check_depth};

/// What Nix's grammar does not allow at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub range: TextRange,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
}

/// A parsed text. `Send`, unlike the tree that [`Parsed::syntax`] makes of it.
#[derive(Clone)]
pub struct Parsed {
    parse: rnix::Parse<Root>,
    errors: Vec<SyntaxError>,
}

impl Parsed {
    /// The root node of a new tree.
    pub fn syntax(&self) -> SyntaxNode {
        self.parse.syntax()
    }

    /// The root, typed.
    pub fn root(&self) -> Root {
        self.parse.tree()
    }

    /// The same tree as lowering reads it.
    pub fn tree(&self) -> Tree<'static> {
        Tree::of(&self.syntax())
    }

    /// Errors by position, at most one a place.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }
}

/// At most this many syntax errors of a file are told: one mistake tends to cascade.
const MAX_ERRORS: usize = 10;

/// What is said of an expression that no parser should be asked to read.
const TOO_DEEP: &str = "this expression nests too deeply to be read; frugix skips the file";

/// Parses `text` within the usual limits. Text with mistakes still gives a tree, and its errors.
///
/// # Errors
///
/// A single error where the text nests too deeply to be parsed at all.
pub fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    parse_within(text, DepthLimit::USUAL)
}

/// Parses `text` as [`parse`] does, within `limit`.
///
/// Behind a mistake nobody can tell how deep a text nests. One that may nest too deeply there is
/// parsed up to that place, and the tree is that of its beginning.
///
/// # Errors
///
/// A single error where the text nests too deeply to be parsed at all.
pub fn parse_within(text: &str, limit: DepthLimit) -> Result<Parsed, SyntaxError> {
    parse_checked(text, limit, check_depth(text, limit))
}

/// As [`parse_within`], where `depth` is known to be what [`check_depth`] says.
pub(super) fn parse_checked(
    text: &str,
    limit: DepthLimit,
    depth: Result<(), Cut>,
) -> Result<Parsed, SyntaxError> {
    let Err(cut) = depth else {
        let parse = Root::parse(text);
        let errors = readable_errors(&parse, text);
        return Ok(Parsed { parse, errors });
    };
    if cut.after_mistake {
        let beginning = text.get(..cut.offset.into()).unwrap_or_default();
        let parse = Root::parse(beginning);
        let end = TextRange::empty(TextSize::of(beginning.trim_end()));
        let mut errors = readable_errors(&parse, beginning);
        errors.retain(|error| error.range != end);
        if !errors.is_empty() {
            return Ok(Parsed { parse, errors });
        }
    }
    Err(too_deep(cut, limit))
}

fn too_deep(cut: Cut, limit: DepthLimit) -> SyntaxError {
    let why = match cut.reason {
        Reason::Nesting => {
            let limit = limit.nesting;
            format!("more than {limit} brackets inside each other; raise `max-nesting`")
        }
        Reason::Chain => {
            let limit = limit.chain;
            format!("more than {limit} operators and arguments; raise `max-chain`")
        }
        Reason::Lookahead => "names joined by dots without end; split it".to_owned(),
    };
    SyntaxError { range: TextRange::empty(cut.offset), message: format!("{TOO_DEEP} ({why})") }
}

fn readable_errors(parse: &rnix::Parse<Root>, text: &str) -> Vec<SyntaxError> {
    let end = TextRange::empty(TextSize::of(text.trim_end()));
    let mut errors: Vec<SyntaxError> =
        parse.errors().iter().map(|error| readable(error, end)).collect();
    if errors.is_empty() {
        errors.extend(stray_tokens(&parse.syntax()));
    }
    if text.trim().is_empty() {
        let message = "the file is empty, which is no expression".to_owned();
        return vec![SyntaxError { range: TextRange::empty(TextSize::new(0)), message }];
    }
    if errors.iter().any(|error| error.range != end) {
        // Running into the end of the file is what an earlier mistake leads to.
        errors.retain(|error| error.range != end);
    }
    if let Some(conflict) = conflict(text) {
        let is_in_it = |error: &SyntaxError| conflict.contains_range(error.range);
        if errors.iter().any(is_in_it) {
            let message = "a merge conflict stands here; resolve it, and remove its marks";
            // What is wrong behind it is what it leads to.
            errors.retain(|error| error.range.end() <= conflict.start());
            errors.push(SyntaxError { range: conflict, message: message.to_owned() });
        }
    }
    errors.sort_by_key(|error| (error.range.start(), error.range.end()));
    errors.dedup_by_key(|error| error.range.start());
    errors.truncate(MAX_ERRORS);
    errors
}

/// From the first to the last mark of merge conflicts, if there are any.
fn conflict(text: &str) -> Option<TextRange> {
    let begins = |mark: &'static str| {
        let at_line = move |at: &usize| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n');
        text.match_indices(mark).map(|(at, _)| at).filter(at_line)
    };
    let start = begins("<<<<<<< ").next()?;
    let last = begins(">>>>>>> ").last()?;
    let end = last + text.get(last..)?.lines().next()?.len();
    let size = |at| TextSize::try_from(at).ok();
    (start < end).then_some(TextRange::new(size(start)?, size(end)?))
}

/// The tokenizer's own errors leave no message behind, only a token.
fn stray_tokens(root: &SyntaxNode) -> impl Iterator<Item = SyntaxError> + use<> {
    let elements = has_stray_token(root.green()).then(|| root.descendants_with_tokens());
    elements.into_iter().flatten().filter_map(|element| match element {
        NodeOrToken::Token(token) if token.kind() == SyntaxKind::TOKEN_ERROR => Some(SyntaxError {
            range: token.text_range(),
            message: "this is not a Nix token".to_owned(),
        }),
        _ => None,
    })
}

/// Whether there is one at all. Nearly always there is none: the tree as it is stored tells that without
/// a node made for each.
fn has_stray_token(root: &GreenNodeData) -> bool {
    let stray = NixLanguage::kind_to_raw(SyntaxKind::TOKEN_ERROR);
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        for part in node.children() {
            match part {
                NodeOrToken::Node(inner) => waiting.push(inner),
                NodeOrToken::Token(token) if token.kind() == stray => return true,
                NodeOrToken::Token(_) => {}
            }
        }
    }
    false
}

fn readable(error: &ParseError, end: TextRange) -> SyntaxError {
    let (range, message) = match error {
        ParseError::Unexpected(range) => (*range, "unexpected text".to_owned()),
        ParseError::UnexpectedExtra(range) => {
            (*range, "unexpected text after the end of the expression".to_owned())
        }
        ParseError::UnexpectedWanted(found, range, wanted) => {
            (*range, format!("expected {}, found {}", alternatives(wanted), token_name(*found)))
        }
        ParseError::UnexpectedDoubleBind(range) => {
            (*range, "a function takes its arguments' name only once".to_owned())
        }
        ParseError::UnexpectedEOF => {
            (end, "the file ends in the middle of an expression".to_owned())
        }
        ParseError::UnexpectedEOFWanted(wanted) => {
            (end, format!("the file ends where {} was expected", alternatives(wanted)))
        }
        ParseError::DuplicatedArgs(range, name) => {
            (*range, format!("the argument `{name}` is declared twice"))
        }
        ParseError::RecursionLimitExceeded => (end, TOO_DEEP.to_owned()),
        _ => (end, error.to_string()),
    };
    SyntaxError { range, message }
}

fn alternatives(kinds: &[SyntaxKind]) -> String {
    use SyntaxKind::{TOKEN_CUR_POS, TOKEN_IDENT, TOKEN_L_BRACK, TOKEN_L_PAREN, TOKEN_OR};
    let may_be = |kind| kinds.contains(&kind);
    if may_be(TOKEN_L_PAREN) && may_be(TOKEN_L_BRACK) {
        return "an expression".to_owned();
    }
    // These two are names as far as a person cares.
    let is_name_too =
        |kind: &&SyntaxKind| may_be(TOKEN_IDENT) && matches!(**kind, TOKEN_OR | TOKEN_CUR_POS);
    let shown = kinds.iter().filter(|kind| !is_name_too(kind));
    let names: Vec<String> = shown.map(|kind| token_name(*kind)).collect();
    match names.split_last() {
        None => "something else".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

fn token_name(kind: SyntaxKind) -> String {
    use SyntaxKind::*;
    let text = match kind {
        TOKEN_ASSIGN => "=",
        TOKEN_AT => "@",
        TOKEN_COLON => ":",
        TOKEN_COMMA => ",",
        TOKEN_DOT => ".",
        TOKEN_ELLIPSIS => "...",
        TOKEN_SEMICOLON => ";",
        TOKEN_L_BRACE => "{",
        TOKEN_R_BRACE => "}",
        TOKEN_L_BRACK => "[",
        TOKEN_R_BRACK => "]",
        TOKEN_L_PAREN => "(",
        TOKEN_R_PAREN => ")",
        TOKEN_QUESTION => "?",
        TOKEN_INTERPOL_START => "${",
        TOKEN_INTERPOL_END => "}",
        TOKEN_REC => "rec",
        TOKEN_IDENT => return "a name".to_owned(),
        TOKEN_STRING_START => return "a string".to_owned(),
        TOKEN_STRING_END => return "the end of the string".to_owned(),
        TOKEN_INTEGER | TOKEN_FLOAT => return "a number".to_owned(),
        TOKEN_ERROR => return "text that is no Nix".to_owned(),
        other => {
            return format!("{other:?}")
                .trim_start_matches("TOKEN_")
                .to_lowercase()
                .replace('_', " ");
        }
    };
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        match parse(text) {
            Ok(parsed) => parsed.errors().iter().map(|error| error.message.clone()).collect(),
            Err(error) => vec![error.message],
        }
    }

    #[test]
    fn correct_text_has_no_errors() {
        assert!(messages("{ a = 1; }").is_empty());
        assert!(messages("[ 1 2 ] |> map f").is_empty());
    }

    #[test]
    fn errors_are_sentences() {
        assert_eq!(messages("{ a = 1 }"), ["expected `;`, found `}`"]);
        assert_eq!(messages("{ a.) = 1; }")[0], "expected a name, found `)`");
        assert_eq!(messages("[ 1 ] ++ )")[0], "expected an expression, found `)`");
        assert_eq!(messages("{ a = "), ["the file ends in the middle of an expression"]);
        assert_eq!(messages(" \n"), ["the file is empty, which is no expression"]);
        assert_eq!(messages("{ % = 1; }"), ["expected a name, found text that is no Nix"]);
    }

    #[test]
    fn a_merge_conflict_is_told_once() {
        let text = "{\n<<<<<<< HEAD\n  a = 1;\n=======\n  a = 2;\n>>>>>>> other\n}\n";
        let told = ["a merge conflict stands here; resolve it, and remove its marks"];
        assert_eq!(messages(text), told);
        assert_eq!(messages(&text.replace("=======", "||||||| base\n  a = 0;\n=======")), told);
        assert!(messages(&format!("''\n{text}''")).is_empty());
        let elsewhere = format!("{{ a = ''\n{text}''; b = 1 }}");
        assert_eq!(messages(&elsewhere), ["expected `;`, found `}`"]);
    }

    #[test]
    fn a_flood_of_errors_is_cut() {
        assert!(messages(&"{ = ".repeat(300)).len() <= MAX_ERRORS);
    }
}
