//! What is evaluated by itself, with an evaluator of its own.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::fragment::{Fragment, Occasion};
use super::{Basis, Collector, Shared};
use crate::eval::{Program, Site};
use crate::hir::Name;
use crate::source::FileId;

/// The configurations of a flake are evaluated in at most so many groups. A flake with more gives most
/// of them the same modules: one by one they would cost more than they save. Of public flakes, one with
/// 16 configurations took a sixth more processor time then, and one with 22 half as much again.
pub(super) const MAX_GROUPS: usize = 8;

/// A part of a tree that is evaluated by itself, and again only when something that it read has
/// changed.
///
/// A configuration is its own, for most of what is evaluated belongs to one. Files that nothing
/// leads to are looked at one by one: there is nothing that would bring them together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Unit {
    /// A file that may be a hardware profile.
    Profile(FileId),
    /// What a flake declares of itself and its inputs.
    Declaration(FileId),
    /// What all that a flake gives goes on from: its outputs, as far as their names.
    Names(FileId),
    /// Some of the configurations of a flake.
    Configurations(FileId, usize),
    /// What a flake gives, but for its configurations.
    Outputs(FileId),
    /// A configuration of a tree without a flake, by the module that Nix is told to begin with.
    Entry(FileId),
    /// A file that none of the above reads.
    File(FileId),
}

/// A configuration of a flake: its output, and its name there.
pub(super) type ConfigurationName = (&'static str, Name);

/// What the units of a flake go on from.
pub(super) struct Opened<'p, 'k> {
    flake: FileId,
    collector: Collector<'p, 'k>,
}

/// What a unit evaluated, once its findings are taken.
pub(super) struct Spent<'p, 'k>(
    #[expect(dead_code, reason = "it is held or let go")] Collector<'p, 'k>,
);

/// The groups that the configurations of a flake are evaluated in, at most so many.
pub(super) fn groups(
    names: &[ConfigurationName],
    at_most: usize,
) -> impl Iterator<Item = &[ConfigurationName]> {
    names.chunks(names.len().div_ceil(at_most.max(1)).max(1))
}

/// Evaluates a profile, a declaration or a file.
pub(super) fn evaluate_file(unit: Unit, program: Program<'_>, basis: &Basis<'_>) -> Fragment {
    let limits = match unit {
        Unit::Entry(_) => program.limits(),
        _ => program.limits().for_a_file(),
    };
    let mut collector = Collector::new(program, limits, basis);
    match unit {
        Unit::Profile(file) => collector.collect_profile(file),
        Unit::Declaration(flake) => collector.collect_flake(flake),
        Unit::File(file) => collector.look_around(&[file]),
        Unit::Entry(file) => {
            let reads = |collector: &Collector<'_, '_>| collector.evaluator.reads().clone();
            if !collector.evaluate_entry(file) {
                // Alone, it is looked at as any other file.
                return Fragment { reads: reads(&collector), ..Fragment::default() };
            }
            collector.close_part(Occasion::Root);
            let reached = collector.files_read();
            collector.look_around(&reached);
            return Fragment { reached, ..collector.take_fragment() };
        }
        Unit::Names(_) | Unit::Configurations(..) | Unit::Outputs(_) => {}
    }
    collector.close_part(Occasion::Root);
    collector.take_fragment()
}

impl<'p, 'k: 'p> Opened<'p, 'k> {
    /// Evaluates a flake as far as the names of its configurations.
    pub fn new(
        flake: FileId,
        program: Program<'p>,
        basis: &'k Basis<'k>,
    ) -> (Opened<'p, 'k>, Fragment) {
        let mut collector = Collector::new(program, program.limits(), basis);
        let configurations = collector.open_flake(flake);
        collector.close_part(Occasion::Root);
        let names = Fragment { configurations, ..collector.take_fragment() };
        (Opened { flake, collector }, names)
    }

    /// Evaluates `configurations` of the flake, as many as are in so many of the [`MAX_GROUPS`], and
    /// looks into every file that they read.
    pub fn configurations(
        &self,
        configurations: &[ConfigurationName],
        breadth: usize,
    ) -> (Fragment, Spent<'p, 'k>) {
        let mut collector = self.collector.clone();
        collector.breadth = breadth;
        collector.flake_modules.clear();
        collector.shared = Some(Arc::new(Shared {
            files: collector.evaluator.reads().files().clone(),
            frames: collector.evaluator.frames(),
        }));
        for (output, name) in configurations {
            collector.evaluate_configuration(self.flake, output, *name);
        }
        collector.look_around_roots()
    }

    /// Evaluates what the flake gives beside its configurations, and looks into every file that it
    /// reads; `applied` are the modules that configurations have.
    pub fn outputs(&self, applied: Arc<FxHashSet<Site>>) -> (Fragment, Spent<'p, 'k>) {
        let mut collector = self.collector.clone();
        collector.applied_elsewhere = applied;
        collector.evaluate_outputs(self.flake);
        collector.look_around_roots()
    }
}

impl<'p, 'k> Collector<'p, 'k> {
    /// Looks into every file that a root has led to.
    fn look_around_roots(mut self) -> (Fragment, Spent<'p, 'k>) {
        self.close_part(Occasion::Root);
        let reached = self.files_read();
        self.collect_lookup_paths(&reached);
        self.look_around(&reached);
        (Fragment { reached, ..self.take_fragment() }, Spent(self))
    }
}

impl Collector<'_, '_> {
    /// Looks into `files`, and into the functions of others that these call.
    fn look_around(&mut self, files: &[FileId]) {
        files.iter().for_each(|file| self.evaluator.note(*file));
        self.look_into(files);
        let mut seen = files.to_vec();
        self.only_called = true;
        loop {
            let mut called = self.files_read();
            called.retain(|file| !seen.contains(file));
            if called.is_empty() {
                break;
            }
            self.look_into(&called);
            seen.extend(called);
        }
    }

    /// The files that were read, in their order.
    pub(super) fn files_read(&self) -> Vec<FileId> {
        let mut files: Vec<FileId> = self.evaluator.reads().files().iter().copied().collect();
        files.sort_unstable();
        files
    }
}
