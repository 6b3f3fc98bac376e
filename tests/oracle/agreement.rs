//! Generated expressions, evaluated by both.

use std::fmt::Write as _;

use frugix::eval::Why;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::generator::{Expression, expression};
use crate::nix::{Answer, Nix};
use crate::ours;
use crate::shrinking::simplest;

/// Expressions generated, unless `FRUGIX_ORACLE_CASES` says otherwise.
const CASES: usize = 2000;

/// Of the expressions that Nix evaluates, at least this share must be known to us.
const KNOWN_FLOOR: f64 = 0.98;

/// Of the expressions generated, Nix must evaluate at least this share: a generator of nonsense
/// proves nothing.
const VALID_FLOOR: f64 = 0.6;

/// Expressions of which we say that Nix refuses them and ask whether it does.
const MAX_REFUSALS_ASKED: usize = 60;

/// Simpler expressions tried for one that fails.
const MAX_SHRINKS: usize = 300;

/// Disagreements shrunk and told.
const MAX_TOLD: usize = 8;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A runner whose expressions are the same at every run, unless `FRUGIX_ORACLE_SEED` is set.
fn runner() -> TestRunner {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&setting("FRUGIX_ORACLE_SEED", 1).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    TestRunner::new_with_rng(Config::default(), rng)
}

#[test]
fn what_is_known_is_what_nix_says() {
    let Some(nix) = Nix::find() else { return };
    let mut runner = runner();
    let mut trees: Vec<_> = (0..setting("FRUGIX_ORACLE_CASES", CASES))
        .map(|_| expression().new_tree(&mut runner).expect("an expression is generated"))
        .collect();
    let texts: Vec<String> = trees.iter().map(|tree| tree.current().text()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let start = std::time::Instant::now();
    let ours = ours::evaluate_all(&texts);
    let ours_took = start.elapsed();
    let answers = ask(&nix, &texts, &ours);
    eprintln!("frugix took {ours_took:.1?}, Nix {:.1?}", start.elapsed() - ours_took);

    let valid = answers.iter().filter(|answer| answer.is_some()).count();
    let known = ours.iter().zip(&answers).filter(|(ours, nix)| ours.is_ok() && nix.is_some());
    let known = known.count();
    let wrong: Vec<usize> =
        (0..texts.len()).filter(|&index| disagree(&ours[index], &answers[index])).collect();
    eprintln!(
        "{} expressions, {valid} of them valid, {known} of these known, {} wrong",
        texts.len(),
        wrong.len()
    );
    let missed = (0..texts.len()).filter(|&at| ours[at].is_err() && answers[at].is_some());
    let reasons: Vec<String> = missed
        .take(MAX_TOLD)
        .map(|at| format!("{:?}: {}", ours[at].as_ref().err(), texts[at]))
        .collect();
    if std::env::var_os("FRUGIX_ORACLE_VERBOSE").is_some() {
        eprintln!("not known:\n{}", reasons.join("\n"));
        let refused = (0..texts.len()).filter(|&at| answers[at].is_none()).take(MAX_TOLD);
        refused.for_each(|at| eprintln!("refused: {}", texts[at]));
    }

    let mut told = String::new();
    for index in wrong.iter().take(MAX_TOLD) {
        let first = format!(
            "{}\n  frugix {:?}\n  nix    {:?}\n  once, and not when asked again",
            texts[*index], ours[*index], answers[*index]
        );
        let _ = writeln!(told, "{}\n", shrunk(&nix, &mut trees[*index]).unwrap_or(first));
    }
    assert!(wrong.is_empty(), "{} disagreements with Nix:\n{told}", wrong.len());
    #[allow(clippy::cast_precision_loss)]
    {
        let (all, valid, known) = (texts.len() as f64, valid as f64, known as f64);
        assert!(valid >= VALID_FLOOR * all, "only {valid} of {all} expressions are valid");
        assert!(
            known >= KNOWN_FLOOR * valid,
            "only {known} of {valid} valid expressions are known, among those that are not:\n{}",
            reasons.join("\n")
        );
    }
}

/// Asks Nix. What we say that it refuses is asked apart, for a refusal costs a process; of these
/// only some are asked.
fn ask(nix: &Nix, texts: &[&str], ours: &[ours::Answer]) -> Vec<Answer> {
    let of = |wanted: fn(&ours::Answer) -> bool| -> Vec<usize> {
        (0..texts.len()).filter(|&index| wanted(&ours[index])).collect()
    };
    let known = of(Result::is_ok);
    let unknown = of(|ours| ours.is_err() && !is_refusal(ours));
    let refused = of(is_refusal).into_iter().take(MAX_REFUSALS_ASKED).collect();
    let mut answers = vec![None; texts.len()];
    for indices in [known, unknown, refused] {
        let part: Vec<&str> = indices.iter().map(|&index| texts[index]).collect();
        for (index, answer) in indices.into_iter().zip(nix.evaluate(&part)) {
            answers[index] = answer;
        }
    }
    answers
}

fn disagree(ours: &ours::Answer, nix: &Answer) -> bool {
    match (ours, nix) {
        (Ok(ours), Some(nix)) => !ours::same(ours, nix),
        (Ok(_), None) => true,
        // "Nix would refuse it" is a claim too.
        (Err(_), Some(_)) => is_refusal(ours),
        (Err(_), None) => false,
    }
}

fn is_refusal(ours: &ours::Answer) -> bool {
    ours.as_ref().is_err_and(Why::is_refusal)
}

/// The simplest expression found on the way down from `tree` on which the two disagree; none where
/// they agree when asked again.
fn shrunk(nix: &Nix, tree: &mut impl ValueTree<Value = Expression>) -> Option<String> {
    let judge = |expression: &Expression| {
        let text = expression.text();
        let ours = ours::evaluate_all(&[&text]).remove(0);
        let answer = nix.evaluate(&[&text]).remove(0);
        disagree(&ours, &answer).then(|| format!("{text}\n  frugix {ours:?}\n  nix    {answer:?}"))
    };
    simplest(tree, MAX_SHRINKS, judge)
}
