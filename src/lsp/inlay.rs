//! Hints between the words of a document, for those who ask for them: the value that an attribute or
//! a setting has where it is computed, and what each package of a hardware profile takes at most.

use std::collections::BTreeMap;

use gen_lsp_types as lsp;
use rowan::ast::AstNode as _;
use text_size::{TextRange, TextSize};

use super::client::Client;
use super::conversion::{Places, markup};
use super::provenance::{escaped, line, shortened};
use super::reckoning::{Builder, Reckoning, qualified};
use super::session::Session;
use crate::facts::{Change, Facts, HostProfile, ValueFact, ValueKind};
use crate::report::visible_name;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::syntax::{SyntaxNode, parse};

/// So many values are shown where one place has several.
const MAX_VALUES: usize = 3;

/// A hint: what it says, and more for who points at it.
struct Hint {
    label: String,
    tooltip: Option<String>,
}

/// The hints in a range of a document.
pub(super) fn hints(
    session: &mut Session,
    file: FileId,
    client: &Client,
    range: lsp::Range,
) -> Vec<lsp::InlayHint> {
    let (Some(reckoning), Ok(source)) = (session.reckoning(), session.tree.source(file)) else {
        return Vec::new();
    };
    let wanted = client.encoding.text_range(&source, range);
    let places = session.places(client);
    let mut hints = values(&reckoning.facts, file, wanted, &places);
    for profile in reckoning.facts.profiles.iter().filter(|profile| profile.file == file) {
        hints.extend(peaks(profile, &reckoning, &source.text));
    }
    hints.retain(|at, _| wanted.contains_inclusive(*at));
    let told = |(at, Hint { label, tooltip }): (TextSize, Hint)| lsp::InlayHint {
        position: client.encoding.position(&source, at),
        label: lsp::Label::String(label),
        kind: None,
        text_edits: None,
        tooltip: tooltip
            .map(|text| lsp::Tooltip::MarkupContent(markup(text, client.renders_hovers))),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    hints.into_iter().map(told).collect()
}

/// What is computed, beside what it comes to.
fn values(
    facts: &Facts,
    file: FileId,
    wanted: TextRange,
    places: &Places<'_>,
) -> BTreeMap<TextSize, Hint> {
    let settings = facts.settings.iter().map(|setting| &setting.value);
    let changes = facts.overrides.iter().flat_map(|site| &site.changes);
    let attributes = facts.derivations.iter().flat_map(|site| &site.attributes);
    let with_inner = |change: &'_ Change| -> Vec<ValueFact> {
        std::iter::once(change).chain(&change.inner).map(|change| change.value.clone()).collect()
    };
    let all = settings.cloned().chain(changes.chain(attributes).flat_map(with_inner));

    let mut found: BTreeMap<TextSize, Vec<(String, Option<Span>)>> = BTreeMap::new();
    for value in all {
        let Some(place) = value
            .place
            .filter(|place| place.file == file && wanted.contains_inclusive(place.range.end()))
        else {
            continue;
        };
        let is_written_here = value.literal == Some(place)
            || value
                .sources()
                .iter()
                .any(|source| place.range.contains_range(source.range) && source.file == file);
        let Some(text) = shown(&value.kind).filter(|_| !is_written_here) else { continue };
        let known = found.entry(place.range.end()).or_default();
        if !known.iter().any(|(other, _)| *other == text) {
            known.push((text, value.literal));
        }
    }
    let hint = |(at, values): (TextSize, Vec<(String, Option<Span>)>)| {
        let texts: Vec<&str> = values.iter().take(MAX_VALUES).map(|(text, _)| &**text).collect();
        let more = if values.len() > MAX_VALUES { " or more" } else { "" };
        let origins: Vec<String> = (values.iter().take(MAX_VALUES))
            .filter_map(|(_, literal)| literal.map(|literal| line(literal, places)))
            .collect();
        let label = format!("= {}{more}", texts.join(" or "));
        (at, Hint { label, tooltip: (!origins.is_empty()).then(|| origins.concat()) })
    };
    found.into_iter().map(hint).collect()
}

/// A value as it may stand in a line; none of those that are long, or no text.
fn shown(kind: &ValueKind) -> Option<String> {
    match kind {
        ValueKind::Null => Some("null".to_owned()),
        ValueKind::Bool(bool) => Some(bool.to_string()),
        ValueKind::Int(int) => Some(int.to_string()),
        ValueKind::Float(float) => Some(float.to_string()),
        ValueKind::Str(text) if !text.contains('\n') => {
            Some(format!("\"{}\"", shortened(&visible_name(text))))
        }
        _ => None,
    }
}

/// The packages of a profile, beside what building them takes at most on its machine.
fn peaks(profile: &HostProfile, reckoning: &Reckoning, text: &str) -> BTreeMap<TextSize, Hint> {
    let is_its = |host: &&Builder| {
        let own = host.host.profile.and_then(|index| reckoning.facts.profiles.get(index));
        own.is_some_and(|own| std::ptr::eq(own, profile))
    };
    let mut hints = BTreeMap::new();
    let Ok(parsed) = parse(text) else { return hints };
    let keys = package_keys(&parsed.syntax());
    for builder in reckoning.hosts.iter().filter(is_its) {
        for (name, key) in &keys {
            let build = builder.demand.builds.iter().find(|build| build.name == *name);
            let Some((build, peak)) = build.and_then(|it| Some((it, builder.peak(it)?))) else {
                continue;
            };
            let label = format!("at most {} {}", peak.bytes, qualified(&peak));
            let tooltip = builder.takes(build).map(|takes| escaped(&takes));
            hints.entry(key.end()).or_insert(Hint { label, tooltip });
        }
    }
    hints
}

/// The names in the set `packages`, each where it is written first.
fn package_keys(root: &SyntaxNode) -> Vec<(String, TextRange)> {
    let mut keys: Vec<(String, TextRange)> = Vec::new();
    for definition in root.descendants().filter_map(ast::AttrpathValue::cast) {
        let path = full_path(&definition);
        let [(first, _), (name, range), ..] = path.as_slice() else { continue };
        if first == "packages" && !keys.iter().any(|(known, _)| known == name) {
            keys.push((name.clone(), *range));
        }
    }
    keys
}

/// The names that lead to a definition, from the outermost set, each with its place.
fn full_path(definition: &ast::AttrpathValue) -> Vec<(String, TextRange)> {
    let outer = definition.syntax().ancestors().filter_map(ast::AttrpathValue::cast);
    let mut paths: Vec<Vec<(String, TextRange)>> = outer.map(|outer| own_path(&outer)).collect();
    paths.reverse();
    paths.concat()
}

fn own_path(definition: &ast::AttrpathValue) -> Vec<(String, TextRange)> {
    let names = definition.attrpath().into_iter().flat_map(|path| path.attrs());
    names
        .map(|name| {
            let text = name.syntax().text().to_string();
            (text.trim_matches('"').to_owned(), name.syntax().text_range())
        })
        .collect()
}
