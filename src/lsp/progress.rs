//! Telling the editor that something takes a while.

use std::path::Path;

use crossbeam_channel::Sender;
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

use super::worker::send;

/// What is shown until this is dropped.
pub(super) struct Progress {
    out: Sender<Message>,
    token: String,
}

/// Asks for a place to show progress under the name `token`, and shows that a tree is analysed.
pub(super) fn begin(out: &Sender<Message>, token: String, root: &Path) -> Progress {
    let method = "window/workDoneProgress/create".to_owned();
    let id = RequestId::from(token.clone());
    send(out, Request::new(id, method, json!({ "token": token })).into());
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned());
    let title = format!("frugix reads {}", folder.unwrap_or_else(|| "the tree".to_owned()));
    report(out, &token, json!({ "kind": "begin", "title": title, "cancellable": false }));
    Progress { out: out.clone(), token }
}

impl Drop for Progress {
    /// Says that it is over, done or given up.
    fn drop(&mut self) {
        report(&self.out, &self.token, json!({ "kind": "end" }));
    }
}

fn report(out: &Sender<Message>, token: &str, value: Value) {
    let params = json!({ "token": token, "value": value });
    send(out, Notification::new("$/progress".to_owned(), params).into());
}
