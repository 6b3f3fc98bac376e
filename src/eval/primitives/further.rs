//! Functions of nixpkgs' library that are others put together: less common, and cheap to have.

use super::{Primitive, primitives};
use crate::eval::machine::BYTES_A_STEP;
use crate::eval::{AttrSet, Evaluator, Kind, Slot, Text, ThunkId, Value, Why};

type Answer = Result<Value, Value>;

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "remove" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| kept(e, a[1], |e, item| Ok(!is_equal(e, item, a[0])?));
    "intersectLists" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        kept(e, a[1], |e, item| {
            let found = builtin(e, "elem", &[item, a[0]])?;
            e.condition(&found)
        })
    };
    "count" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let kept = builtin(e, "filter", a)?;
        let kept = e.done(kept);
        builtin(e, "length", &[kept])
    };
    "replicate" 2 => replicate;
    "findFirstIndex" 3 => find_first_index;
    "zipListsWith" 3 => zip_lists_with;
    "attrsToList" 1 => attrs_to_list;
    "foldlAttrs" 3 => foldl_attrs;
    "zipAttrs" 1 => zip_attrs;
    "mergeAttrsWithFunc" 3 => merge_attrs_with;
    "concatMapAttrsStringSep" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let items = library(e, "mapAttrsToList", &a[1..])?;
        let items = e.done(items);
        builtin(e, "concatStringsSep", &[a[0], items])
    };
    "stringToCharacters" 1 => string_to_characters;
    "trim" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let text = e.text_of(a[0])?;
        Ok::<Value, Value>(Value::str(text.trim_matches([' ', '\t', '\r', '\n'])))
    };
    "escape" 2 => escape;
    "escapeShellArg" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let value = e.force(a[0]);
        shell_word(e, &value).map(|word| Value::new(Kind::Str(Text::plain(word).into()), value.origin))
    };
    "escapeShellArgs" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let mut words = Vec::new();
        for item in e.list_of(a[0])?.iter() {
            let value = e.force(*item);
            words.push(shell_word(e, &value)?);
        }
        Ok::<Value, Value>(Value::str(words.join(" ")))
    };
    "replaceString" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let [from, to] = [a[0], a[1]].map(|text| e.done(Value::list([text])));
        builtin(e, "replaceStrings", &[from, to, a[2]])
    };
    "toHexString" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        match e.int_of(a[0])? {
            int @ 0.. => Ok(Value::str(format!("{int:X}"))),
            _ => Err(Value::unknown(Why::NotFollowed("a negative number in base 16".into()))),
        }
    };
    "fileContents" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let text = builtin(e, "readFile", a)?;
        match text.as_str() {
            Some(whole) => Ok(Value::str(whole.strip_suffix('\n').unwrap_or(whole))),
            None => Err(text),
        }
    };
    "assertMsg" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let holds = e.force(a[0]);
        match e.condition(&holds)? {
            true => Ok(holds),
            false => builtin(e, "throw", &a[1..]),
        }
    };
    "throwIf" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| unless(e, a, true);
    "throwIfNot" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| unless(e, a, false);
    "mod" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let (base, by) = (e.int_of(a[0])?, e.int_of(a[1])?);
        base.checked_rem(by)
            .map(|rest| Value::bare(Kind::Int(rest)))
            .ok_or_else(|| Value::error("division by zero"))
    };
    "fix" 1 => fix;
};

/// A builtin that is followed, called with all its arguments.
fn builtin(e: &mut Evaluator<'_>, name: &str, arguments: &[ThunkId]) -> Answer {
    let primitive = super::BUILTINS.get(&name.into());
    let primitive = primitive.ok_or_else(|| Value::unknown(Why::Undecided))?;
    Ok((primitive.run)(e, arguments))
}

/// The same for a function of the library.
fn library(e: &mut Evaluator<'_>, name: &str, arguments: &[ThunkId]) -> Answer {
    let primitive = super::LIBRARY.get(&name.into());
    let primitive = primitive.ok_or_else(|| Value::unknown(Why::Undecided))?;
    Ok((primitive.run)(e, arguments))
}

fn is_equal(e: &mut Evaluator<'_>, left: ThunkId, right: ThunkId) -> Result<bool, Value> {
    let (left, right) = (e.force(left), e.force(right));
    e.equal(&left, &right).map_err(Value::unknown)
}

/// The elements of `list` that `keeps` wants.
fn kept<'p>(
    e: &mut Evaluator<'p>,
    list: ThunkId,
    keeps: impl Fn(&mut Evaluator<'p>, ThunkId) -> Result<bool, Value>,
) -> Answer {
    let mut items = Vec::new();
    for item in e.list_of(list)?.iter() {
        if keeps(e, *item)? {
            items.push(*item);
        }
    }
    Ok(Value::list(items))
}

fn replicate(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let count = e.int_of(a[0])?;
    let count = usize::try_from(count).map_err(|_| Value::error("a list of negative length"))?;
    e.can_hold(count).map_err(Value::unknown)?;
    Ok(Value::list(vec![a[1]; count]))
}

fn find_first_index(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    for (index, item) in (0_i64..).zip(e.list_of(a[2])?.iter()) {
        let found = e.call1(a[0], *item);
        if e.condition(&found)? {
            return Ok(Value::bare(Kind::Int(index)));
        }
    }
    Ok(e.force(a[1]))
}

fn zip_lists_with(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.list_of(a[1])?, e.list_of(a[2])?);
    let pairs = left.iter().zip(right.iter());
    let items: Vec<ThunkId> =
        pairs.map(|(left, right)| e.delayed_call2(a[0], *left, *right)).collect();
    Ok(Value::list(items))
}

fn attrs_to_list(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let set = e.exact_set_of(a[0])?;
    let mut items = Vec::with_capacity(set.slots().len());
    for slot in set.slots() {
        let name = e.string_thunk(slot.name.as_str());
        let pair = super::sets::set([("name", name), ("value", slot.value)]);
        items.push(e.done(pair));
    }
    Ok(Value::list(items))
}

fn foldl_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut folded = a[1];
    for slot in e.exact_set_of(a[2])?.slots() {
        let name = e.string_thunk(slot.name.as_str());
        let partial = e.delayed_call2(a[0], folded, name);
        folded = e.application(partial, slot.value);
        // As `foldl'` does, so that the chain is not as deep as the set is large.
        e.force(folded);
    }
    Ok(e.force(folded))
}

/// `mergeAttrsWithFunc f left right`: both sets, each name of `right` with what `f` makes of what both
/// have there; where `left` has none, `f` is given that of `right` twice.
fn merge_attrs_with(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.exact_set_of(a[1])?, e.exact_set_of(a[2])?);
    let mut slots: Vec<Slot> =
        left.slots().iter().filter(|slot| right.get(slot.name).is_none()).copied().collect();
    for slot in right.slots() {
        let before = left.get(slot.name).map_or(slot.value, |before| before.value);
        let value = e.delayed_call2(a[0], before, slot.value);
        slots.push(Slot { value, ..*slot });
    }
    Ok(Value::attrs(AttrSet::new(slots)))
}

/// The values of each name: what `zipAttrsWith` gives with a function that drops the name.
fn zip_attrs(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let function = e.done(Value::bare(super::function(&SECOND)));
    builtin(e, "zipAttrsWith", &[function, a[0]])
}

static SECOND: Primitive = Primitive { name: "zipAttrs", arity: 2, run: |e, a| e.force(a[1]) };

fn string_to_characters(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let text = e.text_of(a[0])?;
    if !text.is_ascii() {
        // Nix cuts bytes; half a character is no text here.
        return Err(Value::unknown(Why::NotFollowed("cutting a character".into())));
    }
    e.can_hold(text.len()).map_err(Value::unknown)?;
    let characters: Vec<ThunkId> =
        (0..text.len()).map(|index| e.string_thunk(&text[index..=index])).collect();
    Ok(Value::list(characters))
}

/// `escape characters text`: a backslash before each of them.
fn escape(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut escaped = Vec::new();
    for character in e.list_of(a[0])?.iter() {
        let text = e.text_of(*character)?;
        escaped.push(e.string_thunk(&format!("\\{text}")));
    }
    let escaped = e.done(Value::list(escaped));
    builtin(e, "replaceStrings", &[a[0], escaped, a[1]])
}

/// What a shell reads as one word: quoted, unless nothing in it needs that.
fn shell_word(e: &mut Evaluator<'_>, value: &Value) -> Result<String, Value> {
    let text = e.coerce(value, true).map_err(Value::unknown)?;
    let Some(text) = text.as_plain() else {
        return Err(Value::unknown(Why::NotFollowed("quoting what is not known".into())));
    };
    e.spend(text.len() / BYTES_A_STEP).map_err(Value::unknown)?;
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ",._+:@%/-".contains(char);
    Ok(match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    })
}

/// `throwIf condition message value`, or the opposite.
fn unless(e: &mut Evaluator<'_>, a: &[ThunkId], thrown: bool) -> Answer {
    let condition = e.force(a[0]);
    match e.condition(&condition)? == thrown {
        true => builtin(e, "throw", &a[1..2]),
        false => Ok(e.force(a[2])),
    }
}

fn fix(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let finished = e.placeholder();
    let meaning = e.application(a[0], finished);
    e.define(finished, meaning);
    Ok(e.force(finished))
}
