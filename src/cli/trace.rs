//! `frugix trace`: what a value is, and where it comes from.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use text_size::{TextRange, TextSize};

use super::session::{Origin, TreeArgs};
use super::targets::Targets;
use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::analysis::InspectError;
use crate::facts::{Inspection, Place};
use crate::lint::Selectors;
use crate::report::{DisplayPaths, Trace, counted, write_trace, write_trace_json};
use crate::source::{FileId, SourceFile, Tree};

const LONG_HELP: &str = "\
Each value comes with its way: where it is written, each name, call and import it goes through, up \
to the place. A place inside a function that is called several times has a value a call. Where a \
value is not known, the reason stands below it; where a literal stands, those who use it.

Exit codes: 0 answered, 2 no such place, or a fault of frugix itself.";

/// The arguments of `frugix trace`.
#[derive(Args, Debug)]
#[command(after_long_help = LONG_HELP)]
pub(super) struct TraceArgs {
    /// The place to ask about, as findings name theirs; without a column, the first expression that
    /// begins on the line
    #[arg(value_name = "FILE:LINE[:COLUMN]")]
    place: String,

    /// How to print the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: TraceFormat,

    #[command(flatten)]
    tree: TreeArgs,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum TraceFormat {
    /// A page to read
    #[default]
    Text,
    /// An object
    Json,
}

impl TraceArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let asked = Asked::parse(&self.place)?;
        let working_directory = std::env::current_dir()
            .and_then(|directory| directory.canonicalize())
            .map_err(CliError::WorkingDirectory)?;
        let paths = DisplayPaths::new(working_directory);
        let (tree, inspection) = self.tree.on_workers(|| self.inspect(&asked, terminal))?;
        let trace = Trace { tree: &tree, inspection: &inspection, paths: &paths };
        let written = match self.format {
            TraceFormat::Text => {
                let mut out = terminal.styled_output();
                write_trace(&mut out, &trace).and_then(|()| out.flush())
            }
            TraceFormat::Json => {
                let mut out = terminal.raw_output();
                write_trace_json(&mut out, &trace).and_then(|()| out.flush())
            }
        };
        tolerate_closed(written).map(|()| Outcome::Clean)
    }

    fn inspect(&self, asked: &Asked, terminal: &Terminal) -> Result<(Tree, Inspection), CliError> {
        let root = self.tree.root.as_deref();
        let mut groups = Targets::group(std::slice::from_ref(&asked.file), root)?;
        let Some(targets) = groups.pop() else { return Err(asked.refused(MEANING)) };
        let mut session =
            self.tree.open(terminal, &targets, Origin::Disk, &Selectors::default())?;
        let tree = session.tree;
        let file = asked.file_in(&tree)?;
        let source = tree.source(file).map_err(|error| asked.refused(&error.to_string()))?;
        let place = asked.place_in(&source)?;
        let inspection = session.analyzer.inspect(&tree, file, place);
        let inspection = inspection.map_err(|error| asked.not_inspected(&error, &source))?;
        match (inspection.span, asked.column) {
            (Some(_), _) => Ok((tree, inspection)),
            (None, None) => Err(asked.refused(&format!(
                "has no expression that begins on line {}; name another line, or a column",
                asked.line,
            ))),
            (None, Some(_)) => Err(asked.refused("has no expression at this place")),
        }
    }
}

const MEANING: &str = "is no place; name it as FILE:LINE or FILE:LINE:COLUMN";

/// A place as it was named on the command line.
#[derive(Clone, Eq, PartialEq, Debug)]
struct Asked {
    file: PathBuf,
    /// From 1.
    line: u32,
    /// From 1, in characters.
    column: Option<u32>,
}

impl Asked {
    fn parse(text: &str) -> Result<Asked, CliError> {
        let refused = || CliError::Place { file: PathBuf::from(text), problem: MEANING.to_owned() };
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        // Compilers end their places with a colon too.
        let (rest, last) = text.trim_end_matches(':').rsplit_once(':').ok_or_else(refused)?;
        let last = number(last).ok_or_else(refused)?;
        let with_column =
            rest.rsplit_once(':').and_then(|(file, line)| Some((file, number(line)?)));
        let (file, line, column) = match with_column {
            Some((file, line)) => (file, line, Some(last)),
            None => (rest, last, None),
        };
        if file.is_empty() {
            return Err(refused());
        }
        Ok(Asked { file: PathBuf::from(file), line, column })
    }

    fn refused(&self, problem: &str) -> CliError {
        CliError::Place { file: self.file.clone(), problem: problem.to_owned() }
    }

    fn file_in(&self, tree: &Tree) -> Result<FileId, CliError> {
        let relative = tree.relative(&self.file);
        if self.file.is_dir() {
            return Err(self.refused("is a folder; name a file in it"));
        }
        if self.file.extension().is_none_or(|extension| extension != "nix") {
            return Err(self.refused("is not a Nix file"));
        }
        let not_read = |path: &Path| {
            let (_, error) = tree.problems().iter().find(|(known, _)| known == path)?;
            Some(self.refused(&error.to_string()))
        };
        relative.as_deref().and_then(|path: &Path| tree.file_at(path)).ok_or_else(|| {
            if let Some(told) = relative.as_deref().and_then(not_read) {
                return told;
            }
            let root = tree.root().display();
            self.refused(&format!(
                "is not in the tree {root}; check `exclude` and .gitignore, or name its --root"
            ))
        })
    }

    fn place_in(&self, source: &SourceFile) -> Result<Place, CliError> {
        let lines = source.lines().len();
        let has_empty_end = lines > 1 && source.line_text(saturate(lines)).is_empty();
        let lines = if has_empty_end { lines - 1 } else { lines };
        if self.line > saturate(lines) {
            let has = counted(lines, "line");
            return Err(self.refused(&format!("has {has}, and no line {}", self.line)));
        }
        let text = source.line_text(self.line);
        let columns = saturate(text.chars().count());
        match self.column {
            Some(column) if column > columns.saturating_add(1) => {
                let line = self.line;
                let has = counted(text.chars().count(), "column");
                Err(self.refused(&format!("has {has} on line {line}, and no column {column}")))
            }
            Some(column) => {
                let offset = source.offset(self.line, column);
                let behind = &source.text[usize::from(offset)..];
                // A parenthesis means what stands in it.
                let inside = behind.trim_start_matches(|c: char| c == '(' || c.is_whitespace());
                let opens = behind.starts_with('(') && !inside.is_empty();
                let skipped = if opens { behind.len() - inside.len() } else { 0 };
                Ok(Place::At(offset + TextSize::of(&behind[..skipped])))
            }
            None => Ok(Place::FirstIn(TextRange::new(
                source.offset(self.line, 1),
                source.offset(self.line, columns.saturating_add(1)),
            ))),
        }
    }

    fn not_inspected(&self, error: &InspectError, source: &SourceFile) -> CliError {
        match error {
            InspectError::Syntax(syntax) => {
                let at = source.position(syntax.range.start());
                let (line, column) = (at.line, at.column);
                self.refused(&format!("{error} (line {line}, column {column})"))
            }
            InspectError::Unreadable(_) => self.refused(&error.to_string()),
            InspectError::Fault(fault) => CliError::Faults(fault.to_string()),
        }
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_a_line_and_perhaps_a_column() {
        let parse = |text: &str| {
            Asked::parse(text)
                .ok()
                .map(|asked| (asked.file.display().to_string(), asked.line, asked.column))
        };
        let place = |file: &str, line, column| Some((file.to_owned(), line, column));
        assert_eq!(parse("home.nix:3"), place("home.nix", 3, None));
        assert_eq!(parse("a/home.nix:3:14"), place("a/home.nix", 3, Some(14)));
        assert_eq!(parse("a/home.nix:3:14:"), place("a/home.nix", 3, Some(14)));
        assert_eq!(parse("a:b.nix:3"), place("a:b.nix", 3, None));
        for wrong in ["home.nix", "home.nix:", "home.nix:0", "home.nix:3:0", "home.nix:x", ":3", ""]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
