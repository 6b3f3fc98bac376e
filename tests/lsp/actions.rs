//! What the editor offers to do about findings.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, pulling, shoshin, tree};
use crate::{EMPTY_OVERRIDE, PROFILE, SETTINGS, stdio};

#[test]
fn a_quick_fix_edits_where_the_value_is_written() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open(SETTINGS);
    let profile = client.open(PROFILE);
    let finding = client.finding(SETTINGS, "cpu-over-budget");
    let actions = client.actions(SETTINGS, &finding, Some("quickfix"));
    let preferred = actions.iter().find(|action| action["isPreferred"] == true);
    let preferred = preferred.expect("a safe fix");
    assert_eq!(preferred["kind"], "quickfix");
    assert_eq!(preferred["diagnostics"][0], finding);
    assert_eq!(preferred["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    let texts = BTreeMap::from([(PROFILE.to_owned(), profile)]);
    let after = client.edited(&preferred["edit"], &texts);
    client.change(PROFILE, 2, &after[PROFILE]);
    let left = client.findings(SETTINGS);
    assert!(left.iter().all(|finding| finding["code"] != "cpu-over-budget"), "{left:#?}");
    client.stop();
}

#[test]
fn an_unsafe_fix_says_why() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open("chromium.nix");
    let finding = client.finding("chromium.nix", "browser-source-build");
    let actions = client.actions("chromium.nix", &finding, None);
    let of_it = |action: &&Value| action["diagnostics"][0]["code"] == "browser-source-build";
    let fix = actions.iter().find(of_it).expect("a fix");
    let title = fix["title"].as_str().expect("a title");
    assert!(title.contains(" (unsafe: "), "{title}");
    assert_eq!(fix["isPreferred"], Value::Null);
    assert!(fix["edit"]["documentChanges"].is_array());
    client.stop();
}

#[test]
fn a_finding_can_be_ignored_by_a_comment() {
    for (title, comment) in [
        ("Ignore needless-override here", "  # frugix: ignore[needless-override]"),
        ("Ignore needless-override in this file", "# frugix: ignore-file[needless-override]"),
    ] {
        let folder = tree(&[("a.nix", EMPTY_OVERRIDE)]);
        let mut client = Client::start(folder.path(), pulling());
        let text = client.open("a.nix");
        let finding = client.finding("a.nix", "needless-override");
        let actions = client.actions("a.nix", &finding, None);
        let action = actions.iter().find(|action| action["title"] == title).expect("the action");
        let after = client.edited(&action["edit"], &BTreeMap::from([("a.nix".to_owned(), text)]));
        assert!(after["a.nix"].lines().any(|line| line == comment), "{}", after["a.nix"]);
        client.change("a.nix", 2, &after["a.nix"]);
        assert_eq!(client.findings("a.nix"), [] as [Value; 0]);
        client.stop();
    }
}

#[test]
fn to_fix_all_is_to_fix_as_the_command_line_does() {
    for path in ["flake.nix", "overlays/system-libs.nix", "mcp-servers/go-custom.nix"] {
        let folder = shoshin();
        let mut client = Client::start(folder.path(), pulling());
        let text = client.open(path);
        let anywhere = json!({ "range": { "start": { "line": 0, "character": 0 },
            "end": { "line": 0, "character": 0 } } });
        let actions = client.actions(path, &anywhere, Some("source.fixAll"));
        assert_eq!(actions.len(), 1, "the tree as a whole was not asked for: {actions:#?}");
        assert_eq!(actions[0]["kind"], "source.fixAll.frugix");
        assert_eq!(actions[0]["edit"], Value::Null, "the editor asks for the edit later");
        let action = client.ask("codeAction/resolve", actions[0].clone());
        let changes = action["edit"]["documentChanges"].as_array().expect("changes");
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0]["edits"].as_array().map(Vec::len), Some(1));
        let after = client.edited(&action["edit"], &BTreeMap::from([(path.to_owned(), text)]));

        stdio::frugix(folder.path(), &["lint", "--fix-only", path]);
        let fixed = fs::read_to_string(folder.path().join(path)).expect("the file is read");
        assert_eq!(after[path], fixed);
        client.stop();
    }
}

#[test]
fn the_whole_tree_is_fixed_when_asked_by_name() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), ("b.nix", EMPTY_OVERRIDE)]);
    let mut capabilities = pulling();
    capabilities["textDocument"]["codeAction"] = json!({});
    let mut client = Client::start(folder.path(), capabilities);
    client.open("a.nix");
    let finding = client.finding("a.nix", "needless-override");
    let kind = "source.fixAll.frugix.workspace";
    let actions = client.actions("a.nix", &finding, Some(kind));
    assert_eq!(actions.len(), 1);
    let changes = actions[0]["edit"]["documentChanges"].as_array().expect("changes");
    let paths: Vec<String> =
        changes.iter().map(|change| client.path(&change["textDocument"]["uri"])).collect();
    assert_eq!(paths, ["a.nix", "b.nix"]);
    client.stop();
}
