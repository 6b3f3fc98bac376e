//! A session over a tree: what is wrong with it, and what it would be with fixes applied.
//!
//! This is the shape that the terminal and editors drive; the analysis itself is still to come.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::lint::{
    self, Applicability, Diagnostic, FixFailure, Rule, RuleMeta, Selection, SelectionError,
    Selectors, apply_fixes,
};
use crate::source::{FileId, Tree};

/// Looks at trees with one configuration and one set of rules.
pub struct Analyzer {
    _selection: Selection,
}

/// What was found in a tree.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The findings, by path, start and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How much was looked at and understood.
    pub coverage: Coverage,
}

impl AsRef<[Diagnostic]> for Analysis {
    fn as_ref(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

/// How much was looked at and understood.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The files of the tree.
    pub files: usize,
    /// The overrides met.
    pub overrides: Resolved,
}

/// How many things of a kind were met, and how many could not be understood.
#[derive(Copy, Clone, Debug, Default)]
pub struct Resolved {
    /// All of them.
    pub total: usize,
    /// Those whose meaning could not be followed.
    pub unresolved: usize,
}

/// What may be fixed.
pub struct FixRequest<'a> {
    /// The least trusted kind of fix that is applied.
    pub level: Applicability,
    /// Whether a file may be changed.
    pub writable: &'a dyn Fn(FileId) -> bool,
    /// Whether the findings of a rule may be fixed.
    pub fixable: &'a dyn Fn(&str) -> bool,
    /// Whether a finding may be fixed: it concerns a host that was asked for.
    pub wanted: &'a dyn Fn(&Diagnostic) -> bool,
}

/// What fixing came to. Nothing is written yet.
#[derive(Clone, Debug)]
pub struct FixOutcome {
    /// The files that change, with their new texts.
    pub changed: Vec<(FileId, String)>,
    /// The tree with those texts.
    pub tree: Tree,
    /// What is found in that tree.
    pub analysis: Analysis,
    /// How many findings of each rule were fixed.
    pub applied: BTreeMap<&'static str, usize>,
    /// Fixes that were left out because they would have broken something.
    pub failures: Vec<FixFailure>,
}

impl Analyzer {
    /// An analyser of `rules` as `config` and, over it, `selectors` choose them.
    ///
    /// # Errors
    ///
    /// When one of them names a rule that does not exist.
    pub fn new(
        config: Config,
        rules: &'static [&'static dyn Rule],
        selectors: &Selectors,
    ) -> Result<Analyzer, SelectionError> {
        let metas: Vec<&'static RuleMeta> = rules.iter().map(|rule| rule.meta()).collect();
        Ok(Analyzer { _selection: Selection::new(&metas, &config, selectors)? })
    }

    /// Finds what is wrong with `tree`.
    pub fn analyze(&mut self, tree: &Tree) -> Analysis {
        Analysis {
            diagnostics: Vec::new(),
            coverage: Coverage { files: tree.files().len(), overrides: Resolved::default() },
        }
    }

    /// Applies fixes to `tree`, again and again until no more can be.
    pub fn fix(&mut self, tree: &Tree, request: &FixRequest) -> FixOutcome {
        let by_rule = lint::FixRequest {
            level: request.level,
            writable: request.writable,
            fixable: request.fixable,
        };
        let analyze = |tree: &Tree| {
            let mut analysis = self.analyze(tree);
            let unwanted = |found: &&mut Diagnostic| !(request.wanted)(found);
            for found in analysis.diagnostics.iter_mut().filter(unwanted) {
                found.fixes.clear();
            }
            analysis
        };
        let run = apply_fixes(tree, &by_rule, analyze, |_before, _after| Ok(()));
        FixOutcome {
            changed: run.changed,
            tree: run.tree,
            analysis: run.analysis,
            applied: run.applied,
            failures: run.failures,
        }
    }
}
