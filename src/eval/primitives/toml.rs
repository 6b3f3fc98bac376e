//! `fromTOML`. What Nix's own reader and ours do not read alike is not known: dates, numbers beyond
//! their type, and whatever ours refuses.

use toml::{Table, Value as Toml};

use super::{Primitive, primitives};
use crate::eval::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value, Why};
use crate::hir::Name;

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "fromTOML" 1 => from_toml;
};

fn from_toml(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let text = e.text_of(a[0])?;
    parsed(e, &text)
}

/// The value that a TOML text says.
pub(super) fn parsed(e: &mut Evaluator<'_>, text: &str) -> Answer {
    e.spend(text.len() / crate::eval::machine::BYTES_A_STEP).map_err(Value::unknown)?;
    let unread = || Value::unknown(Why::NotFollowed("this text, as TOML,".into()));
    if has_later_syntax(text) {
        return Err(unread());
    }
    let table: Table = text.parse().map_err(|_| unread())?;
    Ok(set(e, &table))
}

/// Whether a text may use what only TOML 1.1 has, which Nix refuses: the escapes `\e` and `\x`, and
/// inline tables over several lines.
fn has_later_syntax(text: &str) -> bool {
    let escapes = text.contains("\\e") || text.contains("\\x");
    let opens = |line: &str| {
        let line = line.trim_end();
        line.ends_with('{') || line.matches('{').count() > line.matches('}').count()
    };
    escapes || text.lines().any(opens)
}

fn set(e: &mut Evaluator<'_>, table: &Table) -> Value {
    let mut slots = Vec::with_capacity(table.len());
    for (name, field) in table {
        let value = value(e, field);
        slots.push(Slot::new(Name::new(name), e.done(value)));
    }
    Value::attrs(AttrSet::new(slots))
}

fn value(e: &mut Evaluator<'_>, toml: &Toml) -> Value {
    let unread = |what: &str| Value::unknown(Why::NotFollowed(format!("{what} in TOML").into()));
    match toml {
        Toml::Boolean(bool) => Value::bool(*bool),
        Toml::Integer(int) => Value::bare(Kind::Int(*int)),
        Toml::Float(float) if !float.is_finite() => unread("a number without bounds"),
        Toml::Float(float) if *float == 0.0 && float.is_sign_negative() => {
            unread("a negative nought")
        }
        Toml::Float(float) => Value::bare(Kind::Float(*float)),
        Toml::String(text) => Value::str(text),
        Toml::Datetime(_) => unread("a date"),
        Toml::Array(items) => {
            let mut values: Vec<ThunkId> = Vec::with_capacity(items.len());
            for item in items {
                let item = value(e, item);
                values.push(e.done(item));
            }
            Value::list(values)
        }
        Toml::Table(table) => set(e, table),
    }
}
