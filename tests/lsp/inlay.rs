//! Hints between the words.

use serde_json::{Value, json};

use crate::PROFILE;
use crate::client::{Client, pulling, shoshin};

fn hints(client: &mut Client, path: &str, lines: (u32, u32)) -> Vec<Value> {
    let place = |line: u32| json!({ "line": line, "character": 0 });
    let range = json!({ "start": place(lines.0), "end": place(lines.1) });
    let document = json!({ "uri": client.uri(path) });
    let params = json!({ "textDocument": document, "range": range });
    client.ask("textDocument/inlayHint", params).as_array().expect("a list").clone()
}

#[test]
fn values_and_peaks_are_shown_to_who_asks_for_them() {
    let folder = shoshin();
    let options = json!({ "inlay-hints": true });
    let mut client = Client::start_with(folder.path(), pulling(), options, Value::Null);
    let mut shown = |path: &str, lines: (u32, u32)| -> Vec<String> {
        let text = client.open(path);
        let hints = hints(&mut client, path, lines);
        let line = |hint: &Value| {
            let place = &hint["position"];
            let (line, column) = (place["line"].as_u64(), place["character"].as_u64());
            let line = text.lines().nth(line.expect("a line") as usize).expect("a line");
            let (before, after) = line.split_at(column.expect("a column") as usize);
            let label = hint["label"].as_str().expect("a label");
            format!("{}‹{label}›{after}", before.trim_start())
        };
        hints.iter().map(line).collect()
    };
    let settings = "hosts/shoshin/nixos/modules/common.nix";
    assert_eq!(
        shown(settings, (0, 99)),
        [
            "max-jobs = lib.mkDefault hardwareProfile.build.parallelism.maxJobs‹= 4›;",
            "cores = lib.mkDefault hardwareProfile.build.parallelism.maxCores‹= 8›;",
        ]
    );
    assert_eq!(shown(settings, (10, 11)).len(), 1, "only the lines that are looked at");
    let peaks = shown(PROFILE, (0, 999));
    assert!(peaks.contains(&"codex‹at most 18 GiB (measured)› = {".to_owned()), "{peaks:#?}");
    let overlay = shown("overlays/rust-tier2-optimized.nix", (0, 999));
    let computed = "CARGO_BUILD_JOBS = tier.jobs‹= \"3\"›;".to_owned();
    assert!(overlay.contains(&computed), "{overlay:#?}");
    client.stop();
}

#[test]
fn nothing_is_shown_to_who_does_not_ask() {
    let folder = shoshin();
    let mut capabilities = pulling();
    capabilities["workspace"]["inlayHint"] = json!({ "refreshSupport": true });
    let mut client = Client::start(folder.path(), capabilities);
    assert_eq!(client.greeting["capabilities"]["inlayHintProvider"], true);
    client.open(PROFILE);
    assert_eq!(hints(&mut client, PROFILE, (0, 999)), [] as [Value; 0]);
    let settings = json!({ "frugix": { "inlayHints": true } });
    client.say("workspace/didChangeConfiguration", json!({ "settings": settings }));
    let is_told = |client: &Client| {
        client.heard.iter().any(|(method, _)| method == "workspace/inlayHint/refresh")
    };
    client.wait_until(is_told);
    assert!(!hints(&mut client, PROFILE, (0, 999)).is_empty());
    client.stop();
}
