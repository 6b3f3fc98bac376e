//! What is asked about a document or a place in it, each in its own words.

use std::sync::Arc;

use gen_lsp_types as lsp;

use super::client::Client;
use super::conversion::path_of;
use super::session::Session;
use super::worker::{State, Worker};
use super::{actions, completion, fix_all, hover, inlay, provenance};
use crate::source::FileId;

impl Worker {
    pub(super) fn actions(
        &mut self,
        params: lsp::CodeActionParams,
        state: &State,
    ) -> Vec<lsp::CodeActionResponse> {
        let client = Arc::clone(&self.client);
        let Some((session, file)) = self.session(&params.text_document.uri, state) else {
            return Vec::new();
        };
        let actions = actions::actions(session, file, &client, &params);
        actions.into_iter().map(lsp::CodeActionResponse::CodeAction).collect()
    }

    pub(super) fn resolved(
        &mut self,
        mut action: lsp::CodeAction,
        state: &State,
    ) -> lsp::CodeAction {
        let client = Arc::clone(&self.client);
        let uri = action.data.as_ref().and_then(fix_all::document);
        let wanted = action.kind.clone().zip(uri);
        if let (None, Some((kind, uri))) = (&action.edit, wanted)
            && let Some((session, file)) = self.session(&uri, state)
        {
            action.edit = fix_all::edit(session, file, &client, &kind);
        }
        action
    }

    pub(super) fn hover(&mut self, params: lsp::HoverParams, state: &State) -> Option<lsp::Hover> {
        self.at_position(params.text_document_position_params, state, hover::hover)
    }

    pub(super) fn definition(
        &mut self,
        params: lsp::DefinitionParams,
        state: &State,
    ) -> Vec<lsp::Location> {
        self.at_position(params.text_document_position_params, state, provenance::definitions)
    }

    pub(super) fn references(
        &mut self,
        params: lsp::ReferenceParams,
        state: &State,
    ) -> Vec<lsp::Location> {
        self.at_position(params.text_document_position_params, state, provenance::uses)
    }

    pub(super) fn inlay_hints(
        &mut self,
        params: lsp::InlayHintParams,
        state: &State,
    ) -> Vec<lsp::InlayHint> {
        if !self.sessions.settings.inlay_hints {
            return Vec::new();
        }
        let client = Arc::clone(&self.client);
        let found = self.session(&params.text_document.uri, state);
        found.map_or_else(Vec::new, |(session, file)| {
            inlay::hints(session, file, &client, params.range)
        })
    }

    /// What `ask` says of a place in a document; nothing where the document is of no session.
    fn at_position<T: Default>(
        &mut self,
        place: lsp::TextDocumentPositionParams,
        state: &State,
        ask: impl FnOnce(&mut Session, FileId, &Client, lsp::Position) -> T,
    ) -> T {
        let client = Arc::clone(&self.client);
        let found = self.session(&place.text_document.uri, state);
        found.map_or_else(T::default, |(session, file)| ask(session, file, &client, place.position))
    }

    pub(super) fn completion(
        &mut self,
        params: lsp::CompletionParams,
        state: &State,
    ) -> Option<lsp::CompletionResponse> {
        // Needs the document alone, and must not wait for an analysis.
        let at = params.text_document_position_params;
        let path = path_of(&at.text_document.uri);
        let document = path.and_then(|path| state.documents.get(&path));
        document
            .and_then(|document| completion::complete(&document.source, &self.client, at.position))
    }
}
