//! Which places a suppression covers, and what to take out when it is no longer needed.

use text_size::{TextRange, TextSize};

use crate::syntax::Comment;

/// The line that the `comment` speaks of: its own if code stands before it there, else the next
/// line that has code. None at the end of a file.
pub(super) fn line_spoken_of(
    text: &str,
    comments: &[Comment],
    comment: TextRange,
) -> Option<TextRange> {
    let line = line_around(text, comment.start());
    let code_before =
        next_code(text, comments, line.start()).is_some_and(|at| at < comment.start());
    if code_before {
        return Some(line);
    }
    next_code(text, comments, comment.end()).map(|code| line_around(text, code))
}

/// What to replace, and by what, so that the comment is gone: with its line when nothing else
/// stands there.
pub(super) fn removal(text: &str, comment: TextRange) -> (TextRange, &'static str) {
    let (start, end) = (usize::from(comment.start()), usize::from(comment.end()));
    let (Some(said), Some(head), Some(tail)) =
        (text.get(start..end), text.get(..start), text.get(end..))
    else {
        return (comment, "");
    };
    // A comment to the end of the line may hold half of the line break.
    let end = start + said.trim_end_matches('\r').len();
    let line_start = head.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = tail.find('\n').map_or(text.len(), |newline| start + said.len() + newline);
    let (before, after) = (&text[line_start..start], &text[end..line_end]);

    let blank = |text: &str| text.trim().is_empty();
    if blank(before) && blank(after) {
        let whole = (line_end + 1).min(text.len());
        (range(line_start, whole), "")
    } else if blank(after) {
        (range(line_start + before.trim_end().len(), end), "")
    } else {
        let space_before = before.is_empty() || before.ends_with(char::is_whitespace);
        let space_after = after.len() - after.trim_start().len();
        match (space_before, space_after) {
            (true, space) => (range(start, end + space), ""),
            (false, 0) => (range(start, end), " "),
            (false, _) => (range(start, end), ""),
        }
    }
}

/// The first byte from `at` on that is neither white space nor in a comment.
fn next_code(text: &str, comments: &[Comment], mut at: TextSize) -> Option<TextSize> {
    loop {
        let rest = text.get(usize::from(at)..)?;
        let blank = rest.len() - rest.trim_start().len();
        at += TextSize::try_from(blank).ok()?;
        if blank == rest.len() {
            return None;
        }
        let found = comments.binary_search_by_key(&at, |comment| comment.range.start());
        match found.ok().and_then(|index| comments.get(index)) {
            Some(comment) if !comment.range.is_empty() => at = comment.range.end(),
            _ => return Some(at),
        }
    }
}

/// The line that the byte at `offset` is in, without its line break.
fn line_around(text: &str, offset: TextSize) -> TextRange {
    let offset = usize::from(offset);
    let start = text.get(..offset).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(offset..).and_then(|tail| tail.find('\n'));
    range(start, end.map_or(text.len(), |at| offset + at))
}

fn range(start: usize, end: usize) -> TextRange {
    let size = |offset| TextSize::try_from(offset).unwrap_or_default();
    TextRange::new(size(start), size(end).max(size(start)))
}
