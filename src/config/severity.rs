//! How much a finding matters. It stands on this floor because the configuration names severities
//! and rules use them.

use std::fmt;
use std::str::FromStr;

/// How much a finding matters, from least to most.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Costs something that the author probably does not want to pay.
    Warning,
    /// Wrong, or so expensive that it is surely not meant.
    Error,
}

impl Severity {
    /// Every severity, from least to most.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// The word for it in configuration and output: `info`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Severity, UnknownSeverity> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == text)
            .ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

/// A word that is no severity.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("`{0}` is not a severity; write `info`, `warning` or `error`")]
pub struct UnknownSeverity(pub String);

/// What makes a run fail, that is exit with 1.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum FailOn {
    /// A finding of at least this severity.
    AtLeast(Severity),
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of `severity` makes the run fail.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::AtLeast(least) => severity >= least,
            FailOn::Never => false,
        }
    }
}

impl Default for FailOn {
    fn default() -> FailOn {
        FailOn::AtLeast(Severity::Warning)
    }
}

impl FromStr for FailOn {
    type Err = UnknownFailOn;

    fn from_str(text: &str) -> Result<FailOn, UnknownFailOn> {
        match text {
            "never" => Ok(FailOn::Never),
            _ => match text.parse() {
                Ok(severity) => Ok(FailOn::AtLeast(severity)),
                Err(UnknownSeverity(word)) => Err(UnknownFailOn(word)),
            },
        }
    }
}

/// A word that is neither a severity nor `never`.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("`{0}` is not a severity; write `info`, `warning`, `error` or `never`")]
pub struct UnknownFailOn(pub String);
