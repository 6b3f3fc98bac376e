//! Functions on attribute sets.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::{Primitive, primitives};
use crate::eval::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value, Why};
use crate::hir::Name;

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "attrNames" 1 => attr_names;
    "attrValues" 1 => attr_values;
    "hasAttr" 2 => has_attr;
    "getAttr" 2 => get_attr;
    "removeAttrs" 2 => remove_attrs;
    "mapAttrs" 2 => map_attrs;
    "intersectAttrs" 2 => intersect_attrs;
    "catAttrs" 2 => cat_attrs;
    "functionArgs" 1 => function_args;
    "zipAttrsWith" 2 => zip_attrs_with;
};

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "optionalAttrs" 2 => optional_attrs;
    "genAttrs" 2 => gen_attrs;
    "filterAttrs" 2 => filter_attrs;
    "mapAttrsToList" 2 => map_attrs_to_list;
    "mapAttrs'" 2 => map_attrs_prime;
    "nameValuePair" 2 => name_value_pair;
    "recursiveUpdate" 2 => recursive_update;
    "attrByPath" 3 => attr_by_path;
    "hasAttrByPath" 2 => has_attr_by_path;
    "getAttrFromPath" 2 => get_attr_from_path;
    "setAttrByPath" 2 => set_attr_by_path;
    "mergeAttrs" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let (left, right) = (e.force(a[0]), e.force(a[1]));
        Ok::<Value, Value>(e.update(&left, &right))
    };
    "mergeAttrsList" 1 => merge_attrs_list;
    "foldAttrs" 3 => fold_attrs;
    "concatMapAttrs" 2 => concat_map_attrs;
    "attrVals" 2 => attr_vals;
    "getAttrs" 2 => get_attrs;
    "isDerivation" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let value = e.force(a[0]);
        match value.kind {
            Kind::Attrs(_) | Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => {
                Err::<Value, Value>(Value::unknown(Why::Undecided))
            }
            _ => Ok(Value::bool(false)),
        }
    };
};

/// A set of the given attributes.
pub(super) fn set<const N: usize>(attributes: [(&str, ThunkId); N]) -> Value {
    let slots = attributes.into_iter().map(|(name, value)| Slot::new(Name::new(name), value));
    Value::attrs(AttrSet::new(slots.collect()))
}

/// A set of attributes that keep where they were defined, under new names.
pub(super) fn renamed(attributes: Vec<(Name, Slot)>) -> Value {
    let slots = attributes.into_iter().map(|(name, slot)| Slot { name, ..slot }).collect();
    Value::attrs(AttrSet::new(slots))
}

fn attr_names(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.exact_set_of(a[0])?;
    let names: Vec<ThunkId> =
        set.slots().iter().map(|slot| e.string_thunk(slot.name.as_str())).collect();
    Ok(Value::list(names))
}

fn attr_values(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.exact_set_of(a[0])?;
    Ok(Value::list(set.slots().iter().map(|slot| slot.value).collect::<Vec<_>>()))
}

fn has_attr(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let name = Name::new(&e.text_of(a[0])?);
    let set = e.force(a[1]);
    match set.kind {
        Kind::Attrs(_) => {
            Ok(e.has_attribute(&set, name).map_or(Value::unknown(set.why()), Value::bool))
        }
        _ => Err(super::expected(&set, "a set")),
    }
}

fn get_attr(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let name = Name::new(&e.text_of(a[0])?);
    let set = e.force(a[1]);
    Ok(e.select(&set, name))
}

fn remove_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.set_of(a[0])?;
    let mut names = FxHashSet::default();
    for name in e.list_of(a[1])?.iter() {
        names.insert(Name::new(&e.text_of(*name)?));
    }
    let kept = set.slots().iter().filter(|slot| !names.contains(&slot.name)).copied().collect();
    let mut without = AttrSet::new(kept);
    without.rest = set.rest.clone().map(|rest| crate::eval::Rest { base: None, ..rest });
    Ok(Value::attrs(without))
}

fn map_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.set_of(a[1])?;
    let mut slots = Vec::with_capacity(set.slots().len());
    for slot in set.slots() {
        let name = e.string_thunk(slot.name.as_str());
        slots.push(Slot { value: e.delayed_call2(a[0], name, slot.value), ..*slot });
    }
    let mut mapped = AttrSet::new(slots);
    mapped.rest = set.rest.clone().map(|rest| crate::eval::Rest { base: None, ..rest });
    Ok(Value::attrs(mapped))
}

fn intersect_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.exact_set_of(a[0])?, e.exact_set_of(a[1])?);
    let common = right.slots().iter().filter(|slot| left.get(slot.name).is_some()).copied();
    Ok(Value::attrs(AttrSet::new(common.collect())))
}

fn cat_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let name = Name::new(&e.text_of(a[0])?);
    let mut found = Vec::new();
    for set in e.list_of(a[1])?.iter() {
        let set = e.exact_set_of(*set)?;
        found.extend(set.get(name).map(|slot| slot.value));
    }
    Ok(Value::list(found))
}

fn function_args(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let function = e.force(a[0]);
    let Kind::Lambda(closure) = &function.kind else {
        return Err(Value::unknown(function.why()));
    };
    let Some(lambda) = e.lambda(closure) else { return Err(Value::unknown(Why::Syntax)) };
    let mut slots = Vec::new();
    for field in lambda.fields.iter().flatten() {
        let has_default = e.done(Value::bool(field.default.is_some()));
        slots.push(Slot::new(field.name, has_default));
    }
    Ok(Value::attrs(AttrSet::new(slots)))
}

fn zip_attrs_with(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut gathered: BTreeMap<Name, Vec<ThunkId>> = BTreeMap::new();
    for set in e.list_of(a[1])?.iter() {
        for slot in e.exact_set_of(*set)?.slots() {
            gathered.entry(slot.name).or_default().push(slot.value);
        }
    }
    let mut slots = Vec::with_capacity(gathered.len());
    for (name, values) in gathered {
        let (text, values) = (e.string_thunk(name.as_str()), e.done(Value::list(values)));
        slots.push(Slot::new(name, e.delayed_call2(a[0], text, values)));
    }
    Ok(Value::attrs(AttrSet::new(slots)))
}

fn optional_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let condition = e.force(a[0]);
    let empty = Value::attrs(AttrSet::default());
    match condition.kind {
        Kind::Bool(true) => Ok(e.force(a[1])),
        Kind::Bool(false) => Ok(empty),
        Kind::Unknown(ref why) if why.is_final() => Err(condition),
        _ if condition.is_undetermined() => {
            let set = e.force(a[1]);
            Ok(super::modules::undecided(e, &condition, set, empty))
        }
        _ => Err(super::expected(&condition, "a Boolean")),
    }
}

fn gen_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut slots = Vec::new();
    for name in e.list_of(a[0])?.iter() {
        let text = e.text_of(*name)?;
        slots.push(Slot::new(Name::new(&text), e.application(a[1], *name)));
    }
    slots.reverse();
    Ok(Value::attrs(AttrSet::new(slots)))
}

fn filter_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.exact_set_of(a[1])?;
    let mut kept = Vec::new();
    for slot in set.slots() {
        let name = e.string_thunk(slot.name.as_str());
        let keep = e.call2(a[0], name, slot.value);
        if e.condition(&keep)? {
            kept.push(*slot);
        }
    }
    Ok(Value::attrs(AttrSet::new(kept)))
}

fn map_attrs_to_list(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.exact_set_of(a[1])?;
    let mut items = Vec::with_capacity(set.slots().len());
    for slot in set.slots() {
        let name = e.string_thunk(slot.name.as_str());
        items.push(e.delayed_call2(a[0], name, slot.value));
    }
    Ok(Value::list(items))
}

fn map_attrs_prime(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let pairs = map_attrs_to_list(e, a)?;
    let pairs = e.done(pairs);
    let list_to_attrs = super::BUILTINS.get(&Name::new("listToAttrs"));
    list_to_attrs
        .map(|primitive| (primitive.run)(e, &[pairs]))
        .ok_or_else(|| Value::unknown(Why::Undecided))
}

fn name_value_pair(_: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    Ok(set([("name", a[0]), ("value", a[1])]))
}

fn recursive_update(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.force(a[0]), e.force(a[1]));
    let (Some(under), Some(over)) = (left.as_attrs(), right.as_attrs()) else {
        return Ok(e.update(&left, &right));
    };
    let (under, over) = (under.clone(), over.clone());
    let nested = e.done(Value::bare(super::function(&NESTED_UPDATE)));
    let mut slots = Vec::new();
    for slot in over.slots() {
        let value = match under.get(slot.name) {
            Some(below) => e.delayed_call2(nested, below.value, slot.value),
            None => slot.value,
        };
        slots.push(Slot { value, ..*slot });
    }
    let mut merged = AttrSet::new(slots);
    merged.rest = over.rest.clone();
    let merged = Value::attrs(merged);
    Ok(e.update(&left, &merged))
}

/// What `recursiveUpdate` does below the first level: what are no two sets is replaced. It is
/// delayed, for the names of a set may depend on what lies beside it.
static NESTED_UPDATE: Primitive =
    Primitive { name: "recursiveUpdate", arity: 2, run: |e, a| super::either(nested_update(e, a)) };

fn nested_update(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.force(a[0]), e.force(a[1]));
    let may_be_set = left.as_attrs().is_some() || left.is_undetermined();
    if right.as_attrs().is_some() && may_be_set { recursive_update(e, a) } else { Ok(right) }
}

fn path_of(e: &mut Evaluator<'_>, path: ThunkId) -> Result<Vec<Name>, Value> {
    let mut names = Vec::new();
    for name in e.list_of(path)?.iter() {
        names.push(Name::new(&e.text_of(*name)?));
    }
    Ok(names)
}

fn attr_by_path(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let path = path_of(e, a[0])?;
    let mut value = e.force(a[2]);
    for name in path {
        match e.has_attribute(&value, name) {
            Some(true) => value = e.select(&value, name),
            Some(false) => return Ok(e.force(a[1])),
            None => return Err(Value::unknown(value.why())),
        }
    }
    Ok(value)
}

fn has_attr_by_path(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let path = path_of(e, a[0])?;
    let mut value = e.force(a[1]);
    for name in path {
        match e.has_attribute(&value, name) {
            Some(true) => value = e.select(&value, name),
            Some(false) => return Ok(Value::bool(false)),
            None => return Err(Value::unknown(value.why())),
        }
    }
    Ok(Value::bool(true))
}

fn get_attr_from_path(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let path = path_of(e, a[0])?;
    let mut value = e.force(a[1]);
    for name in path {
        value = e.select(&value, name);
    }
    Ok(value)
}

fn set_attr_by_path(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut value = a[1];
    for name in path_of(e, a[0])?.into_iter().rev() {
        value = e.done(Value::attrs(AttrSet::new(vec![Slot::new(name, value)])));
    }
    Ok(e.force(value))
}

fn merge_attrs_list(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut merged = Value::attrs(AttrSet::default());
    for set in e.list_of(a[0])?.iter() {
        let set = e.force(*set);
        merged = e.update(&merged, &set);
    }
    Ok(merged)
}

/// `foldAttrs f initial sets`: for each name, its values folded from the right.
fn fold_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut folded: BTreeMap<Name, Slot> = BTreeMap::new();
    for set in e.list_of(a[2])?.iter().rev() {
        for slot in e.exact_set_of(*set)?.slots() {
            let below = folded.get(&slot.name).map_or(a[1], |below| below.value);
            let value = e.delayed_call2(a[0], slot.value, below);
            folded.insert(slot.name, Slot { value, ..*slot });
        }
    }
    Ok(Value::attrs(AttrSet::new(folded.into_values().collect())))
}

/// `concatMapAttrs f set`: the sets that `f` makes of each attribute, the later ones winning.
fn concat_map_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let sets = map_attrs_to_list(e, a)?;
    let sets = e.done(sets);
    merge_attrs_list(e, &[sets])
}

fn attr_vals(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let names = path_of(e, a[0])?;
    Ok(Value::list(names.into_iter().map(|name| e.selection(a[1], name)).collect::<Vec<_>>()))
}

fn get_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let names = path_of(e, a[0])?;
    let set = e.exact_set_of(a[1])?;
    let mut slots = Vec::new();
    for name in names {
        let slot =
            set.get(name).ok_or_else(|| Value::error(format!("attribute `{name}` is missing")))?;
        slots.push(*slot);
    }
    Ok(Value::attrs(AttrSet::new(slots)))
}
