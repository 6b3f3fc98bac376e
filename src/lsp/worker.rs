//! The thread that analyses. Work comes in the order it was asked for; what a later change has made
//! pointless is told so instead of being done, or given up where it has begun.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender};
use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::Client;
use super::configuration::Complaint;
use super::conversion::path_of;
use super::documents::Documents;
use super::progress;
use super::session::{Interests, Session, Sessions};
use super::settings::Settings;
use crate::source::{Cancelled, FileId, Interest};

/// A piece of work, and the state of things when it was asked for.
pub(super) struct Job {
    pub(super) task: Task,
    /// Counts the changes.
    pub(super) generation: u64,
    /// Counts the changes that were made to the disk.
    pub(super) disk: u64,
    pub(super) documents: Documents,
    pub(super) folders: Arc<Vec<PathBuf>>,
    pub(super) settings: Arc<Settings>,
}

/// What is to be done.
pub(super) enum Task {
    /// Send the editor what is found in every tree that a document is open of.
    Publish,
    /// Answer, unless the editor has lost interest.
    Answer(Request, Arc<AtomicBool>),
}

/// Why a request is not answered.
pub(super) struct Refusal {
    code: ErrorCode,
    message: String,
    data: Option<Value>,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), data: None }
    }

    fn respond(self, id: RequestId) -> Response {
        let mut response = Response::new_err(id, self.code as i32, self.message);
        if let Err(error) = &mut response.response_result {
            error.data = self.data;
        }
        response
    }
}

/// The worker's own state.
pub(super) struct Worker {
    pub(super) client: Arc<Client>,
    /// The generation that the main loop has reached.
    pub(super) latest: Arc<AtomicU64>,
    pub(super) out: Sender<Message>,
    pub(super) sessions: Sessions,
    /// What the editor was sent last, by address.
    pub(super) published: HashMap<lsp::Uri, (Option<i32>, Vec<lsp::Diagnostic>)>,
    /// What the editor was told of documents that it asked about, as their result ids.
    pub(super) pulled: HashMap<lsp::Uri, String>,
    /// How many times the editor was asked to ask again.
    pub(super) refreshes: u64,
    /// How many times the editor was shown that something takes a while.
    pub(super) progresses: u64,
    /// What is wrong with each tree, so that it is said once.
    pub(super) complaints: BTreeMap<PathBuf, Complaint>,
}

impl Worker {
    /// Works until there is nobody left to work for.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            let asked = match &job.task {
                Task::Publish => None,
                Task::Answer(request, _) => Some((request.id.clone(), request.method.clone())),
            };
            let done = catch_unwind(AssertUnwindSafe(|| self.work(job)));
            let answer = done.unwrap_or_else(|payload| {
                if Cancelled::is_it(&*payload) {
                    return asked.map(|(id, method)| outdated(&method).respond(id));
                }
                self.sessions.clear();
                let reason = reason(&*payload);
                let message = format!("frugix has a fault: {reason}; please report it");
                let params = lsp::LogMessageParams { kind: lsp::MessageType::Error, message };
                send(&self.out, notice::<lsp::LogMessageNotification>(&params));
                asked.map(|(id, _)| Refusal::new(ErrorCode::InternalError, reason).respond(id))
            });
            if let Some(answer) = answer {
                send(&self.out, answer.into());
            }
        }
    }

    fn work(&mut self, job: Job) -> Option<Response> {
        let is_stale = job.generation < self.latest.load(Ordering::Acquire);
        let state = State { documents: job.documents, folders: job.folders };
        self.sessions.on_disk(job.disk);
        self.sessions.settings = job.settings;
        self.sessions.interests = Some(interests(&self.latest, job.generation, &job.task));
        match job.task {
            Task::Publish if is_stale => None,
            Task::Publish => {
                self.publish(&state.documents);
                None
            }
            Task::Answer(_, given_up) if given_up.load(Ordering::Acquire) => None,
            Task::Answer(request, _) if is_stale => {
                Some(outdated(&request.method).respond(request.id))
            }
            Task::Answer(request, _) => {
                let id = request.id.clone();
                Some(match self.answer(request, &state) {
                    Ok(result) => Response::new_ok(id, result),
                    Err(refusal) => refusal.respond(id),
                })
            }
        }
    }

    fn answer(&mut self, request: Request, state: &State) -> Result<Value, Refusal> {
        match request.method.as_str() {
            "textDocument/diagnostic" => self.reply(request, state, Worker::document_report),
            "workspace/diagnostic" => self.reply(request, state, Worker::workspace_report),
            "textDocument/codeAction" => self.reply(request, state, Worker::actions),
            "codeAction/resolve" => self.reply(request, state, Worker::resolved),
            "textDocument/hover" => self.reply(request, state, Worker::hover),
            "textDocument/definition" => self.reply(request, state, Worker::definition),
            "textDocument/references" => self.reply(request, state, Worker::references),
            "textDocument/inlayHint" => self.reply(request, state, Worker::inlay_hints),
            "textDocument/completion" => self.reply(request, state, Worker::completion),
            #[cfg(test)]
            "frugix/fault" => panic!("as asked"),
            other => {
                let message = format!("frugix does not answer {other}");
                Err(Refusal::new(ErrorCode::MethodNotFound, message))
            }
        }
    }

    fn reply<P: DeserializeOwned, R: Serialize>(
        &mut self,
        request: Request,
        state: &State,
        answer: fn(&mut Worker, P, &State) -> R,
    ) -> Result<Value, Refusal> {
        let params = serde_json::from_value(request.params)
            .map_err(|error| Refusal::new(ErrorCode::InvalidParams, error.to_string()))?;
        serde_json::to_value(answer(self, params, state))
            .map_err(|error| Refusal::new(ErrorCode::InternalError, error.to_string()))
    }

    /// The tree that a document lies in, and its place there. None when it lies in none, and when that
    /// cannot be looked at: the editor was told why, and would show each refused request once more.
    pub(super) fn session(
        &mut self,
        uri: &lsp::Uri,
        state: &State,
    ) -> Option<(&mut Session, FileId)> {
        let path = path_of(uri)?;
        let root = self.sessions.root_of(&path, &state.documents);
        let session = self.look(&root, &state.documents).ok()?;
        session.file(&path).map(|file| (session, file))
    }

    /// The tree at `root`. When it cannot be looked at as it asks to be, the editor is told why, once.
    pub(super) fn look(
        &mut self,
        root: &PathBuf,
        documents: &Documents,
    ) -> Result<&mut Session, Complaint> {
        // The first time, every file is read.
        let is_first = self.client.shows_progress && !self.sessions.knows(root);
        let shown = is_first.then(|| {
            self.progresses += 1;
            let token = format!("frugix-analysis-{}", self.progresses);
            progress::begin(&self.out, token, root)
        });
        let looked = self.sessions.look(root, documents);
        drop(shown);
        let complaint = match &looked {
            Ok(session) => session.complaint.as_ref(),
            Err(complaint) => Some(complaint),
        };
        match complaint {
            None => drop(self.complaints.remove(root)),
            Some(complaint) if self.complaints.get(root) != Some(complaint) => {
                // Who is writing the configuration sees it there.
                if !complaint.is_shown(documents) {
                    let what = complaint.sentence();
                    let message = format!("frugix cannot look at {}: {what}", root.display());
                    let kind = lsp::MessageType::Error;
                    let params = lsp::ShowMessageParams { kind, message };
                    send(&self.out, notice::<lsp::ShowMessageNotification>(&params));
                }
                self.complaints.insert(root.clone(), complaint.clone());
            }
            Some(_) => {}
        }
        looked
    }
}

/// A notification.
pub(super) fn notice<N: lsp::Notification>(params: &N::Params) -> Message {
    Notification::new(N::METHOD.as_str().to_owned(), params).into()
}

/// Nobody listens when the server is on its way out.
pub(super) fn send(out: &Sender<Message>, message: Message) {
    let _ = out.send(message);
}

/// What a request is about.
pub(super) struct State {
    pub(super) documents: Documents,
    pub(super) folders: Arc<Vec<PathBuf>>,
}

/// Who waits for a job: nobody once something has changed, and only who asked for what is of no use
/// to others.
fn interests(latest: &Arc<AtomicU64>, generation: u64, task: &Task) -> Interests {
    let given_up = match task {
        Task::Answer(_, given_up) => Arc::clone(given_up),
        Task::Publish => Arc::default(),
    };
    let is_latest = {
        let latest = Arc::clone(latest);
        move || latest.load(Ordering::Acquire) == generation
    };
    let shared = Interest::new(is_latest.clone());
    let own = Interest::new(move || is_latest() && !given_up.load(Ordering::Acquire));
    Interests { shared, own }
}

/// The answer to a request that was made before the last change.
fn outdated(method: &str) -> Refusal {
    const MESSAGE: &str = "the document has changed since";
    if method.ends_with("/diagnostic") {
        let data = Some(json!({ "retriggerRequest": true }));
        return Refusal { data, ..Refusal::new(ErrorCode::ServerCancelled, MESSAGE) };
    }
    Refusal::new(ErrorCode::ContentModified, MESSAGE)
}

fn reason(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_of_and_the_next_request_is_answered() {
        let (out, said) = crossbeam_channel::unbounded();
        let (jobs, waiting) = crossbeam_channel::unbounded();
        for (id, method, params) in [
            (1, "frugix/fault", json!({})),
            (
                2,
                "textDocument/hover",
                json!({
                    "textDocument": { "uri": "untitled:a" },
                    "position": { "line": 0, "character": 0 },
                }),
            ),
        ] {
            let request = Request::new(id.into(), method.to_owned(), params);
            let job = Job {
                task: Task::Answer(request, Arc::default()),
                generation: 0,
                disk: 0,
                documents: Documents::default(),
                folders: Arc::default(),
                settings: Arc::default(),
            };
            jobs.send(job).expect("somebody listens");
        }
        drop(jobs);
        let worker = Worker {
            client: Arc::new(Client::new(&lsp::ClientCapabilities::default())),
            latest: Arc::default(),
            out,
            sessions: Sessions::default(),
            published: HashMap::new(),
            pulled: HashMap::new(),
            refreshes: 0,
            progresses: 0,
            complaints: BTreeMap::new(),
        };
        worker.run(&waiting);
        let said: Vec<Message> = said.iter().collect();
        let [Message::Notification(log), Message::Response(fault), Message::Response(answer)] =
            said.as_slice()
        else {
            panic!("{said:#?}");
        };
        assert_eq!(log.method, "window/logMessage");
        let fault = fault.response_result.as_ref().expect_err("a refusal");
        assert_eq!((fault.code, fault.message.as_str()), (-32603, "as asked"));
        assert_eq!(answer.response_result.as_ref().ok(), Some(&Value::Null));
    }
}
