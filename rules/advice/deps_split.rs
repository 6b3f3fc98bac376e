//! The rule `deps-split`.

use std::path::Path;

use crate::declare_rule;
use crate::facts::{Origin, ReadOf};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

use super::heavy::{Heavy, builds};

declare_rule! {
    /// # What it flags
    ///
    /// A Rust package of the tree's own, built by `buildRustPackage` from a folder of the tree.
    ///
    /// # Why it matters
    ///
    /// Its dependencies are compiled in the same derivation: an edit of one line of the package
    /// compiles every crate anew. With the dependencies in a derivation of their own, Nix keeps them
    /// until `Cargo.lock` changes. It is what a compiler cache is wished for, and needs no hole in the
    /// sandbox.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./.;
    ///       cargoLock.lockFile = ./Cargo.lock;
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { inputs, pkgs, ... }:
    ///
    /// let
    ///   craneLib = inputs.crane.mkLib pkgs;
    ///   arguments = {
    ///     src = craneLib.cleanCargoSource ./.;
    ///     strictDeps = true;
    ///   };
    /// in
    /// {
    ///   home.packages = [
    ///     (craneLib.buildPackage (
    ///       arguments // { cargoArtifacts = craneLib.buildDepsOnly arguments; }
    ///     ))
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: crane is an input that the flake has to have.
    ///
    /// # When it stays silent
    ///
    /// For sources that are fetched: they change together with their dependencies, as a rule. For
    /// packages of which `Cargo.lock` says that they have none. For crane, naersk and their like,
    /// which split already. For shells to work in, and for templates.
    ///
    /// # Sources
    ///
    /// crane's documentation, `buildDepsOnly`; lexe-app/lexe-public, `nix/pkgs/buildRustSccache.nix`, for
    /// what the alternative takes.
    pub struct DepsSplit {
        id: "deps-split",
        group: Advice,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
        default_on: false,
    }
}

/// The builder that compiles dependencies and package in one derivation.
const BUILDER: &str = "buildRustPackage";

impl Rule for DepsSplit {
    fn meta(&self) -> &'static RuleMeta {
        const { &DepsSplit::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> =
            builds(cx).iter().filter_map(|one| of_build(cx, one)).collect();
        cx.report_all(found);
    }
}

fn of_build(cx: &TreeContext<'_>, one: &Heavy<'_>) -> Option<Diagnostic> {
    let made = one.made.as_ref().filter(|_| one.build.origin == Origin::Own)?;
    let builder = made.builder.filter(|builder| builder.name == BUILDER)?;
    let read = made.attribute("src")?.reads.first()?;
    let ReadOf::Folder { path, .. } = &read.what else { return None };
    if has_no_dependencies(cx, path) {
        return None;
    }
    let folder = if path.is_empty() { "this tree" } else { path.as_str() };
    let message = format!(
        "{}every edit of {folder} compiles the dependencies of {} too",
        one.condition(None),
        one.build.name
    );
    let hours = one.build.hours.map(|hours| hours.high);
    let mut found = Diagnostic::new(&DepsSplit::META, one.build.place, message).note(format!(
        "`{}` compiles both in one derivation; apart, the dependencies are kept until Cargo.lock changes",
        builder.name
    ));
    if let Some(hours) = hours {
        let basis = one.build.hours_basis;
        let unit = if hours == 1.0 { "hour" } else { "hours" };
        found = found.note(format!("the whole takes up to {hours} {unit} on four cores ({basis})"));
    }
    Some(found.fix(Fix::suggestion(
        "Build it with crane: `cargoArtifacts = craneLib.buildDepsOnly arguments` in \
         `craneLib.buildPackage`",
        Vec::new(),
    )))
}

/// Whether the lock file in `folder` holds nothing but the package itself.
fn has_no_dependencies(cx: &TreeContext<'_>, folder: &str) -> bool {
    let lock = cx.tree.read_text(&Path::new(folder).join("Cargo.lock"));
    lock.is_ok_and(|lock| lock.lines().filter(|line| line.trim() == "[[package]]").count() == 1)
}
