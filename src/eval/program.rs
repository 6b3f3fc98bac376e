//! What is evaluated: a tree, and its files as they were lowered.

use std::sync::Arc;

use super::{Limits, Site};
use crate::hir::{self, LazyFile};
use crate::source::{FileId, Span, Tree};

/// A tree and its files, shared by all evaluators of it.
#[derive(Copy, Clone)]
pub struct Program<'p> {
    pub(super) tree: &'p Tree,
    files: &'p [Option<Arc<LazyFile>>],
    pub(super) limits: Limits,
}

impl<'p> Program<'p> {
    /// A program of the files of `tree`, by [`FileId::index`]; `None` for one
    /// that cannot be read or parsed.
    pub fn new(tree: &'p Tree, files: &'p [Option<Arc<LazyFile>>]) -> Program<'p> {
        Program { tree, files, limits: Limits::USUAL }
    }

    /// The same, to be evaluated within `limits`.
    pub fn within(self, limits: Limits) -> Program<'p> {
        Program { limits, ..self }
    }

    /// How far evaluation may go.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The tree. What is evaluated asks its [`Evaluator`] for paths and texts instead, so that it is
    /// known what was read.
    pub fn tree(&self) -> &'p Tree {
        self.tree
    }

    /// The files, by [`FileId::index`].
    pub fn files(&self) -> &'p [Option<Arc<LazyFile>>] {
        self.files
    }

    /// The lowered `file`.
    pub fn file(&self, file: FileId) -> Option<&'p hir::File> {
        self.files.get(file.index())?.as_ref()?.file()
    }

    /// The text of an expression, as a place.
    pub fn span(&self, site: Site) -> Option<Span> {
        Some(Span::new(site.file, self.file(site.file)?.range(site.expr)))
    }
}
