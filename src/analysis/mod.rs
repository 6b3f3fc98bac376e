//! A session over a tree: what is wrong with it, and what it would be with fixes applied.
//!
//! This is what the terminal and editors drive. Files are looked at side by side, each by itself;
//! then the tree as a whole is, through what its files say together. A session remembers the files
//! and looks again only at those whose text is another.

mod cache;
mod dispatch;
mod fault;
mod file;
mod findings;
mod inspect;
mod intact;
mod reading;
mod silence;
mod survey;
#[cfg(test)]
mod tests;
mod timings;
mod workers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;

use crate::config::{Config, Mistakes};
use crate::eval::{Limits, Program};
use crate::facts::{self, Facts, Words};
use crate::knowledge::Knowledge;
use crate::lint::edits::Parses;
use crate::lint::{
    self, Applicability, Diagnostic, FixFailure, Rule, RuleMeta, Selection, Selectors, Shared,
    Sought, TreeContext, apply_fixes,
};
use crate::source::{FileId, ReadError, Tree};
use crate::syntax::{DepthLimit, SyntaxError};

use cache::Cache;
use dispatch::Dispatch;
use fault::guard;
pub use fault::{Fault, Lost};
use findings::Telling;
pub use inspect::InspectError;
use intact::check_intact;
pub use silence::Silenced;
pub use survey::texts_with;
pub use timings::Timings;
use timings::timed;
use workers::on_worker;

/// Looks at trees with one configuration and one set of rules, and remembers their files.
pub struct Analyzer {
    config: Config,
    /// The tables, with what the configuration says of them.
    knowledge: Arc<Knowledge>,
    words: Words,
    selection: Selection,
    /// Every rule there is, for what comments may name.
    metas: Vec<&'static RuleMeta>,
    /// The rules that run.
    rules: Vec<&'static dyn Rule>,
    dispatch: Dispatch,
    cache: Cache,
    facts: facts::Session,
    parses: Arc<Parses>,
    /// What rules look for in all texts.
    sought: Sought,
}

/// What was found in a tree.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The findings, by path, start, end, rule and message.
    pub diagnostics: Vec<Diagnostic>,
    /// How much was looked at and understood.
    pub coverage: Coverage,
    /// What could not be done because of a fault of frugix. Without any, the list is empty.
    pub faults: Vec<Fault>,
    /// Where the time went.
    pub timings: Timings,
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
    /// The derivations met.
    pub derivations: Resolved,
}

/// How many things of a kind were met, and how many could not be understood.
#[derive(Copy, Clone, Debug, Default)]
pub struct Resolved {
    /// All of them.
    pub total: usize,
    /// Those whose meaning could not be followed.
    pub unresolved: usize,
}

/// What is kept of a tree for the next look.
#[derive(Copy, Clone, Debug)]
enum Keeping {
    /// What files were lowered to, and what was evaluated.
    Everything,
    /// As little as can be.
    Nothing,
}

/// What may be fixed.
pub struct FixRequest<'a> {
    /// The least trusted kind of fix that is applied.
    pub level: Applicability,
    /// Whether a file may be changed.
    pub writable: &'a dyn Fn(FileId) -> bool,
    /// Whether the findings of a rule may be fixed.
    pub fixable: &'a dyn Fn(&str) -> bool,
    /// Which of all the findings in a tree may be fixed: those on hosts that were asked for, and that
    /// nobody has decided to live with. One answer for each, in their order.
    pub wanted: &'a dyn Fn(&Tree, &[Diagnostic]) -> Vec<bool>,
}

/// All findings may be fixed.
pub fn all_wanted(_: &Tree, findings: &[Diagnostic]) -> Vec<bool> {
    vec![true; findings.len()]
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
    /// When one of them names a rule that does not exist, or `config` says of a table what has no
    /// meaning.
    pub fn new(
        config: Config,
        rules: &'static [&'static dyn Rule],
        selectors: &Selectors,
    ) -> Result<Analyzer, Mistakes> {
        let metas: Vec<&'static RuleMeta> = rules.iter().map(|rule| rule.meta()).collect();
        let (knowledge, selection) =
            Mistakes::both(Knowledge::of(&config), Selection::new(&metas, &config, selectors))?;
        let enabled = |rule: &&&'static dyn Rule| selection.is_enabled(rule.meta().id);
        let rules: Vec<&'static dyn Rule> = rules.iter().filter(enabled).copied().collect();
        let dispatch = Dispatch::new(&rules);
        let (cache, facts) = (Cache::default(), facts::Session::default());
        let (words, parses) = (Words::new(&knowledge), Arc::default());
        let sought = Sought::new(rules.iter().flat_map(|rule| rule.words()).copied());
        Ok(Analyzer {
            config,
            knowledge,
            words,
            selection,
            metas,
            rules,
            dispatch,
            cache,
            facts,
            parses,
            sought,
        })
    }

    /// The ids of the rules that run, sorted.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.selection.enabled()
    }

    /// The tables that it goes by.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&self.knowledge)
    }

    /// Finds what is wrong with `tree`. May be given up on the way; the analyser is as good as before
    /// then.
    ///
    /// Works on the threads of the rayon pool it is called on, whose stacks should be 64 MiB or
    /// more; called on any other thread, on those of a pool of its own.
    pub fn analyze(&mut self, tree: &Tree) -> Analysis {
        on_worker(|| self.look_at(tree, Keeping::Everything))
    }

    /// As [`Analyzer::analyze`], for a process that does not look again and ends soon: in less memory, for
    /// nothing is kept for the next look, and in less time, for what flakes were evaluated to is never
    /// given back.
    pub fn analyze_once(&mut self, tree: &Tree) -> Analysis {
        on_worker(|| self.look_at(tree, Keeping::Nothing))
    }

    /// Applies fixes to `tree`, again and again until no more can be.
    pub fn fix(&mut self, tree: &Tree, request: &FixRequest) -> FixOutcome {
        let by_rule = lint::FixRequest {
            level: request.level,
            writable: request.writable,
            fixable: request.fixable,
        };
        let mut timings = Timings::default();
        let limit = DepthLimit::of(&self.config);
        let intact = |before: &str, after: &str| check_intact(before, after, limit);
        let analyze = |tree: &Tree| {
            let mut analysis = self.analyze(tree);
            timings.add(&analysis.timings);
            let wanted = (request.wanted)(tree, &analysis.diagnostics);
            for (found, wanted) in analysis.diagnostics.iter_mut().zip(wanted) {
                if !wanted {
                    found.fixes.clear();
                }
            }
            analysis
        };
        let (mut run, took) = timed(|| apply_fixes(tree, &by_rule, analyze, intact));
        timings.rest("apply fixes", took);
        run.analysis.timings = timings;
        FixOutcome {
            changed: run.changed,
            tree: run.tree,
            analysis: run.analysis,
            applied: run.applied,
            failures: run.failures,
        }
    }

    fn look_at(&mut self, tree: &Tree, keeping: Keeping) -> Analysis {
        let knowledge = &*self.knowledge();
        let mut timings = Timings { analyses: 1, ..Timings::default() };
        let mut ahead = None;
        timings.files = match keeping {
            Keeping::Everything => {
                timings.phase("read and parse", || self.look_at_files(tree, knowledge))
            }
            Keeping::Nothing => {
                let (new, read) = self.read_ahead(tree, knowledge, &mut timings);
                ahead = Some(read);
                new
            }
        };
        let mut faults = Vec::new();
        let mut findings = Vec::new();
        let mut syntax_errors: Vec<(FileId, SyntaxError)> = Vec::new();
        for (file, analysis) in tree.files().iter().zip(self.cache.analyses()) {
            if let Some(analysis) = analysis {
                findings.extend(analysis.findings_in(*file));
                faults.extend_from_slice(&analysis.faults);
                let errors = analysis.syntax_errors.iter().cloned();
                syntax_errors.extend(errors.map(|error| (*file, error)));
            }
        }

        let limits = Limits::of(&self.config);
        let (session, cache) = (&mut self.facts, &self.cache);
        let collect = || match ahead {
            None => {
                let lowered = cache.lowered();
                Ok(session.collect(Program::new(tree, &lowered).within(limits), knowledge))
            }
            Some(ahead) => ahead.map(|ahead| session.conclude(ahead)),
        };
        let facts =
            timings.phase("evaluate", || guard(|| Lost::Facts, collect).and_then(|facts| facts));
        let facts = facts.unwrap_or_else(|fault| {
            faults.push(fault);
            Facts::default()
        });
        let looked = self.cache.analyses().flatten();
        faults.extend(
            looked.filter_map(|analysis| analysis.late_fault.get().map(|fault| (**fault).clone())),
        );
        let looked =
            timings.phase("rules", || self.look_at_whole(tree, &facts, knowledge, &syntax_errors));
        for (rule, (looked, took)) in self.rules.iter().zip(looked) {
            timings.rules.push((rule.meta().id, took));
            match looked {
                Ok(found) => findings.extend(found),
                Err(fault) => faults.push(fault),
            }
        }

        let telling = Telling {
            tree,
            selection: &self.selection,
            rules: &self.metas,
            complete: faults.is_empty() && syntax_errors.is_empty() && is_readable(tree),
        };
        let diagnostics =
            timings.phase("comments and order", || telling.tell(findings, self.cache.analyses()));
        Analysis { diagnostics, coverage: coverage(tree, &facts), faults, timings }
    }

    /// What each rule finds in the tree as a whole, and how long it took.
    fn look_at_whole(
        &self,
        tree: &Tree,
        facts: &Facts,
        knowledge: &Knowledge,
        syntax_errors: &[(FileId, SyntaxError)],
    ) -> Vec<(Result<Vec<Diagnostic>, Fault>, Duration)> {
        let mentioned = self.cache.analyses().flatten().map(|analysis| analysis.mentioned);
        let shared = Shared::new(Arc::clone(&self.parses), self.sought.in_all(mentioned));
        let look = |rule: &&'static dyn Rule| {
            tree.check_wanted();
            let check = || {
                let mut context = TreeContext::new(tree, facts, knowledge, &self.config, &shared)
                    .with_syntax_errors(syntax_errors);
                rule.check_tree(&mut context);
                context.into_diagnostics()
            };
            timed(|| guard(|| Lost::Rule(rule.meta().id), check))
        };
        self.rules.par_iter().map(look).collect()
    }
}

/// Whether every file could be read, but for those that are locked and stay so.
fn is_readable(tree: &Tree) -> bool {
    let is_lost = |file: FileId| match tree.read_error(file) {
        None | Some(ReadError::Encrypted { .. }) => false,
        Some(_) => true,
    };
    !tree.files().iter().copied().chain(tree.problem_places()).any(is_lost)
}

fn coverage(tree: &Tree, facts: &Facts) -> Coverage {
    let met = &facts.coverage;
    Coverage {
        files: tree.files().len(),
        overrides: Resolved { total: met.overrides, unresolved: met.overrides_unresolved },
        derivations: Resolved { total: met.derivations, unresolved: met.derivations_unresolved },
    }
}
