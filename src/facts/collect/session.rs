//! Facts of one tree after another, where most of it stays as it was: what was evaluated is kept, and
//! evaluated again only when something that it read has changed.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ahead::{Ahead, Ready};
use super::outline::{Outline, outlines_of};
use super::relocation::{Relocate as _, Relocation};
use super::run::{Answer, Findings, Ground, Kept, Run, around, at_once, let_go_of_lowered};
use super::summary::{Telling, TellingNames, Worth};
use super::unit::Unit;
use crate::eval::{Limits, Program};
use crate::facts::Facts;
use crate::hir::LazyFile;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Tree};

/// Collects the facts of one tree after another, and keeps what does not change between them.
///
/// What it gives never depends on what it kept. It must be asked with the same knowledge each time.
#[derive(Default)]
pub struct Session {
    before: Option<Before>,
    pub(super) kept: FxHashMap<Unit, Arc<Kept>>,
    work: Work,
    pub(super) is_thorough: bool,
    /// The groups that configurations are evaluated in, where that is not left to the purpose.
    pub(super) groups: Option<usize>,
}

/// How much was evaluated, and how much of it anew.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The parts that the tree is evaluated in: what its flakes declare, name and give, groups of
    /// their configurations, profiles, and files that none of these reads.
    pub units: usize,
    /// Those that were evaluated for the last answer; the others were as they had been.
    pub evaluated: usize,
}

/// The tree of the last answer.
struct Before {
    tree: Tree,
    files: Vec<Option<Arc<LazyFile>>>,
    outlines: Vec<Option<Arc<Outline>>>,
    telling: [Arc<TellingNames>; 2],
}

impl Before {
    /// The outline of what was the file `known`, if it is the same `file` still.
    fn outline(&self, known: FileId, file: &Arc<LazyFile>) -> Option<Arc<Outline>> {
        let is_same = Arc::ptr_eq(self.files.get(known.index())?.as_ref()?, file);
        self.outlines.get(known.index())?.clone().filter(|_| is_same)
    }
}

impl Session {
    /// One that evaluates even what no fact is made of.
    #[cfg(test)]
    pub(in crate::facts) fn thorough() -> Session {
        Session { is_thorough: true, ..Session::default() }
    }

    /// One that evaluates configurations in at most so many groups.
    #[cfg(test)]
    pub(in crate::facts) fn in_groups(groups: usize) -> Session {
        Session { groups: Some(groups), ..Session::default() }
    }

    /// What `program` says about building: the same as if nothing had been asked before.
    pub fn collect(&mut self, program: Program<'_>, knowledge: &Knowledge) -> Facts {
        let before = self.before.take();
        let relocation =
            before.as_ref().and_then(|before| Relocation::between(&before.tree, program.tree()));
        let before_of = |file| relocation.as_ref().map_or(Some(file), |it| it.before(file));
        self.forget_changed(program, before.as_ref(), relocation.as_ref());
        let outlines = outlines_of(program, knowledge, |index, file| {
            before.as_ref()?.outline(before_of(FileId::from_index(index))?, file)
        });
        let names = [Worth::Facts, Worth::Bringing]
            .map(|worth| Arc::new(TellingNames::of(program, &outlines, worth)));
        let [facts, bringing] = names.clone();
        let telling = Telling::of_facts(&outlines, facts);
        let bringing = Telling::that_brings(bringing);
        for (names, before) in names.iter().zip(before.iter().flat_map(|before| &before.telling)) {
            let other = names.other_than(before);
            self.kept.retain(|_, kept| kept.fragment.names.is_disjoint(&other));
        }
        // What is kept now is as good for this tree as for the last. The work may be given up from
        // here on.
        self.before = Some(Before {
            tree: program.tree().clone(),
            files: program.files().to_vec(),
            outlines: outlines.clone(),
            telling: names,
        });
        let ground = Ground {
            outlines: &outlines,
            telling: &telling,
            bringing: &bringing,
            knowledge,
            findings: Findings::Kept,
        };
        let run = Run { session: self, program, ground };
        let begun = run.begun();
        let alone = run.evaluated_files(&begun.alone, &run.basis(&begun.numbers));
        let (facts, used) = run.ended(begun, alone);
        self.keep(used);
        facts
    }

    /// What `files` of `tree`, lowered, say about building, for those who do not ask again.
    pub fn collect_once(
        &mut self,
        tree: &Tree,
        files: Vec<Option<Arc<LazyFile>>>,
        limits: Limits,
        knowledge: &Knowledge,
    ) -> Facts {
        let mut ahead = Ahead::new(tree, limits, knowledge);
        let mut files = files.into_iter();
        while files.len() > 0 {
            ahead.take_in(files.by_ref().take(ahead.at_once()).collect());
        }
        self.conclude(ahead)
    }

    /// What a tree says about building of which all files were read, for a process that does not ask again:
    /// what units find becomes part of the facts, and is not kept beside them, and what a file was lowered to
    /// is let go once the file was looked at. What flakes were evaluated to is never given back.
    pub fn conclude(&mut self, ahead: Ahead<'_>) -> Facts {
        *self = Session { groups: self.groups, ..Session::default() };
        let session = &*self;
        let Ready { tree, limits, knowledge, mut files, outlines, telling, bringing, mut early } =
            ahead.ready();
        let outlines = &outlines;
        let telling = &Telling::of_facts(outlines, telling);
        let bringing = &Telling::that_brings(bringing);
        let ground = Ground { outlines, telling, bringing, knowledge, findings: Findings::Told };
        let program = Program::new(tree, &files).within(limits);
        let begun = Run { session, program, ground }.begun();
        if !begun.numbers.is_empty() {
            early.clear();
        }
        let known = |unit: &Unit| (*unit, early.remove(unit));
        let answers: Vec<(Unit, Option<Arc<Kept>>)> = begun.alone.iter().map(known).collect();
        drop(early);
        let unknown = answers.iter().filter(|(_, known)| known.is_none());
        let unknown: Vec<Unit> = unknown.map(|(unit, _)| *unit).collect();
        let mut found = Vec::with_capacity(unknown.len());
        for units in unknown.chunks(at_once()) {
            let run = Run { session, program: Program::new(tree, &files).within(limits), ground };
            found.extend(run.evaluated_files(units, &run.basis(&begun.numbers)));
            let between = files.get_mut(around(units)).unwrap_or_default();
            let_go_of_lowered(between, |_| true);
            telling.forget();
            bringing.forget();
        }
        let mut found = found.into_iter();
        let in_order = answers.into_iter();
        let alone = in_order.filter_map(|(unit, known)| match known {
            Some(kept) => Some((unit, kept)),
            None => found.next(),
        });
        let alone = alone.collect();
        let program = Program::new(tree, &files).within(limits);
        let (facts, used) = Run { session, program, ground }.ended(begun, alone);
        self.work = Work { units: used.len(), evaluated: used.len() };
        // What is found in the facts takes their place.
        rayon::join(
            || used.into_par_iter().for_each(drop),
            || files.into_par_iter().for_each(drop),
        );
        facts
    }

    fn keep(&mut self, used: Vec<Answer>) {
        let is_new = |(unit, kept): &&Answer| {
            !self.kept.get(unit).is_some_and(|known| Arc::ptr_eq(known, kept))
        };
        let evaluated = used.iter().filter(is_new).count();
        self.work = Work { units: used.len(), evaluated };
        self.kept = used.into_iter().collect();
    }

    /// How much work the last answer was.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Forgets every unit that read something that is not as it was, and lets the others speak of
    /// the files as they are numbered now.
    fn forget_changed(
        &mut self,
        program: Program<'_>,
        before: Option<&Before>,
        relocation: Option<&Relocation>,
    ) {
        let Some(before) = before else {
            self.kept.clear();
            return;
        };
        let after_of = |file| relocation.map_or(Some(file), |it| it.after(file));
        let is_changed = |file: &FileId| {
            after_of(*file).is_none_or(|now| !is_as_it_was(*file, now, program, before))
        };
        let changed: FxHashSet<FileId> =
            before.tree.files().iter().copied().filter(is_changed).collect();
        self.kept.retain(|_, kept| {
            let reads = &kept.fragment.reads;
            changed.iter().all(|file| !reads.files().contains(file))
                && reads.hold(&before.tree, program.tree())
        });
        if let Some(relocation) = relocation {
            let kept = std::mem::take(&mut self.kept);
            self.kept =
                kept.into_iter().filter_map(|answer| relocated(answer, relocation)).collect();
        }
    }
}

/// The same answer for a tree that has other files beside those that it speaks of.
fn relocated((mut unit, kept): Answer, to: &Relocation) -> Option<Answer> {
    let mut kept = Arc::try_unwrap(kept).ok()?;
    unit.relocate(to).ok()?;
    kept.fragment.relocate(to).ok()?;
    kept.numbers.relocate(to).ok()?;
    Some((unit, Arc::new(kept)))
}

/// Whether the file `now` says what it said.
fn is_as_it_was(file: FileId, now: FileId, program: Program<'_>, before: &Before) -> bool {
    let lowered =
        |files: &[Option<Arc<LazyFile>>], file: FileId| files.get(file.index()).cloned().flatten();
    match (lowered(&before.files, file), lowered(program.files(), now)) {
        (Some(before), Some(now)) => Arc::ptr_eq(&before, &now),
        // What cannot be parsed can still be read as text.
        (None, None) => {
            let text = |tree: &Tree, file| tree.source(file).ok().map(|source| source.text.clone());
            text(&before.tree, file) == text(program.tree(), now)
        }
        _ => false,
    }
}
