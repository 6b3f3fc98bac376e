//! What is kept of files from one analysis to the next.

use std::sync::Arc;

use super::file::FileAnalysis;
use crate::hir::LazyFile;
use crate::source::{FileId, SourceFile, Tree};

/// What was told of files by themselves, in the order of their ids. As good for another tree, as
/// far as it has the same texts at the same paths.
#[derive(Default)]
pub(super) struct Cache {
    /// The tree that the files are numbered by; none once they are good for no other.
    listed: Option<Tree>,
    files: Vec<Option<Kept>>,
}

/// One file, and what was told of it.
#[derive(Clone)]
pub(super) struct Kept {
    /// None where nobody looks again.
    source: Option<Arc<SourceFile>>,
    pub(super) analysis: Arc<FileAnalysis>,
}

impl Kept {
    pub(super) fn new(source: Option<Arc<SourceFile>>, analysis: FileAnalysis) -> Kept {
        Kept { source, analysis: Arc::new(analysis) }
    }

    /// Gives away what the file was lowered to.
    pub(super) fn take_lowered(&mut self) -> Option<Arc<LazyFile>> {
        match Arc::get_mut(&mut self.analysis) {
            Some(analysis) => analysis.hir.take(),
            None => self.analysis.hir.clone(),
        }
    }

    fn is_of(&self, source: &SourceFile) -> bool {
        self.source.as_ref().is_some_and(|known| {
            known.path == source.path
                && (Arc::ptr_eq(&known.text, &source.text) || known.text == source.text)
        })
    }
}

impl Cache {
    /// Whether there is nothing that is good for another tree.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() || self.listed.is_none()
    }

    /// What was told of this file of `tree` when it had this text.
    pub(super) fn get(&self, tree: &Tree, file: FileId, source: &SourceFile) -> Option<Kept> {
        self.kept(tree, file).filter(|kept| kept.is_of(source)).cloned()
    }

    /// What is kept of this file of `tree`, whatever its text was.
    pub(super) fn as_it_was(&self, tree: &Tree, file: FileId) -> Option<Kept> {
        self.kept(tree, file).cloned()
    }

    fn kept(&self, tree: &Tree, file: FileId) -> Option<&Kept> {
        let listed = self.listed.as_ref()?;
        let path = tree.path(file);
        let known = if listed.path(file) == path { file } else { listed.file_at(path)? };
        self.files.get(known.index())?.as_ref()
    }

    /// Keeps what was told of the files of `tree`, in its order, and forgets everything else.
    pub(super) fn replace(&mut self, tree: &Tree, files: Vec<Option<Kept>>) {
        self.listed = Some(tree.clone());
        self.files = files;
    }

    /// Keeps what was told of the files of a tree, in its order, and of which nothing is good for another
    /// tree.
    pub(super) fn replace_once(&mut self, files: Vec<Option<Kept>>) {
        self.listed = None;
        self.files = files;
    }

    /// What is kept, in the order of the tree's files.
    pub(super) fn analyses(&self) -> impl Iterator<Item = Option<&FileAnalysis>> {
        self.files.iter().map(|kept| kept.as_ref().map(|kept| &*kept.analysis))
    }

    /// The files, lowered or to be lowered, in the order of the tree's files.
    pub(super) fn lowered(&self) -> Vec<Option<Arc<LazyFile>>> {
        self.analyses().map(|analysis| analysis.and_then(|analysis| analysis.hir.clone())).collect()
    }
}
