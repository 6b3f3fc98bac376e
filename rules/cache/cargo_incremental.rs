//! The rule `cargo-incremental`.

use crate::declare_rule;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::built::may_compile;
use crate::rules::made::{Made, made};
use crate::rules::removal::remove;
use crate::rules::variables::{Variable, variables};

declare_rule! {
    /// # What it flags
    ///
    /// A derivation that tells cargo to compile incrementally, or to keep what it makes outside the
    /// build: `CARGO_INCREMENTAL = 1`, `CARGO_TARGET_DIR = "/var/cache/target"`.
    ///
    /// # Why it matters
    ///
    /// A build begins in a fresh sandbox, so there is nothing from last time to go on from. All that
    /// incremental compilation does there is to cut each crate into up to 256 pieces instead of 16,
    /// which makes slower code, and to write files that are thrown away. A target folder outside is not
    /// there either; where the sandbox lets one in, what is built depends on what was built before.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       CARGO_INCREMENTAL = 1;
    ///       doCheck = false;
    ///     })
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
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       doCheck = false;
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the variable out. It is unsafe: the derivation is another, and is built once more.
    /// What a phase sets is only described. To compile less after an edit, give the dependencies a
    /// derivation of their own (crane's `buildDepsOnly`), which Nix keeps.
    ///
    /// # When it stays silent
    ///
    /// Where it is turned off, in dev shells and sessions, and for a target folder inside the build.
    /// Incremental compilation with crane, which hands the target folder of one derivation on to the
    /// next; a folder outside is no more there with crane.
    ///
    /// # Sources
    ///
    /// - The rustc book, Codegen Options, `codegen-units`: 16 by default, 256 for incremental builds.
    /// - The Cargo book, Environment Variables: `CARGO_INCREMENTAL` overrides what profiles say.
    pub struct CargoIncremental {
        id: "cargo-incremental",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// Variables that turn incremental compilation on.
const SWITCHES: [&str; 4] = [
    "CARGO_INCREMENTAL",
    "CARGO_BUILD_INCREMENTAL",
    "CARGO_PROFILE_RELEASE_INCREMENTAL",
    "CARGO_PROFILE_DEV_INCREMENTAL",
];

/// Variables that say where cargo keeps what it makes.
const FOLDERS: [&str; 2] = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];

const WORDS: [&str; 6] =
    [SWITCHES[0], SWITCHES[1], SWITCHES[2], SWITCHES[3], FOLDERS[0], FOLDERS[1]];

/// crane's builders, which hand on what cargo made.
const CRANE: &str = "craneLib.buildPackage";

/// Folders that a build has to itself.
const OWN: [&str; 3] = ["/build", "/tmp", "/private/tmp"];

impl Rule for CargoIncremental {
    fn meta(&self) -> &'static RuleMeta {
        const { &CargoIncremental::META }
    }

    /// [`SWITCHES`] and [`FOLDERS`].
    fn words(&self) -> &'static [&'static str] {
        &WORDS
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if !self.words().iter().any(|word| cx.mentions(word)) {
            return;
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx).filter(|made| may_compile(cx, made)) {
            for variable in variables(cx, &made) {
                let Some(diagnostic) = of_variable(cx, &made, &variable) else { continue };
                found.push(diagnostic);
            }
        }
        cx.report_once_a_place(found);
    }
}

fn of_variable(
    cx: &TreeContext<'_>,
    made: &Made<'_>,
    variable: &Variable<'_>,
) -> Option<Diagnostic> {
    let text = variable.text.trim();
    let (problem, note) = if SWITCHES.contains(&variable.name.as_str()) {
        let is_crane = made.builder.is_some_and(|builder| builder.name == CRANE);
        if is_crane || !matches!(text, "1" | "true") {
            return None;
        }
        let problem = format!("`{}` helps no build of {}", variable.name, made.name);
        (
            problem,
            "A build begins in a fresh sandbox and has nothing to go on from; it only gets up to 256 \
             codegen units a crate instead of 16, so slower code (documented: the rustc book)",
        )
    } else if FOLDERS.contains(&variable.name.as_str()) && is_outside(text) {
        let problem = format!("the build of {} has no {text} to keep its target in", made.name);
        (
            problem,
            "Builds see only their own folders and their inputs; where the sandbox lets it in, what \
             comes out depends on what was built before",
        )
    } else {
        return None;
    };
    let change = variable.change;
    let place = change.key.or(change.value.place).unwrap_or(made.call.span);
    let span = made.call.used_at.unwrap_or(place);
    let condition = match variable.optional || variable.guarded || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let message = format!("{condition}{problem}");
    let mut found = Diagnostic::new(&CargoIncremental::META, span, message).note(note);
    if span != place {
        found = found.related(place, "in this helper");
    }
    let title = format!("Remove `{}`", variable.name);
    Some(found.fix(Fix::unsafe_or_shown(
        title,
        "the derivation is another, and is built once more",
        remove(cx, &[variable]),
    )))
}

/// Whether `folder` is known to lie outside what a build has to itself.
fn is_outside(folder: &str) -> bool {
    let is_in = |own: &&str| {
        folder.strip_prefix(*own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    folder.starts_with('/') && !OWN.iter().any(is_in)
        || folder.starts_with("$HOME")
        || folder.starts_with('~')
}
