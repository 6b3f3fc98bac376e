//! Every override of a tree, and everything that it makes Nix build here: what each changes, what it
//! costs, and what to do about it.
//!
//! Rules tell of what is wrong; an audit lists all there is, what is right included, so that its owner
//! can go through it once. [`DryRun`] holds what Nix itself says beside it.

mod dry_run;
mod rows;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::work;
use crate::config::{Config, Hours};
use crate::facts::Facts;
use crate::knowledge::{Basis, Knowledge};
use crate::source::{Span, Tree};

pub use dry_run::{DryRun, Listed};

/// What one override or derivation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The same derivation as without it.
    NoChange,
    /// `meta`, `passthru` and the like.
    MetadataOnly,
    /// What is around the finished program.
    Wrapper,
    /// A vendor's binary, unpacked in another way.
    Repack,
    /// Tests.
    CheckOnly,
    /// Flags, options, phases.
    Flags,
    /// The source is changed.
    Patch,
    /// Another source.
    Version,
    /// Other inputs.
    Dependencies,
    /// A derivation that the tree itself writes.
    Package,
}

/// Whether a package leaves the binary cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// The derivation stays the one that the cache has.
    Stays,
    /// It is another, which no cache has.
    Leaves,
    /// It is another if a condition holds.
    MayLeave,
    /// It never was in nixpkgs' cache: the tree's or a flake's own.
    WasNotThere,
    /// What is overridden cannot be followed.
    Unknown,
}

/// What to do about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It costs and gives nothing.
    Remove,
    /// The same can be had elsewhere for less.
    Move,
    /// Whether it is worth its cost is the owner's to say.
    Review,
    /// Nothing speaks against it.
    Keep,
}

impl Verdict {
    /// Every verdict, the most urgent first.
    pub const ALL: [Verdict; 4] = [Verdict::Remove, Verdict::Move, Verdict::Review, Verdict::Keep];
}

/// What building it takes, on four cores with eight threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expense {
    /// Hours.
    pub hours: Hours,
    /// How well they are known.
    pub basis: Basis,
}

/// What Nix says becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is built.
    Built,
    /// It is fetched.
    Fetched,
    /// Nix names it nowhere: it is here already, or not part of what was asked for.
    NotNamed,
}

/// One override, or one derivation that is built here.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is overridden or made.
    pub name: String,
    /// Where.
    pub place: Span,
    /// The calls that make it, those of a chain from the outermost inwards.
    pub calls: Vec<Span>,
    /// What it changes, by name; of a derivation, its builder.
    pub changes: Vec<String>,
    /// What its calls give, as it is written and as far as it is known; none for a derivation.
    pub given: Vec<String>,
    /// What the change is about.
    pub kind: Kind,
    /// Whether it leaves the cache.
    pub cache: Cache,
    /// What building it takes, where that is known and something is compiled; of others that are
    /// rebuilt with it, nothing.
    pub expense: Option<Expense>,
    /// Nothing is compiled for it: it is wrapped, unpacked or written.
    pub is_cheap: bool,
    /// Much of nixpkgs is built with it, and is built anew too.
    pub rebuilds_others: bool,
    /// What to do.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
    /// What Nix says, where it was asked.
    pub outcome: Option<Outcome>,
}

impl Row {
    /// Whether `place` lies in what the row is about.
    pub fn is_about(&self, place: Span) -> bool {
        let lies_in = |around: Span| work::contains(around, place);
        lies_in(self.place) || self.calls.iter().any(|call| lies_in(*call))
    }

    /// The hours it takes at worst; 0 where they are not known, and no end of them where much else is
    /// rebuilt.
    pub fn worst_hours(&self) -> f64 {
        match self.rebuilds_others {
            true => f64::INFINITY,
            false => self.expense.map_or(0.0, |expense| expense.hours.high),
        }
    }
}

/// Every row of a tree.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// By verdict, the dearest first, then by name.
    pub rows: Vec<Row>,
    /// Builds that Nix names and no row explains.
    pub unexplained: Vec<String>,
}

impl Audit {
    /// What `facts` say of overrides and derivations.
    pub fn new(tree: &Tree, knowledge: &Knowledge, config: &Config, facts: &Facts) -> Audit {
        let mut rows = rows::rows(tree, knowledge, config, facts);
        rows.sort_by(|a, b| {
            let cost = b.worst_hours().total_cmp(&a.worst_hours());
            let order = a.verdict.cmp(&b.verdict).then(cost).then_with(|| a.name.cmp(&b.name));
            order.then_with(|| a.place.sort_key().cmp(&b.place.sort_key()))
        });
        // Under two names of one set, such as python3.pkgs and python3Packages, it is one package.
        let mut seen = BTreeSet::new();
        rows.retain(|row| {
            let last = row.name.rsplit('.').next().unwrap_or(&row.name).to_owned();
            seen.insert((row.place.sort_key(), last))
        });
        Audit { rows, unexplained: Vec::new() }
    }

    /// Holds the rows against what Nix says.
    pub fn compare(&mut self, dry_run: &DryRun) {
        for row in &mut self.rows {
            row.outcome = Some(dry_run.outcome_of(&row.name));
        }
        let explained = |listed: &Listed| self.rows.iter().any(|row| listed.is_of(&row.name));
        let unexplained = dry_run.built.iter().filter(|listed| !explained(listed));
        self.unexplained = unexplained.map(|listed| listed.name.clone()).collect();
    }

    /// What building the rows takes that are not in the cache. What several places make of a package in
    /// the same words, and with the same values as far as they are known, is built once.
    pub fn total(&self) -> Total {
        let hours = Hours { low: 0.0, high: 0.0 };
        let mut total = Total { hours, basis: None, unknown: 0, rebuilding: 0 };
        let mut built = BTreeSet::new();
        for row in &self.rows {
            total.rebuilding += usize::from(row.rebuilds_others);
            match (row.cache, row.expense) {
                (Cache::Stays | Cache::Unknown, _) => {}
                (_, Some(_)) if !row.given.is_empty() && !built.insert((&row.name, &row.given)) => {
                }
                (_, Some(expense)) => {
                    total.hours.low += expense.hours.low;
                    total.hours.high += expense.hours.high;
                    let basis = total.basis.map_or(expense.basis, |it| it.weaker(expense.basis));
                    total.basis = Some(basis);
                }
                (Cache::Leaves | Cache::MayLeave, None) => total.unknown += 1,
                (Cache::WasNotThere, None) => {}
            }
        }
        total
    }
}

/// What building takes altogether.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// The hours of all that has a figure.
    pub hours: Hours,
    /// How well the least known of them is known; `None` where nothing has a figure.
    pub basis: Option<Basis>,
    /// How many rows leave the cache and have no figure.
    pub unknown: usize,
    /// How many rows rebuild much of nixpkgs, which is in no figure.
    pub rebuilding: usize,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::NoChange => "no change",
            Kind::MetadataOnly => "metadata only",
            Kind::Wrapper => "wrapper",
            Kind::Repack => "repack",
            Kind::CheckOnly => "check only",
            Kind::Flags => "flags",
            Kind::Patch => "patch",
            Kind::Version => "version",
            Kind::Dependencies => "dependencies",
            Kind::Package => "own package",
        })
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Cache::Stays => "stays",
            Cache::Leaves => "leaves",
            Cache::MayLeave => "may leave",
            Cache::WasNotThere => "not in it",
            Cache::Unknown => "not known",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Remove => "remove",
            Verdict::Move => "move",
            Verdict::Review => "review",
            Verdict::Keep => "keep",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Outcome::Built => "built",
            Outcome::Fetched => "fetched",
            Outcome::NotNamed => "not named",
        })
    }
}
