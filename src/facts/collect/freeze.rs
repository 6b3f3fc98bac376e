//! From values to facts about values.

use super::Collector;
use crate::eval::{Kind, Piece, Text, ThunkId, Value};
use crate::facts::{Package, ValueFact, ValueKind};
use crate::hir::name;

/// Lists are frozen up to this many elements.
const MAX_ITEMS: usize = 256;

/// Lists in lists are frozen up to this depth.
const MAX_DEPTH: u32 = 4;

impl Collector<'_, '_> {
    /// What is known of a delayed value.
    pub(super) fn freeze(&mut self, thunk: ThunkId) -> ValueFact {
        self.freeze_within(thunk, 0)
    }

    fn freeze_within(&mut self, thunk: ThunkId, depth: u32) -> ValueFact {
        let value = self.evaluator.force(thunk);
        let from = self.evaluator.expression_of(thunk);
        let place = from.and_then(|(site, _)| self.evaluator.program().span(site));
        ValueFact { place, ..self.freeze_value(&value, depth) }
    }

    pub(super) fn freeze_value(&mut self, value: &Value, depth: u32) -> ValueFact {
        let kind = self.freeze_kind(value, depth);
        let origin = &value.origin;
        ValueFact::new(kind, origin.literal(), origin.literals(), origin.names())
    }

    fn freeze_kind(&mut self, value: &Value, depth: u32) -> ValueKind {
        match &value.kind {
            Kind::Null => ValueKind::Null,
            Kind::Bool(bool) => ValueKind::Bool(*bool),
            Kind::Int(int) => ValueKind::Int(*int),
            Kind::Float(float) => ValueKind::Float(*float),
            Kind::Str(text) => match text.as_plain() {
                Some(text) => ValueKind::Str(text.to_owned()),
                None => ValueKind::PartialStr(with_gaps(text)),
            },
            Kind::Path(path) => ValueKind::Path(path.display().to_string()),
            Kind::List(items) if depth < MAX_DEPTH && items.len() <= MAX_ITEMS => {
                let items = items.clone();
                let frozen = items.iter().filter_map(|item| self.freeze_item(*item, depth + 1));
                let mut frozen: Vec<ValueFact> = frozen.collect();
                frozen.shrink_to_fit();
                ValueKind::List(frozen)
            }
            Kind::List(_) => ValueKind::Unknown("the list is too long to be looked at".to_owned()),
            Kind::Attrs(_) => ValueKind::Set,
            Kind::Lambda(_) | Kind::Primitive(_) => ValueKind::Function,
            Kind::Symbol(symbol) => match Package::of(symbol) {
                Some(package) => ValueKind::Package(Box::new(package)),
                None => ValueKind::Unknown(value.why().to_string()),
            },
            Kind::Choice(choice) if depth < MAX_DEPTH => {
                let (then, otherwise) = (choice.then, choice.otherwise);
                ValueKind::Choice(vec![
                    self.freeze_within(then, depth + 1),
                    self.freeze_within(otherwise, depth + 1),
                ])
            }
            Kind::Choice(_) | Kind::Unknown(_) => ValueKind::Unknown(value.why().to_string()),
        }
    }
}

impl Collector<'_, '_> {
    /// What is known of an element of a list; `None` for one that `mkIf` takes out.
    fn freeze_item(&mut self, item: ThunkId, depth: u32) -> Option<ValueFact> {
        let value = self.evaluator.force(item);
        let Some(set) = value.as_attrs().cloned() else {
            return Some(self.freeze_within(item, depth));
        };
        let mark = set.get(name!("_type")).map(|slot| self.evaluator.force(slot.value));
        let (Some("if"), Some(condition), Some(content)) = (
            mark.as_ref().and_then(Value::as_str),
            set.get(name!("condition")).copied(),
            set.get(name!("content")).copied(),
        ) else {
            return Some(self.freeze_within(item, depth));
        };
        match self.evaluator.force(condition.value).as_bool() {
            Some(false) => None,
            Some(true) => Some(self.freeze_within(content.value, depth)),
            None => {
                let kind = ValueKind::Choice(vec![self.freeze_within(content.value, depth)]);
                Some(ValueFact { kind, ..self.freeze_within(item, depth) })
            }
        }
    }
}

fn with_gaps(text: &Text) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole(_) => "…",
        })
        .collect()
}
