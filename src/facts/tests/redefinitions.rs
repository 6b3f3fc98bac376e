//! What overlays define anew, what they are applied to, and what configurations install.

use super::facts;
use crate::facts::{AppliesTo, Installed, Redefinition};

/// Each redefinition as its dotted path, with `?` where it hangs on a condition.
fn redefinitions(files: &[(&str, &str)]) -> Vec<(String, AppliesTo)> {
    let shown = |one: &Redefinition| {
        let condition = if one.conditional { "?" } else { "" };
        (format!("{}{condition}", one.path.join(".")), one.applies_to.clone())
    };
    facts(files).1.redefinitions.iter().map(shown).collect()
}

fn of_overlay(body: &str) -> Vec<String> {
    let module = format!("{{ lib, ... }}: {{ nixpkgs.overlays = [ (final: prev: {body}) ]; }}");
    redefinitions(&[("home.nix", &module)]).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn what_is_made_from_its_previous_self_is_redefined() {
    for (body, expected) in [
        ("{ a = prev.a.override { x = 1; }; }", vec!["a"]),
        ("{ a = (prev.a.override { x = 1; }).overrideAttrs { y = 2; }; }", vec!["a"]),
        ("{ a = prev.b.override { x = 1; }; }", vec![]),
        ("{ a = prev.b; b = final.c; inherit (prev) c; }", vec![]),
        ("{ a = if final.x then prev.a.override { x = 1; } else prev.a; }", vec!["a?"]),
        ("lib.optionalAttrs final.x { a = prev.a.override { x = 1; }; }", vec!["a?"]),
        ("{ s = prev.s // { a = prev.s.a.override { x = 1; }; }; }", vec!["s.a"]),
        ("{ s = prev.s.overrideScope (f: p: { a = p.a.override { x = 1; }; }); }", vec!["s.a"]),
        (
            "{ python3 = prev.python3.override { packageOverrides = f: p: { a = p.a.override { x = 1; }; }; }; }",
            vec!["python3Packages.a"],
        ),
        ("{ h = prev.h.override (old: { overrides = old.overrides; }); }", vec![]),
    ] {
        assert_eq!(of_overlay(body), expected, "{body}");
    }
}

#[test]
fn an_overlay_is_of_the_set_it_is_applied_to() {
    let overlay = ("overlay.nix", "final: prev: { a = prev.a.override { x = 1; }; }");
    let configuration = |binding: &str| {
        format!(
            "{{ outputs = {{ nixpkgs, ... }}: let {binding} = import nixpkgs {{ overlays = [ (import \
             ./overlay.nix) ]; }}; in {{ packages.x = {binding}.hello; }}; }}"
        )
    };
    for (binding, expected) in [
        ("pkgs", AppliesTo::Configurations),
        ("pkgsFor", AppliesTo::Configurations),
        ("tuned", AppliesTo::Separate("tuned".to_owned())),
    ] {
        let flake = configuration(binding);
        let found = redefinitions(&[overlay, ("flake.nix", &flake)]);
        assert_eq!(found, vec![("a".to_owned(), expected)], "{binding}");
    }
    assert_eq!(redefinitions(&[overlay]), vec![("a".to_owned(), AppliesTo::Unknown)]);
}

#[test]
fn packages_are_installed_by_lists_and_options() {
    let module = "{ lib, pkgs, config, ... }: {
      home.packages = with pkgs; [ a (b.override { x = 1; }) ]
        ++ lib.optionals config.x [ c ] ++ lib.optionals false [ d ] ++ config.more;
      programs.p.package = pkgs.wrapFirefox pkgs.e { };
    }";
    let shown = |one: &Installed| {
        let marks = [(one.changed, "*"), (one.conditional, "?")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        format!("{}{marks}", one.package.name())
    };
    let (_, facts) = facts(&[("home.nix", module)]);
    let mut found: Vec<String> = facts.installed.iter().map(shown).collect();
    found.retain(|name| name != "wrapFirefox");
    assert_eq!(found, ["a", "b*", "c?", "e"]);
}
