//! What is found, told document by document, for a workspace, or unasked.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types as lsp;
use gen_lsp_types::Request as _;
use lsp_server::{Request, RequestId};
use serde_json::Value;

use super::client::Client;
use super::configuration::Complaint;
use super::conversion::path_of;
use super::diagnostics;
use super::documents::{Document, Documents};
use super::session::Session;
use super::worker::{State, Worker, notice, send};
use crate::config::is_config;
use crate::source::FileId;

/// Findings by address, with the version of what is open.
type Found = HashMap<lsp::Uri, (Option<i32>, Vec<lsp::Diagnostic>)>;

impl Worker {
    /// What is found in one document.
    pub(super) fn document_report(
        &mut self,
        params: lsp::DocumentDiagnosticParams,
        state: &State,
    ) -> lsp::DocumentDiagnosticReport {
        let client = Arc::clone(&self.client);
        let uri = params.text_document.uri;
        if path_of(&uri).is_some_and(|path| is_config(&path)) {
            let items = self.configuration_report(&uri, state);
            return self.reported(uri, items, params.previous_result_id.as_deref());
        }
        let (items, others) = match self.session(&uri, state) {
            Some((session, file)) => {
                (session.told(file, &client), result_ids(session, Some(file), &client))
            }
            None => Default::default(),
        };
        self.refresh(others);
        self.reported(uri, items, params.previous_result_id.as_deref())
    }

    /// The answer, which is short where the editor knows it already.
    fn reported(
        &mut self,
        uri: lsp::Uri,
        items: Vec<lsp::Diagnostic>,
        known: Option<&str>,
    ) -> lsp::DocumentDiagnosticReport {
        let result_id = diagnostics::result_id(&items);
        self.pulled.insert(uri, result_id.clone());
        if known == Some(&result_id) {
            return lsp::RelatedUnchangedDocumentDiagnosticReport {
                unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport {
                    result_id,
                },
                ..Default::default()
            }
            .into();
        }
        full(items).into()
    }

    /// What is wrong with a configuration.
    fn configuration_report(&mut self, uri: &lsp::Uri, state: &State) -> Vec<lsp::Diagnostic> {
        let Some(path) = path_of(uri) else { return Vec::new() };
        let root = self.sessions.root_of(&path, &state.documents);
        let client = Arc::clone(&self.client);
        let (complaint, others) = match self.look(&root, &state.documents) {
            Ok(session) => (session.complaint.clone(), result_ids(session, None, &client)),
            Err(complaint) => (Some(complaint), HashMap::new()),
        };
        self.refresh(others);
        let told = complaint.iter().flat_map(|complaint| complaint.told(&state.documents, &client));
        told.filter(|(other, ..)| other == uri).map(|(.., item)| item).collect()
    }

    /// Asks the editor to ask again about documents of which it was told something else. Not every
    /// editor asks about all that are open when one of them changes.
    fn refresh(&mut self, now: HashMap<lsp::Uri, String>) {
        let mut is_outdated = false;
        for (uri, result_id) in now {
            if let Some(told) = self.pulled.get_mut(&uri).filter(|told| **told != result_id) {
                *told = result_id;
                is_outdated = true;
            }
        }
        if is_outdated {
            self.refreshes += 1;
            let id = RequestId::from(format!("frugix-refresh-{}", self.refreshes));
            let method = lsp::DiagnosticRefreshRequest::METHOD.as_str().to_owned();
            send(&self.out, Request::new(id, method, Value::Null).into());
        }
    }

    /// What is found in every tree that the editor works in.
    pub(super) fn workspace_report(
        &mut self,
        params: lsp::WorkspaceDiagnosticParams,
        state: &State,
    ) -> lsp::WorkspaceDiagnosticReport {
        let known: HashMap<lsp::Uri, String> =
            params.previous_result_ids.into_iter().map(|id| (id.uri, id.value)).collect();
        let mut roots = self.sessions.roots_of(&state.documents);
        roots.extend(
            state.folders.iter().map(|folder| self.sessions.root_of(folder, &state.documents)),
        );
        roots.sort_unstable();
        roots.dedup();
        let mut found = Found::new();
        for root in roots {
            // A tree that cannot be looked at has been complained of.
            let _ = self.collect(&root, &state.documents, &mut found);
        }
        // What had findings when the editor last asked and has none now is told so.
        for uri in known.keys() {
            found.entry(uri.clone()).or_default();
        }
        let report = |(uri, (version, items)): (lsp::Uri, (Option<i32>, Vec<lsp::Diagnostic>))| {
            let result_id = diagnostics::result_id(&items);
            if known.get(&uri) == Some(&result_id) {
                let report = lsp::UnchangedDocumentDiagnosticReport { result_id };
                return lsp::WorkspaceUnchangedDocumentDiagnosticReport::new(uri, version, report)
                    .into();
            }
            let report = lsp::FullDocumentDiagnosticReport { result_id: Some(result_id), items };
            lsp::WorkspaceFullDocumentDiagnosticReport::new(uri, version, report).into()
        };
        let mut items: Vec<_> = found.into_iter().collect();
        items.sort_by(|one, other| one.0.cmp(&other.0));
        lsp::WorkspaceDiagnosticReport { items: items.into_iter().map(report).collect() }
    }

    /// Sends what is found in every tree that a document is open of, as far as it is news.
    pub(super) fn publish(&mut self, documents: &Documents) {
        let mut found = Found::new();
        for root in self.sessions.roots_of(documents) {
            // A tree that cannot be looked at has been complained of.
            let _ = self.collect(&root, documents, &mut found);
        }
        let configurations = documents.configurations().iter();
        for (_, document) in documents.sources().chain(configurations) {
            let version = document.version;
            found.entry(document.uri.clone()).or_insert((Some(version), Vec::new()));
        }
        for uri in self.published.keys() {
            found.entry(uri.clone()).or_default();
        }
        for (uri, told) in found {
            if self.published.get(&uri) == Some(&told) {
                continue;
            }
            let params = lsp::PublishDiagnosticsParams {
                uri: uri.clone(),
                version: told.0,
                diagnostics: told.1.clone(),
            };
            send(&self.out, notice::<lsp::PublishDiagnosticsNotification>(&params));
            self.published.insert(uri, told);
        }
        self.published.retain(|_, (_, items)| !items.is_empty());
    }

    /// Adds what is found in the tree at `root`.
    fn collect(
        &mut self,
        root: &PathBuf,
        documents: &Documents,
        into: &mut Found,
    ) -> Result<(), Complaint> {
        let client = Arc::clone(&self.client);
        let looked = self.look(root, documents);
        let complaint = match &looked {
            Ok(session) => session.complaint.as_ref(),
            Err(complaint) => Some(complaint),
        };
        let told = complaint.into_iter().flat_map(|complaint| complaint.told(documents, &client));
        for (uri, version, item) in told {
            let (known_version, items) = into.entry(uri).or_default();
            *known_version = version;
            items.push(item);
        }
        let session = looked?;
        let places = session.places(&client);
        for found in &session.analysis.diagnostics {
            if let Some(uri) = places.uri(found.span.file) {
                let (version, items) = into.entry(uri).or_default();
                *version = places.version(found.span.file);
                items.push(diagnostics::told(found, &places));
            }
        }
        Ok(())
    }
}

/// The open files of a tree but for one, with what the editor is to be told of each.
fn result_ids(
    session: &Session,
    except: Option<FileId>,
    client: &Client,
) -> HashMap<lsp::Uri, String> {
    let others = session.open.iter().filter(|(other, _)| Some(**other) != except);
    let others = others.filter(|_| client.refreshes);
    let name = |(file, document): (&FileId, &Arc<Document>)| {
        (document.uri.clone(), diagnostics::result_id(&session.told(*file, client)))
    };
    others.map(name).collect()
}

fn full(items: Vec<lsp::Diagnostic>) -> lsp::RelatedFullDocumentDiagnosticReport {
    let result_id = Some(diagnostics::result_id(&items));
    lsp::RelatedFullDocumentDiagnosticReport {
        full_document_diagnostic_report: lsp::FullDocumentDiagnosticReport { result_id, items },
        ..Default::default()
    }
}
