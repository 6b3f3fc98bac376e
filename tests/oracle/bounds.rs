//! Evaluation ends, whatever the text: no panic, no overflowing stack, no endless loop, no more
//! memory than its limits allow. Nix is not asked.

use std::path::Path;
use std::time::{Duration, Instant};

use frugix::eval::{EnvId, Limits, PackageSet, Root};
use frugix::hir;
use frugix::source::Tree;
use frugix::syntax::parse;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::generator::expression;
use crate::ours;
use crate::processor;

/// Texts made from others in one run.
const MUTATIONS: u32 = 1000;

/// No expression may have a processor for longer, without optimisation.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long `work` takes on this thread: as the kernel counts it, or by the clock.
fn time(work: impl FnOnce()) -> Duration {
    let (before, start) = (processor::spent(), Instant::now());
    work();
    let spent = processor::spent().zip(before).map(|(after, before)| after - before);
    spent.unwrap_or_else(|| start.elapsed())
}

/// Evaluates a tree whose `home.nix` is a value or a function of packages, and follows where the
/// answer came from.
fn evaluate(tree: &Tree, limits: Limits) {
    ours::in_evaluator_of_any_text(tree, limits, |evaluator| {
        let value = evaluator.import_path(Path::new("home.nix"));
        let packages = evaluator.symbol(Root::Packages(PackageSet::Main));
        let applied = evaluator.apply(&value, packages, None, EnvId::ROOT);
        for value in [value, applied] {
            let _ = evaluator.to_json(&value);
            value.origin.literals();
            value.origin.names();
        }
    });
}

fn bomb(files: &[(&str, &str)]) {
    let tree = Tree::in_memory(Path::new("/tree"), files.iter().copied());
    let took = time(|| evaluate(&tree, Limits::default()));
    let name = files[0].1.chars().take(80).collect::<String>();
    assert!(took < PATIENCE, "{name} takes {took:?}");
}

/// Texts that grow without end, each in its own way.
const BOMBS: &[&str] = &[
    // Deep recursion, in each thing that can call itself.
    "let f = x: f x; in f 1",
    "let f = x: 1 + f x; in f 1",
    "let f = x: [ (f x) ]; in f 1",
    "let f = x: { a = f x; }; in f 1",
    "let f = x: { a = f (x + 1); }; go = s: go s.a; in go (f 0)",
    "let f = x: \"${f x}\"; in f 1",
    "let f = x: !(f x); in f 1",
    "let f = x: (f x).a or 1; in f 1",
    "let f = x: if f x then 1 else 2; in f 1",
    "let f = x: assert f x; 1; in f 1",
    "let f = x: with f x; y; in f 1",
    "let f = { a ? f { } }: a; in f { }",
    "let f = x: x.x // f x; in f { x = { }; }",
    "let f = x: builtins.seq (f x) 1; in f 1",
    "let f = x: map f [ (f x) ]; in f 1",
    "let f = x: builtins.foldl' (a: b: f b) 0 [ x ]; in f 1",
    "let f = x: builtins.toJSON [ (f x) ]; in f 1",
    "let f = x: toString [ (f x) ]; in f 1",
    "let f = x: builtins.sort (a: b: f a) [ 1 2 ]; in f 1",
    "let f = x: [ (f x) ] == [ (f x) ]; in f 1",
    "let f = x: [ (f x) ] < [ (f x) ]; in f 1",
    "let f = x: builtins.deepSeq (f x) 1; in f 1",
    "let f = x: lib.recursiveUpdate { a = f x; } { a.b = 1; }; lib = { recursiveUpdate = a: b: a // b; }; in f 1",
    "let f = { __functor = f; }; in f 1",
    "let f = { __functor = self: x: self x; }; in f 1",
    "let f = { __functor = self: self self; }; in f f",
    "let s = { __toString = s: s; }; in \"${s}\"",
    "let s = { __toString = s: \"${s}\"; }; in \"${s}\"",
    "let s = { outPath = s; }; in \"${s}\"",
    "let s = { outPath = s; }; in s",
    "let x = { inherit x; }; deep = s: deep s.x; in deep x",
    "let x = [ x ]; in x == x",
    "let x = { a = x; }; y = { a = y; }; in x == y",
    "let x = [ x ]; in x",
    "let x = { a = x; }; in x",
    "let x = { a = x; }; in builtins.deepSeq x 1",
    "let x = [ x ]; in toString x",
    "let x = { a.b = x; }; in builtins.toJSON x",
    "let x = x; in x",
    "let x = y; y = x.a; in x",
    "rec { a = b; b = c; c = a; }",
    "with rec { a = a; }; a",
    "let y = f: (x: f (x x)) (x: f (x x)); in y (x: x)",
    "(x: x x) (x: x x)",
    "(x: x x x) (x: x x x)",
    // Doubling.
    "let d = n: x: if n == 0 then x else d (n - 1) (x ++ x); in builtins.length (d 60 [ 1 ])",
    "let d = n: x: if n == 0 then x else d (n - 1) (x + x); in builtins.stringLength (d 60 \"ab\")",
    "let d = n: x: if n == 0 then x else d (n - 1) \"${x}${x}\"; in d 60 \"ab\"",
    "let d = n: x: if n == 0 then x else d (n - 1) (x + x); in d 62 1",
    "let d = n: x: if n == 0 then x else d (n - 1) [ x x ]; in d 60 1",
    "let d = n: x: if n == 0 then x else d (n - 1) { a = x; b = x; }; in builtins.toJSON (d 60 1)",
    "let d = n: x: if n == 0 then x else d (n - 1) { a = x; b = x; }; in builtins.deepSeq (d 60 1) 1",
    "let d = n: x: if n == 0 then x else d (n - 1) { a = x; b = x; }; in d 60 1 == d 60 1",
    "let d = n: x: if n == 0 then x else d (n - 1) [ x x ]; in toString (d 60 [ ])",
    "pkgs: builtins.foldl' (s: _: s + s) \"${pkgs.x}\" (builtins.genList (x: x) 60)",
    "pkgs: builtins.foldl' (s: _: \"${s}${s}\") \"${pkgs.x}\" (builtins.genList (x: x) 60)",
    "pkgs: builtins.foldl' (s: _: builtins.concatStringsSep \"\" [ s s ]) \"${pkgs.x}\" (builtins.genList (x: x) 60)",
    "builtins.foldl' (s: _: builtins.concatStringsSep s [ s s ]) \"ab\" (builtins.genList (x: x) 60)",
    "builtins.foldl' (s: _: builtins.replaceStrings [ \"a\" ] [ s ] s) \"aaa\" (builtins.genList (x: x) 60)",
    "builtins.foldl' (s: _: builtins.toJSON s) \"\\\"\" (builtins.genList (x: x) 60)",
    "builtins.foldl' (s: _: builtins.concatLists [ s s ]) [ 1 ] (builtins.genList (x: x) 60)",
    "builtins.foldl' (s: _: builtins.concatMap (x: [ x x ]) s) [ 1 ] (builtins.genList (x: x) 60)",
    "let f = n: if n == 0 then 1 else f (n - 1) + f (n - 1); in f 100",
    "let f = n: if n == 0 then [ ] else [ (f (n - 1)) (f (n - 1)) ]; in f 100",
    // Much of what is allowed once.
    "builtins.genList (x: x) 1000000000",
    "let big = builtins.genList (x: x) 150000; in map (i: builtins.length (big ++ [ i ])) big",
    "let big = builtins.genList (x: x) 150000; in builtins.foldl' (l: i: big ++ [ i ]) [ ] big",
    "let big = builtins.genList (x: x) 150000; in map (i: builtins.elem (-1) big) big",
    "let big = builtins.genList (x: x) 150000; in builtins.all (i: big == map (x: x) big) big",
    "let big = builtins.genList (x: x) 150000; in map (i: map (x: x) big) big",
    "let big = builtins.genList (x: x) 150000; in builtins.sort (a: b: b < a) big",
    "let big = builtins.genList toString 50000; in builtins.removeAttrs (builtins.listToAttrs (map (name: { inherit name; value = 1; }) big)) big",
    "let set = builtins.listToAttrs (map (n: { name = toString n; value = n; }) (builtins.genList (x: x) 50000)); in map (n: set // { a = n; }) (builtins.attrValues set)",
    "let set = builtins.listToAttrs (map (n: { name = toString n; value = n; }) (builtins.genList (x: x) 50000)); in map (n: builtins.mapAttrs (n: v: v) set) (builtins.attrValues set)",
    "let d = n: x: if n == 0 then x else d (n - 1) (x + x); s = d 20 \"ab\"; in map (i: s + toString i) (builtins.genList (x: x) 150000)",
    "let d = n: x: if n == 0 then x else d (n - 1) (x + x); s = d 20 \"ab\"; in map (i: builtins.substring i 1 s) (builtins.genList (x: x) 150000)",
    "let d = n: x: if n == 0 then x else d (n - 1) (x + x); s = d 20 \"ab\"; l = builtins.genList (x: \"z\") 10000; in builtins.replaceStrings l l s",
    "let big = builtins.genList (x: { name = \"a${toString x}\"; value = x; }) 100000; in builtins.listToAttrs big",
    // Long ways to what is outside.
    "pkgs: builtins.foldl' (p: _: p.a) pkgs (builtins.genList (x: x) 150000)",
    "pkgs: builtins.foldl' (p: _: p 1) pkgs (builtins.genList (x: x) 150000)",
    "pkgs: let f = p: f p.a; in f pkgs",
    "pkgs: let f = p: f (p // { a = p; }); in f pkgs",
    "pkgs: let f = p: if pkgs.x then f p.a else f p.b; in f pkgs",
    "pkgs: let f = p: { a = if pkgs.x then f p else f pkgs; }; in f pkgs",
    "pkgs: builtins.foldl' (s: _: s // (if pkgs.x then { a = s; } else { b = s; })) { } (builtins.genList (x: x) 60)",
    "pkgs: let c = n: if n == 0 then { } else if pkgs.x then c (n - 1) else c (n - 1); in ({ } // c 60).a or 1",
];

#[test]
fn bombs_do_not_go_off() {
    ours::on_evaluation_stack(|| {
        for text in BOMBS {
            bomb(&[("home.nix", text)]);
        }
    });
}

#[test]
fn imports_in_circles_end() {
    ours::on_evaluation_stack(|| {
        bomb(&[("home.nix", "import ./home.nix")]);
        bomb(&[("home.nix", "[ (import ./home.nix) ]")]);
        bomb(&[("home.nix", "import ./a.nix"), ("a.nix", "{ x = (import ./home.nix).x; }")]);
        bomb(&[("home.nix", "x: import ./home.nix [ x x ]")]);
        bomb(&[("home.nix", "import ./a.nix 1"), ("a.nix", "x: import ./a.nix (x + 1)")]);
        bomb(&[("home.nix", "import ./."), ("default.nix", "import ./.")]);
        bomb(&[("home.nix", "let f = p: import p f; in f ./a.nix"), ("a.nix", "f: f ./a.nix")]);
    });
}

/// Text as deep and as long as the parser lets through.
#[test]
fn wide_and_deep_texts_are_evaluated() {
    ours::on_evaluation_stack(|| {
        for (open, middle, close, count) in [
            ("[", "1", "]", 390),
            ("(", "1", ")", 390),
            ("{ a = ", "1", "; }", 390),
            ("\"${", "\"\"", "}\"", 190),
            ("x: ", "x", "", 390),
            ("!", "true", "", 3900),
            ("-", "1", "", 1900),
            ("1 + ", "1", "", 1900),
            ("", "1", " + 1", 1900),
            ("[ ] ++ ", "[ ]", "", 900),
            ("{ } // ", "{ }", "", 900),
            ("true -> ", "true", "", 1200),
            ("if true then 1 else ", "1", "", 700),
            ("let a = 1; in ", "a", "", 390),
            ("with { a = 1; }; ", "a", "", 390),
            ("assert true; ", "1", "", 390),
            ("", "{ }", ".a", 1900),
            ("", "{ }", " ? a", 900),
            ("", "{ }", ".a or { }", 900),
            ("", "(x: x)", " (x: x)", 1300),
            ("", "{ a = 1; }", ".${\"a\"}", 900),
            ("a: ", "a", "", 1300),
            ("{ a ? ", "1", " }: a", 190),
        ] {
            let text = open.repeat(count) + middle + &close.repeat(count);
            bomb(&[("home.nix", &text)]);
        }
        let wide = |unit: &str| unit.repeat(20_000);
        bomb(&[("home.nix", &format!("[ {} ]", wide("1 ")))]);
        bomb(&[("home.nix", &format!("rec {{ {} }}", wide("a.b = 1; ")))]);
        bomb(&[("home.nix", &format!("{{ {} }}", wide("${\"a\" + \"b\"} = 1; ")))]);
        let names = |unit: &dyn Fn(usize) -> String| (0..20_000).map(unit).collect::<String>();
        let fields = names(&|n| format!("a{n} ? 1, "));
        let given = names(&|n| format!("a{n} = {n}; "));
        bomb(&[("home.nix", &format!("({{ {fields} }}: a7) {{ {given} }}"))]);
        let dynamic = names(&|n| format!("${{\"a\" + \"{n}\"}} = {n}; "));
        bomb(&[("home.nix", &format!("{{ {given} b.{dynamic} }}"))]);
        bomb(&[("home.nix", &format!("{{ {} }}", names(&|n| format!("a.b{n}.c = {n}; "))))]);
    });
}

/// Pieces that turn one text into another.
const FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "''",
    "${",
    ";",
    ":",
    "=",
    ".",
    ",",
    "?",
    "@",
    "...",
    "//",
    "++",
    "->",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "==",
    "<",
    "let",
    "in",
    "rec",
    "with",
    "if",
    "then",
    "else",
    "inherit",
    "assert",
    "or",
    "a",
    "x",
    "0",
    "1",
    "1.0",
    "9223372036854775807",
    "./a.nix",
    "<nixpkgs>",
    "~/x",
    "http:x",
    "null",
    "builtins",
    "import",
    "\\",
    "$",
    "#",
    "/*",
    "*/",
    "\n",
    "\u{feff}",
    "é",
    "\0",
    "__curPos",
    "|>",
    "import ./home.nix",
    "x: ",
    "rec { a = a; }",
    "builtins.genList (x: x)",
    "builtins.foldl'",
    "__functor",
    "__toString",
    "outPath",
];

#[derive(Clone, Debug)]
struct Mutation {
    at: prop::sample::Index,
    length: usize,
    fragment: prop::sample::Index,
    kind: u8,
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let mutation =
        (any::<prop::sample::Index>(), 0..12_usize, any::<prop::sample::Index>(), 0..4_u8);
    let mutation =
        mutation.prop_map(|(at, length, fragment, kind)| Mutation { at, length, fragment, kind });
    prop::collection::vec(mutation, 0..6)
}

impl Mutation {
    fn apply(&self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.at.index(chars.len() + 1);
        let end = (at + self.length).min(chars.len());
        let fragment = FRAGMENTS[self.fragment.index(FRAGMENTS.len())].chars();
        match self.kind {
            0 => drop(chars.drain(at..end)),
            1 => drop(chars.splice(at..at, fragment)),
            2 => drop(chars.splice(at..end, fragment)),
            _ => {
                let again: Vec<char> = chars[at..end].repeat(8);
                drop(chars.splice(at..at, again));
            }
        }
        chars.into_iter().collect()
    }
}

#[test]
fn no_text_is_too_strange() {
    let small = Limits { steps: 20_000, ..Limits::default() };
    ours::on_evaluation_stack(|| {
        let config = Config { cases: MUTATIONS, failure_persistence: None, ..Config::default() };
        let texts = (expression(), mutations(), any::<bool>());
        let outcome = TestRunner::new(config).run(&texts, |(expression, mutations, library)| {
            let text = expression.text();
            let text = if library { format!("lib: {text}") } else { text };
            let text = mutations.iter().fold(text, |text, mutation| mutation.apply(&text));
            let tree = Tree::in_memory(
                Path::new("/tree"),
                [("home.nix", text.as_str()), ("a.nix", "{ a = import ./home.nix; }")],
            );
            prop_assert!(time(|| evaluate(&tree, small)) < PATIENCE, "{text}");
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    });
}

/// Lowering keeps every expression inside its text, whatever the text.
#[test]
fn strange_texts_are_lowered_within_their_bounds() {
    let config = Config { cases: MUTATIONS, failure_persistence: None, ..Config::default() };
    let texts = (expression(), mutations());
    ours::on_evaluation_stack(|| {
        let outcome = TestRunner::new(config).run(&texts, |(expression, mutations)| {
            let text = expression.text();
            let text = mutations.iter().fold(text, |text, mutation| mutation.apply(&text));
            if let Ok(parsed) = parse(&text) {
                let file = hir::lower(&parsed);
                for id in file.expr_ids() {
                    let range = file.range(id);
                    prop_assert!(text.get(range.start().into()..range.end().into()).is_some());
                }
            }
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    });
}
