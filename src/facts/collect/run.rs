//! One answer on its way: the units that a tree is evaluated in, one kind after the other.

use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::Basis;
use super::arithmetic::numbers_in_text;
use super::entries::{alone, entries};
use super::flakes::{every_flake, flakes_in};
use super::fragment::{CallReport, Fragment};
use super::merging::merge;
use super::outline::Outline;
use super::session::Session;
use super::summary::Telling;
use super::unit::{MAX_GROUPS, Opened, Spent, Unit, evaluate_file, groups};
use crate::eval::{Program, Site};
use crate::facts::Facts;
use crate::hir::LazyFile;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span};

/// What one unit found.
pub(super) struct Kept {
    pub fragment: Fragment,
    /// The numbers in text that it could see when it was evaluated.
    pub numbers: Vec<Span>,
}

/// Files that are looked at alone are let go after so many: enough to keep all threads busy, and few
/// beside the files of a tree that is so large that it matters.
pub(super) fn at_once() -> usize {
    const FOR_EACH_THREAD: usize = 32;
    FOR_EACH_THREAD * rayon::current_num_threads()
}

/// Lets go of what those of `files` were lowered to that are done with, by their place among them.
pub(super) fn let_go_of_lowered(
    files: &mut [Option<Arc<LazyFile>>],
    is_done: impl Fn(usize) -> bool + Sync,
) {
    let done = files.par_iter_mut().enumerate().filter(|(place, _)| is_done(*place));
    let lowered = done.filter_map(|(_, file)| file.as_mut());
    lowered.filter_map(Arc::get_mut).for_each(LazyFile::let_go);
}

/// The files of `units` and those between them, by their places.
pub(super) fn around(units: &[Unit]) -> RangeInclusive<usize> {
    let file = |unit: Option<&Unit>| match unit {
        Some(Unit::File(file)) => file.index(),
        _ => 0,
    };
    file(units.first())..=file(units.last())
}

/// What an answer is found by, whatever it is asked of.
#[derive(Clone, Copy)]
pub(super) struct Ground<'r> {
    pub outlines: &'r [Option<Arc<Outline>>],
    pub telling: &'r Telling<'r>,
    pub bringing: &'r Telling<'r>,
    pub knowledge: &'r Knowledge,
    pub findings: Findings,
}

/// One answer on its way.
pub(super) struct Run<'r> {
    pub session: &'r Session,
    pub program: Program<'r>,
    pub ground: Ground<'r>,
}

/// What was found before files are looked at alone.
pub(super) struct Begun {
    /// The numbers in the text of profiles.
    pub numbers: FxHashSet<Span>,
    pub profiles: Vec<Answer>,
    /// What flakes and entries say.
    pub roots: Vec<Answer>,
    /// The files that these do not reach, and that may say something.
    pub alone: Vec<Unit>,
}

/// What becomes of what units found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Findings {
    /// It is kept for the next answer, too.
    Kept,
    /// It becomes part of the facts.
    Told,
}

/// A unit, and what it found.
pub(super) type Answer = (Unit, Arc<Kept>);

/// A flake, and what its units go on from, once one of them has to be evaluated.
struct Flake<'p, 'k> {
    file: FileId,
    names: Arc<Kept>,
    opened: OnceLock<Opened<'p, 'k>>,
}

impl Run<'_> {
    /// What is found before files are looked at alone.
    pub fn begun(&self) -> Begun {
        let none = FxHashSet::default();
        let profiles = self.files_where(|outline| outline.is_profile).map(Unit::Profile);
        let profiles: Vec<Unit> = profiles.collect();
        let profiles = self.evaluated_files(&profiles, &self.basis(&none));
        let parts = profiles.iter().flat_map(|(_, kept)| &kept.fragment.parts);
        let numbers = numbers_in_text(
            parts.filter_map(|part| part.told.as_deref()).flat_map(|told| &told.profiles),
        );

        let basis = self.basis(&numbers);
        let mut roots = self.evaluated_flakes(&basis);
        let entries = entries(self.program.tree(), self.ground.outlines).map(Unit::Entry);
        let entries = self.evaluated_files(&entries.collect::<Vec<_>>(), &basis);
        roots.extend(alone(entries, |(_, kept)| &kept.fragment.reached));
        let reached: FxHashSet<FileId> =
            roots.iter().flat_map(|(_, kept)| kept.fragment.reached.iter().copied()).collect();
        // Where text that could be a number is about, every file may use it.
        let is_of_interest = |outline: &Outline| !numbers.is_empty() || outline.is_of_interest();
        let files = self.files_where(is_of_interest).filter(|file| !reached.contains(file));
        let alone = files.map(Unit::File).collect();
        Begun { numbers, profiles, roots, alone }
    }

    /// The answer, and what it is made of, once the files were looked at `alone`.
    pub fn ended(&self, begun: Begun, alone: Vec<Answer>) -> (Facts, Vec<Answer>) {
        let basis = self.basis(&begun.numbers);
        let mut used = begun.roots;
        used.extend(alone);
        used.extend(begun.profiles);
        let declarations = every_flake(self.program.tree()).into_iter().map(Unit::Declaration);
        used.extend(self.evaluated_files(&declarations.collect::<Vec<_>>(), &basis));

        let calls = calls(&mut used, self.ground.findings);
        let fragments: Vec<&Fragment> = used.iter().map(|(_, kept)| &kept.fragment).collect();
        (merge(self.program.tree(), &basis, &fragments, calls), used)
    }

    /// What every unit is told.
    pub fn basis<'n>(&'n self, numbers: &'n FxHashSet<Span>) -> Basis<'n> {
        let Ground { outlines, telling, bringing, knowledge, findings: _ } = self.ground;
        Basis {
            knowledge,
            outlines,
            numbers_in_text: numbers,
            telling,
            bringing,
            is_thorough: self.session.is_thorough,
        }
    }

    /// How many groups the configurations of a flake are evaluated in. Together they cost least; apart,
    /// less of them has to be evaluated again.
    fn groups(&self) -> usize {
        let at_once = || rayon::current_num_threads().clamp(1, MAX_GROUPS);
        self.session.groups.unwrap_or_else(|| match self.ground.findings {
            Findings::Kept => MAX_GROUPS,
            Findings::Told => at_once(),
        })
    }

    /// The files whose outline is such, in their order.
    fn files_where(&self, is_such: impl Fn(&Outline) -> bool) -> impl Iterator<Item = FileId> {
        let outlines = self.ground.outlines.iter().enumerate();
        let such =
            outlines.filter(move |(_, outline)| outline.as_ref().is_some_and(|it| is_such(it)));
        such.map(|(index, _)| FileId::from_index(index))
    }

    /// What is kept of `unit`, if it saw the numbers that it would see now.
    fn known(&self, unit: Unit, basis: &Basis<'_>) -> Option<Arc<Kept>> {
        self.session.kept.get(&unit).filter(|kept| kept.has_seen(basis.numbers_in_text)).cloned()
    }

    /// What a unit found, with as much of what it asked for as the next answer needs.
    fn kept(&self, mut fragment: Fragment, basis: &Basis<'_>) -> Arc<Kept> {
        let numbers = seen(&fragment, basis.numbers_in_text);
        if self.ground.findings == Findings::Told {
            (fragment.reads, fragment.names) = Default::default();
        }
        Arc::new(Kept { fragment, numbers })
    }

    /// What each of these profiles, entries, files or declarations says.
    pub fn evaluated_files(&self, units: &[Unit], basis: &Basis<'_>) -> Vec<Answer> {
        let evaluate = |unit: &Unit| {
            let evaluate = || self.kept(evaluate_file(*unit, self.program, basis), basis);
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
            let evaluate = || self.kept_of_flake(opened().configurations(group, breadth), basis);
            (unit, self.known(unit, basis).unwrap_or_else(evaluate))
        });
        let configurations: Vec<Answer> = configurations.collect();

        let applied = configurations.iter().flat_map(|(_, kept)| &kept.fragment.applied_modules);
        let applied: Arc<FxHashSet<Site>> = Arc::new(applied.copied().collect());
        let outputs = flakes.par_iter().map(|flake| {
            let unit = Unit::Outputs(flake.file);
            let opened = || flake.opened(self.program, basis);
            let evaluate = || self.kept_of_flake(opened().outputs(Arc::clone(&applied)), basis);
            let known = self.known(unit, basis).filter(|kept| kept.would_be_told_so(&applied));
            (unit, known.unwrap_or_else(evaluate))
        });
        let outputs: Vec<Answer> = outputs.collect();

        let names = flakes.iter().map(|flake| (Unit::Names(flake.file), Arc::clone(&flake.names)));
        names.chain(configurations).chain(outputs).collect()
    }

    /// What is kept of a unit of a flake. Who does not ask again ends soon, and taking a million values
    /// apart is a tenth of what evaluating them takes: these go with the process.
    fn kept_of_flake(
        &self,
        (found, spent): (Fragment, Spent<'_, '_>),
        basis: &Basis<'_>,
    ) -> Arc<Kept> {
        match self.ground.findings {
            Findings::Kept => drop(spent),
            Findings::Told => std::mem::forget(spent),
        }
        self.kept(found, basis)
    }

    fn flake<'n>(&'n self, file: FileId, basis: &'n Basis<'n>) -> Flake<'n, 'n> {
        let opened = OnceLock::new();
        let names = self.known(Unit::Names(file), basis).unwrap_or_else(|| {
            let (now, names) = Opened::new(file, self.program, basis);
            let _ = opened.set(now);
            self.kept(names, basis)
        });
        Flake { file, names, opened }
    }
}

/// What the units found of calls: their own if nobody keeps it, for it is most of what they found.
fn calls(used: &mut [Answer], findings: Findings) -> Vec<CallReport> {
    let is_told = findings == Findings::Told;
    let of_unit = |(_, kept): &mut Answer| match Arc::get_mut(kept).filter(|_| is_told) {
        Some(kept) => std::mem::take(&mut kept.fragment.calls),
        None => kept.fragment.calls.clone(),
    };
    let mut calls =
        Vec::with_capacity(used.iter().map(|(_, kept)| kept.fragment.calls.len()).sum());
    calls.extend(used.iter_mut().flat_map(of_unit));
    calls
}

impl<'p, 'k: 'p> Flake<'p, 'k> {
    fn opened(&self, program: Program<'p>, basis: &'k Basis<'k>) -> &Opened<'p, 'k> {
        self.opened.get_or_init(|| Opened::new(self.file, program, basis).0)
    }
}

impl Kept {
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
