//! The form for programs. Fields are added, never renamed or removed.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Trace, value};
use crate::facts::{OnlyIf, Origin, Step, Traced, ValueFact, ValueKind};
use crate::source::Span;

/// At most this many characters of a line of source are given.
const MAX_TEXT: usize = 400;

/// Writes one object: `place`, `values` and `uses`.
///
/// # Errors
///
/// Those of `out`.
pub fn write_trace_json(out: &mut dyn Write, trace: &Trace) -> io::Result<()> {
    let inspection = trace.inspection;
    let object = JsonTrace {
        place: inspection.span.map(|span| JsonPlace::new(trace, span)),
        values: inspection.values.iter().map(|traced| JsonValue::new(trace, traced)).collect(),
        uses: places(trace, &inspection.uses),
    };
    super::super::plain_json::write_pretty(out, &object)?;
    writeln!(out)
}

#[derive(Serialize)]
struct JsonTrace {
    place: Option<JsonPlace>,
    values: Vec<JsonValue>,
    uses: Vec<JsonPlace>,
}

/// Where something stands. Lines and columns count from 1, columns in characters.
#[derive(Serialize)]
struct JsonPlace {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    /// The line of source, without the white space around it.
    text: String,
}

#[derive(Serialize)]
struct JsonStep {
    #[serde(flatten)]
    place: JsonPlace,
    how: &'static str,
}

#[derive(Serialize)]
struct JsonValue {
    /// The value as JSON has it; `null` where JSON has none or it is not known.
    value: Value,
    kind: &'static str,
    /// What it is in words, as the page for people says it.
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<JsonPackage>,
    /// As the value of an option; lower wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i64>,
    /// It counts only if these hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    only_if: Vec<JsonCondition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Vec<String>>,
    /// Why it is not known, or not wholly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    steps: Vec<JsonStep>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<JsonValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<JsonPlace>,
    called_from: Vec<JsonPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncalled: Option<JsonPlace>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overridden_at: Vec<JsonPlace>,
}

#[derive(Serialize)]
struct JsonCondition {
    place: Option<JsonPlace>,
    /// `false` where it does not, `null` where that cannot be decided.
    holds: Option<bool>,
}

#[derive(Serialize)]
struct JsonPackage {
    /// `nixpkgs`, `other-nixpkgs`, `input`, `own` or `unknown`.
    origin: &'static str,
    /// The input's or the other nixpkgs' name.
    from: Option<String>,
    path: Vec<String>,
}

impl JsonPlace {
    fn new(trace: &Trace, span: Span) -> JsonPlace {
        let file = trace.paths.name(trace.tree, span.file);
        let Ok(source) = trace.tree.source(span.file) else {
            let text = String::new();
            return JsonPlace { file, line: 1, column: 1, end_line: 1, end_column: 1, text };
        };
        let start = source.position(span.range.start());
        let end = source.position(span.range.end());
        JsonPlace {
            file,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            text: source.line_text(start.line).trim().chars().take(MAX_TEXT).collect(),
        }
    }
}

impl JsonValue {
    fn new(trace: &Trace, traced: &Traced) -> JsonValue {
        let step = |step: &Step| JsonStep {
            place: JsonPlace::new(trace, step.span),
            how: step.how.word(),
        };
        let condition = |condition: &OnlyIf| JsonCondition {
            place: condition.span.map(|span| JsonPlace::new(trace, span)),
            holds: (!condition.is_open).then_some(false),
        };
        let alternatives = traced.alternatives.iter();
        JsonValue {
            value: plain(&traced.value),
            kind: value::kind(&traced.value),
            description: value::described(traced),
            package: package(&traced.value),
            priority: traced.priority,
            only_if: traced.only_if.iter().map(condition).collect(),
            attributes: matches!(traced.value.kind, ValueKind::Set)
                .then(|| traced.attributes.clone()),
            reasons: traced.reasons.clone(),
            steps: traced.steps.iter().map(step).collect(),
            alternatives: alternatives.map(|other| JsonValue::new(trace, other)).collect(),
            condition: traced.condition.map(|span| JsonPlace::new(trace, span)),
            called_from: places(trace, &traced.called_from),
            uncalled: traced.uncalled.map(|span| JsonPlace::new(trace, span)),
            overridden_at: places(trace, &traced.overridden_at),
        }
    }
}

fn places(trace: &Trace, spans: &[Span]) -> Vec<JsonPlace> {
    spans.iter().map(|span| JsonPlace::new(trace, *span)).collect()
}

fn plain(value: &ValueFact) -> Value {
    match &value.kind {
        ValueKind::Bool(bool) => json!(bool),
        ValueKind::Int(int) => json!(int),
        ValueKind::Float(float) => json!(float),
        ValueKind::Str(text) | ValueKind::PartialStr(text) | ValueKind::Path(text) => json!(text),
        ValueKind::List(items) => items.iter().map(plain).collect(),
        ValueKind::Package(package) => json!(value::package_name(package)),
        _ => Value::Null,
    }
}

fn package(value: &ValueFact) -> Option<JsonPackage> {
    let ValueKind::Package(package) = &value.kind else { return None };
    let (origin, from) = match &package.origin {
        Origin::Stock => ("nixpkgs", None),
        Origin::OtherNixpkgs(name) => ("other-nixpkgs", Some(name.clone())),
        Origin::Input(input) => ("input", Some(input.clone())),
        Origin::Own => ("own", None),
        Origin::Unknown => ("unknown", None),
    };
    Some(JsonPackage { origin, from, path: package.path.clone() })
}
