//! The command line as a shell sees it: exit codes, streams, and what lands on disk.

mod shell;

use std::fs;
use std::io::{Read, Write};
use std::process::{Output, Stdio};

use serde_json::Value;
use shell::{code, frugix, tree};
use tempfile::TempDir;

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    frugix(folder.path(), arguments).output().expect("the command starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

fn with_input(folder: &TempDir, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = frugix(folder.path(), arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    child.stdin.take().expect("an input").write_all(input).expect("the input is taken");
    child.wait_with_output().expect("the command ends")
}

/// Asserts that the command line is refused, and says why in these words.
fn assert_refused(output: &Output, words: &str) {
    assert_eq!(code(output), 2, "{}", stderr(output));
    assert_eq!(stdout(output), "");
    assert!(stderr(output).contains(words), "{}", stderr(output));
}

#[test]
fn a_clean_tree_exits_with_0_and_says_what_was_checked() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let output = run(&folder, &["lint"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("No findings. 1 file checked in "));
    assert_eq!(stderr(&output), "");
    assert_eq!(code(&run(&folder, &["check", "home.nix"])), 0);
    assert_eq!(stdout(&run(&folder, &["lint", "--quiet"])), "");
}

#[test]
fn mistakes_on_the_command_line_exit_with_2() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let refused = |arguments: &[&str], words: &str| {
        assert_refused(&run(&folder, arguments), words);
    };
    refused(&["lint", "missing.nix"], "cannot open missing.nix");
    refused(&["lint", "home.nix", "missing"], "cannot open missing");
    refused(&["lint", "--frobnicate"], "--frobnicate");
    refused(&["lint", "--output-format", "xml"], "json-lines");
    refused(&["lint", "--select", "no-such-rule"], "no-such-rule");
    refused(&["lint", "--severity", "no-such-rule"], "RULE=LEVEL");
    refused(&["lint", "--root", "/nonexistent-root"], "/nonexistent-root");
    refused(&["lint", "--config", "missing.toml"], "missing.toml");
    refused(&["lint", "--config", "budget.tolernce=2"], "did you mean `tolerance`?");
    refused(&["lint", "--fix", "--fixable", "no-such-rule"], "no-such-rule");
    refused(&["lint", "-", "home.nix"], "stands alone");
    refused(&["lint", "home.nix", "--stdin-filename", "x.nix"], "--stdin-filename");
    refused(&["lint", "--output-file", "no/such/folder/out"], "no/such/folder/out");
    refused(&[], "Usage");
}

#[test]
fn a_mistake_in_the_configuration_exits_with_2_and_is_pointed_at() {
    let folder = tree(&[("home.nix", "{ }\n"), ("frugix.toml", "ignore = []\nselekt = []\n")]);
    let output = run(&folder, &["lint"]);
    assert_refused(&output, "frugix.toml:2:1: unknown key `selekt`; did you mean `select`?");
    assert_eq!(code(&run(&folder, &["lint", "--isolated"])), 0);
    let rule = tree(&[("home.nix", "{ }\n"), ("frugix.toml", "select = [\"no-such-rule\"]\n")]);
    assert_refused(&run(&rule, &["lint"]), "frugix.toml:1:11: ");
}

/// Whoever finds out of them: the reader of the file, the choice of rules, the tables of knowledge.
#[test]
fn every_mistake_in_the_configuration_is_told() {
    let text = "selekt = []\nignore = [\"no-such-rule\", \"overide\"]\n[budget]\ntolerance = 0\n\
                [knowledge.cashes]\n[knowledge.caches]\nforget = { cache = [\"no-such-cache\"] }\n\
                [severity]\nzramm = \"info\"\n";
    let folder = tree(&[("home.nix", "{ }\n"), ("frugix.toml", text)]);
    for command in ["lint", "audit", "budget", "config"] {
        let arguments = [command, "--config", "budjet=1"];
        let output = run(&folder, &arguments);
        assert_refused(&output, "error: ");
        let told = stderr(&output);
        let place = |line: &str| {
            let (_, place) = line.split_once("error: ")?;
            let place = place.rsplit_once("frugix.toml:").map_or(place, |(_, place)| place);
            Some(place.split(": ").next().unwrap_or_default().to_owned())
        };
        let places: Vec<Option<String>> = told.lines().map(place).collect();
        let expected = ["1:1", "2:11", "2:27", "4:13", "5:12", "7:21", "9:1", "--config budjet=1"];
        assert_eq!(places, expected.map(|place| Some(place.to_owned())), "{command}: {told}");
    }
}

#[test]
fn a_syntax_error_is_a_finding() {
    let folder = tree(&[("home.nix", "{ a = ; }\n"), ("other.nix", "{ }\n")]);
    let output = run(&folder, &["lint", "--output-format", "concise"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("home.nix:1:7: error[syntax-error] "));
    assert_eq!(code(&run(&folder, &["lint", "other.nix"])), 0);
    assert_eq!(code(&run(&folder, &["lint", "--exit-zero"])), 0);
    assert_eq!(code(&run(&folder, &["lint", "--fail-on", "never"])), 0);
}

#[test]
fn a_file_that_is_no_text_is_a_finding() {
    let folder = tree(&[("other.nix", "{ }\n")]);
    fs::write(folder.path().join("home.nix"), b"{ a = \"\xff\"; }").expect("a file is written");
    let output = run(&folder, &["lint", "--output-format", "concise"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("home.nix:1:1: error[unreadable-file] "));
}

#[cfg(unix)]
#[test]
fn what_is_left_out_is_told_once_where_it_was_asked_for() {
    let elsewhere = tree(&[("secret.nix", "{ }\n")]);
    let folder = tree(&[("home.nix", "{ }\n"), ("links/other.nix", "{ }\n")]);
    let link = folder.path().join("links/leak.nix");
    std::os::unix::fs::symlink(elsewhere.path().join("secret.nix"), link).expect("a link is made");
    let output = run(&folder, &["lint", "--output-format", "concise"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (1, ""));
    let told = "links/leak.nix:1:1: error[unreadable-file] this file is a link to ";
    assert!(stdout(&output).starts_with(told), "{}", stdout(&output));
    assert!(stdout(&output).contains("Found 1 error. 2 files checked"), "{}", stdout(&output));
    assert_eq!(code(&run(&folder, &["lint", "links"])), 1);
    assert_eq!(code(&run(&folder, &["lint", "home.nix"])), 0);
    let ignored = run(&folder, &["lint", "--ignore", "unreadable-file"]);
    assert_eq!((code(&ignored), stderr(&ignored).as_str()), (0, ""));
    let shown = run(&folder, &["lint", "--show-files"]);
    assert!(stderr(&shown).contains("links/leak.nix is a link to "), "{}", stderr(&shown));
}

#[test]
fn shown_files_are_those_under_the_paths() {
    let folder = tree(&[
        ("home.nix", "{ }"),
        ("overlays/a.nix", "{ }"),
        (".config/nixpkgs/b.nix", "{ }"),
        ("ignored/c.nix", "{ }"),
        (".gitignore", "ignored/\n"),
        ("README.md", ""),
    ]);
    let files = |arguments: &[&str]| stdout(&run(&folder, arguments));
    assert_eq!(
        files(&["lint", "--show-files"]),
        ".config/nixpkgs/b.nix\nhome.nix\noverlays/a.nix\n"
    );
    assert_eq!(files(&["lint", "--show-files", "overlays"]), "overlays/a.nix\n");
    assert_eq!(files(&["lint", "--show-files", "ignored"]), "ignored/c.nix\n");
    assert_eq!(
        files(&["lint", "--show-files", "--exclude", "overlays/"]),
        ".config/nixpkgs/b.nix\nhome.nix\n"
    );
    let excluded = ["lint", "--show-files", "--exclude", "overlays/", "overlays/a.nix"];
    assert_eq!(files(&excluded), "overlays/a.nix\n");
    assert_eq!(files(&[&excluded[..], &["--force-exclude"]].concat()), "");
    let none = run(&folder, &["lint", "README.md"]);
    assert_eq!(code(&none), 0);
    assert!(stderr(&none).contains("no Nix files"), "{}", stderr(&none));
}

#[test]
fn paths_in_several_trees_are_checked_in_one_run() {
    let one = tree(&[("a.nix", "{ }")]);
    let two = tree(&[("b.nix", "{ }")]);
    let other = two.path().to_str().expect("a path in Unicode");
    let output = run(&one, &["lint", "a.nix", other, "a.nix"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("2 files checked"), "{}", stdout(&output));
}

#[test]
fn json_is_json_even_when_there_is_nothing() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    assert_eq!(stdout(&run(&folder, &["lint", "--output-format", "json"])), "[]\n");
    assert_eq!(stdout(&run(&folder, &["lint", "--output-format", "json-lines"])), "");
    let statistics = run(&folder, &["lint", "--output-format", "json", "--statistics"]);
    assert_eq!(stdout(&statistics), "[]\n");
    let by_environment = frugix(folder.path(), &["lint"])
        .env("FRUGIX_OUTPUT_FORMAT", "json")
        .output()
        .expect("the command starts");
    assert_eq!(stdout(&by_environment), "[]\n");
}

#[test]
fn findings_can_go_to_a_file() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let arguments = ["lint", "--output-format", "json", "--output-file", "out.json"];
    let output = run(&folder, &arguments);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
    let written = fs::read_to_string(folder.path().join("out.json")).expect("the file is there");
    assert_eq!(written, "[]\n");
}

#[test]
fn standard_input_stands_in_for_a_file_and_is_given_back() {
    let folder = tree(&[("home.nix", "{ old = true; }\n")]);
    let arguments = ["lint", "-", "--stdin-filename", "home.nix", "--fix"];
    let input = "\u{feff}{ new = true; }\r\n";
    let output = with_input(&folder, &arguments, input.as_bytes());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output), input);
    let on_disk = fs::read_to_string(folder.path().join("home.nix")).expect("the file is there");
    assert_eq!(on_disk, "{ old = true; }\n");
    // The file need not exist, nor need the text have a name.
    for arguments in [&["lint", "-", "--stdin-filename", "new/x.nix"][..], &["lint", "-"]] {
        assert_eq!(code(&with_input(&folder, arguments, b"{ }")), 0);
    }
    assert_refused(&with_input(&folder, &["lint", "-"], b"\xff"), "standard input");
}

#[test]
fn a_clean_tree_has_no_diff_and_nothing_to_fix() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let output = run(&folder, &["lint", "--diff", "--unsafe-fixes"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
    for option in ["--fix", "--fix-only"] {
        let output = run(&folder, &["lint", option, "--exit-non-zero-on-fix"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
}

#[test]
fn every_rule_is_listed_and_explained() {
    let folder = tree(&[]);
    let output = run(&folder, &["rules", "--format", "json"]);
    assert_eq!(code(&output), 0);
    let rules: Vec<Value> = serde_json::from_str(&stdout(&output)).expect("an array");
    let table = stdout(&run(&folder, &["rules"]));
    assert_eq!(table.lines().count(), rules.len());
    for rule in &rules {
        let id = rule["id"].as_str().expect("a name");
        assert!(table.contains(id));
        let explained = run(&folder, &["explain", id]);
        assert_eq!(code(&explained), 0);
        assert!(stdout(&explained).starts_with(&format!("{id}\n")));
        // A letter too many is still understood.
        let misspelt = format!("{id}x");
        assert_refused(&run(&folder, &["explain", &misspelt]), &format!("did you mean `{id}`?"));
    }
    assert_refused(&run(&folder, &["explain", "qqqqqqqq"]), "there is no rule `qqqqqqqq`");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let colours = |arguments: &[&str], variable: Option<&str>| {
        let mut command = frugix(folder.path(), arguments);
        if let Some(name) = variable {
            command.env(name, "1");
        }
        let output = command.output().expect("the command starts");
        stderr(&output).contains('\u{1b}')
    };
    let failing = |options: &[&'static str]| [&["lint", "missing"], options].concat();
    assert!(!colours(&failing(&[]), None));
    assert!(colours(&failing(&["--color", "always"]), None));
    assert!(colours(&failing(&["--color", "always"]), Some("NO_COLOR")));
    assert!(colours(&failing(&[]), Some("CLICOLOR_FORCE")));
    assert!(!colours(&failing(&["--color", "never"]), Some("CLICOLOR_FORCE")));
    assert!(!colours(&failing(&[]), Some("NO_COLOR")));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let names: Vec<String> = (0..5000).map(|number| format!("{number:0>60}.nix")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "{ }")).collect();
    let folder = tree(&files);
    let mut child = frugix(folder.path(), &["lint", "--show-files"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut first = [0; 64];
    let mut pipe = child.stdout.take().expect("an output");
    pipe.read_exact(&mut first).expect("some output");
    drop(pipe);
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}

#[test]
fn escapes_in_a_name_do_not_reach_the_terminal() {
    let folder = tree(&[("evil\u{1b}[31m.nix", "{ }")]);
    let output = run(&folder, &["lint", "--show-files", "--color", "always"]);
    assert_eq!(stdout(&output), "evil\\u{1b}[31m.nix\n");
    let output = run(&folder, &["lint", "missing\u{1b}]0;owned\u{7}"]);
    assert_refused(&output, "missing\\u{1b}]0;owned\\u{7}");
}

#[test]
fn more_is_said_on_request() {
    let folder = tree(&[("home.nix", "{ }\n")]);
    let output = run(&folder, &["lint", "--verbose"]);
    assert!(stderr(&output).contains("configured by"), "{}", stderr(&output));
    assert!(stderr(&output).contains("frugix.toml"));
}

#[test]
fn shells_and_manuals_know_the_command_line() {
    let folder = tree(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&folder, &["completions", shell]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(stdout(&output).contains("unsafe-fixes"), "{shell}");
    }
    let page = stdout(&run(&folder, &["man"]));
    assert!(page.contains(".TH frugix 1") && page.contains("frugix\\-lint"), "{page}");
    let page = stdout(&run(&folder, &["man", "lint"]));
    assert!(page.contains("unsafe\\-fixes"), "{page}");
    assert_refused(&run(&folder, &["man", "lnt"]), "there is no command `lnt`");
}

/// Neither may be taken for all that there is to say of the tree.
#[test]
fn audit_and_budget_say_what_they_could_not_look_at() {
    let folder = tree(&[("home.nix", "{ a = 1 }\n")]);
    for command in ["audit", "budget"] {
        let told = stderr(&run(&folder, &[command]));
        assert!(told.contains("warning: home.nix could not be looked at; "), "{command}: {told}");
    }
    fs::write(folder.path().join("other.nix"), b"\xff").expect("a file is written");
    let told = stderr(&run(&folder, &["audit"]));
    assert!(told.contains("warning: 2 files could not be looked at, "), "{told}");
    let clean = tree(&[("home.nix", "{ }\n")]);
    assert_eq!(stderr(&run(&clean, &["audit"])), "");
}
