//! From byte offsets to the lines and columns people and editors count in, and back.
//!
//! A line ends at `\n`, `\r\n` or a lone `\r`, as Nix and the language server protocol count.

use text_size::TextSize;

/// A place as people read it, with the byte a tool would seek to.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
    /// The byte of the file on disk, from 0, a byte order mark included.
    pub offset: u32,
}

/// A place as editors count it.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct Utf16Position {
    /// The line, from 0.
    pub line: u32,
    /// The column, from 0, in UTF-16 code units.
    pub character: u32,
}

/// Where each line of one text begins. Holds no text: every question brings the one it was made of.
#[derive(Debug)]
pub struct LineIndex {
    starts: Box<[TextSize]>,
}

impl LineIndex {
    /// Finds the lines of `text`. There is always at least one.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let ends_line = |(at, byte): (usize, &u8)| {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            ends.then(|| size(at + 1))
        };
        let starts = std::iter::once(size(0));
        LineIndex { starts: starts.chain(bytes.iter().enumerate().filter_map(ends_line)).collect() }
    }

    /// How many lines there are; a text that ends in a line break has an empty last one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: even an empty text is one line.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The line `offset` lies on, from 0.
    pub fn line(&self, offset: TextSize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Where `line` (from 0) begins; `None` after the last.
    pub fn start(&self, line: usize) -> Option<TextSize> {
        self.starts.get(line).copied()
    }

    /// The text of `line` (from 0) without its line break; empty after the last.
    pub fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let Some(start) = self.start(line) else {
            return "";
        };
        let end = self.start(line + 1).map_or(text.len(), usize::from);
        let whole = text.get(usize::from(start)..end).unwrap_or_default();
        whole.strip_suffix('\n').map_or_else(
            || whole.strip_suffix('\r').unwrap_or(whole),
            |line| line.strip_suffix('\r').unwrap_or(line),
        )
    }

    /// The line and column, both from 0, of `offset`, the column in the unit `width` measures, and
    /// the offset they stand for: the text's end when it is past that, the character's start when
    /// inside one.
    pub(super) fn locate(
        &self,
        text: &str,
        offset: TextSize,
        width: fn(char) -> usize,
    ) -> (u32, u32, TextSize) {
        let end = floor_boundary(text, usize::from(offset));
        let line = self.line(size(end));
        let start = self.starts.get(line).copied().map_or(0, usize::from);
        let before = text.get(start..end).unwrap_or_default();
        (saturate(line), saturate(before.chars().map(width).sum()), size(end))
    }

    /// The offset of a line and column, both from 0; a column past the line's end means its end,
    /// a line past the last the text's end, and the middle of a character its start.
    pub(super) fn find(
        &self,
        text: &str,
        line: u32,
        column: u32,
        width: fn(char) -> usize,
    ) -> TextSize {
        let Some(start) = self.start(line as usize) else {
            return size(text.len());
        };
        let mut left = column as usize;
        let mut at = usize::from(start);
        for character in self.text(text, line as usize).chars() {
            let Some(rest) = left.checked_sub(width(character)) else {
                break;
            };
            left = rest;
            at += character.len_utf8();
        }
        size(at)
    }
}

/// The greatest character boundary of `text` that is not after `offset`.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn size(offset: usize) -> TextSize {
    TextSize::new(saturate(offset))
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
