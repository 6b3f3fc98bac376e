//! What a row leaves out: taken from the built-in row of the same name.

use std::ops::Range;
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::places::Place;
use crate::knowledge::load::TEXTS;

/// Where a row is known from that does not say it.
const SOURCE: &str = "frugix.toml";

/// How well a row is known that does not say it: its owner has seen it.
const BASIS: &str = "measured";

/// The names by which a row is known besides.
const ALIASES: &str = "aliases";

static EMBEDDED: LazyLock<Vec<(&'static str, DeTable<'static>)>> = LazyLock::new(|| {
    let parsed = |(name, text): (&'static str, &'static str)| {
        Some((name, DeTable::parse(text).ok()?.into_inner()))
    };
    TEXTS.into_iter().filter_map(parsed).collect()
});

/// What the embedded file holds under the name of the table.
fn embedded(place: &Place) -> Option<&'static DeValue<'static>> {
    let (_, tables) = EMBEDDED.iter().find(|(name, _)| *name == place.file)?;
    tables.get(place.table).map(Spanned::get_ref)
}

/// The row, with what it leaves out.
pub(super) fn filled<'d>(place: &Place, row: &Spanned<DeValue<'d>>) -> Spanned<DeValue<'d>> {
    let mut row = row.clone();
    let span = row.span();
    let (Some(base), DeValue::Table(said)) = (embedded(place), row.get_mut()) else { return row };
    match base {
        DeValue::Table(base) => fill(said, base, &span, true),
        DeValue::Array(rows) => match known_row(place, said, rows) {
            Some(known) => fill(said, &known, &span, true),
            // Of a row that is new, only where it is known from may be left out.
            None => {
                if let Some(DeValue::Table(any)) = rows.iter().next().map(Spanned::get_ref) {
                    fill(said, any, &span, false);
                }
            }
        },
        _ => {}
    }
    row
}

/// The built-in row that goes by the first name of `said`.
fn known_row(
    place: &Place,
    said: &DeTable<'_>,
    rows: &DeArray<'static>,
) -> Option<DeTable<'static>> {
    let name = first_name(said.get(place.key)?.get_ref())?;
    let tables = rows.iter().filter_map(|row| row.get_ref().as_table());
    for row in tables {
        if row.get(place.key).is_some_and(|own| is_named(own.get_ref(), name)) {
            return Some(row.clone());
        }
        if row.get(ALIASES).is_some_and(|own| is_named(own.get_ref(), name)) {
            // What is said of one alias is not said of the others.
            let mut row = row.clone();
            row.remove(ALIASES);
            return Some(row);
        }
    }
    None
}

fn first_name<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    match value {
        DeValue::String(name) => Some(name),
        DeValue::Array(names) => names.iter().next()?.get_ref().as_str(),
        _ => None,
    }
}

fn is_named(value: &DeValue<'_>, name: &str) -> bool {
    match value {
        DeValue::String(own) => own == name,
        DeValue::Array(names) => names.iter().any(|own| own.get_ref().as_str() == Some(name)),
        _ => false,
    }
}

/// Adds what `said` lacks: where it is known from and, where it `inherits`, all else that `base` says.
fn fill(said: &mut DeTable<'_>, base: &DeTable<'static>, at: &Range<usize>, inherits: bool) {
    for (key, value) in base.iter() {
        let name: &str = key.get_ref().as_ref();
        match said.get_mut(name) {
            Some(own) => {
                if let (DeValue::Table(own), DeValue::Table(base)) =
                    (own.get_mut(), value.get_ref())
                {
                    fill(own, base, at, inherits);
                }
            }
            None => {
                let value = match name {
                    "source" => DeValue::String(SOURCE.into()),
                    "basis" => DeValue::String(BASIS.into()),
                    _ if inherits => value.get_ref().clone(),
                    _ => continue,
                };
                let key: DeString<'static> = key.get_ref().clone();
                said.insert(Spanned::new(at.clone(), key), Spanned::new(at.clone(), value));
            }
        }
    }
}
