//! How long a build of a kind may take before it counts as hung.

use serde::Deserialize;

use super::evidence::{Basis, Evidence};
use super::table::row;

/// The timeout to recommend for a language, where no package says better.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LanguageTimeout {
    /// The language as the other tables name it.
    pub language: String,
    /// Others with the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Seconds.
    pub seconds: u64,
    /// The hours that a large build of it takes on four cores with eight threads: what the timeout is
    /// well above.
    pub hours: f64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(LanguageTimeout, named language, and by aliases);

/// A number of seconds that is not of one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limit {
    /// Seconds.
    pub seconds: u64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl Limit {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

/// What bounds every timeout, and what to recommend for the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TimeoutLimits {
    /// Below it a timeout is likely written in another unit, or stops sound builds.
    pub minimum: Limit,
    /// Above it a timeout is likely written in milliseconds, or limits nothing.
    pub maximum: Limit,
    /// The setting `timeout`, for all builds of a machine.
    pub global: Limit,
    /// The setting `max-silent-time`.
    pub silence: Limit,
    /// For a build of which not even the language is known.
    pub fallback: Limit,
    /// A build expected to take longer than this is heavy.
    pub heavy: Limit,
    /// A build expected to take longer than this is worth sparing where a wrapper does.
    pub lengthy: Limit,
}

/// A recommendation and what it rests on.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct TimeoutAdvice<'a> {
    /// Seconds.
    pub seconds: u64,
    /// What it was chosen by.
    pub chosen_by: ChosenBy<'a>,
    /// Where it is known from.
    pub evidence: Evidence<'a>,
}

/// What a timeout was chosen by, the most particular first.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum ChosenBy<'a> {
    /// The package's own row.
    Package(&'a str),
    /// The browser's engine, which is what is compiled.
    Engine(&'a str),
    /// The language of the package or builder.
    Language(&'a str),
    /// Nothing known: the fallback.
    Fallback,
}
