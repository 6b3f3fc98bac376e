//! What `frugix lint` prints, and where to.

use std::io::{self, Write};
use std::path::Path;

use super::{LintArgs, OutputFormat};
use crate::cli::CliError;
use crate::cli::terminal::{Terminal, tolerate_closed};
use crate::report::{
    DisplayPaths, Finding, count_by_rule, write_concise, write_full, write_json, write_json_lines,
    write_statistics, write_statistics_json,
};

/// Text to print.
pub(super) enum Text {
    /// With styles, for people.
    Styled(Vec<u8>),
    /// Byte by byte, for programs.
    Exact(Vec<u8>),
}

/// Where text goes.
#[derive(Copy, Clone)]
pub(super) enum Destination<'a> {
    Output,
    Errors,
    File(&'a Path),
}

impl Destination<'_> {
    /// Prints `text`, with its styles if they are wanted there.
    pub fn print(self, terminal: &Terminal, text: &Text) -> Result<(), CliError> {
        match self {
            Destination::Output => tolerate_closed(match text {
                Text::Styled(bytes) => send(terminal.styled_output(), bytes),
                Text::Exact(bytes) => send(terminal.raw_output(), bytes),
            }),
            Destination::Errors => tolerate_closed(match text {
                Text::Styled(bytes) => send(terminal.styled_errors(), bytes),
                Text::Exact(bytes) => send(io::stderr().lock(), bytes),
            }),
            Destination::File(path) => write_file(path, text)
                .map_err(|error| CliError::OutputFile { path: path.to_path_buf(), error }),
        }
    }
}

fn send(mut stream: impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

fn write_file(path: &Path, text: &Text) -> io::Result<()> {
    let file = std::fs::File::create(path)?;
    match text {
        Text::Styled(bytes) => send(anstream::StripStream::new(file), bytes),
        Text::Exact(bytes) => send(file, bytes),
    }
}

impl OutputFormat {
    /// Whether a person reads it.
    pub fn is_for_people(self) -> bool {
        matches!(self, OutputFormat::Full | OutputFormat::Concise)
    }
}

impl LintArgs {
    /// The findings, or how many there are, in the form asked for.
    pub(super) fn render(&self, findings: &[Finding], paths: &DisplayPaths) -> io::Result<Text> {
        let mut bytes = Vec::new();
        let format = self.output.output_format;
        if self.output.statistics {
            let counts = count_by_rule(findings);
            match format {
                OutputFormat::Full | OutputFormat::Concise => {
                    write_statistics(&mut bytes, &counts)?;
                }
                OutputFormat::Json => write_statistics_json(&mut bytes, &counts, false)?,
                OutputFormat::JsonLines => write_statistics_json(&mut bytes, &counts, true)?,
            }
        } else {
            match format {
                OutputFormat::Full => write_full(&mut bytes, findings, paths)?,
                OutputFormat::Concise => write_concise(&mut bytes, findings, paths)?,
                OutputFormat::Json => write_json(&mut bytes, findings, paths)?,
                OutputFormat::JsonLines => write_json_lines(&mut bytes, findings, paths)?,
            }
        }
        Ok(match format.is_for_people() {
            true => Text::Styled(bytes),
            false => Text::Exact(bytes),
        })
    }
}
