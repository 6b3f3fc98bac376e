//! The forms for programs. Fields are added, never renamed or removed; readers ignore those they
//! do not know.

use std::io::{self, Write};

use serde::Serialize;

use super::place::Place;
use super::{DisplayPaths, Finding};
use crate::source::{FileId, Position, Span};

/// Writes one array of findings, an object a line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_json(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "[]");
    }
    writeln!(out, "[")?;
    for (index, finding) in findings.iter().enumerate() {
        write!(out, "  ")?;
        super::plain_json::write_compact(out, &JsonFinding::new(finding, paths))?;
        writeln!(out, "{}", if index + 1 < findings.len() { "," } else { "" })?;
    }
    writeln!(out, "]")
}

/// Writes one object a line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_json_lines(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    for finding in findings {
        super::plain_json::write_compact(out, &JsonFinding::new(finding, paths))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    group: Option<&'a str>,
    severity: &'a str,
    message: &'a str,
    hosts: &'a [String],
    file: String,
    range: JsonRange,
    notes: &'a [String],
    related: Vec<JsonRelated<'a>>,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    file: String,
    range: JsonRange,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: &'a str,
    why: Option<&'a str>,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: String,
    range: JsonRange,
    text: &'a str,
}

/// Lines and columns from 1, columns in Unicode scalar values, offsets in bytes on disk.
#[derive(Serialize)]
struct JsonRange {
    start: JsonPosition,
    end: JsonPosition,
}

#[derive(Serialize)]
struct JsonPosition {
    line: u64,
    column: u64,
    offset: u64,
}

impl<'a> JsonFinding<'a> {
    fn new(finding: &Finding<'a>, paths: &DisplayPaths) -> JsonFinding<'a> {
        let diagnostic = finding.diagnostic;
        let name = |file: FileId| paths.name(finding.tree, file);
        let range = |span: Span| JsonRange::from(&Place::of(finding, span, paths));
        let related = diagnostic.related.iter().map(|related| JsonRelated {
            file: name(related.span.file),
            range: range(related.span),
            message: &related.message,
        });
        let fixes = diagnostic.fixes.iter().map(|fix| JsonFix {
            title: &fix.title,
            applicability: fix.applicability.name(),
            why: fix.why.as_deref(),
            edits: (fix.edits.iter())
                .map(|edit| JsonEdit {
                    file: name(edit.span.file),
                    range: range(edit.span),
                    text: &edit.text,
                })
                .collect(),
        });
        JsonFinding {
            rule: diagnostic.rule,
            group: finding.group.map(|group| group.name()),
            severity: diagnostic.severity.name(),
            message: &diagnostic.message,
            hosts: &diagnostic.hosts,
            file: name(diagnostic.span.file),
            range: range(diagnostic.span),
            notes: &diagnostic.notes,
            related: related.collect(),
            fixes: fixes.collect(),
        }
    }
}

impl From<&Place> for JsonRange {
    fn from(place: &Place) -> JsonRange {
        let position = |position: Position| JsonPosition {
            line: position.line.into(),
            column: position.column.into(),
            offset: position.offset.into(),
        };
        JsonRange { start: position(place.start), end: position(place.end) }
    }
}
