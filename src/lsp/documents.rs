//! The documents that are open in the editor, as the editor has them: Nix files, and the
//! configurations that say how to look at them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types as lsp;

use super::conversion::{Encoding, path_of};
use crate::config::is_config;
use crate::source::SourceFile;

/// One open document.
#[derive(Debug)]
pub(super) struct Document {
    /// The address that the editor knows it by.
    pub(super) uri: lsp::Uri,
    /// The editor's number for this text.
    pub(super) version: i32,
    /// Its text.
    pub(super) source: SourceFile,
}

/// All open documents. Cloning is cheap: a clone is what a piece of work sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents {
    sources: ByPath,
    configurations: ByPath,
}

/// Documents by path.
pub(super) type ByPath = Arc<BTreeMap<PathBuf, Arc<Document>>>;

impl Documents {
    /// Takes up a document. One that is no Nix, or no file, is none of ours: then nothing changes.
    pub(super) fn open(&mut self, item: lsp::TextDocumentItem) -> bool {
        let Some(path) = path_of(&item.uri) else { return false };
        let is_nix = path.extension().is_some_and(|extension| extension == "nix");
        let is_ours = is_nix || item.language_id == lsp::LanguageKind::from("nix".to_owned());
        if !is_ours && !is_config(&path) {
            return false;
        }
        self.set(path, item.uri, item.version, &item.text);
        true
    }

    /// Makes the editor's changes, in their order. Whether the document is one of ours.
    pub(super) fn change(
        &mut self,
        params: lsp::DidChangeTextDocumentParams,
        encoding: Encoding,
    ) -> bool {
        let lsp::VersionedTextDocumentIdentifier { version, text_document_identifier } =
            params.text_document;
        let uri = text_document_identifier.uri;
        let Some(path) = path_of(&uri) else { return false };
        let Some(document) = self.get(&path) else { return false };
        let mut text = document.source.text.to_string();
        for change in params.content_changes {
            match change {
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(
                    whole,
                ) => text = whole.text,
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let source = SourceFile::new(&path, &text);
                    let range = encoding.text_range(&source, part.range);
                    text.replace_range(std::ops::Range::<usize>::from(range), &part.text);
                }
            }
        }
        self.set(path, uri, version, &text);
        true
    }

    /// Lets go of a document; from now on its file counts. Whether it was one of ours.
    pub(super) fn close(&mut self, uri: &lsp::Uri) -> bool {
        let Some(path) = path_of(uri) else { return false };
        let (documents, path) = self.kept_in(path);
        documents.contains_key(&path) && Arc::make_mut(documents).remove(&path).is_some()
    }

    /// The document at a path.
    pub(super) fn get(&self, path: &Path) -> Option<&Arc<Document>> {
        match is_config(path) {
            true => self.configurations.get(&real(path)),
            false => self.sources.get(path),
        }
    }

    /// The Nix files, by path.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&PathBuf, &Arc<Document>)> {
        self.sources.iter()
    }

    /// The configurations, by their paths without links.
    pub(super) fn configurations(&self) -> &ByPath {
        &self.configurations
    }

    fn kept_in(&mut self, path: PathBuf) -> (&mut ByPath, PathBuf) {
        match is_config(&path) {
            true => (&mut self.configurations, real(&path)),
            false => (&mut self.sources, path),
        }
    }

    fn set(&mut self, path: PathBuf, uri: lsp::Uri, version: i32, text: &str) {
        let source = SourceFile::new(&path, text);
        let document = Document { uri, version, source };
        let (documents, path) = self.kept_in(path);
        Arc::make_mut(documents).insert(path, Arc::new(document));
    }
}

/// The path with the links above it followed: what is found on the way up from a root.
fn real(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let real = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
    real.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(text: &str, changes: serde_json::Value) -> String {
        let mut documents = Documents::default();
        let uri = "file:///home/a.nix";
        let item = json!({ "uri": uri, "languageId": "nix", "version": 1, "text": text });
        assert!(documents.open(serde_json::from_value(item).expect("an item")));
        let id = json!({ "uri": uri, "version": 2 });
        let params = json!({ "textDocument": id, "contentChanges": changes });
        let params = serde_json::from_value(params).expect("a change");
        assert!(documents.change(params, Encoding::Utf16));
        let document = documents.get(Path::new("/home/a.nix")).expect("it is open");
        assert_eq!(document.version, 2);
        document.source.text.to_string()
    }

    fn part(start: (u32, u32), end: (u32, u32), text: &str) -> serde_json::Value {
        let place = |(line, character)| json!({ "line": line, "character": character });
        json!({ "range": { "start": place(start), "end": place(end) }, "text": text })
    }

    #[test]
    fn changes_are_made_one_after_the_other() {
        let changes = json!([part((0, 0), (0, 1), "xyz"), part((0, 2), (0, 3), "")]);
        assert_eq!(changed("abc", changes), "xybc");
        let changes =
            json!([part((0, 3), (1, 0), " "), { "text": "all" }, part((0, 9), (9, 9), "!")]);
        assert_eq!(changed("a𝄞\nb", changes), "all!");
        assert_eq!(changed("a𝄞\nb", json!([part((0, 3), (1, 0), " ")])), "a𝄞 b");
        // Backwards is no place.
        assert_eq!(changed("abc", json!([part((0, 2), (0, 1), "-")])), "ab-c");
    }

    #[test]
    fn what_is_no_nix_is_left_alone() {
        let mut documents = Documents::default();
        for (uri, language) in [("file:///a.toml", "toml"), ("untitled:Untitled-1", "nix")] {
            let item = json!({ "uri": uri, "languageId": language, "version": 1, "text": "" });
            assert!(!documents.open(serde_json::from_value(item).expect("an item")));
        }
        assert_eq!(documents.sources().count(), 0);
        assert!(documents.configurations().is_empty());
    }
}
