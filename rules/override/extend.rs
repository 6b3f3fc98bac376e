//! Edits that make an override extend what nixpkgs gives a package, where it replaces that.

use crate::facts::{Call, Change};
use crate::lint::FixEdit;
use crate::lint::TreeContext;
use crate::lint::edits::{EditedFile, OldAttributes, defined_value, definition_path};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

/// One definition of an override, and the name that the old attributes have there.
struct Written<'f> {
    file: &'f EditedFile,
    definition: Node<'f>,
    value: Node<'f>,
    old: OldAttributes,
}

impl Written<'_> {
    fn new<'f>(file: &'f EditedFile, call: &Call, change: &Change) -> Option<Written<'f>> {
        let literal = call.literal?;
        let place = change.definition.filter(|place| work::contains(literal, *place))?;
        let old = file.old_attributes(call.argument, literal)?;
        let definition = file.node(place)?;
        let value = defined_value(definition)?;
        Some(Written { file, definition, value, old })
    }

    fn span(&self, node: Node<'_>) -> Span {
        self.file.span(node.range())
    }

    /// Puts `before` in front of the value, which stays an operand of its own.
    fn prefixed(&self, before: &str) -> Vec<FixEdit> {
        let place = self.span(self.value);
        match is_operand(self.value) {
            true => vec![FixEdit::insert_before(place, before)],
            false => vec![
                FixEdit::insert_before(place, format!("{before}(")),
                FixEdit::insert_after(place, ")"),
            ],
        }
    }

    /// The string that `env` holds under `name`, and behind it, after a space, the value.
    fn appended(&self, name: &str) -> Vec<FixEdit> {
        let old = format!("toString ({}.env.{name} or \"\")", self.old.name);
        let place = self.span(self.value);
        let text = self.value.text();
        if self.value.kind() == SyntaxKind::NODE_STRING {
            return match text.strip_prefix('"') {
                Some(rest) => {
                    let blank = if rest.starts_with(' ') { "" } else { " " };
                    let quote = Span::new(place.file, first_byte(place));
                    vec![FixEdit::replace(quote, format!("{old} + \"{blank}"))]
                }
                None => vec![FixEdit::insert_before(place, format!("{old} + \" \" + "))],
            };
        }
        let is_text = self.value.kind() == SyntaxKind::NODE_APPLY && names_text(text);
        match is_text {
            true => vec![FixEdit::insert_before(place, format!("{old} + \" \" + "))],
            false => vec![
                FixEdit::insert_before(place, format!("{old} + \" \" + toString (")),
                FixEdit::insert_after(place, ")"),
            ],
        }
    }

    /// The value with the string of `env` in place of the list that it takes the old value for: each
    /// `old.X or [ ]` becomes `[ (old.env.X or "") ]`. `None` where it speaks of the old value in
    /// another way.
    fn with_old_as_text(&self, name: &str) -> Option<Vec<FixEdit>> {
        let old = &self.old.name;
        let selects: Vec<Node<'_>> =
            self.value.descendants().filter(|node| selects_old(*node, old, name)).collect();
        let mut edits = Vec::new();
        for select in selects {
            let default = select.expressions().nth(1)?;
            let outer = crate::syntax::rewrite::with_parentheses(select);
            let text = match default.kind() {
                SyntaxKind::NODE_LIST => format!("[ ({old}.env.{name} or \"\") ]"),
                SyntaxKind::NODE_STRING => format!("({old}.env.{name} or \"\")"),
                _ => return None,
            };
            edits.push(FixEdit::replace(self.span(outer), text));
        }
        if edits.is_empty() {
            return None;
        }
        let text = self.value.text();
        if is_concat(self.value) {
            let place = self.span(self.value);
            edits.push(FixEdit::insert_before(place, "toString ("));
            edits.push(FixEdit::insert_after(place, ")"));
        } else if !names_text(text) && self.value.kind() != SyntaxKind::NODE_BIN_OP {
            return None;
        }
        Some(edits)
    }

    /// `edits` with those that bind the old attributes, in order.
    fn with_binding(mut self, mut edits: Vec<FixEdit>) -> Vec<FixEdit> {
        edits.append(&mut self.old.edits);
        edits.sort_by_key(|edit| edit.span.sort_key());
        edits
    }

    /// `NAME = value;` as `env = (old.env or { }) // { NAME = value; };`.
    fn wrapped_in_env(&self, path: Node<'_>, name: &str) -> Vec<FixEdit> {
        let head = format!("env = ({}.env or {{ }}) // {{ {name}", self.old.name);
        vec![
            FixEdit::replace(self.span(path), head),
            FixEdit::insert_after(self.span(self.value), "; }"),
        ]
    }
}

/// The file that `change` is written in.
fn file_of(cx: &TreeContext<'_>, change: &Change) -> Option<EditedFile> {
    cx.edited(change.definition?.file)
}

/// A list that is put behind the one of nixpkgs.
pub(super) fn list(cx: &TreeContext<'_>, call: &Call, change: &Change) -> Option<Vec<FixEdit>> {
    let file = file_of(cx, change)?;
    let written = Written::new(&file, call, change)?;
    let edits = written.prefixed(&format!("({}.{} or [ ]) ++ ", written.old.name, change.name));
    Some(written.with_binding(edits))
}

/// A set of variables that is laid over the one of nixpkgs.
pub(super) fn env(cx: &TreeContext<'_>, call: &Call, change: &Change) -> Option<Vec<FixEdit>> {
    let inner = change.inner.first()?;
    let own = file_of(cx, change);
    let own = own.as_ref().and_then(|file| Written::new(file, call, change));
    if let Some(written) = own
        && definition_path(written.definition).is_some_and(|path| path.len() == 1)
    {
        let edits = written.prefixed(&format!("({}.env or {{ }}) // ", written.old.name));
        return Some(written.with_binding(edits));
    }
    // `env.X = value;`, which is all of the set.
    let file = file_of(cx, inner)?;
    let written = Written::new(&file, call, inner).filter(|_| change.inner.len() == 1)?;
    let path = definition_path(written.definition)?;
    let [first, second] = path.as_slice() else { return None };
    if first != "env" || inner.name != *second {
        return None;
    }
    let edits = written.wrapped_in_env(written.definition.first_child()?, second);
    Some(written.with_binding(edits))
}

/// A variable of `env` that is put behind the text of nixpkgs.
pub(super) fn variable(cx: &TreeContext<'_>, call: &Call, inner: &Change) -> Option<Vec<FixEdit>> {
    let file = file_of(cx, inner)?;
    let written = Written::new(&file, call, inner)?;
    let edits = written.appended(&inner.name);
    Some(written.with_binding(edits))
}

/// A variable of `env` that is taken for a list, and is a string.
pub(super) fn text_of_list(
    cx: &TreeContext<'_>,
    call: &Call,
    inner: &Change,
) -> Option<Vec<FixEdit>> {
    let file = file_of(cx, inner)?;
    let written = Written::new(&file, call, inner)?;
    let edits = written.with_old_as_text(&inner.name)?;
    Some(written.with_binding(edits))
}

/// An attribute of which nixpkgs has the variable in `env`, moved there.
pub(super) fn into_env(cx: &TreeContext<'_>, call: &Call, change: &Change) -> Option<Vec<FixEdit>> {
    let file = file_of(cx, change)?;
    let written = Written::new(&file, call, change)?;
    let path = written.definition.first_child()?;
    if path.text() != change.name.as_str() {
        return None;
    }
    let mut edits = written.wrapped_in_env(path, &change.name);
    match change.uses_old {
        true => edits.extend(written.with_old_as_text(&change.name)?),
        false if change.name.ends_with("FLAGS") || change.name.starts_with("NIX_") => {
            edits.extend(written.appended(&change.name));
        }
        // One setting and no sum of flags: the new one counts.
        false => {}
    }
    Some(written.with_binding(joined(edits)))
}

/// Insertions at one place, made one: what closes inside comes first.
fn joined(mut edits: Vec<FixEdit>) -> Vec<FixEdit> {
    edits.sort_by_key(|edit| (edit.span.sort_key(), edit.text.starts_with(';')));
    let mut joined: Vec<FixEdit> = Vec::new();
    for edit in edits {
        match joined.last_mut().filter(|last| last.span == edit.span) {
            Some(last) => last.text.push_str(&edit.text),
            None => joined.push(edit),
        }
    }
    joined
}

/// Whether `node` adds to `old.NAME` or `old.env.NAME` as to a list.
pub(super) fn concatenates_old(node: Node<'_>, old: &str, name: &str) -> bool {
    node.descendants().any(|node| {
        is_concat(node)
            && node.children().any(|side| {
                let inside = match side.kind() {
                    SyntaxKind::NODE_PAREN => side.first_child(),
                    _ => Some(side),
                };
                inside.is_some_and(|side| selects_old(side, old, name))
            })
    })
}

/// Whether `node` is `a ++ b`.
pub(super) fn is_concat(node: Node<'_>) -> bool {
    node.kind() == SyntaxKind::NODE_BIN_OP && node.has_token(SyntaxKind::TOKEN_CONCAT)
}

fn selects_old(node: Node<'_>, old: &str, name: &str) -> bool {
    if node.kind() != SyntaxKind::NODE_SELECT {
        return false;
    }
    let is_old = node.expression().is_some_and(|base| base.text() == old);
    let path = node.child(SyntaxKind::NODE_ATTRPATH).map(Node::text);
    is_old && path.is_some_and(|path| path == name || path == format!("env.{name}"))
}

/// Whether `value` may stand beside an operator as it is.
fn is_operand(value: Node<'_>) -> bool {
    use SyntaxKind::*;
    matches!(
        value.kind(),
        NODE_LIST
            | NODE_ATTR_SET
            | NODE_IDENT
            | NODE_SELECT
            | NODE_APPLY
            | NODE_PAREN
            | NODE_STRING
    )
}

/// Whether the call that `text` is gives a string.
fn names_text(text: &str) -> bool {
    let function = text.split_whitespace().next().unwrap_or_default();
    let last = function.rsplit('.').next().unwrap_or(function);
    matches!(last, "toString" | "concatStringsSep" | "optionalString" | "concatStrings")
}

fn first_byte(place: Span) -> text_size::TextRange {
    text_size::TextRange::at(place.range.start(), text_size::TextSize::of('"'))
}
