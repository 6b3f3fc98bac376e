//! `frugix config`: the settings that are in force, and what says so.

mod json;
mod page;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use toml::Value;

use super::session::TreeArgs;
use super::targets::Targets;
use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::analysis::Analyzer;
use crate::config::{ANY, Config, Location, SETTINGS, Said, Unsaid, setting_at};
use crate::lint::Selectors;
use crate::report::DisplayPaths;
use crate::rules::ALL;
use crate::source::config_text;

/// The arguments of `frugix config`.
#[derive(Args, Debug)]
pub(super) struct ConfigArgs {
    /// A file or folder of the configuration
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// How to print them
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,

    #[command(flatten)]
    tree: TreeArgs,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum Format {
    /// As a frugix.toml, with what says so behind each
    #[default]
    Text,
    /// An object
    Json,
}

impl ConfigArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let working_directory = std::env::current_dir()
            .and_then(|directory| directory.canonicalize())
            .map_err(CliError::WorkingDirectory)?;
        let paths = DisplayPaths::new(working_directory);
        let groups = Targets::group(std::slice::from_ref(&self.path), self.tree.root.as_deref())?;
        let targets = groups.first().ok_or_else(|| CliError::Usage("name a path".to_owned()))?;
        let (config, mistakes) = self.tree.config_for(&targets.root, &config_text)?;
        let analyzer = Analyzer::new(config.clone(), ALL, &Selectors::default());
        let rules: Vec<&str> = mistakes.or(analyzer)?.rules().collect();
        let effective = Effective { settings: settings(&config), config: &config, rules, paths };
        let written = match self.format {
            Format::Text => page::write(&mut terminal.styled_output(), &effective),
            Format::Json => json::write(&mut terminal.raw_output(), &effective),
        };
        tolerate_closed(written).map(|()| Outcome::Clean)
    }
}

/// What is in force.
struct Effective<'a> {
    config: &'a Config,
    /// Grouped by table, in the order of the catalogue.
    settings: Vec<Effect<'a>>,
    /// The rules that run.
    rules: Vec<&'a str>,
    paths: DisplayPaths,
}

/// One setting that is in force, or a table of which nothing more was said.
struct Effect<'a> {
    path: Vec<&'a str>,
    value: Effectual,
    /// What says so; nothing where nobody does.
    by: Vec<&'a Location>,
}

impl<'a> Effect<'a> {
    /// The table that it stands in.
    fn table(&self) -> &[&'a str] {
        match self.value {
            Effectual::Table => &self.path,
            _ => self.path.split_last().map_or(&[], |(_, table)| table),
        }
    }
}

/// What is in force.
enum Effectual {
    /// This value.
    Value(Value),
    /// Something that no value says, as the rest of a sentence.
    Means(&'static str),
    /// A table without settings, which says something by being there.
    Table,
}

const TIMEOUTS: &str = "timeouts";

/// What was said, and, of what nobody speaks of, what holds all the same.
fn settings(config: &Config) -> Vec<Effect<'_>> {
    let mut effects: Vec<Effect<'_>> = Vec::new();
    // Followed already: what the other files say is among what was said.
    for said in config.said.iter().filter(|said| said.path != ["extend"]) {
        let path: Vec<&str> = said.path.iter().map(String::as_str).collect();
        let known = effects.iter_mut().find(|effect| effect.path == path);
        match (known, said.value.as_array()) {
            (Some(Effect { value: Effectual::Value(Value::Array(items)), by, .. }), Some(more)) => {
                items.extend(more.iter().cloned());
                by.push(&said.at);
            }
            _ => effects.push(Effect { path, value: value_of(said), by: vec![&said.at] }),
        }
    }
    for setting in SETTINGS.iter().filter(|setting| setting.path != "extend") {
        let path: Vec<&str> = setting.path.split('.').collect();
        let is_said = effects.iter().any(|effect| effect.path == path);
        let is_policy = config.timeouts.is_some() || path.first() != Some(&TIMEOUTS);
        if setting.path.contains(ANY) || is_said || !is_policy {
            continue;
        }
        let value = match setting.unsaid {
            Unsaid::Means(what) => Effectual::Means(what),
            Unsaid::Value(text) => match default_value(text) {
                Some(value) => Effectual::Value(value),
                None => continue,
            },
        };
        effects.push(Effect { path, value, by: Vec::new() });
    }
    // The table says something by being there: its defaults are not those without it.
    if config.timeouts.is_none() {
        let value = Effectual::Means("no policy: all must have one, where any package has one");
        effects.push(Effect { path: vec![TIMEOUTS], value, by: Vec::new() });
    }
    effects.sort_by_cached_key(|effect| {
        let setting = setting_at(&effect.path);
        let index = SETTINGS.iter().position(|known| Some(known) == setting);
        let table = effect.table();
        let order = |table: &str| SETTINGS.iter().position(|known| known.path.starts_with(table));
        (table.first().and_then(|first| order(first)), table.join("."), index)
    });
    effects
}

fn value_of(said: &Said) -> Effectual {
    match &said.value {
        Value::Table(table) if table.is_empty() => Effectual::Table,
        value => Effectual::Value(value.clone()),
    }
}

fn default_value(text: &str) -> Option<Value> {
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    table.get("value").cloned()
}
