//! What is recognized is held against the parser, which has the last word.

use std::path::{Path, PathBuf};

use super::*;
use crate::syntax::parse;

fn is_recognized(text: &str) -> bool {
    let kinds = rnix::tokenize(text).map(|(kind, _)| kind).filter(|kind| !kind.is_trivia());
    is_expression(&kinds.collect::<Vec<_>>())
}

fn is_correct(text: &str) -> bool {
    parse(text).is_ok_and(|parsed| parsed.errors().is_empty())
}

/// Holds one text against the parser; whether it is recognized.
fn check(text: &str) -> bool {
    let is_recognized = is_recognized(text);
    assert!(!is_recognized || is_correct(text), "it is no expression:\n{text}");
    is_recognized
}

/// Numbers that look like chance, and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

#[test]
fn expressions_are_recognized() {
    for text in [
        "1",
        "a: b: a",
        "{ }",
        "{ }: 1",
        "{ a, b ? c: d, ... }@args: args",
        "args@{ a, ... }: a",
        "{ a, }: a",
        "{ ... }: { }",
        "let a = 1; inherit b; inherit (c) d \"e\" ${f}; in a",
        "let in a.b.${c}.\"d\".or or e.f or g",
        "if a then b else if c then d else e",
        "with a; assert b; c",
        "f (x: x) { a = 1; } rec { a.b.\"c${d}\" = ''e${f}''; } [ 1 ./a <b> https://c.d (-2) e.f ]",
        "!a && !b || c == d -> e != !f",
        "a < b == c >= d && e == f",
        "-a - -b * c / d ++ e ++ f // !g // h",
        "a ? b.c.\"d\" ? e && f",
        "a |> b |> c",
        "(a)",
        "/* a */ a # b",
        "a: with b; let c = { d, ... }: e; in c",
    ] {
        assert!(check(text), "{text}");
        assert!(is_correct(text), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_not_recognized() {
    for text in [
        "",
        "# a",
        "a b:",
        "(a",
        "a)",
        "[ -1 ]",
        "{ a = 1 }",
        "{ a }",
        "{ a ? 1 }",
        "let a = 1; a",
        "a == b == c",
        "a < b <= c",
        "a + !b",
        "-!a",
        "a ? b c",
        "a ? b or c",
        "1 + if a then b else c",
        "f let a = 1; in a",
        "\"a",
        "''a",
        "\"${a\"",
        "a.b.",
        "a. = 1",
        "{ inherit a b }",
        "{ a, ..., b }: a",
        "{ a, b }@{ c }: a",
        "a@{ b }@c: a",
        "with a",
        "<<<<<<< HEAD",
        "./a/",
    ] {
        assert!(!check(text), "{text}");
        assert!(!is_correct(text), "{text}");
    }
}

#[test]
fn what_is_seldom_written_is_left_to_the_parser() {
    for text in [
        "let { body = 1; }",
        "./a/${b}",
        "a or b",
        "f x: x",
        "1 + x: x",
        "f { a, b }: a",
        "[ a: b ]",
    ] {
        assert!(!check(text), "{text}");
        assert!(is_correct(text), "{text}");
    }
    let deep = "a: ".repeat(600) + "a";
    assert!(!check(&deep) && !is_correct(&deep));
    assert!(check(&("a: ".repeat(400) + "a")));
}

/// Every Nix file among the fixtures.
fn fixtures() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            match path.is_dir() {
                true => folders.push(path),
                false if is_nix(&path) => texts.extend(std::fs::read_to_string(&path)),
                false => {}
            }
        }
    }
    texts
}

fn is_nix(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "nix")
}

#[test]
fn the_fixtures_are_recognized() {
    let texts: Vec<String> = fixtures().into_iter().filter(|text| is_correct(text)).collect();
    let recognized = texts.iter().filter(|text| check(text)).count();
    assert!(texts.len() > 500);
    assert!(recognized * 100 > texts.len() * 98, "{recognized} of {}", texts.len());
}

/// Texts that are nearly expressions: tokens taken out, doubled, swapped, or put in of other texts.
#[test]
fn what_is_recognized_of_broken_texts_is_correct() {
    let texts = fixtures();
    let mut random = Random(1);
    let mut recognized = 0;
    for text in texts.iter().filter(|text| text.len() < 2000) {
        let tokens: Vec<&str> = rnix::tokenize(text).map(|(_, token)| token).collect();
        for _ in 0..10 {
            let mut broken = tokens.clone();
            for _ in 0..=random.below(2) {
                let (at, other) = (random.below(broken.len()), random.below(tokens.len()));
                match random.below(4) {
                    0 => broken[at] = "",
                    1 => broken.insert(at, tokens[other]),
                    2 => broken[at] = tokens[other],
                    _ => broken.swap(at, other.min(tokens.len() - 1)),
                }
            }
            recognized += usize::from(check(&broken.concat()));
        }
    }
    assert!(recognized > 500, "{recognized}");
}

#[test]
fn what_is_recognized_of_random_tokens_is_correct() {
    const TOKENS: [&str; 52] = [
        "a", "b", "or", "1", "1.5", "./a", "<a>", "x:y", "\"", "\"", "''", "${", "}", "{", "}",
        "(", ")", "[", "]", "=", "=", ";", ";", ":", ",", "?", "@", "...", ".", "let", "in",
        "with", "assert", "if", "then", "else", "rec", "inherit", "+", "-", "*", "/", "++", "//",
        "!", "==", "<", ">=", "&&", "||", "->", "|>",
    ];
    let mut random = Random(2);
    let mut recognized = 0;
    for round in 0..60_000 {
        let count = 1 + random.below(9);
        let glue = if round % 4 == 0 { "" } else { " " };
        let tokens: Vec<&str> = (0..count).map(|_| TOKENS[random.below(TOKENS.len())]).collect();
        recognized += usize::from(check(&tokens.join(glue)));
    }
    assert!(recognized > 1000, "{recognized}");
}
