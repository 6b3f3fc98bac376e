//! What is recognized is held against the parser, which has the last word.

use rnix::NodeOrToken;
use text_size::TextRange;

use super::*;
use crate::syntax::samples::{Random, fixtures, other_files};
use crate::syntax::{DepthLimit, Element, Glance, Tree, parse};

fn is_correct(text: &str) -> bool {
    parse(text).is_ok_and(|parsed| parsed.errors().is_empty())
}

/// All that a tree is made of, wholes before parts, each with how many it is inside of, and the comments.
fn contents(tree: &Tree<'_>) -> Vec<(usize, SyntaxKind, TextRange)> {
    let mut all = Vec::new();
    let mut waiting: Vec<(usize, Element<'_>)> = vec![(0, NodeOrToken::Node(tree.root()))];
    while let Some((depth, element)) = waiting.pop() {
        match element {
            NodeOrToken::Token(token) => all.push((depth, token.kind(), token.range())),
            NodeOrToken::Node(node) => {
                all.push((depth, node.kind(), node.range()));
                let parts: Vec<_> = node.elements().map(|part| (depth + 1, part)).collect();
                waiting.extend(parts.into_iter().rev());
            }
        }
    }
    let comments = tree.comments_in(tree.root().range());
    all.extend(comments.map(|range| (0, TOKEN_COMMENT, range)));
    all
}

/// Holds one text against the parser; whether it is recognized.
fn check(text: &str) -> bool {
    let glance = Glance::of(text, DepthLimit::USUAL, |_, _| false);
    let tree = glance.tree();
    assert_eq!(glance.is_plain(), tree.is_some());
    if let Some(tree) = &tree {
        let parsed = parse(text).unwrap();
        assert!(parsed.errors().is_empty(), "it is no expression:\n{text}");
        assert_eq!(contents(tree), contents(&parsed.tree()), "its tree is another:\n{text}");
    }
    tree.is_some()
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
        "./a${b}/c/${d}${e} ~/f${\"g\"} /h/${i}~/j",
        "__curPos.line + f __curPos",
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
        "./a ${b}",
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
    let mut random = Random::of(1);
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
    let mut random = Random::of(2);
    let mut recognized = 0;
    for round in 0..60_000 {
        let count = 1 + random.below(9);
        let glue = if round % 4 == 0 { "" } else { " " };
        let tokens: Vec<&str> = (0..count).map(|_| TOKENS[random.below(TOKENS.len())]).collect();
        recognized += usize::from(check(&tokens.join(glue)));
    }
    assert!(recognized > 1000, "{recognized}");
}

/// Every operator beside every other, with `-` and `!` before their operands.
#[test]
fn operators_bind_as_the_parser_says() {
    const OPERATORS: [&str; 17] = [
        "++", "*", "/", "+", "-", "//", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "->", "|>",
        "<|",
    ];
    const PREFIXES: [&str; 6] = ["", "", "", "-", "!", "- -"];
    const SUFFIXES: [&str; 6] = ["", "", " x", ".y", " ? z", ".y or w v"];
    let mut random = Random::of(3);
    let mut recognized = 0;
    for _ in 0..30_000 {
        let mut text = String::new();
        for name in ["a", "b", "c", "d", "e", "f"].into_iter().take(2 + random.below(5)) {
            let prefix = PREFIXES[random.below(PREFIXES.len())];
            let suffix = SUFFIXES[random.below(SUFFIXES.len())];
            let operator = OPERATORS[random.below(OPERATORS.len())];
            let before = if text.is_empty() { "" } else { operator };
            text = format!("{text} {before} {prefix}{name}{suffix}");
        }
        recognized += usize::from(check(&text));
    }
    assert!(recognized > 3000, "{recognized}");
    for first in OPERATORS {
        for second in OPERATORS {
            check(&format!("a {first} b {second} c"));
        }
    }
}

/// `FRUGIX_FOLDERS=/a:/b cargo test --lib syntax -- --ignored`: every Nix file beneath some folders.
#[test]
#[ignore = "it asks for folders"]
fn other_files_are_recognized() {
    let (mut correct, mut recognized) = (0, 0);
    for text in other_files() {
        correct += usize::from(is_correct(&text));
        recognized += usize::from(check(&text));
    }
    println!("{recognized} of {correct} are recognized");
}
