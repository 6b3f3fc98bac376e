//! The audit for people: a page in the terminal, or tables for a review.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::budget::audit::{Audit, DryRun, Row, Verdict};
use crate::report::{
    DisplayPaths, counted, described_change, described_cost, described_hours, visible,
};
use crate::source::{Span, Tree};

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// What is written.
pub(super) struct Page<'a> {
    pub audit: &'a Audit,
    pub dry_run: Option<&'a DryRun>,
    pub tree: &'a Tree,
    pub paths: &'a DisplayPaths,
}

impl Page<'_> {
    /// Writes a page for a terminal.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        for verdict in Verdict::ALL {
            let rows: Vec<&Row> = self.rows(verdict).collect();
            if rows.is_empty() {
                continue;
            }
            let style = style_of(verdict);
            writeln!(out, "{style}{}{style:#}  {FAINT}{}{FAINT:#}", title(verdict), rows.len())?;
            for row in rows {
                self.text_row(out, row)?;
            }
            writeln!(out)?;
        }
        self.unexplained(out, "  ")?;
        for line in self.totals() {
            writeln!(out, "{line}")?;
        }
        out.flush()
    }

    fn text_row(&self, out: &mut dyn Write, row: &Row) -> io::Result<()> {
        let said = row.outcome.map_or(String::new(), |outcome| format!("  Nix: {outcome}"));
        writeln!(
            out,
            "  {BOLD}{}{BOLD:#}  {FAINT}{}{FAINT:#}",
            visible(&row.name),
            self.place(row.place)
        )?;
        writeln!(out, "    {}; {}", described_change(row), described_cost(row))?;
        writeln!(out, "    {}{said}", visible(&row.why))
    }

    /// Writes a table a verdict.
    pub fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "# Overrides and local builds\n")?;
        let asked = self.dry_run.is_some();
        for verdict in Verdict::ALL {
            let rows: Vec<&Row> = self.rows(verdict).collect();
            if rows.is_empty() {
                continue;
            }
            writeln!(out, "## {} ({})\n", title(verdict), rows.len())?;
            let (head, rule) = if asked { (" Nix |", "---|") } else { ("", "") };
            writeln!(out, "| package | place | changes | cost | why |{head}")?;
            writeln!(out, "|---|---|---|---|---|{rule}")?;
            for row in rows {
                let said = row.outcome.map_or(String::new(), |outcome| format!(" {outcome} |"));
                writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {} |{said}",
                    cell(&row.name),
                    cell(&self.place(row.place)),
                    cell(&described_change(row)),
                    described_cost(row),
                    cell(&row.why),
                )?;
            }
            writeln!(out)?;
        }
        self.unexplained(out, "- ")?;
        for line in self.totals() {
            writeln!(out, "{line}")?;
        }
        out.flush()
    }

    fn unexplained(&self, out: &mut dyn Write, mark: &str) -> io::Result<()> {
        if self.audit.unexplained.is_empty() {
            return Ok(());
        }
        writeln!(out, "Built, and explained by no row:\n")?;
        for name in &self.audit.unexplained {
            writeln!(out, "{mark}{}", visible(name))?;
        }
        writeln!(out)
    }

    fn rows(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.audit.rows.iter().filter(move |row| row.verdict == verdict)
    }

    /// The sums, a line each.
    fn totals(&self) -> Vec<String> {
        let counts: Vec<String> = Verdict::ALL
            .into_iter()
            .map(|verdict| format!("{} to {verdict}", self.rows(verdict).count()))
            .collect();
        let rows = counted(self.audit.rows.len(), "row");
        let mut lines = vec![format!("{rows}: {}.", counts.join(", "))];
        let (total, unknown) = self.audit.total();
        let unknown = match unknown {
            0 => String::new(),
            count => {
                format!("; of {} that leave the cache no figure is known", counted(count, "row"))
            }
        };
        lines.push(format!(
            "Building all of it takes {} hours on four cores (in part an estimate){unknown}.",
            described_hours(total)
        ));
        if let Some(dry_run) = self.dry_run {
            let sizes = match dry_run.sizes.first() {
                Some(sizes) => format!(" ({sizes})"),
                None => String::new(),
            };
            lines.push(format!(
                "Nix would build {} and fetch {}{sizes}.",
                counted(dry_run.built.len(), "derivation"),
                counted(dry_run.fetched.len(), "path"),
            ));
        }
        lines
    }

    /// `file:line`.
    pub fn place(&self, span: Span) -> String {
        let name = self.paths.name(self.tree, span.file);
        let name = match self.tree.source(span.file) {
            Ok(source) => format!("{name}:{}", source.position(span.range.start()).line),
            Err(_) => name,
        };
        visible(&name).into_owned()
    }
}

fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Remove => "Remove",
        Verdict::Move => "Move",
        Verdict::Review => "Review",
        Verdict::Keep => "Keep",
    }
}

fn style_of(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Remove => AnsiColor::Red,
        Verdict::Move => AnsiColor::Yellow,
        Verdict::Review => AnsiColor::Cyan,
        Verdict::Keep => AnsiColor::Green,
    };
    color.on_default().bold()
}

/// Text that breaks no table.
fn cell(text: &str) -> String {
    visible(text).replace('|', "\\|").replace('\n', " ")
}
