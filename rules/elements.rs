//! The elements of a list that an attribute is, as far as they are written out.
//!
//! Of `(old.x or [ ]) ++ [ "-j4" ]` evaluation knows nothing, and the text one element: both are asked.

use crate::facts::{Change, ValueFact, ValueKind};
use crate::lint::TreeContext;
use crate::lint::edits::EditedFile;
use crate::source::Span;
use crate::syntax::{Node, StringPart, SyntaxKind, string_parts};

/// One element.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its text, holes as `…`; `None` where it is no string or not known.
    pub text: Option<String>,
    /// Where it stands in its list.
    pub place: Span,
    /// It may be left out, by a condition that cannot be decided.
    pub is_optional: bool,
}

impl Element {
    /// The words of its text: a shell takes an element with blanks for several.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.text.iter().flat_map(|text| text.split_whitespace())
    }
}

/// The elements of `change`, those of one list beside each other. A plain string is a list of one.
pub fn elements(cx: &TreeContext<'_>, change: &Change) -> Vec<Vec<Element>> {
    let mut lists = Vec::new();
    evaluated(&change.value, change.optional, &mut lists);
    if lists.is_empty() {
        written(cx, change, &mut lists);
    }
    lists
}

fn evaluated(value: &ValueFact, is_optional: bool, lists: &mut Vec<Vec<Element>>) {
    let element = |value: &ValueFact| {
        let text = match &value.kind {
            ValueKind::Str(text) | ValueKind::PartialStr(text) => Some(text.clone()),
            ValueKind::Int(number) => Some(number.to_string()),
            _ => None,
        };
        Some(Element { text, place: value.place.or(value.literal)?, is_optional })
    };
    match &value.kind {
        ValueKind::Choice(values) => {
            values.iter().for_each(|value| evaluated(value, true, lists));
        }
        ValueKind::List(items) => lists.push(items.iter().filter_map(element).collect()),
        ValueKind::Str(_) | ValueKind::PartialStr(_) => {
            lists.push(element(value).into_iter().collect());
        }
        _ => {}
    }
}

/// The lists that are joined in the text of the definition.
fn written(cx: &TreeContext<'_>, change: &Change, lists: &mut Vec<Vec<Element>>) {
    let Some(place) = change.value.place.filter(|place| {
        let is_inside = |definition: Span| definition.range.contains_range(place.range);
        change.definition.is_some_and(is_inside)
    }) else {
        return;
    };
    let Some(file) = cx.edited(place.file) else { return };
    if let Some(node) = file.node(place) {
        joined(&file, node, change.optional, lists);
    }
}

fn joined(file: &EditedFile, node: Node<'_>, is_optional: bool, lists: &mut Vec<Vec<Element>>) {
    let is_optional = match node.kind() {
        SyntaxKind::NODE_LIST => {
            let element = |node: Node<'_>| {
                let text = written_text(node);
                Element { text, place: file.span(node.range()), is_optional }
            };
            lists.push(node.children().map(element).collect());
            return;
        }
        SyntaxKind::NODE_BIN_OP | SyntaxKind::NODE_PAREN => is_optional,
        SyntaxKind::NODE_IF_ELSE | SyntaxKind::NODE_APPLY => true,
        _ => return,
    };
    node.children().for_each(|child| joined(file, child, is_optional, lists));
}

fn written_text(node: Node<'_>) -> Option<String> {
    (node.kind() == SyntaxKind::NODE_STRING).then(|| {
        let parts = string_parts(node);
        let text = parts.iter().map(|part| match part {
            StringPart::Text(text) => text.as_str(),
            StringPart::Hole(_) => "…",
        });
        text.collect()
    })
}
