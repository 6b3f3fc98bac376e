//! The rule `mass-rebuild-overlay`.

use super::redefined::{Redefined, path_of, redefined};
use crate::declare_rule;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// An overlay that redefines a package which thousands of others are built with: the C library,
    /// the compiler, openssl, Python, Node, GTK and their like.
    ///
    /// # Why it matters
    ///
    /// An overlay changes a package for everything in nixpkgs that is built with it. One changed flag
    /// of `openssl` changes the hash of every package that has `openssl` among its inputs, and of
    /// every package that has one of those: no binary cache has any of them, and all are compiled
    /// here, for days. Bound to a name of its own the changed package is used where it is wanted, and
    /// everything else still comes from the cache.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// {
    ///   nixpkgs.overlays = [
    ///     (final: prev: {
    ///       openssl = prev.openssl.override { static = true; };
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// {
    ///   nixpkgs.overlays = [
    ///     (final: prev: {
    ///       openssl-static = prev.openssl.override { static = true; };
    ///       my-server = prev.my-server.override { openssl = final.openssl-static; };
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Nothing is changed by itself, for only you know what the changed package was for: a new name is
    /// shown.
    ///
    /// # When it stays silent
    ///
    /// - The name is new, or bound to another package as it is.
    /// - Only `meta` or `passthru` change: then no hash does.
    /// - What hangs on a condition that asks for another platform, such as `isStatic` or `isDarwin`.
    /// - Fetchers such as `fetchFromGitHub`: what they fetch has the same path while its hash is the
    ///   same.
    /// - The overlay makes a package set of its own, bound to another name than `pkgs`.
    /// - The override of a scope (`python3.override { packageOverrides = …; }`, `overrideScope`,
    ///   `pythonPackagesExtensions`) counts by what it changes in the scope, not by the scope. Under a
    ///   name of its own it changes nothing else.
    ///
    /// An overlay that no configuration of the tree is seen to apply, an undecided condition, and a
    /// name with a version, which counts only if it is the default, are warnings that say so. What
    /// other rules say of an override of the same package, that it is heavy or only skips tests, they
    /// leave to this one here.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/mass-rebuild.toml`, each row with its source. nixpkgs, CONTRIBUTING.md: a
    /// change that rebuilds 1,000 packages or more is a mass rebuild. NixOS/nixpkgs#534162: a change
    /// of stdenv's closure rebuilt 19,640.
    pub struct MassRebuildOverlay {
        id: "mass-rebuild-overlay",
        group: Cache,
        severity: Error,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for MassRebuildOverlay {
    fn meta(&self) -> &'static RuleMeta {
        const { &MassRebuildOverlay::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> =
            redefined(cx).iter().filter_map(|redefined| of(cx, redefined)).collect();
        cx.report_all(found);
    }
}

fn of(cx: &TreeContext<'_>, redefined: &Redefined<'_>) -> Option<Diagnostic> {
    let path = path_of(redefined.site);
    let row = cx.knowledge.tier(&path)?;
    let name = redefined.name();
    let by_version = row.only_if_default(&path);
    let (mut condition, mut severity) = (redefined.condition().to_owned(), redefined.severity());
    if by_version {
        condition.push_str(&format!(", if {name} is the default version of your nixpkgs"));
        severity = Severity::Warning;
    }
    let message =
        format!("{}redefining {name} rebuilds {}{condition}", redefined.proviso(), row.rebuilds);
    let mut found = Diagnostic::new(&MassRebuildOverlay::META, redefined.site.key, message)
        .severity(severity)
        .note(format!(
            "An overlay changes {name} for all that is built with it, and no cache has any of that ({}: {})",
            row.basis, row.source
        ));
    if let Some(drags) = cx.knowledge.drags(&path) {
        found = found.note(format!("{} are among it", drags.victims.join(", ")));
    }
    found = redefined.with_helpers(found);
    Some(found.fixes(renamed(redefined)))
}

fn renamed(redefined: &Redefined<'_>) -> Option<Fix> {
    let (name, edits) = redefined.renamed()?;
    let title = format!("Call it {name}, and give it to what wants it");
    Some(Fix::suggestion(title, edits))
}
