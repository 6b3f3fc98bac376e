//! One file's text, ready to be analysed: decoded, its byte order mark set aside, its line endings
//! known, and every question about places answered.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use text_size::{TextRange, TextSize};

use super::error::ReadError;
use super::lines::{LineIndex, Position, Utf16Position};

/// UTF-8's byte order mark.
pub(super) const BOM: &str = "\u{feff}";

/// The marks that locked secrets begin with, and whose they are.
const SECRETS: &[(&[u8], &str)] = &[
    (b"\0GITCRYPT\0", "git-crypt"),
    (b"age-encryption.org/v1", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"-----BEGIN PGP MESSAGE-----", "PGP"),
    (b"$ANSIBLE_VAULT;", "ansible-vault"),
    (b"{\n\t\"data\": \"ENC[", "sops"),
];

/// How lines end.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default)]
pub enum Eol {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
}

impl Eol {
    /// The ending most lines of `text` have; `Lf` when neither leads.
    pub fn dominant(text: &str) -> Eol {
        if !text.contains('\r') {
            return Eol::Lf;
        }
        let breaks = text.matches('\n').count();
        let with_return = text.matches("\r\n").count();
        if with_return * 2 > breaks { Eol::CrLf } else { Eol::Lf }
    }

    /// The ending itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Eol::Lf => "\n",
            Eol::CrLf => "\r\n",
        }
    }
}

/// One file of a tree.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it lies, relative to the root.
    pub path: PathBuf,
    /// Its text, without a byte order mark.
    pub text: Arc<str>,
    /// Whether a byte order mark stands before the text on disk.
    pub bom: bool,
    /// How most of its lines end.
    pub eol: Eol,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// A file of the given text; a byte order mark at its start is set aside.
    pub fn new(path: impl Into<PathBuf>, text: &str) -> SourceFile {
        let stripped = text.strip_prefix(BOM);
        let text = stripped.unwrap_or(text);
        SourceFile {
            path: path.into(),
            text: Arc::from(text),
            bom: stripped.is_some(),
            eol: Eol::dominant(text),
            lines: OnceLock::new(),
        }
    }

    /// A file of the given bytes.
    ///
    /// # Errors
    /// When the bytes are a locked secret, not UTF-8, or hold a NUL.
    pub fn decode(path: impl Into<PathBuf>, bytes: &[u8]) -> Result<SourceFile, ReadError> {
        if let Some((_, with)) = SECRETS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
            return Err(ReadError::Encrypted { with });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| ReadError::NotUtf8 { offset: error.valid_up_to() as u64 })?;
        if let Some(offset) = text.find('\0') {
            return Err(ReadError::Binary { offset: offset as u64 });
        }
        Ok(SourceFile::new(path, text))
    }

    /// Its lines; found at the first question, then kept.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Where `offset` is for a person. Past the end means the end, inside a character its start.
    pub fn position(&self, offset: TextSize) -> Position {
        let (line, column, offset) = self.lines().locate(&self.text, offset, |_| 1);
        let mark = if self.bom { BOM.len() as u32 } else { 0 };
        let offset = u32::from(offset).saturating_add(mark);
        Position { line: line + 1, column: column + 1, offset }
    }

    /// The offset of a line and column as in [`Position`], clamped to the text.
    pub fn offset(&self, line: u32, column: u32) -> TextSize {
        let from_zero = (line.saturating_sub(1), column.saturating_sub(1));
        self.lines().find(&self.text, from_zero.0, from_zero.1, |_| 1)
    }

    /// Where `offset` is for an editor.
    pub fn utf16_position(&self, offset: TextSize) -> Utf16Position {
        let (line, character, _) = self.lines().locate(&self.text, offset, char::len_utf16);
        Utf16Position { line, character }
    }

    /// The offset an editor means, clamped to the text.
    pub fn utf16_offset(&self, position: Utf16Position) -> TextSize {
        self.lines().find(&self.text, position.line, position.character, char::len_utf16)
    }

    /// The text of `line` (from 1) without its line break; empty when there is no such line.
    pub fn line_text(&self, line: u32) -> &str {
        let Some(line) = line.checked_sub(1) else {
            return "";
        };
        self.lines().text(&self.text, line as usize)
    }

    /// The text in `range`; empty when the range is not one of this text.
    pub fn slice(&self, range: TextRange) -> &str {
        self.text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
    }

    /// The whole text as a range.
    pub fn range(&self) -> TextRange {
        TextRange::up_to(TextSize::new(u32::try_from(self.text.len()).unwrap_or(u32::MAX)))
    }
}
