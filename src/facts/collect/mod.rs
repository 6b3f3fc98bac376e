//! Collecting facts: the roots of the tree first, which bind the parameters of its files, then every
//! call in the text that no root reached.
//!
//! # What is kept when something changes
//!
//! A tree is evaluated in [`unit`]s, each with an evaluator of its own: the outputs of a flake, a
//! group of its configurations, a file that none of these reads. An evaluator notes all that it asks
//! the tree for, and what a unit finds, its [`fragment`], depends on the answers and on nothing else. A
//! [`Session`] therefore keeps every fragment until one of its answers is another, and [`merging`]
//! lays the fragments side by side, in the order of their units. A tree that was never seen goes the
//! same way with nothing kept: what is found cannot depend on what was there before. What is asked
//! is also which files there are (whether one is there, the names in a folder), so that a file that
//! comes or goes concerns only who asked; what is kept then gets the new numbers of its files
//! ([`relocation`]).
//!
//! Units share what they must: all units of a flake go on from one state, in which its outputs are
//! named, and which is copied. Where one unit knows a thing better than another (a function that is
//! called in one host, and by nobody in another), each finding says how well its environment is known
//! ([`fragment::Rank`]), and merging keeps the best. So no unit has to wait for another. There is
//! one exception: modules that a flake defines are looked at alone only if no configuration has
//! them, and a unit that asked for that is kept only while the answer stays ([`fragment::Decision`]).
//!
//! Within a unit, what several configurations compute in the same way is computed once
//! ([`Evaluator::share`]). For an answer that nobody keeps, there are therefore only as many groups of
//! configurations as there are threads; what is found is the same.
//!
//! What merging does itself (names of keys, contexts of calls, counting) goes over all files, by
//! [`outline`]s that are made once for a text.

mod ahead;
mod arithmetic;
mod attributes;
mod build_machines;
mod callee;
mod conditions;
mod configurations;
mod context;
mod definitions;
mod derivation_reads;
mod entries;
mod fetches;
mod flake_parts;
mod flakes;
mod fragment;
mod freeze;
mod inputs;
mod inspect;
mod installed;
mod keys;
mod list_parts;
mod loose_modules;
mod made_by;
mod merging;
mod module;
mod module_order;
mod mute;
mod named_configurations;
mod needs;
mod nix_conf;
mod numeric;
mod outline;
mod overlays;
mod package_sets;
mod place;
mod profile_names;
mod profiles;
mod purpose;
mod reads;
mod reasons;
mod redefinitions;
mod references;
mod relocation;
mod role;
mod run;
mod session;
mod settling;
mod sites;
mod summary;
mod unbound;
mod unit;
mod uses;
mod way;
mod words;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{DerivationRead, Facts, LookupPath, ModuleKind, Package, UnpinnedFetch};
use crate::eval::{CallId, EnvId, Evaluator, Limit, Limits, Program, Root, Site, ThunkId};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span, Tree};
use fragment::{CallReport, Decision, Fragment, Occasion, Operation, Part, Sighting, TextUse};
use module::ModuleContext;
use outline::Outline;
use summary::Telling;
use unbound::Unbound;

pub use ahead::Ahead;
pub use inspect::inspect;
pub use session::{Session, Work};
pub use words::Words;

/// What `program` says about building. Deterministic, and never fails: what cannot be followed is
/// counted in [`Facts::coverage`].
pub fn collect(program: Program<'_>, knowledge: &Knowledge) -> Facts {
    let (tree, files, limits) = (program.tree(), program.files().to_vec(), program.limits());
    Session::default().collect_once(tree, files, limits, knowledge)
}

/// What is known before anything is evaluated, and the same for every unit.
struct Basis<'k> {
    knowledge: &'k Knowledge,
    /// By [`FileId::index`].
    outlines: &'k [Option<Arc<Outline>>],
    /// The text in profiles that could be numbers, where it is written.
    numbers_in_text: &'k FxHashSet<Span>,
    /// What stands in expressions that facts may be made of.
    telling: &'k Telling<'k>,
    /// What stands in expressions that may bring something into a configuration.
    bringing: &'k Telling<'k>,
    /// Everything is evaluated, whether or not any fact is made of it.
    is_thorough: bool,
}

impl<'k> Basis<'k> {
    /// Whether what no fact is made of need not be evaluated. Text that could be a number must be
    /// followed wherever it goes.
    fn is_selective(&self) -> bool {
        !self.is_thorough && self.numbers_in_text.is_empty()
    }

    fn outline(&self, file: FileId) -> Option<&'k Outline> {
        self.outlines.get(file.index())?.as_deref()
    }
}

/// Evaluates, and notes what it finds.
#[derive(Clone)]
struct Collector<'p, 'k> {
    evaluator: Evaluator<'p>,
    basis: &'k Basis<'k>,
    /// What was found since the last part was closed.
    facts: Facts,
    /// The modules and overlays that were met since then.
    new_modules: Vec<(FileId, ModuleKind)>,
    new_overlays: Vec<Site>,
    parts: Vec<Part>,
    calls: Vec<CallReport>,
    operations: Vec<Operation>,
    text_uses: Vec<TextUse>,
    fetches: Vec<Sighting<UnpinnedFetch>>,
    lookups: Vec<Sighting<LookupPath>>,
    derivation_reads: Vec<Sighting<DerivationRead>>,
    /// The functions that were evaluated as modules of configurations.
    applied_modules: FxHashSet<Site>,
    /// Those of other units.
    applied_elsewhere: Arc<FxHashSet<Site>>,
    decisions: Vec<Decision>,
    /// What another unit answers for.
    shared: Option<Arc<Shared>>,
    /// What all of it comes to, for those who ask on.
    together: Facts,
    /// Only functions that are called from elsewhere are looked into.
    only_called: bool,
    unbound: Unbound,
    /// What kind of module each file was evaluated as.
    module_kinds: FxHashMap<FileId, ModuleKind>,
    /// Modules that were evaluated, by file, configuration and the environment of their arguments.
    modules: FxHashSet<(FileId, Option<String>)>,
    /// The inner functions of overlays that were applied.
    overlays: FxHashSet<Site>,
    overlay_frames: FxHashSet<(Site, EnvId)>,
    applications: redefinitions::Applications,
    flakes: FxHashMap<FileId, ThunkId>,
    /// The modules of flakes that are made of modules, until they are walked.
    flake_modules: Vec<ModuleContext>,
    configurations: FxHashSet<CallId>,
    /// Calls up to here were looked at for what they instantiate.
    calls_seen: usize,
    sites_seen: FxHashSet<(Span, Option<Span>, Option<Package>, bool)>,
    /// How many more option definitions and outputs are looked at in this module or flake.
    definitions_left: u32,
    /// How many times as many environments are looked at as in a unit of its own.
    breadth: usize,
}

/// What a unit goes on from and another answers for: whatever is in these files, unless something
/// calls it from then on.
struct Shared {
    files: FxHashSet<FileId>,
    /// How many frames there were.
    frames: usize,
}

impl<'p, 'k: 'p> Collector<'p, 'k> {
    fn new(program: Program<'p>, limits: Limits, basis: &'k Basis<'k>) -> Collector<'p, 'k> {
        let mut evaluator = Evaluator::new(program, limits);
        evaluator.keep_ways(false);
        if basis.is_selective() {
            evaluator.share(basis.bringing);
            evaluator.leave_mute(basis.telling);
        }
        Collector {
            evaluator,
            basis,
            facts: Facts::default(),
            new_modules: Vec::new(),
            new_overlays: Vec::new(),
            parts: Vec::new(),
            calls: Vec::new(),
            operations: Vec::new(),
            text_uses: Vec::new(),
            fetches: Vec::new(),
            lookups: Vec::new(),
            derivation_reads: Vec::new(),
            applied_modules: FxHashSet::default(),
            applied_elsewhere: Arc::default(),
            decisions: Vec::new(),
            shared: None,
            together: Facts::default(),
            only_called: false,
            unbound: Unbound::default(),
            module_kinds: FxHashMap::default(),
            modules: FxHashSet::default(),
            overlays: FxHashSet::default(),
            overlay_frames: FxHashSet::default(),
            applications: redefinitions::Applications::default(),
            flakes: FxHashMap::default(),
            flake_modules: Vec::new(),
            configurations: FxHashSet::default(),
            calls_seen: 0,
            sites_seen: FxHashSet::default(),
            definitions_left: program.limits().definitions,
            breadth: 1,
        }
    }
}

impl<'p> Collector<'p, '_> {
    /// Whether one more option definition or output is looked at.
    fn takes_definition(&mut self) -> bool {
        match self.definitions_left.checked_sub(1) {
            Some(left) => {
                self.definitions_left = left;
                true
            }
            None => {
                self.evaluator.give_up(Limit::Definitions);
                false
            }
        }
    }

    /// Begins with a module or a flake, as far as its definitions are concerned.
    fn begin_definitions(&mut self) {
        self.definitions_left = self.evaluator.program().limits().definitions;
    }

    fn tree(&self) -> &'p Tree {
        self.evaluator.program().tree()
    }

    fn symbol(&mut self, root: Root) -> ThunkId {
        self.evaluator.symbol(root)
    }

    /// Notes that `file` was evaluated as a module.
    fn note_module(&mut self, file: FileId, kind: ModuleKind) {
        self.module_kinds.entry(file).or_insert(kind);
        self.new_modules.push((file, kind));
    }

    /// Notes that the overlay with the inner function `inner` was applied.
    fn note_overlay(&mut self, inner: Site) {
        self.overlays.insert(inner);
        self.new_overlays.push(inner);
    }

    /// What was found since the last time was found on `occasion`.
    fn close_part(&mut self, occasion: Occasion) {
        self.parts.push(Part::new(
            occasion,
            std::mem::take(&mut self.facts),
            std::mem::take(&mut self.new_modules),
            std::mem::take(&mut self.new_overlays),
        ));
    }

    /// Looks into files: for modules and overlays that nothing brought in, then at their calls,
    /// operations and fetches.
    fn look_into(&mut self, files: &[FileId]) {
        for file in files {
            self.evaluate_loose_module(*file);
        }
        for file in files {
            self.apply_loose_overlays(*file);
        }
        for file in files {
            self.scan_calls(*file);
        }
        for file in files {
            self.collect_arithmetic(*file);
        }
        for file in files {
            self.collect_fetches(*file);
            self.collect_derivation_reads(*file);
        }
    }

    /// What was found, and is nobody else's then.
    fn take_fragment(&mut self) -> Fragment {
        Fragment {
            reads: self.evaluator.reads().clone(),
            given_up: self.evaluator.take_given_up(),
            parts: taken(&mut self.parts),
            calls: taken(&mut self.calls),
            operations: taken(&mut self.operations),
            text_uses: taken(&mut self.text_uses),
            fetches: taken(&mut self.fetches),
            lookups: taken(&mut self.lookups),
            derivation_reads: taken(&mut self.derivation_reads),
            applied_modules: std::mem::take(&mut self.applied_modules),
            decisions: taken(&mut self.decisions),
            names: (self.evaluator.names_asked_for_calls())
                .union(self.evaluator.asked_names())
                .copied()
                .collect(),
            ..Fragment::default()
        }
    }
}

/// All of it, cut to length: of thousands of units, most find one thing of a kind, or none.
fn taken<T>(found: &mut Vec<T>) -> Vec<T> {
    let mut taken = std::mem::take(found);
    taken.shrink_to_fit();
    taken
}
