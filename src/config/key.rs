//! How keys and texts are written in TOML.

use std::fmt::Write as _;

/// The keys with dots between them, in quotes where TOML wants them.
pub fn dotted(path: &[&str]) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let written = |key: &&str| match !key.is_empty() && key.chars().all(is_bare) {
        true => (*key).to_owned(),
        false => quoted(key),
    };
    path.iter().map(written).collect::<Vec<_>>().join(".")
}

/// `text` in quotes and on one line, whatever is in it: what is neither a letter nor a usual sign is
/// written as an escape, for it could act where the text is shown.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            '"' | '\\' => write!(quoted, "\\{c}"),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => write!(quoted, "{c}"),
            c if u32::from(c) <= 0xffff => write!(quoted, "\\u{:04X}", u32::from(c)),
            c => write!(quoted, "\\U{:08X}", u32::from(c)),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_written_and_read_again() {
        for text in ["", "a b", "héllo", "a\"b\\c", "a\nb = 1", "\u{1b}[31m\u{9b}\u{202e}", "👩 #'"]
        {
            let written = quoted(text);
            let is_harmless = |c: char| c.is_alphanumeric() || c == ' ' || c.is_ascii_graphic();
            assert!(written.chars().all(is_harmless), "{written}");
            let table: toml::Table = format!("{written} = {written}").parse().expect("it is TOML");
            assert_eq!(table.get(text).and_then(toml::Value::as_str), Some(text));
        }
        assert_eq!(dotted(&["host", "a-b", "c\nd"]), "host.a-b.\"c\\u000Ad\"");
    }
}
