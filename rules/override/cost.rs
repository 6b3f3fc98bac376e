//! How the rules about costs say what a build takes, and what spares it.

use std::collections::BTreeSet;

use crate::budget::concern::{Concern, Judge, is_kept};
use crate::budget::{Demand, Host};
use crate::config::Bytes;
use crate::facts::{AppliesTo, Facts, OverrideSite, Package};
use crate::knowledge::{self, Alternative, Cost, Known};
use crate::lint::{Diagnostic, Fix, FixEdit, TreeContext};
use crate::rules::work;
use crate::source::Span;

/// Every override of the tree, those of a package that goes by several names once: what is given to
/// `python3` changes `python3.pkgs.X` and `python3Packages.X`, which are one package.
pub(super) fn sites(facts: &Facts) -> impl Iterator<Item = &OverrideSite> {
    let all = &facts.overrides;
    all.iter().enumerate().filter(|(index, site)| !is_told(&all[..*index], site)).map(|(_, it)| it)
}

/// Whether one of those `before` is the same override of a package of the same last name. The same stand
/// side by side.
fn is_told(before: &[OverrideSite], site: &OverrideSite) -> bool {
    let is_here = |other: &&OverrideSite| {
        other.call.span == site.call.span && other.call.used_at == site.call.used_at
    };
    before.iter().rev().take_while(is_here).any(|other| is_of_one_package(other, site))
}

/// Whether two overrides are of one package, by its last name.
fn is_of_one_package(one: &OverrideSite, other: &OverrideSite) -> bool {
    let name = |site: &OverrideSite| {
        let package = site.package.as_ref()?;
        Some((package.origin.clone(), package.path.last()?.clone()))
    };
    one.package == other.package || name(one).is_some_and(|it| name(other) == Some(it))
}

/// Adds what compiling `name` takes, on what basis, and which host has not the memory for it: of those
/// that the finding is about, where it says so.
pub(crate) fn with_cost(
    cx: &TreeContext<'_>,
    found: Diagnostic,
    name: &str,
    cost: &Cost<'_>,
) -> Diagnostic {
    let mut found = found.note(format!(
        "Compiling {name} takes {} hours on four cores and up to {} GiB of memory ({})",
        cost.hours, cost.memory_gib.high, cost.evidence.basis
    ));
    if let Some(quote) = cost.quote {
        found = found.note(format!("{} ({}: {})", quote.text, quote.basis, quote.source));
    }
    let budget = cx.budget();
    let needed = Bytes((cost.memory_gib.high * Bytes::gibibytes(1).0 as f64) as u64);
    let is_concerned = |name: &String| found.hosts.is_empty() || found.hosts.contains(name);
    let hosts: Vec<&Host> = budget.hosts.iter().filter(|host| is_concerned(&host.name)).collect();
    for host in hosts {
        let limit = Demand::limit_of(host, cx.facts);
        if let Some(limit) = limit.filter(|limit| limit.bytes < needed) {
            found = found.note(format!("{} has {} for builds", host.name, limit.bytes));
        }
    }
    found
}

/// What to use instead of compiling `name`, to be read and not applied.
pub(crate) fn instead(cx: &TreeContext<'_>, name: &str, row: &knowledge::Package) -> Option<Fix> {
    let Alternative { binaries, cached, note } = row.alternative.as_ref()?;
    let beside = note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let title = match (binaries.split_first(), cached) {
        (Some((first, others)), _) => {
            let others: String = others.iter().map(|other| format!(", or {other}")).collect();
            format!("Instead of {name}, use {first}{others}, which nobody compiles{note}")
        }
        (None, Known::Yes) => {
            let but = uncached_variant(cx, row).unwrap_or_default();
            format!("Use {name} as it is: the public cache has it{but}{beside}")
        }
        (None, _) if !note.is_empty() => format!("Instead of compiling {name}{note}"),
        (None, _) => return None,
    };
    Some(Fix::suggestion(title, Vec::new()))
}

/// Where the package of `row` is another than the public cache has, as an option of nixpkgs makes it so
/// (`config.cudaSupport`).
fn uncached_variant(cx: &TreeContext<'_>, row: &knowledge::Package) -> Option<String> {
    let variants = row.variants.iter().filter(|variant| variant.cached != Known::Yes);
    let arguments: Vec<&str> = variants.map(|variant| variant.argument.as_str()).collect();
    let is_it = |path: &[String]| matches!(path, [config, name] if config == "config" && arguments.contains(&&**name));
    let facts = cx.facts;
    let of_modules = facts.settings.iter().filter_map(|setting| {
        let (first, path) = setting.path.split_first()?;
        let is_on = setting.value.as_bool() != Some(false);
        (first == "nixpkgs" && is_it(path) && is_on)
            .then(|| (path.join("."), setting.host.as_deref().unwrap_or_default()))
    });
    let of_sets = facts.package_set_options.iter().filter_map(|option| {
        let is_on = option.value.as_bool() != Some(false);
        (is_it(&option.path) && is_on && !matches!(option.applies_to, AppliesTo::Separate(_)))
            .then(|| (option.path.join("."), ""))
    });
    let all: BTreeSet<(String, &str)> = of_modules.chain(of_sets).collect();
    let (option, _) = all.first()?;
    let hosts: Vec<&str> = all.iter().map(|(_, host)| *host).filter(|it| !it.is_empty()).collect();
    Some(match hosts.as_slice() {
        [] => format!(", where `{option}` does not make another of it"),
        hosts => format!(", but not as {} has it, by `{option}`", hosts.join(", ")),
    })
}

/// The package of `site` and the one thing to say of what its override costs; `None` where there is
/// nothing to say, or frugix.toml lists the package as one to keep.
pub(super) fn concern<'a>(
    cx: &TreeContext<'a>,
    site: &'a OverrideSite,
) -> Option<(&'a Package, Concern<'a>)> {
    let package = site.package.as_ref().filter(|package| !is_kept(cx.config, package))?;
    let judge = Judge { tree: cx.tree, knowledge: cx.knowledge, facts: cx.facts };
    Some((package, judge.concern(site)?))
}

/// How a message speaks of an override that may not happen.
pub(super) fn proviso(site: &OverrideSite) -> &'static str {
    if site.is_conditional() { ", if its condition holds" } else { "" }
}

/// Where a finding about the whole of `site` stands, and the override in a helper that it is about.
pub(super) fn at(cx: &TreeContext<'_>, site: &OverrideSite) -> (Span, Option<Span>) {
    match work::used_at(cx.facts, site) {
        Some(used) => (used, Some(site.call.span)),
        None => (site.call.span, None),
    }
}

/// Adds the override in a helper that a finding is about.
pub(super) fn with_helper(found: Diagnostic, helper: Option<Span>) -> Diagnostic {
    match helper {
        Some(helper) => found.related(helper, "by this override in a helper"),
        None => found,
    }
}

/// Whether the text of `site` overrides other packages too, as it does in the function that `map` is
/// given: then what is edited there is edited for all of them.
pub(super) fn is_of_several(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    cx.facts.overrides_at(site.call.span).any(|other| !is_of_one_package(other, site))
}

/// What is overridden, in place of the override and of those that it is chained onto; `None` for one
/// that stands in a helper.
pub(super) fn plain_package(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Vec<FixEdit>> {
    if work::used_at(cx.facts, site).is_some() {
        return None;
    }
    let inside = |inner: &&OverrideSite| work::contains(site.base, inner.base);
    let inner = work::inner_overrides(cx.facts, site);
    let bases = inner.into_iter().filter(inside).map(|inner| inner.base);
    let base = bases.min_by_key(|base| base.range.len()).unwrap_or(site.base);
    let file = cx.edited(site.call.span.file)?;
    let text = (base.file == site.call.span.file && base != site.call.span)
        .then(|| file.slice(base.range).to_owned())?;
    file.replace(site.call.span, &text)
}
