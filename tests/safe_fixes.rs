//! Safe fixes change no derivation: the showcase, evaluated by real Nix against a stand-in for
//! nixpkgs before and after `--fix`, makes the same packages; and so do random configurations.

#[path = "safe_fixes/fixed.rs"]
mod fixed;
#[path = "properties/generator.rs"]
mod generator;
#[path = "harness/mod.rs"]
mod harness;
#[path = "safe_fixes/random.rs"]
mod random;
#[path = "harness/shrinking.rs"]
mod shrinking;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use frugix::analysis::{Analyzer, FixRequest, all_wanted};
use frugix::config::Config;
use frugix::lint::{Applicability, Selectors};
use frugix::rules;
use frugix::source::{Discovery, FileId, Tree};
use serde_json::Value as Json;

use fixed::{identifiers, written};

/// Files of the showcase that are overlays taking the hardware profile.
const OVERLAYS: &str = "overlays";

/// Files of the showcase that are home-manager modules making packages.
const MODULES: &[&str] = &["", "mcp-servers", "modules", "modules/agents"];

#[test]
fn safe_fixes_of_the_showcase_change_no_derivation() {
    let Some(()) = nix() else { return };
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let tree = Tree::open(&fixture, &Discovery::default()).expect("the fixture");
    let config = Config::load(&fixture.join("frugix.toml")).expect("its configuration");
    let mut analyzer = Analyzer::new(config, rules::ALL, &Selectors::default()).expect("rules");
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|_: FileId| true,
        fixable: &|_| true,
        wanted: &all_wanted,
    };
    let outcome = analyzer.fix(&tree, &request);
    assert!(outcome.changed.len() > 10, "the showcase has much to fix");

    let scratch = tempfile::tempdir().expect("a temporary folder");
    let before = written(&tree, &scratch.path().join("before"));
    let after = written(&outcome.tree, &scratch.path().join("after"));
    let names = identifiers(&tree);
    let (old, new) = (evaluated(&before, &names, None), evaluated(&after, &names, Some(&before)));
    assert!(old["overlays"].as_object().is_some_and(|overlays| overlays.len() > 5));
    for kind in ["overlays", "modules"] {
        for (file, old) in old[kind].as_object().expect("files") {
            assert_eq!(*old, new[kind][file], "{file} makes other packages after a safe fix");
        }
    }
}

/// Whether Nix is here; panics where it must be and is not.
fn nix() -> Option<()> {
    let installed = Command::new("nix-instantiate").arg("--version").output().is_ok();
    let required = std::env::var("FRUGIX_REQUIRE_NIX").is_ok_and(|value| value == "1");
    assert!(installed || !required, "FRUGIX_REQUIRE_NIX=1, but nix-instantiate is not installed");
    if !installed {
        eprintln!("skipped: nix-instantiate is not installed");
    }
    installed.then_some(())
}

/// What the files of `root` make. The attributes of overlays that count are those of `reference`.
fn evaluated(root: &Path, names: &BTreeSet<String>, reference: Option<&Path>) -> Json {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let names: String = names.iter().map(|name| format!(" \"{name}\"")).collect();
    let made = |root: &Path| {
        format!(
            "(import {stub} {{ names = [{names} ]; library = {library}; profile = {profile}; files = {{ overlays = {{{overlays} }}; modules = {{{modules} }}; }}; }})",
            stub = tests.join("safe_fixes/stub.nix").display(),
            library = tests.join("oracle/library.nix").display(),
            profile = root.join("profiles/hardware/shoshin.nix").display(),
            overlays = files(root, OVERLAYS),
            modules = MODULES.iter().map(|folder| files(root, folder)).collect::<String>(),
        )
    };
    let reference = made(reference.unwrap_or(root));
    let made = made(root);
    let expression = format!(
        "let made = {made}; in {{ overlays = made.overlays {reference}.overlayNames; inherit (made) modules; }}"
    );
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let file = scratch.path().join("question.nix");
    fs::write(&file, expression).expect("a file");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json"])
        .arg(&file)
        .env("NIX_STORE_DIR", scratch.path().join("store"))
        .env("NIX_STATE_DIR", scratch.path().join("state"))
        .env("NIX_LOG_DIR", scratch.path().join("log"))
        .output()
        .expect("nix-instantiate");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The files of a folder, as attributes of a Nix set.
fn files(root: &Path, folder: &str) -> String {
    let mut paths: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "nix"))
        .filter(|path| !path.ends_with("flake.nix"))
        .collect();
    paths.sort();
    let attribute = |path: &PathBuf| {
        let name = path.strip_prefix(root).expect("inside").display().to_string();
        format!(" \"{name}\" = {};", path.display())
    };
    paths.iter().map(attribute).collect()
}
