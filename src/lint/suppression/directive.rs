//! What a comment asks of frugix: `# frugix: ignore[rule, …] reason`.

use text_size::{TextRange, TextSize};

use crate::config::nearest;
use crate::syntax::Comment;

/// What begins a comment that speaks to frugix.
pub(super) const MARKER: &str = "frugix:";

/// What a comment may ask.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Kind {
    /// No findings on one line.
    Ignore,
    /// No findings in the file.
    IgnoreFile,
    /// No findings from here on.
    Disable,
    /// Findings again.
    Enable,
}

const KINDS: [(&str, Kind); 4] = [
    ("ignore", Kind::Ignore),
    ("ignore-file", Kind::IgnoreFile),
    ("disable", Kind::Disable),
    ("enable", Kind::Enable),
];

/// A comment that frugix understands.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) kind: Kind,
    /// The whole comment.
    pub(super) comment: TextRange,
    /// What stands between the brackets.
    pub(super) list: TextRange,
    /// The rules and groups named there.
    pub(super) names: Vec<Name>,
}

/// A rule or group as it is written in a list.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) range: TextRange,
}

/// A comment that speaks to frugix and cannot be understood.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) comment: TextRange,
    pub(super) message: String,
}

/// Whether a file of this text may have comments that speak to frugix. If not, its comments need not
/// be looked for.
pub fn may_hold_directives(text: &str) -> bool {
    text.contains(MARKER)
}

/// Whether the comment `text`, marks included, is one that frugix understands.
pub fn is_directive(text: &str) -> bool {
    let range = TextRange::up_to(TextSize::of(text));
    let comment = Comment { range, text: text.to_owned(), own_line: true, leading: true };
    matches!(read(&comment), Some(Ok(_)))
}

/// What `comment` asks; None if it does not speak to frugix.
pub(super) fn read(comment: &Comment) -> Option<Result<Directive, Malformed>> {
    let request = content(&comment.text).strip_prefix(MARKER)?.trim_start();
    let word_end = request
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .unwrap_or(request.len());
    let (word, rest) = request.split_at(word_end);
    let list = rest.trim_start().strip_prefix('[');
    let malformed = |message| Some(Err(Malformed { comment: comment.range, message }));

    let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == word) else {
        return match nearest(word, KINDS.map(|(name, _)| name)) {
            Some(meant) => {
                malformed(format!("`{word}` is no suppression; did you mean `{meant}`?"))
            }
            None if list.is_some() => malformed(format!(
                "`{word}` is no suppression; write `ignore`, `ignore-file`, `disable` or `enable`"
            )),
            None => None,
        };
    };
    let Some(list) = list else {
        return malformed(format!(
            "this suppression names no rule; write `frugix: {word}[rule] reason`"
        ));
    };
    let Some(end) = list.find(']') else {
        return malformed("the list of rules is not closed; write `]` after the last".to_owned());
    };
    if *kind == Kind::IgnoreFile && !comment.leading {
        return malformed(
            "`ignore-file` has no effect here; move it before the first expression of the file"
                .to_owned(),
        );
    }
    let list = &list[..end];
    let names: Vec<Name> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| Name { text: name.to_owned(), range: place(comment, name) })
        .collect();
    if names.is_empty() {
        return malformed(format!(
            "this suppression names no rule; write `frugix: {word}[rule] reason`"
        ));
    }
    Some(Ok(Directive { kind: *kind, comment: comment.range, list: place(comment, list), names }))
}

/// What a comment says, without its marks.
fn content(text: &str) -> &str {
    match text.strip_prefix("/*") {
        Some(block) => block.strip_suffix("*/").unwrap_or(block).trim_start_matches('*'),
        None => text.trim_start_matches('#'),
    }
    .trim()
}

/// The range of `part`, which is a slice of the comment's text.
fn place(comment: &Comment, part: &str) -> TextRange {
    let offset = part.as_ptr() as usize - comment.text.as_ptr() as usize;
    let start = comment.range.start() + TextSize::try_from(offset).unwrap_or_default();
    TextRange::at(start, TextSize::of(part))
}
