//! What can be told of one file by itself, and is as good for an unchanged text the next time.

use std::sync::{Arc, OnceLock};

use super::dispatch::Dispatch;
use super::fault::{Fault, Lost, guard};
use crate::config::Config;
use crate::facts::Words;
use crate::hir::{self, LazyFile};
use crate::knowledge::Knowledge;
use crate::lint::edits::Parses;
use crate::lint::{Diagnostic, NodeContext, may_hold_directives};
use crate::source::{FileId, SourceFile, Tree};
use crate::syntax::{
    Comment, DepthLimit, Glance, Parsed, SyntaxError, comments, leading_comments, parse_within,
};

/// What can be told of one file by itself.
#[derive(Default)]
pub(super) struct FileAnalysis {
    /// The text, lowered now or later; none where it has errors, so that half of it is never taken for
    /// all.
    pub(super) hir: Option<Arc<LazyFile>>,
    /// There is, or was, something that the text was lowered to.
    pub(super) is_lowered: bool,
    /// The comments, if any of them may speak to frugix.
    pub(super) comments: Vec<Comment>,
    /// What Nix's grammar does not allow.
    pub(super) syntax_errors: Vec<SyntaxError>,
    /// What the rules that look at nodes found. They speak of this file alone, by the id that it had
    /// then.
    findings: Vec<Diagnostic>,
    /// What went wrong meanwhile.
    pub(super) faults: Vec<Fault>,
    /// What went wrong when the text was lowered later.
    pub(super) late_fault: Arc<OnceLock<Fault>>,
}

impl FileAnalysis {
    /// What the rules that look at nodes found, the file going by the id `file`.
    pub(super) fn findings_in(&self, file: FileId) -> impl Iterator<Item = Diagnostic> {
        self.findings.iter().map(move |found| found.clone().of_file(file))
    }
}

/// What every file is looked at with.
#[derive(Copy, Clone)]
pub(super) struct FileAnalyzer<'a> {
    pub(super) tree: &'a Tree,
    pub(super) dispatch: &'a Dispatch,
    pub(super) knowledge: &'a Knowledge,
    pub(super) config: &'a Config,
    /// Where syntax trees are kept that will be asked for; none at the first look at a tree.
    pub(super) parses: Option<&'a Parses>,
    /// What makes a file worth lowering before anything leads to it.
    pub(super) words: &'a Words,
}

impl FileAnalyzer<'_> {
    /// Looks at the file. Its syntax tree lives no longer than the call.
    pub(super) fn analyze(&self, file: FileId, source: &Arc<SourceFile>) -> FileAnalysis {
        let lost = || Lost::File(source.path.clone());
        guard(lost, || self.look(file, source))
            .unwrap_or_else(|fault| FileAnalysis { faults: vec![fault], ..FileAnalysis::default() })
    }

    fn look(&self, file: FileId, source: &Arc<SourceFile>) -> FileAnalysis {
        let parsed = match self.parsed(&source.text) {
            None => return self.plain(source),
            Some(Ok(parsed)) => parsed,
            Some(Err(error)) => {
                return FileAnalysis {
                    comments: leading_comments(&source.text),
                    syntax_errors: vec![error],
                    ..FileAnalysis::default()
                };
            }
        };
        if let Some(parses) = self.parses {
            parses.offer(&source.text, &parsed);
        }
        let syntax = parsed.syntax();
        let comments =
            if may_hold_directives(&source.text) { comments(&syntax) } else { Vec::new() };
        if !parsed.errors().is_empty() {
            let syntax_errors = parsed.errors().to_vec();
            return FileAnalysis { comments, syntax_errors, ..FileAnalysis::default() };
        }
        let mut context = NodeContext::new(file, &source.text, self.knowledge, self.config);
        let faults = self.dispatch.walk(&syntax, self.tree, &mut context);
        drop(syntax);
        FileAnalysis {
            hir: Some(Arc::new(hir::lower(&parsed).into())),
            is_lowered: true,
            comments,
            findings: context.into_diagnostics(),
            faults,
            ..FileAnalysis::default()
        }
    }

    /// Parses a text, unless there is nothing in it that anybody asks for. What has changed since the
    /// first look is asked for more often than not.
    fn parsed(&self, text: &str) -> Option<Result<Parsed, SyntaxError>> {
        let limit = DepthLimit::of(self.config);
        if self.parses.is_some() || !self.dispatch.is_empty() || may_hold_directives(text) {
            return Some(parse_within(text, limit));
        }
        let mut reading = self.words.reading();
        let glance = Glance::of(text, limit, |kind, token| reading.meets(kind, token));
        let is_plain = glance.is_plain() && !reading.has_met_together();
        (!is_plain).then(|| glance.parse())
    }

    /// A file that nobody asks for until something leads to it. Then it is lowered.
    fn plain(&self, source: &Arc<SourceFile>) -> FileAnalysis {
        let late_fault = Arc::<OnceLock<Fault>>::default();
        let (source, limit) = (Arc::clone(source), DepthLimit::of(self.config));
        let fault_of_file = Arc::clone(&late_fault);
        let hir = LazyFile::plain(move || {
            let lower = || {
                let parsed = parse_within(&source.text, limit).ok()?;
                parsed.errors().is_empty().then(|| hir::lower(&parsed))
            };
            guard(|| Lost::File(source.path.clone()), lower).unwrap_or_else(|fault| {
                let _ = fault_of_file.set(fault);
                None
            })
        });
        let hir = Some(Arc::new(hir));
        FileAnalysis { hir, is_lowered: true, late_fault, ..FileAnalysis::default() }
    }
}
