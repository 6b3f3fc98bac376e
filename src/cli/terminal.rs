//! The process's two streams: what may be coloured, what may be said, and readers that go away.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::CliError;
use crate::report::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// When to colour.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Even into a file or a pipe
    Always,
    /// Not at all
    Never,
}

/// How much is said besides what was asked for.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub(super) enum Verbosity {
    /// Nothing.
    Quiet,
    /// A summary, progress, and what was done.
    Normal,
    /// What was looked at, too.
    Verbose,
}

/// Where a command writes.
#[derive(Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    verbosity: Verbosity,
}

impl Terminal {
    pub fn new(color: ColorArg, verbosity: Verbosity) -> Terminal {
        let color = match color {
            ColorArg::Auto => ColorChoice::Auto,
            ColorArg::Always => ColorChoice::Always,
            ColorArg::Never => ColorChoice::Never,
        };
        color.write_global();
        Terminal { color, verbosity }
    }

    /// Whether the user wants to be told what they did not ask for.
    pub fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Standard output for text with styles, which are taken out where they are not wanted.
    pub fn styled_output(&self) -> BufWriter<AutoStream<StdoutLock<'static>>> {
        BufWriter::new(AutoStream::new(io::stdout().lock(), self.color))
    }

    /// Standard output as it is, for text that must arrive byte by byte.
    pub fn raw_output(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// Standard error for text with styles.
    pub fn styled_errors(&self) -> AutoStream<io::StderrLock<'static>> {
        AutoStream::new(io::stderr().lock(), self.color)
    }

    /// Whether standard output is read by a person: it is a terminal, or colours were asked for.
    pub fn output_is_for_people(&self) -> bool {
        self.color == ColorChoice::Always || io::stdout().is_terminal()
    }

    /// Whether progress may be shown.
    pub fn shows_progress(&self) -> bool {
        self.verbosity == Verbosity::Normal && io::stderr().is_terminal()
    }

    /// Says why the command failed.
    pub fn error(&self, error: &CliError) {
        for sentence in error.sentences() {
            self.tell(&format!("{ERROR}error{ERROR:#}: {}", visible(&sentence)));
        }
    }

    /// Says what the user should know although the command goes on.
    pub fn warn(&self, message: &str) {
        self.tell(&format!("{WARNING}warning{WARNING:#}: {}", visible(message)));
    }

    /// Says what was done, unless the user wants quiet.
    pub fn inform(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.tell(&visible(message));
        }
    }

    /// Says what was looked at, if the user wants to know.
    pub fn detail(&self, message: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.tell(&visible(message));
        }
    }

    /// Nothing is left to do when standard error is gone.
    fn tell(&self, line: &str) {
        let _ = writeln!(self.styled_errors(), "{line}");
    }
}

/// What became of writing to standard output. A reader that went away, as `head` does, has what it
/// wanted: that is no failure.
pub(super) fn tolerate_closed(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(CliError::Output),
    }
}
