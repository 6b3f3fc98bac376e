//! Functions from and to JSON.

use serde_json::Value as Json;

use super::{Primitive, primitives};
use crate::eval::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value, Why};
use crate::hir::Name;

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "fromJSON" 1 => from_json;
    "toJSON" 1 => to_json;
};

fn to_json(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let json = e.to_json(&value).map_err(Value::unknown)?;
    if depends_on_version(&json) {
        return Err(Value::unknown(Why::NotFollowed("how this Nix writes it as JSON".into())));
    }
    Ok(Value::new(Kind::Str(crate::eval::Text::plain(json.to_string()).into()), value.origin))
}

/// Versions of Nix write floats with more or fewer digits, and two control characters in two ways.
fn depends_on_version(json: &Json) -> bool {
    let special = |text: &str| text.contains(['\u{8}', '\u{c}']);
    match json {
        Json::Number(number) => number.is_f64(),
        Json::String(text) => special(text),
        Json::Array(items) => items.iter().any(depends_on_version),
        Json::Object(fields) => {
            fields.iter().any(|(name, field)| special(name) || depends_on_version(field))
        }
        Json::Null | Json::Bool(_) => false,
    }
}

fn from_json(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let text = e.text_of(a[0])?;
    parsed(e, &text)
}

/// The value that a JSON text says.
pub(super) fn parsed(e: &mut Evaluator<'_>, text: &str) -> Answer {
    let json = serde_json::from_str(text).map_err(|error| {
        // The reader has a limit of its own, which Nix's has not.
        if error.to_string().starts_with("recursion limit") {
            Value::unknown(Why::TooLarge)
        } else {
            Value::error("this text is no JSON")
        }
    })?;
    Ok(json_value(e, &json))
}

fn json_value(e: &mut Evaluator<'_>, json: &Json) -> Value {
    match json {
        Json::Null => Value::bare(Kind::Null),
        Json::Bool(bool) => Value::bool(*bool),
        Json::Number(number) => Value::bare(match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Kind::Int(int),
            // To Nix `-0` is an integer and `-0.0` is not; here the two read alike.
            (None, Some(float)) if float == 0.0 && float.is_sign_negative() => {
                Kind::Unknown(Why::NotFollowed("a negative nought in JSON".into()))
            }
            (None, Some(float)) if !number.is_u64() => Kind::Float(float),
            _ => Kind::Unknown(Why::TooLarge),
        }),
        Json::String(text) => Value::str(text),
        Json::Array(items) => {
            let items: Vec<ThunkId> = items
                .iter()
                .map(|item| {
                    let value = json_value(e, item);
                    e.done(value)
                })
                .collect();
            Value::list(items)
        }
        Json::Object(fields) => {
            let mut slots = Vec::with_capacity(fields.len());
            for (name, field) in fields {
                let value = json_value(e, field);
                slots.push(Slot::new(Name::new(name), e.done(value)));
            }
            Value::attrs(AttrSet::new(slots))
        }
    }
}
