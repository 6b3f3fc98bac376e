//! What an evaluation asked the tree for. An answer holds as long as these questions would be
//! answered as they were.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Evaluator;
use crate::source::{EntryKind, FileId, ReadError, SourceFile, Tree};

/// The files that were read, and what else the tree was asked.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    files: FxHashSet<FileId>,
    /// The paths that were asked for, by what was asked.
    questions: FxHashMap<Question, FxHashSet<OsString>>,
}

/// A question about names, or about the text of a file that is no source.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
enum Question {
    Entry,
    Source,
    Folder,
    Text,
    Skipped,
    Below,
}

impl Reads {
    /// The sources that were read.
    pub fn files(&self) -> &FxHashSet<FileId> {
        &self.files
    }

    /// The same, to be told by the numbers that they have in another tree.
    pub fn files_mut(&mut self) -> &mut FxHashSet<FileId> {
        &mut self.files
    }

    /// Whether `after` answers everything as `before` did, the texts of sources apart.
    pub fn hold(&self, before: &Tree, after: &Tree) -> bool {
        before.is_listed_as(after)
            || self.questions.iter().all(|(question, paths)| {
                paths.iter().all(|path| question.is_same_in(Path::new(path), before, after))
            })
    }
}

impl Question {
    fn is_same_in(self, path: &Path, before: &Tree, after: &Tree) -> bool {
        match self {
            Question::Entry => before.entry(path) == after.entry(path),
            Question::Source => {
                let source = |tree: &Tree| Some(tree.path(tree.file_at(path)?).to_owned());
                source(before) == source(after)
            }
            Question::Folder => before.read_dir(path) == after.read_dir(path),
            Question::Text => before.read_text(path).ok() == after.read_text(path).ok(),
            Question::Skipped => before.is_skipped(path) == after.is_skipped(path),
            Question::Below => {
                let paths = |tree: &Tree| -> Vec<PathBuf> {
                    below(tree, path).map(|file| tree.path(file).to_owned()).collect()
                };
                paths(before) == paths(after)
            }
        }
    }
}

impl Evaluator<'_> {
    /// What was asked so far.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The text of a source that was read; none of any other.
    pub fn source(&self, file: FileId) -> Option<Arc<SourceFile>> {
        let was_read = self.reads.files.contains(&file);
        was_read.then(|| self.program.tree.source(file).ok()).flatten()
    }

    /// What stands at a path, as [`Tree::entry`] has it.
    pub fn entry(&mut self, path: &Path) -> Option<EntryKind> {
        self.ask(Question::Entry, path);
        self.program.tree.entry(path)
    }

    /// The source at a path, as [`Tree::file_at`] has it.
    pub fn file_at(&mut self, path: &Path) -> Option<FileId> {
        self.ask(Question::Source, path);
        self.program.tree.file_at(path)
    }

    /// The source that importing a path reads: the one that stands there, or in the folder there.
    pub fn imported_file(&mut self, path: &Path) -> Option<FileId> {
        // Every configuration imports the same modules.
        if let Some(known) = self.imported_files.get(path.as_os_str()) {
            return *known;
        }
        let file = match self.entry(path) {
            Some(EntryKind::Directory) => self.file_at(&path.join("default.nix")),
            _ => self.file_at(path),
        };
        self.imported_files.insert(path.into(), file);
        file
    }

    /// The names in a folder, as [`Tree::read_dir`] has them.
    pub fn read_dir(&mut self, path: &Path) -> Option<Vec<(String, EntryKind)>> {
        self.ask(Question::Folder, path);
        self.program.tree.read_dir(path)
    }

    /// The sources in a folder and in all folders below it, in their order.
    pub fn sources_below(&mut self, folder: &Path) -> Vec<FileId> {
        self.ask(Question::Below, folder);
        below(self.program.tree, folder).collect()
    }

    /// Whether something may lie at a path that the tree does not show.
    pub fn is_skipped(&mut self, path: &Path) -> bool {
        self.ask(Question::Skipped, path);
        self.program.tree.is_skipped(path)
    }

    /// The text of any file of the tree.
    ///
    /// # Errors
    ///
    /// As [`Tree::read_text`].
    pub fn read_text(&mut self, path: &Path) -> Result<Arc<str>, ReadError> {
        match self.file_at(path) {
            Some(file) => self.note(file),
            None => self.ask(Question::Text, path),
        }
        self.program.tree.read_text(path)
    }

    /// Says that `file` is read.
    pub fn note(&mut self, file: FileId) {
        self.reads.files.insert(file);
    }

    fn ask(&mut self, question: Question, path: &Path) {
        let asked = self.reads.questions.entry(question).or_default();
        // Most are asked again and again.
        if !asked.contains(path.as_os_str()) {
            asked.insert(path.into());
        }
    }
}

fn below(tree: &Tree, folder: &Path) -> impl Iterator<Item = FileId> {
    tree.files().iter().copied().filter(move |file| tree.path(*file).starts_with(folder))
}
