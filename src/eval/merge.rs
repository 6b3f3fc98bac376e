//! Options of the module system: the definitions of many modules, merged lazily into one set.
//!
//! A merge is evaluated like any other delayed value, so that modules may read the configuration
//! that they define. Where several definitions of one priority meet and are no sets, [`super::joined`]
//! joins them as the type of their option says; where an undecided condition may win, the answer is
//! unknown.

mod parts;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::declared::Declared;
use super::joined::{DEFAULT_ORDER, Definition};
use super::symbol::Symbol;
use super::{AttrSet, EnvId, Evaluator, Kind, Rest, Slot, Thunk, ThunkId, Value, Why};
use crate::hir::{Name, name};
use parts::{Part, Parts};

pub(super) use parts::Merge;
pub use parts::{Defined, Given};

/// The priority of a plain definition (`lib.defaultOverridePriority`).
const PLAIN_PRIORITY: i64 = 100;

/// That of the default in a declaration (`lib.mkOptionDefault`).
const DEFAULT_PRIORITY: i64 = 1500;

/// Undecided conditions inside each other are followed up to this depth.
const MAX_CHOICES: u32 = 6;

impl<'p> Evaluator<'p> {
    /// The configuration that module bodies define: `definitions` are the bodies' configurations in the
    /// order in which Nix takes them, `declarations` their options, `fallback` the symbol of what is not
    /// known, `given` an option that is known otherwise.
    pub fn merged(
        &mut self,
        definitions: Vec<Defined>,
        declarations: Vec<ThunkId>,
        fallback: Arc<Symbol>,
        given: Option<Given>,
    ) -> ThunkId {
        let part = |definition: Defined| Part {
            value: definition.value,
            priority: PLAIN_PRIORITY,
            order: DEFAULT_ORDER,
            is_open: definition.is_open,
            conditions: ThinVec::new(),
        };
        let parts = definitions.into_iter().map(part).collect();
        let (declarations, fallback) = (declarations.into(), (fallback, None));
        self.delay(Thunk::Merge(Arc::new(Merge { parts, declarations, fallback, given })))
    }

    pub(super) fn merge(&mut self, merge: &Merge) -> Value {
        let parts = match self.unwrapped(&merge.parts) {
            Ok(parts) => parts,
            Err(why) => return Value::unknown(why),
        };
        let parts = self.opened(parts);
        let declared = merge.declarations.iter().find_map(|thunk| self.declared(*thunk));
        let below = declared.is_none() && !merge.declarations.is_empty();
        let are_sets = !parts.is_empty() && parts.iter().all(is_part_set);
        let fallback = merge.fallback();
        let value = match are_sets || parts.is_empty() && below {
            true => self.merge_sets(merge, &parts, &fallback),
            false => self.merge_values(&fallback, parts, declared.as_ref()),
        };
        self.elaborated(&fallback, value)
    }

    /// The parts with `mkIf`, `mkMerge`, `mkOverride` and `mkOrder` taken off, and their values.
    fn unwrapped(&mut self, parts: &[Part]) -> Result<Vec<(Part, Value)>, Why> {
        let mut plain = Vec::new();
        let mut pending: Vec<Part> = parts.iter().rev().cloned().collect();
        while let Some(part) = pending.pop() {
            let value = self.force(part.value);
            let wrapper = value
                .as_attrs()
                .and_then(|set| Some((set.clone(), set.get(name!("_type"))?.value)));
            let Some((set, mark)) = wrapper else {
                if matches!(&value.kind, Kind::Unknown(why) if why.is_transient()) {
                    return Err(Why::Limit);
                }
                plain.push((part, value));
                continue;
            };
            let mark = self.force(mark);
            let field = |name: Name| set.get(name).map(|slot| slot.value);
            let mut inner = part.clone();
            match (mark.as_str(), field(name!("content"))) {
                (Some("if"), Some(content)) => {
                    inner.conditions.extend(field(name!("condition")));
                    inner.value = content;
                    pending.push(inner);
                }
                (Some("override"), Some(content)) => {
                    let priority = field(name!("priority")).map(|thunk| self.force(thunk));
                    inner.priority =
                        priority.and_then(|value| value.as_int()).unwrap_or(part.priority);
                    inner.value = content;
                    pending.push(inner);
                }
                (Some("order"), Some(content)) => {
                    let order = field(name!("priority")).map(|thunk| self.force(thunk));
                    inner.order = order.and_then(|value| value.as_int()).unwrap_or(part.order);
                    inner.value = content;
                    pending.push(inner);
                }
                (Some("merge"), _) => {
                    let contents = field(name!("contents")).map(|thunk| self.force(thunk));
                    let items = contents.as_ref().and_then(Value::as_list).cloned();
                    let items = items.ok_or(Why::Undecided)?;
                    let each = items.iter().rev().map(|item| Part { value: *item, ..part.clone() });
                    pending.extend(each);
                }
                _ => plain.push((part, value)),
            }
        }
        Ok(plain)
    }

    /// The parts, where some are sets: so are the others then, and what an undecided condition
    /// chooses from are parts that hold by that condition. What lies outside the tree is left out,
    /// as are the modules of others: that it takes a definition of the tree back is rare.
    fn opened(&mut self, parts: Vec<(Part, Value)>) -> Vec<(Part, Value)> {
        if parts.iter().all(is_part_set) || !parts.iter().any(is_part_set) {
            return parts;
        }
        let mut sets = Vec::new();
        let mut pending: Vec<(Part, Value, u32)> =
            parts.into_iter().rev().map(|(part, value)| (part, value, 0)).collect();
        while let Some((part, value, depth)) = pending.pop() {
            match &value.kind {
                Kind::Choice(choice) if depth < MAX_CHOICES => {
                    let undecided = self.done(Value::unknown(Why::Undecided));
                    for side in [choice.otherwise, choice.then] {
                        let mut side = Part { value: side, ..part.clone() };
                        side.conditions.push(undecided);
                        let unwrapped = self.unwrapped(&[side]).unwrap_or_default();
                        let deeper = |(part, value)| (part, value, depth + 1);
                        pending.extend(unwrapped.into_iter().rev().map(deeper));
                    }
                }
                Kind::Symbol(_) | Kind::Choice(_) => {}
                Kind::Unknown(why) if !why.is_final() => {}
                _ => sets.push((part, value)),
            }
        }
        sets
    }

    fn merge_sets(
        &mut self,
        merge: &Merge,
        parts: &[(Part, Value)],
        fallback: &Arc<Symbol>,
    ) -> Value {
        let mut names: FxHashMap<Name, (Parts, Option<Slot>)> = FxHashMap::default();
        for (part, value) in parts {
            for slot in value.as_attrs().iter().flat_map(|set| set.slots()) {
                let child = Part { value: slot.value, ..part.clone() };
                let (children, first) = names.entry(slot.name).or_default();
                children.push(child);
                // Nix takes the modules that others import before these.
                *first = Some(*slot);
            }
        }
        let declared = self.declared_sets(merge);
        for slot in declared.iter().flat_map(|set| set.slots()) {
            names.entry(slot.name).or_default();
        }
        let slots = names
            .into_iter()
            .map(|(name, (parts, first))| {
                let declarations = declared
                    .iter()
                    .filter_map(|set| set.get(name))
                    .map(|slot| slot.value)
                    .collect();
                let fallback = (fallback.clone(), Some(name));
                let given = merge.given.and_then(|given| given.below(name));
                let value = match given {
                    Some(Given { path: [], value }) => value,
                    _ => {
                        let below = Merge { parts, declarations, fallback, given };
                        self.delay(Thunk::Merge(Arc::new(below)))
                    }
                };
                Slot {
                    name,
                    value,
                    key: first.and_then(|slot| slot.key),
                    definition: first.and_then(|slot| slot.definition),
                    optional: false,
                }
            })
            .collect();
        Value::attrs(AttrSet::open(slots, rest_of(fallback, parts)))
    }

    /// The declarations that are sets of options.
    fn declared_sets(&mut self, merge: &Merge) -> Vec<Arc<AttrSet>> {
        let values: Vec<Value> =
            merge.declarations.iter().map(|thunk| self.force(*thunk)).collect();
        values.iter().filter_map(|value| value.as_attrs().cloned()).collect()
    }

    fn merge_values(
        &mut self,
        fallback: &Arc<Symbol>,
        parts: Vec<(Part, Value)>,
        declared: Option<&Declared>,
    ) -> Value {
        let mut best: Vec<(Part, Value)> = Vec::new();
        let mut undecided: Option<(i64, Why)> = None;
        for (part, value) in parts {
            match self.holds(&part.conditions) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(why) => {
                    let least = undecided.as_ref().is_none_or(|(least, _)| part.priority < *least);
                    if least {
                        undecided = Some((part.priority, why));
                    }
                    continue;
                }
            }
            match best.first().map(|(first, _)| first.priority) {
                Some(priority) if priority < part.priority => {}
                Some(priority) if priority == part.priority => best.push((part, value)),
                _ => best = vec![(part, value)],
            }
        }
        let default = declared.and_then(|declared| declared.default);
        let decided = best.first().map(|(first, _)| first.priority);
        if let (Some(priority), Some(default)) = (decided, default)
            && priority >= DEFAULT_PRIORITY
        {
            return match priority {
                DEFAULT_PRIORITY => {
                    Value::unknown(Why::NotFollowed("what is as weak as a default".into()))
                }
                _ => self.force(default),
            };
        }
        match (decided, undecided) {
            (Some(priority), Some((other, why))) if other <= priority => Value::unknown(why),
            (Some(_), _) => {
                let value = self.settle(fallback, best, declared);
                self.applied(value, declared)
            }
            (None, Some((_, why))) => Value::unknown(why),
            (None, None) => match default {
                Some(default) => {
                    let value = self.force(default);
                    self.applied(value, declared)
                }
                None => Value::bare(Kind::Symbol(fallback.clone())),
            },
        }
    }

    /// The value of the definitions that win.
    fn settle(
        &mut self,
        fallback: &Arc<Symbol>,
        mut best: Vec<(Part, Value)>,
        declared: Option<&Declared>,
    ) -> Value {
        let tied = best.windows(2).any(|pair| !is_same(&pair[0].1, &pair[1].1));
        if !tied {
            return best.swap_remove(0).1;
        }
        let is_function = |(_, value): &(Part, Value)| matches!(value.kind, Kind::Lambda(_));
        if best.iter().any(is_function) {
            let modules: Vec<_> =
                best.into_iter().map(|(part, value)| (part.value, value)).collect();
            return self.merge_modules(&modules);
        }
        let definitions = best.into_iter().map(|(part, value)| Definition {
            value,
            order: part.order,
            is_open: part.is_open,
        });
        let type_ = declared.map(|declared| declared.type_);
        self.join_definitions(fallback, definitions.collect(), type_)
    }

    /// What the `apply` of the option makes of its value.
    fn applied(&mut self, value: Value, declared: Option<&Declared>) -> Value {
        let Some(apply) = declared.and_then(|declared| declared.apply) else { return value };
        let apply = self.force(apply);
        let value = self.done(value);
        self.apply(&apply, value, None, EnvId::ROOT)
    }

    /// Functions that are defined for one option are modules, which `deferredModule` lets be many.
    fn merge_modules(&mut self, definitions: &[(ThunkId, Value)]) -> Value {
        let is_function = |value: &Value| matches!(value.kind, Kind::Lambda(_));
        let is_module = |value: &Value| {
            is_function(value) || matches!(value.kind, Kind::Attrs(_) | Kind::Path(_))
        };
        let values = || definitions.iter().map(|(_, value)| value);
        if !values().any(is_function) || !values().all(is_module) {
            return Value::unknown(Why::Undecided);
        }
        let modules: Vec<ThunkId> = definitions.iter().map(|(thunk, _)| *thunk).collect();
        let modules = self.done(Value::list(modules));
        Value::attrs(AttrSet::new(vec![Slot::new("imports".into(), modules)]))
    }

    fn holds(&mut self, conditions: &[ThunkId]) -> Result<bool, Why> {
        for condition in conditions {
            let value = self.force(*condition);
            match value.as_bool() {
                Some(true) => {}
                Some(false) => return Ok(false),
                None => return Err(value.why()),
            }
        }
        Ok(true)
    }
}

fn is_part_set((_, value): &(Part, Value)) -> bool {
    value.as_attrs().is_some()
}

/// Whether two definitions of one option agree, whatever its type: text and lists may be joined.
fn is_same(one: &Value, other: &Value) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Bool(one), Kind::Bool(other)) => one == other,
        (Kind::Int(one), Kind::Int(other)) => one == other,
        _ => false,
    }
}

/// What other attributes are selected from: what the one open definition is made of, such as an
/// extended library, else the option itself.
fn rest_of(fallback: &Arc<Symbol>, parts: &[(Part, Value)]) -> Rest {
    let open = |(_, value): &(Part, Value)| value.as_attrs()?.rest.clone();
    let mut open = parts.iter().filter_map(open).filter(|rest| rest.base.is_some());
    match (open.next(), open.next()) {
        (Some(only), None) => only,
        _ => {
            let why = Why::Beyond(fallback.clone());
            Rest { why, base: Some(fallback.clone()) }
        }
    }
}
