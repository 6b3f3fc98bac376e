//! GitLab's code quality report.

use std::io::{self, Write};

use serde::Serialize;

use super::place::Place;
use super::{DisplayPaths, Finding};
use crate::lint::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    /// GitLab tells by it whether a merge request brings a finding or had it.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes one array of issues.
///
/// # Errors
///
/// Those of `out`.
pub fn write_gitlab(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let issues: Vec<Issue> = findings
        .iter()
        .map(|finding| {
            let found = finding.diagnostic;
            let place = Place::of_finding(finding, paths);
            Issue {
                description: found.message.clone(),
                check_name: found.rule,
                fingerprint: finding.fingerprint.to_string(),
                severity: match found.severity {
                    Severity::Info => "info",
                    Severity::Warning => "minor",
                    Severity::Error => "major",
                },
                location: Location {
                    path: place.name,
                    lines: Lines { begin: place.start.line, end: place.end.line },
                },
            }
        })
        .collect();
    super::plain_json::write_pretty(out, &issues)?;
    writeln!(out)
}
