//! Which places a suppression covers, and what to take out when it is no longer needed.

use text_size::{TextRange, TextSize};

use crate::syntax::Comment;

/// Where the lines of a text begin and end.
pub(super) struct Lines {
    /// The line feeds, in order.
    ends: Vec<TextSize>,
    len: TextSize,
}

impl Lines {
    /// The lines of `text`.
    pub(super) fn of(text: &str) -> Lines {
        let ends = text.match_indices('\n').map(|(at, _)| size(at)).collect();
        Lines { ends, len: size(text.len()) }
    }

    /// The line that the byte at `offset` is in, without its line break.
    pub(super) fn around(&self, offset: TextSize) -> TextRange {
        let after = self.ends.partition_point(|end| *end < offset);
        let before = after.checked_sub(1).and_then(|index| self.ends.get(index));
        let start = before.map_or(TextSize::new(0), |end| *end + TextSize::of('\n'));
        let end = self.ends.get(after).copied().unwrap_or(self.len);
        TextRange::new(start, end.max(start))
    }
}

/// The line that each of the comments speaks of: its own if code stands before it there, else the
/// next line that has code. None at the end of a file.
pub(super) fn lines_spoken_of(
    text: &str,
    lines: &Lines,
    comments: &[Comment],
) -> Vec<Option<TextRange>> {
    let before = code_before(text, comments);
    let after = code_after(text, comments);
    let spoken_of = |((comment, before), after): ((&Comment, bool), Option<TextSize>)| match before
    {
        true => Some(lines.around(comment.range.start())),
        false => after.map(|code| lines.around(code)),
    };
    comments.iter().zip(before).zip(after).map(spoken_of).collect()
}

/// Of each comment, whether code stands before it on its line.
fn code_before(text: &str, comments: &[Comment]) -> Vec<bool> {
    let mut found = Vec::with_capacity(comments.len());
    let (mut end, mut is_behind_code) = (0, false);
    for comment in comments {
        let range = std::ops::Range::<usize>::from(comment.range);
        let between = text.get(end..range.start).unwrap_or_default();
        is_behind_code = match between.rfind('\n') {
            Some(line_feed) => !is_blank(&between[line_feed..]),
            None => is_behind_code || !is_blank(between),
        };
        found.push(is_behind_code);
        is_behind_code &= !comment.text.contains('\n');
        end = range.end;
    }
    found
}

/// Of each comment, the first byte behind it that is neither white space nor in a comment.
fn code_after(text: &str, comments: &[Comment]) -> Vec<Option<TextSize>> {
    let mut found = vec![None; comments.len()];
    let (mut start, mut next) = (text.len(), None);
    for (comment, found) in comments.iter().zip(&mut found).rev() {
        let end = usize::from(comment.range.end());
        let between = text.get(end..start).unwrap_or_default();
        if !is_blank(between) {
            next = Some(size(end + between.len() - between.trim_start().len()));
        }
        *found = next;
        start = comment.range.start().into();
    }
    found
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

    if is_blank(before) && is_blank(after) {
        let whole = (line_end + 1).min(text.len());
        (range(line_start, whole), "")
    } else if is_blank(after) {
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

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn size(offset: usize) -> TextSize {
    TextSize::try_from(offset).unwrap_or_default()
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(size(start), size(end).max(size(start)))
}
