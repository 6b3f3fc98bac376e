//! The built program, spoken to over pipes.

use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};

use crate::client::tree;

/// Runs the command line to its end.
pub fn frugix(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).stdin(Stdio::null()).output().expect("the command starts")
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments);
    command
}

struct Server {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Server {
        let mut process = command(folder, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = BufReader::new(process.stdout.take().expect("an output"));
        Server { process, output }
    }

    fn send(&mut self, message: Message) {
        let input = self.process.stdin.as_mut().expect("an input");
        message.write(input).and_then(|()| input.flush()).expect("the server reads");
    }

    fn ask(&mut self, id: i32, method: &str, params: Value) -> Value {
        self.send(Request::new(id.into(), method.to_owned(), params).into());
        loop {
            let message = Message::read(&mut self.output).expect("the server writes messages");
            if let Message::Response(Response { response_result, .. }) =
                message.expect("the server is there")
            {
                return response_result.expect("an answer");
            }
        }
    }

    fn say(&mut self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    fn initialize(&mut self) {
        let capabilities = json!({ "textDocument": { "diagnostic": {} } });
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities });
        let greeting = self.ask(1, "initialize", params);
        assert_eq!(greeting["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
        self.say("initialized", json!({}));
    }

    fn code(mut self) -> Option<i32> {
        drop(self.process.stdin.take());
        let output = self.process.wait_with_output().expect("the server ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        output.status.code()
    }
}

#[test]
fn a_conversation_over_pipes() {
    let text = "{ pkgs, ... }: pkgs.fd.override { }";
    let folder = tree(&[("a.nix", "{ }")]);
    let mut server = Server::start(folder.path(), &["lsp", "--stdio"]);
    server.initialize();
    let uri = format!("file://{}", folder.path().join("a.nix").display());
    let item = json!({ "uri": uri, "languageId": "nix", "version": 1, "text": text });
    server.say("textDocument/didOpen", json!({ "textDocument": item }));
    let report =
        server.ask(2, "textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(report["items"][0]["code"], "needless-override");
    assert_eq!(server.ask(3, "shutdown", Value::Null), Value::Null);
    server.say("exit", Value::Null);
    assert_eq!(server.code(), Some(0));
}

#[test]
fn who_exits_without_a_shutdown_gets_another_code() {
    let folder = tree(&[]);
    let mut server = Server::start(folder.path(), &["lsp"]);
    server.initialize();
    server.say("exit", Value::Null);
    assert_eq!(server.code(), Some(1));
    // An editor that is just gone.
    let mut server = Server::start(folder.path(), &["lsp"]);
    server.initialize();
    assert_eq!(server.code(), Some(1));
}
