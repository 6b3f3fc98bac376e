//! Applying fixes until there is nothing left to fix.
//!
//! A pass takes fixes that do not get in each other's way, applies them, checks that no text broke,
//! and looks at the tree again. What broke a text is left out and reported as a bug of its rule.
//! What it means for a text to be broken, and how a tree is analysed, is the caller's to say.

mod pass;
mod rejected;
#[cfg(test)]
mod tests;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

use crate::lint::{Applicability, Diagnostic};
use crate::source::{FileId, Tree};

use pass::{Candidate, Pass};
use rejected::Rejected;

/// How many passes may change the tree without leaving less to fix than ever before. Real fixes settle
/// in a handful; of a hundred that lie in each other, each waits for the one inside it.
pub const MAX_PASSES: usize = 100;

/// How many bytes a file may gain before its fixes are taken for a loop.
const MAX_GROWTH: usize = 1 << 20;

/// Which fixes are wanted.
#[derive(Copy, Clone)]
pub struct FixRequest<'a> {
    /// The least trusted kind to apply. Suggestions are never applied.
    pub level: Applicability,
    /// Whether a file may be changed. A fix that would change another one is left out whole.
    pub writable: &'a dyn Fn(FileId) -> bool,
    /// Whether the fixes of a rule are wanted.
    pub fixable: &'a dyn Fn(&str) -> bool,
}

/// Why a text that a fix made is not acceptable. Completes the sentence "the fix …".
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// A fix that was left out, or that kept the loop from settling: a bug of its rule.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct FixFailure {
    /// The rule's id.
    pub rule: &'static str,
    /// The fix's title.
    pub title: String,
    /// What was wrong with it. Completes the sentence "the fix …".
    pub reason: String,
}

/// Why the loop ended.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Ending {
    /// No applicable fix was left.
    Settled,
    /// The texts were again what they had been after an earlier pass.
    Repeated,
    /// A file grew past all reason; the pass that did it was undone.
    Grew,
    /// [`MAX_PASSES`] were made, and there was no less to fix.
    PassLimit,
}

/// What the loop did. `A` is the caller's analysis.
#[derive(Debug)]
pub struct FixRun<A> {
    /// The tree with the new texts.
    pub tree: Tree,
    /// The analysis of that tree.
    pub analysis: A,
    /// The files whose text differs from the first tree's, and their new texts.
    pub changed: Vec<(FileId, String)>,
    /// How many fixes of each rule were applied.
    pub applied: BTreeMap<&'static str, usize>,
    /// The fixes that were left out or kept the loop from settling.
    pub failures: Vec<FixFailure>,
    /// How many passes changed the tree.
    pub passes: usize,
    /// Why it ended.
    pub ending: Ending,
}

/// Applies fixes to `tree` until nothing is left to fix.
///
/// `analyze` gives the findings of a tree; `check` compares the text of a file before and after a
/// pass, and refuses one that has a new syntax error or lost a comment.
pub fn apply_fixes<A: AsRef<[Diagnostic]>>(
    tree: &Tree,
    request: &FixRequest<'_>,
    mut analyze: impl FnMut(&Tree) -> A,
    check: impl Fn(&str, &str) -> Result<(), Broken>,
) -> FixRun<A> {
    let mut texts = Texts::new(tree);
    let mut rejected = Rejected::default();
    let mut applied = BTreeMap::new();
    let mut failures = Vec::new();
    let mut analysis = analyze(tree);
    let mut passes = 0;
    let (mut least, mut in_vain) = (usize::MAX, 0);

    let ending = loop {
        let pass = Pass::choose(&texts.tree, analysis.as_ref(), request, &rejected);
        if pass.is_empty() {
            break Ending::Settled;
        }
        let left = fixable(analysis.as_ref(), request);
        if left < least {
            (least, in_vain) = (left, 0);
        }
        if in_vain == MAX_PASSES {
            let reason = format!("was still wanted after {MAX_PASSES} passes");
            pass.blame_all(&reason, &mut failures);
            break Ending::PassLimit;
        }
        let outcome = pass.apply(&texts.tree, &check);
        for (candidate, reason) in &outcome.culprits {
            rejected.add(&texts.tree, candidate);
            push_once(&mut failures, candidate.failure(reason));
        }
        if outcome.applied.is_empty() {
            continue;
        }
        if texts.would_grow(&outcome.texts) {
            blame(&outcome.applied, "makes the file grow without end", &mut failures);
            break Ending::Grew;
        }
        for candidate in &outcome.applied {
            *applied.entry(candidate.rule).or_insert(0) += 1;
        }
        passes += 1;
        in_vain += 1;
        let is_new = texts.replace(outcome.texts);
        if !is_new {
            blame(&outcome.applied, "leads back to an earlier text", &mut failures);
        }
        analysis = analyze(&texts.tree);
        if !is_new {
            break Ending::Repeated;
        }
    };

    if texts.changed.is_empty() {
        applied.clear();
    }
    let Texts { tree, changed, .. } = texts;
    let changed = changed.into_iter().collect();
    FixRun { tree, analysis, changed, applied, failures, passes, ending }
}

/// How many findings have a fix that is wanted.
fn fixable(found: &[Diagnostic], request: &FixRequest<'_>) -> usize {
    let has_fix = |found: &&Diagnostic| {
        (request.fixable)(found.rule)
            && found.fixes.iter().any(|fix| fix.applicability.applies_at(request.level))
    };
    found.iter().filter(has_fix).count()
}

fn blame(candidates: &[&Candidate<'_>], reason: &str, failures: &mut Vec<FixFailure>) {
    for candidate in candidates {
        push_once(failures, candidate.failure(reason));
    }
}

fn push_once(failures: &mut Vec<FixFailure>, failure: FixFailure) {
    if !failures.contains(&failure) {
        failures.push(failure);
    }
}

/// The texts as they change, and the states they have been in.
struct Texts<'a> {
    first: &'a Tree,
    tree: Tree,
    changed: BTreeMap<FileId, String>,
    seen: HashSet<u64>,
}

impl<'a> Texts<'a> {
    fn new(first: &'a Tree) -> Texts<'a> {
        let mut texts =
            // No clone: the loop may be given up as the first analysis may.
            Texts { first, tree: first.with_texts([]), changed: BTreeMap::new(), seen: HashSet::new() };
        texts.remember();
        texts
    }

    fn would_grow(&self, new: &BTreeMap<FileId, String>) -> bool {
        new.iter().any(|(file, text)| {
            let before = self.first.source(*file).map_or(0, |source| source.text.len());
            text.len() > before.saturating_add(MAX_GROWTH)
        })
    }

    /// Takes the new texts over. Whether the texts as a whole were never like this before.
    fn replace(&mut self, new: BTreeMap<FileId, String>) -> bool {
        for (file, text) in &new {
            let first = self.first.source(*file);
            if first.is_ok_and(|source| *source.text == **text) {
                self.changed.remove(file);
            } else {
                self.changed.insert(*file, text.clone());
            }
        }
        self.tree = self.tree.with_texts(new);
        self.remember()
    }

    fn remember(&mut self) -> bool {
        let mut hasher = DefaultHasher::new();
        self.changed.hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }
}
