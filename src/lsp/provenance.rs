//! Where values come from and where they go: what a hover tells of a value, and the ways of "go to
//! definition" and "find references".

use gen_lsp_types as lsp;
use text_size::TextRange;

use super::client::Client;
use super::conversion::Places;
use super::session::Session;
use crate::facts::{How, Inspection, Step, Traced, ValueKind};
use crate::report::{described, visible_name};
use crate::source::{FileId, Span};

/// So many values, and so many places of each, fit into what is shown under a pointer.
const MAX_VALUES: usize = 4;
const MAX_PLACES: usize = 8;

/// What an expression is, and its way. None where that would only repeat the text.
pub(super) fn value(inspection: &Inspection, places: &Places<'_>) -> Option<(TextRange, String)> {
    let range = inspection.span?.range;
    let mut parts: Vec<String> = inspection
        .values
        .iter()
        .filter(|traced| says_something(traced, inspection))
        .take(MAX_VALUES)
        .map(|traced| told(traced, places))
        .collect();
    let mut uses: Vec<String> = inspection.uses.iter().map(|span| line(*span, places)).collect();
    uses.dedup();
    uses.truncate(MAX_PLACES);
    if !uses.is_empty() {
        parts.push(format!("used at\n{}", uses.concat()));
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    (!parts.is_empty()).then(|| (range, parts.join("\n\n")))
}

/// Where the values at a position are written. Where that is the position itself, or nowhere, where
/// they were last named on their way there.
pub(super) fn definitions(
    session: &mut Session,
    file: FileId,
    client: &Client,
    position: lsp::Position,
) -> Vec<lsp::Location> {
    let inspection = inspected(session, file, client, position);
    let Some(here) = inspection.span else { return Vec::new() };
    let elsewhere = |span: &Span| span.file != here.file || !here.range.contains_range(span.range);
    let mut spans: Vec<Span> = Vec::new();
    for traced in &inspection.values {
        collect_sources(traced, &mut spans);
    }
    spans.retain(elsewhere);
    if spans.is_empty() {
        let steps = inspection.values.iter().flat_map(|traced| traced.steps.first());
        spans = steps.map(|step| step.span).filter(elsewhere).collect();
    }
    locations(spans, session, client)
}

/// Where the tree uses what is written at a position.
pub(super) fn uses(
    session: &mut Session,
    file: FileId,
    client: &Client,
    position: lsp::Position,
) -> Vec<lsp::Location> {
    let inspection = inspected(session, file, client, position);
    locations(inspection.uses, session, client)
}

fn inspected(
    session: &mut Session,
    file: FileId,
    client: &Client,
    position: lsp::Position,
) -> Inspection {
    let Ok(source) = session.tree.source(file) else { return Inspection::default() };
    session.inspect(file, client.encoding.offset(&source, position))
}

/// The one literal that a value is, else what it is computed from.
fn collect_sources(traced: &Traced, spans: &mut Vec<Span>) {
    for alternative in &traced.alternatives {
        collect_sources(alternative, spans);
    }
    let written = || {
        let steps = traced.steps.iter().filter(|step| step.how == How::Written);
        steps.map(|step| step.span).collect()
    };
    let sources = match traced.value.literal {
        Some(literal) => vec![literal],
        None => written(),
    };
    for span in sources {
        if !spans.contains(&span) {
            spans.push(span);
        }
    }
}

fn locations(spans: Vec<Span>, session: &Session, client: &Client) -> Vec<lsp::Location> {
    let places = session.places(client);
    spans.into_iter().filter_map(|span| places.location(span)).collect()
}

/// Whether there is more to tell of a value than what stands at the place anyway.
fn says_something(traced: &Traced, inspection: &Inspection) -> bool {
    let is_here = |step: &Step| Some(step.span) == inspection.span;
    !matches!(traced.value.kind, ValueKind::Function | ValueKind::Unasked)
        && !traced.steps.iter().all(is_here)
}

fn told(traced: &Traced, places: &Places<'_>) -> String {
    let mut text = format!("**{}**\n", escaped(&described(traced)));
    for reason in &traced.reasons {
        text.push_str(&format!("\nbecause {}\n", escaped(reason)));
    }
    let skipped = traced.steps.len().saturating_sub(MAX_PLACES);
    if !traced.steps.is_empty() {
        text.push('\n');
    }
    // The first is where it is written; of a long way, what is nearest to it is shown.
    for step in traced.steps.iter().take(MAX_PLACES) {
        let place = line(step.span, places);
        text.push_str(&place.replacen("- ", &format!("- {} ", step.how.word()), 1));
    }
    if skipped > 0 {
        text.push_str(&format!("- and {skipped} more\n"));
    }
    for (word, alternative) in ["either", "or"].iter().zip(&traced.alternatives) {
        text.push_str(&format!("\n{word} {}\n", escaped(&described(alternative))));
    }
    text
}

/// An item of a list: a place, as a link, and the line of the tree that it is on.
pub(super) fn line(span: Span, places: &Places<'_>) -> String {
    let path = places.tree.path(span.file).display().to_string();
    let Ok(source) = places.tree.source(span.file) else {
        return format!("- {}\n", escaped(&path));
    };
    let position = source.position(span.range.start());
    let name = format!("{}:{}", escaped(&path), position.line);
    let link = match places.uri(span.file) {
        Some(uri) => format!("[{name}]({uri}#L{})", position.line),
        None => name,
    };
    let code = visible_name(source.line_text(position.line).trim()).replace('`', "'");
    format!("- {link}: `{}`\n", shortened(&code))
}

/// Of long lines, the beginning.
pub(super) fn shortened(line: &str) -> String {
    const MAX: usize = 80;
    match line.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// A text that says the same when it is rendered.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible_name(text).chars() {
        if "\\`*_[]<>#&".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
