//! JSON that is as harmless on a terminal as text is: what would steer one stands in it as an
//! escape, which means the same to every reader.

use std::io::{self, Write};

use serde::Serialize;

use super::visible::is_hidden;

/// Writes `value` on one line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_compact(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(Escaping(out), value).map_err(io::Error::from)
}

/// Writes `value` on several lines, without a line break at the end.
///
/// # Errors
///
/// Those of `out`.
pub fn write_pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaping(out), value).map_err(io::Error::from)
}

/// Escapes what [`is_hidden`] and what JSON leaves as it is: only strings hold such characters.
struct Escaping<'w>(&'w mut dyn Write);

impl Write for Escaping<'_> {
    /// Is handed whole strings and pieces of JSON, never half a character.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut written = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| *c != '\n' && is_hidden(*c)) {
            self.0.write_all(&bytes[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        self.0.write_all(&bytes[written..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let value =
            serde_json::json!({ "k\u{9b}": ["\u{1b}[31m\u{7f}\u{202e}\u{feff}\n", "ä\u{1f600}"] });
        for write in [write_compact, write_pretty] {
            let mut out = Vec::new();
            write(&mut out, &value).expect("writing to memory works");
            let text = String::from_utf8(out).expect("JSON is UTF-8");
            assert!(!text.contains(|c| c != '\n' && is_hidden(c)), "{text}");
            assert!(text.contains("k\\u009b") && text.contains("ä\u{1f600}"), "{text}");
            let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(read, value);
        }
    }
}
