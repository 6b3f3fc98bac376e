//! Random configurations, fixed safely: real Nix makes the same packages of them before and after.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::fixed::{Fixed, differs, fixed};
use crate::generator::Choices;
use crate::harness::nix::Nix;
use crate::shrinking::simplest;

/// How many random configurations are tried, unless `PROPTEST_CASES` says otherwise.
const CASES: usize = 24;

/// Configurations that Nix is asked of together.
const BATCH: usize = 24;

/// Simpler configurations tried for one that fails.
const MAX_SHRINKS: usize = 200;

/// At least this share must be changed by a fix and be something that Nix evaluates; a generator of
/// nonsense proves nothing.
const TOLD_FLOOR: f64 = 0.9;

/// The simplest configuration found on the way down from `tree` that a fix changes.
fn shrunk(nix: &Nix, tree: &mut impl ValueTree<Value = Choices>) -> String {
    let judge = |choices: &Choices| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fixed = fixed(choices.files(), folder.path())?;
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
                Some((at, fixed(tree.current().files(), &folder.path().join(at.to_string()))?))
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
