//! What the evaluation of one unit found, before it is laid beside what others found.
//!
//! Much of it counts only if no other unit knows better: a file looked at alone is a module of a
//! configuration elsewhere, a function that nothing calls here is called there. Each finding
//! therefore says what it rests on, and [`super::merging`] decides.

use rustc_hash::FxHashSet;
use thin_vec::ThinVec;

use super::context::Surroundings;
use super::unit::ConfigurationName;
use crate::eval::{GivenUp, Reads, Site};
use crate::facts::{
    Configuration, DerivationRead, DerivationSite, Facts, Flake, HostProfile, Installed,
    LookupPath, ModuleKind, OverlayEntry, OverrideSite, PackageSetOption, Redefinition, Setting,
    StringArithmetic, UnpinnedFetch,
};
use crate::hir::Name;
use crate::source::{FileId, Span};

/// What one unit found.
#[derive(Default)]
pub(super) struct Fragment {
    /// What it asked the tree.
    pub reads: Reads,
    /// Where its evaluation went no further.
    pub given_up: Vec<GivenUp>,
    /// The files that its root leads to, sorted: what else is read was looked for.
    pub reached: Vec<FileId>,
    /// The configurations that a flake has, by output and name.
    pub configurations: Vec<ConfigurationName>,
    pub parts: Vec<Part>,
    pub calls: Vec<CallReport>,
    pub operations: Vec<Operation>,
    pub text_uses: Vec<TextUse>,
    pub fetches: Vec<Sighting<UnpinnedFetch>>,
    pub lookups: Vec<Sighting<LookupPath>>,
    pub derivation_reads: Vec<Sighting<DerivationRead>>,
    /// The functions that were evaluated as modules of configurations.
    pub applied_modules: FxHashSet<Site>,
    /// What it was told of other units.
    pub decisions: Vec<Decision>,
    /// The names of which it asked whether they lead to a function worth a call.
    pub names: FxHashSet<Name>,
}

/// What a unit was told of all others: whether a configuration of theirs has a module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    pub function: Site,
    pub is_applied: bool,
}

/// Facts that count together or not at all.
#[derive(Clone, Default)]
pub(super) struct Part {
    pub occasion: Occasion,
    /// Nothing where there is nothing to tell, as in most parts of a large tree.
    pub told: Option<Box<Told>>,
    /// The files that were evaluated as modules, and as modules of what kind; the first kind counts.
    pub modules: Vec<(FileId, ModuleKind)>,
    /// The inner functions of the overlays that were applied.
    pub overlays: Vec<Site>,
}

impl Part {
    /// A part with these facts.
    pub fn new(
        occasion: Occasion,
        facts: Facts,
        modules: Vec<(FileId, ModuleKind)>,
        overlays: Vec<Site>,
    ) -> Part {
        Part { occasion, told: Told::of(facts), modules, overlays }
    }
}

/// All facts but overrides, derivations and the like, which are reported place by place or by the text.
/// Most parts have one kind of them, if any.
#[derive(Clone)]
pub(super) struct Told {
    pub overlay_entries: ThinVec<OverlayEntry>,
    pub redefinitions: ThinVec<Redefinition>,
    pub package_set_options: ThinVec<PackageSetOption>,
    pub installed: ThinVec<Installed>,
    pub settings: ThinVec<Setting>,
    pub configurations: ThinVec<Configuration>,
    pub profiles: ThinVec<HostProfile>,
    pub flakes: ThinVec<Flake>,
}

impl Told {
    /// What of `facts` is a part's to tell, if anything is. Every list is named, so that a new one is not
    /// forgotten here.
    fn of(facts: Facts) -> Option<Box<Told>> {
        let Facts {
            overlay_entries,
            redefinitions,
            package_set_options,
            installed,
            settings,
            configurations,
            profiles,
            flakes,
            overrides: _,
            derivations: _,
            string_arithmetic: _,
            unpinned_fetches: _,
            derivation_reads: _,
            lookup_paths: _,
            public_keys: _,
            public_key_texts: _,
            coverage: _,
            given_up: _,
            lookup: _,
        } = facts;
        let is_empty = overlay_entries.is_empty()
            && redefinitions.is_empty()
            && package_set_options.is_empty()
            && installed.is_empty()
            && settings.is_empty()
            && configurations.is_empty()
            && profiles.is_empty()
            && flakes.is_empty();
        let told = || Told {
            overlay_entries: overlay_entries.into(),
            redefinitions: redefinitions.into(),
            package_set_options: package_set_options.into(),
            installed: installed.into(),
            settings: settings.into(),
            configurations: configurations.into(),
            profiles: profiles.into(),
            flakes: flakes.into(),
        };
        (!is_empty).then(|| Box::new(told()))
    }
}

/// What was evaluated when facts were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A root of the tree, and what it leads to.
    #[default]
    Root,
    /// A file that looks like a module. Counts if nothing has it as a module.
    LooseModule(FileId, Rank),
    /// A function that looks like an overlay, by its inner function. Counts if nothing applies it.
    LooseOverlay(Site, Rank),
}

/// How well the functions around a place are known: for each, from the outermost on, whether
/// something calls it. What is seen where more outer functions are called counts more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u64);

impl Rank {
    /// The rank of functions, from the innermost on.
    pub fn new(is_called: impl Iterator<Item = bool>) -> Rank {
        let bit = |(level, is_called): (usize, bool)| u64::from(is_called) << level;
        Rank(is_called.take(64).enumerate().map(bit).sum())
    }
}

/// What a call in the text looks like before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Override,
    Builder,
}

/// What one call in the text is, in the environments of one rank.
#[derive(Clone)]
pub(super) struct CallReport {
    pub site: Site,
    pub rank: Rank,
    pub candidate: Candidate,
    /// No decided condition keeps it from being reached.
    pub reached: bool,
    /// It is wholly understood in some environment.
    pub resolved: bool,
    pub overrides: Vec<FoundOverride>,
    pub derivations: Vec<DerivationSite>,
    /// What the call is part of, where it is any of these.
    pub surroundings: Option<Surroundings>,
}

impl CallReport {
    pub fn new(site: Site, rank: Rank, candidate: Candidate) -> CallReport {
        CallReport {
            site,
            rank,
            candidate,
            reached: false,
            resolved: false,
            overrides: Vec::new(),
            derivations: Vec::new(),
            surroundings: None,
        }
    }

    /// Whether it tells anything of the call.
    pub fn tells(&self) -> bool {
        self.resolved || !self.overrides.is_empty() || !self.derivations.is_empty()
    }
}

/// What is told of one place, if anything, in an environment of this rank.
#[derive(Clone, Debug)]
pub(super) struct Sighting<T> {
    pub site: Site,
    pub rank: Rank,
    pub fact: Option<T>,
}

/// An override, but for what only all units together tell: its context and its module.
#[derive(Clone)]
pub(super) struct FoundOverride {
    pub override_site: OverrideSite,
    /// The package is that of the finished package set, which may be what an overlay binds to its
    /// name.
    pub is_final: bool,
}

/// An operation that has text on one side and a number on the other.
#[derive(Clone)]
pub(super) struct Operation {
    pub site: Site,
    pub fact: StringArithmetic,
}

/// A use, other than in an operation, of text that could be a number.
#[derive(Clone)]
pub(super) struct TextUse {
    pub site: Site,
    pub place: Span,
    pub literal: Span,
}
