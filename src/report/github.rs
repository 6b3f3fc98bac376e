//! Commands that a GitHub workflow turns into annotations of the changed lines.

use std::io::{self, Write};

use super::place::Place;
use super::{DisplayPaths, Finding, visible};
use crate::lint::Severity;

/// Writes a command a line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_github(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    for finding in findings {
        let found = finding.diagnostic;
        let place = Place::of_finding(finding, paths);
        let command = match found.severity {
            Severity::Info => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(
            out,
            "::{command} title={},file={},line={},endLine={}",
            property(&format!("frugix ({})", found.rule)),
            property(&place.name),
            place.start.line,
            place.end.line,
        )?;
        // Columns of several lines are refused.
        if place.start.line == place.end.line {
            let last = place.end.column.saturating_sub(1).max(place.start.column);
            write!(out, ",col={},endColumn={last}", place.start.column)?;
        }
        let sentences = std::iter::once(&found.message).chain(&found.notes);
        let text = sentences.map(String::as_str).collect::<Vec<_>>().join("\n");
        writeln!(out, "::{}", data(&text))?;
    }
    Ok(())
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text between the first `::` and the second.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
