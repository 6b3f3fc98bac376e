//! A configuration cannot make evaluation loop or eat the machine's memory, through any of the ways
//! that frugix takes into it. What is evaluated besides is still understood.

use std::fs;
use std::time::Duration;

use super::folder;
use super::program::{end, frugix};

/// The most memory that a run may take, in KiB. Two million remembered values take 300 MiB.
const MOST_MEMORY: u64 = 700_000;

/// Sets in sets, each naming the one below ten times: a billion of them.
fn billion_laughs(leaf: &str) -> String {
    let level = |number: usize| {
        let names: String = (0..10).map(|name| format!("a{name} = l{number}; ")).collect();
        format!("l{} = {{ {names}}}; ", number + 1)
    };
    let levels: String = (0..30).map(level).collect();
    format!("let l0 = {leaf}; {levels} in l30")
}

const OVERLAYS: &[&str] = &[
    "final: prev: { a = final.a; b = final.c; c = final.b; }",
    "final: prev: final",
    "final: prev: prev // final",
    "final: prev: { hello = final.hello.override { x = final.hello; }; }",
    "final: prev: { hello = final.hello.overrideAttrs (old: { a = final.hello.a; b = old.b or final.hello; }); }",
    "final: prev: { a = prev.lib.fix (self: self // { b = self.b; }); }",
    "final: prev: import ./overlay.nix final prev",
    "final: prev: (import ./overlay.nix final (prev // final)).pkgs or final",
    "final: prev: { pkgs = import prev.path { overlays = [ (import ./overlay.nix) ]; }; x = final.pkgs.pkgs.pkgs.x; }",
    "final: prev: { e = prev.extend (f: p: f.e.extend (import ./overlay.nix)); y = final.e.e.e; }",
    "final: prev: builtins.listToAttrs (builtins.genList (n: { name = \"p${toString n}\"; value = prev.hello.override { x = n; }; }) 1000000000)",
    "let o = final: prev: { n = final.n + 1; h = prev.hello.overrideAttrs (o final); }; in o",
    "final: prev: builtins.foldl' (set: n: set // { \"p${toString n}\" = prev.hello.override { x = set; }; }) { } (builtins.genList (x: x) 100000)",
];

const MODULES: &[&str] = &[
    "{ config, ... }: { nix.settings.cores = config.nix.settings.cores; }",
    "{ config, lib, ... }: { nix.settings = lib.mkMerge [ config.nix.settings { max-jobs = config.nix.settings.max-jobs + 1; } ]; }",
    "{ imports = [ ./home.nix ./home.nix ./a.nix ]; }",
    "args: { imports = [ (import ./home.nix) (import ./home.nix args) ]; }",
    "args: { imports = builtins.genList (n: ./home.nix) 1000000; nix.settings.cores = builtins.length (builtins.genList (x: x) 1000000000); }",
    "{ pkgs, ... }: let f = n: pkgs.hello.overrideAttrs (old: { x = f (n + 1); y = old.x; }); in { home.packages = [ (f 0) ]; }",
    "{ pkgs, ... }: { home.packages = builtins.genList (n: pkgs.hello.override { x = n; }) 10000000; }",
    "{ pkgs, ... }: { home.packages = builtins.concatMap (x: [ x x ]) (builtins.concatMap (x: builtins.genList (y: x) 100000) (builtins.genList (x: pkgs.brave.override { a = x; }) 100000)); }",
    "{ lib, ... }: lib.fix (self: { nix.settings.cores = self.nix.settings.cores; imports = [ self ]; })",
    "{ nix.settings.cores = let f = x: f x; in f 1; nix.settings.max-jobs = let x = x; in x; }",
];

fn assert_bounded(files: &[(&str, &str)]) {
    let bytes: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let folder = folder(&bytes);
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    let flake = "{ outputs = { self, nixpkgs, home-manager, ... }: { \
                 overlays.default = import ./overlay.nix; \
                 packages.x86_64-linux = (import nixpkgs { overlays = [ (import ./overlay.nix) ]; }); \
                 homeConfigurations.me = home-manager.lib.homeManagerConfiguration { \
                 pkgs = import nixpkgs { overlays = [ (import ./overlay.nix) (import ./overlay.nix) ]; }; \
                 modules = [ ./home.nix { nix.settings.max-jobs = 64; nix.settings.cores = 64; } ]; }; }; }";
    let put = |name: &str, text: &str| {
        if !files.iter().any(|(known, _)| *known == name) {
            fs::write(folder.path().join(name), text).expect("a file is written");
        }
    };
    put("flake.nix", flake);
    put("overlay.nix", "final: prev: { }");
    put("home.nix", "{ }");
    put("a.nix", "{ imports = [ ./home.nix ]; }");
    let child = frugix(folder.path(), &["lint", "--output-format", "concise"]).spawn();
    let child = child.expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut most = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(peak) = peak else { break };
            let kibibytes = peak.trim().trim_end_matches(" kB").parse().unwrap_or(0);
            most = most.max(kibibytes);
            std::thread::sleep(Duration::from_millis(5));
        }
        most
    });
    let ended = end(child);
    let most = watch.join().expect("the watch ends");
    let shown = files[0].1.chars().take(120).collect::<String>();
    assert_eq!(ended.code(), 1, "{shown}: {}", ended.stderr);
    assert!(ended.stdout.contains("witness.nix:1:9"), "{shown}: {}", ended.stdout);
    assert!(most < MOST_MEMORY, "{shown} takes {most} KiB");
}

#[test]
fn overlays_without_an_end() {
    for overlay in OVERLAYS {
        assert_bounded(&[("overlay.nix", overlay)]);
    }
}

#[test]
fn modules_without_an_end() {
    for module in MODULES {
        assert_bounded(&[("home.nix", module)]);
    }
}

#[test]
fn sets_that_grow_without_an_end() {
    for leaf in ["1", "{ }", "\"lol\"", "[ 1 2 ]"] {
        let laughs = billion_laughs(leaf);
        assert_bounded(&[("home.nix", &format!("{{ nix.settings = {laughs}; }}"))]);
    }
    let laughs = billion_laughs("final.hello.override { x = 1; }");
    assert_bounded(&[("overlay.nix", &format!("final: prev: {laughs}"))]);
    let all = "builtins.deepSeq x (builtins.toJSON x)";
    let module = format!("{{ nix.settings.cores = let x = {}; in {all}; }}", billion_laughs("1"));
    assert_bounded(&[("home.nix", &module)]);
}

/// Which limit was reached is told, always the same way, and what the setting changes.
#[test]
fn what_was_given_up_is_told() {
    for (value, setting) in [
        ("let f = n: 1 + f (n + 1); in f 0", "max-depth"),
        ("builtins.length (builtins.genList (x: x) 1000000000)", "max-elements"),
        (
            "builtins.stringLength (lib.foldl' (text: x: text + text) \"text\" (lib.genList (x: x) 40))",
            "max-text",
        ),
        (
            "lib.foldl' (sum: x: lib.foldl' (a: b: a + b) sum (lib.genList (y: y) 1000)) 0 (lib.genList (x: x) 100000)",
            "max-",
        ),
    ] {
        let text = format!("{{ lib, ... }}: {{ nix.settings.cores = {value}; }}\n");
        let folder = folder(&[("home.nix", text.as_bytes())]);
        fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
        let told = |jobs: &str| {
            let arguments = ["lint", "--output-format", "concise", "--jobs", jobs];
            end(frugix(folder.path(), &arguments).spawn().expect("the program starts")).stdout
        };
        let (one, other) = (told("1"), told("4"));
        let findings = |told: &str| -> Vec<String> {
            let findings = told.lines().filter(|line| line.contains("[evaluation-limit]"));
            findings.map(str::to_owned).collect()
        };
        assert_eq!(findings(&one), findings(&other));
        assert!(!findings(&one).is_empty(), "{value}: {one}");
        let says = |line: &String| line.starts_with("home.nix:1:") && line.contains(setting);
        assert!(findings(&one).iter().all(says), "{value}: {one}");
    }
}
