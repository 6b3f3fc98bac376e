//! A table for the comment on a merge request, or the summary of a workflow.

use std::io::{self, Write};

use super::place::Place;
use super::rule_page::rule_url;
use super::{DisplayPaths, Finding, Summary, visible_name};

/// Writes a sentence and, with findings, a table of them.
///
/// # Errors
///
/// Those of `out`.
pub fn write_markdown(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "frugix found nothing.");
    }
    let summary = Summary::of(findings);
    writeln!(out, "frugix found {}.\n", summary.by_severity())?;
    writeln!(out, "| severity | rule | place | finding |")?;
    writeln!(out, "|---|---|---|---|")?;
    for finding in findings {
        let found = finding.diagnostic;
        let place = Place::of_finding(finding, paths);
        let sentences = std::iter::once(&found.message).chain(&found.notes);
        let text: Vec<String> = sentences.flat_map(|text| text.lines()).map(escaped).collect();
        writeln!(
            out,
            "| {} | [{rule}]({url}) | {}:{} | {} |",
            found.severity,
            escaped(&place.name),
            place.start.line,
            text.join("<br>"),
            rule = found.rule,
            url = rule_url(found.rule),
        )?;
    }
    Ok(())
}

/// Text that stays in its cell and means nothing but itself. Code in backquotes stays code, as far
/// as it is closed.
fn escaped(text: &str) -> String {
    let text = visible_name(text);
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let mut escaped = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            escaped.push_str(if is_paired { "`" } else { "\\`" });
        }
        let is_code = is_paired && index % 2 == 1;
        for c in part.chars() {
            // A bar ends a cell even in code.
            if c == '|' || (!is_code && "\\*_{}[]<>&#!~@".contains(c)) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    escaped
}
