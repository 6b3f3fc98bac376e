//! A session over a tree: what is wrong with it, and what it would be with fixes applied.
//!
//! This is the shape that the terminal and editors drive; the analysis itself is still to come.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::lint::{
    Applicability, Diagnostic, Rule, RuleMeta, Selection, SelectionError, Selectors,
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

/// A fix that would have broken something: a fault of its rule.
#[derive(Clone, Debug)]
pub struct FixFailure {
    /// The rule.
    pub rule: &'static str,
    /// The fix's title.
    pub title: String,
    /// What it would have broken.
    pub reason: String,
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
    pub fn fix(&mut self, tree: &Tree, _request: &FixRequest) -> FixOutcome {
        FixOutcome {
            changed: Vec::new(),
            tree: tree.clone(),
            analysis: self.analyze(tree),
            applied: BTreeMap::new(),
            failures: Vec::new(),
        }
    }
}
