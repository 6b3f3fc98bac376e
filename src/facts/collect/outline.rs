//! What the text of a file shows before anything is evaluated: which of its expressions are worth a
//! closer look. As good for an unchanged file the next time.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use text_size::TextRange;

use super::callee::called_name;
use super::context::PREVIOUS_NAMES;
use super::fragment::Candidate;
use super::keys::Key;
use super::{derivation_reads, fetches, inputs, keys, loose_modules, overlays, profiles};
use crate::eval::Program;
use crate::facts::{ModuleKind, package};
use crate::hir::{Expr, ExprId, File, LazyFile, Name};
use crate::knowledge::{Knowledge, Row as _};

/// What stands in one file.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Calls that may be overrides or make derivations; wholes before parts.
    pub calls: Vec<(ExprId, Candidate)>,
    /// Functions that look like overlays.
    pub overlays: Vec<ExprId>,
    /// The file looks like a module of this kind, and sets something of interest.
    pub module: Option<ModuleKind>,
    /// The file may be a hardware profile.
    pub is_profile: bool,
    /// Calls that may fetch something.
    pub fetches: Vec<ExprId>,
    /// Lookup paths.
    pub lookups: Vec<(ExprId, String)>,
    /// Calls that may read what a derivation makes.
    pub derivation_reads: Vec<ExprId>,
    /// Where packages are taken of what may be an input, by its name.
    pub uses_of_inputs: Vec<(String, TextRange)>,
    /// Public keys.
    pub keys: Vec<Key>,
    /// All of the above that is looked at in every environment that leads to it, sorted.
    pub telling: Box<[ExprId]>,
}

/// Names that decide whether a call is worth a closer look.
struct Names<'k> {
    knowledge: &'k Knowledge,
    builders: FxHashSet<Name>,
    /// How builders begin of which there is one for each version.
    families: Vec<String>,
    methods: FxHashSet<Name>,
    /// Those of which all stand in a file with calls, in one of these groups.
    calls: Vec<Vec<Name>>,
    /// Those without one of which a file has no overlays, fetches, reads of derivations and packages
    /// of inputs.
    overlays: Vec<Name>,
    fetches: Vec<Name>,
    derivation_reads: Vec<Name>,
    packages: Vec<Name>,
    /// Those of which all stand in a module worth looking at.
    modules: Vec<Vec<Name>>,
}

/// The names of all builders, each after what it is taken from, if it has such a name.
fn builders(knowledge: &Knowledge) -> impl Iterator<Item = (Option<&str>, &str)> {
    let rows = knowledge.builders.rows().iter().filter(|row| row.attributes_at.is_some());
    let names = rows.flat_map(|row| row.names());
    names.map(|name| name.rsplit_once('.').map_or((None, name), |(of, name)| (Some(of), name)))
}

/// Names of builders that everything else has too: only with the name of what it is taken from does one
/// stand for a builder.
const COMMON: [&str; 1] = ["package"];

/// One of these groups of names, or a name with one of these [`beginnings`], stands in every file that
/// has calls of interest.
pub(super) fn words(knowledge: &Knowledge) -> impl Iterator<Item = Vec<&str>> {
    let builders = builders(knowledge).map(|(of, name)| match of {
        Some(of) if COMMON.contains(&name) => vec![of, name],
        _ => vec![name],
    });
    package::METHODS.iter().map(|name| vec![*name]).chain(builders)
}

/// How builders begin of which there is one for each version.
pub(super) fn beginnings(knowledge: &Knowledge) -> Vec<String> {
    let beginning = |name: &str| name.split_once('#').map(|(beginning, _)| beginning.to_owned());
    builders(knowledge).filter_map(|(_, name)| beginning(name)).collect()
}

impl<'k> Names<'k> {
    fn new(knowledge: &'k Knowledge) -> Names<'k> {
        let families = beginnings(knowledge);
        let builders = builders(knowledge).map(|(_, name)| Name::new(name)).collect();
        let methods = package::METHODS.iter().map(|name| Name::new(name)).collect();
        let modules = loose_modules::words(knowledge);
        Names {
            knowledge,
            builders,
            families,
            methods,
            calls: words(knowledge).map(named).collect(),
            overlays: named(PREVIOUS_NAMES),
            fetches: named(fetches::words(knowledge)),
            derivation_reads: named(derivation_reads::words(knowledge)),
            packages: named(inputs::PACKAGES),
            modules: modules.map(named).collect(),
        }
    }

    fn are_mentioned_in(&self, hir: &File) -> bool {
        self.calls.iter().any(|names| names.iter().all(|name| hir.mentions(*name)))
            || hir.mentioned().any(|name| self.is_of_family(name))
    }

    fn candidate(&self, hir: &File, expr: ExprId) -> Option<Candidate> {
        let Expr::Apply { function, .. } = hir.expr(expr) else { return None };
        let name = called_name(hir, *function)?;
        if self.methods.contains(&name) {
            Some(Candidate::Override)
        } else if self.builders.contains(&name) || self.is_of_family(name) {
            Some(Candidate::Builder)
        } else {
            None
        }
    }

    /// Whether `name` is a builder of which there is one for each version: `buildGo124Module`.
    fn is_of_family(&self, name: Name) -> bool {
        let text = name.as_str();
        self.families.iter().any(|prefix| text.starts_with(prefix.as_str()))
            && self.knowledge.builder(&[text]).is_some_and(|row| row.attributes_at.is_some())
    }
}

fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Name> {
    names.into_iter().map(Name::new).collect()
}

/// The outlines of all files of `program`, by their index; those that are `known` are not made.
pub(super) fn outlines_of(
    program: Program<'_>,
    knowledge: &Knowledge,
    known: impl Fn(usize, &Arc<LazyFile>) -> Option<Arc<Outline>> + Sync,
) -> Vec<Option<Arc<Outline>>> {
    let outlining = Outlining::new(knowledge);
    let outline = |(index, file): (usize, &Option<Arc<LazyFile>>)| {
        let file = file.as_ref()?;
        known(index, file).or_else(|| outlining.outline_of(file))
    };
    program.files().par_iter().enumerate().map(outline).collect()
}

/// What outlines are made with.
pub(super) struct Outlining<'k> {
    names: Names<'k>,
    /// The outline of all files in which nothing is of interest.
    empty: Arc<Outline>,
}

impl<'k> Outlining<'k> {
    pub fn new(knowledge: &'k Knowledge) -> Outlining<'k> {
        Outlining { names: Names::new(knowledge), empty: Arc::default() }
    }

    /// The outline of `file`.
    pub fn outline_of(&self, file: &LazyFile) -> Option<Arc<Outline>> {
        match file.is_plain() {
            true => Some(Arc::clone(&self.empty)),
            false => Some(Arc::new(Outline::new(file.file()?, &self.names))),
        }
    }
}

impl Outline {
    fn new(hir: &File, names: &Names<'_>) -> Outline {
        let mut calls = Vec::new();
        if names.are_mentioned_in(hir) {
            let candidate = |expr| Some((expr, names.candidate(hir, expr)?));
            calls.extend(hir.expr_ids().filter_map(candidate));
            // An outer call binds the parameters that inner ones stand under.
            calls.reverse();
        }
        let mentions = |name: &Name| hir.mentions(*name);
        let mentions_one = |names: &[Name]| names.iter().any(mentions);
        let is_worth_looking_at = || names.modules.iter().any(|names| names.iter().all(mentions));
        let overlays = mentions_one(&names.overlays).then(|| overlays::overlays_in(hir));
        let fetches =
            mentions_one(&names.fetches).then(|| fetches::fetches_in(hir, names.knowledge));
        let derivation_reads = mentions_one(&names.derivation_reads)
            .then(|| derivation_reads::derivation_reads_in(hir, names.knowledge));
        let uses_of_inputs = mentions_one(&names.packages).then(|| inputs::uses_of_inputs_in(hir));
        let overlays = overlays.unwrap_or_default();
        let fetches = fetches.unwrap_or_default();
        let derivation_reads = derivation_reads.unwrap_or_default();
        let called = calls.iter().map(|(expr, _)| expr);
        let telling = called.chain(&overlays).chain(&fetches).chain(&derivation_reads);
        let mut telling: Vec<ExprId> = telling.copied().collect();
        telling.sort_unstable();
        Outline {
            telling: telling.into(),
            calls,
            overlays,
            module: is_worth_looking_at().then(|| loose_modules::module_kind(hir)).flatten(),
            is_profile: profiles::may_be_profile(hir),
            fetches,
            lookups: fetches::lookups_in(hir),
            derivation_reads,
            uses_of_inputs: uses_of_inputs.unwrap_or_default(),
            keys: keys::keys_in(hir),
        }
    }

    /// Whether there is anything to look at in the file if nothing leads to it.
    pub fn is_of_interest(&self) -> bool {
        !self.calls.is_empty()
            || !self.overlays.is_empty()
            || !self.fetches.is_empty()
            || !self.derivation_reads.is_empty()
            || self.module.is_some()
    }
}
