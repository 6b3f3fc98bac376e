//! What several configurations compute in the same way is computed once, and only that: each has the
//! values that it has by itself, however many are evaluated together.

use super::words::{files, fixtures};
use super::*;
use crate::eval::Limits;
use crate::source::Discovery;

/// Takes more than a thousand steps, and comes to nothing.
const LONG: &str = "builtins.foldl' (sum: x: sum + x - x) 0 (builtins.genList (x: x + 1) 400)";

/// A flake with three hosts, each with what `module` says with its number for `HOST`; `LONG` is a long
/// computation.
fn hosts(module: &str, helper: &str) -> Vec<(&'static str, String)> {
    let written = |text: &str| text.replace("LONG", &format!("({LONG})"));
    let host = |number: u32| {
        let module = written(module).replace("HOST", &number.to_string());
        format!(
            "nixosConfigurations.h{number} = nixpkgs.lib.nixosSystem {{ \
               specialArgs = {{ number = {number}; }}; \
               modules = [ ./shared.nix ({{ config, lib, pkgs, number, ... }}: {module}) ]; }};"
        )
    };
    let hosts: String = (1..=3).map(host).collect();
    let shared = "{ lib, config, ... }: { options.my.number = lib.mkOption { default = 0; }; }";
    vec![
        ("flake.nix", format!("{{ outputs = {{ self, nixpkgs }}: {{ {hosts} }}; }}")),
        ("shared.nix", shared.to_owned()),
        ("helper.nix", written(helper)),
    ]
}

/// The facts of `files`, with the configurations evaluated in so many groups.
fn in_groups(groups: usize, files: &[(&str, String)], limits: Limits) -> (Tree, Facts) {
    let tree = Tree::in_memory(Path::new("/tree"), files.iter().map(|(path, it)| (*path, &**it)));
    let lowered = super::words::files(&tree, None);
    let program = Program::new(&tree, &lowered).within(limits);
    let facts = Session::in_groups(groups).collect(program, Knowledge::builtin());
    (tree, facts)
}

/// `nix.settings.cores` of each host.
fn cores(files: &[(&str, String)]) -> Vec<(String, ValueKind)> {
    let (_, facts) = in_groups(1, files, Limits::USUAL);
    let cores = facts.settings_at(&["nix", "settings", "cores"]);
    cores.map(|it| (it.host.clone().unwrap_or_default(), it.value.kind.clone())).collect()
}

/// Ways by which what differs between hosts gets into what takes long: a module, and a helper that it
/// imports. Each host has its own number for its cores.
const DIFFERENT: [(&str, &str); 13] = [
    ("{ nix.settings.cores = LONG + number; }", "1"),
    (
        "{ nix.settings.cores = (import ./helper.nix { base = HOST; }).cores; }",
        "{ base }: { cores = LONG + base; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { base = HOST; }).cores; }",
        "{ base }: let c = LONG + base; in { cores = c; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit number; }).cores; }",
        "{ number }: rec { cores = LONG + step; step = number; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { add = x: x + HOST; }).cores; }",
        "{ add }: { cores = add LONG; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { it = { n = [ HOST ]; }; }).cores; }",
        "{ it }: { cores = LONG + builtins.head it.n; }",
    ),
    ("let own = { base = HOST; }; in { nix.settings.cores = with own; LONG + base; }", "1"),
    ("{ my.number = HOST; nix.settings.cores = LONG + config.my.number; }", "1"),
    (
        "{ my.number = HOST; nix.settings.cores = (import ./helper.nix { inherit config; }).cores; }",
        "{ config }: { cores = LONG + config.my.number; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix).of HOST; }",
        "rec { of = n: let sum = LONG + down n 0; in sum; down = n: by: if n == 0 then by else down (n - 1) (by + 1); }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit lib; pick = { n }: n; }) { n = HOST; }; }",
        "{ lib, pick }: args: let long = LONG + pick args; in long",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix // { base = HOST; }).make { base = HOST; }; }",
        "{ base = 9; make = { base, ... }: let long = LONG + base; in long; }",
    ),
    (
        "let table = { a = HOST; b = 5; }; in { nix.settings.cores = (import ./helper.nix table).cores; }",
        "table: { cores = LONG + (builtins.removeAttrs table [ \"b\" ]).a; }",
    ),
];

#[test]
fn what_differs_is_not_shared() {
    for (module, helper) in DIFFERENT {
        let expected = [1, 2, 3].map(|number| (format!("h{number}"), ValueKind::Int(number)));
        assert_eq!(cores(&hosts(module, helper)), expected, "{module} {helper}");
    }
}

#[test]
fn what_is_written_in_several_places_keeps_them() {
    let module = "{ nix.settings.cores = (import ./helper.nix { base = 1; }).cores; }";
    let (_, facts) =
        in_groups(1, &hosts(module, "{ base }: { cores = LONG + base; }"), Limits::USUAL);
    let cores = facts.settings_at(&["nix", "settings", "cores"]);
    let written: Vec<_> = cores.map(|it| it.value.sources().last().copied()).collect();
    assert_eq!(written.len(), 3);
    assert!(written[0] != written[1] && written[1] != written[2], "{written:?}");
}

/// How what is the same in every host is led to.
const SAME: [(&str, &str); 6] = [
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit lib; }).cores; }",
        "{ lib }: { cores = LONG + lib.length [ 1 ]; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit lib pkgs; }).cores; }",
        "{ lib, pkgs ? null }: let c = LONG + 1; in { cores = c; }",
    ),
    (
        "let helper = import ./helper.nix { inherit lib; }; in { nix.settings.cores = helper.cores; }",
        "{ lib }: rec { cores = add LONG; add = x: x + one; one = 1; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit lib; }).cores; }",
        "{ lib }: let down = n: if n == 0 then 0 else down (n - 1); in { cores = LONG + down 9 + 1; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { inherit lib; }).cores; }",
        "{ lib }: { cores = with lib; LONG + length [ 1 ]; }",
    ),
    (
        "{ nix.settings.cores = (import ./helper.nix { lib = lib; list = [ 1 ]; }).cores; }",
        "{ lib, list }: { cores = LONG + lib.length list; }",
    ),
];

#[test]
fn what_is_the_same_is_computed_once() {
    for (module, helper) in SAME {
        let expected = [1, 2, 3].map(|number| (format!("h{number}"), ValueKind::Int(1)));
        let files = hosts(module, helper);
        assert_eq!(cores(&files), expected, "{module} {helper}");
        let (together, apart) = (values_needed(1, &files), values_needed(3, &files));
        assert!(together < 2 * apart, "{module} {helper}: {together} values, {apart} for one host");
    }
}

/// How many values an evaluator must be allowed to keep, with the configurations in so many groups.
fn values_needed(groups: usize, files: &[(&str, String)]) -> usize {
    let is_enough = |values: usize| {
        let (_, facts) = in_groups(groups, files, Limits { values, ..Limits::USUAL });
        facts.given_up.is_empty()
    };
    let (mut too_few, mut enough) = (0, 100_000);
    assert!(is_enough(enough));
    while enough - too_few > 50 {
        let middle = usize::midpoint(too_few, enough);
        if is_enough(middle) { enough = middle } else { too_few = middle }
    }
    enough
}

#[test]
fn what_is_found_does_not_depend_on_what_is_evaluated_together() {
    for folder in fixtures() {
        let tree = Tree::open(&folder, &Discovery::default()).unwrap();
        let files = files(&tree, None);
        let told = |groups| {
            let program = Program::new(&tree, &files);
            format!("{:#?}", Session::in_groups(groups).collect(program, Knowledge::builtin()))
        };
        let apart = told(8);
        for groups in [1, 2] {
            assert_eq!(told(groups), apart, "{} in {groups}", folder.display());
        }
    }
}
