//! The colours of the terminal, in one place, and the renderer's use of them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use codespan_reporting::diagnostic::{LabelStyle, Severity as Drawn};
use codespan_reporting::term::WriteStyle;

use crate::lint::Severity;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const FRAME: Style = AnsiColor::Cyan.on_default();
pub(super) const ADDED: Style = AnsiColor::Green.on_default();
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();

/// The colour of a severity.
pub(super) fn of_severity(severity: Severity) -> Style {
    match severity {
        Severity::Info => AnsiColor::Blue.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Error => AnsiColor::Red.on_default(),
    }
}

/// The renderer's severity for ours.
pub(super) fn drawn(severity: Severity) -> Drawn {
    match severity {
        Severity::Info => Drawn::Note,
        Severity::Warning => Drawn::Warning,
        Severity::Error => Drawn::Error,
    }
}

/// Styles what the renderer draws. The renderer has no word for our lowest severity, so the one it
/// writes in a header is replaced.
pub(super) struct Painter<'a> {
    out: &'a mut Vec<u8>,
    severity: Severity,
    /// How many bytes of the renderer's own word are still to be dropped.
    dropped: usize,
}

impl<'a> Painter<'a> {
    /// Paints a finding of `severity` into `out`.
    pub fn new(out: &'a mut Vec<u8>, severity: Severity) -> Painter<'a> {
        Painter { out, severity, dropped: 0 }
    }

    fn set(&mut self, style: Style) -> io::Result<()> {
        write!(self.out, "{}", style.render())
    }
}

impl Write for Painter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let dropped = self.dropped.min(bytes.len());
        self.dropped -= dropped;
        self.out.extend_from_slice(&bytes[dropped..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Painter<'_> {
    fn set_header(&mut self, _: Drawn) -> io::Result<()> {
        self.set(of_severity(self.severity).bold())?;
        if self.severity == Severity::Info {
            self.out.extend_from_slice(b"info");
            self.dropped = "note".len();
        }
        Ok(())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.reset()?;
        self.set(BOLD)
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_label(&mut self, _: Drawn, label: LabelStyle) -> io::Result<()> {
        match label {
            LabelStyle::Primary => self.set(of_severity(self.severity)),
            LabelStyle::Secondary => self.set(FRAME),
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        write!(self.out, "{}", anstyle::Reset)
    }
}
