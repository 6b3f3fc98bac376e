//! `frugix trace` as a shell sees it: what is told of places in `fixtures/shoshin`, for people and
//! for programs, and what is said of places that do not exist.
//!
//! The snapshots in `tests/snapshots` are read before they are accepted: each step in them must be
//! true of the tree. `INSTA_UPDATE=always cargo test --test trace` writes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn shoshin() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin")
}

fn trace(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).arg("trace").args(arguments).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.output().expect("the command starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command was not killed")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

/// `file:line:column` of the first `text` in a file of the fixture.
fn place(file: &str, text: &str) -> String {
    let whole = fs::read_to_string(shoshin().join(file)).expect("the file is in the fixture");
    let (before, _) = whole.split_once(text).unwrap_or_else(|| panic!("{file} has no {text}"));
    let line = before.lines().count() + usize::from(before.ends_with('\n'));
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{file}:{}:{column}", line.max(1))
}

/// The page for the first `text` in a file of the fixture.
fn page(file: &str, text: &str) -> String {
    let output = trace(&shoshin(), &[&place(file, text)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    stdout(&output)
}

#[test]
fn a_value_from_the_profile() {
    insta::assert_snapshot!("trace-jobs", page("mcp-servers/rust-custom.nix", "jobs;\n"));
}

#[test]
fn a_literal_of_the_profile() {
    let page = page("profiles/hardware/shoshin.nix", "maxJobs = 4");
    insta::assert_snapshot!("trace-literal", page);
}

#[test]
fn a_package() {
    insta::assert_snapshot!("trace-package", page("home.nix", "btop"));
}

#[test]
fn a_package_of_a_flake_input() {
    let page = page("flake.nix", "codex.packages.${system}.default");
    insta::assert_snapshot!("trace-input", page);
}

#[test]
fn a_package_that_the_tree_makes() {
    let page = page("mcp-servers/rust-custom.nix", "ck-search\n    mcp-server-filesystem\n");
    insta::assert_snapshot!("trace-own", page);
}

#[test]
fn an_override_in_a_helper_function() {
    let page = page("overlays/system-libs.nix", "optimizePackage prev.sqlite");
    insta::assert_snapshot!("trace-override", page);
}

#[test]
fn a_parameter_of_a_helper_function() {
    let page = page("overlays/rust-tier2-optimized.nix", "pkg:\n");
    insta::assert_snapshot!("trace-parameter", page);
}

#[test]
fn a_value_that_is_not_known() {
    let page = page("mcp-servers/default.nix", "config.xdg.stateHome");
    insta::assert_snapshot!("trace-unknown", page);
}

#[test]
fn programs_get_an_object() {
    let place = place("profiles/hardware/shoshin.nix", "maxCores = 8");
    let output = trace(&shoshin(), &[&place, "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    insta::assert_snapshot!("trace-json", stdout(&output));
    let object: Value = serde_json::from_str(&stdout(&output)).expect("the output is JSON");
    assert_eq!(object["values"][0]["value"], 8);
}

#[test]
fn a_line_is_enough() {
    let column = place("profiles/hardware/shoshin.nix", "maxJobs = 4");
    let (line, _) = column.rsplit_once(':').expect("a place has a column");
    assert_eq!(
        stdout(&trace(&shoshin(), &[line])),
        page("profiles/hardware/shoshin.nix", "maxJobs = 4")
    );
}

#[test]
fn places_that_do_not_exist_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [
        ("frugix.toml", "exclude = [\"old\"]\n"),
        ("home.nix", "{\n  a = 1;\n\n}\n"),
        ("wrong.nix", "{ a = ; }\n"),
        ("notes.txt", "a\n"),
        ("old/a.nix", "1\n"),
        ("sub/b.nix", "1\n"),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    let refused = |arguments: &[&str], words: &str| {
        let output = trace(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    };
    refused(&["home.nix"], "home.nix is no place; name it as FILE:LINE or FILE:LINE:COLUMN");
    refused(&["home.nix:0"], "is no place");
    refused(&["gone.nix:1"], "cannot open gone.nix");
    refused(&["home.nix:9"], "home.nix has 4 lines, and no line 9");
    refused(&["home.nix:5"], "home.nix has 4 lines, and no line 5");
    refused(&["home.nix:2:40"], "home.nix has 8 columns on line 2, and no column 40");
    refused(&["home.nix:3"], "no expression that begins on line 3");
    refused(&["wrong.nix:1:7"], "wrong.nix is not valid Nix: ");
    refused(&["notes.txt:1"], "notes.txt is not a Nix file");
    refused(&["sub:1"], "sub is a folder");
    refused(&["sub/b.nix:1", "--root", "old"], "sub/b.nix is not under the root ");
    refused(&["old/a.nix:1", "--force-exclude"], "old/a.nix is not in the tree");
    refused(&[], "FILE:LINE");
    assert_eq!(code(&trace(folder.path(), &["home.nix:2"])), 0);
}

#[test]
fn text_of_the_tree_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{\n  a = \"\u{1b}[31mred\u{202e}\"; # \u{1b}[2J\n}\n";
    fs::write(folder.path().join("home.nix"), text).expect("a file is written");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    let output = trace(folder.path(), &["home.nix:2"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("\\u{1b}[31mred\\u{202e}"), "{}", stdout(&output));
    assert!(!stdout(&output).contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn a_choice_tells_both_values() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ config, lib, ... }:\n{\n  a = lib.mkIf config.x (if config.y then 1 else lib.mkForce 2);\n}\n";
    fs::write(folder.path().join("home.nix"), text).expect("a file is written");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    let output = trace(folder.path(), &["home.nix:3"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    insta::assert_snapshot!("trace-choice", stdout(&output));
}
