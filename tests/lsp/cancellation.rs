//! Work that nobody waits for any more.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::client::{Client, pulling, pushed, shoshin, tree};
use crate::{PROFILE, SETTINGS};

/// How many modules the slow tree has, and how hard each of them is to evaluate.
const MODULES: usize = 24;
const DEPTH: u32 = 19;

const TOP: &str = "top.nix";

/// A tree that takes seconds to evaluate, and a file of it with a finding.
fn slow_tree() -> TempDir {
    let module = format!(
        "{{ pkgs, ... }}:\nlet f = n: if n < 2 then n else f (n - 1) + f (n - 2); in\n{{\n  \
         nix.settings.max-jobs = f {DEPTH};\n}}\n"
    );
    let names: Vec<String> = (0..MODULES).map(|number| format!("m{number}.nix")).collect();
    let imports: Vec<String> = names.iter().map(|name| format!("./{name}")).collect();
    let imports = imports.join(" ");
    let top = format!(
        "{{ pkgs, ... }}:\n{{\n  imports = [ {imports} ];\n  home.packages = [ (pkgs.fd.override {{ \
         }}) ];\n}}\n"
    );
    let flake = "{\n  outputs = { nixpkgs, ... }: {\n    nixosConfigurations.box = \
                 nixpkgs.lib.nixosSystem { modules = [ ./top.nix ]; };\n  };\n}\n";
    let mut files = vec![(TOP, top.as_str()), ("flake.nix", flake)];
    files.extend(names.iter().map(|name| (name.as_str(), module.as_str())));
    tree(&files)
}

/// How long a first look at the tree takes, and what is found in its top file.
fn unhurried(folder: &TempDir) -> (Duration, Vec<serde_json::Value>) {
    let mut client = Client::start(folder.path(), pulling());
    client.open(TOP);
    let start = Instant::now();
    let found = client.findings(TOP);
    let took = start.elapsed();
    client.stop();
    (took, found)
}

#[test]
fn a_running_analysis_is_given_up_when_something_changes() {
    let folder = slow_tree();
    let (took, found) = unhurried(&folder);
    assert!(!found.is_empty() && took > Duration::from_millis(400), "not slow: {took:?}");

    let mut client = Client::start(folder.path(), pulling());
    let text = client.open(TOP);
    let document = json!({ "textDocument": { "uri": client.uri(TOP) } });
    let running = client.request("textDocument/diagnostic", document.clone());
    thread::sleep(took / 8);
    client.change(TOP, 2, &format!("# changed\n{text}"));
    let changed = Instant::now();
    let error = client.response(&running).response_result.expect_err("it is given up");
    let stopped = changed.elapsed();
    assert_eq!(error.code, -32802);
    assert_eq!(error.data, Some(json!({ "retriggerRequest": true })));
    assert!(stopped < took / 3, "given up after {stopped:?}, of {took:?} in all");

    // What is not about findings is told that the document is another.
    let position = json!({ "line": 1, "character": 0 });
    let params = json!({ "textDocument": document["textDocument"], "position": position });
    let hover = client.request("textDocument/hover", params);
    thread::sleep(took / 8);
    client.change(TOP, 3, &text);
    let error = client.response(&hover).response_result.expect_err("it is given up");
    assert_eq!(error.code, -32801);

    let places = |found: Vec<serde_json::Value>| -> Vec<_> {
        found.iter().map(|found| (found["range"].clone(), found["message"].clone())).collect()
    };
    let left = "what was given up has left something behind";
    assert_eq!(places(client.findings(TOP)), places(found), "{left}");
    client.stop();
}

#[test]
fn what_is_sent_unasked_is_about_the_newest_text() {
    let folder = slow_tree();
    let mut client = Client::start(folder.path(), pushed());
    let text = client.open(TOP);
    thread::sleep(Duration::from_millis(50));
    for version in 2..6 {
        client.change(TOP, version, &format!("# {version}\n{text}"));
        thread::sleep(Duration::from_millis(20));
    }
    client.wait_until(|client| !client.published.is_empty());
    assert_eq!(client.published[TOP]["version"], 5);
    client.stop();
}

#[test]
fn a_document_that_is_none_of_ours_disturbs_nobody() {
    let folder = slow_tree();
    let mut client = Client::start(folder.path(), pulling());
    client.open(TOP);
    client.open_as("Cargo.toml", "[package]\n");
    let document = json!({ "textDocument": { "uri": client.uri(TOP) } });
    let running = client.request("textDocument/diagnostic", document);
    thread::sleep(Duration::from_millis(50));
    client.change("Cargo.toml", 2, "[package]\nname = 1\n");
    client.response(&running).response_result.expect("it is answered");
    client.stop();
}

#[test]
fn a_newer_change_makes_older_work_pointless() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    let text = client.open(PROFILE);
    // The first is being worked on while the others come in.
    let document = json!({ "textDocument": { "uri": client.uri(PROFILE) } });
    let first = client.request("textDocument/diagnostic", document.clone());
    let second = client.request("textDocument/diagnostic", document.clone());
    let third = client.request("textDocument/hover", json!({}));
    client.change(PROFILE, 2, &text);
    let last = client.request("textDocument/diagnostic", document);
    let _ = client.response(&first);
    let second = client.response(&second).response_result;
    let third = client.response(&third).response_result;
    // Where the machine is quick, the second may have been done before the change came.
    if let Err(error) = second {
        assert_eq!(error.code, -32802);
        assert_eq!(error.data, Some(json!({ "retriggerRequest": true })));
        assert_eq!(third.expect_err("outdated as well").code, -32801);
    }
    client.response(&last).response_result.expect("the newest state is told");
    client.stop();
}

#[test]
fn what_is_cancelled_is_answered_at_once() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open(PROFILE);
    let document = json!({ "textDocument": { "uri": client.uri(PROFILE) } });
    let id = client.request("textDocument/diagnostic", document);
    client.say("$/cancelRequest", json!({ "id": 2 }));
    let error = client.response(&id).response_result.expect_err("a refusal");
    assert_eq!(error.code, -32800);
    // And not answered again.
    client.finding(SETTINGS, "cpu-over-budget");
    client.stop();
}
