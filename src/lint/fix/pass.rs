//! One pass: which fixes can be applied together, and what comes of applying them.

use std::collections::{BTreeMap, BTreeSet};

use text_size::TextRange;

use super::rejected::Rejected;
use super::{Broken, FixFailure, FixRequest};
use crate::lint::{Diagnostic, Fix, FixEdit};
use crate::source::{Edit, FileId, Tree, apply_edits};

type SortKey<'a> = (Vec<((FileId, u32, u32), &'a str)>, &'static str, &'a str);

/// A fix that could be applied.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) rule: &'static str,
    pub(super) fix: &'a Fix,
    /// The fix's edits in the order of their places.
    pub(super) edits: Vec<&'a FixEdit>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(rule: &'static str, fix: &'a Fix) -> Candidate<'a> {
        let mut edits: Vec<&FixEdit> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span.sort_key());
        Candidate { rule, fix, edits }
    }

    pub(super) fn failure(&self, reason: &str) -> FixFailure {
        FixFailure { rule: self.rule, title: self.fix.title.clone(), reason: reason.to_owned() }
    }

    /// What puts candidates in order: their places first.
    fn sort_key(&self) -> SortKey<'a> {
        let edits = self.edits.iter().map(|edit| (edit.span.sort_key(), edit.text.as_str()));
        (edits.collect(), self.rule, &self.fix.title)
    }
}

/// Fixes that do not get in each other's way, in the order of their places.
pub(super) struct Pass<'a> {
    candidates: Vec<Candidate<'a>>,
}

/// What came of a pass.
pub(super) struct Outcome<'p, 'a> {
    /// The new texts of the files it changes.
    pub(super) texts: BTreeMap<FileId, String>,
    /// The fixes that are in them.
    pub(super) applied: Vec<&'p Candidate<'a>>,
    /// The fixes that break something by themselves, and what.
    pub(super) culprits: Vec<(&'p Candidate<'a>, String)>,
}

impl<'a> Pass<'a> {
    /// The fixes of `diagnostics` to apply together: of two that overlap or touch, and of several
    /// that answer one question, the first in the text; the others wait.
    pub(super) fn choose(
        tree: &Tree,
        diagnostics: &'a [Diagnostic],
        request: &FixRequest<'_>,
        rejected: &Rejected,
    ) -> Pass<'a> {
        let wanted = |fix: &Fix| {
            fix.applicability.applies_at(request.level)
                && !fix.edits.is_empty()
                && fix.edits.iter().all(|edit| (request.writable)(edit.span.file))
        };
        let mut candidates: Vec<Candidate<'a>> = diagnostics
            .iter()
            .filter(|diagnostic| (request.fixable)(diagnostic.rule))
            .filter_map(|diagnostic| {
                diagnostic
                    .fixes
                    .iter()
                    .filter(|fix| wanted(fix))
                    .map(|fix| Candidate::new(diagnostic.rule, fix))
                    .find(|candidate| !rejected.contains(tree, candidate))
            })
            .collect();
        candidates.sort_by_cached_key(Candidate::sort_key);
        candidates.dedup_by(|later, earlier| later.edits == earlier.edits);

        let mut taken = Taken::default();
        candidates.retain(|candidate| taken.take(candidate));
        Pass { candidates }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    pub(super) fn blame_all(&self, reason: &str, failures: &mut Vec<FixFailure>) {
        super::blame(&self.candidates.iter().collect::<Vec<_>>(), reason, failures);
    }

    /// Applies them to the texts of `tree`. If that breaks something, they are tried one by one: one
    /// that breaks it alone is a culprit, one that does so only beside others waits.
    pub(super) fn apply(
        &self,
        tree: &Tree,
        check: &dyn Fn(&str, &str) -> Result<(), Broken>,
    ) -> Outcome<'_, 'a> {
        let all: Vec<&Candidate<'a>> = self.candidates.iter().collect();
        if let Ok(texts) = apply_all(tree, &all, check) {
            return Outcome { texts, applied: all, culprits: Vec::new() };
        }
        let mut outcome =
            Outcome { texts: BTreeMap::new(), applied: Vec::new(), culprits: Vec::new() };
        for candidate in all {
            if let Err(reason) = apply_all(tree, &[candidate], check) {
                outcome.culprits.push((candidate, reason));
                continue;
            }
            outcome.applied.push(candidate);
            match apply_all(tree, &outcome.applied, check) {
                Ok(texts) => outcome.texts = texts,
                Err(_) => drop(outcome.applied.pop()),
            }
        }
        outcome
    }
}

/// What the fixes of a pass already lay hand on.
#[derive(Default)]
struct Taken<'a> {
    places: BTreeMap<FileId, Vec<TextRange>>,
    questions: BTreeSet<&'a str>,
}

impl<'a> Taken<'a> {
    /// Takes what the candidate needs, if all of it is free.
    fn take(&mut self, candidate: &Candidate<'a>) -> bool {
        let isolation = candidate.fix.isolation.as_deref();
        let answered = isolation.is_some_and(|question| self.questions.contains(question));
        if answered || candidate.edits.iter().any(|edit| self.is_near(edit)) {
            return false;
        }
        self.questions.extend(isolation);
        for edit in &candidate.edits {
            self.places.entry(edit.span.file).or_default().push(edit.span.range);
        }
        true
    }

    fn is_near(&self, edit: &FixEdit) -> bool {
        let range = edit.span.range;
        self.places.get(&edit.span.file).is_some_and(|places| {
            places.iter().any(|place| place.start() <= range.end() && range.start() <= place.end())
        })
    }
}

/// The new texts of the files that the candidates change, each of them checked.
fn apply_all(
    tree: &Tree,
    candidates: &[&Candidate<'_>],
    check: &dyn Fn(&str, &str) -> Result<(), Broken>,
) -> Result<BTreeMap<FileId, String>, String> {
    let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for edit in candidates.iter().flat_map(|candidate| &candidate.edits) {
        let range = edit.span.range;
        edits.entry(edit.span.file).or_default().push(Edit { range, text: edit.text.clone() });
    }
    let mut texts = BTreeMap::new();
    for (file, edits) in edits {
        let source = tree.source(file).map_err(|error| error.to_string())?;
        let text = apply_edits(&source.text, &edits).map_err(|error| error.to_string())?;
        if text != *source.text {
            check(&source.text, &text).map_err(|Broken(reason)| reason)?;
            texts.insert(file, text);
        }
    }
    match texts.is_empty() {
        true => Err("changes nothing".to_owned()),
        false => Ok(texts),
    }
}
