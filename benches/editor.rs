//! How long an editor waits after a keystroke in a tree of 500 files: `cargo bench --bench editor`. What
//! is asked for on two cores is less than 50 ms in a file of 5,000 lines that every configuration reads,
//! and less than 10 ms in one that no other file reads.
//!
//! The analysis alone is measured beside it: what lies between the two is the language server's own.

use std::fs;
use std::path::{Path, PathBuf};

use divan::Bencher;
use frugix::analysis::Analyzer;
use frugix::config::Config;
use frugix::lint::Selectors;
use frugix::lsp::serve;
use frugix::rules::ALL;
use frugix::source::{Discovery, Tree};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What frugix has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FILES: usize = 500;
/// So many modules are imported by each of the two hosts.
const IMPORTED: usize = 60;
const LINES: usize = 5000;

fn main() {
    divan::main();
}

/// From the change to the findings of the changed document.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn keystroke_in_the_editor(bencher: Bencher) {
    let large = LargeTree::new();
    let mut editor = Editor::start(&large);
    bencher.bench_local(|| editor.press_key());
}

/// The findings once more, where nothing has changed: the server's part without the change.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn findings_again(bencher: Bencher) {
    let large = LargeTree::new();
    let mut editor = Editor::start(&large);
    bencher.bench_local(|| editor.findings());
}

/// The same change, without a server around the analyser.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn keystroke_alone(bencher: Bencher) {
    press_keys_in("large.nix", bencher);
}

/// A change in a small module that nothing imports, without a server.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn keystroke_in_what_nobody_reads(bencher: Bencher) {
    press_keys_in(&format!("modules/m{}.nix", FILES - 1), bencher);
}

fn press_keys_in(path: &str, bencher: Bencher) {
    let large = LargeTree::new();
    let tree = Tree::open(large.folder.path(), &Discovery::default()).expect("a tree");
    let file = tree.file_at(Path::new(path)).expect("the file is in the tree");
    let text = tree.source(file).expect("the file is read").text.to_string();
    let mut analyzer = Analyzer::new(Config::default(), ALL, &Selectors::default()).expect("rules");
    analyzer.analyze(&tree);
    let mut presses = 0;
    bencher.bench_local(|| {
        presses += 1;
        let (before, after) = text.split_at(text.find('\n').expect("a line"));
        let text = format!("{before}{}{after}", " ".repeat(presses % 2));
        analyzer.analyze(&tree.with_texts([(file, text)]))
    });
}

/// A tree on disk: a flake with two hosts, what they import, and as much that they do not. One of the
/// modules that both import is large.
struct LargeTree {
    folder: TempDir,
    path: PathBuf,
}

impl LargeTree {
    fn new() -> LargeTree {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
            fs::write(path, text).expect("a file is written");
        };
        let modules: Vec<String> =
            (0..FILES).map(|number| format!("modules/m{number}.nix")).collect();
        for (number, path) in modules.iter().enumerate() {
            write(path, &small_module(number));
        }
        let imports = |first: usize| -> String {
            let own = modules.iter().skip(first).take(IMPORTED).map(|path| format!(" ./{path}"));
            own.collect()
        };
        write(
            "flake.nix",
            &format!(
                "{{\n  outputs = {{ nixpkgs, ... }}: {{\n    nixosConfigurations.one = \
                 nixpkgs.lib.nixosSystem {{ modules = [ ./large.nix{} ]; }};\n    \
                 nixosConfigurations.two = nixpkgs.lib.nixosSystem {{ modules = [ ./large.nix{} ]; \
                 }};\n  }};\n}}\n",
                imports(0),
                imports(IMPORTED),
            ),
        );
        write("large.nix", &large_module());
        write("frugix.toml", "");
        LargeTree { folder, path: PathBuf::from("large.nix") }
    }
}

fn small_module(number: usize) -> String {
    format!(
        "{{ config, lib, pkgs, ... }}:\nlet\n  cfg = config.services.s{number};\nin\n{{\n  \
         options.services.s{number}.enable = lib.mkEnableOption \"service {number}\";\n\n  config = \
         lib.mkIf cfg.enable {{\n    environment.systemPackages = with pkgs; [ fd ripgrep jq ];\n    \
         systemd.services.s{number} = {{\n      wantedBy = [ \"multi-user.target\" ];\n      \
         serviceConfig.ExecStart = \"${{pkgs.hello}}/bin/hello --port ${{toString {number}}}\";\n    \
         }};\n  }};\n}}\n"
    )
}

/// A module as people write them, but longer: settings, packages, an override now and then.
fn large_module() -> String {
    let mut text = "{ config, lib, pkgs, ... }:\nlet\n  cfg = config.programs;\nin\n{\n".to_owned();
    let sections = LINES / 10;
    for section in 0..sections {
        let package = match section % 20 {
            7 => "(pkgs.ripgrep.override { withPCRE2 = true; })",
            13 => "(pkgs.hello.overrideAttrs (old: { doCheck = false; }))",
            _ => "pkgs.fd",
        };
        text.push_str(&format!(
            "  programs.p{section} = {{\n    enable = lib.mkDefault (cfg.p{section}.enable or true);\n    \
             package = {package};\n    settings = {{\n      name = \"p{section}\";\n      \
             level = {section};\n      paths = [ ./a ./b \"${{pkgs.fd}}/bin\" ];\n    }};\n    \
             extraConfig = ''set x ${{toString {section}}}'';\n  }};\n"
        ));
    }
    text.push_str("}\n");
    text
}

/// An editor that asks for findings.
struct Editor {
    connection: Connection,
    uri: String,
    next: i32,
}

impl Editor {
    fn start(large: &LargeTree) -> Editor {
        let (connection, other) = Connection::memory();
        std::thread::spawn(move || serve(&other));
        let root = large.folder.path().canonicalize().expect("a folder");
        let path = root.join(&large.path);
        let text = fs::read_to_string(&path).expect("the file is read");
        let uri = format!("file://{}", path.display());
        let mut editor = Editor { connection, uri, next: 0 };
        let capabilities = json!({ "textDocument": { "diagnostic": {
            "relatedInformation": true, "dataSupport": true, "codeDescriptionSupport": true } } });
        let folder = json!({ "uri": format!("file://{}", root.display()), "name": "tree" });
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities,
            "workspaceFolders": [folder] });
        editor.ask("initialize", params);
        editor.say("initialized", json!({}));
        let item = json!({ "uri": editor.uri, "languageId": "nix", "version": 0, "text": text });
        editor.say("textDocument/didOpen", json!({ "textDocument": item }));
        editor.findings();
        editor
    }

    /// Types a space at the end of the first line, or takes it away again.
    fn press_key(&mut self) {
        let place = |character: i32| json!({ "line": 0, "character": character });
        let end = "{ config, lib, pkgs, ... }:".len() as i32;
        let (range, text) = match self.next % 2 {
            0 => (json!({ "start": place(end), "end": place(end) }), " "),
            _ => (json!({ "start": place(end), "end": place(end + 1) }), ""),
        };
        let params = json!({
            "textDocument": { "uri": self.uri, "version": self.next },
            "contentChanges": [{ "range": range, "text": text }],
        });
        self.say("textDocument/didChange", params);
        self.findings();
    }

    fn findings(&mut self) {
        let document = json!({ "textDocument": { "uri": self.uri } });
        let report = self.ask("textDocument/diagnostic", document);
        assert!(report["items"].as_array().is_some_and(|items| !items.is_empty()), "{report}");
    }

    fn say(&self, method: &str, params: Value) {
        let said = Notification::new(method.to_owned(), params);
        self.connection.sender.send(said.into()).expect("the server listens");
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let request = Request::new(self.next.into(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server listens");
        loop {
            let message = self.connection.receiver.recv().expect("the server answers");
            if let Message::Response(Response { response_result, .. }) = message {
                return response_result.expect("an answer");
            }
        }
    }
}
