//! The settings that are in force, for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::page::absolute;
use super::{Effective, Effectual};
use crate::config::{Location, dotted};

#[derive(Serialize)]
struct Object<'a> {
    /// The files, the nearest first.
    files: Vec<String>,
    settings: Vec<Setting<'a>>,
    /// The rules that run.
    rules: &'a [&'a str],
}

#[derive(Serialize)]
struct Setting<'a> {
    key: String,
    path: &'a [&'a str],
    /// Null where no value says what holds; `meaning` does then.
    value: Option<&'a toml::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'a str>,
    /// What says so; empty for a default. More than one for a list that adds up.
    from: Vec<From<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum From<'a> {
    File { file: String, line: usize, column: usize },
    Argument { argument: &'a str },
}

pub(super) fn write(out: &mut dyn Write, effective: &Effective<'_>) -> io::Result<()> {
    let name = |path: &std::path::Path| effective.paths.relative(&absolute(path));
    let settings = effective.settings.iter().map(|effect| Setting {
        key: dotted(&effect.path),
        path: &effect.path,
        value: match &effect.value {
            Effectual::Value(value) => Some(value),
            Effectual::Means(_) | Effectual::Table => None,
        },
        meaning: match &effect.value {
            Effectual::Value(_) => None,
            Effectual::Means(what) => Some(what),
            Effectual::Table => Some("the table is there"),
        },
        from: effect.by.iter().map(|at| From::of(at, &name)).collect(),
    });
    let object = Object {
        files: effective.config.sources.iter().map(|path| name(path)).collect(),
        settings: settings.collect(),
        rules: &effective.rules,
    };
    serde_json::to_writer_pretty(&mut *out, &object)?;
    writeln!(out)?;
    out.flush()
}

impl<'a> From<'a> {
    fn of(at: &'a Location, name: &dyn Fn(&std::path::Path) -> String) -> From<'a> {
        match at {
            Location::File { path, line, column } => {
                From::File { file: name(path), line: *line, column: *column }
            }
            Location::Argument(argument) => From::Argument { argument },
        }
    }
}
