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

/// So many names of a group are written out.
const MAX_NAMES: usize = 3;

/// What is written.
pub(super) struct Page<'a> {
    pub audit: &'a Audit,
    pub dry_run: Option<&'a DryRun>,
    pub tree: &'a Tree,
    pub paths: &'a DisplayPaths,
    /// Of which verdicts the rows are listed; the sums are of all.
    pub is_shown: &'a dyn Fn(Verdict) -> bool,
}

impl Page<'_> {
    /// The rows that are listed.
    pub fn shown(&self) -> impl Iterator<Item = &Row> {
        self.audit.rows.iter().filter(|row| (self.is_shown)(row.verdict))
    }

    /// Writes a page for a terminal.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        for verdict in Verdict::ALL {
            let rows: Vec<&Row> = self.shown().filter(|row| row.verdict == verdict).collect();
            if rows.is_empty() {
                continue;
            }
            let style = style_of(verdict);
            writeln!(out, "{style}{}{style:#}  {FAINT}{}{FAINT:#}", title(verdict), rows.len())?;
            for group in groups(&rows) {
                self.text_group(out, group)?;
            }
            writeln!(out)?;
        }
        self.unexplained(out, "  ")?;
        for line in self.totals() {
            writeln!(out, "{line}")?;
        }
        out.flush()
    }

    fn text_group(&self, out: &mut dyn Write, group: &[&Row]) -> io::Result<()> {
        let Some(row) = group.first() else { return Ok(()) };
        let said = row.outcome.map_or(String::new(), |outcome| format!("  Nix: {outcome}"));
        writeln!(
            out,
            "  {BOLD}{}{BOLD:#}  {FAINT}{}{FAINT:#}",
            visible(&names(group)),
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
            let rows: Vec<&Row> = self.shown().filter(|row| row.verdict == verdict).collect();
            if rows.is_empty() {
                continue;
            }
            writeln!(out, "## {} ({})\n", title(verdict), rows.len())?;
            let (head, rule) = if asked { (" Nix |", "---|") } else { ("", "") };
            writeln!(out, "| package | place | changes | cost | why |{head}")?;
            writeln!(out, "|---|---|---|---|---|{rule}")?;
            for group in groups(&rows) {
                let Some(row) = group.first() else { continue };
                let said = row.outcome.map_or(String::new(), |outcome| format!(" {outcome} |"));
                writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {} |{said}",
                    cell(&names(group)),
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
        // A system is made of hundreds of units, files and links, which are written in no time. What has
        // a version is a package.
        let (packages, files): (Vec<&str>, Vec<&str>) =
            self.audit.unexplained.iter().map(String::as_str).partition(|name| has_version(name));
        for name in &packages {
            writeln!(out, "{mark}{}", visible(name))?;
        }
        if let [first, ..] = files.as_slice() {
            let such = files.iter().take(MAX_NAMES).copied().collect::<Vec<_>>().join(", ");
            let such = visible(&such);
            match files.len() {
                1 => writeln!(out, "{mark}{}, which has no version", visible(first))?,
                count => writeln!(
                    out,
                    "{mark}{count} without a version, such as {such}: most are files of the \
                     configuration itself"
                )?,
            }
        }
        writeln!(out)
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.audit.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// The sums, a line each.
    fn totals(&self) -> Vec<String> {
        let counts: Vec<String> = Verdict::ALL
            .into_iter()
            .map(|verdict| format!("{} to {verdict}", self.count(verdict)))
            .collect();
        let rows = counted(self.audit.rows.len(), "row");
        let mut lines = vec![format!("{rows}: {}.", counts.join(", "))];
        lines.push(format!("{}.", self.total_hours()));
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

    /// What building all of it takes, as far as that is known.
    fn total_hours(&self) -> String {
        let total = self.audit.total();
        let unknown = counted(total.unknown, "row");
        let rebuilt = match total.rebuilding {
            0 => String::new(),
            count => format!(", without what is rebuilt because of {}", counted(count, "row")),
        };
        let known = match (total.basis, total.unknown) {
            (None, 0) => "Nothing in it is known to be compiled".to_owned(),
            (None, _) => format!("How long building takes is not known, for {unknown}"),
            (Some(basis), more) => {
                let time = described_hours(total.hours);
                let known = format!("Building takes {time} on four cores ({basis})");
                match more {
                    0 => known,
                    _ => format!("{known}, and what is not known for {unknown}"),
                }
            }
        };
        format!("{known}{rebuilt}")
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

/// Rows that differ in nothing but their names: what one helper makes of many packages.
fn groups<'r>(rows: &'r [&'r Row]) -> impl Iterator<Item = &'r [&'r Row]> {
    rows.chunk_by(|one, other| {
        let said = |row: &Row| (row.place, row.kind, row.cache, row.outcome);
        said(one) == said(other)
            && one.changes == other.changes
            && one.why == other.why
            && one.expense == other.expense
    })
}

/// Whether the name of a store path ends in a version: a digit behind a dash.
fn has_version(name: &str) -> bool {
    name.split('-').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_digit()))
}

/// The names of a group: the first few, and how many more.
fn names(group: &[&Row]) -> String {
    let mut names: Vec<String> = group.iter().take(MAX_NAMES).map(|row| row.name.clone()).collect();
    match group.len().saturating_sub(MAX_NAMES) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
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
