//! What facts say of small trees in the shapes that people write.

mod inspection;
mod joined;
mod kept;
mod let_go;
mod likeness;
mod modules;
mod mute;
mod redefinitions;
mod words;

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::eval::Program;
use crate::hir;
use crate::knowledge::Knowledge;
use crate::source::Tree;
use crate::syntax::parse;

fn facts(files: &[(&str, &str)]) -> (Tree, Facts) {
    let tree = Tree::in_memory(Path::new("/tree"), files.iter().copied());
    let lowered: Vec<_> = tree
        .files()
        .iter()
        .map(|file| {
            let parsed = parse(&tree.source(*file).unwrap().text).unwrap();
            assert!(parsed.errors().is_empty(), "{:?}", parsed.errors());
            Some(Arc::new(hir::lower(&parsed).into()))
        })
        .collect();
    let program = Program::new(&tree, &lowered);
    let facts = collect(program, Knowledge::builtin());
    (tree, facts)
}

/// Each override as `package(changes)`, with `?` where something is open.
fn overrides(files: &[(&str, &str)]) -> Vec<String> {
    let (_, facts) = facts(files);
    let shown = |site: &OverrideSite| {
        let package = site.package.as_ref().map_or("?".to_owned(), Package::name);
        let changes: Vec<&str> = site.changes.iter().map(|change| change.name.as_str()).collect();
        let condition = if site.call.condition.is_some() { " if" } else { "" };
        format!("{package}({}){}{condition}", changes.join(" "), if site.open { "…" } else { "" })
    };
    facts.overrides.iter().map(shown).collect()
}

#[test]
fn a_package_is_followed_through_every_form() {
    for (text, expected) in [
        ("{ pkgs, ... }: { x = pkgs.brave.override { a = 1; }; }", "brave(a)"),
        ("{ pkgs, ... }: with pkgs; [ (brave.override { a = 1; }) ]", "brave(a)"),
        ("{ pkgs, ... }: let inherit (pkgs) brave; in brave.override { a = 1; }", "brave(a)"),
        ("final: prev: { x = prev.brave.overrideAttrs (old: { a = old.a; }); }", "brave(a)"),
        ("final: prev: { x = prev.brave.overrideAttrs (final: prev: { a = 1; }); }", "brave(a)"),
        ("final: prev: { x = prev.brave.overrideAttrs (old: rec { a = 1; }); }", "brave(a)"),
        ("final: prev: { x = prev.brave.overrideAttrs { a = 1; }; }", "brave(a)"),
        (
            "final: prev: let f = old: { a = 1; }; in { x = prev.brave.overrideAttrs f; }",
            "brave(a)",
        ),
        ("self: super: { x = super.brave.override (old: { a = 1; }); }", "brave(a)"),
        ("{ pkgs, ... }: let o = p: p.override { a = 1; }; in [ (o pkgs.brave) ]", "brave(a)"),
        ("{ pkgs, lib, ... }: map (p: p.override { a = 1; }) [ pkgs.brave ]", "brave(a)"),
        ("{ brave, lib, fetchurl }: brave.override { a = 1; }", "brave(a)"),
        (
            "{ inputs, pkgs, ... }: inputs.nixpkgs.legacyPackages.${pkgs.system}.brave.override { a = 1; }",
            "brave(a)",
        ),
        (
            "{ pkgs, lib, c, ... }: pkgs.brave.override (lib.optionalAttrs c.x { a = 1; })",
            "brave(a)",
        ),
    ] {
        let found = overrides(&[("home.nix", text)]);
        if text.contains("map (") {
            assert!(found.len() <= 1, "{text}");
        } else {
            assert_eq!(found, [expected], "{text}");
        }
    }
}

#[test]
fn chains_are_two_overrides_of_one_package() {
    let text = "final: prev: { x = (prev.brave.override { a = 1; }).overrideAttrs { b = 2; }; }";
    assert_eq!(overrides(&[("o.nix", text)]), ["brave(b)", "brave(a)"]);
}

#[test]
fn helpers_are_reported_at_their_use() {
    let text = "final: prev: let o = p: p.overrideAttrs { a = 1; }; in {\n  x = o prev.btop;\n  y = o prev.lz4;\n}";
    let (tree, facts) = facts(&[("o.nix", text)]);
    let lines: Vec<u32> = facts
        .overrides
        .iter()
        .map(|site| {
            let at = site.call.reported_at();
            tree.source(at.file).unwrap().position(at.range.start()).line
        })
        .collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn conditions_are_decided_where_they_can_be() {
    let module = |condition: &str| {
        format!(
            "{{ pkgs, lib, config, ... }}: let on = false; in {{ x = if {condition} then pkgs.brave.override {{ a = 1; }} else null; }}"
        )
    };
    assert!(overrides(&[("home.nix", &module("on"))]).is_empty());
    assert_eq!(overrides(&[("home.nix", &module("!on"))]), ["brave(a)"]);
    assert_eq!(overrides(&[("home.nix", &module("config.on"))]), ["brave(a) if"]);
    let optional =
        "{ pkgs, lib, ... }: { x = lib.optional false (pkgs.brave.override { a = 1; }); }";
    assert!(overrides(&[("home.nix", optional)]).is_empty());
}

#[test]
fn a_profile_reaches_an_overlay_and_a_module() {
    let files = [
        (
            "flake.nix",
            "{ outputs = { nixpkgs, home-manager, ... }: let hw = import ./hw.nix; in { homeConfigurations.\"me@box\" = home-manager.lib.homeManagerConfiguration { pkgs = import nixpkgs { overlays = [ (import ./o.nix hw) ]; }; modules = [ ./home.nix ]; extraSpecialArgs = { inherit hw; }; }; }; }",
        ),
        ("hw.nix", "{ build.parallelism = { maxJobs = 4; maxCores = 8; }; }"),
        (
            "o.nix",
            "hw: final: prev: { btop = prev.btop.overrideAttrs { J = hw.build.parallelism.maxJobs; }; }",
        ),
        (
            "home.nix",
            "{ hw, lib, ... }: { imports = [ ./sub ]; nix.settings.max-jobs = lib.mkDefault hw.build.parallelism.maxJobs; }",
        ),
        (
            "sub/default.nix",
            "{ hw ? { }, lib, ... }: { nix.settings.cores = lib.mkIf (hw.build.parallelism.maxJobs > 2) hw.build.parallelism.maxCores; }",
        ),
    ];
    let (tree, facts) = facts(&files);
    assert_eq!(facts.overrides[0].changes[0].value.as_int(), Some(4));
    let settings: Vec<_> = facts
        .settings
        .iter()
        .map(|setting| {
            let literal = setting.value.literal.unwrap();
            (
                setting.path.join("."),
                setting.value.as_int(),
                setting.host.as_deref(),
                tree.path(literal.file).display().to_string(),
            )
        })
        .collect();
    let expected =
        |path: &str, value: i64| (path.to_owned(), Some(value), Some("box"), "hw.nix".to_owned());
    assert_eq!(settings, [expected("nix.settings.max-jobs", 4), expected("nix.settings.cores", 8)]);
    assert_eq!(facts.profiles.len(), 1);
}

#[test]
fn derivations_keep_their_attributes() {
    let text = "{ pkgs, ... }: let inherit (pkgs) rustPlatform; in [ (rustPlatform.buildRustPackage rec { pname = \"a\"; meta = with pkgs.lib; { timeout = 1; }; }) (pkgs.stdenv.mkDerivation (finalAttrs: { name = \"b\"; })) ((pkgs.buildGoModule.override { go = pkgs.go_1_24; }) { pname = \"c\"; }) ]";
    let (_, facts) = facts(&[("home.nix", text)]);
    let found: Vec<_> = facts
        .derivations
        .iter()
        .map(|site| (site.builder.last().unwrap().as_str(), site.name.as_deref(), site.open))
        .collect();
    assert_eq!(
        found,
        [
            ("buildRustPackage", Some("a"), false),
            ("mkDerivation", Some("b"), false),
            ("buildGoModule", Some("c"), false)
        ]
    );
    assert!(facts.derivations[0].attribute("meta").unwrap().inner("timeout").is_some());
    assert!(facts.overrides.is_empty());
}

#[test]
fn nix_conf_text_is_settings() {
    let text = "{ hw, ... }: let p = { jobs = 4; }; in { home.file.\".config/nix/nix.conf\".text = ''\n  max-jobs = ${toString p.jobs}\n  cores = 8\n''; }";
    let (tree, facts) = facts(&[("home.nix", text)]);
    let found: Vec<_> = facts
        .settings
        .iter()
        .map(|setting| {
            let literal = setting.value.literal.unwrap();
            (
                setting.path[2].as_str(),
                setting.value.as_int(),
                tree.source(literal.file).unwrap().slice(literal.range).to_owned(),
            )
        })
        .collect();
    assert_eq!(found, [("max-jobs", Some(4), "4".to_owned()), ("cores", Some(8), "8".to_owned())]);
}

#[test]
fn overlay_entries_tell_identity_from_choice() {
    let text = "final: prev: { a = prev.a; b = if true then prev.b else prev.c; inherit (prev) d; e = final.f; g = prev.g.override { }; }";
    let (_, facts) = facts(&[("o.nix", text)]);
    let found: Vec<_> = facts
        .overlay_entries
        .iter()
        .map(|entry| {
            (entry.name.as_str(), entry.alias_of.is_some(), entry.from_previous, entry.redefines)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("a", true, true, false),
            ("b", false, true, false),
            ("d", true, true, false),
            ("e", true, false, false),
            ("g", false, false, true)
        ]
    );
}

#[test]
fn of_a_set_that_an_overlay_extends_nobody_knows_what_is_stock() {
    let origin_with = |overlay: &str| {
        let home = "{ pkgs, ... }: { nixpkgs.overlays = [ (import ./o.nix) ]; home.packages = [ (pkgs.vimPlugins.goyo.overrideAttrs { doCheck = false; }) ]; }";
        let (_, facts) = facts(&[("home.nix", home), ("o.nix", overlay)]);
        facts.overrides[0].package.clone().unwrap().origin
    };
    let extended = "final: prev: { vimPlugins = prev.vimPlugins.extend (import ./more.nix); }";
    assert_eq!(origin_with(extended), Origin::Unknown);
    let merged = "final: prev: { vimPlugins = prev.vimPlugins // { a = 1; }; }";
    assert_eq!(origin_with(merged), Origin::Unknown);
    let own = "final: prev: { vimPlugins = { goyo = final.stdenv.mkDerivation { }; }; }";
    assert_eq!(origin_with(own), Origin::Own);
    assert_eq!(origin_with("final: prev: { }"), Origin::Stock);
}

#[test]
fn options_of_the_tree_are_read_through_config() {
    let flake = "{ outputs = { nixpkgs, ... }: { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ./b.nix ./c.nix ]; }; }; }";
    let files = [
        ("flake.nix", flake),
        (
            "a.nix",
            "{ lib, ... }: { options.my = { jobs = lib.mkOption { default = 3; }; cores = lib.mkOption { default = 1; }; fast = lib.mkEnableOption \"x\"; }; }",
        ),
        (
            "b.nix",
            "{ config, lib, who, ... }: let cfg = config.my; in { config = lib.mkMerge [ { nix.settings.max-jobs = cfg.jobs; } (lib.mkIf cfg.fast { nix.settings.timeout = 1; }) (lib.mkIf (who == \"me\") { nix.settings.cores = cfg.cores; }) (lib.mkIf config.services.x.enable { nix.settings.fallback = true; }) ]; }",
        ),
        (
            "c.nix",
            "{ lib, ... }: { my.cores = lib.mkForce 6; my.cores = 2; _module.args.who = \"me\"; }",
        ),
    ];
    let files = files.map(|(path, text)| {
        (
            path,
            text.replace(
                "my.cores = lib.mkForce 6; my.cores = 2;",
                "my = lib.mkMerge [ { cores = lib.mkForce 6; } { cores = 2; } ];",
            ),
        )
    });
    let borrowed: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let (tree, facts) = facts(&borrowed);
    let found: Vec<_> = facts
        .settings
        .iter()
        .map(|setting| {
            let literal =
                setting.value.literal.map(|span| tree.path(span.file).display().to_string());
            (
                setting.path[2].as_str(),
                setting.value.as_int(),
                literal.unwrap_or_default(),
                setting.condition.is_some(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("max-jobs", Some(3), "a.nix".to_owned(), false),
            ("cores", Some(6), "c.nix".to_owned(), false),
            ("fallback", None, "b.nix".to_owned(), true),
        ]
    );
}
