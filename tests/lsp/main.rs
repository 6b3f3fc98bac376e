//! The language server, asked as an editor would: in memory for every capability, and once over
//! real standard input and output.

mod actions;
mod cancellation;
mod client;
mod configuration;
mod emacs;
mod harmless;
mod hover;
mod independent;
mod inlay;
mod neovim;
mod odd;
mod provenance;
mod settings;
mod stdio;

use std::fs;

use frugix::lsp::Ending;
use serde_json::{Value, json};

use client::{Client, pulling, pushed, shoshin, tree};

const PROFILE: &str = "profiles/hardware/shoshin.nix";
const SETTINGS: &str = "hosts/shoshin/nixos/modules/common.nix";

/// An override that does nothing, which is taken out safely.
const EMPTY_OVERRIDE: &str =
    "{ pkgs, ... }:\n{\n  home.packages = [ (pkgs.fd.override { }) ];\n}\n";

#[test]
fn the_editor_and_the_server_agree_on_what_they_can_do() {
    let folder = tree(&[]);
    let client = Client::start(folder.path(), pulling());
    let offer = &client.greeting["capabilities"];
    assert_eq!(client.greeting["serverInfo"]["name"], "frugix");
    assert_eq!(offer["positionEncoding"], "utf-8");
    assert_eq!(offer["textDocumentSync"]["change"], 2);
    assert_eq!(offer["diagnosticProvider"]["interFileDependencies"], true);
    assert_eq!(offer["diagnosticProvider"]["workspaceDiagnostics"], true);
    client.stop();

    let client = Client::start(folder.path(), pushed());
    let offer = &client.greeting["capabilities"];
    assert_eq!(offer["positionEncoding"], "utf-16");
    assert_eq!(offer["diagnosticProvider"], Value::Null);
    client.stop();
}

#[test]
fn to_exit_without_a_shutdown_is_to_abandon() {
    let folder = tree(&[]);
    let client = Client::start(folder.path(), pulling());
    client.say("exit", Value::Null);
    assert_eq!(client.ending(), Ending::Abandoned);
}

#[test]
fn after_shutdown_nothing_is_answered() {
    let folder = tree(&[]);
    let mut client = Client::start(folder.path(), pulling());
    client.ask("shutdown", Value::Null);
    let id = client.request("textDocument/hover", json!({}));
    let error = client.response(&id).response_result.expect_err("a refusal");
    assert_eq!(error.code, -32600);
    client.say("exit", Value::Null);
    assert_eq!(client.ending(), Ending::Asked);
}

#[test]
fn what_makes_no_sense_is_refused_and_the_server_lives() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let mut client = Client::start(folder.path(), pulling());
    for (method, params, code) in [
        ("textDocument/hover", json!({ "position": 1 }), -32602),
        ("frugix/nothing", json!({}), -32601),
    ] {
        let id = client.request(method, params);
        let error = client.response(&id).response_result.expect_err("a refusal");
        assert_eq!(error.code, code, "{}", error.message);
    }
    client.say("textDocument/didChange", json!({ "nonsense": true }));
    client.open("a.nix");
    assert_eq!(client.findings("a.nix").len(), 1);
    client.stop();
}

#[test]
fn a_finding_tells_where_its_value_is_written() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open(SETTINGS);
    let finding = client.finding(SETTINGS, "cpu-over-budget");
    assert_eq!(finding["severity"], 2);
    assert_eq!(finding["source"], "frugix");
    assert_eq!(finding["range"]["start"], json!({ "line": 9, "character": 29 }));
    let message = finding["message"].as_str().expect("a message");
    assert!(message.starts_with("max-jobs × cores is 4 × 8 = 32 processes at once"), "{message}");
    let related = finding["relatedInformation"].as_array().expect("other places");
    let places: Vec<String> =
        related.iter().map(|related| client.path(&related["location"]["uri"])).collect();
    assert!(places.iter().any(|path| path == PROFILE), "{places:?}");
    let fixes = finding["data"]["fixes"].as_array().expect("fixes");
    assert_eq!(fixes[0]["applicability"], "safe");
    assert!(fixes[0]["edit"]["documentChanges"].is_array());
    let page = finding["codeDescription"]["href"].as_str().expect("a page");
    assert_eq!(page, frugix::report::rule_url("cpu-over-budget"));
    client.stop();
}

#[test]
fn an_unsaved_buffer_is_seen_by_findings_in_other_files() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open(SETTINGS);
    let profile = client.open(PROFILE);
    client.finding(SETTINGS, "cpu-over-budget");

    let calmer = profile.replace("maxJobs = 4;", "maxJobs = 3;");
    client.change(PROFILE, 2, &calmer);
    let finding = client.finding(SETTINGS, "cpu-over-budget");
    let message = finding["message"].as_str().expect("a message");
    assert!(message.contains("3 × 8 = 24"), "{message}");

    let calm = calmer.replace("maxJobs = 3;", "maxJobs = 1;");
    let calm = calm.replace("maxCores = 8;", "maxCores = 4;");
    client.change(PROFILE, 3, &calm);
    let rules: Vec<Value> =
        client.findings(SETTINGS).iter().map(|finding| finding["code"].clone()).collect();
    assert!(!rules.contains(&json!("cpu-over-budget")), "{rules:?}");

    // An editor that asks about the changed document only is told that the other's are out of date.
    client.change(PROFILE, 4, &profile);
    client.heard.clear();
    client.findings(PROFILE);
    let refresh = |client: &Client| {
        client.heard.iter().filter(|(method, _)| method == "workspace/diagnostic/refresh").count()
    };
    assert_eq!(refresh(&client), 1);
    client.findings(PROFILE);
    assert_eq!(refresh(&client), 1);
    client.change(PROFILE, 5, &calm);
    client.findings(PROFILE);
    assert_eq!(refresh(&client), 2);

    // Once the buffer is gone, the file on disk counts.
    let document = json!({ "uri": client.uri(PROFILE) });
    client.say("textDocument/didClose", json!({ "textDocument": document }));
    client.finding(SETTINGS, "cpu-over-budget");
    client.stop();
}

#[test]
fn findings_are_sent_to_an_editor_that_does_not_ask() {
    let folder = tree(&[
        ("default.nix", "{ pkgs, ... }: { imports = [ ./other.nix ]; }"),
        ("other.nix", EMPTY_OVERRIDE),
    ]);
    let mut client = Client::start(folder.path(), pushed());
    client.open("default.nix");
    // In the open document and in the file that is not.
    client.wait_until(|client| client.published.len() == 2);
    assert_eq!(client.published["default.nix"]["diagnostics"], json!([]));
    assert_eq!(client.published["default.nix"]["version"], 1);
    let found = &client.published["other.nix"]["diagnostics"];
    assert_eq!(found[0]["code"], "needless-override");
    assert_eq!(found[0]["relatedInformation"], Value::Null);

    client.open("other.nix");
    client.change("other.nix", 2, "{ }");
    client.wait_until(|client| client.published["other.nix"]["diagnostics"] == json!([]));
    assert_eq!(client.published["other.nix"]["version"], 2);
    client.stop();
}

#[test]
fn columns_are_counted_in_the_editors_unit() {
    let text = "{ pkgs, ... }: { a = \"ä𝄞\"; b = pkgs.fd.override { }; }";
    let folder = tree(&[("default.nix", text)]);
    let mut client = Client::start(folder.path(), pushed());
    client.open("default.nix");
    client.wait_until(|client| !client.published.is_empty());
    let start = &client.published["default.nix"]["diagnostics"][0]["range"]["start"];
    let before = &text[..text.find("pkgs.fd").expect("it is there")];
    assert_eq!(start["character"], before.encode_utf16().count());
    client.stop();
}

#[test]
fn the_whole_workspace_can_be_asked_about() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), ("b.nix", "{ }")]);
    let mut client = Client::start(folder.path(), pulling());
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = report["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!(client.path(&items[0]["uri"]), "a.nix");
    assert_eq!(items[0]["items"][0]["code"], "needless-override");

    let known = json!([{ "uri": items[0]["uri"], "value": items[0]["resultId"] }]);
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    assert_eq!(report["items"][0]["kind"], "unchanged");

    client.open_as("a.nix", "{ }");
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    assert_eq!(report["items"][0]["kind"], "full");
    assert_eq!(report["items"][0]["items"], json!([]));
    client.stop();
}

#[test]
fn files_that_change_on_disk_are_read_again() {
    let folder = tree(&[("a.nix", "{ }")]);
    let mut client = Client::start(folder.path(), pulling());
    client.wait_until(|client| !client.heard.is_empty());
    let (method, params) = &client.heard[0];
    assert_eq!(method, "client/registerCapability");
    let registration = &params["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let watchers = registration["registerOptions"]["watchers"].as_array().expect("patterns");
    for pattern in ["**/*.nix", "**/frugix.toml", "**/flake.lock"] {
        assert!(watchers.contains(&json!({ "globPattern": pattern })), "{watchers:?}");
    }
    assert_eq!(client.findings("a.nix").len(), 0);

    fs::write(folder.path().join("a.nix"), EMPTY_OVERRIDE).expect("a file is written");
    let change = json!({ "uri": client.uri("a.nix"), "type": 2 });
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    assert_eq!(client.findings("a.nix").len(), 1);
    assert!(client.heard.iter().any(|(method, _)| method == "workspace/diagnostic/refresh"));

    let config = "ignore = [\"needless-override\"]\n";
    fs::write(folder.path().join("frugix.toml"), config).expect("a file is written");
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(client.findings("a.nix").len(), 0);

    // What is wrong with the configuration is said once, and passes; what it said before holds.
    fs::write(folder.path().join("frugix.toml"), "ignore = 1\n").expect("a file is written");
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    for _ in 0..2 {
        assert_eq!(client.findings("a.nix").len(), 0);
    }
    let shown = client.heard.iter().filter(|(method, _)| method == "window/showMessage");
    let shown: Vec<&str> = shown.filter_map(|(_, params)| params["message"].as_str()).collect();
    assert!(matches!(shown.as_slice(), [only] if only.contains("frugix.toml:1")), "{shown:?}");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(client.findings("a.nix").len(), 1);
    client.stop();
}

#[test]
fn a_file_that_is_not_on_disk_yet_is_looked_at() {
    let folder = tree(&[(".gitignore", "ignored.nix\n"), ("ignored.nix", "{ }")]);
    let mut client = Client::start(folder.path(), pulling());
    client.open_as("new.nix", EMPTY_OVERRIDE);
    client.open_as("ignored.nix", EMPTY_OVERRIDE);
    assert_eq!(client.findings("new.nix").len(), 1);
    assert_eq!(client.findings("ignored.nix").len(), 1);
    fs::write(folder.path().join("frugix.toml"), "exclude = [\"ignored.nix\"]\n")
        .expect("a file is written");
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(client.findings("ignored.nix").len(), 0);
    client.stop();
}

#[test]
fn rules_are_explained_where_they_are_named_and_where_they_find() {
    let text = "{ pkgs, ... }:\n# frugix: ignore[missing-timeout]\n{ a = pkgs.fd.override { }; }\n";
    let folder = tree(&[("a.nix", text)]);
    let mut client = Client::start(folder.path(), pulling());
    client.open("a.nix");
    let document = json!({ "uri": client.uri("a.nix") });
    let mut hover = |line: u32, character: u32| {
        let position = json!({ "line": line, "character": character });
        client.ask("textDocument/hover", json!({ "textDocument": document, "position": position }))
    };
    let named = hover(1, 20);
    let shown = named["contents"]["value"].as_str().expect("a text");
    assert!(shown.starts_with("**missing-timeout** (timeout)\n\n"), "{shown}");
    assert_eq!(named["range"]["start"]["character"], 17);
    let found = hover(2, 14);
    let shown = found["contents"]["value"].as_str().expect("a text");
    assert!(shown.starts_with("**fd**: no change; stays in the cache\n"), "{shown}");
    assert!(shown.contains("\n\n---\n\n**needless-override** (override)\n\n"), "{shown}");
    assert!(shown.ends_with("`frugix explain needless-override` says more."), "{shown}");
    assert_eq!(hover(0, 0), Value::Null);
    client.stop();
}

#[test]
fn names_of_rules_are_completed_in_a_comment() {
    let folder = tree(&[("a.nix", "{ }\n")]);
    let mut client = Client::start(folder.path(), pulling());
    client.open_as("a.nix", "# frugix: ignore[needless-override, mis\n{ }\n");
    let mut complete = |line: u32, character: u32| {
        let document = json!({ "uri": client.uri("a.nix") });
        let position = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": document, "position": position });
        client.ask("textDocument/completion", params)
    };
    let items = complete(0, 39);
    let items = items.as_array().expect("a list");
    let item = items.iter().find(|item| item["label"] == "missing-timeout").expect("the rule");
    assert_eq!(item["textEdit"]["range"]["start"]["character"], 36);
    assert_eq!(item["textEdit"]["range"]["end"]["character"], 39);
    assert!(items.iter().any(|item| item["label"] == "override"), "groups are offered too");
    assert_eq!(complete(1, 1), Value::Null);
    client.stop();
}
