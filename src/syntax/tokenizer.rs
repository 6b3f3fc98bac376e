//! The tokens of a text, as the parser's tokenizer gives them, in a fraction of the time.
//!
//! Most tokens are white space, names, strings and brackets, which their first bytes tell: those are
//! read here. What may be a number, an address, a path or an operator of several marks is left to the
//! parser's tokenizer, one token at a time. What is open around a token is kept here.

#[cfg(test)]
mod tests;

use rnix::SyntaxKind::{self, *};

/// The tokens of `text`, with their texts.
pub(super) fn tokenize(text: &str) -> impl Iterator<Item = (SyntaxKind, &str)> {
    let mut tokenizer = Tokenizer { text, at: 0, open: Vec::new(), run_end: 0 };
    std::iter::from_fn(move || {
        let start = tokenizer.at;
        let kind = tokenizer.next()?;
        Some((kind, text.get(start..tokenizer.at).unwrap_or_default()))
    })
}

struct Tokenizer<'t> {
    text: &'t str,
    /// Bytes that were read.
    at: usize,
    open: Vec<Open>,
    /// Where the run of characters ends that was last looked at, which may be part of a path.
    run_end: usize,
}

/// What is open at one place of a text.
#[derive(Copy, Clone)]
enum Open {
    /// The inside of a string.
    Text { is_indented: bool },
    /// A string before its closing quotes.
    TextEnd,
    /// A hole before its `${`.
    HoleStart,
    /// A hole, and so many brackets inside it.
    Hole { brackets: u32 },
    /// A path of this kind behind its first piece.
    Path(SyntaxKind),
}

impl Tokenizer<'_> {
    /// The byte so many behind the last that was read; 0 behind the end, which is part of no token.
    fn ahead(&self, count: usize) -> u8 {
        self.text.as_bytes().get(self.at + count).copied().unwrap_or(0)
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn starts_with(&self, beginning: [u8; 2]) -> bool {
        self.ahead(0) == beginning[0] && self.ahead(1) == beginning[1]
    }

    fn take_while(&mut self, is_part: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
    }

    fn taken(&mut self, bytes: usize, kind: SyntaxKind) -> Option<SyntaxKind> {
        self.at += bytes;
        Some(kind)
    }

    fn next(&mut self) -> Option<SyntaxKind> {
        loop {
            match self.open.last().copied() {
                Some(Open::Text { is_indented }) => {
                    let start = self.at;
                    let kind = self.inside_text(is_indented);
                    if self.at > start {
                        return Some(kind);
                    }
                }
                Some(Open::TextEnd) => {
                    self.open.pop();
                    let quotes = if self.ahead(0) == b'"' { 1 } else { 2 };
                    return self.taken(quotes, TOKEN_STRING_END);
                }
                Some(Open::HoleStart) => {
                    self.open.pop();
                    return self.hole();
                }
                Some(Open::Path(kind)) => {
                    if self.starts_with(*b"${") {
                        return self.hole();
                    }
                    if is_of_path(self.ahead(0)) {
                        return Some(self.more_of_path(kind));
                    }
                    self.open.pop();
                }
                Some(Open::Hole { .. }) | None => return self.outside_text(),
            }
        }
    }

    fn hole(&mut self) -> Option<SyntaxKind> {
        self.open.push(Open::Hole { brackets: 0 });
        self.taken(2, TOKEN_INTERPOL_START)
    }

    /// What stands in a string before its end, its next hole, or the end of the text. Behind nothing,
    /// that is no token.
    fn inside_text(&mut self, is_indented: bool) -> SyntaxKind {
        let is_special = |byte: u8| match byte {
            b'$' => true,
            b'\'' => is_indented,
            b'"' | b'\\' => !is_indented,
            _ => false,
        };
        loop {
            self.take_while(|byte| !is_special(byte));
            if self.is_at_end() {
                self.open.pop();
                return TOKEN_ERROR;
            }
            match (self.ahead(0), self.ahead(1)) {
                (b'$', b'$') => self.at += 2,
                (b'$', b'{') => {
                    self.open.push(Open::HoleStart);
                    return TOKEN_STRING_CONTENT;
                }
                (b'"', _) => return self.end_of_text(),
                (b'\'', b'\'') => match self.ahead(2) {
                    b'\'' | b'$' => self.at += 3,
                    b'\\' => self.at += 3 + self.width_of_char(3),
                    _ => return self.end_of_text(),
                },
                (b'\\', _) => self.at += 1 + self.width_of_char(1),
                _ => self.at += 1,
            }
        }
    }

    fn end_of_text(&mut self) -> SyntaxKind {
        self.open.pop();
        self.open.push(Open::TextEnd);
        TOKEN_STRING_CONTENT
    }

    /// How long the character is that begins so many bytes ahead; 0 at the end.
    fn width_of_char(&self, count: usize) -> usize {
        let rest = self.text.get(self.at + count..);
        rest.and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    fn more_of_path(&mut self, kind: SyntaxKind) -> SyntaxKind {
        let start = self.at;
        self.take_while(is_of_path);
        if self.starts_with(*b"${") {
            self.open.push(Open::HoleStart);
            return kind;
        }
        let piece = self.text.get(start..self.at).unwrap_or_default();
        if piece.ends_with('/') || piece.contains("//") {
            return TOKEN_ERROR;
        }
        self.open.pop();
        kind
    }

    fn outside_text(&mut self) -> Option<SyntaxKind> {
        let first = self.ahead(0);
        match first {
            b' ' | b'\t'..=b'\r' => self.white_space(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'.' if !matches!(self.ahead(1), b'.' | b'0'..=b'9') && self.behind_run() != b'/' => {
                self.taken(1, TOKEN_DOT)
            }
            b';' => self.taken(1, TOKEN_SEMICOLON),
            b'=' if self.ahead(1) != b'=' => self.taken(1, TOKEN_ASSIGN),
            b'"' => {
                self.open.push(Open::Text { is_indented: false });
                self.taken(1, TOKEN_STRING_START)
            }
            b'\'' if self.ahead(1) == b'\'' => {
                self.open.push(Open::Text { is_indented: true });
                self.taken(2, TOKEN_STRING_START)
            }
            b'{' => {
                if let Some(Open::Hole { brackets }) = self.open.last_mut() {
                    *brackets += 1;
                }
                self.taken(1, TOKEN_L_BRACE)
            }
            b'}' => self.closing_brace(),
            b'$' if self.ahead(1) == b'{' => self.hole(),
            b'(' => self.taken(1, TOKEN_L_PAREN),
            b')' => self.taken(1, TOKEN_R_PAREN),
            b'[' => self.taken(1, TOKEN_L_BRACK),
            b']' => self.taken(1, TOKEN_R_BRACK),
            b':' => self.taken(1, TOKEN_COLON),
            b',' => self.taken(1, TOKEN_COMMA),
            b'?' => self.taken(1, TOKEN_QUESTION),
            b'@' => self.taken(1, TOKEN_AT),
            b'#' => {
                self.take_while(|byte| byte != b'\n');
                Some(TOKEN_COMMENT)
            }
            _ => self.as_the_parser_reads_it(),
        }
    }

    fn white_space(&mut self) -> Option<SyntaxKind> {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r'));
        if !self.ahead(0).is_ascii() {
            self.at = self.text.len() - self.rest().trim_start().len();
        }
        Some(TOKEN_WHITESPACE)
    }

    fn closing_brace(&mut self) -> Option<SyntaxKind> {
        let kind = match self.open.last_mut() {
            Some(Open::Hole { brackets: 0 }) => {
                self.open.pop();
                TOKEN_INTERPOL_END
            }
            Some(Open::Hole { brackets }) => {
                *brackets -= 1;
                TOKEN_R_BRACE
            }
            _ => TOKEN_R_BRACE,
        };
        self.taken(1, kind)
    }

    /// A name or keyword, if no path or address begins with it.
    fn word(&mut self) -> Option<SyntaxKind> {
        let may_be_more = match self.behind_run() {
            b'/' => true,
            // Behind the name of a parameter there is white space.
            b':' => {
                let behind = self.text.as_bytes().get(self.run_end + 1);
                behind.is_some_and(|behind| !behind.is_ascii_whitespace())
            }
            _ => false,
        };
        if may_be_more {
            return self.as_the_parser_reads_it();
        }
        let start = self.at;
        self.take_while(|byte| MARKS[usize::from(byte)] & OF_NAME != 0);
        Some(match self.text.get(start..self.at).unwrap_or_default() {
            "assert" => TOKEN_ASSERT,
            "else" => TOKEN_ELSE,
            "if" => TOKEN_IF,
            "in" => TOKEN_IN,
            "inherit" => TOKEN_INHERIT,
            "let" => TOKEN_LET,
            "or" => TOKEN_OR,
            "rec" => TOKEN_REC,
            "then" => TOKEN_THEN,
            "with" => TOKEN_WITH,
            _ => TOKEN_IDENT,
        })
    }

    /// What stands behind the run of characters that may be the first name of a path; 0 at the end.
    fn behind_run(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        if self.run_end <= self.at {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let is_behind = |byte: &u8| *byte == b'/' || !is_of_path(*byte);
            self.run_end = self.at + rest.iter().position(is_behind).unwrap_or(rest.len());
        }
        bytes.get(self.run_end).copied().unwrap_or(0)
    }

    /// The next token as the parser's tokenizer reads it.
    fn as_the_parser_reads_it(&mut self) -> Option<SyntaxKind> {
        let (kind, token) = rnix::tokenize(self.rest()).next()?;
        self.at += token.len();
        let may_go_on = matches!(kind, TOKEN_PATH_ABS | TOKEN_PATH_HOME | TOKEN_PATH_REL);
        if may_go_on && self.starts_with(*b"${") {
            self.open.extend([Open::Path(kind), Open::HoleStart]);
        }
        Some(kind)
    }
}

fn is_of_path(byte: u8) -> bool {
    MARKS[usize::from(byte)] & OF_PATH != 0
}

/// What each byte may be part of: most of a text is asked for that, a byte at a time.
static MARKS: [u8; 256] = marks();

/// It may be part of a path.
const OF_PATH: u8 = 1;

/// It may be part of a name.
const OF_NAME: u8 = 2;

const fn marks() -> [u8; 256] {
    let mut marks = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        marks[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => OF_NAME | OF_PATH,
            b'/' | b'.' | b'+' => OF_PATH,
            b'\'' => OF_NAME,
            _ => 0,
        };
        byte += 1;
    }
    marks
}
