//! The rule `update-cadence`.

use std::path::Path;

use super::heavy::{Heavy, heavy};
use crate::declare_rule;
use crate::facts::Origin;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::EntryKind;

declare_rule! {
    /// # What it flags
    ///
    /// Heavy packages of nixpkgs that this flake builds itself, from the nixpkgs that everything else
    /// comes from.
    ///
    /// # Why it matters
    ///
    /// Nearly every update of that input compiles them anew, even if their version stays: a compiler or a
    /// library below them has changed. An input of their own is updated when they are wanted newer.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///   outputs = { nixpkgs, ... }: {
    ///     packages.x86_64-linux.qgis =
    ///       nixpkgs.legacyPackages.x86_64-linux.qgis.overrideAttrs (_: { doCheck = false; });
    ///   };
    /// }
    /// #- flake.lock
    /// { }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///   inputs.nixpkgs-heavy.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///   outputs = { nixpkgs, nixpkgs-heavy, ... }: {
    ///     packages.x86_64-linux.qgis =
    ///       nixpkgs-heavy.legacyPackages.x86_64-linux.qgis.overrideAttrs (_: { doCheck = false; });
    ///   };
    /// }
    /// #- flake.lock
    /// { }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply. The price is a second nixpkgs: its libraries take room beside the first
    /// one's, and get security updates only when it is updated.
    ///
    /// # When it stays silent
    ///
    /// For packages from another nixpkgs or another input, and for those of the tree's own; without a
    /// `flake.lock`; for browsers, which want to be updated.
    ///
    /// # Sources
    ///
    /// Nix manual, `nix flake update`: without arguments it updates every input, with names only those.
    pub struct UpdateCadence {
        id: "update-cadence",
        group: Advice,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
        default_on: false,
    }
}

impl Rule for UpdateCadence {
    fn meta(&self) -> &'static RuleMeta {
        const { &UpdateCadence::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if cx.tree.entry(Path::new("flake.lock")) != Some(EntryKind::File) {
            return;
        }
        let mut builds = heavy(cx);
        builds.retain(|one| one.build.origin == Origin::Stock);
        if let Some(found) = report(&builds) {
            cx.report(found);
        }
    }
}

fn report(builds: &[Heavy<'_>]) -> Option<Diagnostic> {
    let hours = |one: &Heavy<'_>| one.build.hours.map_or(0.0, |hours| hours.high);
    let longest = builds.iter().max_by(|one, other| hours(one).total_cmp(&hours(other)))?;
    let names: Vec<&str> = builds.iter().map(|one| one.build.name.as_str()).collect();
    let total: f64 = builds.iter().map(hours).sum();
    let message = format!("nearly every update of nixpkgs compiles {} anew", names.join(", "));
    let mut found = Diagnostic::new(&UpdateCadence::META, longest.build.place, message)
        .note(format!("that takes up to {total:.0} hours on four cores (estimate)"));
    for other in builds.iter().filter(|one| one.build.place != longest.build.place) {
        found = found.related(other.build.place, "and this");
    }
    Some(found.fix(Fix::suggestion(
        "Take it from an input of its own, `inputs.nixpkgs-heavy.url = …`, and update that by name: \
         `nix flake update nixpkgs-heavy`",
        Vec::new(),
    )))
}
