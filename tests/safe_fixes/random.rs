//! Random configurations, fixed safely: real Nix makes the same packages of them before and after.

use std::collections::BTreeSet;
use std::path::Path;

use frugix::analysis::{FixRequest, all_wanted};
use frugix::lint::Applicability;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::generator::Choices;
use crate::harness::nix::{Answer, Nix};
use crate::harness::{Case, package};
use crate::shrinking::simplest;
use crate::{identifiers, written};

/// How many random configurations are tried, unless `PROPTEST_CASES` says otherwise.
const CASES: usize = 24;

/// Configurations that Nix is asked of together.
const BATCH: usize = 24;

/// Simpler configurations tried for one that fails.
const MAX_SHRINKS: usize = 200;

/// Rules of which the finding is a derivation that cannot be built as it is: a safe fix makes another
/// of it.
const CANNOT_BUILD: &[&str] = &["duplicate-jobs-flag"];

/// At least this share must be changed by a fix and be something that Nix evaluates; a generator of
/// nonsense proves nothing.
const TOLD_FLOOR: f64 = 0.4;

/// A configuration, fixed, and what to ask Nix of it.
struct Fixed {
    /// What was changed, as a person reads it.
    changes: String,
    before: String,
    after: String,
}

/// Fixes a configuration below `folder`; none where nothing is to fix.
fn fixed(choices: &Choices, folder: &Path) -> Option<Fixed> {
    let case = Case::of_texts("a random tree", choices.files());
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|_| true,
        fixable: &|rule| !CANNOT_BUILD.contains(&rule),
        wanted: &all_wanted,
    };
    let outcome = case.analyzer().fix(&case.tree, &request);
    let mut changes = String::new();
    for (file, after) in &outcome.changed {
        let (path, before) = (case.tree.path(*file), crate::harness::text(&case.tree, *file));
        changes.push_str(&format!("#- {}\n{before}\n#= fixed\n{after}\n", path.display()));
    }
    if changes.is_empty() {
        return None;
    }
    let names = identifiers(&case.tree);
    let old = written(&case.tree, &folder.join("before"));
    let new = written(&outcome.tree, &folder.join("after"));
    let (before, after) = (asked(&old, &names, &old), asked(&new, &names, &old));
    Some(Fixed { changes, before, after })
}

/// What the packages of the tree at `root` are, as a Nix expression: under either condition, and those
/// attributes of the overlay that the one at `reference` has. Settings of Nix may change by a safe fix,
/// and are left out.
fn asked(root: &Path, names: &BTreeSet<String>, reference: &Path) -> String {
    let tests = package().join("tests");
    let names: String = names.iter().map(|name| format!(" \"{name}\"")).collect();
    format!(
        "(let made = root: condition: import {stub} {{ inherit condition; names = [{names} ]; \
         library = {library}; profile = root + \"/profile.nix\"; \
         files = {{ overlays.o = root + \"/overlay.nix\"; modules.m = root + \"/home.nix\"; }}; }}; \
         of = condition: let it = made {root} condition; in {{ \
         overlay = it.overlays (made {reference} condition).overlayNames; \
         module = removeAttrs it.modules.m [ \"nix\" ] // \
         {{ home = removeAttrs (it.modules.m.home or {{ }}) [ \"room\" ]; }}; }}; \
         free = {{ lib = {{ }}; config = {{ }}; profile = {{ }}; }}; \
         in {{ yes = of true; no = of false; \
         inherit (builtins.scopedImport free {root}/flake.nix) inputs; }})",
        stub = tests.join("safe_fixes/stub.nix").display(),
        library = tests.join("oracle/library.nix").display(),
        root = root.display(),
        reference = reference.display(),
    )
}

/// Whether a fix has changed what Nix makes. What it refused before, it may accept.
fn differs(before: &Answer, after: &Answer) -> bool {
    before.is_some() && before != after
}

/// The simplest configuration found on the way down from `tree` that a fix changes.
fn shrunk(nix: &Nix, tree: &mut impl ValueTree<Value = Choices>) -> String {
    let judge = |choices: &Choices| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fixed = fixed(choices, folder.path())?;
        let answers = nix.evaluate(&[&fixed.before, &fixed.after]);
        let [before, after] = answers.as_slice() else { return None };
        let told = format!("{}\nbefore {before:?}\nafter  {after:?}", fixed.changes);
        differs(before, after).then_some(told)
    };
    simplest(tree, MAX_SHRINKS, judge).unwrap_or_default()
}

#[test]
fn safe_fixes_of_random_configurations_change_no_derivation() {
    let Some(nix) = Nix::find() else { return };
    let setting = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = setting.unwrap_or(CASES);
    let choices = prop::collection::vec(any::<u16>(), 0..400).prop_map(Choices);
    let mut runner = TestRunner::default();
    let (mut tried, mut told, mut wrong) = (0, 0, Vec::new());
    while tried < cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut trees: Vec<_> = (0..BATCH.min(cases - tried))
            .map(|_| choices.new_tree(&mut runner).expect("choices are made"))
            .collect();
        tried += trees.len();
        let fixed: Vec<(usize, Fixed)> = trees
            .iter()
            .enumerate()
            .filter_map(|(at, tree)| {
                Some((at, fixed(&tree.current(), &folder.path().join(at.to_string()))?))
            })
            .collect();
        let before: Vec<&str> = fixed.iter().map(|(_, fixed)| fixed.before.as_str()).collect();
        let after: Vec<&str> = fixed.iter().map(|(_, fixed)| fixed.after.as_str()).collect();
        let answers = nix.evaluate(&before).into_iter().zip(nix.evaluate(&after));
        for ((at, _), (before, after)) in fixed.iter().zip(answers) {
            told += usize::from(before.is_some());
            if differs(&before, &after) {
                wrong.push(shrunk(&nix, &mut trees[*at]));
            }
        }
        assert!(wrong.is_empty(), "safe fixes change derivations:\n{}", wrong.join("\n\n"));
    }
    eprintln!("{tried} configurations, {told} of them fixed and evaluated");
    #[allow(clippy::cast_precision_loss)]
    let share = told as f64 / tried as f64;
    assert!(share >= TOLD_FLOOR, "only {told} of {tried} are fixed and evaluated");
}
