//! Fragments laid side by side, and the facts that they come to.
//!
//! The order of the fragments is that of their units, so that it does not matter which of them were
//! kept and which finished first.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Basis;
use super::context::Surroundings;
use super::fragment::{
    CallReport, Candidate, FoundOverride, Fragment, Occasion, Part, Rank, Sighting, Told,
};
use super::inputs::add_use_of_input;
use super::keys::keep_keys;
use super::settling::{OwnNames, names_of_own, settle_needs, settle_origin};
use crate::eval::{GivenUp, Site};
use crate::facts::{
    Call, Coverage, DerivationRead, DerivationSite, Facts, ModuleKind, Origin, OutputRead,
    OverrideSite, Package, StringArithmetic,
};
use crate::source::{FileId, Span, Tree};

/// The facts of all `fragments` together. What they say of calls is given apart, in `calls`, to become
/// part of the facts.
pub(super) fn merge(
    tree: &Tree,
    basis: &Basis<'_>,
    fragments: &[&Fragment],
    calls: Vec<CallReport>,
) -> Facts {
    let mut merging = Merging {
        tree,
        facts: Facts::default(),
        modules: FxHashMap::default(),
        overlays: FxHashSet::default(),
    };
    merging.accept_roots(fragments);
    merging.accept_loose_modules(fragments);
    merging.accept_loose_overlays(fragments);
    merging.facts.settle_overlay_entries();
    let own = names_of_own(&merging.facts);
    merging.accept_calls(basis, calls, &own);
    merging.accept_derivation_reads(fragments, &own);
    merging.accept_arithmetic(fragments);
    merging.accept_outlines(basis);
    merging.facts.unpinned_fetches = sighted(fragments.iter().flat_map(|it| &it.fetches));
    merging.facts.lookup_paths = sighted(fragments.iter().flat_map(|it| &it.lookups));
    merging.facts.given_up = given_up(fragments);
    merging.facts.settle(&own);
    merging.facts
}

/// Where evaluation went no further: of each file and limit the first place.
fn given_up(fragments: &[&Fragment]) -> Vec<GivenUp> {
    let mut all: Vec<GivenUp> =
        fragments.iter().flat_map(|fragment| fragment.given_up.iter().copied()).collect();
    all.sort_by_key(|it| (it.place.file, it.limit, it.place.sort_key(), it.at));
    all.dedup_by_key(|it| (it.place.file, it.limit));
    all.sort_by_key(|it| (it.place.sort_key(), it.limit));
    all
}

struct Merging<'t> {
    tree: &'t Tree,
    facts: Facts,
    /// What kind of module each file is.
    modules: FxHashMap<FileId, ModuleKind>,
    /// The inner functions of the overlays that are applied.
    overlays: FxHashSet<Site>,
}

/// The parts that say something of the same thing, each with its rank.
type Claims<'f, K> = BTreeMap<K, Vec<(Rank, &'f Part)>>;

impl Merging<'_> {
    fn accept_roots(&mut self, fragments: &[&Fragment]) {
        let parts = fragments.iter().flat_map(|fragment| &fragment.parts);
        for part in parts.filter(|part| part.occasion == Occasion::Root) {
            self.accept(part);
        }
    }

    /// Of the modules that nothing imports: each once, as it is in the best known environment.
    fn accept_loose_modules(&mut self, fragments: &[&Fragment]) {
        let claims = claims(fragments, |occasion| match occasion {
            Occasion::LooseModule(file, rank) => Some((file, rank)),
            _ => None,
        });
        for (file, claims) in claims {
            if self.modules.contains_key(&file) {
                continue;
            }
            if let Some(part) = best(&claims).next() {
                self.accept(part);
            }
        }
    }

    /// Of the overlays that nothing applies: each in all of the best known environments.
    fn accept_loose_overlays(&mut self, fragments: &[&Fragment]) {
        let claims = claims(fragments, |occasion| match occasion {
            Occasion::LooseOverlay(inner, rank) => Some((inner, rank)),
            _ => None,
        });
        for (inner, claims) in claims {
            if self.overlays.contains(&inner) {
                continue;
            }
            for part in best(&claims) {
                self.accept(part);
            }
        }
    }

    fn accept(&mut self, part: &Part) {
        for (file, kind) in &part.modules {
            self.modules.entry(*file).or_insert(*kind);
        }
        self.overlays.extend(&part.overlays);
        let Some(told) = &part.told else { return };
        let Told {
            overlay_entries,
            redefinitions,
            package_set_options,
            installed,
            settings,
            configurations,
            profiles,
            flakes,
        } = &**told;
        self.facts.overlay_entries.extend_from_slice(overlay_entries);
        self.facts.redefinitions.extend_from_slice(redefinitions);
        self.facts.package_set_options.extend_from_slice(package_set_options);
        self.facts.installed.extend_from_slice(installed);
        self.facts.settings.extend_from_slice(settings);
        self.facts.configurations.extend_from_slice(configurations);
        self.facts.profiles.extend_from_slice(profiles);
        self.facts.flakes.extend_from_slice(flakes);
    }

    /// What needs no evaluation.
    fn accept_outlines(&mut self, basis: &Basis<'_>) {
        let tree = self.tree;
        let mut keys = Vec::new();
        for (file, outline) in tree.files().iter().zip(basis.outlines) {
            let Some(outline) = outline else { continue };
            keys.extend_from_slice(&outline.keys);
            for (input, range) in &outline.uses_of_inputs {
                let place = Span::new(*file, *range);
                add_use_of_input(&mut self.facts.flakes, tree, input, place);
            }
        }
        keep_keys(&mut self.facts, keys);
    }

    /// What each call is, in the best known environments that any unit has for it, or in the best in
    /// which anything can be told of it.
    fn accept_calls(&mut self, basis: &Basis<'_>, mut reports: Vec<CallReport>, own: &OwnNames) {
        reports.sort_by_key(|report| report.site);
        let of_site = reports.chunk_by(|one, other| one.site == other.site);
        let ranks = of_site.flat_map(|reports| repeat_n(telling_rank(reports), reports.len()));
        let ranks: Vec<Option<Rank>> = ranks.collect();
        let counted = |of_report: fn(&CallReport) -> usize| reports.iter().map(of_report).sum();
        let mut calls = Calls {
            overrides: Vec::with_capacity(counted(|report| report.overrides.len())),
            derivations: Vec::with_capacity(counted(|report| report.derivations.len())),
            ..Calls::default()
        };
        let mut file = None;
        for (report, rank) in reports.into_iter().zip(ranks) {
            // A place lies in one file.
            if file.replace(report.site.file) != Some(report.site.file) {
                calls.seen.clear();
            }
            if Some(report.rank) == rank {
                calls.add(report, self, own);
            }
        }
        self.facts.coverage = calls.coverage(basis);
        self.facts.overrides = calls.overrides;
        self.facts.derivations = calls.derivations;
        self.facts.overrides.shrink_to_fit();
        self.facts.derivations.shrink_to_fit();
    }

    /// What is read out of derivations, but for packages that an overlay of the tree makes.
    fn accept_derivation_reads(&mut self, fragments: &[&Fragment], own: &OwnNames) {
        let mut found = sighted(fragments.iter().flat_map(|fragment| &fragment.derivation_reads));
        found.retain(|read: &DerivationRead| match &read.output {
            OutputRead::Package(package) | OutputRead::SourceOf(package) if package.is_stock() => {
                package.path.first().is_none_or(|name| !own.contains_key(name))
            }
            _ => true,
        });
        self.facts.derivation_reads = found;
    }

    /// What all units together tell of a call.
    fn placed(&self, call: Call, site: Site, surroundings: Option<&Surroundings>) -> Call {
        let Some(surroundings) = surroundings else { return call };
        Call {
            context: surroundings.among(&self.overlays),
            module: self.modules.get(&site.file).copied().unwrap_or_default(),
            ..call
        }
    }

    fn accept_arithmetic(&mut self, fragments: &[&Fragment]) {
        let mut operations: Vec<_> = fragments.iter().flat_map(|it| &it.operations).collect();
        operations.sort_by_key(|operation| operation.site);
        operations.dedup_by_key(|operation| operation.site);
        let mut uses: Vec<_> = fragments.iter().flat_map(|it| &it.text_uses).collect();
        uses.sort_by_key(|text_use| text_use.site);
        let with_uses = |fact: &StringArithmetic| {
            let uses = uses.iter().filter(|text_use| text_use.literal == fact.literal);
            let mut other_uses: Vec<Span> = uses.map(|text_use| text_use.place).collect();
            other_uses.dedup();
            StringArithmetic { other_uses, ..fact.clone() }
        };
        let facts = operations.iter().map(|operation| with_uses(&operation.fact));
        self.facts.string_arithmetic = facts.collect();
    }
}

/// What is told of each place where its environment is known best, in the order of the places. One
/// configuration may come to where another never does.
fn sighted<'f, T: Clone + 'f>(sightings: impl Iterator<Item = &'f Sighting<T>>) -> Vec<T> {
    let mut best: BTreeMap<Site, &Sighting<T>> = BTreeMap::new();
    for sighting in sightings {
        let known = best.entry(sighting.site).or_insert(sighting);
        let tells_more = |known: &Sighting<T>| sighting.fact.is_some() && known.fact.is_none();
        if sighting.rank > known.rank || sighting.rank == known.rank && tells_more(known) {
            *known = sighting;
        }
    }
    best.into_values().filter_map(|sighting| sighting.fact.clone()).collect()
}

fn claims<'f, K: Ord>(
    fragments: &[&'f Fragment],
    claim: impl Fn(Occasion) -> Option<(K, Rank)>,
) -> Claims<'f, K> {
    let mut claims = Claims::new();
    for part in fragments.iter().flat_map(|fragment| &fragment.parts) {
        if let Some((key, rank)) = claim(part.occasion) {
            claims.entry(key).or_default().push((rank, part));
        }
    }
    claims
}

/// The parts of the highest rank.
fn best<'c, 'f>(claims: &'c [(Rank, &'f Part)]) -> impl Iterator<Item = &'f Part> + use<'c, 'f> {
    let highest = claims.iter().map(|(rank, _)| *rank).max();
    claims.iter().filter(move |(rank, _)| Some(*rank) == highest).map(|(_, part)| *part)
}

/// The rank of the reports of a call that count. Better known environments may tell less: a function
/// that is called with what is not known is no package any more. What is known never to be reached
/// is not looked for elsewhere.
fn telling_rank(reports: &[CallReport]) -> Option<Rank> {
    let best = reports.iter().map(|report| report.rank).max()?;
    let of_best = || reports.iter().filter(|report| report.rank == best);
    if !of_best().any(|report| report.reached) {
        return Some(best);
    }
    let telling = reports.iter().filter(|report| report.tells());
    Some(telling.map(|report| report.rank).max().unwrap_or(best))
}

/// Overrides and derivations, each once.
#[derive(Default)]
struct Calls {
    overrides: Vec<OverrideSite>,
    derivations: Vec<DerivationSite>,
    /// Those of the file at hand.
    seen: FxHashSet<(Span, Option<Span>, Option<Package>)>,
    /// Whether each call is reached, and whether it is understood.
    states: FxHashMap<Site, State>,
}

#[derive(Clone, Copy)]
struct State {
    candidate: Candidate,
    reached: bool,
    resolved: bool,
}

impl Calls {
    fn add(&mut self, report: CallReport, merging: &Merging<'_>, own: &OwnNames) {
        let new = State { candidate: report.candidate, reached: false, resolved: false };
        let state = self.states.entry(report.site).or_insert(new);
        state.reached |= report.reached;
        let mut is_known = report.overrides.is_empty();
        let around = report.surroundings.as_ref();
        for FoundOverride { override_site: mut site, is_final } in report.overrides {
            if let Some(package) = &mut site.package {
                settle_origin(package, is_final, own);
                is_known |= package.origin != Origin::Unknown;
            }
            if self.seen.insert((site.call.span, site.call.used_at, site.package.clone())) {
                site.call = merging.placed(site.call, report.site, around);
                site.changes.iter_mut().for_each(|change| settle_needs(change, own));
                self.overrides.push(site);
            }
        }
        for mut site in report.derivations {
            if self.seen.insert((site.call.span, None, None)) {
                site.call = merging.placed(site.call, report.site, around);
                site.attributes.iter_mut().for_each(|change| settle_needs(change, own));
                self.derivations.push(site);
            }
        }
        state.resolved |= report.resolved && is_known;
    }

    fn coverage(&self, basis: &Basis<'_>) -> Coverage {
        let mut coverage = Coverage::default();
        let outlines = basis.outlines.iter().flatten();
        for (_, candidate) in outlines.flat_map(|outline| &outline.calls) {
            match candidate {
                Candidate::Override => coverage.overrides += 1,
                Candidate::Builder => coverage.derivations += 1,
            }
        }
        for state in self.states.values().filter(|state| state.reached && !state.resolved) {
            match state.candidate {
                Candidate::Override => coverage.overrides_unresolved += 1,
                Candidate::Builder => coverage.derivations_unresolved += 1,
            }
        }
        coverage
    }
}
