//! Findings, as the editor shows them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use gen_lsp_types as lsp;
use serde_json::json;

use super::conversion::{Places, severity};
use crate::lint::{Diagnostic, Fix, FixEdit};
use crate::report::{rule_url, visible, visible_name};
use crate::source::Edit;

/// Who the editor says found it.
pub(super) const SOURCE: &str = "frugix";

/// A finding, for the document it lies in.
pub(super) fn told(found: &Diagnostic, places: &Places<'_>) -> lsp::Diagnostic {
    let related = found.related.iter().filter_map(|related| {
        let location = places.location(related.span)?;
        let message = visible_name(&related.message).into_owned();
        Some(lsp::DiagnosticRelatedInformation { location, message })
    });
    let fixes = found.fixes.iter().filter_map(|fix| {
        Some(json!({
            "title": visible_name(&fix.title),
            "applicability": fix.applicability.name(),
            "why": fix.why.as_deref().map(visible),
            "edit": edit_of(fix, places)?,
        }))
    });
    lsp::Diagnostic {
        range: places.range(found.span),
        severity: Some(severity(found.severity)),
        code: Some(lsp::Code::String(found.rule.to_owned())),
        code_description: places.client.links_codes.then(|| page_of(found.rule)).flatten(),
        source: Some(SOURCE.to_owned()),
        message: lsp::Message::String(message(found)),
        tags: (places.client.fades && is_removed(found))
            .then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: places.client.shows_related.then(|| related.collect()),
        data: places.client.keeps_data.then(|| json!({ "fixes": fixes.collect::<Vec<_>>() })),
    }
}

/// Where the rule is explained.
fn page_of(rule: &str) -> Option<lsp::CodeDescription> {
    Some(lsp::CodeDescription { href: rule_url(rule).parse().ok()? })
}

/// Whether what the finding speaks of may just go.
fn is_removed(found: &Diagnostic) -> bool {
    let removes = |fix: &Fix| {
        let covers = |edit: &FixEdit| {
            edit.span.file == found.span.file && edit.span.range.contains_range(found.span.range)
        };
        fix.edits.iter().all(|edit| edit.text.trim().is_empty()) && fix.edits.iter().any(covers)
    };
    found.fixes.iter().any(removes)
}

/// What a fix does to the editor's documents and the files around them. None when it does nothing.
pub(super) fn edit_of(fix: &Fix, places: &Places<'_>) -> Option<lsp::WorkspaceEdit> {
    if fix.edits.is_empty() {
        return None;
    }
    let edits: Vec<_> = fix
        .edits
        .iter()
        .map(|edit| (edit.span.file, Edit { range: edit.span.range, text: edit.text.clone() }))
        .collect();
    places.workspace_edit(edits.iter().map(|(file, edit)| (*file, edit)))
}

/// What is wrong, then why and where, a line each.
fn message(found: &Diagnostic) -> String {
    let mut lines = vec![visible_name(&found.message).into_owned()];
    lines.extend(found.notes.iter().map(|note| visible(note).into_owned()));
    if !found.hosts.is_empty() {
        let noun = if found.hosts.len() == 1 { "host" } else { "hosts" };
        lines.push(format!("on {noun} {}", visible_name(&found.hosts.join(", "))));
    }
    lines.join("\n")
}

/// A name for a list of findings, by which the editor need not be told the same twice.
pub(super) fn result_id(findings: &[lsp::Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(findings).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
