//! What the grammar and the generator of configurations write is Nix: not only our parser says so, but Nix
//! itself.

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::generator::Choices;
use crate::grammar;
use crate::harness::nix::Nix;

/// How many expressions are asked about.
const EXPRESSIONS: usize = 3000;

/// How many configurations are asked about, each of four files.
const CONFIGURATIONS: usize = 500;

/// How many of those that Nix refuses are shown.
const SHOWN: usize = 5;

#[test]
fn nix_parses_what_the_grammar_writes() {
    let Some(nix) = Nix::find() else { return };
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let mut runner = TestRunner::default();
    let mut written = || {
        let bytes = bytes.new_tree(&mut runner).expect("bytes are made").current();
        let text =
            grammar::Nix::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes may run out");
        // Pipes are an experiment that many a Nix has not heard of.
        text.0.replace("|>", "++").replace("<|", "++")
    };
    let texts: Vec<String> = (0..EXPRESSIONS).map(|_| written()).collect();
    assert!(texts.iter().map(String::len).max() > Some(1000), "no text is long");
    tell_refused(&nix, &texts);
}

#[test]
fn nix_parses_random_configurations() {
    let Some(nix) = Nix::find() else { return };
    let choices = prop::collection::vec(any::<u16>(), 0..400);
    let mut runner = TestRunner::default();
    let mut files = || {
        let choices = choices.new_tree(&mut runner).expect("choices are made").current();
        let files = Choices(choices).files().into_iter();
        files
            .filter(|(path, _)| path.extension().is_some_and(|it| it == "nix"))
            .map(|(_, text)| text)
    };
    let texts: Vec<String> = (0..CONFIGURATIONS).flat_map(|_| files()).collect();
    tell_refused(&nix, &texts);
}

fn tell_refused(nix: &Nix, texts: &[String]) {
    let refused = nix.refused(texts);
    let told = refused.iter().take(SHOWN).map(|(at, why)| {
        let text = texts.get(*at).map_or("", String::as_str);
        format!("{why}\n{text}\n")
    });
    let told: String = told.collect();
    assert!(refused.is_empty(), "{} of {} are no Nix:\n{told}", refused.len(), texts.len());
}
