//! The packages that the tree makes Nix build, and what each of them takes.

use rustc_hash::{FxHashMap, FxHashSet};
use thin_vec::thin_vec;

use super::build::{Figure, LocalBuild};
use super::figures::{Figures, PROCESSES_OF_PEAKS, Subject, hours_of};
use super::order;
use super::processes::{Running, running};
use super::site::BuildSite;
use super::work::{self, Work};
use crate::config::{Bytes, Config, PackageConfig};
use crate::facts::{Context, DerivationSite, Facts, Origin, OverrideSite, Package as FactPackage};
use crate::hir::Name;
use crate::knowledge::{Basis, Knowledge, LanguageMemory, Package, Recipe};
use crate::source::{Span, Tree};

/// Every build that compiles, once a package, by place.
pub(super) fn builds(
    tree: &Tree,
    knowledge: &Knowledge,
    config: &Config,
    facts: &Facts,
) -> Vec<LocalBuild> {
    let model = Model::new(tree, knowledge, config, facts);
    let mut found: Vec<LocalBuild> = Vec::new();
    let mut by_name: FxHashMap<String, usize> = FxHashMap::default();
    // Those that stand for several forms of one package, or for one that the tree makes and then
    // changes: which of them another needs is not known.
    let mut merged: Vec<String> = Vec::new();
    let overridden = facts.overrides.iter().filter_map(|site| model.of_override(site));
    let changed = facts.overrides.iter().filter_map(|site| site.package.as_ref());
    let own = changed.filter(|package| package.origin == Origin::Own);
    merged.extend(own.map(FactPackage::name));
    let derived = facts.derivations.iter().filter_map(|site| model.of_derivation(site));
    for build in overridden.chain(derived) {
        let Some(known) = by_name.get(&build.name) else {
            by_name.insert(build.name.clone(), found.len());
            found.push(build);
            continue;
        };
        merged.push(build.name.clone());
        // The same package in another form. What an overlay binds may never be used; of two that
        // are, the dearer one speaks for both.
        let known = &mut found[*known];
        if (!known.is_overlay_entry, weight(known)) < (!build.is_overlay_entry, weight(&build)) {
            *known = build;
        }
    }
    found.sort_by_key(|build| (build.place.file, build.place.range.start()));
    order::put_in_order(&mut found, &merged);
    found
}

fn weight(build: &LocalBuild) -> Bytes {
    let cores = PROCESSES_OF_PEAKS as u64;
    build.peak(cores, Some(cores)).map_or(Bytes(0), |peak| peak.bytes)
}

struct Model<'a> {
    tree: &'a Tree,
    knowledge: &'a Knowledge,
    config: &'a Config,
    facts: &'a Facts,
    /// The calls of which the derivations are changed by an override of the tree.
    changed: FxHashSet<Span>,
    /// The places at which overlays put something in the place of a package, by its name.
    replacements: FxHashMap<&'a str, Vec<Span>>,
}

impl<'a> Model<'a> {
    fn new(
        tree: &'a Tree,
        knowledge: &'a Knowledge,
        config: &'a Config,
        facts: &'a Facts,
    ) -> Model<'a> {
        let is_own = |site: &&OverrideSite| {
            site.package.as_ref().is_some_and(|package| package.origin == Origin::Own)
        };
        let changed = facts.overrides.iter().filter(is_own);
        let changed = changed.filter_map(|site| work::own_derivation(facts, site));
        let changed = changed.map(|derivation| derivation.call.span).collect();
        let mut replacements: FxHashMap<&str, Vec<Span>> = FxHashMap::default();
        for entry in facts.overlay_entries.iter().filter(|entry| entry.redefines) {
            replacements.entry(&entry.name).or_default().push(entry.definition);
        }
        Model { tree, knowledge, config, facts, changed, replacements }
    }

    fn of_override(&self, site: &'a OverrideSite) -> Option<LocalBuild> {
        // Nothing builds what only hangs on a package, or is asked for what precedes its build.
        if site.call.is_aside {
            return None;
        }
        let inner = work::inner_overrides(self.facts, site);
        let compiles =
            |site| work::work_of_override(self.knowledge, self.facts, site) == Work::Compiles;
        let is_built = compiles(site) || inner.iter().any(|inner| compiles(inner));
        if !is_built || work::is_chained_onto(self.facts, site) {
            return None;
        }
        let package = site.package.as_ref()?;
        let own = match package.origin {
            // Built as the derivation that it changes, and counted once: here.
            Origin::Own => work::own_derivation(self.facts, site),
            _ => None,
        };
        let row = self.row_of(package);
        let changes = std::iter::once(site).chain(inner).flat_map(|site| &site.changes);
        let mut attributes: Vec<_> = changes.collect();
        attributes.extend(own.iter().flat_map(|derivation| &derivation.attributes));
        let name = match package.path.is_empty() {
            true => work::name_of(site),
            false => package.name(),
        };
        let build_site = BuildSite {
            tree: self.tree,
            builder: own.map(|derivation| derivation.builder.clone()),
            package: row.map(|row| row.attr.clone()),
            attributes,
            is_override: own.is_none(),
            open: site.open,
            native_inputs: None,
        };
        let place = site.call.reported_at();
        let engine = || self.knowledge.engine(self.knowledge.browser(&package.lookup_path())?);
        let subject = match row.filter(|row| row.class.compiles()) {
            Some(row) => Subject::Package(row),
            None => {
                engine().map_or(row.map_or(Subject::Unknown, Subject::Package), Subject::Engine)
            }
        };
        let mut build = self.build(name, package.origin.clone(), place, subject, build_site);
        build.is_overlay_entry = matches!(site.call.context, Context::OverlayEntry { .. });
        build.is_conditional = site.is_conditional();
        Some(build)
    }

    fn of_derivation(&self, site: &'a DerivationSite) -> Option<LocalBuild> {
        if work::work_of_derivation(self.knowledge, site) != Work::Compiles {
            return None;
        }
        if self.changed.contains(&site.call.span) {
            return None;
        }
        let name = site.name.clone().or_else(|| work::bound_name(&site.call).map(str::to_owned))?;
        let path = site.builder_path();
        let made = || self.knowledge.builder(&path)?.makes.as_deref();
        let by_builder = || self.knowledge.package(&[made()?]);
        let row = self.knowledge.package(&[&name]).or_else(by_builder);
        let build_site = BuildSite {
            tree: self.tree,
            builder: Some(site.builder.clone()),
            package: row.map(|row| row.attr.clone()),
            attributes: site.attributes.iter().collect(),
            is_override: false,
            open: site.open,
            native_inputs: None,
        };
        let subject = row.map_or(Subject::Unknown, Subject::Package);
        let mut build = self.build(name, Origin::Own, site.call.reported_at(), subject, build_site);
        build.is_overlay_entry = matches!(site.call.context, Context::OverlayEntry { .. });
        build.is_conditional = site.call.condition.is_some();
        Some(build)
    }

    /// What the table says of a package; a flake's own goes by the name of the input, too.
    fn row_of(&self, package: &FactPackage) -> Option<&'a Package> {
        let by_path = self.knowledge.package(&package.lookup_path());
        let by_name = || match &package.origin {
            Origin::Input(input) => {
                let last = package.path.last().filter(|name| *name != "default");
                let named = last.and_then(|name| self.knowledge.package(&[name]));
                named.or_else(|| self.knowledge.package(&[input]))
            }
            _ => None,
        };
        by_path.or_else(by_name)
    }

    fn build(
        &self,
        name: String,
        origin: Origin,
        place: Span,
        subject: Subject<'_>,
        mut site: BuildSite<'_>,
    ) -> LocalBuild {
        let arguments = site.arguments_on();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let memory = &self.knowledge.memory;
        let known = match subject {
            Subject::Package(row) => {
                memory.package(&row.attr, &arguments, |flag| site.has_text(flag))
            }
            _ => None,
        };
        let recipe = self.recipe_of(&name, &origin);
        site.native_inputs = recipe.and_then(|recipe| recipe.native_inputs.clone());
        let language = self.language(subject, &site);
        if site.builder.is_none() {
            site.builder = recipe.map(|recipe| thin_vec![Name::new(&recipe.builder)]);
        }
        let said = self.said(&name);
        let Running { processes, literal, idle, files } =
            running(self.knowledge, &site, language, said);
        let cost = subject.cost(&arguments);
        let hours = match (said.and_then(|said| said.hours), &cost, language) {
            (Some(hours), ..) => Some((hours, Basis::Measured)),
            (None, Some(cost), _) => Some((hours_of(cost.hours), cost.evidence.basis)),
            (None, None, Some(language)) => Some((hours_of(language.hours), Basis::Estimate)),
            (None, None, None) => None,
        };
        let figures = Figures { known, cost, language };
        let said_figure = |bytes: Bytes, key: &str| Figure {
            bytes,
            low: bytes,
            basis: Basis::Measured,
            source: format!("[packages.{name}] {key}"),
        };
        let said_process = said.and_then(|said| said.memory_per_process);
        let said_peak = said.and_then(|said| said.peak);
        let heap = site.heap();
        let is_known = said_process.or(said_peak).is_some() || cost.is_some() || heap.is_some();
        let is_stock = matches!(origin, Origin::Stock | Origin::OtherNixpkgs(_));
        let path: Vec<&str> = name.split('.').collect();
        LocalBuild {
            language: language.map(|row| row.language.clone()),
            lto: site.lto(),
            linker: site.linker(),
            heap: heap.as_ref().map(|heap| heap.bytes),
            process: said_process
                .map(|bytes| said_figure(bytes, "memory-per-process"))
                .or(heap)
                .or_else(|| figures.process()),
            link: figures.link(self.knowledge, &site),
            peak: said_peak.map(|bytes| said_figure(bytes, "peak")),
            is_known,
            is_browser: is_stock && self.knowledge.browser(&path).is_some(),
            is_overlay_entry: false,
            is_conditional: false,
            has_dependents: is_stock && self.knowledge.tier(&path).is_some(),
            hours: hours.map(|(hours, _)| hours),
            spread: language
                .map(|row| row.spread)
                .filter(|_| said.is_none_or(|said| said.hours.is_none())),
            hours_basis: hours.map_or(Basis::Estimate, |(_, basis)| basis),
            origin,
            place,
            id: 0,
            after: Vec::new(),
            is_replacement: self.is_replacement(place, &name),
            needs: site.needs(),
            name,
            files,
            processes,
            processes_literal: literal,
            idle,
        }
    }

    /// Whether an overlay puts what stands at `place` in the place of the package `name`.
    fn is_replacement(&self, place: Span, name: &str) -> bool {
        let places = self.replacements.get(name).into_iter().flatten();
        places.into_iter().any(|definition| work::contains(*definition, place))
    }

    /// How it is built, where nixpkgs or a flake that is known builds it.
    fn recipe_of(&self, name: &str, origin: &Origin) -> Option<&'a Recipe> {
        let path: Vec<&str> = name.split('.').collect();
        let is_known = matches!(origin, Origin::Stock | Origin::OtherNixpkgs(_) | Origin::Input(_));
        self.knowledge.recipe(&path).filter(|_| is_known)
    }

    /// What `frugix.toml` says of it, by its name or the end of its path.
    fn said(&self, name: &str) -> Option<&'a PackageConfig> {
        let last = name.rsplit('.').next().unwrap_or(name);
        self.config.packages.get(name).or_else(|| self.config.packages.get(last))
    }

    fn language(&self, subject: Subject<'_>, site: &BuildSite<'_>) -> Option<&'a LanguageMemory> {
        let memory = &self.knowledge.memory;
        match subject {
            Subject::Package(row) => return memory.language(&row.language),
            // Every engine is compiled from C++, some Rust besides.
            Subject::Engine(_) => return memory.language("c++"),
            Subject::Unknown => {}
        }
        let inputs = site.known_inputs();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let by_inputs = || memory.language_of(&inputs);
        let by_attributes = || {
            let tells = |row: &&LanguageMemory| {
                site.variables().iter().any(|attribute| row.has_attribute(&attribute.name))
            };
            memory.languages.rows().iter().find(tells)
        };
        let builder = site.builder.as_ref().and_then(|builder| {
            let path: Vec<&str> = builder.iter().map(|name| name.as_str()).collect();
            self.knowledge.builder(&path)
        });
        match builder {
            // Whatever one writes is built with it: what it needs tells more.
            Some(builder) if site.is_plain(&builder.name) => {
                by_inputs().or_else(|| memory.language("c"))
            }
            Some(builder) => memory.language(&builder.language),
            None => by_inputs().or_else(by_attributes),
        }
    }
}
