//! The rows of an audit: one an override, chains as one, and one a derivation of the tree.

use super::verdict::{Subject, flake_of, judged};
use super::{Cache, Expense, Kind, Row};
use crate::budget::concern::{Concern, Judge};
use crate::budget::work::{self, Work};
use crate::budget::{Demand, kinds};
use crate::config::Config;
use crate::facts::{Call, Change, DerivationSite, Facts, Method, Origin, OverrideSite};
use crate::knowledge::{BuilderClass, ChangeKind, Knowledge, PackageClass, Structure};
use crate::source::Tree;

pub(super) fn rows(tree: &Tree, knowledge: &Knowledge, config: &Config, facts: &Facts) -> Vec<Row> {
    let demand = Demand::new(tree, knowledge, config, facts);
    let auditor = Auditor { tree, knowledge, config, facts, demand };
    let is_here = |call: &Call| !work::is_template(tree, call.span.file);
    let overrides = facts.overrides.iter().filter(|site| is_here(&site.call));
    let overrides = overrides.filter(|site| !work::is_chained_onto(facts, site));
    let whole = overrides.filter(|site| !auditor.is_part(site));
    let mut rows: Vec<Row> = whole.map(|site| auditor.of_override(site)).collect();
    let derivations = facts.derivations.iter().filter(|site| is_here(&site.call));
    rows.extend(derivations.filter_map(|site| auditor.of_derivation(site)));
    rows
}

struct Auditor<'a> {
    tree: &'a Tree,
    knowledge: &'a Knowledge,
    config: &'a Config,
    facts: &'a Facts,
    demand: Demand,
}

impl Auditor<'_> {
    fn of_override(&self, site: &OverrideSite) -> Row {
        let chain: Vec<&OverrideSite> =
            std::iter::once(site).chain(work::inner_overrides(self.facts, site)).collect();
        let works: Vec<Work> = (chain.iter())
            .map(|site| work::work_of_override(self.knowledge, self.facts, site))
            .collect();
        let kind = self.kind(&chain, &works);
        let conditional = site.call.condition.is_some();
        let cache = match site.package.as_ref().map(|package| &package.origin) {
            Some(Origin::Own | Origin::Input(_)) => Cache::WasNotThere,
            _ if site.package.as_ref().is_some_and(|it| flake_of(it).is_some()) => {
                Cache::WasNotThere
            }
            None | Some(Origin::Unknown) => Cache::Unknown,
            Some(_) if matches!(kind, Kind::NoChange | Kind::MetadataOnly) => Cache::Stays,
            Some(_) if conditional => Cache::MayLeave,
            Some(_) => Cache::Leaves,
        };
        let name = self.name_of(site);
        let is_shell = chain.iter().any(|site| is_shell(&site.changes));
        let is_built = works.contains(&Work::Compiles) && !is_shell;
        let expense = self.expense(&name).filter(|_| is_built);
        let judge = Judge { tree: self.tree, knowledge: self.knowledge, facts: self.facts };
        let concern = judge.concern(site);
        let rebuilds_others = matches!(concern, Some(Concern::MassRebuild { .. }));
        let is_cheap = match kind {
            Kind::Repack => true,
            Kind::Wrapper => !works.iter().any(|it| matches!(it, Work::Compiles | Work::Unclear)),
            _ => false,
        };
        let subject = Subject {
            judge,
            chain: &chain,
            kind,
            cache,
            concern,
            expense,
            compiles: is_built,
            is_cheap,
            is_shell,
        };
        let (verdict, why) = judged(self.config, &subject);
        let mut changes: Vec<String> = Vec::new();
        for change in chain.iter().rev().flat_map(|site| &site.changes) {
            if !change.is_identity && !changes.iter().any(|it| change.name == *it) {
                changes.push(change.name.to_string());
            }
        }
        let place = work::used_at(self.facts, site).unwrap_or(site.call.span);
        let calls = chain.iter().map(|site| site.call.span).collect();
        let given = chain.iter().filter_map(|site| self.given(site)).collect();
        Row {
            name,
            place,
            calls,
            changes,
            given,
            kind,
            cache,
            expense,
            is_cheap,
            rebuilds_others,
            verdict,
            why,
            outcome: None,
        }
    }

    /// What tells the derivation of `site` from another's of the same name: from where its package is,
    /// the words of the call, and what is known of the values that they stand for. The same words may
    /// mean another value elsewhere.
    fn given(&self, site: &OverrideSite) -> Option<String> {
        let argument = site.call.argument;
        let source = self.tree.source(argument.file).ok()?;
        let origin = site.package.as_ref().map(|package| &package.origin);
        let values: Vec<_> =
            site.changes.iter().map(|change| work::literal(&change.value)).collect();
        Some(format!("{origin:?} {} {values:?}", source.slice(argument.range)))
    }

    /// Whether it overrides a part of what another row is about: `old.cargoDeps` in the override of a
    /// package.
    fn is_part(&self, site: &OverrideSite) -> bool {
        let is_unknown = match &site.package {
            None => true,
            Some(package) => package.origin == Origin::Unknown,
        };
        let source = self.tree.source(site.base.file).ok().filter(|_| is_unknown);
        let text = source.map(|source| source.slice(site.base.range).to_owned());
        let Some((first, _)) = text.as_deref().and_then(|text| text.split_once('.')) else {
            return false;
        };
        self.facts.overrides.iter().any(|outer| {
            outer.call.old_name.as_deref() == Some(first)
                && work::contains(outer.call.argument, site.call.span)
        })
    }

    /// What is overridden: its name, else how the text calls it.
    fn name_of(&self, site: &OverrideSite) -> String {
        let named = site.package.as_ref().is_some_and(|package| !package.name().is_empty());
        if named || work::bound_name(&site.call).is_some() {
            return work::name_of(site);
        }
        let text = self.tree.source(site.base.file).ok();
        let text = text.map(|source| source.slice(site.base.range).to_owned()).unwrap_or_default();
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or("a package").to_owned();
        if words.next().is_some() { format!("{first} …") } else { first }
    }

    /// A derivation that compiles or unpacks; what only writes text or links is no matter.
    fn of_derivation(&self, site: &DerivationSite) -> Option<Row> {
        let path = site.builder_path();
        if self.knowledge.builder(&path)?.class != BuilderClass::Compiles {
            return None;
        }
        let is_changed = self.facts.overrides.iter().any(|changed| {
            let is_own = changed.package.as_ref().is_some_and(|it| it.origin == Origin::Own);
            is_own
                && work::own_derivation(self.facts, changed)
                    .is_some_and(|derivation| std::ptr::eq(derivation, site))
        });
        if is_changed {
            return None;
        }
        let work = work::work_of_derivation(self.knowledge, site);
        let compiles = work == Work::Compiles;
        let name = site.name.clone().or_else(|| work::bound_name(&site.call).map(str::to_owned));
        let name = name.unwrap_or_else(|| "a derivation".to_owned());
        let why = match work {
            Work::Compiles => "the tree's own: no public cache has it",
            Work::Unclear => "installed as it is unpacked, unless its source has a makefile",
            _ => "unpacked or copied: nothing is compiled",
        };
        Some(Row {
            expense: self.expense(&name).filter(|_| compiles),
            name,
            place: site.call.span,
            calls: vec![site.call.span],
            changes: vec![site.builder_path().join(".")],
            given: Vec::new(),
            is_cheap: !compiles,
            rebuilds_others: false,
            kind: if compiles { Kind::Package } else { Kind::Repack },
            cache: Cache::WasNotThere,
            verdict: super::Verdict::Keep,
            why: why.to_owned(),
            outcome: None,
        })
    }

    /// What the budget reckons with.
    fn expense(&self, name: &str) -> Option<Expense> {
        let build = self.demand.builds.iter().find(|build| build.name == name)?;
        Some(Expense { hours: build.hours?, basis: build.hours_basis })
    }

    fn kind(&self, chain: &[&OverrideSite], works: &[Work]) -> Kind {
        let is_default = |site: &&OverrideSite| {
            // Of another nixpkgs, or of a package of the same name, the defaults may be others.
            let package = site.package.as_ref().filter(|package| package.origin == Origin::Stock);
            !site.open
                && site.method == Method::Override
                && package.is_some_and(|package| {
                    let is = |change: &Change| work::is_default(self.knowledge, package, change);
                    site.changes.iter().all(is)
                })
        };
        let unchanged =
            |(site, work): (&&OverrideSite, &Work)| *work == Work::Nothing || is_default(site);
        if chain.iter().zip(works).all(unchanged) {
            return Kind::NoChange;
        }
        if works.iter().all(|work| matches!(work, Work::Nothing | Work::Metadata)) {
            return Kind::MetadataOnly;
        }
        if self.is_repacked(chain[0]) {
            return Kind::Repack;
        }
        let only_wraps = |site: &&OverrideSite| {
            kinds::only_wraps(self.tree, self.knowledge, site) || work::changes_nothing(site)
        };
        if works.iter().all(|work| *work == Work::Cheap) || chain.iter().all(only_wraps) {
            return Kind::Wrapper;
        }
        let changes = chain.iter().flat_map(|site| &site.changes);
        let rest = changes.filter(|change| !kinds::is_metadata(change));
        let kinds: Vec<Kind> = rest.map(|change| self.kind_of(change)).collect();
        let order = [Kind::Version, Kind::Patch, Kind::Flags, Kind::Dependencies, Kind::CheckOnly];
        order.into_iter().find(|kind| kinds.contains(kind)).unwrap_or(Kind::Flags)
    }

    fn kind_of(&self, change: &Change) -> Kind {
        match self.knowledge.change_kind(&change.name) {
            Some(ChangeKind::Check | ChangeKind::CheckDetail) => Kind::CheckOnly,
            Some(ChangeKind::Patch) => Kind::Patch,
            Some(ChangeKind::Version) => Kind::Version,
            Some(ChangeKind::Dependencies) => Kind::Dependencies,
            Some(ChangeKind::Wrapper | ChangeKind::Hook) | None => Kind::Flags,
        }
    }

    fn is_repacked(&self, site: &OverrideSite) -> bool {
        let Some(package) = &site.package else { return false };
        let path = package.lookup_path();
        let browser = self.knowledge.browser(&path);
        browser.is_some_and(|browser| browser.structure == Structure::Repack)
            || self.knowledge.package(&path).is_some_and(|row| row.class == PackageClass::Repacked)
    }
}

/// Whether what has these attributes is entered to work in, rather than built.
fn is_shell(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.name == "shellHook")
}
