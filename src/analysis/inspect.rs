//! What one place of a tree is, for those who ask about it: a trace, an editor's hover.

use super::Analyzer;
use super::fault::{Fault, Lost, guard};
use super::file::FileAnalysis;
use super::workers::on_worker;
use crate::eval::{Limits, Program};
use crate::facts::{self, Inspection, Place};
use crate::source::{FileId, ReadError, Tree};
use crate::syntax::SyntaxError;

/// Why nothing can be told of a place. None of the sentences names the file.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InspectError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(ReadError),
    /// The file has a syntax error, so that nobody can tell what stands where.
    #[error("is not valid Nix: {}; correct it first", .0.message)]
    Syntax(SyntaxError),
    /// A fault of frugix.
    #[error(transparent)]
    Fault(Fault),
}

impl Analyzer {
    /// What stands at `place` of `file`, where it comes from, and who uses it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or understood.
    pub fn inspect(
        &mut self,
        tree: &Tree,
        file: FileId,
        place: Place,
    ) -> Result<Inspection, InspectError> {
        on_worker(|| self.inspect_here(tree, file, place))
    }

    fn inspect_here(
        &mut self,
        tree: &Tree,
        file: FileId,
        place: Place,
    ) -> Result<Inspection, InspectError> {
        tree.source(file).map_err(InspectError::Unreadable)?;
        let knowledge = &*self.knowledge();
        self.look_at_files(tree, knowledge);
        let looked = self.cache.analyses().nth(file.index()).flatten();
        if let Some(error) = looked.and_then(|looked| looked.syntax_errors.first()) {
            return Err(InspectError::Syntax(error.clone()));
        }
        if let Some(fault) = looked.filter(|looked| looked.hir.is_none()).and_then(first_fault) {
            return Err(InspectError::Fault(fault));
        }
        let files = self.cache.lowered();
        let program = Program::new(tree, &files).within(Limits::of(&self.config));
        guard(|| Lost::Facts, || facts::inspect(program, knowledge, file, place))
            .map_err(InspectError::Fault)
    }
}

fn first_fault(looked: &FileAnalysis) -> Option<Fault> {
    looked.faults.first().cloned()
}
