//! Collecting facts: the roots of the tree first, which bind the parameters of its files, then every
//! call in the text that no root reached.

mod arithmetic;
mod attributes;
mod build_machines;
mod callee;
mod conditions;
mod configurations;
mod context;
mod definitions;
mod derivation_reads;
mod fetches;
mod flake_parts;
mod flakes;
mod freeze;
mod inputs;
mod inspect;
mod installed;
mod keys;
mod loose_modules;
mod module;
mod needs;
mod nix_conf;
mod overlays;
mod package_sets;
mod place;
mod profiles;
mod reads;
mod redefinitions;
mod sites;
mod unbound;
mod uses;
mod way;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Facts, ModuleKind, Setting};
use crate::eval::{CallId, EnvId, Evaluator, Limits, Program, Root, Site, ThunkId};
use crate::hir::Name;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span, Tree};
use module::ModuleContext;
use unbound::Unbound;

pub use inspect::inspect;

/// What `program` says about building. Deterministic, and never fails: what cannot be followed is
/// counted in [`Facts::coverage`].
pub fn collect(program: Program<'_>, knowledge: &Knowledge) -> Facts {
    let mut collector = Collector::new(program, knowledge);
    collector.evaluate_roots();
    collector.collect_lookup_paths();
    collector.evaluate_unreached_modules();
    collector.apply_unreached_overlays();
    collector.scan_calls();
    collector.collect_profiles();
    collector.collect_arithmetic();
    collector.collect_public_keys();
    collector.collect_flakes();
    collector.collect_fetches();
    collector.collect_derivation_reads();
    collector.finish()
}

struct Collector<'p, 'k> {
    evaluator: Evaluator<'p>,
    knowledge: &'k Knowledge,
    facts: Facts,
    unbound: Unbound,
    names: Names,
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
    /// What the flakes' outputs call them, and which flake does.
    configuration_names: FxHashMap<CallId, (Name, FileId)>,
    /// Calls up to here were looked at for what they instantiate.
    calls_seen: usize,
    sites_seen: FxHashSet<(Span, Option<Span>, Option<super::Package>)>,
    steps: Steps,
}

/// Bounds the walk through option definitions.
struct Steps {
    left: u32,
}

impl Steps {
    /// Definitions looked at in one module.
    const PER_MODULE: u32 = 20_000;

    fn take(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

/// Names that decide whether a file is worth a closer look.
struct Names {
    builders: FxHashSet<Name>,
    /// How builders begin of which there is one for each version.
    families: Vec<String>,
    methods: FxHashSet<Name>,
}

impl Names {
    fn new(knowledge: &Knowledge) -> Names {
        use crate::knowledge::Row as _;
        let rows = knowledge.builders.rows().iter().filter(|row| row.attributes_at.is_some());
        let names: Vec<&str> = rows
            .flat_map(|row| row.names().collect::<Vec<_>>())
            .filter_map(|name| name.rsplit('.').next())
            .collect();
        let builders = names.iter().map(|name| Name::new(name)).collect();
        let prefix = |name: &&str| name.split_once('#').map(|(prefix, _)| prefix.to_owned());
        let families = names.iter().filter_map(prefix).collect();
        let methods = super::package::METHODS.iter().map(|name| Name::new(name)).collect();
        Names { builders, families, methods }
    }
}

impl<'p, 'k> Collector<'p, 'k> {
    fn new(program: Program<'p>, knowledge: &'k Knowledge) -> Collector<'p, 'k> {
        Collector {
            evaluator: Evaluator::new(program, Limits::default()),
            knowledge,
            facts: Facts::default(),
            unbound: Unbound::default(),
            names: Names::new(knowledge),
            module_kinds: FxHashMap::default(),
            modules: FxHashSet::default(),
            overlays: FxHashSet::default(),
            overlay_frames: FxHashSet::default(),
            applications: redefinitions::Applications::default(),
            flakes: FxHashMap::default(),
            flake_modules: Vec::new(),
            configurations: FxHashSet::default(),
            configuration_names: FxHashMap::default(),
            calls_seen: 0,
            sites_seen: FxHashSet::default(),
            steps: Steps { left: Steps::PER_MODULE },
        }
    }

    fn tree(&self) -> &'p Tree {
        self.evaluator.program().tree
    }

    fn symbol(&mut self, root: Root) -> ThunkId {
        self.evaluator.symbol(root)
    }

    fn finish(mut self) -> Facts {
        let facts = &mut self.facts;
        facts
            .overrides
            .sort_by_key(|site| (site.call.span.sort_key(), site.call.reported_at().sort_key()));
        facts.derivations.sort_by_key(|site| site.call.span.sort_key());
        facts.overlay_entries.sort_by(|a, b| {
            (a.key.sort_key(), &b.applies_to).cmp(&(b.key.sort_key(), &a.applies_to))
        });
        facts.overlay_entries.dedup_by_key(|entry| entry.key);
        redefinitions::settle(&mut facts.redefinitions);
        package_sets::settle(&mut facts.package_set_options);
        // What is installed for certain before what only perhaps is.
        facts
            .installed
            .sort_by_key(|one| (one.place.sort_key(), one.host.clone(), one.conditional));
        facts.installed.dedup_by(|later, earlier| {
            (later.place, &later.host) == (earlier.place, &earlier.host)
                && later.package == earlier.package
        });
        facts.settings.sort_by(|one, other| setting_key(one).cmp(&setting_key(other)));
        facts.settings.dedup_by(|later, earlier| setting_key(later) == setting_key(earlier));
        // A module of a configuration was perhaps looked at by itself as well.
        let of_hosts: FxHashSet<(Span, Vec<String>)> = facts
            .settings
            .iter()
            .filter(|setting| setting.host.is_some())
            .map(|setting| (setting.key, setting.path.clone()))
            .collect();
        facts.settings.retain(|setting| {
            setting.host.is_some() || !of_hosts.contains(&(setting.key, setting.path.clone()))
        });
        self.facts
    }
}

fn setting_key(setting: &Setting) -> ((FileId, u32, u32), &[String], Option<&str>) {
    (setting.key.sort_key(), &setting.path, setting.host.as_deref())
}
