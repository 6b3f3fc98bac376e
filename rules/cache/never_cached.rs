//! The rule `never-cached`.

use super::machine::{Holds, beside, holds, proviso};
use super::nixpkgs_options::{Chosen, chosen};
use super::served::is_at;
use crate::budget::asked::{Asked, asked, proposed};
use crate::declare_rule;
use crate::facts::{Installed, Setting, ValueFact, ValueKind};
use crate::knowledge::{DefaultValue, Row as _, UncachedPackage, UsedBy};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::overrides::cost;
use crate::rules::work;
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A heavy package that is used just as nixpkgs has it, and is compiled all the same, because no
    /// cache that the tree asks has it: its licence is not free, it is built with CUDA, or it is marked
    /// insecure.
    ///
    /// # Why it matters
    ///
    /// cache.nixos.org has what Hydra builds, and Hydra builds nothing that is not free and nothing that
    /// is marked insecure. A vendor's binary is unpacked then, which takes no time; but MongoDB, for one,
    /// is compiled for hours at each update, and nothing in the configuration shows it.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   services.mongodb.enable = true;
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
    ///   services.mongodb.enable = true;
    ///   services.mongodb.package = pkgs.mongodb-ce;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only says what spares the compilation: a vendor's binary, or a cache that builds such packages.
    /// A key of a cache is trusted by hand.
    ///
    /// # When it stays silent
    ///
    /// - The tree asks a cache that builds such packages, and has its key.
    /// - The package is a vendor's binary, or another one is given to the service.
    /// - The package is overridden: `heavy-override` speaks of it.
    /// - `permittedInsecurePackages` with what takes no time, or is a binary itself, as Electron is once
    ///   it is out of support.
    /// - Packages of which it is not known for certain: the table is short on purpose.
    ///
    /// # Sources
    ///
    /// nixpkgs, `pkgs/top-level/release.nix`: `allowUnfree = false`; `release-unfree-redistributable.nix`:
    /// "The official Hydra instance only builds and provides binary caches for free packages".
    /// `rules/knowledge/uncached.toml`, each row with its source.
    pub struct NeverCached {
        id: "never-cached",
        group: Cache,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for NeverCached {
    fn meta(&self) -> &'static RuleMeta {
        const { &NeverCached::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let mut used: Vec<Used<'_>> =
            cx.facts.installed.iter().filter_map(|it| installed(cx, it)).collect();
        for row in cx.knowledge.never_cached.rows() {
            for by in &row.options {
                let settings = cx.facts.settings.iter().filter(|it| is_at(it, &by.option));
                used.extend(settings.filter_map(|setting| by_option(cx, setting, row, by)));
            }
        }
        let options = chosen(cx);
        used.extend(options.iter().flat_map(|option| permitted(cx, option)));
        let found: Vec<Diagnostic> = used.into_iter().filter_map(|used| report(cx, used)).collect();
        cx.report_all(found);
    }
}

/// A use of a package that no cache has.
struct Used<'k> {
    row: &'k UncachedPackage,
    /// What a message says of it, without its end.
    what: String,
    place: Span,
    is_conditional: bool,
    host: Option<String>,
}

fn installed<'k>(cx: &TreeContext<'k>, installed: &Installed) -> Option<Used<'k>> {
    let package = &installed.package;
    let row = cx.knowledge.never_cached.get(&package.lookup_path())?;
    (package.is_stock() && !installed.changed).then(|| Used {
        row,
        what: format!("{} is compiled here, for no cache that is asked has it", package.name()),
        place: installed.place,
        is_conditional: installed.conditional,
        host: installed.host.clone(),
    })
}

fn by_option<'k>(
    cx: &TreeContext<'_>,
    setting: &Setting,
    row: &'k UncachedPackage,
    by: &UsedBy,
) -> Option<Used<'k>> {
    let wanted = by.value.clone().unwrap_or(DefaultValue::Bool(true));
    let is_given = by.unless.as_deref().is_some_and(|it| !beside(cx, setting, it).is_empty());
    let needed = by.only_if.as_deref().map_or(Holds::Yes, |option| holds(cx, setting, option));
    let is_it = work::literal(&setting.value).as_ref() == Some(&wanted);
    (is_it && !is_given && needed != Holds::No).then(|| Used {
        row,
        what: format!(
            "{}{} compiles {}, for no cache that is asked has it",
            proviso(cx, setting),
            by.option,
            row.attrs[0]
        ),
        place: setting.key,
        is_conditional: setting.condition.is_some() || needed == Holds::Perhaps,
        host: setting.host.clone(),
    })
}

/// What an option permits that is compiled.
fn permitted<'k>(cx: &TreeContext<'k>, option: &Chosen<'_>) -> Vec<Used<'k>> {
    if option.path != ["config", "permittedInsecurePackages"] {
        return Vec::new();
    }
    let of_item = |item: &ValueFact| {
        let ValueKind::Str(name) = &item.kind else { return None };
        Some(Used {
            row: cx.knowledge.insecure(name)?,
            what: format!("{}whatever needs {name} compiles it", option.reach.proviso()),
            place: item.place.unwrap_or(option.key),
            is_conditional: option.is_conditional,
            host: option.host.map(str::to_owned),
        })
    };
    match &option.value.kind {
        ValueKind::List(items) => items.iter().filter_map(of_item).collect(),
        _ => Vec::new(),
    }
}

fn report(cx: &TreeContext<'_>, used: Used<'_>) -> Option<Diagnostic> {
    let row = used.row;
    let is_asked = row.built_for.as_deref().map(|what| asked(cx.knowledge, cx.facts, what));
    if matches!(is_asked, Some(Asked::Yes(_))) {
        return None;
    }
    let condition = if used.is_conditional { ", if its condition holds" } else { "" };
    let message = format!("{}{condition}", used.what);
    let mut found = Diagnostic::new(&NeverCached::META, used.place, message).note(format!(
        "It {}, and cache.nixos.org has no such packages ({})",
        row.why,
        row.evidence()
    ));
    found.hosts.extend(used.host);
    if matches!(is_asked, Some(Asked::Perhaps)) {
        found = found
            .note("Not every cache of this tree is known: where one of them has it, it is fetched");
    }
    let path: Vec<&str> = row.cost.split('.').collect();
    if let Some(package) = cx.knowledge.package(&path) {
        let arguments: Vec<&str> = row.with.as_deref().into_iter().collect();
        found = cost::with_cost(cx, found, &row.attrs[0], &package.cost_with(&arguments));
    }
    let cache =
        row.built_for.as_deref().and_then(|what| proposed(cx.knowledge, what)).map(|cache| {
            let (address, keys) = (cache.addresses.concat(), cache.keys.join(" "));
            format!("Ask the cache that builds such packages: https://{address}, key {keys}")
        });
    let instead = row.instead.clone().into_iter().chain(cache);
    Some(found.fixes(instead.map(|title| Fix::suggestion(title, Vec::new()))))
}
