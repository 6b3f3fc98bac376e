//! What was said, as it was written and where: for those who ask why a setting is what it is.

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::catalogue::setting_at;
use super::entry::Text;
use super::{Config, Location};

/// Settings of which what was said before still holds.
const ADDING_UP: [&str; 2] = ["extend-select", "knowledge"];

/// One setting as a file or an argument says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The keys that lead to it. To a table, if that is all that was said of it.
    pub path: Vec<String>,
    /// The value, as it was written; of a list that adds up, the items said here.
    pub value: Value,
    /// Where.
    pub at: Location,
}

impl Config {
    /// Leaves `pattern` out of the tree as well, as an argument asks.
    pub fn add_exclude(&mut self, pattern: &str, argument: &str) {
        self.exclude.push(pattern.to_owned());
        let path = vec!["exclude".to_owned()];
        let value = Value::Array(vec![Value::String(pattern.to_owned())]);
        self.said.push(Said { path, value, at: Location::argument(argument) });
    }

    /// Remembers what `table`, the whole of `source`, says over what was said before.
    pub(super) fn remember(&mut self, source: &Text<'_>, table: &DeTable<'_>) {
        let mut said = Vec::new();
        collect(source, table, &mut Vec::new(), &mut said);
        said.sort_by_key(|(start, _)| *start);
        for (_, new) in said {
            if !ADDING_UP.iter().any(|key| new.path == [*key]) {
                self.said.retain(|old| old.path != new.path);
            }
            self.said.push(new);
        }
    }
}

/// Lists the settings of `table`, which lies at `path`, each with where it begins.
fn collect(
    source: &Text<'_>,
    table: &DeTable<'_>,
    path: &mut Vec<String>,
    said: &mut Vec<(usize, Said)>,
) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) if setting_at(path).is_none() && !inner.is_empty() => {
                collect(source, inner, path, said);
            }
            value => {
                let start = key.span().start;
                let (path, value) = (path.clone(), plain(value));
                said.push((start, Said { path, value, at: source.location(start) }));
            }
        }
        path.pop();
    }
}

/// The value without its places.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        // Numbers that do not fit were refused before.
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| plain(item.get_ref())).collect())
        }
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), value));
            let plain = entries.map(|(key, value)| (key, plain(value.get_ref())));
            Value::Table(plain.collect::<Table>())
        }
    }
}
