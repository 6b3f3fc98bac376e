//! What is refused, what is not, and that nothing deep gets past.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{DepthLimit, Watch, check_depth, tokenize};

fn accepts(text: &str) -> bool {
    check_depth(text, DepthLimit::USUAL).is_ok()
}

#[test]
fn deep_nesting_and_long_chains_are_refused() {
    for unit in [
        "[",
        "(",
        "{a=",
        "${",
        "!",
        "- ",
        "x: ",
        "a.",
        "f ",
        "a + ",
        "a ++ ",
        "if a then b else ",
        "a b.",
        "a.b or ",
        "let a = ",
        "\"${",
        "''${",
        "./a${",
        "{ a ? ",
        "a |> ",
        "assert a; ",
    ] {
        assert!(!accepts(&unit.repeat(100_000)), "{unit:?}");
    }
}

#[test]
fn wide_data_is_accepted() {
    assert!(accepts(&format!("[{}]", " 1 \"a\" { b = 1; } (f x)".repeat(100_000))));
    assert!(accepts(&format!("{{{}}}", "a = f x y; ".repeat(100_000))));
    assert!(accepts(&format!("''{}''", "text ( [ { ''${ ''' $${ ".repeat(10_000))));
    assert!(accepts(&format!("\"{}\"", "( [ { \\\" $${ ".repeat(10_000))));
    assert!(accepts(&format!("{}1", "# ((((\n".repeat(10_000))));
    assert!(accepts(&format!("/* {} */ 1", "((((".repeat(10_000))));
    assert!(accepts(&format!("{{ {}b }}: 1", "a ? f { x = 1; }, ".repeat(100_000))));
    assert!(accepts(&format!("let {} in 1", "a = b.c.d; ".repeat(10_000))));
    assert!(accepts(&format!(
        "{{ inherit {}; inherit (x) {}; }}",
        "a ".repeat(9999),
        "b \"c\" ".repeat(9999)
    )));
    assert!(accepts(&format!(
        "[ {} ]",
        "a.b or c (x: y) ./d${e}/f <g> h@".replace("h@", "-1").replace("-1", "1").repeat(10_000)
    )));
    assert!(accepts(&"A".repeat(1_000_000)));
}

/// Whether some token of `text` is taken for a mistake.
fn is_wrong(text: &str) -> bool {
    let mut watch = Watch::new();
    for (kind, _) in tokenize(text).filter(|(kind, _)| !kind.is_trivia()) {
        watch.see(kind);
    }
    watch.is_wrong()
}

#[test]
fn nothing_right_is_taken_for_a_mistake() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut looked_at = 0;
    for entry in walkdir::WalkDir::new(fixtures).into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "nix") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        if rnix::Root::parse(&text).errors().is_empty() && !is_wrong(&text) {
            looked_at += 1;
        } else {
            assert!(!rnix::Root::parse(&text).errors().is_empty(), "{}", entry.path().display());
        }
    }
    assert!(looked_at > 100, "only {looked_at} files");
}

/// Pieces that the parser and this pass could understand differently.
const PIECES: &[&str] = &[
    "a",
    "b ",
    "f",
    "or",
    " or ",
    "rec",
    "rec {",
    "let ",
    " in ",
    "with ",
    "assert ",
    "if ",
    " then ",
    " else ",
    "inherit ",
    "inherit (",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "''",
    "${",
    "$",
    "=",
    ";",
    ",",
    ":",
    "@",
    "?",
    ".",
    "...",
    "!",
    "-",
    "+",
    "++",
    "/",
    "//",
    "*",
    "->",
    "&&",
    "||",
    "==",
    "<",
    "<=",
    "|>",
    "<|",
    "1",
    "1.5",
    ".5",
    "./a",
    "./a${",
    "/a",
    "~/a",
    "<a>",
    "a:b",
    "a:b''",
    "x''",
    "//*",
    "/*",
    "*/",
    "#",
    "\n",
    " ",
    "  ",
    "\\",
    "'",
    "$$",
    "$${",
    "''$",
    "''\\",
    "\u{e9}",
    "__curPos",
    "x: ",
    "{ a }: ",
    "{ a, b ? ",
    "a = ",
    "a.b = ",
    "; a = ",
    "[ a. ",
    "] ",
    "(a ",
    "{ [ ",
    "a. 1 ",
];

/// Random text: something, something else many times, and something more.
fn soup() -> impl Strategy<Value = String> {
    let pieces = |count| {
        let piece = (prop::sample::select(PIECES), any::<bool>());
        prop::collection::vec(piece, 0..count).prop_map(|pieces| {
            pieces.iter().fold(String::new(), |text, (piece, spaced)| {
                text + piece + if *spaced { " " } else { "" }
            })
        })
    };
    (pieces(6), pieces(9), pieces(6))
        .prop_map(|(start, unit, end)| start + &unit.repeat(150) + &end)
}

fn tree_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for event in rnix::Root::parse(text).syntax().preorder() {
        match event {
            rowan::WalkEvent::Enter(_) => depth += 1,
            rowan::WalkEvent::Leave(_) => depth -= 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// However broken a text is, what is handed to the parser makes no deep tree.
#[test]
fn nothing_deep_gets_past() {
    let limit = DepthLimit { nesting: 10, chain: 20 };
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&soup(), |text| {
        let end = check_depth(&text, limit).map_or_else(|cut| cut.offset.into(), |()| text.len());
        let depth = tree_depth(&text[..end]);
        prop_assert!(depth <= 100, "{depth} levels of {text}");
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
