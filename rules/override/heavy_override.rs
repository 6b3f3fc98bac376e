//! The rule `heavy-override`.

use super::cost;
use crate::budget::asked::{proposed, variant};
use crate::budget::concern::Concern;
use crate::declare_rule;
use crate::facts::{Method, OverrideSite, Package};
use crate::knowledge::{self, Known};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::work;

declare_rule! {
    /// # What it flags
    ///
    /// An override of a package of nixpkgs that takes more than an hour to compile.
    ///
    /// # Why it matters
    ///
    /// A binary cache has the package as nixpkgs builds it, and nothing else. With one argument or
    /// attribute changed, this machine compiles it, now and at every update that touches it or
    /// something it is built with.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.freecad.override { spaceNavSupport = false; })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     pkgs.freecad
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only says what spares the compilation: a vendor's binary, a variant that the cache has, or
    /// the package as it is. Whether the change is worth its hours is not frugix's to decide.
    ///
    /// # When it stays silent
    ///
    /// - The derivation stays the same: only `meta`, `passthru` or known defaults are given.
    /// - The arguments reach a wrapper and not what is compiled, or the package is a vendor's binary.
    /// - Nothing is asked of it but what is there before it is built: `(… .override { … }).configfile`,
    ///   `.src`, `.version`.
    /// - It is of the tree's or a flake's own: no public cache had it.
    /// - All it does is turn CUDA on, and a cache that builds with CUDA is asked: that may have it.
    /// - Another rule says more of the same override: `browser-source-build` of browsers and their
    ///   engines, `mass-rebuild-overlay` of an overlay that much of nixpkgs is built with,
    ///   `check-only-override` and `wrapper-rebuild` of one that changes nothing else.
    /// - `keep` under `[overrides]` in `frugix.toml` lists the package; `frugix audit` shows it still.
    ///
    /// # Sources
    ///
    /// Hours and memory are those of `rules/knowledge/packages.toml`, each row with its source; most
    /// are estimates for four cores, and where nixpkgs itself names a figure, the finding quotes it.
    pub struct HeavyOverride {
        id: "heavy-override",
        group: Override,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for HeavyOverride {
    fn meta(&self) -> &'static RuleMeta {
        const { &HeavyOverride::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        cx.report_each(cost::sites(cx.facts), of_override);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let (package, Concern::Heavy(cost)) = cost::concern(cx, site)? else { return None };
    let name = package.name();
    let message = format!("this override compiles {name} here{}", cost::proviso(site));
    let (place, helper) = cost::at(cx, site);
    let found = Diagnostic::new(&HeavyOverride::META, place, message);
    let found = cost::with_cost(cx, found, &name, &cost);
    Some(cost::with_helper(found, helper).fixes(suggestions(cx, site, package)))
}

fn suggestions(cx: &TreeContext<'_>, site: &OverrideSite, package: &Package) -> Vec<Fix> {
    let mut chain = work::inner_overrides(cx.facts, site);
    chain.push(site);
    let name = package.name();
    let row = cx.knowledge.package(&package.lookup_path());
    let shown = |title: String| Fix::suggestion(title, Vec::new());
    let instead = match (variant(cx.knowledge, &chain, package), site.change("version")) {
        (Some(what), _) => proposed(cx.knowledge, what).map(|cache| {
            let (address, keys) = (cache.addresses.concat(), cache.keys.join(" "));
            shown(format!("Ask the cache that builds such packages: https://{address}, key {keys}"))
        }),
        (None, Some(version)) => {
            let version = version.value.as_str().unwrap_or("the version");
            let title =
                format!("Use {name} as it is once nixpkgs has {version}: a cache then has it");
            (is_cached(row) && !turns_something_on(&chain)).then(|| shown(title))
        }
        (None, None) => row.and_then(|row| cost::instead(cx, &name, row)),
    };
    let last = package.path.last().unwrap_or(&name);
    // A kernel is called by the set around it.
    let kept = if last == "kernel" { &name } else { last };
    let keep = format!("Or, if it is worth that, list \"{kept}\" under [overrides] keep");
    instead.into_iter().chain([shown(keep)]).collect()
}

/// Whether an argument of the chain is there to stay, whichever version nixpkgs has.
fn turns_something_on(chain: &[&OverrideSite]) -> bool {
    let arguments = chain.iter().filter(|site| site.method == Method::Override);
    arguments.flat_map(|site| &site.changes).any(|change| work::is_on(&change.value))
}

/// Whether a public cache has the package as nixpkgs builds it.
fn is_cached(row: Option<&knowledge::Package>) -> bool {
    row.and_then(|row| row.alternative.as_ref()).is_some_and(|it| it.cached == Known::Yes)
}
