//! What the editor can do, and what we offer it.

use gen_lsp_types as lsp;

use super::conversion::{Encoding, path_of};
use super::fix_all;
use std::path::PathBuf;

/// What the editor said of itself when it introduced itself.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// How it counts columns.
    pub(super) encoding: Encoding,
    /// It asks for findings; others are sent them.
    pub(super) pulls: bool,
    /// It can be told that findings it asked for are out of date.
    pub(super) refreshes: bool,
    /// It can be told that hints are out of date.
    pub(super) refreshes_hints: bool,
    /// It watches files for us.
    pub(super) watches: bool,
    /// It can be asked for its settings.
    pub(super) configures: bool,
    /// It shows that something takes a while.
    pub(super) shows_progress: bool,
    /// It shows what is unnecessary as such.
    pub(super) fades: bool,
    /// Its edits can be bound to the version of a document.
    pub(super) versioned_edits: bool,
    /// It shows the other places that a finding speaks of.
    pub(super) shows_related: bool,
    /// It leads from a finding's code to a page about it.
    pub(super) links_codes: bool,
    /// It hands the data of a finding back.
    pub(super) keeps_data: bool,
    /// It renders Markdown under the pointer; one that does not say is taken to.
    pub(super) renders_hovers: bool,
    /// It renders Markdown beside what may be completed.
    pub(super) renders_completions: bool,
    /// It asks for the edit of an action once the user has chosen it.
    pub(super) resolves_edits: bool,
}

impl Client {
    /// Reads what the editor can do.
    pub(super) fn new(capabilities: &lsp::ClientCapabilities) -> Client {
        let general = capabilities.general.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let document = capabilities.text_document.as_ref();
        let pull = document.and_then(|document| document.diagnostic.as_ref());
        let push = document.and_then(|document| document.publish_diagnostics.as_ref());
        let findings = pull
            .map(|pull| &pull.diagnostics_capabilities)
            .or(push.map(|push| &push.diagnostics_capabilities));
        let can = |said: Option<bool>| said == Some(true);
        Client {
            encoding: Encoding::choose(
                general.and_then(|general| general.position_encodings.as_deref()),
            ),
            pulls: pull.is_some(),
            refreshes: can(workspace
                .and_then(|workspace| workspace.diagnostics.as_ref())
                .and_then(|diagnostics| diagnostics.refresh_support)),
            refreshes_hints: can(workspace
                .and_then(|workspace| workspace.inlay_hint.as_ref())
                .and_then(|hints| hints.refresh_support)),
            watches: can(workspace
                .and_then(|workspace| workspace.did_change_watched_files.as_ref())
                .and_then(|watching| watching.dynamic_registration)),
            configures: can(workspace.and_then(|workspace| workspace.configuration)),
            shows_progress: can(capabilities
                .window
                .as_ref()
                .and_then(|window| window.work_done_progress)),
            fades: findings
                .and_then(|findings| findings.tag_support.as_ref())
                .is_some_and(|tags| tags.value_set.contains(&lsp::DiagnosticTag::Unnecessary)),
            versioned_edits: can(workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref())
                .and_then(|edit| edit.document_changes)),
            shows_related: can(findings.and_then(|findings| findings.related_information)),
            links_codes: can(findings.and_then(|findings| findings.code_description_support)),
            keeps_data: can(findings.and_then(|findings| findings.data_support)),
            renders_hovers: document
                .and_then(|document| document.hover.as_ref()?.content_format.as_ref())
                .is_none_or(|formats| formats.contains(&lsp::MarkupKind::Markdown)),
            renders_completions: document
                .and_then(|document| document.completion.as_ref()?.completion_item.as_ref())
                .and_then(|item| item.documentation_format.as_ref())
                .is_some_and(|formats| formats.contains(&lsp::MarkupKind::Markdown)),
            resolves_edits: document
                .and_then(|document| document.code_action.as_ref())
                .and_then(|actions| actions.resolve_support.as_ref())
                .is_some_and(|resolve| resolve.properties.iter().any(|name| name == "edit")),
        }
    }

    /// What we can do for this editor.
    pub(super) fn offer(&self) -> lsp::ServerCapabilities {
        let pull = lsp::DiagnosticOptions {
            identifier: Some("frugix".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        };
        lsp::ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(lsp::TextDocumentSync::Options(
                lsp::TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(lsp::TextDocumentSyncKind::Incremental),
                    save: Some(lsp::Save::Bool(true)),
                    ..Default::default()
                },
            )),
            diagnostic_provider: self
                .pulls
                .then_some(lsp::DiagnosticProvider::DiagnosticOptions(pull)),
            code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(
                lsp::CodeActionOptions {
                    code_action_kinds: Some(vec![
                        lsp::CodeActionKind::QuickFix,
                        fix_all::DOCUMENT,
                        fix_all::WORKSPACE,
                    ]),
                    resolve_provider: Some(true),
                    ..Default::default()
                },
            )),
            definition_provider: Some(lsp::DefinitionProvider::Bool(true)),
            references_provider: Some(lsp::ReferencesProvider::Bool(true)),
            inlay_hint_provider: Some(lsp::InlayHintProvider::Bool(true)),
            hover_provider: Some(lsp::HoverProvider::Bool(true)),
            completion_provider: Some(lsp::CompletionOptions {
                trigger_characters: Some(vec!["[".to_owned(), ",".to_owned()]),
                ..Default::default()
            }),
            workspace: Some(lsp::WorkspaceOptions {
                workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(lsp::ChangeNotifications::Bool(true)),
                }),
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

/// The folders that the editor works in, as far as they lie on this machine.
pub(super) fn folders(params: &lsp::InitializeParams) -> Vec<PathBuf> {
    let said = params.workspace_folders_initialize_params.workspace_folders.as_ref();
    if let Some(lsp::WorkspaceFolders::WorkspaceFolderList(folders)) = said {
        return folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
    }
    // What editors say that know one folder only.
    #[expect(deprecated)]
    let root = params.root_uri.as_ref();
    root.and_then(path_of).into_iter().collect()
}
