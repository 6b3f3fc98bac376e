//! Text from the user's files, made safe to print: what would steer a terminal or reorder what is
//! read is written out as an escape.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether `c` would act on the terminal, or on the order of the text around it, rather than show.
/// A tab does neither.
pub(super) fn is_hidden(c: char) -> bool {
    let control = c.is_control() && c != '\t';
    let bidirectional = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let invisible = matches!(c, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    control || bidirectional || invisible
}

/// Appends `c`, escaped like `\u{1b}` if it is hidden.
pub(super) fn push_visible(out: &mut String, c: char) {
    if is_hidden(c) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// `text` with every hidden character but the line feed written out as an escape like `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_hidden(c) && c != '\n')
}

/// `name` on one line: like [`visible`], with line feeds and tabs escaped too.
pub fn visible_name(name: &str) -> Cow<'_, str> {
    escape(name, |c| is_hidden(c) || c == '\t')
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(visible("x\u{202e}y\u{2066}z\u{61c}"), "x\\u{202e}y\\u{2066}z\\u{61c}");
        assert_eq!(visible("a\rb"), "a\\u{d}b");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "héllo\tworld\n→ 日本 👩\u{200d}💻";
        assert!(matches!(visible(text), Cow::Borrowed(_)));
        assert_eq!(visible(text), text);
    }

    #[test]
    fn a_name_stays_on_one_line() {
        assert_eq!(visible_name("a\nb\tc"), "a\\u{a}b\\u{9}c");
    }
}
