//! Functions on strings.

use super::{Primitive, primitives};
use crate::eval::machine::BYTES_A_STEP;
use crate::eval::strings::Joined;
use crate::eval::{Evaluator, Hop, Kind, Origin, ThunkId, Value, Why};

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "toString" 1 => to_string;
    "stringLength" 1 => string_length;
    "substring" 3 => substring;
    "replaceStrings" 3 => replace_strings;
    "concatStringsSep" 2 => concat_strings_sep;
    "splitVersion" 1 => split_version;
    "compareVersions" 2 => compare_versions;
    "parseDrvName" 1 => parse_drv_name;
};

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "optionalString" 2 => optional_string;
    "concatStrings" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let empty = e.string_thunk("");
        concat_strings_sep(e, &[empty, a[0]])
    };
    "concatMapStringsSep" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let items = mapped(e, a[1], a[2])?;
        concat_strings_sep(e, &[a[0], items])
    };
    "concatMapStrings" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let (items, empty) = (mapped(e, a[0], a[1])?, e.string_thunk(""));
        concat_strings_sep(e, &[empty, items])
    };
    "concatLines" 1 => concat_lines;
    "hasPrefix" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| text_test(e, a, |part, text| text.starts_with(part));
    "hasSuffix" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| text_test(e, a, |part, text| text.ends_with(part));
    "hasInfix" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| text_test(e, a, |part, text| text.contains(part));
    "removeSuffix" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| trimmed(e, a, |part, text| text.strip_suffix(part));
    "removePrefix" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| trimmed(e, a, |part, text| text.strip_prefix(part));
    "toLower" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(Value::str(e.text_of(a[0])?.to_ascii_lowercase()));
    "toUpper" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(Value::str(e.text_of(a[0])?.to_ascii_uppercase()));
    "toInt" 1 => to_int;
    "splitString" 2 => split_string;
    "versionOlder" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| version_test(e, a, std::cmp::Ordering::is_gt);
    "versionAtLeast" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| version_test(e, a, std::cmp::Ordering::is_le);
    "getName" 1 => |_: &mut Evaluator<'_>, _: &[ThunkId]| Err::<Value, Value>(Value::unknown(Why::NotFollowed("lib.getName".into())));
};

fn to_string(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    match e.coerce(&value, true) {
        Ok(text) => Ok(Value::new(Kind::Str(text), value.origin)),
        Err(why) => Err(Value::unknown(why)),
    }
}

fn string_length(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let length = e.text_of(a[0])?.len();
    Ok(Value::bare(i64::try_from(length).map_or(Kind::Unknown(Why::TooLarge), Kind::Int)))
}

fn substring(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (start, length, text) = (e.int_of(a[0])?, e.int_of(a[1])?, e.text_of(a[2])?);
    let start =
        usize::try_from(start).map_err(|_| Value::error("`substring` starts before the text"))?;
    let start = start.min(text.len());
    let end = usize::try_from(length)
        .map_or(text.len(), |length| start.saturating_add(length).min(text.len()));
    match text.get(start..end) {
        Some(part) => Ok(Value::str(part)),
        // Nix cuts bytes; half a character is no text here.
        None => Err(Value::unknown(Why::NotFollowed("cutting a character".into()))),
    }
}

fn replace_strings(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut pairs = Vec::new();
    let (from, to) = (e.list_of(a[0])?, e.list_of(a[1])?);
    if from.len() != to.len() {
        return Err(Value::error("`replaceStrings` needs lists of one length"));
    }
    for (from, to) in from.iter().zip(to.iter()) {
        pairs.push((e.text_of(*from)?, e.text_of(*to)?));
    }
    let text = e.text_of(a[2])?;
    e.spend(text.len().saturating_mul(pairs.len()) / BYTES_A_STEP).map_err(Value::unknown)?;
    let everywhere = pairs.iter().any(|(from, _)| from.is_empty());
    let mut out = Joined::default();
    let mut rest = text.as_str();
    // What is empty is found before each character, and once more at the end.
    while !rest.is_empty() || everywhere {
        let hit = pairs.iter().find(|(from, _)| rest.starts_with(from.as_str()));
        if let Some((from, to)) = hit {
            out.push_str(e, to).map_err(Value::unknown)?;
            rest = &rest[from.len()..];
            if !from.is_empty() {
                continue;
            }
        }
        let Some(next) = rest.chars().next() else { break };
        if everywhere && !next.is_ascii() {
            // Nix finds it before each byte.
            return Err(Value::unknown(Why::NotFollowed("cutting a character".into())));
        }
        let (next, after) = rest.split_at(next.len_utf8());
        out.push_str(e, next).map_err(Value::unknown)?;
        rest = after;
    }
    Ok(Value::bare(Kind::Str(out.finish().into())))
}

fn concat_strings_sep(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let separator = e.text_of(a[0])?;
    let mut joined = Joined::default();
    let mut origins = Vec::new();
    for (index, item) in e.list_of(a[1])?.iter().enumerate() {
        if index > 0 {
            joined.push_str(e, &separator).map_err(Value::unknown)?;
        }
        let value = e.force(*item);
        let part = e.coerce(&value, false).map_err(Value::unknown)?;
        joined.push(e, &part).map_err(Value::unknown)?;
        origins.push(value.origin);
    }
    let place = origins.iter().find_map(Origin::hop).map(Hop::place);
    let origin = place.map_or_else(Origin::none, |at| Origin::computed(at, origins));
    Ok(Value::new(Kind::Str(joined.finish().into()), origin))
}

fn concat_lines(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut joined = Joined::default();
    for item in e.list_of(a[0])?.iter() {
        let value = e.force(*item);
        let line = e.coerce(&value, false).map_err(Value::unknown)?;
        joined.push(e, &line).and_then(|()| joined.push_str(e, "\n")).map_err(Value::unknown)?;
    }
    Ok(Value::bare(Kind::Str(joined.finish().into())))
}

fn mapped(e: &mut Evaluator<'_>, function: ThunkId, list: ThunkId) -> Result<ThunkId, Value> {
    let items = e.list_of(list)?;
    let items: Vec<ThunkId> = items.iter().map(|item| e.application(function, *item)).collect();
    Ok(e.done(Value::list(items)))
}

fn optional_string(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let condition = e.force(a[0]);
    match condition.kind {
        Kind::Bool(true) => Ok(e.force(a[1])),
        Kind::Bool(false) => Ok(Value::str("")),
        Kind::Unknown(ref why) if why.is_final() => Err(condition),
        _ if condition.is_undetermined() => {
            let text = e.force(a[1]);
            Ok(super::modules::undecided(e, &condition, text, Value::str("")))
        }
        _ => Err(super::expected(&condition, "a Boolean")),
    }
}

fn text_test(e: &mut Evaluator<'_>, a: &[ThunkId], test: fn(&str, &str) -> bool) -> Answer {
    let (part, text) = (e.text_of(a[0])?, e.text_of(a[1])?);
    Ok(Value::bool(test(&part, &text)))
}

fn trimmed(
    e: &mut Evaluator<'_>,
    a: &[ThunkId],
    trim: for<'t> fn(&str, &'t str) -> Option<&'t str>,
) -> Answer {
    let (part, text) = (e.text_of(a[0])?, e.text_of(a[1])?);
    Ok(Value::str(trim(&part, &text).unwrap_or(&text)))
}

fn to_int(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let text = value.as_str().ok_or_else(|| super::expected(&value, "a string"))?.trim();
    let plain = !text.starts_with('0') || text == "0";
    match text.parse() {
        Ok(int) if plain => Ok(Value::new(Kind::Int(int), value.origin.clone())),
        _ => Err(Value::error("this string is no integer")),
    }
}

fn split_string(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (separator, text) = (e.text_of(a[0])?, e.text_of(a[1])?);
    if separator.is_empty() {
        return Err(Value::unknown(Why::NotFollowed("splitting by nothing".into())));
    }
    let parts: Vec<ThunkId> = text.split(&separator).map(|part| e.string_thunk(part)).collect();
    Ok(Value::list(parts))
}

/// The components of a version: runs of digits and runs of other characters, between dots and
/// dashes (`nextComponent` in Nix).
fn components(version: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = version;
    loop {
        rest = rest.trim_start_matches(['.', '-']);
        let Some(first) = rest.chars().next() else { return parts };
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|char: char| char == '.' || char == '-' || char.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
}

fn split_version(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let version = e.text_of(a[0])?;
    let parts: Vec<ThunkId> =
        components(&version).into_iter().map(|part| e.string_thunk(part)).collect();
    Ok(Value::list(parts))
}

fn version_order(left: &str, right: &str) -> std::cmp::Ordering {
    let (left, right) = (components(left), components(right));
    for index in 0..left.len().max(right.len()) {
        let component = |parts: &[&str]| parts.get(index).copied().unwrap_or("").to_owned();
        let (left, right) = (component(&left), component(&right));
        if component_less(&left, &right) {
            return std::cmp::Ordering::Less;
        }
        if component_less(&right, &left) {
            return std::cmp::Ordering::Greater;
        }
    }
    std::cmp::Ordering::Equal
}

fn component_less(left: &str, right: &str) -> bool {
    // A component that does not fit Nix's `int` is a word.
    match (left.parse::<i32>(), right.parse::<i32>()) {
        (Ok(left), Ok(right)) => left < right,
        (left_number, right_number) => {
            if left.is_empty() && right_number.is_ok() || left == "pre" && right != "pre" {
                true
            } else if right == "pre" {
                false
            } else if right_number.is_ok() {
                true
            } else if left_number.is_ok() {
                false
            } else {
                left < right
            }
        }
    }
}

fn compare_versions(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.text_of(a[0])?, e.text_of(a[1])?);
    Ok(Value::bare(Kind::Int(version_order(&left, &right) as i64)))
}

/// `versionOlder a b` is `compareVersions b a == 1`.
fn version_test(
    e: &mut Evaluator<'_>,
    a: &[ThunkId],
    test: fn(std::cmp::Ordering) -> bool,
) -> Answer {
    let (left, right) = (e.text_of(a[0])?, e.text_of(a[1])?);
    let ordering = version_order(&right, &left);
    Ok(Value::bool(test(ordering)))
}

fn parse_drv_name(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let text = e.text_of(a[0])?;
    let bytes = text.as_bytes();
    let dash = (0..bytes.len()).find(|&at| {
        bytes[at] == b'-' && bytes.get(at + 1).is_some_and(|next| !next.is_ascii_alphabetic())
    });
    let (name, version) = dash.map_or((text.as_str(), ""), |at| (&text[..at], &text[at + 1..]));
    let (name, version) = (e.string_thunk(name), e.string_thunk(version));
    Ok(super::sets::set([("name", name), ("version", version)]))
}
