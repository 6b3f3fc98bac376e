//! The main loop: keeps documents, hands work to the worker and answers back, and waits for neither.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Sender, select, unbounded};
use gen_lsp_types as lsp;
use lsp_server::{
    Connection, ErrorCode, Message, Notification, ProtocolError, ReqQueue, Request, RequestId,
    Response,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Client, folders};
use super::conversion::path_of;
use super::documents::Documents;
use super::session::Sessions;
use super::settings::{SECTION, Settings};
use super::worker::{Job, Task, Worker};
use crate::config::is_config;

/// Deep expressions need deep stacks; the memory is only used when they do.
const STACK_BYTES: usize = 256 << 20;

/// What the editor is asked to watch.
const WATCHED: [&str; 4] = ["**/*.nix", "**/frugix.toml", "**/.frugix.toml", "**/flake.lock"];

/// How a server ended.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Ending {
    /// The editor asked it to shut down, and then to exit.
    Asked,
    /// The editor went away, or asked it to exit at once.
    Abandoned,
}

/// Why a server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The editor does not speak the protocol.
    #[error("cannot talk to the editor: {0}; `frugix lsp` is to be started by one")]
    Protocol(#[from] ProtocolError),
    /// What the editor says of itself means nothing.
    #[error("cannot read what the editor can do: {0}")]
    Initialize(#[source] serde_json::Error),
    /// There is no thread to work on.
    #[error("cannot start the worker thread: {0}")]
    Thread(#[source] io::Error),
}

/// Serves an editor on standard input and output until it is done.
///
/// # Errors
///
/// When the editor does not speak the protocol, or there is no thread to work on.
pub fn serve_stdio() -> Result<Ending, ServeError> {
    let (connection, threads) = Connection::stdio();
    let ending = serve(&connection)?;
    drop(connection);
    // The reader ends at the editor's `exit`; if the editor is just gone, nobody reads what is left.
    if ending == Ending::Asked {
        let _ = threads.join();
    }
    Ok(ending)
}

/// Serves one editor until it is done.
///
/// # Errors
///
/// When the editor does not speak the protocol, or there is no thread to work on.
pub fn serve(connection: &Connection) -> Result<Ending, ServeError> {
    let (id, params) = connection.initialize_start()?;
    let params: lsp::InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let code = ErrorCode::InvalidParams as i32;
            let _ = connection.sender.send(Response::new_err(id, code, error.to_string()).into());
            return Err(ServeError::Initialize(error));
        }
    };
    let client = Arc::new(Client::new(&params.capabilities));
    let result = lsp::InitializeResult {
        capabilities: client.offer(),
        server_info: Some(lsp::ServerInfo {
            name: "frugix".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    let _ = connection.sender.send(Response::new_ok(id, result).into());

    let (jobs, waiting) = unbounded();
    let (out, done) = unbounded();
    let settings = params.initialization_options.as_ref().and_then(Settings::read);
    let latest = Arc::new(AtomicU64::new(0));
    let worker = Worker {
        client: Arc::clone(&client),
        latest: Arc::clone(&latest),
        out,
        sessions: Sessions::default(),
        published: HashMap::new(),
        pulled: HashMap::new(),
        refreshes: 0,
        progresses: 0,
        complaints: Default::default(),
    };
    thread::Builder::new()
        .name("frugix-analysis".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || worker.run(&waiting))
        .map_err(ServeError::Thread)?;

    let mut server = Server {
        client,
        connection,
        jobs,
        latest,
        disk: 0,
        documents: Documents::default(),
        folders: Arc::new(folders(&params)),
        settings: Arc::new(settings.unwrap_or_default()),
        queue: ReqQueue::default(),
        is_shutting_down: false,
    };
    loop {
        select! {
            recv(connection.receiver) -> message => match message {
                Ok(Message::Request(request)) => server.request(request),
                Ok(Message::Notification(said)) if said.method == "exit" => {
                    let asked = server.is_shutting_down;
                    return Ok(if asked { Ending::Asked } else { Ending::Abandoned });
                }
                Ok(Message::Notification(said)) => server.notification(said),
                Ok(Message::Response(response)) => {
                    server.answered(response);
                }
                Err(_) => return Ok(Ending::Abandoned),
            },
            recv(done) -> message => match message {
                Ok(message) => server.forward(message),
                // Without a worker there is nothing to serve with.
                Err(_) => return Ok(Ending::Abandoned),
            },
        }
    }
}

/// What the editor was asked.
#[derive(PartialEq)]
enum Asked {
    /// For its settings.
    Settings,
    /// For something to which its answer does not matter.
    Anything,
}

struct Server<'c> {
    client: Arc<Client>,
    connection: &'c Connection,
    jobs: Sender<Job>,
    /// How many changes there were, for the worker to see what is out of date.
    latest: Arc<AtomicU64>,
    /// How many times the disk may have changed.
    disk: u64,
    documents: Documents,
    folders: Arc<Vec<PathBuf>>,
    settings: Arc<Settings>,
    /// What the editor waits for, with the flag that says it no longer does, and what we do.
    queue: ReqQueue<Arc<AtomicBool>, Asked>,
    is_shutting_down: bool,
}

impl Server<'_> {
    fn request(&mut self, request: Request) {
        let Request { id, method, .. } = &request;
        if self.is_shutting_down {
            let code = ErrorCode::InvalidRequest as i32;
            let message = "the server is shutting down".to_owned();
            self.send(Response::new_err(id.clone(), code, message).into());
        } else if method == "shutdown" {
            self.is_shutting_down = true;
            self.send(Response::new_ok(id.clone(), ()).into());
        } else {
            let given_up = Arc::new(AtomicBool::new(false));
            self.queue.incoming.register(id.clone(), Arc::clone(&given_up));
            self.hand_over(Task::Answer(request, given_up));
        }
    }

    fn notification(&mut self, said: Notification) {
        match said.method.as_str() {
            "initialized" => {
                self.watch();
                self.ask_for_settings();
            }
            "workspace/didChangeConfiguration" if self.client.configures => {
                self.ask_for_settings();
            }
            "workspace/didChangeConfiguration" => self.configure(&said.params["settings"]),
            "$/cancelRequest" => self.cancel(&said.params),
            "textDocument/didOpen" => {
                if let Some(params) = read::<lsp::DidOpenTextDocumentParams>(said) {
                    let is_config = is_configuration(&params.text_document.uri);
                    match self.documents.open(params.text_document) {
                        // It may make a folder a tree.
                        true if is_config => self.changed_on_disk(),
                        true => self.changed(),
                        false => {}
                    }
                }
            }
            "textDocument/didChange" => {
                let encoding = self.client.encoding;
                if read(said).is_some_and(|params| self.documents.change(params, encoding)) {
                    self.changed();
                }
            }
            "textDocument/didClose" => {
                let params = read::<lsp::DidCloseTextDocumentParams>(said);
                if params.is_some_and(|params| self.documents.close(&params.text_document.uri)) {
                    self.changed_on_disk();
                }
            }
            // An editor that watches files tells of the saved one that way.
            "textDocument/didSave" if !self.client.watches => self.changed_on_disk(),
            "workspace/didChangeWatchedFiles" => {
                self.changed_on_disk();
                self.refresh();
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(params) = read::<lsp::DidChangeWorkspaceFoldersParams>(said) {
                    let paths = |folders: Vec<lsp::WorkspaceFolder>| -> Vec<PathBuf> {
                        folders.iter().filter_map(|folder| path_of(&folder.uri)).collect()
                    };
                    let removed = paths(params.event.removed);
                    let folders = Arc::make_mut(&mut self.folders);
                    folders.retain(|folder| !removed.contains(folder));
                    folders.extend(paths(params.event.added));
                    self.changed_on_disk();
                }
            }
            _ => {}
        }
    }

    /// From now on, what was asked before is out of date.
    fn changed(&mut self) {
        self.latest.fetch_add(1, Ordering::AcqRel);
        if !self.client.pulls {
            self.hand_over(Task::Publish);
        }
    }

    fn changed_on_disk(&mut self) {
        self.disk += 1;
        self.changed();
    }

    fn hand_over(&self, task: Task) {
        let job = Job {
            task,
            generation: self.latest.load(Ordering::Acquire),
            disk: self.disk,
            documents: self.documents.clone(),
            folders: Arc::clone(&self.folders),
            settings: Arc::clone(&self.settings),
        };
        // The worker only ends when we do.
        let _ = self.jobs.send(job);
    }

    /// Answers at once that nothing is answered; what the worker may still come up with is dropped.
    fn cancel(&mut self, params: &Value) {
        let id = match params.get("id") {
            Some(Value::String(id)) => RequestId::from(id.clone()),
            Some(id) => match id.as_i64().and_then(|id| i32::try_from(id).ok()) {
                Some(id) => RequestId::from(id),
                None => return,
            },
            None => return,
        };
        if let Some(given_up) = self.queue.incoming.complete(&id) {
            given_up.store(true, Ordering::Release);
            let code = ErrorCode::RequestCanceled as i32;
            self.send(Response::new_err(id, code, "cancelled by the editor".to_owned()).into());
        }
    }

    /// Passes on what the worker says, unless nobody waits for it any more.
    fn forward(&mut self, message: Message) {
        let is_awaited = match &message {
            Message::Response(response) => self.queue.incoming.complete(&response.id).is_some(),
            _ => true,
        };
        if is_awaited {
            self.send(message);
        }
    }

    /// Asks the editor to tell us when files change.
    fn watch(&mut self) {
        if !self.client.watches {
            return;
        }
        let watchers: Vec<Value> =
            WATCHED.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
        let method = "workspace/didChangeWatchedFiles";
        let registration = json!({
            "id": "frugix-watched-files",
            "method": method,
            "registerOptions": { "watchers": watchers },
        });
        self.ask("client/registerCapability", json!({ "registrations": [registration] }));
    }

    /// Asks an editor that asks for findings to ask again.
    fn refresh(&mut self) {
        if self.client.pulls && self.client.refreshes {
            self.ask("workspace/diagnostic/refresh", Value::Null);
        }
    }

    fn ask_for_settings(&mut self) {
        if self.client.configures {
            let params = json!({ "items": [{ "section": SECTION }] });
            self.ask_about(Asked::Settings, "workspace/configuration", params);
        }
    }

    fn answered(&mut self, response: Response) {
        let asked = self.queue.outgoing.complete(response.id);
        if let (Some(Asked::Settings), Ok(values)) = (asked, response.response_result) {
            self.configure(&values[0]);
        }
    }

    /// Takes over the editor's settings; one that says nothing leaves them as they are.
    fn configure(&mut self, said: &Value) {
        let Some(settings) = Settings::read(said) else { return };
        if settings != *self.settings {
            self.settings = Arc::new(settings);
            self.changed_on_disk();
            self.refresh();
            if self.client.refreshes_hints {
                self.ask("workspace/inlayHint/refresh", Value::Null);
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.ask_about(Asked::Anything, method, params);
    }

    fn ask_about(&mut self, asked: Asked, method: &str, params: Value) {
        let request = self.queue.outgoing.register(method.to_owned(), params, asked);
        self.send(request.into());
    }

    /// When nobody reads any more, the next message to be read says so.
    fn send(&self, message: Message) {
        let _ = self.connection.sender.send(message);
    }
}

fn is_configuration(uri: &lsp::Uri) -> bool {
    path_of(uri).is_some_and(|path| is_config(&path))
}

/// The parameters of a notification; nothing can be answered to one that makes no sense.
fn read<P: DeserializeOwned>(said: Notification) -> Option<P> {
    serde_json::from_value(said.params).ok()
}
