//! What a tree says about building, for those who reckon with it themselves, and changes that they
//! want made with the care that fixes are made with.

use super::fault::{Fault, Lost, guard};
use super::file::FileAnalysis;
use super::intact::check_intact;
use super::workers::on_worker;
use super::{Analysis, Analyzer};
use crate::eval::{Limits, Program};
use crate::facts::Facts;
use crate::lint::{self, Applicability, Diagnostic, Fix, FixFailure, RuleMeta, apply_fixes};
use crate::source::{FileId, Tree};
use crate::syntax::DepthLimit;

impl Analyzer {
    /// What `tree` says about building.
    ///
    /// # Errors
    ///
    /// When a fault of frugix keeps it from being found out.
    pub fn survey(&mut self, tree: &Tree) -> Result<Facts, Fault> {
        on_worker(|| {
            let knowledge = &*self.knowledge();
            self.look_at_files(tree, knowledge);
            let files = self.cache.lowered();
            let program = Program::new(tree, &files).within(Limits::of(&self.config));
            guard(|| Lost::Facts, || self.facts.collect(program, knowledge))
        })
    }

    /// The files of `tree`, which was looked at last, that could not be read or parsed: whatever is found
    /// out about the tree, it is not about them.
    pub fn unread(&self, tree: &Tree) -> Vec<FileId> {
        let looked = tree.files().iter().copied().zip(self.cache.analyses());
        let is_lost =
            |looked: &FileAnalysis| !looked.is_lowered || looked.late_fault.get().is_some();
        let lost = looked.filter(|(_, looked)| looked.is_none_or(is_lost));
        lost.map(|(file, _)| file).chain(tree.problem_places()).collect()
    }
}

/// The texts that `fix`, of the kind that `rule` makes, gives the files of `tree`.
///
/// # Errors
///
/// When a text would be broken by it, or lose a comment.
pub fn texts_with(
    tree: &Tree,
    rule: &'static RuleMeta,
    fix: Fix,
) -> Result<Vec<(FileId, String)>, FixFailure> {
    let Some(place) = fix.edits.first().map(|edit| edit.span) else { return Ok(Vec::new()) };
    let mut wanted = Some(Diagnostic::new(rule, place, fix.title.as_str()).fix(fix));
    let analyze = |_: &Tree| Analysis {
        diagnostics: wanted.take().into_iter().collect(),
        ..Analysis::default()
    };
    let request =
        lint::FixRequest { level: Applicability::Unsafe, writable: &|_| true, fixable: &|_| true };
    let intact = |before: &str, after: &str| check_intact(before, after, DepthLimit::USUAL);
    let mut run = apply_fixes(tree, &request, analyze, intact);
    match run.failures.pop() {
        Some(failure) => Err(failure),
        None => Ok(run.changed),
    }
}
