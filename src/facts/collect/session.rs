//! Facts of one tree after another, where most of it stays as it was: what was evaluated is kept, and
//! evaluated again only when something that it read has changed.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Basis;
use super::arithmetic::numbers_in_text;
use super::entries::{alone, entries};
use super::flakes::{every_flake, flakes_in};
use super::fragment::{CallReport, Fragment};
use super::merging::merge;
use super::outline::{Outline, outlines_of};
use super::relocation::{Relocate as _, Relocation};
use super::summary::{Telling, TellingNames};
use super::unit::{MAX_GROUPS, Opened, Unit, evaluate_file, groups};
use crate::eval::{Program, Site};
use crate::facts::Facts;
use crate::hir::LazyFile;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span, Tree};

/// Collects the facts of one tree after another, and keeps what does not change between them.
///
/// What it gives never depends on what it kept. It must be asked with the same knowledge each time.
#[derive(Default)]
pub struct Session {
    before: Option<Before>,
    kept: FxHashMap<Unit, Arc<Kept>>,
    work: Work,
    is_thorough: bool,
    /// The groups that configurations are evaluated in, where that is not left to the purpose.
    groups: Option<usize>,
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

/// What one unit found.
struct Kept {
    fragment: Fragment,
    /// The numbers in text that it could see when it was evaluated.
    numbers: Vec<Span>,
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
        let telling = Telling::of_facts(program, &outlines);
        let bringing = Telling::that_brings(program, &outlines);
        let names = [&telling, &bringing].map(|it| Arc::clone(&it.names));
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
        let run = Run {
            session: self,
            program,
            outlines: &outlines,
            telling: &telling,
            bringing: &bringing,
            knowledge,
            keeps: true,
        };
        let (facts, used) = run.facts();
        self.keep(used);
        facts
    }

    /// What `program` says about building, for those who do not ask again: what units find becomes part
    /// of the facts, and is not kept beside them.
    pub fn collect_once(&mut self, program: Program<'_>, knowledge: &Knowledge) -> Facts {
        *self = Session { groups: self.groups, ..Session::default() };
        let outlines = &outlines_of(program, knowledge, |_, _| None);
        let telling = &Telling::of_facts(program, outlines);
        let bringing = &Telling::that_brings(program, outlines);
        let (session, keeps) = (&*self, false);
        let run = Run { session, program, outlines, telling, bringing, knowledge, keeps };
        let (facts, used) = run.facts();
        // No good for another answer, for there is no tree with it; but to take it apart takes time,
        // and the process may be about to end.
        self.keep(used);
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

/// One answer on its way.
struct Run<'r> {
    session: &'r Session,
    program: Program<'r>,
    outlines: &'r [Option<Arc<Outline>>],
    telling: &'r Telling,
    bringing: &'r Telling,
    knowledge: &'r Knowledge,
    /// Whether what units found is kept, and not only told.
    keeps: bool,
}

/// A unit, and what it found.
type Answer = (Unit, Arc<Kept>);

/// A flake, and what its units go on from, once one of them has to be evaluated.
struct Flake<'p, 'k> {
    file: FileId,
    names: Arc<Kept>,
    opened: OnceLock<Opened<'p, 'k>>,
}

impl Run<'_> {
    fn facts(&self) -> (Facts, Vec<Answer>) {
        let none = FxHashSet::default();
        let profiles = self.files_where(|outline| outline.is_profile).map(Unit::Profile).collect();
        let profiles = self.evaluated_files(profiles, &self.basis(&none));
        let parts = profiles.iter().flat_map(|(_, kept)| &kept.fragment.parts);
        let numbers = numbers_in_text(
            parts.filter_map(|part| part.facts.as_deref()).flat_map(|facts| &facts.profiles),
        );

        let basis = self.basis(&numbers);
        let mut used = self.evaluated_flakes(&basis);
        let entries = entries(self.program.tree(), self.outlines).map(Unit::Entry).collect();
        let entries = self.evaluated_files(entries, &basis);
        used.extend(alone(entries, |(_, kept)| &kept.fragment.reached));
        let reached: FxHashSet<FileId> =
            used.iter().flat_map(|(_, kept)| kept.fragment.reached.iter().copied()).collect();
        // Where text that could be a number is about, every file may use it.
        let is_of_interest = |outline: &Outline| !numbers.is_empty() || outline.is_of_interest();
        let files = self.files_where(is_of_interest).filter(|file| !reached.contains(file));
        used.extend(self.evaluated_files(files.map(Unit::File).collect(), &basis));
        used.extend(profiles);
        let declarations = every_flake(self.program.tree()).into_iter().map(Unit::Declaration);
        used.extend(self.evaluated_files(declarations.collect(), &basis));

        let calls = self.calls(&mut used);
        let fragments: Vec<&Fragment> = used.iter().map(|(_, kept)| &kept.fragment).collect();
        (merge(self.program, &basis, &fragments, calls), used)
    }

    /// What the units found of calls: their own if nobody keeps it, for it is most of what they found.
    fn calls(&self, used: &mut [Answer]) -> Vec<CallReport> {
        let of_unit = |(_, kept): &mut Answer| match Arc::get_mut(kept).filter(|_| !self.keeps) {
            Some(kept) => std::mem::take(&mut kept.fragment.calls),
            None => kept.fragment.calls.clone(),
        };
        used.iter_mut().flat_map(of_unit).collect()
    }

    fn basis<'n>(&'n self, numbers: &'n FxHashSet<Span>) -> Basis<'n> {
        Basis {
            knowledge: self.knowledge,
            outlines: self.outlines,
            numbers_in_text: numbers,
            telling: self.telling,
            bringing: self.bringing,
            is_thorough: self.session.is_thorough,
        }
    }

    /// How many groups the configurations of a flake are evaluated in. Together they cost least; apart,
    /// less of them has to be evaluated again.
    fn groups(&self) -> usize {
        let at_once = || rayon::current_num_threads().clamp(1, MAX_GROUPS);
        self.session.groups.unwrap_or_else(|| if self.keeps { MAX_GROUPS } else { at_once() })
    }

    /// The files whose outline is such, in their order.
    fn files_where(&self, is_such: impl Fn(&Outline) -> bool) -> impl Iterator<Item = FileId> {
        let outlines = self.outlines.iter().enumerate();
        let such =
            outlines.filter(move |(_, outline)| outline.as_ref().is_some_and(|it| is_such(it)));
        such.map(|(index, _)| FileId::from_index(index))
    }

    /// What is kept of `unit`, if it saw the numbers that it would see now.
    fn known(&self, unit: Unit, basis: &Basis<'_>) -> Option<Arc<Kept>> {
        self.session.kept.get(&unit).filter(|kept| kept.has_seen(basis.numbers_in_text)).cloned()
    }

    fn evaluated_files(&self, units: Vec<Unit>, basis: &Basis<'_>) -> Vec<Answer> {
        let evaluate = |unit: &Unit| {
            let evaluate = || Kept::new(evaluate_file(*unit, self.program, basis), basis);
            (*unit, self.known(*unit, basis).unwrap_or_else(evaluate))
        };
        units.par_iter().map(evaluate).collect()
    }

    /// What the flakes and their configurations say. The outputs of flakes come last: they ask which
    /// modules the configurations have.
    fn evaluated_flakes(&self, basis: &Basis<'_>) -> Vec<Answer> {
        let files = flakes_in(self.program.tree());
        let flakes: Vec<Flake<'_, '_>> =
            files.par_iter().map(|file| self.flake(*file, basis)).collect();
        let groups = flakes.iter().flat_map(|flake| {
            let names = &flake.names.fragment.configurations;
            let groups = groups(names, self.groups()).enumerate();
            groups.map(move |(index, group)| (flake, index, group))
        });
        let groups: Vec<_> = groups.collect();
        let breadth = MAX_GROUPS.div_ceil(self.groups());
        let configurations = groups.par_iter().map(|(flake, index, group)| {
            let unit = Unit::Configurations(flake.file, *index);
            let opened = || flake.opened(self.program, basis);
            let evaluate = || Kept::new(opened().configurations(group, breadth), basis);
            (unit, self.known(unit, basis).unwrap_or_else(evaluate))
        });
        let configurations: Vec<Answer> = configurations.collect();

        let applied = configurations.iter().flat_map(|(_, kept)| &kept.fragment.applied_modules);
        let applied: Arc<FxHashSet<Site>> = Arc::new(applied.copied().collect());
        let outputs = flakes.par_iter().map(|flake| {
            let unit = Unit::Outputs(flake.file);
            let opened = || flake.opened(self.program, basis);
            let evaluate = || Kept::new(opened().outputs(Arc::clone(&applied)), basis);
            let known = self.known(unit, basis).filter(|kept| kept.would_be_told_so(&applied));
            (unit, known.unwrap_or_else(evaluate))
        });
        let outputs: Vec<Answer> = outputs.collect();

        let names = flakes.iter().map(|flake| (Unit::Names(flake.file), Arc::clone(&flake.names)));
        names.chain(configurations).chain(outputs).collect()
    }

    fn flake<'n>(&'n self, file: FileId, basis: &'n Basis<'n>) -> Flake<'n, 'n> {
        let opened = OnceLock::new();
        let names = self.known(Unit::Names(file), basis).unwrap_or_else(|| {
            let (now, names) = Opened::new(file, self.program, basis);
            let _ = opened.set(now);
            Kept::new(names, basis)
        });
        Flake { file, names, opened }
    }
}

impl<'p, 'k: 'p> Flake<'p, 'k> {
    fn opened(&self, program: Program<'p>, basis: &'k Basis<'k>) -> &Opened<'p, 'k> {
        self.opened.get_or_init(|| Opened::new(self.file, program, basis).0)
    }
}

impl Kept {
    fn new(fragment: Fragment, basis: &Basis<'_>) -> Arc<Kept> {
        let numbers = seen(&fragment, basis.numbers_in_text);
        Arc::new(Kept { fragment, numbers })
    }

    /// Whether the numbers in text that it can see are those that it saw.
    fn has_seen(&self, numbers: &FxHashSet<Span>) -> bool {
        self.numbers == seen(&self.fragment, numbers)
    }

    /// Whether it would be told of other units what it was told.
    fn would_be_told_so(&self, applied: &FxHashSet<Site>) -> bool {
        let decisions = &self.fragment.decisions;
        decisions.iter().all(|asked| applied.contains(&asked.function) == asked.is_applied)
    }
}

/// Those of `numbers` that stand in files that a unit read, in their order.
fn seen(fragment: &Fragment, numbers: &FxHashSet<Span>) -> Vec<Span> {
    let read = fragment.reads.files();
    let mut seen: Vec<Span> =
        numbers.iter().copied().filter(|span| read.contains(&span.file)).collect();
    seen.sort_unstable_by_key(Span::sort_key);
    seen
}
