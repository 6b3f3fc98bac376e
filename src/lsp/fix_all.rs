//! Every safe fix at once: of one document, or of the tree. The same loop as the command line's.

use std::borrow::Cow;

use gen_lsp_types as lsp;
use serde_json::{Value, json};
use text_size::{TextRange, TextSize};

use super::client::Client;
use super::session::Session;
use crate::analysis::{FixRequest, all_wanted};
use crate::lint::Applicability;
use crate::source::{Edit, FileId};

/// The safe fixes that touch nothing but the document.
pub(super) const DOCUMENT: lsp::CodeActionKind =
    lsp::CodeActionKind::Custom(Cow::Borrowed("source.fixAll.frugix"));

/// All safe fixes of the tree.
pub(super) const WORKSPACE: lsp::CodeActionKind =
    lsp::CodeActionKind::Custom(Cow::Borrowed("source.fixAll.frugix.workspace"));

pub(super) const KINDS: [lsp::CodeActionKind; 2] = [DOCUMENT, WORKSPACE];

/// The action, if it does something. An editor that asks for the edit later is not kept waiting.
pub(super) fn action(
    session: &mut Session,
    file: FileId,
    client: &Client,
    kind: lsp::CodeActionKind,
    params: &lsp::CodeActionParams,
) -> Option<lsp::CodeAction> {
    let writable = |other: FileId| kind == WORKSPACE || other == file;
    let is_fixable =
        session.analysis.diagnostics.iter().flat_map(|found| &found.fixes).any(|fix| {
            fix.applicability == Applicability::Safe
                && fix.edits.iter().all(|edit| writable(edit.span.file))
        });
    if !is_fixable {
        return None;
    }
    let title = match kind == WORKSPACE {
        true => "Fix everything that is safe to fix, in all files",
        false => "Fix everything that is safe to fix",
    };
    let mut action =
        lsp::CodeAction { title: title.to_owned(), kind: Some(kind.clone()), ..Default::default() };
    if client.resolves_edits {
        action.data = Some(json!({ "document": params.text_document.uri }));
    } else {
        action.edit = Some(edit(session, file, client, &kind)?);
    }
    Some(action)
}

/// The document that an action without its edit was offered for.
pub(super) fn document(data: &Value) -> Option<lsp::Uri> {
    data.get("document")?.as_str()?.parse().ok()
}

/// What fixing comes to: one edit a file, as small as can be. None when nothing changes.
pub(super) fn edit(
    session: &mut Session,
    file: FileId,
    client: &Client,
    kind: &lsp::CodeActionKind,
) -> Option<lsp::WorkspaceEdit> {
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|other| *kind == WORKSPACE || other == file,
        fixable: &|_| true,
        wanted: &all_wanted,
    };
    let outcome = session.analyzer.fix(&session.wanted(), &request);
    let edits: Vec<(FileId, Edit)> = outcome
        .changed
        .iter()
        .filter_map(|(file, after)| {
            let before = session.tree.source(*file).ok()?;
            Some((*file, difference(&before.text, after)))
        })
        .collect();
    if edits.is_empty() {
        return None;
    }
    session.places(client).workspace_edit(edits.iter().map(|(file, edit)| (*file, edit)))
}

/// The lines in which two texts differ, as one replacement of the first's by the second's.
fn difference(before: &str, after: &str) -> Edit {
    let same = |(one, other): &(&str, &str)| one == other;

    let start: usize = before
        .split_inclusive('\n')
        .zip(after.split_inclusive('\n'))
        .take_while(same)
        .map(|(line, _)| line.len())
        .sum();
    let (rest_before, rest_after) = (&before[start..], &after[start..]);
    let end: usize = rest_before
        .split_inclusive('\n')
        .rev()
        .zip(rest_after.split_inclusive('\n').rev())
        .take_while(same)
        .map(|(line, _)| line.len())
        .sum();
    let size = |offset: usize| TextSize::new(u32::try_from(offset).unwrap_or(u32::MAX));
    Edit {
        range: TextRange::new(size(start), size(before.len() - end)),
        text: rest_after[..rest_after.len() - end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::apply_edits;

    #[test]
    fn only_what_differs_is_replaced() {
        let edit = difference("a\nb\nc\nd", "a\nx\ny\nd");
        assert_eq!(edit, Edit { range: TextRange::new(2.into(), 6.into()), text: "x\ny\n".into() });
    }

    #[test]
    fn the_replacement_gives_the_other_text() {
        let texts = ["", "a", "a\n", "a\na\n", "a\na\na", "b\na\n", "a\nb\na", "ä\na\na\nb"];
        for before in texts {
            for after in texts {
                let edit = difference(before, after);
                assert_eq!(apply_edits(before, &[edit]).as_deref(), Ok(after), "{before:?}");
            }
        }
    }
}
