//! Functions on lists.

use std::collections::BTreeMap;

use super::{Primitive, primitives};
use crate::eval::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value, Why};
use crate::hir::Name;

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "map" 2 => map;
    "filter" 2 => filter;
    "head" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| nth(e, a[0], |_| Some(0));
    "elemAt" 2 => elem_at;
    "tail" 1 => tail;
    "length" 1 => length;
    "elem" 2 => elem;
    "concatLists" 1 => concat_lists;
    "concatMap" 2 => concat_map;
    "foldl'" 3 => foldl;
    "genList" 2 => gen_list;
    "all" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| quantified(e, a, false);
    "any" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| quantified(e, a, true);
    "partition" 2 => partition;
    "groupBy" 2 => group_by;
    "sort" 2 => super::sorting::sort;
    "listToAttrs" 1 => list_to_attrs;
};

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "optional" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| optional(e, a[0], |_| Ok(Value::list([a[1]])));
    "optionals" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| optional(e, a[0], |e| Ok(e.force(a[1])));
    "last" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| nth(e, a[0], |length| length.checked_sub(1));
    "flatten" 1 => flatten;
    "range" 2 => range;
    "singleton" 1 => |_: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(Value::list([a[0]]));
    "toList" 1 => to_list;
    "imap0" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| imap(e, a, 0);
    "imap1" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| imap(e, a, 1);
    "forEach" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| map(e, &[a[1], a[0]]);
    "reverseList" 1 => reverse;
    "foldl" 3 => foldl;
    "foldr" 3 => foldr;
    "fold" 3 => foldr;
    "take" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| slice(e, a, |items, n| items[..n].into());
    "drop" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| slice(e, a, |items, n| items[n..].into());
    "unique" 1 => unique;
    "findFirst" 3 => find_first;
    "subtractLists" 2 => subtract_lists;
    "init" 1 => init;
};

fn map(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mapped = |e: &mut Evaluator<'_>, a: &[ThunkId], list: ThunkId| {
        let items = e.list_of(list)?;
        let mapped: Vec<ThunkId> = items.iter().map(|item| e.application(a[0], *item)).collect();
        Ok(Value::list(mapped))
    };
    e.over_sides(a[1], mapped, a)
}

fn imap(e: &mut Evaluator<'_>, a: &[ThunkId], first: i64) -> Answer {
    let items = e.list_of(a[1])?;
    let mut mapped = Vec::with_capacity(items.len());
    for (index, item) in (first..).zip(items.iter()) {
        let index = e.done(Value::bare(Kind::Int(index)));
        mapped.push(e.delayed_call2(a[0], index, *item));
    }
    Ok(Value::list(mapped))
}

fn filter(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let kept = |e: &mut Evaluator<'_>, a: &[ThunkId], list: ThunkId| {
        let mut kept = Vec::new();
        for item in e.list_of(list)?.iter() {
            let keep = e.call1(a[0], *item);
            if e.condition(&keep)? {
                kept.push(*item);
            }
        }
        Ok(Value::list(kept))
    };
    e.over_sides(a[1], kept, a)
}

fn nth(e: &mut Evaluator<'_>, list: ThunkId, index: impl Fn(usize) -> Option<usize>) -> Answer {
    let items = e.list_of(list)?;
    match index(items.len()).and_then(|index| items.get(index)) {
        Some(item) => Ok(e.force(*item)),
        None => Err(Value::error("the list has no such element")),
    }
}

fn elem_at(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let index = e.int_of(a[1])?;
    nth(e, a[0], |_| usize::try_from(index).ok())
}

fn tail(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let items = e.list_of(a[0])?;
    match items.split_first() {
        Some((_, rest)) => Ok(Value::list(rest.to_vec())),
        None => Err(Value::error("`tail` of an empty list")),
    }
}

fn length(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let length = e.list_of(a[0])?.len();
    Ok(Value::bare(i64::try_from(length).map_or(Kind::Unknown(Why::TooLarge), Kind::Int)))
}

fn elem(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let wanted = e.force(a[0]);
    let mut unsure = None;
    for item in e.list_of(a[1])?.iter() {
        let item = e.force(*item);
        match e.equal(&wanted, &item) {
            Ok(true) if unsure.is_none() => return Ok(Value::bool(true)),
            Ok(_) => {}
            Err(why) => unsure = Some(why),
        }
    }
    Ok(unsure.map_or(Value::bool(false), Value::unknown))
}

fn concat_lists(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let joined = |e: &mut Evaluator<'_>, _: &[ThunkId], lists: ThunkId| {
        let mut joined = Vec::new();
        let lists = e.list_of(lists)?;
        for (index, list) in lists.iter().enumerate() {
            if matches!(e.force(*list).kind, Kind::Choice(_)) {
                return e.concat_all(joined, &lists[index..]);
            }
            joined.extend_from_slice(&e.list_of(*list)?);
            e.can_hold(joined.len()).map_err(Value::unknown)?;
        }
        Ok(Value::list(joined))
    };
    e.over_sides(a[0], joined, a)
}

fn concat_map(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mapped = map(e, a)?;
    let mapped = e.done(mapped);
    concat_lists(e, &[mapped])
}

fn foldl(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let folded = |e: &mut Evaluator<'_>, a: &[ThunkId], list: ThunkId| {
        let mut result = a[1];
        for item in e.list_of(list)?.iter() {
            let value = e.call2(a[0], result, *item);
            if matches!(value.kind, Kind::Unknown(_)) {
                return Err(value);
            }
            result = e.done(value);
        }
        Ok(e.force(result))
    };
    e.over_sides(a[2], folded, a)
}

fn foldr(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let folded = |e: &mut Evaluator<'_>, a: &[ThunkId], list: ThunkId| {
        let mut result = a[1];
        for item in e.list_of(list)?.iter().rev() {
            result = e.delayed_call2(a[0], *item, result);
        }
        Ok(e.force(result))
    };
    e.over_sides(a[2], folded, a)
}

fn gen_list(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let length = e.int_of(a[1])?;
    let length = usize::try_from(length).map_err(|_| Value::error("a list of negative length"))?;
    e.can_hold(length).map_err(Value::unknown)?;
    let mut items = Vec::with_capacity(length);
    for index in (0_i64..).take(length) {
        let index = e.done(Value::bare(Kind::Int(index)));
        items.push(e.application(a[0], index));
    }
    Ok(Value::list(items))
}

fn range(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (first, last) = (e.int_of(a[0])?, e.int_of(a[1])?);
    if first <= last {
        let beyond = last.checked_sub(first).and_then(|length| usize::try_from(length).ok());
        e.can_hold(beyond.unwrap_or(usize::MAX)).map_err(Value::unknown)?;
    }
    let items: Vec<ThunkId> =
        (first..=last).map(|index| e.done(Value::bare(Kind::Int(index)))).collect();
    Ok(Value::list(items))
}

/// `any` and `all`: stop at the first element whose answer is `deciding`.
fn quantified(e: &mut Evaluator<'_>, a: &[ThunkId], deciding: bool) -> Answer {
    for item in e.list_of(a[1])?.iter() {
        let answer = e.call1(a[0], *item);
        if e.condition(&answer)? == deciding {
            return Ok(Value::bool(deciding));
        }
    }
    Ok(Value::bool(!deciding))
}

fn partition(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for item in e.list_of(a[1])?.iter() {
        evaluated(e, *item)?;
        let answer = e.call1(a[0], *item);
        if e.condition(&answer)? { right.push(*item) } else { wrong.push(*item) }
    }
    let (right, wrong) = (e.done(Value::list(right)), e.done(Value::list(wrong)));
    Ok(super::sets::set([("right", right), ("wrong", wrong)]))
}

/// Some builtins evaluate every element, whatever their function does with it.
pub(super) fn evaluated(e: &mut Evaluator<'_>, item: ThunkId) -> Result<(), Value> {
    let value = e.force(item);
    match &value.kind {
        Kind::Unknown(why) if why.is_final() => Err(value),
        _ => Ok(()),
    }
}

fn group_by(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut groups: BTreeMap<Name, Vec<ThunkId>> = BTreeMap::new();
    for item in e.list_of(a[1])?.iter() {
        let name = e.application(a[0], *item);
        let name = Name::new(&e.text_of(name)?);
        groups.entry(name).or_default().push(*item);
    }
    let slots = groups.into_iter().map(|(name, items)| Slot::new(name, e.done(Value::list(items))));
    Ok(Value::attrs(AttrSet::new(slots.collect())))
}

fn list_to_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut pairs = Vec::new();
    for item in e.list_of(a[0])?.iter() {
        let pair = e.set_of(*item)?;
        let field = |name: &str| match pair.get(Name::new(name)) {
            Some(slot) if !slot.optional => Ok(*slot),
            _ if pair.is_exact() => Err(Value::error(format!("`{name}` is missing"))),
            _ => Err(Value::unknown(Why::Undecided)),
        };
        let (name, value) = (field("name")?, field("value")?);
        let text = e.text_of(name.value)?;
        pairs.push((Name::new(&text), value));
    }
    // Of two elements with one name, the first counts.
    pairs.reverse();
    Ok(super::sets::renamed(pairs))
}

fn optional(
    e: &mut Evaluator<'_>,
    condition: ThunkId,
    list: impl FnOnce(&mut Evaluator<'_>) -> Answer,
) -> Answer {
    let condition = e.force(condition);
    match condition.kind {
        Kind::Bool(true) => list(e),
        Kind::Bool(false) => Ok(Value::list([])),
        Kind::Unknown(ref why) if why.is_final() => Err(condition),
        _ if condition.is_undetermined() => {
            let then = list(e)?;
            Ok(super::modules::undecided(e, &condition, then, Value::list([])))
        }
        _ => Err(super::expected(&condition, "a Boolean")),
    }
}

fn flatten(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    if value.is_undetermined() {
        return Err(Value::unknown(value.why()));
    }
    if value.as_list().is_none() {
        return Ok(Value::list([a[0]]));
    }
    let mut flat = Vec::new();
    let mut pending = vec![a[0]];
    while let Some(thunk) = pending.pop() {
        e.spend(1).map_err(Value::unknown)?;
        let value = e.force(thunk);
        match value.as_list() {
            Some(items) => pending.extend(items.iter().rev()),
            None if value.is_undetermined() && value.as_symbol().is_none() => {
                return Err(Value::unknown(value.why()));
            }
            None => flat.push(thunk),
        }
        e.can_hold(flat.len() + pending.len()).map_err(Value::unknown)?;
    }
    Ok(Value::list(flat))
}

fn to_list(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    match value.kind {
        Kind::List(_) => Ok(value),
        Kind::Choice(_) | Kind::Unknown(_) => Err(Value::unknown(value.why())),
        _ => Ok(Value::list([a[0]])),
    }
}

fn reverse(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut items = e.list_of(a[0])?.to_vec();
    items.reverse();
    Ok(Value::list(items))
}

fn slice(
    e: &mut Evaluator<'_>,
    a: &[ThunkId],
    part: impl Fn(&[ThunkId], usize) -> Vec<ThunkId>,
) -> Answer {
    let count =
        usize::try_from(e.int_of(a[0])?).map_err(|_| Value::error("a list of negative length"))?;
    let items = e.list_of(a[1])?;
    Ok(Value::list(part(&items, count.min(items.len()))))
}

fn unique(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut kept: Vec<(ThunkId, Value)> = Vec::new();
    for item in e.list_of(a[0])?.iter() {
        let value = e.force(*item);
        let mut repeated = false;
        for (_, present) in &kept {
            match e.equal(present, &value) {
                Ok(true) => repeated = true,
                Ok(false) => {}
                Err(why) => return Err(Value::unknown(why)),
            }
        }
        if !repeated {
            kept.push((*item, value));
        }
    }
    Ok(Value::list(kept.into_iter().map(|(item, _)| item).collect::<Vec<_>>()))
}

fn find_first(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    for item in e.list_of(a[2])?.iter() {
        let found = e.call1(a[0], *item);
        if e.condition(&found)? {
            return Ok(e.force(*item));
        }
    }
    Ok(e.force(a[1]))
}

/// `subtractLists unwanted list`.
fn subtract_lists(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut kept = Vec::new();
    for item in e.list_of(a[1])?.iter() {
        let unwanted = elem(e, &[*item, a[0]])?;
        if !e.condition(&unwanted)? {
            kept.push(*item);
        }
    }
    Ok(Value::list(kept))
}

fn init(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let items = e.list_of(a[0])?;
    match items.split_last() {
        Some((_, before)) => Ok(Value::list(before.to_vec())),
        None => Err(Value::error("`init` of an empty list")),
    }
}
