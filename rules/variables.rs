//! The variables that a build sees: the attributes of its derivation, those of `env`, and what its
//! phases set; and the commands that the phases run.

use crate::facts::{Change, ValueFact, ValueKind};
use crate::lint::TreeContext;
use crate::rules::elements::elements;
use crate::rules::made::Made;
use crate::source::Span;
use crate::syntax::shell::{self, Command};
use crate::syntax::{Node, StringPart, SyntaxKind, string_parts};

/// A variable, or one element of a list that becomes a variable.
pub struct Variable<'a> {
    /// Its name.
    pub name: String,
    /// Its text, holes as `…`.
    pub text: String,
    /// The attribute that gives it: the variable itself, or the phase that sets it.
    pub change: &'a Change,
    /// The `env` that the attribute stands in.
    pub within: Option<&'a Change>,
    /// The expressions that its text is written in, the nearest first.
    pub written: Vec<Span>,
    /// A phase sets it.
    pub by_phase: bool,
    /// The phase sets it only if something holds.
    pub guarded: bool,
    /// It may be missing, by a condition that cannot be decided.
    pub optional: bool,
}

/// A command of a phase.
pub struct PhaseCommand<'a> {
    /// The command.
    pub command: Command,
    /// The phase.
    pub change: &'a Change,
    /// The expressions that its text is written in, the nearest first.
    pub written: Vec<Span>,
}

/// One text that an attribute gives.
struct Piece {
    text: String,
    written: Vec<Span>,
    optional: bool,
}

/// What the call of `made` gives its build.
pub fn variables<'a>(cx: &TreeContext<'_>, made: &Made<'a>) -> Vec<Variable<'a>> {
    of_changes(cx, made.attributes)
}

/// The same with what it overrides gives, where the tree itself writes that.
pub fn all_variables<'a>(cx: &TreeContext<'_>, made: &Made<'a>) -> Vec<Variable<'a>> {
    made.levels().flat_map(|changes| of_changes(cx, changes)).collect()
}

fn of_changes<'a>(cx: &TreeContext<'_>, changes: &'a [Change]) -> Vec<Variable<'a>> {
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| !change.is_identity) {
        match change.name.as_str() {
            "meta" | "passthru" | "pos" => {}
            "env" => {
                for inner in change.inner.iter().filter(|inner| !inner.is_identity) {
                    found.extend(plain(cx, inner, Some(change)));
                }
            }
            name if is_phase(name) => found.extend(set_by(cx, change)),
            _ => found.extend(plain(cx, change, None)),
        }
    }
    found
}

/// The commands of the phases that the call of `made` gives.
pub fn commands<'a>(cx: &TreeContext<'_>, made: &Made<'a>) -> Vec<PhaseCommand<'a>> {
    let phases = made.attributes.iter().filter(|change| is_phase(&change.name));
    let of_phase = |change: &'a Change| {
        pieces(cx, change).into_iter().flat_map(move |piece| {
            let command =
                |command| PhaseCommand { command, change, written: piece.written.clone() };
            shell::commands(&piece.text).into_iter().map(command).collect::<Vec<_>>()
        })
    };
    phases.filter(|change| !change.is_identity).flat_map(of_phase).collect()
}

/// Whether the attribute `name` is a script that the build runs.
pub fn is_phase(name: &str) -> bool {
    let is_hook = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    name.ends_with("Phase") || name == "buildCommand" || is_hook("pre") || is_hook("post")
}

fn plain<'a>(
    cx: &TreeContext<'_>,
    change: &'a Change,
    within: Option<&'a Change>,
) -> Vec<Variable<'a>> {
    let variable = |piece: Piece| Variable {
        name: change.name.to_string(),
        text: piece.text,
        change,
        within,
        written: piece.written,
        by_phase: false,
        guarded: false,
        optional: piece.optional || within.is_some_and(|env| env.optional),
    };
    pieces(cx, change).into_iter().map(variable).collect()
}

fn set_by<'a>(cx: &TreeContext<'_>, phase: &'a Change) -> Vec<Variable<'a>> {
    let mut found = Vec::new();
    for piece in pieces(cx, phase) {
        for command in shell::commands(&piece.text) {
            found.extend(command.sets.into_iter().map(|set| Variable {
                name: set.name,
                text: set.value,
                change: phase,
                within: None,
                written: piece.written.clone(),
                by_phase: true,
                guarded: command.guarded,
                optional: piece.optional,
            }));
        }
    }
    found
}

/// The texts of an attribute, each element of a list by itself. Of what evaluation does not know the
/// lists that are written out are taken.
fn pieces(cx: &TreeContext<'_>, change: &Change) -> Vec<Piece> {
    let mut found = Vec::new();
    evaluated(&change.value, change.optional, &mut found);
    if found.is_empty() && is_text_written(cx, change) {
        let written = elements(cx, change).into_iter().flatten().filter_map(|element| {
            let (place, optional) = (element.place, element.is_optional);
            Some(Piece { text: element.text?, written: vec![place], optional })
        });
        found.extend(written);
    }
    if found.is_empty() && is_text_written(cx, change) {
        found.extend(concatenated(cx, change));
    }
    found
}

/// Whether there is a string in what the attribute is written as.
fn is_text_written(cx: &TreeContext<'_>, change: &Change) -> bool {
    let place = change.value.place;
    place.is_some_and(|place| {
        let source = cx.tree.source(place.file);
        source.is_ok_and(|source| source.slice(place.range).contains(['"', '\'']))
    })
}

/// The text of `(old.x or "") + "…"`, of which evaluation knows no value.
fn concatenated(cx: &TreeContext<'_>, change: &Change) -> Option<Piece> {
    let place = change.value.place?;
    let file = cx.edited(place.file)?;
    let node = file.node(place)?;
    let text = added(node).filter(|_| node.kind() == SyntaxKind::NODE_BIN_OP)?;
    Some(Piece { text, written: vec![place], optional: change.optional })
}

/// The strings that are added to each other, with `…` for what is not written there; `None` for
/// anything else than an addition.
fn added(node: Node<'_>) -> Option<String> {
    match node.kind() {
        SyntaxKind::NODE_STRING => {
            let parts = string_parts(node);
            let text = |part: &StringPart| match part {
                StringPart::Text(text) => text.clone(),
                StringPart::Hole(_) => "…".to_owned(),
            };
            Some(parts.iter().map(text).collect())
        }
        SyntaxKind::NODE_PAREN => added(node.first_child()?),
        SyntaxKind::NODE_BIN_OP => {
            let is_sum = node.has_token(SyntaxKind::TOKEN_ADD);
            let sides: Vec<Node<'_>> = node.children().filter(|_| is_sum).collect();
            let side = |node: Node<'_>| added(node).unwrap_or_else(|| "…".to_owned());
            match sides.as_slice() {
                [left, right] => Some(side(*left) + &side(*right)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn evaluated(value: &ValueFact, optional: bool, found: &mut Vec<Piece>) {
    let mut add = |text: String| {
        let mut written: Vec<Span> = Vec::new();
        let all = value.literal.iter().chain(value.sources()).chain(&value.place);
        for span in all {
            if !written.contains(span) {
                written.push(*span);
            }
        }
        found.push(Piece { text, written, optional });
    };
    match &value.kind {
        ValueKind::Str(text) | ValueKind::PartialStr(text) => add(text.clone()),
        ValueKind::Int(number) => add(number.to_string()),
        ValueKind::Bool(is_on) => add(if *is_on { "1" } else { "" }.to_owned()),
        ValueKind::List(items) => items.iter().for_each(|item| evaluated(item, optional, found)),
        ValueKind::Choice(values) => values.iter().for_each(|value| evaluated(value, true, found)),
        _ => {}
    }
}
