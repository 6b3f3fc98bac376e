//! Between the library's types and the protocol's: places, findings' severities, edits, addresses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use text_size::{TextRange, TextSize};

use super::client::Client;
use super::documents::Document;
use crate::config::Severity;
use crate::source::{Edit, Eol, FileId, SourceFile, Span, Tree, Utf16Position};

/// The unit that an editor counts columns in.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The cheapest of those that the editor offers; UTF-16 when it offers none.
    pub(super) fn choose(offered: Option<&[lsp::PositionEncodingKind]>) -> Encoding {
        let offered = offered.unwrap_or_default();
        [Encoding::Utf8, Encoding::Utf32]
            .into_iter()
            .find(|encoding| offered.contains(&encoding.kind()))
            .unwrap_or(Encoding::Utf16)
    }

    /// The protocol's word for it.
    pub(super) fn kind(self) -> lsp::PositionEncodingKind {
        match self {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
            Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
        }
    }

    /// Where `offset` is for the editor.
    pub(super) fn position(self, source: &SourceFile, offset: TextSize) -> lsp::Position {
        let offset = offset.min(source.range().end());
        match self {
            Encoding::Utf8 => {
                let line = source.lines().line(offset);
                let start = source.lines().start(line).unwrap_or_default();
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                lsp::Position { line, character: (offset - start).into() }
            }
            Encoding::Utf16 => {
                let Utf16Position { line, character } = source.utf16_position(offset);
                lsp::Position { line, character }
            }
            Encoding::Utf32 => {
                let position = source.position(offset);
                lsp::Position { line: position.line - 1, character: position.column - 1 }
            }
        }
    }

    /// What the editor means by `position`, clamped to the text.
    pub(super) fn offset(self, source: &SourceFile, position: lsp::Position) -> TextSize {
        let lsp::Position { line, character } = position;
        match self {
            Encoding::Utf8 => {
                let Some(start) = source.lines().start(line as usize) else {
                    return source.range().end();
                };
                let text = source.lines().text(&source.text, line as usize);
                let mut column = text.len().min(character as usize);
                while !text.is_char_boundary(column) {
                    column -= 1;
                }
                start + TextSize::of(&text[..column])
            }
            Encoding::Utf16 => source.utf16_offset(Utf16Position { line, character }),
            Encoding::Utf32 => source.offset(line.saturating_add(1), character.saturating_add(1)),
        }
    }

    /// Where `range` is for the editor.
    pub(super) fn range(self, source: &SourceFile, range: TextRange) -> lsp::Range {
        lsp::Range {
            start: self.position(source, range.start()),
            end: self.position(source, range.end()),
        }
    }

    /// What the editor means by `range`; an inverted one is empty.
    pub(super) fn text_range(self, source: &SourceFile, range: lsp::Range) -> TextRange {
        let start = self.offset(source, range.start);
        TextRange::new(start, self.offset(source, range.end).max(start))
    }
}

/// The path on this machine that an address names, if it does.
pub(super) fn path_of(uri: &lsp::Uri) -> Option<PathBuf> {
    (uri.scheme() == "file").then(|| uri.to_file_path().ok()).flatten()
}

/// The protocol's severity.
pub(super) fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
        Severity::Info => lsp::DiagnosticSeverity::Information,
    }
}

/// A text in Markdown, as the editor can show it.
pub(super) fn markup(text: String, renders_markdown: bool) -> lsp::MarkupContent {
    match renders_markdown {
        true => lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text },
        false => lsp::MarkupContent { kind: lsp::MarkupKind::PlainText, value: plain(&text) },
    }
}

/// What Markdown of ours says: without emphasis and code marks, links by their names, and nothing
/// escaped.
fn plain(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['\\', '*', '`', '[']) {
        plain.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        let link = || after.split_once("](").filter(|(name, _)| !name.contains(['[', '\n']));
        rest = match mark {
            "\\" => {
                let next = after.chars().next();
                plain.extend(next);
                &after[next.map_or(0, char::len_utf8)..]
            }
            "[" => match link().and_then(|(name, rest)| Some((name, rest.split_once(')')?.1))) {
                Some((name, rest)) => {
                    plain.push_str(name);
                    rest
                }
                None => {
                    plain.push('[');
                    after
                }
            },
            _ => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// Tells the places of one tree to one editor: open documents by the address and version that the
/// editor gave them.
#[derive(Copy, Clone)]
pub(super) struct Places<'a> {
    pub(super) client: &'a Client,
    pub(super) tree: &'a Tree,
    pub(super) open: &'a BTreeMap<FileId, std::sync::Arc<Document>>,
}

impl Places<'_> {
    /// The address of a file.
    pub(super) fn uri(&self, file: FileId) -> Option<lsp::Uri> {
        if let Some(document) = self.open.get(&file) {
            return Some(document.uri.clone());
        }
        let path: PathBuf = self.tree.root().join(self.tree.path(file));
        uri_of(&path)
    }

    /// The version of a file that is open.
    pub(super) fn version(&self, file: FileId) -> Option<i32> {
        self.open.get(&file).map(|document| document.version)
    }

    /// A range of a file; the file's start when it cannot be read.
    pub(super) fn range(&self, span: Span) -> lsp::Range {
        let source = self.tree.source(span.file);
        source.map(|source| self.client.encoding.range(&source, span.range)).unwrap_or_default()
    }

    /// A range of a file, with the file.
    pub(super) fn location(&self, span: Span) -> Option<lsp::Location> {
        Some(lsp::Location { uri: self.uri(span.file)?, range: self.range(span) })
    }

    /// Edits in any number of files, to be made together. None when one of them cannot be told.
    pub(super) fn workspace_edit<'e>(
        &self,
        edits: impl IntoIterator<Item = (FileId, &'e Edit)>,
    ) -> Option<lsp::WorkspaceEdit> {
        let mut by_file: BTreeMap<FileId, Vec<lsp::TextEdit>> = BTreeMap::new();
        for (file, edit) in edits {
            let source = self.tree.source(file).ok()?;
            by_file.entry(file).or_default().push(lsp::TextEdit {
                range: self.client.encoding.range(&source, edit.range),
                new_text: with_line_ends(&edit.text, source.eol),
            });
        }
        if !self.client.versioned_edits {
            let changes = by_file.into_iter().map(|(file, edits)| Some((self.uri(file)?, edits)));
            let changes = Some(changes.collect::<Option<_>>()?);
            return Some(lsp::WorkspaceEdit { changes, ..Default::default() });
        }
        let change = |(file, edits): (FileId, Vec<lsp::TextEdit>)| {
            let text_document = lsp::OptionalVersionedTextDocumentIdentifier {
                version: self.version(file),
                text_document_identifier: lsp::TextDocumentIdentifier { uri: self.uri(file)? },
            };
            let edits = edits.into_iter().map(lsp::Edit::TextEdit).collect();
            let edit = lsp::TextDocumentEdit { text_document, edits };
            Some(lsp::DocumentChange::TextDocumentEdit(edit))
        };
        let changes = by_file.into_iter().map(change).collect::<Option<_>>()?;
        Some(lsp::WorkspaceEdit { document_changes: Some(changes), ..Default::default() })
    }
}

/// The address of a path on this machine.
pub(super) fn uri_of(path: &Path) -> Option<lsp::Uri> {
    lsp::Uri::from_file_path(path).ok()
}

fn with_line_ends(text: &str, eol: Eol) -> String {
    match eol {
        Eol::Lf => text.to_owned(),
        Eol::CrLf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_renders_nothing_is_sent_plain_text() {
        let text = "**a\\_b** (`x = 1;`)\n- written [p.nix:3](file:///p.nix#L3): `[ 1 ]` é\\";
        let shown = "a_b (x = 1;)\n- written p.nix:3: [ 1 ] é";
        assert_eq!(markup(text.to_owned(), false).value, shown);
        assert_eq!(markup(text.to_owned(), true).value, text);
        assert_eq!(plain("[a]( and [b"), "[a]( and [b");
    }

    #[test]
    fn places_survive_the_way_there_and_back() {
        let source = SourceFile::new("a.nix", "\"ä𝄞\" \r\nb\nc");
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (offset, _) in source.text.char_indices().filter(|(_, c)| *c != '\n') {
                let offset = TextSize::try_from(offset).expect("a short text");
                let position = encoding.position(&source, offset);
                assert_eq!(encoding.offset(&source, position), offset, "{encoding:?}");
            }
        }
    }

    #[test]
    fn columns_are_counted_as_the_editor_does() {
        let source = SourceFile::new("a.nix", "\"ä𝄞\" b");
        let character = |encoding: Encoding| encoding.position(&source, 9.into()).character;
        assert_eq!(character(Encoding::Utf8), 9);
        assert_eq!(character(Encoding::Utf16), 6);
        assert_eq!(character(Encoding::Utf32), 5);
    }

    #[test]
    fn a_place_outside_of_the_text_is_its_end() {
        let source = SourceFile::new("a.nix", "ä\nb");
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let end = |line, character| {
                u32::from(encoding.offset(&source, lsp::Position { line, character }))
            };
            assert_eq!(end(0, 99), 2);
            assert_eq!(end(9, 0), 4);
            assert_eq!(end(u32::MAX, u32::MAX), 4);
        }
        // The middle of a character is its start.
        let middle = lsp::Position { line: 0, character: 1 };
        assert_eq!(Encoding::Utf8.offset(&source, middle), 0.into());
    }

    #[test]
    fn the_editor_and_we_agree_on_a_unit() {
        use lsp::PositionEncodingKind as Kind;
        assert_eq!(Encoding::choose(None), Encoding::Utf16);
        assert_eq!(Encoding::choose(Some(&[Kind::UTF16])), Encoding::Utf16);
        assert_eq!(Encoding::choose(Some(&[Kind::UTF16, Kind::UTF32])), Encoding::Utf32);
        let all = [Kind::UTF16, Kind::UTF32, Kind::UTF8];
        assert_eq!(Encoding::choose(Some(&all)), Encoding::Utf8);
    }
}
