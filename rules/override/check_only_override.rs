//! The rule `check-only-override`.

use rustc_hash::FxHashSet;

use super::cost;
use crate::budget::concern::{Concern, Judge};
use crate::budget::kinds;
use crate::budget::neighbours::listed;
use crate::declare_rule;
use crate::facts::{OverrideSite, Package, Redefinition};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::cache::nixpkgs_options::Rebuilding;
use crate::rules::work;
use crate::source::FileId;

declare_rule! {
    /// # What it flags
    ///
    /// An override of a package of nixpkgs that changes nothing but whether its tests run.
    ///
    /// # Why it matters
    ///
    /// Tests run where a package is built. A binary cache has it built and tested; whoever downloads
    /// it runs none. An override that turns them off makes another derivation, which no cache has:
    /// the package is compiled here, to spare tests that nobody here was going to run. Only where an
    /// overlay changes something that the package is built with, it is compiled here anyway: what is
    /// built with what is for nixpkgs to know, so the finding names what else the overlays change. The
    /// first finding of a file says all this, the others only what they are about.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.atuin.overrideAttrs (_: {
    ///       doCheck = false;
    ///     }))
    ///     pkgs.bat
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
    ///     pkgs.atuin
    ///     pkgs.bat
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It puts the plain package in place of the override; an override that also changes `meta` loses
    /// only what is about tests. It is unsafe: the package then is the one of the cache, and where no
    /// cache has it, its tests run again.
    ///
    /// # When it stays silent
    ///
    /// - Something else changes too, in this override or in one that it is chained onto.
    /// - It only chooses among the tests, as with `disabledTests`: without, the build fails, and so no
    ///   cache has it.
    /// - What decides about it asks for the platform: another machine may need it.
    /// - The package is unpacked or wrapped, or one of the tree's or a flake's own, or of a set of which
    ///   caches have little, such as `pkgsStatic` and `pkgsi686Linux`: no cache is left.
    /// - It turns tests on, or `meta` says in it where the package can be built (`broken = false`): no
    ///   cache has that one.
    /// - It stands in the `passthru` of a package: nobody builds it with the package.
    /// - All packages of the configuration are built here, for a CPU of their own (`hostPlatform.gcc.arch`)
    ///   or with another stdenv: `mass-rebuild-config` tells of that.
    /// - An overlay redefines what much of nixpkgs is built with: `mass-rebuild-overlay` tells of that.
    /// - `keep` under `[overrides]` in `frugix.toml` lists the package.
    ///
    /// # Sources
    ///
    /// - nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: `doCheck` and the attributes of the check
    ///   phases are part of the derivation, and so of its hash.
    /// - Which attributes are about tests stands in `rules/knowledge/changes.toml`.
    pub struct CheckOnlyOverride {
        id: "check-only-override",
        group: Override,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// So many places of other changes are shown.
const MAX_SHOWN: usize = 2;

impl Rule for CheckOnlyOverride {
    fn meta(&self) -> &'static RuleMeta {
        const { &CheckOnlyOverride::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let rebuilding = Rebuilding::of(cx);
        let mut told = FxHashSet::default();
        let found: Vec<Diagnostic> = cost::sites(cx.facts)
            .filter(|site| !rebuilding.reach(cx, site.call.span.file))
            .filter_map(|site| of_override(cx, site, &mut told))
            .collect();
        cx.report_all(found);
    }
}

/// What is to be said of `site`. The files in `told` have heard why already.
fn of_override(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    told: &mut FxHashSet<FileId>,
) -> Option<Diagnostic> {
    let (package, Concern::Checks(cost)) = cost::concern(cx, site)? else { return None };
    if kinds::asks_for_platform(cx.tree, site) {
        return None;
    }
    let name = package.name();
    let judge = Judge { tree: cx.tree, knowledge: cx.knowledge, facts: cx.facts };
    let others = judge.neighbours(site);
    let is_likely = others.first().is_some_and(|nearest| judge.is_likely(nearest, package));
    let one_python = is_of_one_python(package);
    let so = match (others.is_empty(), is_likely) {
        _ if one_python => {
            "and, if a cache has the packages of this Python, builds it here for that".to_owned()
        }
        (true, _) => "and builds it here for that".to_owned(),
        (_, true) => {
            format!("and builds it here for that unless it is built with {}", listed(&others))
        }
        (_, false) => "and makes another derivation of it than a cache has".to_owned(),
    };
    let message =
        format!("this override of {name} changes only its tests, {so}{}", cost::proviso(site));
    let (place, helper) = cost::at(cx, site);
    let mut found = Diagnostic::new(&CheckOnlyOverride::META, place, message);
    // Whoever turns off the tests of forty packages in a file need not read this forty times.
    if told.insert(place.file) {
        found = with_reasons(found, &others);
    }
    if one_python {
        found = found.note(
            "Hydra builds the packages of few versions of Python (documented: nixpkgs \
             pkgs/top-level/all-packages.nix, recurseIntoAttrs): those of others are built here anyway",
        );
    }
    if let Some(cost) = cost {
        found = cost::with_cost(cx, found, &name, &cost);
    }
    Some(cost::with_helper(found, helper).fixes(fix(cx, site, package)))
}

/// Whether `package` is of the packages of one version of Python (`python311Packages`), which a cache
/// has of some versions only; what `python3` is, it has.
fn is_of_one_python(package: &Package) -> bool {
    let version = |set: &str| {
        let set = set.strip_suffix("Packages").unwrap_or(set);
        set.strip_prefix("python").is_some_and(|version| {
            version.len() > 1 && version.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    package.path.len() > 1 && package.path.first().is_some_and(|set| version(set))
}

/// Adds why a cache has the package as it is, and what could keep it from that.
fn with_reasons(found: Diagnostic, others: &[&Redefinition]) -> Diagnostic {
    let mut found = found.note(
        "As a rule a binary cache has it, built and tested: whoever downloads it runs no tests. This helps only \
         where no cache has it, such as while its tests fail for everyone, or where something that it \
         is built with is changed here too; `nix build --dry-run` tells",
    );
    if !others.is_empty() {
        found = found.note(format!(
            "Overlays here change {}: what is built with that is built here anyway",
            listed(others)
        ));
    }
    for other in others.iter().take(MAX_SHOWN) {
        found = found.related(other.key, format!("{} is changed here", other.path.join(".")));
    }
    found
}

fn fix(cx: &TreeContext<'_>, site: &OverrideSite, package: &Package) -> Option<Fix> {
    if cost::is_of_several(cx, site) {
        return None;
    }
    let why = "where no cache has it, it is built here all the same, and its tests run";
    let stays = |site: &OverrideSite| {
        site.changes.iter().any(|change| !change.is_identity && kinds::is_metadata(change))
    };
    if !stays(site) && !work::inner_overrides(cx.facts, site).into_iter().any(stays) {
        let title = format!("Use {} as it is", package.name());
        return Some(Fix::unsafe_because(title, why, cost::plain_package(cx, site)?));
    }
    if work::used_at(cx.facts, site).is_some() {
        return None;
    }
    let rest = site.changes.iter().filter(|change| !kinds::is_metadata(change));
    let definitions: Option<Vec<_>> = rest.map(|change| change.definition).collect();
    let file = cx.edited(site.call.literal?.file)?;
    let edits = file.remove_definitions(definitions?)?;
    Some(Fix::unsafe_because("Leave its tests as they are", why, edits))
}
