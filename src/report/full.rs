//! The form for people: each finding with the source it speaks of, its reasons and its fixes.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic as Drawing, Label};
use codespan_reporting::term::{self, Config};
use rayon::prelude::*;

use super::excerpt::{Excerpts, LINES_AFTER_START, LINES_BEFORE_END};
use super::style::{Painter, drawn};
use super::{DisplayPaths, Finding, visible, visible_name};
use crate::lint::{Applicability, Fix};
use crate::source::{FileId, Span};

/// So many findings are drawn one after the other; others beside them.
const DRAWN_IN_A_ROW: usize = 64;

/// So many are drawn before they are written.
const DRAWN_AT_ONCE: usize = 64 * DRAWN_IN_A_ROW;

/// Writes every finding, a blank line after each.
///
/// # Errors
///
/// Those of `out`.
pub fn write_full(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let config = Config {
        tab_width: 2,
        start_context_lines: LINES_AFTER_START,
        end_context_lines: LINES_BEFORE_END,
        ..Config::default()
    };
    for findings in findings.chunks(DRAWN_AT_ONCE) {
        let rows = findings.par_chunks(DRAWN_IN_A_ROW).map(|row| drawn_row(row, paths, &config));
        let rows: io::Result<Vec<Vec<u8>>> = rows.collect();
        rows?.iter().try_for_each(|row| out.write_all(row))?;
    }
    Ok(())
}

fn drawn_row(row: &[Finding], paths: &DisplayPaths, config: &Config) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for finding in row {
        let (excerpts, drawing) = draw(finding, paths);
        let mut painter = Painter::new(&mut text, finding.diagnostic.severity);
        term::emit_to_write_style(&mut painter, config, &excerpts, &drawing)
            .map_err(io::Error::other)?;
    }
    Ok(text)
}

fn draw(finding: &Finding, paths: &DisplayPaths) -> (Excerpts, Drawing<usize>) {
    let diagnostic = finding.diagnostic;
    let related = diagnostic.related.iter();
    let spans: Vec<Span> = std::iter::once(diagnostic.span)
        .chain(related.clone().map(|related| related.span))
        .collect();
    let (excerpts, marks) = Excerpts::cut(finding.tree, paths, &spans);

    let mut labels = Vec::new();
    let mut notes = Vec::new();
    let mut marks = marks.into_iter();
    match marks.next().flatten() {
        Some((file, range)) => labels.push(Label::primary(file, range)),
        None => notes.push(format!("in {}", name(finding, paths, diagnostic.span.file))),
    }
    for (related, mark) in related.zip(marks) {
        let message = visible_name(&related.message);
        match mark {
            Some((file, range)) => {
                labels.push(Label::secondary(file, range).with_message(message));
            }
            None => notes.push(format!("{message} ({})", name(finding, paths, related.span.file))),
        }
    }
    notes.extend(diagnostic.notes.iter().map(|note| visible(note).into_owned()));
    notes.extend(hosts_note(&diagnostic.hosts));
    let fixes = diagnostic.fixes.iter();
    notes.extend(fixes.map(|fix| fix_note(finding, paths, fix)));

    let drawing = Drawing::new(drawn(diagnostic.severity))
        .with_code(diagnostic.rule)
        .with_message(visible_name(&diagnostic.message))
        .with_labels(labels)
        .with_notes(notes);
    (excerpts, drawing)
}

fn name(finding: &Finding, paths: &DisplayPaths, file: FileId) -> String {
    visible_name(&paths.name(finding.tree, file)).into_owned()
}

fn hosts_note(hosts: &[String]) -> Option<String> {
    let names: Vec<_> = hosts.iter().map(|host| visible_name(host)).collect();
    match names.as_slice() {
        [] => None,
        [host] => Some(format!("on host {host}")),
        hosts => Some(format!("on hosts {}", hosts.join(", "))),
    }
}

/// The fix's title, how far it may be trusted, why, and the other files it would change.
fn fix_note(finding: &Finding, paths: &DisplayPaths, fix: &Fix) -> String {
    let kind = match fix.applicability {
        Applicability::Safe => "safe fix",
        Applicability::Unsafe => "unsafe fix",
        Applicability::Suggestion => "suggestion",
    };
    let mut note = format!("{kind}: {}", visible(&fix.title));
    let mut elsewhere: Vec<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    elsewhere.retain(|file| *file != finding.diagnostic.span.file);
    elsewhere.sort_unstable();
    elsewhere.dedup();
    if !elsewhere.is_empty() {
        let names: Vec<_> = elsewhere.iter().map(|file| name(finding, paths, *file)).collect();
        note.push_str(&format!(", in {}", names.join(", ")));
    }
    if let Some(why) = &fix.why {
        note.push_str(&format!("\n{}", visible(why)));
    }
    note
}
