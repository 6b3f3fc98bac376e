//! What is left as it is has nothing to tell: a tree says the same where everything is evaluated.

use super::words::{files, fixtures};
use super::*;
use crate::source::Discovery;

fn told(session: &mut Session, tree: &Tree) -> String {
    let files = files(tree, None);
    format!("{:#?}", session.collect(Program::new(tree, &files), Knowledge::builtin()))
}

#[test]
fn what_is_mute_has_nothing_to_tell() {
    for folder in fixtures() {
        let tree = Tree::open(&folder, &Discovery::default()).unwrap();
        let some = told(&mut Session::default(), &tree);
        let all = told(&mut Session::thorough(), &tree);
        assert_eq!(some, all, "{}", folder.display());
    }
}

/// How options of no interest lead to a function that overrides what it is given.
const CALLED: [&str; 14] = [
    "let f = p: p.override { a = 1; }; in f pkgs.hello",
    "(HELPER).doubled pkgs.hello",
    "let inherit (HELPER) doubled; in doubled pkgs.hello",
    "with HELPER; doubled pkgs.hello",
    "map (HELPER).doubled [ pkgs.hello ]",
    "lib.mapAttrs (_: f: f pkgs.hello) (HELPER)",
    "{ b.c = [ (let h = HELPER; g = f: f pkgs.hello; in g h.doubled) ]; }",
    "(import (./. + \"/helper.nix\") { inherit pkgs; }).doubled pkgs.hello",
    "let call = file: import file { inherit pkgs; }; in (call ./helper.nix).doubled pkgs.hello",
    "config.lib.mine.doubled pkgs.hello",
    "lib.optionalString true (toString ((HELPER).doubled pkgs.hello))",
    "builtins.seq ((HELPER).doubled pkgs.hello) 1",
    "builtins.deepSeq [ ((HELPER).doubled pkgs.hello) ] 1",
    "let mine = import ./helper.nix { inherit pkgs; }; in { b = mine.doubled pkgs.hello; }",
];

/// And how they lead to none.
const NOT_CALLED: [&str; 5] = [
    "(HELPER).plain pkgs.hello",
    "config.home.homeDirectory + \"/x\"",
    "lib.mapAttrs (_: x: x + 1) config.other",
    "let mine = import ./helper.nix { inherit pkgs; }; in { b = mine.plain pkgs.hello; }",
    "builtins.deepSeq [ ((HELPER).plain pkgs.hello) ] 1",
];

/// A home that defines an option of no interest, and where the overrides are.
fn home(value: &str) -> Vec<(&'static str, String)> {
    let value = value.replace("HELPER", "import ./helper.nix { inherit pkgs; }");
    let home = format!(
        "{{ config, lib, pkgs, ... }}: {{ imports = [ ./more.nix ]; \
           lib.mine = import ./helper.nix {{ inherit pkgs; }}; mine.option = {value}; }}"
    );
    let more = "{ lib, ... }: { options.other = lib.mkOption { default = { }; }; }";
    let helper = "{ pkgs, ... }: { doubled = p: p.override { a = 1; }; plain = x: x; }";
    vec![("home.nix", home), ("more.nix", more.into()), ("helper.nix", helper.into())]
}

#[test]
fn functions_worth_a_call_are_called_wherever_they_are_called_from() {
    let told = |value: &str| {
        let files = home(value);
        overrides(&files.iter().map(|(path, text)| (*path, &**text)).collect::<Vec<_>>())
    };
    for value in CALLED {
        let told = told(value);
        assert!(told.contains(&"hello(a)".to_owned()), "{value}: {told:?}");
    }
    for value in NOT_CALLED {
        assert_eq!(told(value), ["?(a)"], "{value}");
    }
}

#[test]
fn what_may_only_fail_is_taken_to_succeed_unless_it_is_tried() {
    let told = |value: &str| {
        let home = format!("{{ nix.settings.max-jobs = {value}; imports = [ ./more.nix ]; }}");
        let (_, facts) = facts(&[("home.nix", &home), ("more.nix", "{ }")]);
        let setting = facts.settings.iter().find(|it| it.path == ["nix", "settings", "max-jobs"]);
        setting.and_then(|it| it.value.as_int())
    };
    let checks = "(map (n: if n < 9 then n else throw \"no\")";
    for strict in ["seq (builtins.head", "deepSeq (builtins.map (n: n)"] {
        let with =
            |numbers: &str, then: &str| format!("builtins.{strict} {checks} {numbers})) {then}");
        assert_eq!(told(&with("[ 1 ]", "3")), Some(3), "{strict}");
        let tried = |numbers: &str| {
            let tried = with(numbers, "true");
            format!("if (builtins.tryEval ({tried})).success then 4 else 2")
        };
        assert_eq!(told(&tried("[ 1 ]")), Some(4), "{strict}");
        assert_eq!(told(&tried("[ 9 ]")), Some(2), "{strict}");
    }
}
