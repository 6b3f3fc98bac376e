//! Settings of the editor, which are those of `frugix.toml`.

use serde_json::{Value, json};

use crate::EMPTY_OVERRIDE;
use crate::client::{Client, pulling, pushed, tree};

/// What an editor can do that is asked for its settings.
fn asked() -> Value {
    let mut capabilities = pulling();
    capabilities["workspace"]["configuration"] = json!(true);
    capabilities
}

#[test]
fn options_at_the_start_are_laid_over_the_file() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let options = json!({ "ignore": ["needless-override"], "severity": null });
    let mut client = Client::start_with(folder.path(), pulling(), options, Value::Null);
    client.open("a.nix");
    assert_eq!(client.findings("a.nix").len(), 0);

    let settings = json!({ "frugix": { "severity": { "needless-override": "error" } } });
    client.say("workspace/didChangeConfiguration", json!({ "settings": settings }));
    assert_eq!(client.finding("a.nix", "needless-override")["severity"], 1);
    client.stop();
}

#[test]
fn an_editor_is_asked_for_its_settings_and_again_when_they_change() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let settings = json!({ "ignore": ["needless-override"] });
    let mut client = Client::start_with(folder.path(), asked(), Value::Null, settings);
    let times = |client: &Client| {
        client.heard.iter().filter(|(method, _)| method == "workspace/configuration").count()
    };
    client.wait_until(|client| times(client) == 1);
    client.open("a.nix");
    assert_eq!(client.findings("a.nix").len(), 0);

    client.settings = json!({});
    client.say("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.wait_until(|client| times(client) == 2);
    assert_eq!(client.findings("a.nix").len(), 1);
    client.stop();
}

#[test]
fn a_setting_that_means_nothing_is_told_of() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let options = json!({ "igmore": [] });
    let mut client = Client::start_with(folder.path(), pushed(), options, Value::Null);
    client.open("a.nix");
    client.wait_until(|client| client.heard.iter().any(|(said, _)| said == "window/showMessage"));
    let (_, said) = client.heard.pop().expect("a message");
    let message = said["message"].as_str().expect("a text");
    assert!(message.contains("the editor's setting") && message.contains("igmore"), "{message}");
    client.stop();
}

#[test]
fn what_may_go_is_shown_as_unnecessary() {
    let unused = "# frugix: ignore[cpu-over-budget]\n{ }\n";
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), ("b.nix", unused)]);
    let mut capabilities = pulling();
    capabilities["textDocument"]["diagnostic"]["tagSupport"] = json!({ "valueSet": [1, 2] });
    let mut client = Client::start(folder.path(), capabilities);
    client.open("b.nix");
    assert_eq!(client.finding("b.nix", "unused-suppression")["tags"], json!([1]));
    client.stop();
}

#[test]
fn the_first_analysis_shows_that_it_takes_a_while() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
    let mut capabilities = pulling();
    capabilities["window"] = json!({ "workDoneProgress": true });
    let mut client = Client::start(folder.path(), capabilities);
    client.open("a.nix");
    client.findings("a.nix");
    client.findings("a.nix");
    let said: Vec<&str> = client
        .heard
        .iter()
        .filter(|(method, _)| method.contains("rogress"))
        .map(|(method, params)| params["value"]["kind"].as_str().unwrap_or(method))
        .collect();
    assert_eq!(said, ["window/workDoneProgress/create", "begin", "end"]);
    client.stop();
}
