//! Writing a cap on `NIX_BUILD_CORES` into a call, in place of a limit that nothing reads.

use crate::facts::{Call, Change, ValueKind};
use crate::lint::edits::Definition;
use crate::lint::{FixEdit, TreeContext};
use crate::source::Span;

/// A limit to be replaced.
pub(super) struct Cap<'a> {
    /// The call it stands in.
    pub(super) call: &'a Call,
    /// The attribute.
    pub(super) change: &'a Change,
    /// The `env` around it.
    pub(super) within: Option<&'a Change>,
    /// The element of a list that states it, and whether the list has no other.
    pub(super) flag: Option<(Span, bool)>,
    /// The package it changes may have a `preBuild`.
    pub(super) is_override: bool,
}

impl Cap<'_> {
    /// The number as the text of an indented string says it: `3`, or `${…}` with the expression that
    /// gave it.
    pub(super) fn number(&self, cx: &TreeContext<'_>) -> Option<String> {
        let place = self.flag.map(|(place, _)| place).or(self.change.value.place)?;
        let source = cx.tree.source(place.file).ok()?;
        let text = source.slice(place.range).trim();
        if let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            // `-j4`, `--jobs=4`, `-p=${n}`, or the number alone.
            let number =
                inner.trim_start_matches(|c: char| c == '-' || c == '=' || c.is_ascii_alphabetic());
            let is_hole = number.starts_with("${")
                && number.ends_with('}')
                && number.matches("${").count() == 1;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            return (is_hole || is_number).then(|| number.to_owned());
        }
        if self.flag.is_some() || text.contains('\n') || text.contains('#') {
            return None;
        }
        match &self.change.value.kind {
            ValueKind::Int(number) if text == number.to_string() => Some(text.to_owned()),
            ValueKind::Int(_) if text.contains(' ') => Some(format!("${{toString ({text})}}")),
            ValueKind::Int(_) => Some(format!("${{toString {text}}}")),
            ValueKind::Str(_) | ValueKind::PartialStr(_) => Some(format!("${{{text}}}")),
            _ => None,
        }
    }

    /// The edits that put the cap in place of the limit.
    pub(super) fn edits(&self, cx: &TreeContext<'_>, number: &str) -> Option<Vec<FixEdit>> {
        let literal = self.call.literal?;
        let definition = self.change.definition?;
        let outer = self.within.map_or(Some(definition), |env| env.definition)?;
        let is_inside =
            |span: Span| span.file == literal.file && literal.range.contains_range(span.range);
        let file = cx.edited(literal.file)?;
        if !is_inside(definition) || !is_inside(outer) {
            return None;
        }
        let old = match self.is_override {
            true => Some(file.old_attributes(self.call.argument, literal)?),
            false => None,
        };
        let line = format!(
            "export NIX_BUILD_CORES=$((NIX_BUILD_CORES > {number} ? {number} : NIX_BUILD_CORES))"
        );
        // Before the old one, which may pass the number on.
        let behind = match &old {
            Some(old) => format!("\n+ ({}.preBuild or \"\")", old.name),
            None => String::new(),
        };
        let cap = format!("preBuild = ''\n  {line}\n''{behind};");
        let mut edits = old.map(|old| old.edits).unwrap_or_default();
        let node = file.node(definition)?;
        // `env.X = …;` stands in the call's own set, what is in `env = { … }` does not.
        let set = node.parent().map(|set| set.range());
        let is_own = self.within.is_none() || set == Some(literal.range);
        if is_own && self.flag.is_none_or(|(_, alone)| alone) {
            if file.has_comment(definition.range) {
                return None;
            }
            let indentation = file.indentation(definition.range.start());
            let text = cap.replace('\n', &format!("\n{indentation}"));
            edits.push(FixEdit::replace(definition, text));
            return Some(edits);
        }
        edits.extend(match self.flag {
            Some((element, _)) => file.remove_element(element, "")?,
            None => file.remove_definition(definition)?,
        });
        let cap = Definition { text: &cap, remark: None };
        edits.extend(file.insert(literal, Some(outer), &[cap])?);
        Some(edits)
    }

    /// What fixes that write to the same call are isolated by.
    pub(super) fn isolation(&self) -> String {
        let place = self.call.literal.unwrap_or(self.call.span);
        format!("preBuild {} {:?}", place.file.index(), place.range.start())
    }
}
