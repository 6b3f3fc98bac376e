//! The rule `option-source-build`.

use super::machine::{Holds, holds, proviso};
use super::served::is_at;
use crate::declare_rule;
use crate::facts::{Setting, ValueFact, ValueKind};
use crate::knowledge::{CompilingOption, Row as _};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::overrides::cost;
use crate::rules::work;
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// An option after which a heavy package is compiled, though no override is written: patches of
    /// the kernel, VirtualBox's extension pack, `programs.ccache.packageNames`.
    ///
    /// # Why it matters
    ///
    /// Behind some options the module overrides a package. To the cache that is another package, and
    /// this machine compiles it, now and at every update: a kernel each week or two, with every module
    /// that is built for it.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   boot.kernelPatches = [
    ///     {
    ///       name = "preempt";
    ///       patch = null;
    ///       extraConfig = "PREEMPT y";
    ///     }
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   boot.kernelPackages = pkgs.linuxPackages_zen;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only says what spares the compilation. Whether a patch is worth its hours is not frugix's to
    /// decide.
    ///
    /// # When it stays silent
    ///
    /// - The option has its default (no patches, an empty list), or what it depends on is off.
    /// - The value is not known.
    /// - A kernel that is written as an override of one of nixpkgs: `heavy-override` speaks of it.
    /// - Names in `programs.ccache.packageNames` of which it is not known that they take long.
    ///
    /// # Sources
    ///
    /// The modules of nixpkgs: `rules/knowledge/uncached.toml`, each row with its source. Hours are those
    /// of `rules/knowledge/packages.toml`.
    pub struct OptionSourceBuild {
        id: "option-source-build",
        group: Cache,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for OptionSourceBuild {
    fn meta(&self) -> &'static RuleMeta {
        const { &OptionSourceBuild::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        for row in cx.knowledge.compiling_options.rows() {
            let settings = cx.facts.settings.iter().filter(|setting| is_at(setting, &row.option));
            let mut said: Vec<&str> = Vec::new();
            for setting in settings {
                // What several modules of a machine add to one option is compiled once.
                let host = setting.host.as_deref();
                if host.is_some_and(|host| said.contains(&host)) && !row.names_packages {
                    continue;
                }
                let of_setting = of_setting(cx, setting, row);
                said.extend(host.filter(|_| !of_setting.is_empty() && setting.condition.is_none()));
                found.extend(of_setting);
            }
        }
        cx.report_all(found);
    }
}

fn of_setting(cx: &TreeContext<'_>, setting: &Setting, row: &CompilingOption) -> Vec<Diagnostic> {
    let needed = row.only_if.as_deref().map_or(Holds::Yes, |option| holds(cx, setting, option));
    let is_conditional = setting.condition.is_some() || needed == Holds::Perhaps;
    if needed == Holds::No {
        return Vec::new();
    }
    if row.names_packages {
        return named(&setting.value, is_conditional)
            .into_iter()
            .filter_map(|named| of_name(cx, setting, row, &named))
            .collect();
    }
    let is_conditional = match &row.made_by {
        Some(builder) => makes(cx, setting, builder).then_some(is_conditional),
        None => differs(&setting.value, row).map(|perhaps| is_conditional || perhaps),
    };
    let Some(is_conditional) = is_conditional else { return Vec::new() };
    let what = format!("{} compiles {}", row.option, row.compiles);
    let found = report(cx, setting, setting.key, &what, is_conditional);
    let package = row.package.as_deref();
    vec![with_cost(cx, found, package).note(evidence(row)).fix(shown(&row.instead))]
}

/// Whether the value is another than the default: for certain (`false`), or perhaps (`true`).
fn differs(value: &ValueFact, row: &CompilingOption) -> Option<bool> {
    match &value.kind {
        ValueKind::Choice(values) => {
            values.iter().any(|value| differs(value, row).is_some()).then_some(true)
        }
        ValueKind::List(items) => {
            let is_perhaps = |item: &ValueFact| matches!(item.kind, ValueKind::Choice(_));
            (!items.is_empty()).then(|| items.iter().all(is_perhaps))
        }
        _ => (work::literal(value)? != row.default).then_some(false),
    }
}

/// Whether a call of `builder` makes the value: it stands in it, or where it is bound to a name.
fn makes(cx: &TreeContext<'_>, setting: &Setting, builder: &str) -> bool {
    let is_inside = |span: Span| {
        setting.calls.contains(&span)
            || setting.definition.is_some_and(|definition| work::contains(definition, span))
    };
    cx.facts.derivations.iter().any(|site| {
        let path = site.builder_path();
        is_inside(site.call.span)
            && cx.knowledge.builder(&path).is_some_and(|it| it.name == builder)
    })
}

/// A name in a list of packages.
struct Named {
    name: String,
    place: Option<Span>,
    is_conditional: bool,
}

fn named(value: &ValueFact, is_conditional: bool) -> Vec<Named> {
    match &value.kind {
        ValueKind::List(items) => {
            items.iter().flat_map(|item| named(item, is_conditional)).collect()
        }
        ValueKind::Choice(values) => values.iter().flat_map(|value| named(value, true)).collect(),
        ValueKind::Str(name) => {
            vec![Named { name: name.clone(), place: value.place, is_conditional }]
        }
        _ => Vec::new(),
    }
}

fn of_name(
    cx: &TreeContext<'_>,
    setting: &Setting,
    row: &CompilingOption,
    named: &Named,
) -> Option<Diagnostic> {
    cx.knowledge.package(&[&named.name]).filter(|package| package.class.compiles())?;
    let place = named.place.unwrap_or(setting.key);
    let what = format!("{} compiles {}", row.option, named.name);
    let found = report(cx, setting, place, &what, named.is_conditional);
    Some(with_cost(cx, found, Some(&named.name)).note(evidence(row)).fix(shown(&row.instead)))
}

fn report(
    cx: &TreeContext<'_>,
    setting: &Setting,
    place: Span,
    what: &str,
    is_conditional: bool,
) -> Diagnostic {
    let condition = if is_conditional { ", if its condition holds" } else { "" };
    let message = format!("{}{what}{condition}", proviso(cx, setting));
    let mut found = Diagnostic::new(&OptionSourceBuild::META, place, message);
    found.hosts.extend(setting.host.clone());
    found
}

fn with_cost(cx: &TreeContext<'_>, found: Diagnostic, package: Option<&str>) -> Diagnostic {
    let row = package.and_then(|name| {
        let path: Vec<&str> = name.split('.').collect();
        Some((name, cx.knowledge.package(&path)?))
    });
    match row {
        Some((name, row)) => cost::with_cost(cx, found, name, &row.cost()),
        None => found,
    }
}

fn evidence(row: &CompilingOption) -> String {
    format!("The cache has it as nixpkgs builds it with the default ({})", row.evidence())
}

fn shown(title: &str) -> Fix {
    Fix::suggestion(title, Vec::new())
}
