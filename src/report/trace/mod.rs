//! What one place of a tree holds and how it came there: a page for people, an object for programs.

mod json;
mod value;

use std::io::{self, Write};

use super::line::ShownLine;
use super::style::{BOLD, FAINT, FRAME};
use super::{DisplayPaths, counted, visible_name};
use crate::facts::{Inspection, Traced};
use crate::source::{Span, Tree};

pub use json::write_trace_json;
pub use value::described;

/// Places are padded to this many characters at most, so that one long path moves no other line.
const MAX_PADDING: usize = 48;

/// The widest word for a step.
const STEP_WIDTH: usize = "overridden".len();

/// What was found at a place, with what is needed to tell it.
#[derive(Copy, Clone)]
pub struct Trace<'a> {
    /// The tree that the places lie in.
    pub tree: &'a Tree,
    /// What was found.
    pub inspection: &'a Inspection,
    /// How files are named.
    pub paths: &'a DisplayPaths,
}

/// Writes a page that is read from top to bottom: the place, its values, each with its way from
/// where it is written, and its uses.
///
/// # Errors
///
/// Those of `out`.
pub fn write_trace(out: &mut dyn Write, trace: &Trace) -> io::Result<()> {
    if let Some(place) = trace.inspection.span.map(|span| trace.locate(span)) {
        writeln!(out, "{BOLD}{}{BOLD:#}", place.name)?;
        writeln!(out, "    {}", place.line)?;
    }
    let values = &trace.inspection.values;
    match values.as_slice() {
        [] => writeln!(out, "\nNothing in the tree evaluates this.")?,
        [only] => {
            writeln!(out)?;
            trace.write_value(out, only, &[], "")?;
        }
        several => {
            let count = counted(several.len(), "value");
            writeln!(out, "\n{count}, by where the function around it is called:")?;
            for value in several {
                writeln!(out)?;
                trace.write_value(out, value, &value.called_from, "")?;
            }
        }
    }
    let uses = &trace.inspection.uses;
    if !uses.is_empty() {
        writeln!(out, "\nused at")?;
        trace.write_places(out, uses, "  ")?;
    }
    Ok(())
}

/// A place as it is shown.
struct Located {
    /// `path:line:column`.
    name: String,
    /// Its line of source, with what is meant in bold.
    line: String,
}

impl Trace<'_> {
    fn locate(&self, span: Span) -> Located {
        let path = visible_name(&self.paths.name(self.tree, span.file)).into_owned();
        let Ok(source) = self.tree.source(span.file) else {
            return Located { name: path, line: String::new() };
        };
        let position = source.position(span.range.start());
        let line = source.line_text(position.line);
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let start_of_line = usize::from(source.offset(position.line, 1)) + indent;
        let start = usize::from(span.range.start()).saturating_sub(start_of_line);
        let end = usize::from(span.range.end()).saturating_sub(start_of_line);
        let shown = ShownLine::new(text.trim_end(), start);
        let (start, end) = (shown.start(start), shown.end(end));
        let meant = end.max(start);
        let text = &shown.text;
        let line =
            format!("{}{BOLD}{}{BOLD:#}{}", &text[..start], &text[start..meant], &text[meant..]);
        Located { name: format!("{path}:{}:{}", position.line, position.column), line }
    }

    /// Writes a value, which these calls lead to, with its way.
    fn write_value(
        &self,
        out: &mut dyn Write,
        traced: &Traced,
        calls: &[Span],
        indent: &str,
    ) -> io::Result<()> {
        writeln!(out, "{indent}{BOLD}{}{BOLD:#}", value::described(traced))?;
        if !calls.is_empty() {
            writeln!(out, "{indent}  when called from")?;
            self.write_places(out, calls, &format!("{indent}    "))?;
        }
        for reason in &traced.reasons {
            writeln!(out, "{indent}  {FAINT}because{FAINT:#} {}", visible_name(reason))?;
        }
        if let Some(function) = traced.uncalled {
            let place = self.locate(function);
            writeln!(out, "{indent}  nothing is seen to call the function at {}", place.name)?;
        }
        for only_if in &traced.only_if {
            let state = if only_if.is_open { "only if" } else { "not at all, as this is false:" };
            let place = only_if.span.map(|span| self.locate(span));
            let (name, line) =
                place.map_or_else(Default::default, |place| (place.name, place.line));
            writeln!(out, "{indent}  {state} {name}  {line}")?;
        }
        if let Some(condition) = traced.condition {
            let place = self.locate(condition);
            writeln!(out, "{indent}  the condition: {}  {}", place.name, place.line)?;
        }
        let places: Vec<Located> = traced.steps.iter().map(|step| self.locate(step.span)).collect();
        let width = padding(&places);
        for (step, place) in traced.steps.iter().zip(&places) {
            let how = step.how.word();
            let Located { name, line } = place;
            writeln!(out, "{indent}  {FRAME}{how:<STEP_WIDTH$}{FRAME:#} {name:<width$}  {line}")?;
        }
        for (word, alternative) in ["either", "or"].iter().zip(&traced.alternatives) {
            writeln!(out, "{indent}  {word}")?;
            self.write_value(out, alternative, &[], &format!("{indent}    "))?;
        }
        let is_shown = |span: &&Span| {
            calls.contains(span) || traced.steps.iter().any(|step| step.span == **span)
        };
        let elsewhere: Vec<Span> =
            traced.overridden_at.iter().filter(|span| !is_shown(span)).copied().collect();
        if !elsewhere.is_empty() {
            writeln!(out, "{indent}overridden at")?;
            self.write_places(out, &elsewhere, &format!("{indent}  "))?;
        }
        Ok(())
    }

    fn write_places(&self, out: &mut dyn Write, spans: &[Span], indent: &str) -> io::Result<()> {
        let places: Vec<Located> = spans.iter().map(|span| self.locate(*span)).collect();
        let width = padding(&places);
        for Located { name, line } in &places {
            writeln!(out, "{indent}{name:<width$}  {line}")?;
        }
        Ok(())
    }
}

fn padding(places: &[Located]) -> usize {
    let width = places.iter().map(|place| place.name.chars().count()).max();
    width.unwrap_or(0).min(MAX_PADDING)
}
