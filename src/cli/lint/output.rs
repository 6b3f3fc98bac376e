//! What `frugix lint` prints, and where to.

use std::io::{self, Write};
use std::path::Path;

use super::{LintArgs, OutputFormat};
use crate::cli::CliError;
use crate::cli::terminal::{Terminal, tolerate_closed};
use crate::report::{
    DisplayPaths, Finding, count_by_rule, write_checkstyle, write_concise, write_full,
    write_github, write_gitlab, write_json, write_json_lines, write_junit, write_markdown,
    write_rdjson, write_sarif, write_statistics, write_statistics_json,
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
    pub(super) fn render(
        &self,
        findings: &[Finding],
        paths: &DisplayPaths,
    ) -> Result<Text, CliError> {
        let format = self.output.output_format;
        let mut bytes = Vec::new();
        match self.output.statistics {
            true => format.write_counts(&mut bytes, findings)?,
            false => format.writer()(&mut bytes, findings, paths).map_err(CliError::Output)?,
        }
        Ok(match format.is_for_people() {
            true => Text::Styled(bytes),
            false => Text::Exact(bytes),
        })
    }
}

type Writer = fn(&mut dyn Write, &[Finding], &DisplayPaths) -> io::Result<()>;

impl OutputFormat {
    fn writer(self) -> Writer {
        match self {
            OutputFormat::Full => write_full,
            OutputFormat::Concise => write_concise,
            OutputFormat::Json => write_json,
            OutputFormat::JsonLines => write_json_lines,
            OutputFormat::Sarif => write_sarif,
            OutputFormat::Github => write_github,
            OutputFormat::Gitlab => write_gitlab,
            OutputFormat::Junit => write_junit,
            OutputFormat::Checkstyle => write_checkstyle,
            OutputFormat::Rdjson => write_rdjson,
            OutputFormat::Markdown => write_markdown,
        }
    }

    fn write_counts(self, out: &mut dyn Write, findings: &[Finding]) -> Result<(), CliError> {
        let counts = count_by_rule(findings);
        let written = match self {
            OutputFormat::Full | OutputFormat::Concise => write_statistics(out, &counts),
            OutputFormat::Json => write_statistics_json(out, &counts, false),
            OutputFormat::JsonLines => write_statistics_json(out, &counts, true),
            _ => {
                let message = "--statistics has no such form; take --output-format full or json";
                return Err(CliError::Usage(message.to_owned()));
            }
        };
        written.map_err(CliError::Output)
    }
}
