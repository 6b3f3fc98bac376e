//! The last line of a report: what was found, what can be fixed, and how much was looked at, so
//! that silence is not taken for clean.

use std::fmt;
use std::time::Duration;

use super::Finding;
use crate::lint::{Applicability, Severity};

/// How many findings a fix would settle.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default)]
pub struct Fixable {
    /// Those with a safe fix.
    pub safe: usize,
    /// Those beyond that, whose best fix is unsafe.
    pub with_unsafe: usize,
}

impl Fixable {
    /// Counts `finding` by the best fix it has.
    pub fn add(&mut self, finding: &Finding) {
        match finding.best_fix().map(|fix| fix.applicability) {
            Some(Applicability::Safe) => self.safe += 1,
            Some(Applicability::Unsafe) => self.with_unsafe += 1,
            Some(Applicability::Suggestion) | None => {}
        }
    }
}

/// How many things of a kind were met, and how many of them could not be understood.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Resolution {
    /// What they are, in the plural: "overrides".
    pub kind: &'static str,
    /// All of them.
    pub total: usize,
    /// Those whose meaning could not be followed.
    pub unresolved: usize,
}

/// What a run amounts to, on one line.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Summary {
    /// Findings of severity `error`.
    pub errors: usize,
    /// Findings of severity `warning`.
    pub warnings: usize,
    /// Findings of severity `info`.
    pub infos: usize,
    /// How many of them can be fixed.
    pub fixable: Fixable,
    /// Files looked at.
    pub files: usize,
    /// What could not be resolved.
    pub resolutions: Vec<Resolution>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Summary {
    /// Counts `findings`; files, resolutions and time are left for the caller to fill in.
    pub fn of(findings: &[Finding]) -> Summary {
        let mut summary = Summary::default();
        for finding in findings {
            match finding.diagnostic.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Info => summary.infos += 1,
            }
            summary.fixable.add(finding);
        }
        summary
    }

    /// How many there are of each severity, as `2 errors, 1 info`; empty without any.
    pub fn by_severity(&self) -> String {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")];
        let found = counts.iter().filter(|(count, _)| *count > 0);
        let found: Vec<String> = found.map(|(count, word)| counted(*count, word)).collect();
        found.join(", ")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by_severity().as_str() {
            "" => f.write_str("No findings")?,
            found => write!(f, "Found {found}")?,
        }
        match (self.fixable.safe, self.fixable.with_unsafe) {
            (0, 0) => {}
            (safe, 0) => write!(f, "; {safe} fixable with --fix")?,
            (0, more) => write!(f, "; {more} fixable with --fix --unsafe-fixes")?,
            (safe, more) => {
                write!(f, "; {safe} fixable with --fix, {more} more with --unsafe-fixes")?
            }
        }
        let seconds = self.elapsed.as_secs_f64();
        write!(f, ". {} checked in {seconds:.2} s", counted(self.files, "file"))?;
        for resolution in &self.resolutions {
            if resolution.unresolved > 0 {
                write!(
                    f,
                    "; {} of {} {} unresolved",
                    resolution.unresolved, resolution.total, resolution.kind
                )?;
            }
        }
        f.write_str(".")
    }
}

/// `1 file`, `2 files`; "info" has no plural.
pub fn counted(count: usize, word: &str) -> String {
    let plural = match word {
        _ if count == 1 => "",
        "info" => "",
        "pass" => "es",
        _ => "s",
    };
    format!("{count} {word}{plural}")
}
