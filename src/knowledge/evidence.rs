//! Where a fact is known from, and how well.
//!
//! Every row of every table carries both: a message must be able to say whether a figure was read,
//! measured or guessed, and a reader must be able to look the claim up.

use std::fmt;

use serde::Deserialize;

/// How well a fact is known, weakest last. Prints itself as the word a message uses.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Read in the source, the documentation or a maintainer's words.
    Documented,
    /// Observed in a build or an experiment.
    Measured,
    /// A considered guess: never to be printed without saying so.
    Estimate,
}

impl Basis {
    /// The weaker of two: what a figure computed from both may claim.
    #[must_use]
    pub fn weaker(self, other: Basis) -> Basis {
        self.max(other)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Basis::Documented => "documented",
            Basis::Measured => "measured",
            Basis::Estimate => "estimate",
        })
    }
}

/// A source and how well it supports the row, borrowed from that row.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct Evidence<'a> {
    /// A file at a commit, a manual's page, a thread, or "estimate" and what it rests on.
    pub source: &'a str,
    /// How well it is known.
    pub basis: Basis,
}

impl fmt::Display for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.basis, self.source)
    }
}

/// From a low to a high figure, both included. The unit is the field's: hours, or GiB.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct Range {
    /// The figure under good conditions.
    pub low: f64,
    /// The worst case that is still ordinary.
    pub high: f64,
}

/// A range as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    low: f64,
    high: f64,
}

impl TryFrom<Bounds> for Range {
    type Error = &'static str;

    fn try_from(Bounds { low, high }: Bounds) -> Result<Range, &'static str> {
        let is_ordered = 0.0 <= low && low <= high && high.is_finite();
        is_ordered
            .then_some(Range { low, high })
            .ok_or("expected `{ low = 1, high = 4 }`, the low number first")
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            write!(f, "{}", self.low)
        } else {
            write!(f, "{}-{}", self.low, self.high)
        }
    }
}

/// What is known of a yes-or-no question.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It depends on an argument or a version.
    Conditional,
    /// Nobody has looked.
    #[default]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_prints_itself() {
        let printed = [Basis::Documented, Basis::Measured, Basis::Estimate].map(|b| b.to_string());
        assert_eq!(printed, ["documented", "measured", "estimate"]);
    }

    #[test]
    fn a_figure_computed_from_two_is_as_weak_as_the_weaker() {
        assert_eq!(Basis::Documented.weaker(Basis::Estimate), Basis::Estimate);
        assert_eq!(Basis::Measured.weaker(Basis::Documented), Basis::Measured);
    }

    #[test]
    fn a_range_of_one_figure_prints_it_once() {
        assert_eq!(Range { low: 0.5, high: 2.0 }.to_string(), "0.5-2");
        assert_eq!(Range { low: 4.0, high: 4.0 }.to_string(), "4");
    }
}
