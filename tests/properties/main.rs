//! What must hold of any configuration, tried on random ones: frugix never fails, and its fixes end,
//! parse, keep comments and change nothing the second time.

mod generator;
mod grammar;
#[path = "../harness/mod.rs"]
mod harness;
mod lowered_by_tokens;
mod parsed_by_nix;
mod ways_in_trees;

use std::cell::Cell;
use std::collections::BTreeSet;

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use frugix::lint::{Applicability, FixAvailability};
use frugix::rules::ALL;
use generator::Choices;
use grammar::{Nix, everywhere};
use harness::edits::tree_after;
use harness::invariants::check;
use harness::{Case, Problems, fix, package, text};

/// How many random configurations are tried, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 48;

fn runner() -> TestRunner {
    runner_of(CASES)
}

fn runner_of(cases: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let config = ProptestConfig::default();
    TestRunner::new(ProptestConfig {
        cases: if asked { config.cases } else { cases },
        failure_persistence: None,
        ..config
    })
}

#[test]
fn any_configuration_can_be_looked_at_and_fixed() {
    let choices = prop::collection::vec(any::<u16>(), 0..400).prop_map(Choices);
    let result = runner().run(&choices, |choices| {
        let case = Case::of_texts("a random tree", choices.files());
        let mut problems = Problems::default();
        check(&case, None, &mut problems);
        problems.tell();
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// A generator that no rule minds would prove nothing: a new rule with fixes wants something in it
/// to fix.
#[test]
fn random_configurations_give_rules_something_to_do() {
    let choices = prop::collection::vec(any::<u16>(), 0..400).prop_map(Choices);
    let mut runner = TestRunner::deterministic();
    let metas = ALL.iter().map(|rule| rule.meta());
    let fixing = metas.filter(|meta| meta.default_on && meta.fix != FixAvailability::None);
    let mut idle: BTreeSet<&str> = fixing.map(|meta| meta.id).collect();
    for _ in 0..400 {
        let choices = choices.new_tree(&mut runner).expect("choices are made").current();
        let case = Case::of_texts("a random tree", choices.files());
        for finding in case.analyze().diagnostics {
            idle.remove(finding.rule);
        }
    }
    assert!(idle.is_empty(), "nothing is found by {idle:?}");
}

#[test]
fn random_configurations_are_nix() {
    let choices = prop::collection::vec(any::<u16>(), 0..400).prop_map(Choices);
    let result = runner().run(&choices, |choices| {
        for (path, text) in choices.files() {
            if path.extension().is_some_and(|extension| extension == "nix") {
                let parsed = frugix::syntax::parse(&text).expect("it is not deep");
                prop_assert_eq!(parsed.errors(), &[], "{}", text);
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Whatever Nix can say, as home, overlay and module at once.
#[test]
fn anything_of_the_grammar_can_be_looked_at_and_fixed() {
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let longest = Cell::new(0);
    let result = runner().run(&bytes, |bytes| {
        let nix = Nix::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes may run out");
        longest.set(longest.get().max(nix.0.len()));
        let parsed = frugix::syntax::parse(&nix.0).expect("it is not deep");
        prop_assert_eq!(parsed.errors(), &[], "{}", nix.0);
        let case = Case::of_texts("a random tree", everywhere(&nix.0));
        let mut problems = Problems::default();
        check(&case, None, &mut problems);
        problems.tell();
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(longest.get() > 1000, "no text is longer than {} bytes", longest.get());
}

/// What an analyser kept of the tree as it was must not show in what it says of the tree as it is.
#[test]
fn what_is_kept_of_random_trees_does_not_show() {
    let choices = prop::collection::vec(any::<u16>(), 0..400).prop_map(Choices);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 1..6);
    let result = runner().run(&(choices, edits), |(choices, edits)| {
        tell_kept_from_fresh(&Case::of_texts("a random tree", choices.files()), &edits)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_kept_of_the_showcase_does_not_show() {
    let shoshin = Case::of_folder(&package().join("fixtures/shoshin"), &[]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 6);
    let result = runner_of(CASES / 16).run(&edits, |edits| tell_kept_from_fresh(&shoshin, &edits));
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Edits the tree of `case` again and again, adds files to it and takes others away, and looks at it each time with an analyser that has seen
/// it before, and with one that has not.
fn tell_kept_from_fresh(
    case: &Case,
    edits: &[(prop::sample::Index, u64)],
) -> Result<(), TestCaseError> {
    let mut kept = case.analyzer();
    let mut tree = case.tree.clone();
    kept.analyze(&tree);
    for (file, choice) in edits {
        if tree.files().is_empty() {
            break;
        }
        tree = tree_after(&tree, *file.get(tree.files()), *choice);
        let fresh = case.analyzer().analyze(&tree);
        let kept = kept.analyze(&tree);
        prop_assert_eq!(format!("{:#?}", kept.diagnostics), format!("{:#?}", fresh.diagnostics));
        prop_assert_eq!(format!("{:?}", kept.coverage), format!("{:?}", fresh.coverage));
    }
    Ok(())
}

#[test]
fn a_damaged_file_harms_nothing() {
    let case = Case::of_folder(&package().join("fixtures/shoshin"), &[]);
    let mut analyzer = case.analyzer();
    let files = case.tree.files().len();
    let damage = (0..files, 0.0..1.0f64, 0usize..40, prop::sample::select(SHREDS));
    let analyzer = std::cell::RefCell::new(&mut analyzer);
    let result = runner().run(&damage, |(file, at, length, shred)| {
        let file = case.tree.files()[file];
        let before = text(&case.tree, file);
        let boundary = |at: usize| (0..=at).rev().find(|at| before.is_char_boundary(*at));
        let start = boundary((before.len() as f64 * at) as usize).unwrap_or(0);
        let end = boundary((start + length).min(before.len())).unwrap_or(start);
        let damaged = format!("{}{shred}{}", &before[..start], &before[end..]);
        let tree = case.tree.with_texts([(file, damaged)]);
        let mut analyzer = analyzer.borrow_mut();
        let analysis = analyzer.analyze(&tree);
        prop_assert_eq!(&analysis.faults, &[]);
        let fixed = fix(&mut analyzer, &tree, Applicability::Unsafe, None);
        prop_assert_eq!(&fixed.analysis.faults, &[]);
        prop_assert_eq!(&fixed.failures, &[]);
        let again = fix(&mut analyzer, &fixed.tree, Applicability::Unsafe, None);
        prop_assert_eq!(&again.changed, &[]);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// What is put where something is torn out.
const SHREDS: &[&str] = &[
    "",
    " ",
    "\n",
    ";",
    "}",
    "{",
    "]",
    "(",
    ")",
    "''",
    "\"",
    "${",
    "= ",
    ". ",
    "/* ",
    "# ",
    "x: ",
    "{ }",
    "null",
    "old.",
    "prev.",
    "with pkgs; ",
    "rec ",
    "inherit ",
    "or ",
    "// { }",
    "++ [ ]",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "import ./. ",
    "é",
    "…",
    "\u{202e}",
    "\t",
    "\r\n",
    ".override { }",
    ".overrideAttrs (_: { })",
    "# frugix: ignore[override] x\n",
];
