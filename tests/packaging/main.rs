//! Our own flake, package and module: real Nix evaluates them against a stand-in for nixpkgs, and
//! frugix has nothing to say about them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const FILES: [&str; 3] = ["flake.nix", "package.nix", "nix/home-manager.nix"];

#[test]
fn nix_evaluates_the_flake_and_the_module() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = Command::new("nix-instantiate").arg("--version").output().is_ok();
    let required = std::env::var("FRUGIX_REQUIRE_NIX").is_ok_and(|value| value == "1");
    assert!(installed || !required, "FRUGIX_REQUIRE_NIX=1, but nix-instantiate is not installed");
    if !installed {
        eprintln!("skipped: nix-instantiate is not installed");
        return;
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let root = package.display();
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--expr"])
        .arg(format!("import {root}/tests/packaging/stub.nix {{ root = {root}; }}"))
        .env("NIX_STORE_DIR", scratch.path().join("store"))
        .env("NIX_STATE_DIR", scratch.path().join("state"))
        .env("NIX_LOG_DIR", scratch.path().join("log"))
        .output()
        .expect("nix-instantiate");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = json!({
        "package": "frugix",
        "version": env!("CARGO_PKG_VERSION"),
        "sources": 4,
        "overlay": "frugix",
        "shell": 6,
        "home": { "packages": ["given"] },
        "default": "frugix",
    });
    assert_eq!(made, expected);
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
