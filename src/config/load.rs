//! From a file, and those it extends, to a configuration.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use semver::{Version, VersionReq};
use toml::de::DeTable;

use super::entry::{Entry, Origin, Read, Text, entries};
use super::schema;
use super::{Config, ConfigError, Mistakes};
use crate::source::{config_text, named_config_text};

/// The names a configuration may have, the preferred one first.
const NAMES: [&str; 2] = [".frugix.toml", "frugix.toml"];

/// The nearest configuration file from `target` upward: beside it or in it, or in a folder above.
/// None if there is none, or the working directory is unknown.
pub fn find_config(target: &Path) -> Option<PathBuf> {
    find_config_where(target, &|path| path.is_file())
}

/// As [`find_config`], where `is_there` says which files there are.
pub fn find_config_where(target: &Path, is_there: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    std::path::absolute(target)
        .ok()?
        .ancestors()
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| is_there(path))
}

/// Whether a file of this name is a configuration.
pub fn is_config(path: &Path) -> bool {
    path.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

impl Config {
    /// Reads the configuration at `path`, which somebody named, and those it extends, from disk.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let (config, mistakes) = Config::read_named(path)?;
        Ok(mistakes.or(Ok(config))?)
    }

    /// As [`Config::load`], with as much as has a meaning, and what has none.
    pub fn read_named(path: &Path) -> Result<(Config, Mistakes), ConfigError> {
        Config::read_with(path, &|read| {
            if read == path { named_config_text(read) } else { config_text(read) }
        })
    }

    /// Reads the configuration at `path`, and those it extends, from wherever `read` finds them.
    pub fn load_with(
        path: &Path,
        read: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Config, ConfigError> {
        let (config, mistakes) = Config::read_with(path, read)?;
        Ok(mistakes.or(Ok(config))?)
    }

    /// As [`Config::load_with`], with as much as has a meaning, and what has none: for those who have
    /// more to check.
    pub fn read_with(
        path: &Path,
        read: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<(Config, Mistakes), ConfigError> {
        let mut config = Config::default();
        let mut mistakes = Mistakes::default();
        let text = read_file(path, read)?;
        mistakes.note(load_onto(&mut config, path, &text, read, &mut Vec::new()));
        config.sources.reverse();
        Ok((config, mistakes))
    }

    /// Lays `KEY=VALUE` over the configuration, as if a nearer file said so. KEY may be dotted; VALUE
    /// is TOML, or a string without its quotes.
    pub fn merge_overrides(&mut self, assignment: &str) -> Result<(), Mistakes> {
        self.merge_text(&as_toml(assignment), format!("--config {assignment}"))
    }

    /// Lays a setting of an editor over the configuration, as if a nearer file said so.
    pub fn merge_setting(&mut self, key: &str, value: &toml::Value) -> Result<(), Mistakes> {
        let key = toml::Value::String(key.to_owned());
        self.merge_text(&format!("{key} = {value}"), format!("the editor's setting {key}"))
    }

    fn merge_text(&mut self, text: &str, name: String) -> Read<()> {
        let source = Text { origin: Origin::Argument(name.into()), text };
        let table = parse(&source)?;
        for entry in entries(&source, "", table.get_ref()) {
            match entry.key {
                "extend" => {
                    return Err(entry.invalid(
                        "`extend` has no meaning here; pass the file itself as --config FILE",
                    ));
                }
                "required-version" => check_version(&entry)?,
                _ => {}
            }
        }
        schema::apply(self, &source, table.get_ref())?;
        self.remember(&source, table.get_ref());
        Ok(())
    }
}

/// Lays the file at `path` over `config`, after those it extends. `chain` holds the files that led
/// here.
fn load_onto(
    config: &mut Config,
    path: &Path,
    text: &str,
    read: &dyn Fn(&Path) -> io::Result<String>,
    chain: &mut Vec<PathBuf>,
) -> Read<()> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Text { origin: Origin::File(Arc::from(path)), text };
    let table = parse(&source)?;
    chain.push(path.to_owned());
    let top = entries(&source, "", table.get_ref());
    let entry = |key: &str| top.iter().find(|entry| entry.key == key);
    // What another version would understand is no mistake.
    if let Some(entry) = entry("required-version") {
        check_version(entry)?;
    }
    let mut mistakes = Mistakes::default();
    if let Some(entry) = entry("extend") {
        mistakes.note(extend(config, entry, read, chain));
    }
    config.sources.push(path.to_owned());
    mistakes.note(schema::apply(config, &source, table.get_ref()));
    config.remember(&source, table.get_ref());
    mistakes.or(Ok(()))
}

/// How many files may extend each other, one after the other: more than anybody has, and few enough
/// that none of them is read on a stack without an end.
const LONGEST_CHAIN: usize = 32;

/// Reads what `entry` names onto `config`.
fn extend(
    config: &mut Config,
    entry: &Entry<'_>,
    read: &dyn Fn(&Path) -> io::Result<String>,
    chain: &mut Vec<PathBuf>,
) -> Read<()> {
    let base = entry.path()?;
    if let Some(start) = chain.iter().position(|seen| same_file(seen, &base.value)) {
        return Err(entry.invalid(circle(&chain[start..])));
    }
    if chain.len() >= LONGEST_CHAIN {
        return Err(entry.invalid(format!(
            "more than {LONGEST_CHAIN} files extend each other; join some of them"
        )));
    }
    let text = read(&base.value).map_err(|error| {
        entry.invalid(format!(
            "cannot read {}, which this file extends: {error}",
            base.value.display()
        ))
    })?;
    load_onto(config, &base.value, &text, read, chain)
}

fn read_file(
    path: &Path,
    read: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<String, ConfigError> {
    read(path)
        .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error: Arc::new(error) })
}

/// The text as TOML. What it means is only asked if all of it is: a header that is not closed would
/// put everything below it into another table.
fn parse<'a>(source: &'a Text<'a>) -> Read<toml::Spanned<DeTable<'a>>> {
    let (table, errors) = DeTable::parse_recoverable(source.text);
    let mut mistakes = Mistakes::default();
    for (offset, message) in causes(source.text, &errors) {
        let message = format!("not valid TOML: {message}");
        mistakes.note::<()>(Err(Mistakes::one(source.location(offset), message)));
    }
    mistakes.or(Ok(table))
}

/// The errors that are not there because of others, with where they are: of a line the first, and of
/// lines in a row, if they may lie in brackets that nobody closed, the first again.
fn causes<'e>(text: &str, errors: &'e [toml::de::Error]) -> Vec<(usize, &'e str)> {
    let offset = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let mut errors: Vec<(usize, &str)> =
        errors.iter().map(|error| (offset(error), error.message())).collect();
    errors.sort_by_key(|(offset, _)| *offset);
    let is_unclosed = |message: &str| {
        message.starts_with("unclosed array,") || message.starts_with("unclosed inline table")
    };
    let swallows = errors.iter().any(|(_, message)| is_unclosed(message));
    let (mut line, mut counted, mut last) = (0, 0, None);
    errors.retain(|(offset, message)| {
        line += text.get(counted..*offset).unwrap_or_default().matches('\n').count();
        counted = *offset;
        let follows = last.is_some_and(|last| line == last || swallows && line == last + 1);
        last = Some(line);
        !follows || is_unclosed(message)
    });
    errors
}

/// An assignment as a TOML document: as it is if that can be read, else with its value quoted.
fn as_toml(assignment: &str) -> String {
    if DeTable::parse(assignment).is_ok() {
        return assignment.to_owned();
    }
    let quoted = assignment.split_once('=').map(|(key, value)| {
        let value = toml::Value::String(value.trim().to_owned());
        format!("{key}= {value}")
    });
    match quoted {
        Some(quoted) if DeTable::parse(&quoted).is_ok() => quoted,
        _ => assignment.to_owned(),
    }
}

fn check_version(entry: &Entry<'_>) -> Read<()> {
    let wanted = VersionReq::parse(entry.string()?).map_err(|error| {
        entry.invalid(format!(
            "`required-version` must be a version or a range, such as \">=0.1, <0.3\": {error}"
        ))
    })?;
    let ours = env!("CARGO_PKG_VERSION");
    match Version::parse(ours) {
        Ok(version) if !wanted.matches(&version) => Err(entry.invalid(format!(
            "this is frugix {ours}, and the configuration asks for {wanted}; \
             run a version that fits, or change `required-version`"
        ))),
        _ => Ok(()),
    }
}

fn circle(chain: &[PathBuf]) -> String {
    let names: Vec<String> =
        chain.iter().chain(chain.first()).map(|path| path.display().to_string()).collect();
    format!("`extend` goes in a circle: {}; take one of them out", names.join(" → "))
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| plain(path));
    real(one) == real(other)
}

/// The path without `.` and `..`, as far as that can be told without looking at the disk.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
