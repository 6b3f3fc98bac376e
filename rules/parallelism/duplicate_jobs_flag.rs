//! Flags of cargo that its build hook passes already.

use crate::declare_rule;
use crate::facts::Change;
use crate::knowledge::{Knob, KnobEffect};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::elements::elements;
use crate::rules::made::{Made, made};
use crate::rules::work;
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// `-j`, `--jobs`, `--release` or `--profile` in the `cargoBuildFlags` of a Rust package.
    ///
    /// # Why it matters
    ///
    /// The hook that builds the package runs `cargo build -j $NIX_BUILD_CORES --profile release` and
    /// puts these flags behind its own. Cargo takes each of them once: with a second `-j`, or with
    /// another word on the profile, it ends with a usage error before anything is compiled. What was
    /// meant is there already: the profile is `release`, and the jobs follow `cores`.
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
    ///       cargoBuildFlags = [
    ///         "--jobs"
    ///         "2"
    ///         "--release"
    ///         "--package=notes"
    ///       ];
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
    ///       cargoBuildFlags = [
    ///         "--package=notes"
    ///       ];
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the flag out of the list, with the number behind it. It is safe: the package could not
    /// be built before. Where the flag is not an element of a list that is written in the call, the
    /// fix is only described. To build with fewer jobs, cap `NIX_BUILD_CORES` in `preBuild`; another
    /// profile than `release` is named by `buildType`.
    ///
    /// # When it stays silent
    ///
    /// - The package is not known to be built by the hook: only calls of `buildRustPackage`, overrides
    ///   of their results, and packages of nixpkgs that are known to be made by it count. crane and
    ///   naersk pass flags of their own.
    /// - `buildPhase` or `dontCargoBuild` is set, so that the hook does not run.
    /// - A profile where `buildType` or `cargoBuildType` is set to `debug` or to something that is not
    ///   known: then no profile is passed.
    ///
    /// # Sources
    ///
    /// - nixpkgs, `pkgs/build-support/rust/hooks/cargo-build-hook.sh` at 0511cdb1: the flags that it
    ///   passes.
    /// - cargo 1.95, measured: "the argument '--jobs <N>' cannot be used multiple times", and "the
    ///   argument '--profile <PROFILE-NAME>' cannot be used with '--release'".
    pub struct DuplicateJobsFlag {
        id: "duplicate-jobs-flag",
        group: Parallelism,
        severity: Error,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

/// The attribute that holds flags for cargo.
const FLAGS: &str = "cargoBuildFlags";

impl Rule for DuplicateJobsFlag {
    fn meta(&self) -> &'static RuleMeta {
        const { &DuplicateJobsFlag::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx) {
            let Some(change) = made.own(FLAGS) else { continue };
            let mut knobs = cx.knowledge.knobs_at(FLAGS, &made);
            knobs.retain(|knob| knob.effect == KnobEffect::Breaks);
            for flag in flags_in(cx, change, &knobs) {
                let is_passed = flag.is_jobs || passes_profile(&made);
                let diagnostic = report(cx, &made, change, &flag);
                if is_passed && !found.iter().any(|known| known.span == diagnostic.span) {
                    found.push(diagnostic);
                }
            }
        }
        cx.report_all(found);
    }
}

/// Whether the hook passes `--profile`: it does unless the build type is `debug`.
fn passes_profile(made: &Made<'_>) -> bool {
    ["buildType", "cargoBuildType"]
        .into_iter()
        .filter_map(|name| made.attribute(name))
        .all(|kind| kind.value.as_str().is_some_and(|kind| kind != "debug"))
}

/// A flag that cargo takes once.
struct Flag<'k> {
    /// What is written, holes as `…`.
    text: String,
    /// Where it is written.
    place: Span,
    /// The element that holds its value.
    value: Option<Span>,
    /// What refuses it.
    knob: &'k Knob,
    /// It is `-j`, not a profile.
    is_jobs: bool,
    /// Without it the build is what it was meant to be.
    is_needless: bool,
    /// It may be left out, by a condition that cannot be decided.
    is_optional: bool,
}

fn flags_in<'k>(cx: &TreeContext<'_>, change: &Change, knobs: &[&'k Knob]) -> Vec<Flag<'k>> {
    let mut found = Vec::new();
    for list in elements(cx, change) {
        for (index, element) in list.iter().enumerate() {
            let words: Vec<&str> = element.words().collect();
            for (at, word) in words.iter().enumerate() {
                // Whatever number stands in the hole.
                let number = word.replace('…', "0");
                let stated = |knob: &&'k Knob| Some((*knob, knob.stated_by(&number)?.to_owned()));
                let Some((knob, stated)) = knobs.iter().find_map(stated) else { continue };
                let takes_value = stated.is_empty() && !matches!(*word, "--release" | "-r");
                let is_last = at + 1 == words.len();
                let value = list.get(index + 1).filter(|next| {
                    takes_value && is_last && !next.words().any(|word| word.starts_with('-'))
                });
                found.push(Flag {
                    text: (*word).to_owned(),
                    place: element.place,
                    value: value.map(|value| value.place),
                    knob,
                    is_jobs: number.starts_with("-j") || number.starts_with("--jobs"),
                    is_needless: !number.starts_with("--profile")
                        && words.len() == 1
                        && (!takes_value || value.is_some()),
                    is_optional: element.is_optional,
                });
            }
        }
    }
    found
}

fn report(cx: &TreeContext<'_>, made: &Made<'_>, change: &Change, flag: &Flag<'_>) -> Diagnostic {
    let Flag { text, knob, .. } = flag;
    let condition = match flag.is_optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let message = format!("{condition}{} cannot be built: cargo refuses `{text}`", made.name);
    let is_inside = |definition: Span| work::contains(definition, flag.place);
    let of_list = match change.definition.is_none_or(is_inside) {
        true => flag.place,
        false => change.value.place.unwrap_or(flag.place),
    };
    let place = made.call.used_at.unwrap_or(of_list);
    let mut found = Diagnostic::new(&DuplicateJobsFlag::META, place, message).note(format!(
        "{} ({})",
        knob.why,
        knob.evidence()
    ));
    if flag.is_jobs {
        found = found.note(
            "for fewer jobs, cap them in `preBuild`: `export NIX_BUILD_CORES=$((NIX_BUILD_CORES > 2 \
             ? 2 : NIX_BUILD_CORES))`",
        );
    }
    if place != flag.place {
        found = found.related(flag.place, format!("`{text}` is written here"));
    }
    let title = match flag.value {
        Some(_) => format!("Remove `{text}` and its value"),
        None => format!("Remove `{text}`"),
    };
    match fix(cx, change, flag) {
        Some(edits) => found.fix(Fix::safe(title, edits)),
        None if text.starts_with("--profile") => {
            found.fix(Fix::suggestion("Name the profile in `buildType` instead", Vec::new()))
        }
        None => found.fix(Fix::suggestion(title, Vec::new())),
    }
}

/// Only what is written in the definition itself: a list of another name may have other uses.
fn fix(cx: &TreeContext<'_>, change: &Change, flag: &Flag<'_>) -> Option<Vec<FixEdit>> {
    let definition = change.definition.filter(|_| flag.is_needless)?;
    let elements: Vec<Span> = std::iter::once(flag.place).chain(flag.value).collect();
    let is_own = |element: &Span| {
        element.file == definition.file && definition.range.contains_range(element.range)
    };
    if !elements.iter().all(is_own) {
        return None;
    }
    cx.edited(definition.file)?.remove_elements(&elements)
}
