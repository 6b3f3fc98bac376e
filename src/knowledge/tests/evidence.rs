//! That every row of every table says where it is from and how well it is known: read as plain TOML, so
//! that no table is forgotten, and with a row spoilt in each way, so that the check is known to see it.

use toml::{Table as Toml, Value};

use super::super::load::TEXTS;

/// Rows inside rows that carry figures of their own.
const INNER: [&str; 2] = ["quote", "variant"];

const BASES: [&str; 3] = ["documented", "measured", "estimate"];

/// What is wrong with the evidence in the table `name`.
fn faults(name: &str, table: &Toml) -> Vec<String> {
    table.iter().flat_map(|(key, value)| of_part(&format!("{name}.{key}"), value)).collect()
}

/// A list of rows, a row, or rows by name.
fn of_part(place: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(rows) => {
            let numbered = rows.iter().enumerate();
            numbered.flat_map(|(index, row)| of_row(&format!("{place}[{index}]"), row)).collect()
        }
        Value::Table(inner) if !inner.is_empty() && inner.values().all(Value::is_table) => {
            inner.iter().flat_map(|(key, row)| of_row(&format!("{place}.{key}"), row)).collect()
        }
        row => of_row(place, row),
    }
}

fn of_row(place: &str, row: &Value) -> Vec<String> {
    let Some(row) = row.as_table() else { return vec![format!("{place} is no row")] };
    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut faults = Vec::new();
    if text("source").trim().len() < 2 {
        faults.push(format!("{place} has no source"));
    }
    if !BASES.contains(&text("basis")) {
        faults.push(format!("{place} has no basis"));
    }
    let inner = INNER.iter().filter_map(|key| Some((key, row.get(*key)?)));
    faults.extend(inner.flat_map(|(key, value)| of_part(&format!("{place}.{key}"), value)));
    faults
}

fn parsed(text: &str) -> Toml {
    text.parse().expect("a table is TOML")
}

#[test]
fn every_row_says_where_it_is_from_and_how_well_it_is_known() {
    let all: Vec<String> =
        TEXTS.iter().flat_map(|(name, text)| faults(name, &parsed(text))).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_row_that_does_not_is_seen_in_every_table() {
    for (name, text) in TEXTS {
        for key in ["source", "basis"] {
            let mut table = parsed(text);
            let is_spoilt = table.iter_mut().any(|(_, value)| spoil(value, key));
            assert!(is_spoilt, "{name} has no row");
            assert_eq!(faults(name, &table).len(), 1, "{name} without a {key}");
        }
    }
}

/// Takes `key` out of the first row; false where there is none.
fn spoil(value: &mut Value, key: &str) -> bool {
    match value {
        Value::Array(rows) => rows.iter_mut().any(|row| spoil(row, key)),
        Value::Table(row) => {
            row.remove(key).is_some() || row.iter_mut().any(|(_, inner)| spoil(inner, key))
        }
        _ => false,
    }
}

#[test]
fn figures_inside_a_row_need_evidence_too() {
    let text = "[[package]]\nsource = \"measured\"\nbasis = \"measured\"\n\
                quote = { text = \"hours\", source = \"\", basis = \"documented\" }\n\
                [[package.variant]]\nsource = \"a figure\"\nbasis = \"rumour\"\n";
    let expected =
        ["packages.package[0].quote has no source", "packages.package[0].variant[0] has no basis"];
    assert_eq!(faults("packages", &parsed(text)), expected);
}
