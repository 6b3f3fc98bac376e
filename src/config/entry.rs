//! Reading one table of a configuration: each value as the type it must have, with an error that
//! points at it.

use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Bytes, Located, Location, Mistakes, PathPattern, Seconds, nearest};

/// The text that is being read, and what to call it.
pub(super) struct Text<'a> {
    pub(super) origin: Origin,
    pub(super) text: &'a str,
}

/// Where a text comes from.
#[derive(Clone, Eq, PartialEq, Debug)]
pub(super) enum Origin {
    File(Arc<Path>),
    Argument(Arc<str>),
}

impl Text<'_> {
    pub(super) fn location(&self, offset: usize) -> Location {
        match &self.origin {
            Origin::File(path) => Location::in_text(path, self.text, offset),
            Origin::Argument(name) => Location::Argument(Arc::clone(name)),
        }
    }

    /// The folder that relative paths in it are behind.
    pub(super) fn folder(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path.parent().unwrap_or(Path::new("")),
            Origin::Argument(_) => Path::new(""),
        }
    }
}

/// One `key = value`.
pub(super) struct Entry<'a> {
    source: &'a Text<'a>,
    table: String,
    pub(super) key: &'a str,
    key_span: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
}

pub(super) type Read<T> = Result<T, Mistakes>;

/// The entries of the table called `name` (empty for the whole text), in the order written.
pub(super) fn entries<'a>(
    source: &'a Text<'a>,
    name: &str,
    table: &'a DeTable<'a>,
) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = table
        .iter()
        .map(|(key, value)| Entry {
            source,
            table: name.to_owned(),
            key: key.get_ref().as_ref(),
            key_span: key.span(),
            value,
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

/// Reads each of the entries, also after one that has no meaning.
pub(super) fn each<'a>(
    entries: Vec<Entry<'a>>,
    read: impl FnMut(&Entry<'a>) -> Read<()>,
) -> Read<()> {
    all(entries.iter().map(read))
}

/// All that was read, or all that is wrong.
fn all<T, C: FromIterator<T>>(read: impl Iterator<Item = Read<T>>) -> Read<C> {
    let mut mistakes = Mistakes::default();
    let items = read.filter_map(|read| mistakes.note(read)).collect();
    mistakes.or(Ok(items))
}

impl<'a> Entry<'a> {
    /// The entries of the table that the value must be.
    pub(super) fn table(&self) -> Read<Vec<Entry<'a>>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(entries(self.source, &self.full_name(), table)),
            _ => Err(self.mistyped("a table")),
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    pub(super) fn string(&self) -> Read<&'a str> {
        let value: &'a DeValue<'a> = self.value.get_ref();
        match value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.mistyped("a string")),
        }
    }

    pub(super) fn flag(&self) -> Read<bool> {
        self.value.get_ref().as_bool().ok_or_else(|| self.mistyped("true or false"))
    }

    /// A whole number of at least `least`.
    pub(super) fn count(&self, least: u32) -> Read<u32> {
        let number = self.integer("a whole number")?;
        u32::try_from(number).ok().filter(|number| *number >= least).ok_or_else(|| {
            self.invalid(format!(
                "`{}` must be at least {least} and at most {}",
                self.key,
                u32::MAX
            ))
        })
    }

    /// A number above zero.
    pub(super) fn factor(&self) -> Read<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(_) => Some(self.integer("a number")? as f64),
            _ => return Err(self.mistyped("a number")),
        };
        number
            .filter(|number: &f64| number.is_finite() && *number > 0.0)
            .ok_or_else(|| self.invalid(format!("`{}` must be above 0", self.key)))
    }

    pub(super) fn bytes(&self) -> Read<Bytes> {
        match self.value.get_ref() {
            DeValue::String(text) => self.parse(text),
            DeValue::Integer(number) => self.parse(number.as_str()),
            DeValue::Float(number) => self.parse(number.as_str()),
            _ => Err(self.mistyped("an amount of memory, such as \"16GiB\"")),
        }
    }

    /// Memory of which there must be some.
    pub(super) fn some_bytes(&self) -> Read<Bytes> {
        match self.bytes()? {
            Bytes(0) => Err(self.invalid(format!("`{}` must be above 0", self.key))),
            bytes => Ok(bytes),
        }
    }

    pub(super) fn seconds(&self) -> Read<Seconds> {
        const EXPECTED: &str = "a length of time, such as \"4h\" or whole seconds";
        let seconds = match self.value.get_ref() {
            DeValue::String(text) => self.parse(text)?,
            DeValue::Integer(_) => Seconds(u64::try_from(self.integer(EXPECTED)?).unwrap_or(0)),
            _ => return Err(self.mistyped(EXPECTED)),
        };
        match seconds {
            Seconds(0) => Err(self.invalid(format!("`{}` must be above 0", self.key))),
            seconds => Ok(seconds),
        }
    }

    /// A string that `T` understands; its error says what is wrong.
    pub(super) fn parsed<T>(&self) -> Read<T>
    where
        T: FromStr<Err: Display>,
    {
        self.parse(self.string()?)
    }

    /// One of these words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Read<T> {
        let text = self.string()?;
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => Ok(*meaning),
            None => Err(self.invalid(format!(
                "`{text}` is not a value of `{}`; write {}",
                self.key,
                alternatives(words.iter().map(|(word, _)| format!("\"{word}\"")))
            ))),
        }
    }

    /// The strings of a list, each with its place.
    pub(super) fn strings(&self) -> Read<Vec<Located<String>>> {
        let DeValue::Array(items) = self.value.get_ref() else {
            return Err(self.mistyped("a list of strings"));
        };
        all(items.iter().map(|item| {
            let at = self.source.location(item.span().start);
            match item.get_ref() {
                DeValue::String(text) => Ok(Located { value: text.to_string(), at }),
                other => Err(Mistakes::one(
                    at,
                    format!("`{}` must hold strings only, not {}", self.key, kind(other)),
                )),
            }
        }))
    }

    /// The patterns of a list, as they are written.
    pub(super) fn patterns(&self) -> Read<Vec<String>> {
        let strings = self.strings()?.into_iter();
        all(strings.map(|item| pattern(&item.value, item.at).map(|_| item.value)))
    }

    /// The key as a pattern.
    pub(super) fn key_pattern(&self) -> Read<PathPattern> {
        pattern(self.key, self.key_location())
    }

    /// A path, behind the folder of the file that says so.
    pub(super) fn path(&self) -> Read<Located<PathBuf>> {
        Ok(Located { value: self.source.folder().join(self.string()?), at: self.location() })
    }

    /// The key, with its place.
    pub(super) fn located_key(&self) -> Located<String> {
        Located { value: self.key.to_owned(), at: self.key_location() }
    }

    /// The error that the key is none of `known`.
    pub(super) fn unknown(&self, known: &[&str]) -> Mistakes {
        let place = match self.table.as_str() {
            "" => String::new(),
            table => format!(" in [{table}]"),
        };
        let help = match nearest(self.key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write {}", alternatives(known.iter().map(|key| format!("`{key}`")))),
        };
        let message = format!("unknown key `{}`{place}; {help}", self.key);
        Mistakes::one(self.key_location(), message)
    }

    /// An error that points at the value.
    pub(super) fn invalid(&self, message: impl Into<String>) -> Mistakes {
        Mistakes::one(self.location(), message)
    }

    fn location(&self) -> Location {
        self.source.location(self.value.span().start)
    }

    fn key_location(&self) -> Location {
        self.source.location(self.key_span.start)
    }

    fn full_name(&self) -> String {
        match self.table.as_str() {
            "" => self.key.to_owned(),
            table => format!("{table}.{}", self.key),
        }
    }

    fn parse<T>(&self, text: &str) -> Read<T>
    where
        T: FromStr<Err: Display>,
    {
        text.parse().map_err(|error: T::Err| self.invalid(error.to_string()))
    }

    fn integer(&self, expected: &str) -> Read<i64> {
        let DeValue::Integer(number) = self.value.get_ref() else {
            return Err(self.mistyped(expected));
        };
        i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| self.invalid(format!("`{}` is too large a number", self.key)))
    }

    fn mistyped(&self, expected: &str) -> Mistakes {
        let found = kind(self.value.get_ref());
        self.invalid(format!("`{}` must be {expected}, not {found}", self.key))
    }
}

fn pattern(text: &str, at: Location) -> Read<PathPattern> {
    PathPattern::new(text)
        .map_err(|error| Mistakes::one(at, format!("the pattern `{text}` {error}")))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn alternatives(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
