//! Operators on values, by Nix's rules: what they cannot decide stays unknown.

use std::cmp::Ordering;

use super::arithmetic::arithmetic;
use super::value::Choice;
use super::{AttrSet, EnvId, Evaluator, Kind, Origin, Rest, Slot, Thunk, ThunkId, Value, Why};
use crate::hir::{Binary, ExprId};
use crate::source::{FileId, Span};

/// A list with undecided parts is followed while there are at most this many ways to read it.
const MAX_ALTERNATIVES: usize = 8;

impl<'p> Evaluator<'p> {
    pub(super) fn binary(
        &mut self,
        file: FileId,
        operator: Binary,
        left: ExprId,
        right: ExprId,
        env: EnvId,
        here: Span,
    ) -> Value {
        let left = self.evaluate_part(file, left, env);
        if matches!(&left.kind, Kind::Unknown(why) if why.is_final()) {
            return left;
        }
        if let Some(decided) = decided_by_left(operator, &left) {
            return Value::new(Kind::Bool(decided), Origin::computed(here, vec![left.origin]));
        }
        let logical = matches!(operator, Binary::And | Binary::Or | Binary::Implies);
        if logical && left.as_bool().is_none() {
            return match left.is_undetermined() {
                true => Value::new(Kind::Unknown(left.why()), left.origin),
                false => Value::bare(error("a Boolean was expected")),
            };
        }
        let right = self.evaluate_part(file, right, env);
        let kind = match operator {
            Binary::And | Binary::Or | Binary::Implies => match right.kind {
                Kind::Bool(bool) => Kind::Bool(bool),
                _ if right.is_undetermined() => Kind::Unknown(right.why()),
                _ => error("a Boolean was expected"),
            },
            Binary::Update => return self.update(&left, &right),
            Binary::Concat => self.concat(&left, &right),
            Binary::Equal | Binary::NotEqual => match self.equal(&left, &right) {
                Ok(equal) => Kind::Bool(equal == (operator == Binary::Equal)),
                Err(why) => Kind::Unknown(why),
            },
            Binary::Less | Binary::LessOrEqual | Binary::More | Binary::MoreOrEqual => {
                match self.compare(&left, &right) {
                    Ok(ordering) => Kind::Bool(holds(operator, ordering)),
                    Err(why) => Kind::Unknown(why),
                }
            }
            Binary::Add => self.add(&left, &right),
            Binary::Subtract | Binary::Multiply | Binary::Divide => {
                arithmetic(operator, &left, &right)
            }
        };
        Value::new(kind, Origin::computed(here, vec![left.origin, right.origin]))
    }

    /// `left ++ right`.
    pub(super) fn concat(&mut self, left: &Value, right: &Value) -> Kind {
        match (&left.kind, &right.kind) {
            (Kind::List(left), Kind::List(right)) => {
                match self.can_hold(left.len().saturating_add(right.len())) {
                    Ok(()) => Kind::List(left.iter().chain(right.iter()).copied().collect()),
                    Err(why) => Kind::Unknown(why),
                }
            }
            (Kind::Choice(choice), Kind::List(_) | Kind::Choice(_))
            | (Kind::List(_), Kind::Choice(choice)) => {
                let choice = choice.clone();
                match self.alternatives(left) * self.alternatives(right) {
                    0..=MAX_ALTERNATIVES => self.concat_each(&choice, left, right),
                    _ => Kind::Unknown(Why::Undecided),
                }
            }
            _ if left.is_undetermined() => Kind::Unknown(left.why()),
            _ if right.is_undetermined() => Kind::Unknown(right.why()),
            _ => error("`++` needs two lists"),
        }
    }

    /// `[ a ] ++ optional undecided b`: each alternative with the other side.
    fn concat_each(&mut self, choice: &Choice, left: &Value, right: &Value) -> Kind {
        let of_left = matches!(left.kind, Kind::Choice(_));
        self.with_each_side(choice, |evaluator, side| {
            let side = evaluator.force(side);
            let kind = match of_left {
                true => evaluator.concat(&side, right),
                false => evaluator.concat(left, &side),
            };
            evaluator.done(Value::new(kind, side.origin))
        })
    }

    /// Whether an undecided value is followed.
    pub(super) fn has_few_alternatives(&mut self, value: &Value) -> bool {
        self.alternatives(value) <= MAX_ALTERNATIVES
    }

    /// How many values an undecided one may have, counted to a little beyond what is followed.
    fn alternatives(&mut self, value: &Value) -> usize {
        let mut pending = vec![value.clone()];
        let mut found = 0;
        while let Some(value) = pending.pop() {
            match &value.kind {
                Kind::Choice(choice) if found <= MAX_ALTERNATIVES => {
                    pending.extend([choice.then, choice.otherwise].map(|side| self.force(side)));
                }
                _ => found += 1,
            }
        }
        found
    }

    /// `left // right`.
    pub fn update(&mut self, left: &Value, right: &Value) -> Value {
        let library = self.library(right);
        let right = library.as_ref().unwrap_or(right);
        let kind = match (&left.kind, &right.kind) {
            (Kind::Unknown(why), _) | (_, Kind::Unknown(why)) if why.is_final() => {
                Kind::Unknown(why.clone())
            }
            (Kind::Attrs(left), Kind::Attrs(right)) => {
                Kind::Attrs(self.update_sets(left, right).into())
            }
            (Kind::Choice(choice), _) => self.with_each_side(choice, |evaluator, side| {
                let right = evaluator.done(right.clone());
                evaluator.delay(Thunk::Update(side, right))
            }),
            (_, Kind::Choice(choice)) => match left.as_attrs() {
                Some(set) => self.update_by_choice(set, choice),
                None => self.with_each_side(choice, |evaluator, side| {
                    let left = evaluator.done(left.clone());
                    evaluator.delay(Thunk::Update(left, side))
                }),
            },
            (Kind::Symbol(_) | Kind::Unknown(_), Kind::Attrs(right)) => {
                let mut set = AttrSet::clone(right);
                set.rest = Some(rest_of(left));
                Kind::Attrs(set.into())
            }
            (Kind::Attrs(left), Kind::Symbol(_) | Kind::Unknown(_)) => {
                let slots = left.slots().iter().map(|slot| self.uncertain(slot, right)).collect();
                Kind::Attrs(AttrSet::open(slots, rest_of(right)).into())
            }
            _ if left.is_undetermined() || right.is_undetermined() => {
                Kind::Unknown(if left.is_undetermined() { left.why() } else { right.why() })
            }
            _ => error("`//` needs two sets"),
        };
        let origin = if right.origin.hop().is_some() { &right.origin } else { &left.origin };
        Value::new(kind, origin.clone())
    }

    fn update_sets(&mut self, left: &AttrSet, right: &AttrSet) -> AttrSet {
        let mut slots = Vec::with_capacity(left.slots().len() + right.slots().len());
        for slot in left.slots() {
            match (right.get(slot.name), &right.rest) {
                (Some(over), _) if over.optional => slots.push(self.either(over, slot)),
                (Some(_), _) => {}
                (None, None) => slots.push(*slot),
                (None, Some(rest)) => {
                    let unknown = Value::unknown(rest.why.clone());
                    slots.push(self.uncertain(slot, &unknown));
                }
            }
        }
        let replaces = |slot: &&Slot| !(slot.optional && left.get(slot.name).is_some());
        slots.extend(right.slots().iter().filter(replaces));
        let mut set = AttrSet::new(slots);
        set.rest = right.rest.clone().or_else(|| left.rest.clone());
        set
    }

    /// The attribute of `over` if it is there, else that of `under`.
    fn either(&mut self, over: &Slot, under: &Slot) -> Slot {
        let choice = Choice { condition: None, then: over.value, otherwise: under.value };
        let value = self.done(Value::bare(Kind::Choice(choice.into())));
        Slot { value, optional: under.optional, ..*over }
    }

    /// `slot`, which something unknown may replace.
    fn uncertain(&mut self, slot: &Slot, by: &Value) -> Slot {
        let then = self.done(Value::unknown(by.why()));
        let choice = Choice { condition: None, then, otherwise: slot.value };
        let value = self.done(Value::bare(Kind::Choice(choice.into())));
        Slot { value, ..*slot }
    }

    /// The same choice between what `made` makes of its sides.
    pub(super) fn with_each_side(
        &mut self,
        choice: &Choice,
        mut made: impl FnMut(&mut Self, ThunkId) -> ThunkId,
    ) -> Kind {
        let (then, otherwise) = (made(self, choice.then), made(self, choice.otherwise));
        Kind::Choice(Choice { condition: choice.condition, then, otherwise }.into())
    }

    /// `set // (if condition then a else b)`: the names of both sides, each with what it would be.
    fn update_by_choice(&mut self, set: &AttrSet, choice: &Choice) -> Kind {
        let (then, otherwise) = (self.force(choice.then), self.force(choice.otherwise));
        let (Some(then), Some(otherwise)) = (then.as_attrs(), otherwise.as_attrs()) else {
            let unknown = if then.is_undetermined() { then } else { otherwise };
            let slots = set.slots().iter().map(|slot| self.uncertain(slot, &unknown)).collect();
            return Kind::Attrs(AttrSet::open(slots, rest_of(&unknown)).into());
        };
        let then = self.update_sets(set, then);
        let otherwise = self.update_sets(set, otherwise);
        let mut slots = Vec::new();
        for slot in then.slots() {
            slots.push(match otherwise.get(slot.name) {
                Some(other) if other.value == slot.value => *slot,
                Some(other) => {
                    let choice = Choice {
                        condition: choice.condition,
                        then: slot.value,
                        otherwise: other.value,
                    };
                    let value = self.done(Value::bare(Kind::Choice(choice.into())));
                    Slot { value, optional: slot.optional || other.optional, ..*slot }
                }
                None => Slot { optional: true, ..*slot },
            });
        }
        let only_otherwise = |slot: &&Slot| then.get(slot.name).is_none();
        let optional = |slot: &Slot| Slot { optional: true, ..*slot };
        slots.extend(otherwise.slots().iter().filter(only_otherwise).map(optional));
        let mut merged = AttrSet::new(slots);
        merged.rest = then.rest.clone().or(otherwise.rest.clone());
        Kind::Attrs(merged.into())
    }

    fn add(&mut self, left: &Value, right: &Value) -> Kind {
        match (&left.kind, &right.kind) {
            (Kind::Int(_) | Kind::Float(_), Kind::Int(_) | Kind::Float(_)) => {
                arithmetic(Binary::Add, left, right)
            }
            (Kind::Path(path), Kind::Str(text)) => match text.as_plain() {
                Some(text) => super::import::path_plus(path, text),
                None => Kind::Unknown(Why::Undecided),
            },
            (Kind::Path(base), Kind::Path(path)) => {
                super::import::path_plus(base, &format!("/{}", path.display()))
            }
            (Kind::Str(text), _) => {
                let right = self.coerce(right, false);
                let joined = right.and_then(|right| self.joined([&**text, &*right]));
                joined.map_or_else(Kind::Unknown, |text| Kind::Str(text.into()))
            }
            _ if left.is_undetermined() => Kind::Unknown(left.why()),
            _ if right.is_undetermined() => Kind::Unknown(right.why()),
            (Kind::Attrs(_), _) => Kind::Unknown(Why::NotFollowed("adding a set".into())),
            _ => error(&format!("{} and {} cannot be added", left.type_name(), right.type_name())),
        }
    }

    /// Whether two values are equal.
    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Result<bool, Why> {
        self.spend(1)?;
        for side in [left, right] {
            if side.is_undetermined() {
                return Err(side.why());
            }
        }
        #[allow(clippy::float_cmp, clippy::cast_precision_loss)]
        Ok(match (&left.kind, &right.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(left), Kind::Bool(right)) => left == right,
            (Kind::Int(left), Kind::Int(right)) => left == right,
            (Kind::Float(left), Kind::Float(right)) => left == right,
            (Kind::Int(int), Kind::Float(float)) | (Kind::Float(float), Kind::Int(int)) => {
                *int as f64 == *float
            }
            (Kind::Str(left), Kind::Str(right)) => match (left.as_plain(), right.as_plain()) {
                (Some(left), Some(right)) => left == right,
                _ => return Err(Why::Undecided),
            },
            (Kind::Path(left), Kind::Path(right)) => left == right,
            (Kind::List(left), Kind::List(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (left, right) in left.clone().iter().zip(right.clone().iter()) {
                    if !self.equal_thunks(*left, *right)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Kind::Attrs(left), Kind::Attrs(right)) => return self.equal_sets(left, right),
            (Kind::Lambda(_) | Kind::Primitive(_), Kind::Lambda(_) | Kind::Primitive(_)) => {
                return Err(Why::NotFollowed("comparing functions".into()));
            }
            _ => false,
        })
    }

    fn equal_thunks(&mut self, left: ThunkId, right: ThunkId) -> Result<bool, Why> {
        let (left, right) = (self.force(left), self.force(right));
        self.deeper(|evaluator| evaluator.equal(&left, &right))?
    }

    fn equal_sets(&mut self, left: &AttrSet, right: &AttrSet) -> Result<bool, Why> {
        if !left.is_exact() || !right.is_exact() {
            return Err(Why::Undecided);
        }
        if left.get("type".into()).is_some() && right.get("type".into()).is_some() {
            // Nix compares derivations by their output paths.
            return Err(Why::NotFollowed("comparing derivations".into()));
        }
        let same_names = left.slots().len() == right.slots().len()
            && left.slots().iter().zip(right.slots()).all(|(left, right)| left.name == right.name);
        if !same_names {
            return Ok(false);
        }
        // Nix compares in the order in which it met the names, whatever file they were in, and stops at
        // the first difference: what lies behind that may be anything, but nobody knows what does.
        let (mut differ, mut open) = (false, None);
        for (left, right) in left.slots().iter().zip(right.slots()) {
            match (self.equal_thunks(left.value, right.value), &open) {
                (Ok(equal), _) => differ |= !equal,
                (Err(why), None) => open = Some(why),
                (Err(_), Some(_)) => return Err(Why::Undecided),
            }
        }
        match open {
            None => Ok(!differ),
            Some(why) if !differ => Err(why),
            Some(_) => Err(Why::Undecided),
        }
    }

    /// How two values are ordered.
    pub(super) fn compare(&mut self, left: &Value, right: &Value) -> Result<Ordering, Why> {
        let unordered = || Why::Error("these values cannot be compared".into());
        #[allow(clippy::cast_precision_loss)]
        match (&left.kind, &right.kind) {
            (Kind::Int(left), Kind::Int(right)) => Ok(left.cmp(right)),
            (Kind::Float(left), Kind::Float(right)) => {
                left.partial_cmp(right).ok_or_else(unordered)
            }
            (Kind::Int(left), Kind::Float(right)) => {
                (*left as f64).partial_cmp(right).ok_or_else(unordered)
            }
            (Kind::Float(left), Kind::Int(right)) => {
                left.partial_cmp(&(*right as f64)).ok_or_else(unordered)
            }
            (Kind::Str(left), Kind::Str(right)) => match (left.as_plain(), right.as_plain()) {
                (Some(left), Some(right)) => Ok(left.as_bytes().cmp(right.as_bytes())),
                _ => Err(Why::Undecided),
            },
            (Kind::List(left), Kind::List(right)) => {
                for (left, right) in left.clone().iter().zip(right.clone().iter()) {
                    if !self.equal_thunks(*left, *right)? {
                        let (left, right) = (self.force(*left), self.force(*right));
                        return self.deeper(|evaluator| evaluator.compare(&left, &right))?;
                    }
                }
                Ok(left.len().cmp(&right.len()))
            }
            _ if left.is_undetermined() => Err(left.why()),
            _ if right.is_undetermined() => Err(right.why()),
            _ => Err(unordered()),
        }
    }
}

/// The answer of a logical operator that its left side alone decides.
fn decided_by_left(operator: Binary, left: &Value) -> Option<bool> {
    match (operator, &left.kind) {
        (Binary::And, Kind::Bool(false)) => Some(false),
        (Binary::Or, Kind::Bool(true)) | (Binary::Implies, Kind::Bool(false)) => Some(true),
        _ => None,
    }
}

fn holds(operator: Binary, ordering: Ordering) -> bool {
    match operator {
        Binary::Less => ordering.is_lt(),
        Binary::LessOrEqual => ordering.is_le(),
        Binary::More => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}

fn rest_of(value: &Value) -> Rest {
    Rest { why: value.why(), base: value.as_symbol().cloned() }
}

pub(super) fn error(message: &str) -> Kind {
    Kind::Unknown(Why::Error(message.into()))
}
