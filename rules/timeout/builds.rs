//! The builds of a tree that compile something, and how long each may take.

use crate::facts::{Call, Change, DerivationSite, Method, OverrideSite, Package, ValueKind};
use crate::knowledge::{Builder, ChosenBy, Evidence, Range, Row};
use crate::lint::TreeContext;
use crate::rules::inputs::Inputs;
use crate::rules::work::{self, Work};
use crate::source::Span;

/// A call after which something is compiled.
pub struct Build<'a> {
    /// The call.
    pub call: &'a Call,
    /// It stands in a helper function that is used elsewhere.
    pub in_helper: bool,
    /// Whether it is an override, and by which method.
    pub method: Option<Method>,
    /// How a message calls it.
    pub name: String,
    /// It has a name of its own.
    pub is_named: bool,
    /// What the call gives.
    pub attributes: &'a [Change],
    /// It may give more than that.
    pub open: bool,
    /// Where a finding about it stands.
    pub place: Span,
    package: Option<&'a Package>,
    /// What makes the derivation, where the tree itself writes that.
    pub builder: Option<&'a Builder>,
    /// Attributes of what it overrides, where the tree itself writes that.
    below: Vec<&'a [Change]>,
}

/// How long a build may take, and why so long.
pub struct Allowance {
    /// Seconds.
    pub seconds: u64,
    /// On what basis, as a sentence.
    pub because: String,
}

/// Every call of the tree after which something is compiled; of overrides chained onto each other,
/// the last.
pub fn builds<'a>(cx: &TreeContext<'a>) -> Vec<Build<'a>> {
    let compiled =
        |site: &&DerivationSite| work::work_of_derivation(cx.knowledge, site) == Work::Compiles;
    let derivations = cx.facts.derivations.iter().filter(compiled).map(|site| derivation(cx, site));
    let rebuilt = |site: &&OverrideSite| {
        work::work_of_override(cx.knowledge, cx.facts, site) == Work::Compiles
            || work::inner_overrides(cx.facts, site).iter().any(|inner| {
                work::work_of_override(cx.knowledge, cx.facts, inner) == Work::Compiles
            })
    };
    let is_last = |site: &&OverrideSite| !work::is_chained_onto(cx.facts, site);
    let overrides =
        cx.facts.overrides.iter().filter(rebuilt).filter(is_last).map(|site| override_of(cx, site));
    let mut builds: Vec<Build<'a>> = derivations.chain(overrides).collect();
    builds.sort_by_key(|build| build.place.sort_key());
    builds
}

fn derivation<'a>(cx: &TreeContext<'a>, site: &'a DerivationSite) -> Build<'a> {
    let path = site.builder_path();
    let name = site.name.as_deref().or(work::bound_name(&site.call));
    Build {
        call: &site.call,
        in_helper: site.call.used_at.is_some(),
        method: None,
        name: name.unwrap_or("this derivation").to_owned(),
        is_named: name.is_some(),
        attributes: &site.attributes,
        open: site.open,
        place: site.call.used_at.unwrap_or(site.builder_text),
        package: None,
        builder: cx.knowledge.builder(&path),
        below: Vec::new(),
    }
}

fn override_of<'a>(cx: &TreeContext<'a>, site: &'a OverrideSite) -> Build<'a> {
    let facts = cx.facts;
    let used_at = work::used_at(facts, site);
    let inner = work::inner_overrides(facts, site);
    let inner = inner.iter().map(|inner| inner.changes.as_slice());
    let own = work::own_derivation(facts, site).filter(|_| !is_stock(site));
    let builder = own.and_then(|own| {
        let path = own.builder_path();
        cx.knowledge.builder(&path)
    });
    Build {
        call: &site.call,
        in_helper: used_at.is_some(),
        method: Some(site.method),
        name: work::name_of(site),
        is_named: true,
        attributes: &site.changes,
        open: site.open,
        place: used_at.unwrap_or(site.call.span),
        package: site.package.as_ref(),
        builder,
        below: inner.chain(own.map(|own| own.attributes.as_slice())).collect(),
    }
}

fn is_stock(site: &OverrideSite) -> bool {
    site.package.as_ref().is_some_and(Package::is_stock)
}

impl<'a> Build<'a> {
    /// Whether it is made by a function for builds of any kind.
    pub fn is_generic(&self) -> bool {
        self.builder.is_some_and(|builder| builder.name.ends_with("mkDerivation"))
    }

    /// The attribute `name` that the call gives.
    pub fn attribute(&self, name: &str) -> Option<&'a Change> {
        self.attributes.iter().find(|change| change.name == name)
    }

    /// Whether it has a `meta.timeout`, or may have one that cannot be seen.
    pub fn has_meta_timeout(&self) -> bool {
        let may_come_unseen = self.open && self.attribute("meta").is_none();
        may_come_unseen
            || self.levels().any(|changes| {
                let meta = changes.iter().find(|change| change.name == "meta");
                meta.is_some_and(|meta| {
                    meta.inner("timeout").is_some() || (meta.inner_open && is_unseen(meta))
                })
            })
    }

    /// Its `meta.timeout`, as the outermost call gives it.
    pub fn meta_timeout(&self) -> Option<&'a Change> {
        self.levels().find_map(|changes| {
            changes.iter().find(|change| change.name == "meta")?.inner("timeout")
        })
    }

    /// Whether it has `timeout` as an attribute of the derivation itself.
    pub fn has_timeout_attribute(&self) -> bool {
        self.levels().any(|changes| changes.iter().any(|change| change.name == "timeout"))
    }

    fn levels(&self) -> impl Iterator<Item = &'a [Change]> {
        std::iter::once(self.attributes).chain(self.below.iter().copied())
    }

    /// How long it may take: what `frugix.toml` says for it, what its attribute `timeout` says, or
    /// what the tables do.
    pub fn allowance(&self, cx: &TreeContext<'a>) -> Allowance {
        if let Some((name, seconds)) = self.configured(cx) {
            let because = format!("frugix.toml gives {name} {}", spelled(seconds));
            return Allowance { seconds, because };
        }
        let stated = self.attribute("timeout").and_then(|change| change.value.as_int());
        let limits = &cx.knowledge.limits;
        let sensible = limits.minimum.seconds..=limits.maximum.seconds;
        if let Some(seconds) = stated
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| sensible.contains(seconds))
        {
            let because = format!("its attribute `timeout` says {}", spelled(seconds));
            return Allowance { seconds, because };
        }
        let path = self.lookup_path();
        let arguments = self.arguments_on();
        let advice = cx.knowledge.timeout_for(&path, &arguments, self.language(cx));
        let default = cx.config.timeouts.as_ref().and_then(|timeouts| timeouts.default);
        match (advice.chosen_by, default) {
            (ChosenBy::Language(_) | ChosenBy::Fallback, Some(default)) => Allowance {
                seconds: default.0,
                because: format!(
                    "frugix.toml gives {} unless it says otherwise",
                    spelled(default.0)
                ),
            },
            (chosen_by, _) => {
                let subject = match chosen_by {
                    ChosenBy::Package(name) => format!("is what {name} gets"),
                    ChosenBy::Engine(engine) => format!("is what a build of {engine} gets"),
                    ChosenBy::Language(language) => format!("is what a build of {language} gets"),
                    ChosenBy::Fallback => "is for builds of which nothing is known".to_owned(),
                };
                let time = spelled(advice.seconds);
                Allowance {
                    seconds: advice.seconds,
                    because: format!("{time} {subject} ({})", advice.evidence),
                }
            }
        }
    }

    /// The language it is written in: that of its builder, and for stdenv's own function, which
    /// builds any, what its attributes and inputs show.
    fn language(&self, cx: &TreeContext<'a>) -> Option<&'a str> {
        let builder = self.builder?;
        if !builder.is_generic() {
            return Some(&builder.language);
        }
        let inputs = self.levels().fold(Inputs::default(), |all, one| all.changed_by(cx, one));
        let attributes = self.levels().flatten().map(|change| change.name.as_str());
        cx.knowledge.language_shown(attributes.chain(inputs.names()))
    }

    /// The hours it takes at worst on four cores, as far as a table knows.
    pub fn worst_hours(&self, cx: &TreeContext<'a>) -> Option<f64> {
        let path = self.lookup_path();
        let engine = cx.knowledge.browser(&path).and_then(|row| cx.knowledge.engine(row));
        if let Some(engine) = engine {
            return Some(engine.hours.high);
        }
        let row = cx.knowledge.package(&path);
        let by_package = row.map(|row| row.cost_with(&self.arguments_on()).hours.high);
        by_package.or_else(|| Some(cx.knowledge.timeouts.get(&[self.language(cx)?])?.hours))
    }

    /// The hours that building this very package takes on four cores, as far as a table knows.
    pub fn hours(&self, cx: &TreeContext<'a>) -> Option<(Range, Evidence<'a>)> {
        let path = self.lookup_path();
        let engine = cx.knowledge.browser(&path).and_then(|row| cx.knowledge.engine(row));
        if let Some(engine) = engine {
            return Some((engine.hours, engine.evidence()));
        }
        let cost = cx.knowledge.package(&path)?.cost_with(&self.arguments_on());
        Some((cost.hours, cost.evidence))
    }

    fn configured(&self, cx: &TreeContext<'_>) -> Option<(String, u64)> {
        let dotted = self.package.map(Package::name);
        let last = self.package.and_then(|package| package.path.last());
        let bound = work::bound_name(self.call);
        let names = [dotted.as_deref(), last.map(String::as_str), Some(&self.name), bound];
        names
            .into_iter()
            .flatten()
            .find_map(|name| Some((name.to_owned(), cx.config.packages.get(name)?.timeout?.0)))
    }

    fn lookup_path(&self) -> Vec<&str> {
        match self.package {
            Some(package) if !package.path.is_empty() => package.lookup_path(),
            _ => vec![self.name.as_str()],
        }
    }

    fn arguments_on(&self) -> Vec<&'a str> {
        let is_on = |change: &&Change| change.value.as_bool() == Some(true);
        self.levels()
            .flat_map(|changes| changes.iter().filter(is_on))
            .map(|change| change.name.as_str())
            .collect()
    }
}

/// A `meta` of which nothing is seen, so that it may hold anything.
fn is_unseen(meta: &Change) -> bool {
    !meta.uses_old
        && matches!(meta.value.kind, ValueKind::Unknown(_) | ValueKind::Choice(_))
        && meta.inner.is_empty()
}

/// `seconds` as a comment says it: `4 hours`, `1 hour`, `90 minutes`.
pub fn spelled(seconds: u64) -> String {
    let (count, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
