//! The tree as it would be with other values.

use std::collections::BTreeMap;

use crate::cli::CliError;
use crate::cli::session::Session;
use crate::config::nearest;
use crate::facts::{Facts, Setting, SettingPlace, ValueFact};
use crate::source::{Edit, FileId, Span, Tree, apply_edits};
use crate::syntax::parse;

/// The tree of `session` with each `PATH=VALUE` of `assignments` in place of the literal that PATH is:
/// a value of a hardware profile, or an option. Nothing is written.
pub(super) fn tree_with(
    session: &Session,
    facts: &Facts,
    assignments: &[String],
) -> Result<Tree, CliError> {
    let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for assignment in assignments {
        let (path, value) = assignment.split_once('=').ok_or_else(|| {
            CliError::Usage(format!("--set {assignment} has no value; write --set PATH=VALUE"))
        })?;
        for literal in literals(path.trim(), facts)? {
            let text = replacement(session, literal, value.trim()).ok_or_else(|| {
                CliError::Usage(format!(
                    "--set {assignment}: this is no value; write a number, true, false, or text in \
                     quotes"
                ))
            })?;
            edits.entry(literal.file).or_default().push(Edit { range: literal.range, text });
        }
    }
    let mut texts = Vec::new();
    for (file, edits) in edits {
        let source = session.tree.source(file).map_err(|error| {
            CliError::Usage(format!("{}: {error}", session.tree.path(file).display()))
        })?;
        let text = apply_edits(&source.text, &edits).map_err(|_| {
            CliError::Usage("two --set are of the same value; leave one of them out".to_owned())
        })?;
        texts.push((file, text));
    }
    Ok(session.tree.with_texts(texts))
}

/// Where the value at `path` is written, in every profile and every definition that has it.
fn literals(path: &str, facts: &Facts) -> Result<Vec<Span>, CliError> {
    let mut known: Vec<(String, &ValueFact)> = Vec::new();
    for profile in &facts.profiles {
        known.extend(profile.values.iter().map(|(name, value)| (name.clone(), value)));
    }
    known.extend(facts.settings.iter().map(|setting| (named(setting), &setting.value)));
    let values: Vec<&ValueFact> =
        known.iter().filter(|(name, _)| name == path).map(|(_, value)| *value).collect();
    let mut literals: Vec<Span> = values.iter().filter_map(|value| value.literal).collect();
    literals.sort_by_key(|span| (span.file, span.range.start()));
    literals.dedup();
    if !literals.is_empty() {
        return Ok(literals);
    }
    let message = if values.is_empty() {
        let help = match nearest(path, known.iter().map(|(name, _)| name.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name a value of a hardware profile, or an option".to_owned(),
        };
        format!("--set {path}: there is no such value; {help}")
    } else {
        format!("--set {path}: it is computed from others; set one of those")
    };
    Err(CliError::Usage(message))
}

/// How a setting is called: a flake's `nixConfig` is no option.
fn named(setting: &Setting) -> String {
    match (setting.place, setting.path.last()) {
        (SettingPlace::FlakeNixConfig, Some(name)) => format!("nixConfig.{name}"),
        _ => setting.path.join("."),
    }
}

/// `value` as Nix text: quoted where a string stands and no quotes were given. `None` where that is
/// no value by itself.
fn replacement(session: &Session, literal: Span, value: &str) -> Option<String> {
    let source = session.tree.source(literal.file);
    let is_string = source.is_ok_and(|source| source.slice(literal.range).starts_with('"'));
    let is_written_out = value.starts_with(['"', '[', '{']);
    if is_string && !is_written_out {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
        return Some(format!("\"{escaped}\""));
    }
    let is_plain = value.parse::<f64>().is_ok_and(f64::is_finite)
        || matches!(value, "true" | "false" | "null");
    let parses = || parse(value).is_ok_and(|parsed| parsed.errors().is_empty());
    (is_plain || is_written_out && parses()).then(|| value.to_owned())
}
