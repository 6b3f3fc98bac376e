//! What a configuration says reaches the editor as text, and steers nothing there.

use serde_json::{Value, json};

use crate::client::{Client, pulling, tree};

const EVIL: &str = "\u{1b}[31m\u{9b}2J\u{202e}\u{2066}\u{8}";

fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || turns
}

/// The texts that are shown, wherever they stand in an answer; edits are what they are.
fn shown(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_shown =
                    matches!(name.as_str(), "message" | "title" | "why" | "value" | "label");
                match value {
                    Value::String(text) if is_shown => found.push(text.clone()),
                    _ => shown(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shown(item, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_is_shown_steers_an_editor() {
    let text = format!(
        "{{ pkgs, ... }}: {{ home.packages = [ (pkgs.brave.override {{ commandLineArgs = \"x{EVIL}\"; \
         \"a{EVIL}\" = true; }}) (pkgs.\"h{EVIL}\".override {{ }}) ];\n\
         nix.settings.substituters = [ \"https://app.cachix.org/cache/y{EVIL}\" \
         \"https://y{EVIL}.cachix.org\" ];\n nix.settings.\"max-jobs{EVIL}\" = 4;\n\
         nix.settings.cores = \"{EVIL}\"; # frugix: ignore[no{EVIL}rule] x\n}}\n"
    );
    let folder = tree(&[("home.nix", &text), ("bad.nix", &format!("{{ a{EVIL} = 1 }}\n"))]);
    let mut client = Client::start(folder.path(), pulling());
    let mut told = Vec::new();
    for path in ["home.nix", "bad.nix"] {
        client.open(path);
        let findings = client.findings(path);
        assert!(!findings.is_empty(), "{path}");
        for finding in &findings {
            shown(finding, &mut told);
            client.actions(path, finding, None).iter().for_each(|action| shown(action, &mut told));
        }
    }
    let uri = client.uri("home.nix");
    for (line, length) in text.lines().map(str::len).enumerate() {
        for character in (0..length).step_by(7) {
            let place = json!({ "line": line, "character": character });
            let hover = client.ask(
                "textDocument/hover",
                json!({
                    "textDocument": { "uri": uri }, "position": place,
                }),
            );
            shown(&hover, &mut told);
        }
    }
    let steering: Vec<&String> = told.iter().filter(|text| text.contains(steers)).collect();
    assert!(told.len() > 20, "only {} texts", told.len());
    assert_eq!(steering, [""; 0]);
    client.stop();
}
