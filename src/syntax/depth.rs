//! A linear scan that refuses text nested so deeply that parsing it would overflow a stack.
//!
//! The parser limits brackets but recurses without limit on operator chains, prefix operators,
//! selections and applications, and its token interning is quadratic in their depth. This scan
//! knows just enough of the lexical grammar (strings, comments, brackets) to bound both.

use text_size::TextSize;

/// How deep an expression may be before its file is refused.
#[derive(Copy, Clone, Debug)]
pub struct DepthLimit {
    /// Brackets, strings and interpolations inside each other. nixpkgs peaks at about 250.
    pub nesting: usize,
    /// Operators, arguments and selections in one expression.
    pub chain: usize,
}

impl Default for DepthLimit {
    fn default() -> DepthLimit {
        DepthLimit { nesting: 400, chain: 4000 }
    }
}

/// The place at which a text goes deeper than its limit.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TooDeep {
    /// Bytes from the start of the text.
    pub offset: TextSize,
}

/// One open bracket or string.
struct Level {
    kind: LevelKind,
    /// Words and operators since the last separator of this level.
    chain: usize,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum LevelKind {
    /// The whole text, `( )`, or `${ }`.
    Plain,
    /// `{ }`.
    Braces,
    /// `[ ]`, whose elements stand beside each other and nest nothing.
    List,
    /// `" "`.
    String,
    /// `'' ''`.
    Indented,
}

/// Checks `text` against `limit` in one pass over its bytes.
///
/// # Errors
///
/// The first place at which the limit is passed.
pub(super) fn check_depth(text: &str, limit: DepthLimit) -> Result<(), TooDeep> {
    let mut scan =
        Scan { bytes: text.as_bytes(), at: 0, levels: vec![Level::new(LevelKind::Plain)] };
    while scan.at < scan.bytes.len() {
        scan.step();
        let deep = scan.levels.len() > limit.nesting
            || scan.levels.last().is_some_and(|level| level.chain > limit.chain);
        if deep {
            let offset = TextSize::new(u32::try_from(scan.at).unwrap_or(u32::MAX));
            return Err(TooDeep { offset });
        }
    }
    Ok(())
}

impl Level {
    fn new(kind: LevelKind) -> Level {
        Level { kind, chain: 0 }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
}

impl Scan<'_> {
    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(prefix))
    }

    fn step(&mut self) {
        match self.levels.last().map(|level| level.kind) {
            Some(LevelKind::String) => self.step_string(),
            Some(LevelKind::Indented) => self.step_indented(),
            _ => self.step_code(),
        }
    }

    fn open(&mut self, kind: LevelKind, width: usize) {
        self.levels.push(Level::new(kind));
        self.at += width;
    }

    fn close(&mut self, width: usize) {
        if self.levels.len() > 1 {
            self.levels.pop();
        }
        self.at += width;
    }

    fn step_string(&mut self) {
        match self.bytes[self.at] {
            b'"' => self.close(1),
            b'\\' => self.at += 2,
            b'$' if self.starts_with(b"$${") => self.at += 2,
            b'$' if self.starts_with(b"${") => self.open(LevelKind::Plain, 2),
            _ => self.at += 1,
        }
    }

    fn step_indented(&mut self) {
        if self.starts_with(b"''$") || self.starts_with(b"'''") {
            self.at += 3;
        } else if self.starts_with(b"''\\") {
            self.at += 4;
        } else if self.starts_with(b"''") {
            self.close(2);
        } else if self.starts_with(b"$${") {
            self.at += 2;
        } else if self.starts_with(b"${") {
            self.open(LevelKind::Plain, 2);
        } else {
            self.at += 1;
        }
    }

    fn step_code(&mut self) {
        match self.bytes[self.at] {
            b'#' => self.skip_until(b"\n"),
            b'/' if self.starts_with(b"/*") => self.skip_until(b"*/"),
            b'"' => self.open_counted(LevelKind::String, 1),
            b'\'' if self.starts_with(b"''") => self.open_counted(LevelKind::Indented, 2),
            b'(' => self.open_counted(LevelKind::Plain, 1),
            b'{' => self.open_counted(LevelKind::Braces, 1),
            b'[' => self.open_counted(LevelKind::List, 1),
            b'$' if self.starts_with(b"${") => self.open_counted(LevelKind::Plain, 2),
            b')' | b'}' | b']' => self.close(1),
            b';' | b',' => {
                self.end_expression();
                self.at += 1;
            }
            byte if is_word(byte) => self.skip_word(),
            byte if byte.is_ascii_whitespace() => self.at += 1,
            _ => {
                self.lengthen_chain();
                self.at += 1;
            }
        }
    }

    fn open_counted(&mut self, kind: LevelKind, width: usize) {
        self.count_operand();
        self.open(kind, width);
    }

    fn skip_word(&mut self) {
        self.count_operand();
        while self.bytes.get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
    }

    /// Each operand lengthens an application, except in a list, where it starts a new element.
    fn count_operand(&mut self) {
        let after_dot = self.at > 0 && self.bytes[self.at - 1] == b'.';
        if let Some(level) = self.levels.last_mut() {
            match level.kind {
                LevelKind::List if !after_dot => level.chain = 0,
                _ => level.chain += 1,
            }
        }
    }

    fn lengthen_chain(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
        }
    }

    fn end_expression(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chain = 0;
        }
    }

    fn skip_until(&mut self, end: &[u8]) {
        self.at += 1;
        while self.at < self.bytes.len() && !self.starts_with(end) {
            self.at += 1;
        }
        self.at += end.len();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        check_depth(text, DepthLimit::default()).is_ok()
    }

    #[test]
    fn deep_nesting_and_long_chains_are_refused() {
        for unit in [
            "[",
            "(",
            "{a=",
            "${",
            "!",
            "- ",
            "x: ",
            "a.",
            "f ",
            "a + ",
            "a ++ ",
            "if a then b else ",
            "a b.",
        ] {
            assert!(!accepts(&unit.repeat(100_000)), "{unit:?}");
        }
        assert!(!accepts(&"\"${".repeat(1000)));
    }

    #[test]
    fn wide_data_is_accepted() {
        assert!(accepts(&format!("[{}]", " 1 \"a\" { b = 1; } (f x)".repeat(100_000))));
        assert!(accepts(&format!("{{{}}}", "a = f x y; ".repeat(100_000))));
        assert!(accepts(&format!("''{}''", "text ( [ { ''${ ''' $${ ".repeat(10_000))));
        assert!(accepts(&format!("\"{}\"", "( [ { \\\" $${ ".repeat(10_000))));
        assert!(accepts(&format!("{}1", "# ((((\n".repeat(10_000))));
        assert!(accepts(&format!("/* {} */ 1", "((((".repeat(10_000))));
        assert!(accepts(&format!("{{ {} }}: 1", "a, ".repeat(100_000))));
    }

    #[test]
    fn many_lets_are_accepted() {
        assert!(accepts(&format!("let {} in 1", "a = b.c.d; ".repeat(10_000))));
    }
}
