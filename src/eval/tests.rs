//! What evaluation must know, and what it must not claim to know.

use std::path::Path;

use super::*;
use crate::hir;
use crate::source::Tree;
use crate::syntax::parse;

/// Evaluates `home.nix` of a tree made of `files` and hands the answer to `check`.
fn with_tree<T>(files: &[(&str, &str)], check: impl FnOnce(&mut Evaluator<'_>, Value) -> T) -> T {
    let tree = Tree::in_memory(Path::new("/tree"), files.iter().copied());
    let lowered: Vec<_> = tree
        .files()
        .iter()
        .map(|file| {
            let source = tree.source(*file).unwrap();
            Some(Arc::new(hir::lower(&parse(&source.text).unwrap()).into()))
        })
        .collect();
    let program = Program::new(&tree, &lowered);
    let mut evaluator = Evaluator::new(program, Limits::default());
    let value = evaluator.import_path(Path::new("home.nix"));
    check(&mut evaluator, value)
}

fn json(text: &str) -> String {
    with_tree(&[("home.nix", text)], |evaluator, value| match evaluator.to_json(&value) {
        Ok(json) => json.to_string(),
        Err(why) => format!("unknown: {why}"),
    })
}

fn unknown(text: &str) -> bool {
    json(text).starts_with("unknown")
}

#[test]
fn expressions_of_every_form() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("let a = 1; b = a + 1; in [ a b ]", "[1,2]"),
        ("rec { a = 1; b.c = a; b.d = b.c; }", r#"{"a":1,"b":{"c":1,"d":1}}"#),
        ("let x = { y = 2; }; in { inherit (x) y; }", r#"{"y":2}"#),
        ("with { a = 1; }; with { b = 2; }; a + b", "3"),
        ("let a = 1; in with { a = 2; }; a", "1"),
        ("({ a, b ? a + 1, ... }@args: args.c + b) { a = 1; c = 10; }", "12"),
        ("{ a.b = 1; } ? a.b && !({ } ? a)", "true"),
        ("{ a = null; }.a.b or 3", "3"),
        ("(if 1 < 2 then \"x\" else throw \"no\") + \"${toString 3}\"", "\"x3\""),
        ("{ a = 1; b = 2; } // { b = 3; }", r#"{"a":1,"b":3}"#),
        ("[ 1 ] ++ [ 2 ] == [ 1 2 ]", "true"),
        ("false -> throw \"no\"", "true"),
        ("let f = x: if x == 0 then 1 else x * f (x - 1); in f 10", "3628800"),
        ("{ __functor = self: x: x + self.n; n = 1; } 2", "3"),
        ("[ 1 2 ] |> map (x: x + 1)", "[2,3]"),
        ("builtins.toString [ 1 true null \"a\" ]", "\"1 1  a\""),
        ("{ ${\"a\"} = 1; ${null} = 2; }", r#"{"a":1}"#),
        ("let { body = x; x = 1; }", "1"),
        ("with builtins; length (attrNames { a = 1; b = 2; })", "2"),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}

#[test]
fn errors_pass_through_what_needs_them() {
    for text in [
        "assert throw \"x\"; 1",
        "builtins.seq \"${throw \"x\"}\" 1",
        "builtins.deepSeq { a = [ (throw \"x\") ]; } 1",
        "({ a ? 1 }: 2) (throw \"x\")",
        "(throw \"x\" // { a = 1; }).a",
        "builtins.isList (if throw \"x\" then 1 else 2)",
        "{ ${throw \"x\"} = 1; a = 2; }.a",
        "{ ${1} = 1; a = 2; }.a",
        "{ a = 1; ${\"a\" + \"\"} = 2; }.a",
        "assert (throw \"x\").a or true; 1",
        "1 && true",
        "with { x = 1; }; with {}.a; builtins.seq x 2",
    ] {
        assert!(json(text).starts_with("unknown: Nix would refuse it"), "{text}: {}", json(text));
    }
}

#[test]
fn builtins_answer_as_nix_does() {
    for (text, expected) in [
        ("builtins.bitAnd 6 (-3)", "4"),
        ("builtins.bitXor 6 3", "5"),
        ("builtins.tryEval 1", r#"{"success":true,"value":1}"#),
        ("builtins.sort (x: y: x < y) [ 3 1 2 ]", "[1,2,3]"),
        ("builtins.groupBy builtins.typeOf [ 1 \"a\" 2 ]", r#"{"int":[1,2],"string":["a"]}"#),
        ("builtins.toJSON { b = [ 1 null ]; a = \"\\n\"; }", r#""{\"a\":\"\\n\",\"b\":[1,null]}""#),
        ("map baseNameOf [ \"\" \"a/b\" \"a/b/\" \"a/b//\" \"/\" ]", r#"["","b","b","",""]"#),
        ("\"${{ __toString = self: self.n; n = \"x\"; }}\"", "\"x\""),
        ("{ __toString = self: \"x\"; }", "\"x\""),
        ("{ outPath = \"x\"; a = throw \"unused\"; }", "\"x\""),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
    // Versions of Nix differ in the digits they write.
    assert!(unknown("builtins.toJSON 1.0"));
    assert_eq!(json("(builtins.tryEval (throw \"x\")).value"), "false");
    assert!(unknown("(builtins.tryEval (1 + \"x\")).value"));
}

#[test]
fn what_nix_refuses_is_unknown() {
    for text in [
        "1 + \"a\"",
        "let x = x; in x",
        "{ a = 1; }.b",
        "({ a }: a) { a = 1; b = 2; }",
        "({ a }: a) { }",
        "9223372036854775807 + 1",
        "1 / 0",
        "assert false; 1",
        "throw \"x\"",
        "[ 1 ] == (x: x)",
        "undefined",
        "import ./missing.nix",
        "import ../outside.nix",
        "let f = x: f x; in f 1",
        "builtins.currentTime",
    ] {
        assert!(unknown(text) || text.contains("== (x: x)"), "{text}: {}", json(text));
    }
}

#[test]
fn undecided_conditions_stay_open() {
    assert!(unknown("{ config, ... }: 1"));
    with_tree(
        &[("home.nix", "c: { a = 1; } // (if c.x then { b = 2; } else { })")],
        |evaluator, value| {
            let argument = evaluator.symbol(Root::Config);
            let set = evaluator.apply(&value, argument, None, EnvId::ROOT);
            let set = set.as_attrs().unwrap();
            assert!(!set.get("a".into()).unwrap().optional);
            assert!(set.get("b".into()).unwrap().optional);
        },
    );
}

#[test]
fn a_profile_value_is_followed_across_files() {
    let files = [
        ("home.nix", "let hw = import ./profiles/p.nix; in import ./overlays/x.nix hw"),
        ("profiles/p.nix", "{ build.parallelism = { maxJobs = 4; }; }"),
        (
            "overlays/x.nix",
            "profile: let jobs = toString (profile.build.parallelism.maxJobs or 1); in { inherit jobs; }",
        ),
    ];
    with_tree(&files, |evaluator, value| {
        let jobs = evaluator.select(&value, "jobs".into());
        assert_eq!(jobs.as_str(), Some("4"));
        let written = jobs.origin.literal().unwrap();
        let tree = evaluator.program().tree;
        assert_eq!(tree.path(written.file), Path::new("profiles/p.nix"));
        assert_eq!(tree.source(written.file).unwrap().slice(written.range), "4");
        assert!(
            jobs.origin
                .names()
                .iter()
                .any(|span| tree.path(span.file) == Path::new("overlays/x.nix"))
        );
    });
}

fn symbol(text: &str) -> String {
    with_tree(&[("home.nix", text)], |evaluator, value| {
        let packages = evaluator.symbol(Root::Packages(PackageSet::Main));
        let value = evaluator.apply(&value, packages, None, EnvId::ROOT);
        match &value.kind {
            Kind::Symbol(symbol) => symbol.to_string(),
            other => format!("{other:?}"),
        }
    })
}

#[test]
fn every_way_to_a_package_is_one_symbol() {
    for text in [
        "pkgs: pkgs.brave",
        "pkgs: with pkgs; brave",
        "pkgs: let inherit (pkgs) brave; in brave",
        "pkgs: let b = pkgs.brave; in b",
        "pkgs: pkgs.\"brave\"",
        "pkgs: (import ./default.nix or { }).x or pkgs.pkgs.brave",
        "pkgs: with pkgs.lib; with pkgs; brave",
    ] {
        if !text.contains("import") {
            assert_eq!(symbol(text), "pkgs.brave", "{text}");
        }
    }
    assert_eq!(symbol("pkgs: with pkgs.lib; with pkgs; optional true 1 == [ 1 ]"), "Bool(true)");
}

#[test]
fn calls_of_symbols_are_recorded_once() {
    let text = "pkgs: let b = pkgs.brave.override { x = 1; }; in [ b b.meta ]";
    with_tree(&[("home.nix", text)], |evaluator, value| {
        let packages = evaluator.symbol(Root::Packages(PackageSet::Main));
        let value = evaluator.apply(&value, packages, None, EnvId::ROOT);
        for item in value.as_list().unwrap().iter() {
            evaluator.force(*item);
        }
        assert_eq!(evaluator.calls().len(), 1);
        assert_eq!(evaluator.calls()[0].function.to_string(), "pkgs.brave.override");
    });
}

#[test]
fn call_package_fills_parameters() {
    let files = [
        ("home.nix", "pkgs: pkgs.callPackage ./p.nix { jobs = 3; }"),
        ("p.nix", "{ stdenv, jobs, fast ? true }: [ stdenv jobs fast ]"),
    ];
    with_tree(&files, |evaluator, value| {
        let packages = evaluator.symbol(Root::Packages(PackageSet::Main));
        let value = evaluator.apply(&value, packages, None, EnvId::ROOT);
        let items: Vec<Value> =
            value.as_list().unwrap().iter().map(|item| evaluator.force(*item)).collect();
        assert_eq!(items[0].as_symbol().unwrap().to_string(), "pkgs.stdenv");
        assert_eq!(items[1].as_int(), Some(3));
        assert_eq!(items[2].as_bool(), Some(true));
    });
}

#[test]
fn evaluation_is_bounded() {
    for text in [
        "let f = x: { a = f (x + 1); }; go = s: go s.a; in go (f 0)",
        "let x = { inherit x; }; deep = s: deep s.x; in deep x",
        "let a = [ 1 ]; b = a ++ a; c = b ++ b; f = l: f (l ++ l); in f c",
        "builtins.foldl' (l: _: l ++ l) [ 1 ] (builtins.genList (x: x) 60)",
        "builtins.foldl' (s: _: s + s) \"aaaa\" (builtins.genList (x: x) 60)",
        "builtins.genList (x: x) 1000000000",
        "let s = x: s (x + x); in s \"aaaaaaaaaaaaaaaa\"",
        "let f = { __functor = f; }; in f 1",
        "let s = { __toString = s: s; }; in \"${s}\"",
        "let s = { outPath = s; }; in { x = s; }",
    ] {
        assert!(unknown(text), "{text}");
    }
}

#[test]
fn work_that_grows_with_the_data_is_bounded() {
    let big = "let big = builtins.genList (x: x) 150000; in ";
    for text in [
        "map (i: builtins.length (big ++ [ i ])) big",
        "map (i: builtins.elem (-1) big) big",
        "builtins.replaceStrings (map toString big) (map toString big) (toString big)",
    ] {
        assert!(unknown(&format!("{big}{text}")), "{text}");
    }
    let chain = "builtins.foldl' (p: _: p.a) pkgs (builtins.genList (x: x) 150000)";
    assert!(symbol(&format!("pkgs: {chain}")).contains("so long a chain"));
}

#[test]
fn empty_patterns_are_found_between_characters() {
    assert_eq!(
        json("builtins.replaceStrings [ \"b\" \"\" ] [ \"X\" \"-\" ] \"abc\""),
        "\"-aX-c-\""
    );
    assert_eq!(json("builtins.replaceStrings [ \"\" ] [ \"x\" ] \"\""), "\"x\"");
    assert!(unknown("builtins.fromJSON \"-0\""));
    assert!(unknown(&format!("builtins.fromJSON \"{}{}\"", "[".repeat(200), "]".repeat(200))));
    // Nix would cut the character in two.
    assert!(unknown("builtins.replaceStrings [ \"\" ] [ \"x\" ] \"é\""));
}

#[test]
fn places_of_a_value_used_many_times_are_found_at_once() {
    let doublings: String = (1..60).map(|n| format!("a{n} = a{0} + a{0};", n - 1)).collect();
    with_tree(&[("home.nix", &format!("let a0 = 1; {doublings} in a59"))], |_, value| {
        assert_eq!(value.as_int(), Some(1 << 59));
        assert_eq!(value.origin.literals().len(), 1);
    });
}

#[test]
fn folders_are_listed_and_json_is_imported() {
    let files = [
        (
            "home.nix",
            "{ lib }: { files = map baseNameOf (lib.filesystem.listFilesRecursive ./m); n = (lib.importJSON ./x.json).n; d = lib.pathIsDirectory ./m; }",
        ),
        ("m/b.nix", "1"),
        ("m/a/z.nix", "2"),
        ("x.json", "{ \"n\": 3 }"),
    ];
    with_tree(&files, |evaluator, value| {
        let library = evaluator.symbol(Root::Lib);
        let argument =
            evaluator.done(Value::attrs(AttrSet::new(vec![Slot::new("lib".into(), library)])));
        let value = evaluator.apply(&value, argument, None, EnvId::ROOT);
        let json = evaluator.to_json(&value).unwrap().to_string();
        assert_eq!(json, r#"{"d":true,"files":["z.nix","b.nix"],"n":3}"#);
    });
}

#[test]
fn extensions_are_composed_in_order() {
    let text = "{ lib }: lib.composeManyExtensions [ (f: p: { a = p.x + 1; }) (f: p: { b = p.a + 1; }) ] { } { x = 1; }";
    with_tree(&[("home.nix", text)], |evaluator, value| {
        let library = evaluator.symbol(Root::Lib);
        let argument =
            evaluator.done(Value::attrs(AttrSet::new(vec![Slot::new("lib".into(), library)])));
        let value = evaluator.apply(&value, argument, None, EnvId::ROOT);
        assert_eq!(evaluator.to_json(&value).unwrap().to_string(), r#"{"a":2,"b":3}"#);
    });
}

#[test]
fn names_are_from_the_namespace_that_has_them() {
    for (text, expected) in [
        ("pkgs: with pkgs; with pkgs.lib; with builtins; optional true (length [ ])", "List"),
        ("pkgs: with pkgs.lib; with pkgs.lib.types; toString (min 1 2)", "Str"),
        ("pkgs: with pkgs.lib.extend (f: p: { own = p.min 1 2; }); own + max 1 2", "Int(3)"),
    ] {
        assert!(symbol(text).starts_with(expected), "{text}: {}", symbol(text));
    }
}

#[test]
fn what_lies_beside_may_name_what_is_updated() {
    let text = "pkgs: let s = pkgs.lib.recursiveUpdate { x.k = \"n\"; y.z = 1; } \
                { y.${s.x.k} = 2; }; in s.y.n + s.y.z";
    assert_eq!(symbol(text), "Int(3)");
}

#[test]
fn the_set_of_builtins_is_made_once() {
    let text = "map (n: builtins.add n 1) [ 1 2 3 4 5 6 7 8 ]";
    with_tree(&[("home.nix", text)], |evaluator, list| {
        let items = list.as_list().cloned().unwrap();
        evaluator.force(items[0]);
        let before = evaluator.thunks.len();
        assert_eq!(evaluator.force(items[7]).as_int(), Some(9));
        assert!(evaluator.thunks.len() < before + 10, "builtins are not made again");
    });
}

#[test]
fn what_is_remembered_is_bounded() {
    let tree = Tree::in_memory(Path::new("/tree"), [("home.nix", "")]);
    let text = "map (n: (x: x + 1) n) [ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ]";
    let files = [Some(Arc::new(hir::lower(&parse(text).unwrap()).into()))];
    let remembered = |thunks| {
        let limits = Limits { values: thunks, ..Limits::default() };
        let mut evaluator = Evaluator::new(Program::new(&tree, &files), limits);
        let list = evaluator.import_path(Path::new("home.nix"));
        for item in list.as_list().unwrap().iter() {
            evaluator.force(*item);
        }
        evaluator.thunks.len() + evaluator.frames.len()
    };
    let without_limit = remembered(usize::MAX);
    assert!(remembered(without_limit / 2) < without_limit / 2 + 10);
}
