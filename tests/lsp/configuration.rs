//! `frugix.toml` while somebody is writing it, and the folders and hosts that it speaks of.

use std::fs;

use serde_json::{Value, json};

use crate::EMPTY_OVERRIDE;
use crate::client::{Client, pulling, pushed, tree};

const CONFIG: &str = "frugix.toml";

fn range(line: u32, start: u32, end: u32) -> Value {
    let place = |character: u32| json!({ "line": line, "character": character });
    json!({ "start": place(start), "end": place(end) })
}

#[test]
fn mistakes_in_an_unsaved_configuration_are_underlined() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let mut client = Client::start(folder.path(), pulling());
    client.open("a.nix");
    assert_eq!(client.findings("a.nix").len(), 1);
    client.open(CONFIG);
    assert_eq!(client.findings(CONFIG), [] as [Value; 0]);
    for (version, (text, place, says)) in [
        ("# ä\nignore = [\"needless-overide\"]\n", range(1, 10, 28), "did you mean"),
        ("igmore = []\n", range(0, 0, 6), "did you mean `ignore`?"),
        ("[budget]\ntolerance = \"much\"\n", range(1, 12, 18), "must be a number"),
        ("ignore = [\n", range(0, 9, 10), "not valid TOML"),
    ]
    .into_iter()
    .enumerate()
    {
        client.change(CONFIG, version as i32 + 2, text);
        let found = client.findings(CONFIG);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(found[0]["severity"], 1);
        assert_eq!(found[0]["source"], "frugix");
        let message = found[0]["message"].as_str().expect("a message");
        assert!(message.contains(says), "{message}");
        assert!(!message.contains(CONFIG), "the place is shown: {message}");
        // A text that is not valid has no certain place.
        if !says.contains("TOML") {
            assert_eq!(found[0]["range"], place, "{text}");
        }
        // Meanwhile, what it said last holds, and nobody is disturbed.
        assert_eq!(client.findings("a.nix").len(), 1);
    }
    assert!(client.heard.iter().all(|(method, _)| method != "window/showMessage"));

    client.heard.clear();
    client.change(CONFIG, 9, "ignore = [\"needless-override\"]\n");
    assert_eq!(client.findings(CONFIG), [] as [Value; 0]);
    assert!(client.heard.iter().any(|(method, _)| method == "workspace/diagnostic/refresh"));
    assert_eq!(client.findings("a.nix"), [] as [Value; 0]);

    // Once the buffer is gone, the file on disk counts.
    let document = json!({ "uri": client.uri(CONFIG) });
    client.say("textDocument/didClose", json!({ "textDocument": document }));
    assert_eq!(client.findings("a.nix").len(), 1);
    client.stop();
}

#[test]
fn a_tree_that_cannot_be_looked_at_is_complained_of_once() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), (CONFIG, "igmore = []\n")]);
    let other = tree(&[("b.nix", EMPTY_OVERRIDE)]);
    let mut client = Client::start(folder.path(), pulling());
    let uri = format!("file://{}", other.path().canonicalize().expect("a folder").display());
    let event = json!({ "added": [{ "uri": uri, "name": "other" }], "removed": [] });
    client.say("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.open("a.nix");
    // Each refused request would be shown to the user once more.
    assert_eq!(client.findings("a.nix"), [] as [Value; 0]);
    let anywhere = json!({ "range": range(0, 0, 0) });
    assert_eq!(client.actions("a.nix", &anywhere, None), [] as [Value; 0]);
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let found = report["items"].as_array().expect("a list");
    assert!(
        found.iter().any(|item| item["uri"].as_str().is_some_and(|uri| uri.ends_with("b.nix"))),
        "{found:?}"
    );
    let complaints = client.heard.iter().filter(|(method, _)| method == "window/showMessage");
    assert_eq!(complaints.count(), 1);

    client.open(CONFIG);
    assert_eq!(client.findings(CONFIG).len(), 1);
    client.change(CONFIG, 2, "ignore = []\n");
    assert_eq!(client.findings(CONFIG), [] as [Value; 0]);
    assert!(client.heard.iter().any(|(method, _)| method == "workspace/diagnostic/refresh"));
    assert_eq!(client.findings("a.nix").len(), 1);
    client.stop();
}

#[test]
fn every_mistake_is_underlined_where_it_is() {
    let text = "extend = \"far.toml\"\nigmore = []\nselect = [\"overide\", 1]\n\
                [knowledge.cashes]\n[budget]\ntolerance = \"much\"\n";
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), ("far.toml", "max-chain = \"long\"\n")]);
    let mut client = Client::start(folder.path(), pulling());
    client.open_as(CONFIG, text);
    let found = client.findings(CONFIG);
    let lines: Vec<&Value> = found.iter().map(|item| &item["range"]["start"]["line"]).collect();
    assert_eq!(lines, [1, 2, 3, 5], "{found:#?}");
    // The file that it extends is not open; whoever looks at all files sees it there.
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = report["items"].as_array().expect("a list");
    let far =
        items.iter().find(|item| item["uri"].as_str().is_some_and(|uri| uri.ends_with("far.toml")));
    let far = far.unwrap_or_else(|| panic!("{items:#?}"));
    assert_eq!(far["items"][0]["range"], range(0, 12, 18));
    client.stop();
}

#[test]
fn an_editor_that_does_not_ask_is_sent_them() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let mut client = Client::start(folder.path(), pushed());
    client.open_as(CONFIG, "fail-on = 3\n");
    client.wait_until(|client| client.published.contains_key(CONFIG));
    let told = &client.published[CONFIG];
    assert_eq!(told["diagnostics"][0]["range"], range(0, 10, 11));
    assert_eq!(told["version"], 1);
    client.change(CONFIG, 2, "fail-on = \"info\"\n");
    client.wait_until(|client| client.published[CONFIG]["diagnostics"] == json!([]));
    client.wait_until(|client| client.published.contains_key("a.nix"));
    client.stop();
}

#[test]
fn a_configuration_that_is_not_saved_yet_makes_its_folder_a_tree() {
    let folder = tree(&[("inner/a.nix", EMPTY_OVERRIDE)]);
    let mut client = Client::start(folder.path(), pulling());
    client.open("inner/a.nix");
    assert_eq!(client.findings("inner/a.nix").len(), 1);
    client.open_as("inner/frugix.toml", "ignore = [\"needless-override\"]\n");
    assert_eq!(client.findings("inner/a.nix"), [] as [Value; 0]);
    client.stop();
}

#[test]
fn folders_come_and_go() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let other = tree(&[("b.nix", EMPTY_OVERRIDE)]);
    let other = other.path().canonicalize().expect("a folder");
    let mut client = Client::start(folder.path(), pulling());
    let uri = format!("file://{}", other.display());
    let of_folder = json!([{ "uri": uri, "name": "other" }]);
    let mut found = |event: Option<Value>| {
        if let Some(event) = event {
            client.say("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
        }
        let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
        let items = report["items"].as_array().expect("a list").clone();
        let names = items.iter().map(|item| {
            let uri = item["uri"].as_str().expect("an address");
            uri.rsplit('/').next().expect("a name").to_owned()
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    assert_eq!(found(None), ["a.nix"]);
    assert_eq!(found(Some(json!({ "added": of_folder, "removed": [] }))), ["a.nix", "b.nix"]);
    assert_eq!(found(Some(json!({ "added": [], "removed": of_folder }))), ["a.nix"]);
    client.stop();
}

#[test]
fn a_finding_names_the_hosts_that_it_concerns() {
    let host = |name: &str, threads: u32| format!("[host.{name}]\nthreads = {threads}\n");
    let module = "{\n  nix.settings = {\n    max-jobs = 8;\n    cores = 8;\n  };\n}\n";
    let flake = "{\n  outputs = { nixpkgs, ... }: {\n    nixosConfigurations.small = \
                 nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };\n    \
                 nixosConfigurations.tiny = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; \
                 };\n    nixosConfigurations.large = nixpkgs.lib.nixosSystem { modules = [ \
                 ./common.nix ]; };\n  };\n}\n";
    let folder = tree(&[("common.nix", module), ("flake.nix", flake)]);
    let config = host("small", 8) + &host("tiny", 4) + &host("large", 128);
    fs::write(folder.path().join(CONFIG), config).expect("a file is written");
    let mut client = Client::start(folder.path(), pulling());
    client.open("common.nix");
    let found = client.findings("common.nix");
    let of_rule = |found: &&Value| found["code"] == "cpu-over-budget";
    let messages: Vec<&str> = (found.iter().filter(of_rule))
        .filter_map(|found| found["message"].as_str()?.lines().last())
        .collect();
    let all = messages.join("; ");
    assert!(all.contains("small") && all.contains("tiny") && !all.contains("large"), "{found:#?}");
    client.stop();
}
