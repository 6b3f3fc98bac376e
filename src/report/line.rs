//! One line of source, as it is shown: clipped around what matters, with hidden characters
//! written out, and able to say where an offset of the source has gone.

use std::ops::Range;

use super::visible::push_visible;

/// The most characters of a line that are shown.
const WIDTH: usize = 160;
/// How many characters are shown before what matters, on a line that is clipped.
const LEAD: usize = 40;
const CLIPPED: &str = "…";

/// A line of source ready to print.
pub(super) struct ShownLine<'a> {
    source: &'a str,
    /// The bytes of `source` that are shown.
    window: Range<usize>,
    /// What is printed, on one line.
    pub text: String,
}

impl<'a> ShownLine<'a> {
    /// Shows `source`, a line without its line ending, clipped around the byte `focus` if it is
    /// long.
    pub fn new(source: &'a str, focus: usize) -> ShownLine<'a> {
        let window = window(source, focus);
        let mut text = String::with_capacity(window.len() + 2 * CLIPPED.len());
        if window.start > 0 {
            text.push_str(CLIPPED);
        }
        text.extend_visible(&source[window.clone()]);
        if window.end < source.len() {
            text.push_str(CLIPPED);
        }
        ShownLine { source, window, text }
    }

    /// Where in `text` something starts that starts at `byte` of the source; at the mark of the
    /// clipping if it was clipped.
    pub fn start(&self, byte: usize) -> usize {
        if byte < self.window.start {
            0
        } else if byte > self.window.end {
            self.shown_len(self.window.end)
        } else {
            self.shown_len(byte)
        }
    }

    /// Where in `text` something ends that ends at `byte` of the source; behind the mark of the
    /// clipping if it was clipped.
    pub fn end(&self, byte: usize) -> usize {
        if byte < self.window.start {
            CLIPPED.len()
        } else if byte > self.window.end {
            self.text.len()
        } else {
            self.shown_len(byte)
        }
    }

    /// How many bytes of `text` stand before `byte` of the source, which lies in the window.
    fn shown_len(&self, byte: usize) -> usize {
        let byte = boundary_before(self.source, byte);
        let mut before = String::new();
        if self.window.start > 0 {
            before.push_str(CLIPPED);
        }
        before.extend_visible(&self.source[self.window.start..byte.max(self.window.start)]);
        before.len()
    }
}

/// The nearest place between two characters of `text` that is not behind `byte`.
pub(super) fn boundary_before(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

trait ExtendVisible {
    fn extend_visible(&mut self, text: &str);
}

impl ExtendVisible for String {
    fn extend_visible(&mut self, text: &str) {
        text.chars().for_each(|c| push_visible(self, c));
    }
}

/// The bytes of `source` to show: all of a short line, else [`WIDTH`] characters that begin
/// [`LEAD`] before `focus`.
fn window(source: &str, focus: usize) -> Range<usize> {
    if source.len() <= WIDTH {
        return 0..source.len();
    }
    let focus = boundary_before(source, focus);
    let start = back(source, focus, LEAD);
    let end = forward(source, start, WIDTH);
    if end == source.len() {
        // There is room on the left: the line ends before the window does.
        return back(source, end, WIDTH)..end;
    }
    start..end
}

/// The place `count` characters before `byte`.
fn back(source: &str, byte: usize, count: usize) -> usize {
    let mut before = source[..byte].char_indices().rev();
    before.nth(count.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// The place `count` characters behind `byte`.
fn forward(source: &str, byte: usize, count: usize) -> usize {
    let mut behind = source[byte..].char_indices();
    behind.nth(count).map_or(source.len(), |(at, _)| byte + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole() {
        let line = ShownLine::new("  cöres = 4;", 2);
        assert_eq!(line.text, "  cöres = 4;");
        assert_eq!((line.start(2), line.end(8)), (2, 8));
    }

    #[test]
    fn a_long_line_is_clipped_on_both_sides_and_labels_stay_on_their_text() {
        let source = format!("{}HERE{}", "ä".repeat(1000), "z".repeat(300_000));
        let at = 2000;
        let line = ShownLine::new(&source, at);
        assert!(line.text.starts_with("…ä") && line.text.ends_with("z…"));
        assert_eq!(line.text.chars().count(), WIDTH + 2);
        assert_eq!(&line.text[line.start(at)..line.end(at + 4)], "HERE");
        assert_eq!(&line.text[line.start(0)..line.end(2)], "…");
        assert_eq!(&line.text[line.start(250_000)..line.end(250_001)], "…");
    }

    #[test]
    fn the_end_of_a_long_line_fills_the_window() {
        let source = format!("{}HERE", "a".repeat(1000));
        let line = ShownLine::new(&source, 1000);
        assert_eq!(line.text.chars().count(), WIDTH + 1);
        assert_eq!(&line.text[line.start(1000)..line.end(1004)], "HERE");
    }

    #[test]
    fn escapes_move_what_follows() {
        let line = ShownLine::new("a\u{1b}[0mb", 0);
        assert_eq!(line.text, "a\\u{1b}[0mb");
        assert_eq!(&line.text[line.start(5)..line.end(6)], "b");
        assert_eq!(&line.text[line.start(1)..line.end(2)], "\\u{1b}");
    }

    #[test]
    fn an_offset_inside_a_character_does_no_harm() {
        let line = ShownLine::new("äb", 1);
        assert_eq!(line.start(1), 0);
        assert_eq!(line.end(99), 3);
    }
}
