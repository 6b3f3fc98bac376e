//! SARIF 2.1.0, which code scanning of forges and many viewers read.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::place::Place;
use super::rule_page::{rule_page, rule_url};
use super::{DisplayPaths, Finding};
use crate::lint::{Fix, RuleMeta, Severity};
use crate::rules::ALL;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a path may hold as it is in a URI.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Writes one log with one run: every rule, and the findings as its results.
///
/// # Errors
///
/// Those of `out`.
pub fn write_sarif(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let metas: Vec<&RuleMeta> = ALL.iter().map(|rule| rule.meta()).collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let mut result = result(finding, paths);
            let index = metas.iter().position(|meta| meta.id == finding.diagnostic.rule);
            if let Some(index) = index {
                result["ruleIndex"] = json!(index);
            }
            result
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "frugix",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": metas.into_iter().map(rule).collect::<Vec<Value>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    super::plain_json::write_pretty(out, &log)?;
    writeln!(out)
}

fn rule(meta: &RuleMeta) -> Value {
    json!({
        "id": meta.id,
        "shortDescription": { "text": meta.summary },
        "help": { "text": meta.summary, "markdown": rule_page(meta) },
        "helpUri": rule_url(meta.id),
        "defaultConfiguration": { "level": level(meta.severity), "enabled": meta.default_on },
        "properties": { "tags": [meta.group.name()] },
    })
}

fn result(finding: &Finding, paths: &DisplayPaths) -> Value {
    let found = finding.diagnostic;
    let place = |span| physical(&Place::of(finding, span, paths));
    let sentences = std::iter::once(&found.message).chain(&found.notes);
    let text = sentences.map(String::as_str).collect::<Vec<_>>().join("\n");
    let known_by = json!({ "frugix/v1": finding.fingerprint.to_string() });
    let mut result = Map::new();
    result.insert("partialFingerprints".to_owned(), known_by);
    result.insert("ruleId".to_owned(), json!(found.rule));
    result.insert("level".to_owned(), json!(level(found.severity)));
    result.insert("message".to_owned(), json!({ "text": text }));
    result.insert("locations".to_owned(), json!([{ "physicalLocation": place(found.span) }]));
    if !found.related.is_empty() {
        let related = found.related.iter().enumerate().map(|(id, related)| {
            json!({
                "id": id,
                "physicalLocation": place(related.span),
                "message": { "text": related.message },
            })
        });
        result.insert("relatedLocations".to_owned(), related.collect());
    }
    let fixes: Vec<Value> = (found.fixes.iter())
        .filter(|fix| !fix.edits.is_empty())
        .map(|fix| described(fix, finding, paths))
        .collect();
    if !fixes.is_empty() {
        result.insert("fixes".to_owned(), Value::Array(fixes));
    }
    if !found.hosts.is_empty() {
        result.insert("properties".to_owned(), json!({ "hosts": found.hosts }));
    }
    Value::Object(result)
}

fn described(fix: &Fix, finding: &Finding, paths: &DisplayPaths) -> Value {
    let mut by_file: Vec<(Place, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let place = Place::of(finding, edit.span, paths);
        let replacement = json!({
            "deletedRegion": region(&place),
            "insertedContent": { "text": edit.text },
        });
        match by_file.iter_mut().find(|(known, _)| known.name == place.name) {
            Some((_, replacements)) => replacements.push(replacement),
            None => by_file.push((place, vec![replacement])),
        }
    }
    let changes = by_file.into_iter().map(|(place, replacements)| {
        json!({ "artifactLocation": { "uri": uri(&place.name) }, "replacements": replacements })
    });
    let text = match &fix.why {
        Some(why) => format!("{}: {why}", fix.title),
        None => fix.title.clone(),
    };
    json!({
        "description": { "text": text },
        "artifactChanges": changes.collect::<Vec<Value>>(),
        "properties": { "applicability": fix.applicability.name() },
    })
}

fn physical(place: &Place) -> Value {
    json!({ "artifactLocation": { "uri": uri(&place.name) }, "region": region(place) })
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

fn uri(name: &str) -> String {
    let scheme = if name.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", utf8_percent_encode(name, PATH))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
