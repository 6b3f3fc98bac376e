//! Regular expressions that are made at random: what frugix says of them, Nix says as well.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::nix::Nix;
use crate::ours;

/// So many patterns are tried, each on a few texts.
const PATTERNS: usize = 1200;

fn pattern() -> impl Strategy<Value = String> {
    let single = prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "c", "-", "@", "<"]).prop_map(str::to_owned),
        1 => Just(".".to_owned()),
        1 => Just("\\.".to_owned()),
        3 => prop::sample::select(vec!["[ab]", "[^a]", "[a-c]", "[-.]", "[[:alpha:]]", "[]b]", "[a\\]"])
            .prop_map(str::to_owned),
    ];
    single.prop_recursive(4, 24, 4, |inner| {
        let quantifier =
            prop::sample::select(vec!["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}"]);
        let item = (inner.clone(), quantifier).prop_map(|(item, sign)| {
            let is_one = item.len() == 1 || item.starts_with(['[', '(', '\\']);
            if is_one || sign.is_empty() {
                format!("{item}{sign}")
            } else {
                format!("({item}){sign}")
            }
        });
        let sequence = prop::collection::vec(item, 1..4).prop_map(|items| items.concat());
        prop_oneof![
            3 => sequence.clone(),
            1 => sequence.clone().prop_map(|inner| format!("({inner})")),
            1 => (sequence.clone(), sequence).prop_map(|(left, right)| format!("({left}|{right})")),
        ]
    })
}

#[test]
fn patterns_mean_what_they_mean_to_nix() {
    let Some(nix) = Nix::find() else { return };
    let mut runner = TestRunner::deterministic();
    let text = "[abc.@<-]{0,7}";
    let mut expressions = Vec::new();
    for _ in 0..PATTERNS {
        let pattern = pattern().new_tree(&mut runner).expect("a pattern").current();
        let texts = prop::collection::vec(text, 3).new_tree(&mut runner).expect("texts").current();
        let pattern = pattern.replace('\\', "\\\\");
        let texts = texts.join("\" \"");
        expressions.push(format!("map (builtins.match \"{pattern}\") [ \"{texts}\" ]"));
        expressions.push(format!("map (builtins.split \"{pattern}\") [ \"{texts}\" ]"));
    }
    let expressions: Vec<&str> = expressions.iter().map(String::as_str).collect();
    let answers = nix.evaluate(&expressions).into_iter().zip(ours::evaluate_all(&expressions));
    let mut known = 0;
    let mut wrong = Vec::new();
    for (expression, (nix, ours)) in expressions.iter().zip(answers) {
        let Ok(ours) = ours else { continue };
        known += 1;
        if !nix.as_ref().is_some_and(|nix| ours::same(&ours, nix)) {
            wrong.push(format!("{expression}\n  frugix {ours:?}\n  nix    {nix:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {known}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(known > PATTERNS / 2, "only {known} are known");
}
