//! Where the time of a run went.

use std::io::{self, Write};
use std::time::Duration;

use super::counted;
use super::style::{BOLD, FAINT};
use crate::analysis::Timings;

/// Writes a line a phase and, the slowest first, a line a rule.
///
/// # Errors
///
/// Those of `out`.
pub fn write_timings(out: &mut dyn Write, timings: &Timings) -> io::Result<()> {
    let (passes, files) = (counted(timings.analyses, "pass"), counted(timings.files, "file"));
    writeln!(out, "{BOLD}phase{BOLD:#} {FAINT}(by the clock; {passes}, {files} parsed){FAINT:#}")?;
    for (name, took) in &timings.phases {
        write_line(out, name, *took)?;
    }
    let mut rules = timings.rules.clone();
    rules.sort_by_key(|(name, took)| (std::cmp::Reverse(*took), *name));
    writeln!(out, "{BOLD}rule{BOLD:#} {FAINT}(they run side by side){FAINT:#}")?;
    for (name, took) in rules {
        write_line(out, name, took)?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, name: &str, took: Duration) -> io::Result<()> {
    writeln!(out, "{:>9.1} ms  {name}", took.as_secs_f64() * 1000.0)
}
