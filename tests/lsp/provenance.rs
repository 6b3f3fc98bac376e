//! Where values come from, and where they go.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, pulling, shoshin, tree};
use crate::{EMPTY_OVERRIDE, PROFILE, SETTINGS};

/// Asks about the first place of a file where `text` stands. Columns are counted in bytes.
pub fn ask(client: &mut Client, root: &Path, method: &str, path: &str, text: &str) -> Value {
    let whole = fs::read_to_string(root.join(path)).expect("the file is read");
    let at = whole.find(text).expect("the text is there");
    let start = whole[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = whole[..start].matches('\n').count();
    let position = json!({ "line": line, "character": at - start });
    let document = json!({ "uri": client.uri(path) });
    let context = json!({ "includeDeclaration": false });
    let params = json!({ "textDocument": document, "position": position, "context": context });
    client.ask(method, params)
}

/// `path:line`, from 1, of each location.
fn places(client: &Client, locations: &Value) -> Vec<String> {
    let place = |location: &Value| {
        let line = location["range"]["start"]["line"].as_u64().expect("a line") + 1;
        format!("{}:{line}", client.path(&location["uri"]))
    };
    locations.as_array().expect("a list").iter().map(place).collect()
}

#[test]
fn a_use_of_a_profile_leads_to_its_literal_and_back() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    client.open(SETTINGS);
    let from = "parallelism.maxJobs";
    let found = ask(&mut client, folder.path(), "textDocument/definition", SETTINGS, from);
    assert_eq!(places(&client, &found), [format!("{PROFILE}:49")]);

    let literal = "4;\n      maxCores";
    let uses = ask(&mut client, folder.path(), "textDocument/references", PROFILE, literal);
    let uses = places(&client, &uses);
    assert!(uses.contains(&format!("{SETTINGS}:10")), "{uses:?}");
    client.stop();
}

#[test]
fn an_argument_of_an_overlay_leads_to_the_file_that_passes_it() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    let overlay = "overlays/rust-tier2-optimized.nix";
    let from = "parallelism.cargoBuildJobs";
    let found = ask(&mut client, folder.path(), "textDocument/definition", overlay, from);
    assert_eq!(places(&client, &found), [format!("{PROFILE}:57")]);
    client.stop();
}

#[test]
fn a_value_is_told_with_its_way() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    let from = "parallelism.maxJobs";
    let shown = ask(&mut client, folder.path(), "textDocument/hover", SETTINGS, from);
    let text = shown["contents"]["value"].as_str().expect("a text");
    assert!(text.starts_with("**4, an integer**\n"), "{text}");
    let step = format!("- written [{PROFILE}:49]({}#L49): `maxJobs = 4;`\n", client.uri(PROFILE));
    assert!(text.contains(&step), "{text}");
    // The finding at this place is explained below.
    assert!(text.contains("\n\n---\n\n**cpu-over-budget**"), "{text}");

    let literal = "4;\n      maxCores";
    let shown = ask(&mut client, folder.path(), "textDocument/hover", PROFILE, literal);
    let text = shown["contents"]["value"].as_str().expect("a text");
    assert!(text.starts_with("used at\n- ["), "{text}");
    client.stop();
}

#[test]
fn what_cannot_be_told_is_not_made_up() {
    let folder = tree(&[("a.nix", EMPTY_OVERRIDE), ("broken.nix", "{ a = ; }")]);
    let mut client = Client::start(folder.path(), pulling());
    for path in ["broken.nix", "a.nix"] {
        let found = ask(&mut client, folder.path(), "textDocument/definition", path, "{");
        assert_eq!(found, json!([]));
    }
    let text = "let a = 1; in [ a ]";
    client.open_as("a.nix", text);
    let position = json!({ "line": 0, "character": text.find("a ]") });
    let document = json!({ "uri": client.uri("a.nix") });
    let params = json!({ "textDocument": document, "position": position });
    let found = client.ask("textDocument/definition", params);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 8 }));
    client.stop();
}

#[test]
fn a_tree_without_a_flake_begins_at_its_configuration() {
    let folder = tree(&[
        ("configuration.nix", "{ imports = [ ./nix.nix ]; my.jobs = 4; }\n"),
        (
            "nix.nix",
            "{ config, lib, ... }:\n{\n  options.my.jobs = lib.mkOption { };\n  \
             config.nix.settings.max-jobs = config.my.jobs;\n}\n",
        ),
    ]);
    let mut client = Client::start(folder.path(), pulling());
    client.open("nix.nix");
    let found = ask(&mut client, folder.path(), "textDocument/definition", "nix.nix", "my.jobs;");
    assert_eq!(places(&client, &found), ["configuration.nix:1"]);
    client.stop();
}
