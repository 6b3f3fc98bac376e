//! Our own flake, package and module: real Nix evaluates them against a stand-in for nixpkgs, and
//! frugix has nothing to say about them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const FILES: [&str; 3] = ["flake.nix", "package.nix", "nix/home-manager.nix"];

/// What Nix makes of an expression; `None` where there is no Nix, unless `FRUGIX_REQUIRE_NIX=1`.
fn evaluated(expression: &str) -> Option<Value> {
    let installed = Command::new("nix-instantiate").arg("--version").output().is_ok();
    let required = std::env::var("FRUGIX_REQUIRE_NIX").is_ok_and(|value| value == "1");
    assert!(installed || !required, "FRUGIX_REQUIRE_NIX=1, but nix-instantiate is not installed");
    if !installed {
        eprintln!("skipped: nix-instantiate is not installed");
        return None;
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--expr", expression])
        .env("NIX_STORE_DIR", scratch.path().join("store"))
        .env("NIX_STATE_DIR", scratch.path().join("state"))
        .env("NIX_LOG_DIR", scratch.path().join("log"))
        .output()
        .expect("nix-instantiate");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn nix_evaluates_the_flake_and_the_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).display();
    let made = evaluated(&format!("import {root}/tests/packaging/stub.nix {{ root = {root}; }}"));
    let expected = json!({
        "package": "frugix",
        "version": env!("CARGO_PKG_VERSION"),
        "sources": 5,
        "overlay": "frugix",
        "shell": 6,
        "home": { "packages": ["given"] },
        "default": "frugix",
    });
    assert_eq!(made.unwrap_or_else(|| expected.clone()), expected);
}

/// What stands between fences that name `language` in the guide for Nix.
fn snippets(language: &str) -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/nix.md");
    let guide = fs::read_to_string(guide).expect("the guide is read");
    let fence = format!("```{language}\n");
    let blocks = guide.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect()
}

#[test]
fn nix_evaluates_the_snippets_of_the_guide() {
    let snippets = snippets("nix");
    assert_eq!(snippets.len(), 4, "{snippets:?}");
    let list: String = snippets.iter().map(|snippet| format!("({snippet})\n")).collect();
    let made = evaluated(&format!(
        "let frugix = \"/frugix\"; pkgs.stdenv.hostPlatform.system = \"s\"; inputs.frugix = {{ \
         packages.s.default = frugix; homeManagerModules.default = \"module\"; }}; in [ {list} ]"
    ));
    let Some(made) = made else { return };
    assert_eq!(made[0], "/frugix");
    assert_eq!(made[1]["hooks"]["frugix"]["entry"], "/frugix/bin/frugix lint");
    assert_eq!(made[1]["hooks"]["frugix"]["require_serial"], true);
    let formatter = &made[2]["settings"]["formatter"]["frugix"];
    assert_eq!(formatter["command"], "/frugix/bin/frugix");
    assert_eq!(
        made[3],
        json!({ "imports": ["module"], "programs": { "frugix": { "enable": true } } })
    );
    // The same, for those without treefmt-nix.
    let own = snippets_of_treefmt();
    for key in ["options", "includes"] {
        assert_eq!(own[key], formatter[key]);
    }
}

fn snippets_of_treefmt() -> Value {
    let [snippet] = snippets("toml").try_into().expect("one snippet of TOML");
    let table: toml::Table = snippet.parse().expect("TOML");
    serde_json::to_value(&table["formatter"]["frugix"]).expect("JSON")
}

/// As treefmt calls it: with files, from the root of the tree, and 0 is what it must exit with.
#[test]
fn treefmt_gets_files_fixed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bad = "final: prev: {\n  hi = prev.hello.override { };\n  no = prev.chromium.override { proprietaryCodecs = false; };\n}\n";
    fs::write(folder.path().join("overlay.nix"), bad).expect("a file is written");
    let options = snippets_of_treefmt()["options"].clone();
    let options = options.as_array().expect("options").iter().filter_map(Value::as_str);
    let output = Command::new(env!("CARGO_BIN_EXE_frugix"))
        .current_dir(folder.path())
        .args(options)
        .arg("overlay.nix")
        .output()
        .expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let fixed = fs::read_to_string(folder.path().join("overlay.nix")).expect("a file is read");
    assert_eq!(fixed, bad.replace("hello.override { }", "hello"));
}

#[test]
fn frugix_has_nothing_to_say_about_its_own_flake() {
    let output = Command::new(env!("CARGO_BIN_EXE_frugix"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["lint", "--fail-on", "info"])
        .args(FILES)
        .output()
        .expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
