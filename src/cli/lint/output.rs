//! What `frugix lint` prints, and where to.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{LintArgs, OutputFormat};
use crate::cli::CliError;
use crate::cli::terminal::{Terminal, tolerate_closed};
use crate::report::{
    DisplayPaths, Finding, RuleCount, count_by_rule, write_checkstyle, write_concise, write_full,
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
        let (bytes, is_styled) = match text {
            Text::Styled(bytes) => (bytes, true),
            Text::Exact(bytes) => (bytes, false),
        };
        self.write(terminal, is_styled, |out| out.write_all(bytes))
    }

    /// Prints what `write` writes, as it comes: whatever there is to tell, little of it is in memory.
    pub fn write(
        self,
        terminal: &Terminal,
        is_styled: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), CliError> {
        match (self, is_styled) {
            (Destination::Output, true) => tolerate_closed(send(terminal.styled_output(), write)),
            (Destination::Output, false) => tolerate_closed(send(terminal.raw_output(), write)),
            (Destination::Errors, true) => {
                tolerate_closed(send(BufWriter::new(terminal.styled_errors()), write))
            }
            (Destination::Errors, false) => {
                tolerate_closed(send(BufWriter::new(io::stderr().lock()), write))
            }
            (Destination::File(path), is_styled) => {
                let created = File::create(path);
                let written = created.and_then(|file| match is_styled {
                    true => send(BufWriter::new(anstream::StripStream::new(file)), write),
                    false => send(BufWriter::new(file), write),
                });
                written.map_err(|error| CliError::OutputFile { path: path.to_path_buf(), error })
            }
        }
    }
}

fn send(
    mut stream: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write(&mut stream)?;
    stream.flush()
}

impl OutputFormat {
    /// Whether a person reads it.
    pub fn is_for_people(self) -> bool {
        matches!(self, OutputFormat::Full | OutputFormat::Concise)
    }
}

impl LintArgs {
    /// Writes the findings, or how many there are, in the form asked for.
    pub(super) fn write_findings(
        &self,
        destination: Destination<'_>,
        terminal: &Terminal,
        findings: &[Finding],
        paths: &DisplayPaths,
    ) -> Result<(), CliError> {
        let format = self.output.output_format;
        let is_styled = format.is_for_people();
        if self.output.statistics {
            let write = format.count_writer()?;
            let counts = count_by_rule(findings);
            return destination.write(terminal, is_styled, |out| write(out, &counts));
        }
        destination.write(terminal, is_styled, |out| format.writer()(out, findings, paths))
    }
}

type Writer = fn(&mut dyn Write, &[Finding], &DisplayPaths) -> io::Result<()>;

type CountWriter = fn(&mut dyn Write, &[RuleCount]) -> io::Result<()>;

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

    fn count_writer(self) -> Result<CountWriter, CliError> {
        match self {
            OutputFormat::Full | OutputFormat::Concise => Ok(write_statistics),
            OutputFormat::Json => Ok(|out, counts| write_statistics_json(out, counts, false)),
            OutputFormat::JsonLines => Ok(|out, counts| write_statistics_json(out, counts, true)),
            _ => {
                let message = "--statistics has no such form; take --output-format full or json";
                Err(CliError::Usage(message.to_owned()))
            }
        }
    }
}
