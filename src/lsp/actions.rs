//! What the editor offers to do about findings: their fixes, one action each, comments that silence
//! them, and all safe fixes at once.
//!
//! Everything is made from the analysis of the very text that the request speaks of, so that no
//! edit is stale.

use gen_lsp_types as lsp;

use super::client::Client;
use super::conversion::Places;
use super::diagnostics::{self, edit_of};
use super::fix_all;
use super::session::Session;
use crate::lint::{Applicability, Diagnostic, Fix, Group, ignore_file, ignore_line};
use crate::report::visible_name;
use crate::rules::ALL;
use crate::source::{Edit, FileId};

/// The actions for a range of a document.
pub(super) fn actions(
    session: &mut Session,
    file: FileId,
    client: &Client,
    params: &lsp::CodeActionParams,
) -> Vec<lsp::CodeAction> {
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if wants(only, &lsp::CodeActionKind::QuickFix) {
        actions = quick_fixes(session, file, client, params);
    }
    for kind in fix_all::KINDS {
        // Who asks for everything that can be fixed in a document does not mean other documents.
        let asked_by_name = only.is_none_or(|only| only.contains(&fix_all::WORKSPACE));
        if wants(only, &kind) && (kind != fix_all::WORKSPACE || asked_by_name) {
            actions.extend(fix_all::action(session, file, client, kind, params));
        }
    }
    actions
}

/// Whether an action of this kind was asked for: by its name, by one above it, or by none.
fn wants(only: Option<&[lsp::CodeActionKind]>, kind: &lsp::CodeActionKind) -> bool {
    let kind = kind.to_string();
    let covers = |asked: &lsp::CodeActionKind| {
        let rest = kind.strip_prefix(asked.to_string().as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            || asked.to_string().is_empty()
    };
    only.is_none_or(|only| only.iter().any(covers))
}

fn quick_fixes(
    session: &Session,
    file: FileId,
    client: &Client,
    params: &lsp::CodeActionParams,
) -> Vec<lsp::CodeAction> {
    let Ok(source) = session.tree.source(file) else { return Vec::new() };
    let range = client.encoding.text_range(&source, params.range);
    let places = session.places(client);
    let here =
        || session.findings(file).filter(|found| found.span.range.intersect(range).is_some());
    let mut actions = Vec::new();
    for found in here() {
        let told = shown(found, &places, &params.context.diagnostics);
        let best = found.fixes.iter().find(|fix| fix.applicability == Applicability::Safe);
        for fix in &found.fixes {
            let Some(edit) = edit_of(fix, &places) else { continue };
            let is_preferred = best.is_some_and(|best| std::ptr::eq(best, fix));
            actions.push(lsp::CodeAction {
                title: title(fix),
                kind: Some(lsp::CodeActionKind::QuickFix),
                diagnostics: Some(vec![told.clone()]),
                is_preferred: is_preferred.then_some(true),
                edit: Some(edit),
                ..Default::default()
            });
        }
    }
    let mut silenced: Vec<&str> = Vec::new();
    for found in here().filter(|found| may_be_silenced(found)) {
        if silenced.contains(&found.rule) {
            continue;
        }
        silenced.push(found.rule);
        let told = shown(found, &places, &params.context.diagnostics);
        let ways = [
            ("here", ignore_line(&source.text, found.span.range.start(), found.rule, None)),
            ("in this file", ignore_file(&source.text, found.rule)),
        ];
        for (place, edit) in ways {
            let edit = edit.and_then(|edit: Edit| places.workspace_edit([(file, &edit)]));
            actions.extend(edit.map(|edit| lsp::CodeAction {
                title: format!("Ignore {} {place}", found.rule),
                kind: Some(lsp::CodeActionKind::QuickFix),
                diagnostics: Some(vec![told.clone()]),
                edit: Some(edit),
                ..Default::default()
            }));
        }
    }
    actions
}

/// The finding as the editor has it, so that it knows which one an action settles.
fn shown(found: &Diagnostic, places: &Places<'_>, known: &[lsp::Diagnostic]) -> lsp::Diagnostic {
    let told = diagnostics::told(found, places);
    let same = |other: &&lsp::Diagnostic| {
        other.range == told.range && other.code == told.code && other.message == told.message
    };
    known.iter().find(same).cloned().unwrap_or(told)
}

fn title(fix: &Fix) -> String {
    let title = match (fix.applicability, &fix.why) {
        (Applicability::Safe, _) => fix.title.clone(),
        (Applicability::Unsafe, Some(why)) => format!("{} (unsafe: {why})", fix.title),
        (kind, _) => format!("{} ({kind})", fix.title),
    };
    visible_name(&title).into_owned()
}

/// A finding about a comment of ours, or about a text that cannot be read, is not for a comment to
/// silence.
fn may_be_silenced(found: &Diagnostic) -> bool {
    let meta = ALL.iter().map(|rule| rule.meta()).find(|meta| meta.id == found.rule);
    meta.is_some_and(|meta| meta.group != Group::Meta)
}
