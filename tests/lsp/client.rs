//! An editor made for tests: it talks to a server in this process and remembers what it was told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use frugix::lsp::{Ending, serve};
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use walkdir::WalkDir;

/// Nothing that a server is asked here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// A copy of `fixtures/shoshin`.
pub fn shoshin() -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for entry in WalkDir::new(&from) {
        let entry = entry.expect("the fixture is listed");
        let to = folder.path().join(entry.path().strip_prefix(&from).expect("a path inside"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(to).expect("a folder is made"),
            false => drop(fs::copy(entry.path(), to).expect("a file is copied")),
        }
    }
    folder
}

/// A folder that is a tree of its own.
pub fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    folder
}

/// What an editor can do that asks for findings.
pub fn pulling() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16", "utf-8"] },
        "textDocument": {
            "diagnostic": {
                "relatedInformation": true, "dataSupport": true, "codeDescriptionSupport": true,
            },
            "codeAction": { "resolveSupport": { "properties": ["edit"] } },
        },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "diagnostics": { "refreshSupport": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
        },
    })
}

/// What an editor can do that is sent findings, and no more.
pub fn pushed() -> Value {
    json!({ "textDocument": { "publishDiagnostics": { "versionSupport": true } } })
}

/// The editor.
pub struct Client {
    root: PathBuf,
    connection: Connection,
    server: JoinHandle<Ending>,
    /// What the server said of itself.
    pub greeting: Value,
    /// The requests and notifications of the server that nobody waited for yet.
    pub heard: Vec<(String, Value)>,
    /// The findings that were sent last, by path.
    pub published: BTreeMap<String, Value>,
    /// What the editor answers when it is asked for its settings.
    pub settings: Value,
    next: i32,
}

impl Client {
    /// Starts a server and introduces itself as working in `root`.
    pub fn start(root: &Path, capabilities: Value) -> Client {
        Client::start_with(root, capabilities, Value::Null, Value::Null)
    }

    /// The same, with options for the server, and the settings that it may ask for.
    pub fn start_with(root: &Path, capabilities: Value, options: Value, settings: Value) -> Client {
        let (connection, other) = Connection::memory();
        let server = thread::spawn(move || serve(&other).expect("the server serves"));
        let root = root.canonicalize().expect("a folder");
        let mut client = Client {
            root,
            connection,
            server,
            greeting: Value::Null,
            heard: Vec::new(),
            published: BTreeMap::new(),
            settings,
            next: 0,
        };
        let folders = json!([{ "uri": client.uri(""), "name": "tree" }]);
        client.greeting = client.ask(
            "initialize",
            json!({
                "processId": null, "rootUri": null,
                "capabilities": capabilities, "workspaceFolders": folders,
                "initializationOptions": options,
            }),
        );
        client.say("initialized", json!({}));
        client
    }

    /// The address of a path below the root.
    pub fn uri(&self, path: &str) -> String {
        format!("file://{}", self.root.join(path).display())
    }

    /// The path below the root that an address names.
    pub fn path(&self, uri: &Value) -> String {
        let root = format!("file://{}/", self.root.display());
        let uri = uri.as_str().expect("an address");
        uri.strip_prefix(&root).expect("an address below the root").to_owned()
    }

    /// Tells the server something.
    pub fn say(&self, method: &str, params: Value) {
        let said = Notification::new(method.to_owned(), params);
        self.connection.sender.send(said.into()).expect("the server listens");
    }

    /// Asks the server something, without waiting for the answer.
    pub fn request(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server listens");
        id
    }

    /// Waits for the answer.
    pub fn response(&mut self, id: &RequestId) -> Response {
        loop {
            if let Message::Response(response) = self.hear() {
                assert_eq!(response.id, *id, "answers come in order");
                return response;
            }
        }
    }

    /// Asks the server something, and waits for the answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let result = self.response(&id).response_result;
        result.unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    /// Waits for the server to say what `is_it` looks for.
    pub fn wait_until(&mut self, is_it: impl Fn(&Client) -> bool) {
        while !is_it(self) {
            self.hear();
        }
    }

    fn hear(&mut self) -> Message {
        let message = self.connection.receiver.recv_timeout(PATIENCE).expect("the server answers");
        match &message {
            Message::Notification(said) if said.method == "textDocument/publishDiagnostics" => {
                let path = self.path(&said.params["uri"]);
                self.published.insert(path, said.params.clone());
            }
            Message::Notification(said) => {
                self.heard.push((said.method.clone(), said.params.clone()));
            }
            Message::Request(asked) => {
                self.heard.push((asked.method.clone(), asked.params.clone()));
                let answer = match asked.method.as_str() {
                    "workspace/configuration" => json!([self.settings]),
                    _ => Value::Null,
                };
                let answer = Response::new_ok(asked.id.clone(), answer);
                self.connection.sender.send(answer.into()).expect("the server listens");
            }
            Message::Response(_) => {}
        }
        message
    }

    /// Opens a file with the text it has on disk.
    pub fn open(&self, path: &str) -> String {
        let text = fs::read_to_string(self.root.join(path)).expect("the file is read");
        self.open_as(path, &text);
        text
    }

    /// Opens a file with another text than on disk.
    pub fn open_as(&self, path: &str, text: &str) {
        let uri = self.uri(path);
        let language = if path.ends_with(".toml") { "toml" } else { "nix" };
        let item = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.say("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces a document's text.
    pub fn change(&self, path: &str, version: i32, text: &str) {
        let params = json!({
            "textDocument": { "uri": self.uri(path), "version": version },
            "contentChanges": [{ "text": text }],
        });
        self.say("textDocument/didChange", params);
    }

    /// Asks what is found in a document.
    pub fn findings(&mut self, path: &str) -> Vec<Value> {
        let document = json!({ "uri": self.uri(path) });
        let report = self.ask("textDocument/diagnostic", json!({ "textDocument": document }));
        assert_eq!(report["kind"], "full");
        report["items"].as_array().expect("a list").clone()
    }

    /// Asks for the one finding of a rule in a document.
    pub fn finding(&mut self, path: &str, rule: &str) -> Value {
        let mut found = self.findings(path);
        found.retain(|finding| finding["code"] == rule);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    /// Asks what can be done about a finding, or about a range.
    pub fn actions(&mut self, path: &str, finding: &Value, only: Option<&str>) -> Vec<Value> {
        let range = finding["range"].clone();
        let is_finding = finding["code"].is_string();
        let mut context =
            json!({ "diagnostics": if is_finding { json!([finding]) } else { json!([]) } });
        if let Some(only) = only {
            context["only"] = json!([only]);
        }
        let document = json!({ "uri": self.uri(path) });
        let params = json!({ "textDocument": document, "range": range, "context": context });
        let actions = self.ask("textDocument/codeAction", params);
        actions.as_array().expect("a list").clone()
    }

    /// The texts that an edit makes of `texts`, by path. Columns are counted in bytes.
    pub fn edited(
        &self,
        edit: &Value,
        texts: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut after = texts.clone();
        for change in edit["documentChanges"].as_array().expect("versioned edits") {
            let path = self.path(&change["textDocument"]["uri"]);
            let text = after.get_mut(&path).expect("a file that may change");
            let mut edits = change["edits"].as_array().expect("edits").clone();
            edits.reverse();
            for edit in edits {
                let start = offset(text, &edit["range"]["start"]);
                let end = offset(text, &edit["range"]["end"]);
                text.replace_range(start..end, edit["newText"].as_str().expect("a text"));
            }
        }
        after
    }

    /// Ends the server as the protocol says.
    pub fn stop(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.say("exit", Value::Null);
        assert_eq!(self.ending(), Ending::Asked);
    }

    /// Waits for the server to end.
    pub fn ending(self) -> Ending {
        self.server.join().expect("the server does not panic")
    }
}

fn offset(text: &str, position: &Value) -> usize {
    let number = |name: &str| position[name].as_u64().expect("a number") as usize;
    let lines = text.split_inclusive('\n').take(number("line"));
    lines.map(str::len).sum::<usize>() + number("character")
}
