//! The settings that are in force, as the text of a `frugix.toml` that says them, with a comment
//! behind each that names what says so.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Effect, Effective, Effectual};
use crate::config::{Location, dotted};
use crate::report::{DisplayPaths, counted, visible};

const FAINT: Style = Style::new().dimmed();
const HEADER: Style = AnsiColor::Cyan.on_default();

/// Longer lines do not push the comments of others to the right.
const WIDEST: usize = 44;

pub(super) fn write(out: &mut dyn Write, effective: &Effective<'_>) -> io::Result<()> {
    let paths = &effective.paths;
    let files: Vec<String> =
        effective.config.sources.iter().map(|path| paths.relative(&absolute(path))).collect();
    let files = match files.as_slice() {
        [] => "No frugix.toml: the defaults.".to_owned(),
        [file] => format!("{file}, over the defaults."),
        [file, bases @ ..] => format!("{file}, which extends {}.", bases.join(", ")),
    };
    writeln!(out, "{FAINT}# {}{FAINT:#}", visible(&files))?;
    let mut table: &[&str] = &[];
    for lines in effective.settings.chunk_by(|one, other| one.table() == other.table()) {
        let next = lines[0].table();
        if next != table {
            writeln!(out, "\n{HEADER}[{}]{HEADER:#}", visible(&dotted(next)))?;
        }
        table = next;
        write_settings(out, lines, paths)?;
    }
    writeln!(out, "\n{FAINT}# {} run.{FAINT:#}", counted(effective.rules.len(), "rule"))?;
    out.flush()
}

fn write_settings(
    out: &mut dyn Write,
    effects: &[Effect<'_>],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let settings: Vec<(String, &Effect<'_>)> = effects
        .iter()
        .filter_map(|effect| {
            let key = dotted(effect.path.last().map_or(&[], std::slice::from_ref));
            match &effect.value {
                Effectual::Value(value) => Some((format!("{key} = {value}"), effect)),
                Effectual::Means(what) => Some((format!("# {key}: {what}"), effect)),
                Effectual::Table => None,
            }
        })
        .collect();
    let widths = settings.iter().map(|(text, _)| text.chars().count());
    let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for (text, effect) in settings {
        let (text, by) =
            (visible(&text).into_owned(), visible(&tellers(effect, paths)).into_owned());
        writeln!(out, "{text:<width$}  {FAINT}# {by}{FAINT:#}")?;
    }
    Ok(())
}

/// What says that it is so.
pub(super) fn tellers(effect: &Effect<'_>, paths: &DisplayPaths) -> String {
    let tellers: Vec<String> = effect.by.iter().map(|at| teller(at, paths)).collect();
    if tellers.is_empty() { "default".to_owned() } else { tellers.join(", ") }
}

fn teller(at: &Location, paths: &DisplayPaths) -> String {
    match at {
        Location::File { path, line, .. } => format!("{}:{line}", paths.relative(&absolute(path))),
        Location::Argument(argument) => argument.to_string(),
    }
}

pub(super) fn absolute(path: &std::path::Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
