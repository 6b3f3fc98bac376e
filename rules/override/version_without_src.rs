//! The rule `version-without-src`.

use super::cost;
use crate::budget::kinds;
use crate::declare_rule;
use crate::facts::{Change, Method, OverrideSite, Package, ValueFact, ValueKind};
use crate::knowledge::{ChangeKind, PackageClass, Structure};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::work;

declare_rule! {
    /// # What it flags
    ///
    /// An override that sets the `version` of a package of nixpkgs and not its `src`.
    ///
    /// # Why it matters
    ///
    /// The version is a name. What is compiled is `src`, which stays the one that nixpkgs has: the
    /// package is built here, because no cache has it under that name, and is the same program
    /// afterwards. Where nixpkgs makes `src` from the version, its hash is still that of the old one,
    /// and Nix takes the old source again or refuses the new.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.jq.overrideAttrs (_: {
    ///       version = "1.8.1";
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.jq.overrideAttrs (_: rec {
    ///       version = "1.8.1";
    ///       src = pkgs.fetchurl {
    ///         url = "https://github.com/jqlang/jq/releases/download/jq-${version}/jq-${version}.tar.gz";
    ///         hash = lib.fakeHash; # of the new one
    ///       };
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only says what is missing: where the new source lies, and its hash, are not in the tree.
    ///
    /// # When it stays silent
    ///
    /// - `src` or `srcs` is given too, here or in an override that this one is chained onto, or a
    ///   phase unpacks something else.
    /// - The source is patched, so that the number tells something apart.
    /// - Other attributes change, and the version is the old one with something added to it.
    /// - An argument of `.override` in the same chain may bring another source, such as a fetcher or
    ///   a package.
    /// - `__intentionallyOverridingVersion` says that it is meant.
    /// - The package is a wrapper or a script that nixpkgs writes itself, which have no source, or one of
    ///   the tree's or a flake's own.
    ///
    /// # Sources
    ///
    /// nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: `overrideAttrs` warns of the same when it
    /// is evaluated.
    pub struct VersionWithoutSrc {
        id: "version-without-src",
        group: Override,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

/// Attributes that bring another source, or say that none is wanted.
const SOURCES: [&str; 6] =
    ["src", "srcs", "unpackPhase", "preUnpack", "postUnpack", "__intentionallyOverridingVersion"];

impl Rule for VersionWithoutSrc {
    fn meta(&self) -> &'static RuleMeta {
        const { &VersionWithoutSrc::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        cx.report_each(cost::sites(cx.facts), of_override);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let package = site.package.as_ref().filter(|package| package.is_stock())?;
    let version = site.change("version").filter(|change| !change.is_identity)?;
    if site.method == Method::Override || has_no_source(cx, package) {
        return None;
    }
    let chain: Vec<&OverrideSite> = std::iter::once(site)
        .chain(work::inner_overrides(cx.facts, site))
        .chain(work::outer_overrides(cx.facts, site))
        .collect();
    if chain.iter().any(|site| may_bring_source(cx, site)) || is_label(&chain, version) {
        return None;
    }
    Some(report(cx, site, package, version))
}

/// Whether the package is made around others, and compiled from nothing.
fn has_no_source(cx: &TreeContext<'_>, package: &Package) -> bool {
    let path = package.lookup_path();
    let class = cx.knowledge.package(&path).map(|row| row.class);
    let browser = cx.knowledge.browser(&path).map(|row| row.structure);
    matches!(class, Some(PackageClass::Wrapper | PackageClass::Trivial))
        || matches!(browser, Some(Structure::Wrapper | Structure::EngineBuilder))
        || cx.knowledge.builder(&path).is_some()
}

/// Whether something of `site` may give the package another source, or changes the one it has.
fn may_bring_source(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    let changes = || site.changes.iter().filter(|change| !change.is_identity);
    site.open
        || match site.method {
            Method::Override => changes().any(|argument| !is_switch(&argument.value)),
            _ => changes().any(|change| {
                SOURCES.contains(&change.name.as_str())
                    || cx.knowledge.change_kind(&change.name) == Some(ChangeKind::Patch)
            }),
        }
}

/// A value that turns something on or off, and brings nothing with it.
fn is_switch(value: &ValueFact) -> bool {
    matches!(value.kind, ValueKind::Bool(_) | ValueKind::Int(_) | ValueKind::Null)
}

/// Whether `version` only tells a changed package apart from the one of nixpkgs.
fn is_label(chain: &[&OverrideSite], version: &Change) -> bool {
    let changes = chain.iter().flat_map(|site| &site.changes);
    let is_other = |change: &Change| {
        !kinds::is_metadata(change) && !matches!(change.name.as_str(), "version" | "name" | "pname")
    };
    version.uses_old && changes.into_iter().any(is_other)
}

fn report(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    version: &Change,
) -> Diagnostic {
    let name = package.name();
    let proviso = match version.optional {
        true => ", if its condition holds",
        false => cost::proviso(site),
    };
    let message = format!("this override sets the `version` of {name} and not its `src`{proviso}");
    let (place, helper) = match cost::at(cx, site) {
        (place, None) => (version.key.unwrap_or(place), None),
        in_helper => in_helper,
    };
    let found = Diagnostic::new(&VersionWithoutSrc::META, place, message)
        .note(
            "The source stays the one that nixpkgs has: it is built here, for no cache has it under \
             another number, and is the same program",
        )
        .note(
            "If its `src` is made from `version` (`finalAttrs`), the hash there is still that of the \
             old one: Nix takes the old source again, or refuses the new",
        );
    let title = match version.value.as_str() {
        Some(number) => format!("Give the `src` of {number} too, with its hash"),
        None => "Give the `src` of that version too, with its hash".to_owned(),
    };
    let meant = "Or, if it is meant so, set `__intentionallyOverridingVersion = true`, which nixpkgs \
                 asks for as well";
    cost::with_helper(found, helper)
        .fixes([Fix::suggestion(title, Vec::new()), Fix::suggestion(meant, Vec::new())])
}
