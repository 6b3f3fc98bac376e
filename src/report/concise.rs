//! The form for people in a hurry, and for editors that parse lines: one line a finding.

use std::io::{self, Write};

use super::place::Place;
use super::style::{BOLD, FAINT, FRAME, of_severity};
use super::{DisplayPaths, Finding, visible_name};
use crate::lint::Applicability;

/// Writes `path:line:column: severity[rule] message [fix]`, a line each.
///
/// # Errors
///
/// Those of `out`.
pub fn write_concise(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    for finding in findings {
        let diagnostic = finding.diagnostic;
        let place = Place::of_finding(finding, paths);
        let (line, column) = (place.start.line, place.start.column);
        let severity = of_severity(diagnostic.severity).bold();
        write!(
            out,
            "{BOLD}{}{BOLD:#}{FRAME}:{FRAME:#}{line}{FRAME}:{FRAME:#}{column}{FRAME}:{FRAME:#} \
             {severity}{}[{}]{severity:#} {}",
            visible_name(&place.name),
            diagnostic.severity,
            diagnostic.rule,
            visible_name(&diagnostic.message),
        )?;
        if let Some(fix) = finding.best_fix() {
            let kind = match fix.applicability {
                Applicability::Safe => "fix",
                Applicability::Unsafe => "unsafe fix",
                Applicability::Suggestion => "suggestion",
            };
            write!(out, " {FAINT}[{kind}]{FAINT:#}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
