//! The Reviewdog Diagnostic Format, for comments on changes anywhere.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::place::Place;
use super::rule_page::rule_url;
use super::{DisplayPaths, Finding};
use crate::lint::{Applicability, Severity};

/// Writes one result with every finding.
///
/// # Errors
///
/// Those of `out`.
pub fn write_rdjson(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let diagnostics: Vec<Value> =
        findings.iter().map(|finding| diagnostic(finding, paths)).collect();
    let result = json!({
        "source": { "name": "frugix", "url": env!("CARGO_PKG_REPOSITORY") },
        "diagnostics": diagnostics,
    });
    super::plain_json::write_pretty(out, &result)?;
    writeln!(out)
}

fn diagnostic(finding: &Finding, paths: &DisplayPaths) -> Value {
    let found = finding.diagnostic;
    let place = Place::of_finding(finding, paths);
    let sentences = std::iter::once(&found.message).chain(&found.notes);
    let related: Vec<Value> = (found.related.iter())
        .map(|related| {
            let location = location(&Place::of(finding, related.span, paths));
            json!({ "message": related.message, "location": location })
        })
        .collect();
    let mut diagnostic = json!({
        "message": sentences.map(String::as_str).collect::<Vec<_>>().join("\n"),
        "location": location(&place),
        "severity": match found.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        },
        "code": { "value": found.rule, "url": rule_url(found.rule) },
    });
    if !related.is_empty() {
        diagnostic["relatedLocations"] = Value::Array(related);
    }
    let suggestions = suggestions(finding, &place, paths);
    if !suggestions.is_empty() {
        diagnostic["suggestions"] = Value::Array(suggestions);
    }
    diagnostic
}

/// The best fix, where it is one edit in the finding's own file: each suggestion is taken by itself,
/// and half of a fix is none.
fn suggestions(finding: &Finding, place: &Place, paths: &DisplayPaths) -> Vec<Value> {
    let best = finding.best_fix().filter(|fix| fix.applicability > Applicability::Suggestion);
    let edits = best.map(|fix| fix.edits.as_slice()).unwrap_or_default();
    let [edit] = edits else { return Vec::new() };
    let changed = Place::of(finding, edit.span, paths);
    match changed.name == place.name {
        true => vec![json!({ "range": range(&changed), "text": edit.text })],
        false => Vec::new(),
    }
}

fn location(place: &Place) -> Value {
    json!({ "path": place.name, "range": range(place) })
}

/// Columns count bytes.
fn range(place: &Place) -> Value {
    let (start, end) = place.byte_columns;
    json!({
        "start": { "line": place.start.line, "column": start },
        "end": { "line": place.end.line, "column": end },
    })
}
