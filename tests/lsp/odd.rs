//! Documents that no person wrote, places that no document has: the server answers, and the others
//! are looked at as ever.

use serde_json::{Value, json};

use crate::client::{Client, pulling, pushed, tree};

/// What every tree here has besides, and what is found in it.
const WITNESS: (&str, &str) = ("witness.nix", "{ a = 1 }\n");

fn odd_texts() -> Vec<String> {
    let closed = |open: &str, middle: &str, close: &str| {
        [open.repeat(100_000), middle.to_owned(), close.repeat(100_000)].concat()
    };
    vec![
        String::new(),
        "\0".to_owned(),
        "{ a = \0; }\r\n".to_owned(),
        "\u{feff}{\r\n  a = 1;\n  b = 2;\r}".to_owned(),
        "\u{feff}\u{feff}".to_owned(),
        "<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n".to_owned(),
        "{ a = ''x${".to_owned(),
        "x: x |> f |> g".to_owned(),
        "{ \u{1f469}\u{200d}\u{1f4bb} = \"\u{1f469}\"; b = pkgs.hello.override { }; }".to_owned(),
        "# frugix: ignore[".to_owned(),
        closed("[", "", "]"),
        closed("(", "1", ")"),
        closed("x: ", "1", ""),
        closed("!", "a", ""),
        format!("a{}", ".b".repeat(100_000)),
        format!("[{}]", " 1".repeat(100_000)),
        (0..20_000).fold("{ ".to_owned(), |text, n| text + &format!("a{n} = {n}; ")) + "}",
        "\n".repeat(200_000),
        "\u{e9}".repeat(100_000),
    ]
}

/// Asks about a document whatever can be asked, at places that it has and at others. There must be an
/// answer, if only that there is none.
fn ask_everything(client: &mut Client, uri: &str) {
    let document = json!({ "uri": uri });
    let mut ask = |method: &str, params: Value| {
        let id = client.request(method, params);
        let answer = client.response(&id).response_result;
        let message = answer.err().map(|error| error.message).unwrap_or_default();
        assert!(!message.contains("fault"), "{method}, {uri}: {message}");
    };
    ask("textDocument/diagnostic", json!({ "textDocument": document }));
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    for (line, character) in [(0, 0), (0, 7), (1, 1), (0, u32::MAX), (u32::MAX, u32::MAX)] {
        let here = at(line, character);
        let asked = json!({
            "textDocument": document, "position": here,
            "context": { "includeDeclaration": true, "triggerKind": 1 },
        });
        for method in ["hover", "definition", "references", "completion"] {
            ask(&format!("textDocument/{method}"), asked.clone());
        }
        for range in
            [json!({ "start": at(0, 0), "end": here }), json!({ "start": here, "end": at(0, 0) })]
        {
            let asked = json!({
                "textDocument": document, "range": range, "context": { "diagnostics": [] },
            });
            ask("textDocument/inlayHint", asked.clone());
            ask("textDocument/codeAction", asked);
        }
    }
}

fn assert_witness(client: &mut Client) {
    let found = client.findings(WITNESS.0);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "syntax-error");
}

#[test]
fn odd_documents_are_answered() {
    let folder = tree(&[WITNESS, ("home.nix", "{ }"), ("other.nix", "import ./home.nix")]);
    for capabilities in [pulling(), pushed()] {
        let pulls = capabilities["textDocument"]["diagnostic"].is_object();
        let mut client = Client::start(folder.path(), capabilities);
        client.open(WITNESS.0);
        client.open_as("home.nix", "{ }");
        let uri = client.uri("home.nix");
        for (version, text) in (2..).zip(odd_texts()) {
            client.change("home.nix", version, &text);
            if pulls {
                ask_everything(&mut client, &uri);
                assert_witness(&mut client);
            } else {
                let version = json!(version);
                client.wait_until(|client| {
                    client.published.get("home.nix").is_some_and(|said| said["version"] == version)
                });
            }
        }
        client.stop();
    }
}

/// Edits that lie outside of the text, inside a character, or the wrong way round.
#[test]
fn odd_edits_do_no_harm() {
    let folder = tree(&[WITNESS]);
    let mut client = Client::start(folder.path(), pulling());
    client.open(WITNESS.0);
    client.open_as("home.nix", "{ \u{1f469} = \"\u{e9}\"; }\r\n");
    let uri = client.uri("home.nix");
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    let odd = [(0, 0), (0, 3), (0, 4), (0, 5), (0, 99), (1, 0), (7, 7), (u32::MAX, u32::MAX)];
    let pairs = odd.iter().flat_map(|start| odd.iter().map(move |end| (*start, *end)));
    for (version, (start, end)) in (2..).zip(pairs) {
        let range = json!({ "start": at(start.0, start.1), "end": at(end.0, end.1) });
        let edit = json!({ "range": range, "rangeLength": 4_000_000_000_u32, "text": "\u{e9}\n" });
        let document = json!({ "uri": uri, "version": version });
        let change = json!({ "textDocument": document, "contentChanges": [edit] });
        client.say("textDocument/didChange", change);
    }
    ask_everything(&mut client, &uri);
    assert_witness(&mut client);
    client.stop();
}

/// Addresses of nothing, of what is no file, and of what is elsewhere.
#[test]
fn odd_addresses_do_no_harm() {
    let folder = tree(&[WITNESS]);
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.nix");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo is missing");
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.nix")).expect("a link");
    }
    let mut client = Client::start(folder.path(), pulling());
    client.open(WITNESS.0);
    let inside = |path: &str| client.uri(path);
    let addresses = [
        "untitled:Untitled-1".to_owned(),
        "file:///".to_owned(),
        "file:///dev/zero".to_owned(),
        "file:///nowhere/%ff%00/x.nix".to_owned(),
        "http://example.org/x.nix".to_owned(),
        "git:/x.nix?ref=%7B".to_owned(),
        inside("pipe.nix"),
        inside("zero.nix"),
        inside("a%0Ab%1B%5B31m.nix"),
        inside("%ff.nix"),
        inside("../../../../etc/x.nix"),
        inside("folder/that/is/not/there.nix"),
        inside(""),
    ];
    for uri in &addresses {
        let item = json!({ "uri": uri, "languageId": "nix", "version": 1, "text": "{ a = 1 }" });
        client.say("textDocument/didOpen", json!({ "textDocument": item }));
    }
    for uri in &addresses {
        ask_everything(&mut client, uri);
        assert_witness(&mut client);
    }
    let changed: Vec<Value> =
        addresses.iter().map(|uri| json!({ "uri": uri, "type": 2 })).collect();
    client.say("workspace/didChangeWatchedFiles", json!({ "changes": changed }));
    for uri in &addresses {
        client.say("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }
    assert_witness(&mut client);
    client.stop();
}
