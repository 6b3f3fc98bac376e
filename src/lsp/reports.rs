//! What is found, told document by document, for a workspace, or unasked.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types as lsp;
use gen_lsp_types::Request as _;
use lsp_server::{Request, RequestId};
use serde_json::Value;

use super::diagnostics;
use super::documents::Documents;
use super::worker::{Refusal, State, Worker, notice, send};

/// Findings by address, with the version of what is open.
type Found = HashMap<lsp::Uri, (Option<i32>, Vec<lsp::Diagnostic>)>;

impl Worker {
    /// What is found in one document.
    pub(super) fn document_report(
        &mut self,
        params: lsp::DocumentDiagnosticParams,
        state: &State,
    ) -> Result<lsp::DocumentDiagnosticReport, Refusal> {
        let client = Arc::clone(&self.client);
        let uri = params.text_document.uri;
        let Some((session, file)) = self.session(&uri, state)? else {
            return Ok(full(Vec::new()).into());
        };
        let items = session.told(file, &client);
        let result_id = diagnostics::result_id(&items);
        let others: HashMap<lsp::Uri, String> = session
            .open
            .iter()
            .filter(|(other, _)| client.refreshes && **other != file)
            .map(|(other, document)| {
                let items = session.told(*other, &client);
                (document.uri.clone(), diagnostics::result_id(&items))
            })
            .collect();
        self.refresh(others);
        self.pulled.insert(uri, result_id.clone());
        if params.previous_result_id.as_ref() == Some(&result_id) {
            return Ok(lsp::RelatedUnchangedDocumentDiagnosticReport {
                unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport {
                    result_id,
                },
                ..Default::default()
            }
            .into());
        }
        Ok(full(items).into())
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
    ) -> Result<lsp::WorkspaceDiagnosticReport, Refusal> {
        let known: HashMap<lsp::Uri, String> =
            params.previous_result_ids.into_iter().map(|id| (id.uri, id.value)).collect();
        let mut roots = self.sessions.roots_of(&state.documents);
        roots.extend(state.folders.iter().map(|folder| self.sessions.root_of(folder)));
        roots.sort_unstable();
        roots.dedup();
        let mut found = Found::new();
        for root in roots {
            self.collect(&root, &state.documents, &mut found).map_err(Refusal::failed)?;
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
        Ok(lsp::WorkspaceDiagnosticReport { items: items.into_iter().map(report).collect() })
    }

    /// Sends what is found in every tree that a document is open of, as far as it is news.
    pub(super) fn publish(&mut self, documents: &Documents) {
        let mut found = Found::new();
        for root in self.sessions.roots_of(documents) {
            // A tree that cannot be looked at has been complained of.
            let _ = self.collect(&root, documents, &mut found);
        }
        for (_, document) in documents.iter() {
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
    ) -> Result<(), String> {
        let client = Arc::clone(&self.client);
        let session = self.look(root, documents)?;
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

fn full(items: Vec<lsp::Diagnostic>) -> lsp::RelatedFullDocumentDiagnosticReport {
    let result_id = Some(diagnostics::result_id(&items));
    lsp::RelatedFullDocumentDiagnosticReport {
        full_document_diagnostic_report: lsp::FullDocumentDiagnosticReport { result_id, items },
        ..Default::default()
    }
}
