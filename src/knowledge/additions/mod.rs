//! What `frugix.toml` adds to the tables, corrects in them and takes out of them.
//!
//! `[knowledge.FILE]` has the shape of `rules/knowledge/FILE.toml`. A row that a table knows by its name
//! need only say what is other; `source` and `basis` may be left out. `forget.TABLE` lists names that no
//! row is to answer to any more.

mod fill;
mod places;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Knowledge;
use crate::config::{Config, KnowledgeText, Mistakes, alternatives, nearest};
use fill::filled;
use places::{Layer, PLACES, Place, files};

/// The key of a file under which names are forgotten.
const FORGET: &str = "forget";

type Laid = Result<(), Mistakes>;

impl Knowledge {
    /// The built-in tables, with what `config` says of them.
    ///
    /// # Errors
    ///
    /// When it says something that has no meaning: the error names each place.
    pub fn of(config: &Config) -> Result<Arc<Knowledge>, Mistakes> {
        if config.knowledge.is_empty() {
            return Ok(Knowledge::shared());
        }
        let mut knowledge = Knowledge::builtin().clone();
        let mut mistakes = Mistakes::default();
        for text in &config.knowledge {
            mistakes.note(lay(&mut knowledge, text));
        }
        mistakes.or(Ok(Arc::new(knowledge)))
    }
}

/// A key and what it leads to.
type Entry<'t, 'd> = (&'t str, Range<usize>, &'t Spanned<DeValue<'d>>);

/// The entries of a table, in the order written.
fn entries<'t, 'd>(table: &'t DeTable<'d>) -> Vec<Entry<'t, 'd>> {
    let mut entries: Vec<Entry<'t, 'd>> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    entries
}

fn lay(knowledge: &mut Knowledge, text: &KnowledgeText) -> Laid {
    let whole = DeTable::parse(text.text())
        .map_err(|error| text.error(error.span().map_or(0, |span| span.start), error.message()))?;
    let said = entries(whole.get_ref()).into_iter().find(|(key, ..)| *key == "knowledge");
    let Some(DeValue::Table(said)) = said.map(|(_, _, value)| value.get_ref()) else {
        return Ok(());
    };
    let mut mistakes = Mistakes::default();
    for (file, span, value) in entries(said) {
        if !files().any(|known| known == file) {
            let unknown = unknown(text, span.start, file, "[knowledge]", files());
            mistakes.note::<()>(Err(unknown));
            continue;
        }
        let DeValue::Table(tables) = value.get_ref() else {
            let message = format!("`{file}` must be a table, as in [knowledge.{file}]");
            mistakes.note::<()>(Err(text.error(value.span().start, message)));
            continue;
        };
        let mut tables = entries(tables);
        // What is forgotten and said again is known.
        tables.sort_by_key(|(key, ..)| *key != FORGET);
        for entry in tables {
            mistakes.note(lay_entry(knowledge, text, file, entry));
        }
    }
    mistakes.or(Ok(()))
}

/// Lays what is said of one table of a file over it.
fn lay_entry(
    knowledge: &mut Knowledge,
    text: &KnowledgeText,
    file: &str,
    (table, span, value): Entry<'_, '_>,
) -> Laid {
    if table == FORGET {
        return forget(knowledge, text, file, value);
    }
    let Some(place) = Place::find(file, table) else {
        let known = PLACES.iter().filter(|place| place.file == file);
        let known = known.map(|place| place.table).chain([FORGET]);
        let within = format!("[knowledge.{file}]");
        return Err(unknown(text, span.start, table, &within, known));
    };
    lay_table(knowledge, text, place, value)
}

fn lay_table(
    knowledge: &mut Knowledge,
    text: &KnowledgeText,
    place: &Place,
    value: &Spanned<DeValue<'_>>,
) -> Laid {
    let Place { file, table, .. } = *place;
    match ((place.layer)(knowledge), value.get_ref()) {
        (Layer::Rows(rows), DeValue::Array(said)) => {
            let mut mistakes = Mistakes::default();
            let within = format!("[[knowledge.{file}.{table}]]");
            for row in said.iter() {
                if let Some(unnamed) = without_names(place, row) {
                    let message = format!("`{}` names nothing in {within}; name one", place.key);
                    mistakes.note::<()>(Err(text.error(unnamed, message)));
                    continue;
                }
                let added = rows.add(filled(place, row));
                mistakes.note(added.map_err(|error| told(text, row.span().start, &within, &error)));
            }
            mistakes.or(Ok(()))
        }
        (Layer::One(one), DeValue::Table(_)) => {
            let within = format!("[knowledge.{file}.{table}]");
            let start = value.span().start;
            one.set(filled(place, value)).map_err(|error| told(text, start, &within, &error))
        }
        (Layer::Rows(_), _) => {
            let message = format!("`{table}` has rows: write [[knowledge.{file}.{table}]]");
            Err(text.error(value.span().start, message))
        }
        (Layer::One(_), _) => {
            let message = format!("`{table}` is one table: write [knowledge.{file}.{table}]");
            Err(text.error(value.span().start, message))
        }
    }
}

/// Where a row says that it goes by no name at all: nothing could be said of it.
fn without_names(place: &Place, row: &Spanned<DeValue<'_>>) -> Option<usize> {
    let DeValue::Table(row) = row.get_ref() else { return None };
    let names = row.get(place.key)?;
    let DeValue::Array(items) = names.get_ref() else { return None };
    items.is_empty().then_some(names.span().start)
}

fn forget(
    knowledge: &mut Knowledge,
    text: &KnowledgeText,
    file: &str,
    value: &Spanned<DeValue<'_>>,
) -> Laid {
    let within = format!("[knowledge.{file}.{FORGET}]");
    let DeValue::Table(tables) = value.get_ref() else {
        let message = format!("`{FORGET}` must be a table of lists, as in {within}");
        return Err(text.error(value.span().start, message));
    };
    let mut mistakes = Mistakes::default();
    for entry in entries(tables) {
        mistakes.note(forget_rows(knowledge, text, file, entry));
    }
    mistakes.or(Ok(()))
}

/// Takes the rows of one table out of it that a list names.
fn forget_rows(
    knowledge: &mut Knowledge,
    text: &KnowledgeText,
    file: &str,
    (table, span, names): Entry<'_, '_>,
) -> Laid {
    let place = Place::find(file, table);
    let Some(Layer::Rows(rows)) = place.map(|place| (place.layer)(knowledge)) else {
        let known = PLACES.iter().filter(|place| place.file == file && !place.key.is_empty());
        let known = known.map(|place| place.table);
        let within = format!("[knowledge.{file}.{FORGET}]");
        return Err(unknown(text, span.start, table, &within, known));
    };
    let DeValue::Array(names) = names.get_ref() else {
        let message = format!("`{table}` must be a list of the names to forget");
        return Err(text.error(names.span().start, message));
    };
    let mut mistakes = Mistakes::default();
    for name in names.iter() {
        let message = match name.get_ref() {
            DeValue::String(wanted) if rows.forget(wanted) => continue,
            DeValue::String(wanted) => {
                let help = match nearest(wanted, rows.names()) {
                    Some(meant) => format!("; did you mean `{meant}`?"),
                    None => "; write a name as the table has it".to_owned(),
                };
                format!("no row of {file}.{table} is called `{wanted}`{help}")
            }
            _ => "a name is a string".to_owned(),
        };
        mistakes.note::<()>(Err(text.error(name.span().start, message)));
    }
    mistakes.or(Ok(()))
}

/// The error that `key` is none of `known`.
fn unknown<'k>(
    text: &KnowledgeText,
    offset: usize,
    key: &str,
    within: &str,
    known: impl Iterator<Item = &'k str>,
) -> Mistakes {
    let known: Vec<&str> = known.collect();
    let help = match nearest(key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write {}", alternatives(known.iter().map(|key| format!("`{key}`")))),
    };
    text.error(offset, format!("unknown key `{key}` in {within}; {help}"))
}

/// An error about a row, in the words of the other errors.
fn told(text: &KnowledgeText, start: usize, within: &str, error: &toml::de::Error) -> Mistakes {
    let offset = error.span().map_or(start, |span| span.start);
    let message = error.message();
    // What stands between backticks: the key, then those that are known.
    let mut quoted = message.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    if message.starts_with("unknown field") {
        return unknown(text, offset, first, within, quoted);
    }
    if message.starts_with("missing field") {
        return text.error(offset, format!("`{first}` is missing in {within}"));
    }
    if message.starts_with("unknown variant") {
        let known = alternatives(quoted.map(|word| format!("\"{word}\"")));
        return text.error(offset, format!("`{first}` has no meaning in {within}; write {known}"));
    }
    text.error(offset, format!("{message}, in {within}"))
}
