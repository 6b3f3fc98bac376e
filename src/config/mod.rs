//! What the user asked for: `frugix.toml` as plain data, with places for errors.
//!
//! Nothing here knows rules; their names are kept with the place they were written at, and are
//! checked where rules are selected.

mod catalogue;
mod entry;
mod error;
mod json_schema;
mod key;
mod knowledge;
mod load;
mod location;
mod nearest;
mod pattern;
mod said;
mod schema;
mod severity;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use catalogue::{ANY, Keys, SETTINGS, Setting, Shape, TABLES, Table, Unsaid, setting_at};
pub(crate) use entry::alternatives;
pub use error::{ConfigError, Mistake, Mistakes};
pub use json_schema::{RuleName, json_schema};
pub use key::{dotted, quoted};
pub use knowledge::KnowledgeText;
pub use load::{find_config, find_config_where, is_config};
pub use location::{Located, Location};
pub use nearest::nearest;
pub use pattern::PathPattern;
pub use said::Said;
pub use semver::VersionReq;
pub use severity::{FailOn, Severity, UnknownFailOn, UnknownSeverity};
pub use units::{Bytes, Seconds, UnitError};

/// What the user asked for, with defaults where nothing was said.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Config {
    /// The files it was read from, the nearest first and those it extends after it.
    pub sources: Vec<PathBuf>,
    /// The versions of frugix it is written for. Already checked.
    pub required_version: Option<VersionReq>,
    /// The rules and groups to run instead of the default ones.
    pub select: Option<Vec<Located<String>>>,
    /// The rules and groups not to run.
    pub ignore: Vec<Located<String>>,
    /// The rules and groups to run besides.
    pub extend_select: Vec<Located<String>>,
    /// Severities by rule or group, where they differ from the rules' own.
    pub severity: Vec<(Located<String>, Severity)>,
    /// The paths that are left out of the tree, as in a `.gitignore` at its root.
    pub exclude: Vec<String>,
    /// Files longer than this are reported rather than read; 1 MiB where nothing is said.
    pub max_file_size: Option<Bytes>,
    /// Files with more brackets inside each other are reported rather than read; 400 where nothing
    /// is said, 500 at most.
    pub max_nesting: Option<u32>,
    /// Files with longer chains of operators and arguments are reported rather than read; 2000
    /// where nothing is said, 10000 at most.
    pub max_chain: Option<u32>,
    /// How far evaluation goes.
    pub evaluation: EvaluationConfig,
    /// The rules and groups whose findings are dropped in some files.
    pub per_file_ignores: Vec<(PathPattern, Vec<Located<String>>)>,
    /// The least severity that makes a run fail.
    pub fail_on: FailOn,
    /// The machines that build, by name.
    pub hosts: BTreeMap<String, HostConfig>,
    /// What may run together.
    pub budget: BudgetConfig,
    /// The policy on build timeouts, where there is one.
    pub timeouts: Option<TimeoutsConfig>,
    /// What is asked of browsers.
    pub browsers: BrowsersConfig,
    /// What is known about overrides.
    pub overrides: OverridesConfig,
    /// What is known about packages, by name.
    pub packages: BTreeMap<String, PackageConfig>,
    /// What was said to make it so and still holds, what was said first coming first. A list that
    /// adds up is there once for each place that adds to it.
    pub said: Vec<Said>,
    /// What is added to the tables of knowledge, the farthest text first.
    pub knowledge: Vec<KnowledgeText>,
}

impl Config {
    /// How many threads of a host builds leave alone: its own reserve, or else the budget's.
    pub fn reserved_threads(&self, host: &HostConfig) -> u32 {
        host.reserve.threads.unwrap_or(self.budget.reserve_threads)
    }

    /// How much of a host's memory builds leave alone: its own reserve, or else the budget's.
    pub fn reserved_memory(&self, host: &HostConfig) -> Bytes {
        host.reserve.memory.unwrap_or(self.budget.reserve_memory)
    }
}

/// A machine that builds. What is not said here is taken from its profile in the tree.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HostConfig {
    /// Hardware threads.
    pub threads: Option<u32>,
    /// Main memory.
    pub memory: Option<Bytes>,
    /// The size of compressed swap in memory, before compression.
    pub zram: Option<Bytes>,
    /// What builds leave alone.
    pub reserve: Reserve,
    /// The hardware profile in the tree: the path as written, behind the folder of the file that
    /// says so.
    pub profile: Option<Located<PathBuf>>,
}

/// What builds leave alone on one host.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reserve {
    /// Hardware threads.
    pub threads: Option<u32>,
    /// Main memory.
    pub memory: Option<Bytes>,
}

/// How far evaluation goes before it is given up; as far as is usual where nothing is said.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct EvaluationConfig {
    /// Expressions evaluated for one question.
    pub steps: Option<u32>,
    /// Values evaluated inside each other.
    pub depth: Option<u32>,
    /// Values remembered of one configuration.
    pub values: Option<u32>,
    /// Elements of a list.
    pub elements: Option<u32>,
    /// The length of a string.
    pub text: Option<Bytes>,
    /// Option definitions looked at in one module.
    pub definitions: Option<u32>,
}

/// What may run together.
#[derive(Clone, PartialEq, Debug)]
pub struct BudgetConfig {
    /// How many times a host's threads max-jobs × cores may reach.
    pub tolerance: f64,
    /// Threads that builds leave alone, on hosts that do not say otherwise.
    pub reserve_threads: u32,
    /// Memory that builds leave alone, on hosts that do not say otherwise.
    pub reserve_memory: Bytes,
    /// The most memory that a single build should take; without it, what a host has besides its
    /// reserve.
    pub package_memory: Option<Bytes>,
}

impl Default for BudgetConfig {
    fn default() -> BudgetConfig {
        BudgetConfig {
            tolerance: 1.5,
            reserve_threads: 2,
            reserve_memory: Bytes::gibibytes(2),
            package_memory: None,
        }
    }
}

/// The policy on build timeouts.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TimeoutsConfig {
    /// Which derivations must have one.
    pub require: RequireTimeouts,
    /// How a derivation says it.
    pub style: TimeoutStyle,
    /// The timeout of a package that no table knows.
    pub default: Option<Seconds>,
}

/// Which derivations must have a timeout.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default)]
pub enum RequireTimeouts {
    /// All, where the tree or the configuration shows that its owner cares; else none.
    #[default]
    Auto,
    /// None.
    None,
    /// Those that build for more than an hour.
    Heavy,
    /// Every one that compiles.
    All,
}

/// How a derivation says its timeout.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default)]
pub enum TimeoutStyle {
    /// As `meta.timeout`.
    #[default]
    Meta,
    /// As `meta.timeout`, and as an attribute that Nix does not read.
    AttrAndMeta,
}

/// What is asked of browsers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BrowsersConfig {
    /// Whether even a cheap override of a browser is a warning.
    pub forbid_overrides: bool,
}

/// What is known about overrides.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OverridesConfig {
    /// The packages whose overrides are wanted.
    pub keep: Vec<String>,
    /// Whether `keep` was written, be it empty: then every other override is to be reviewed.
    pub reviewed: bool,
}

/// What is known about one package.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PackageConfig {
    /// How long its build may take.
    pub timeout: Option<Seconds>,
    /// What one of the processes of its build takes on average.
    pub memory_per_process: Option<Bytes>,
    /// How many processes its build runs at once, whatever the settings say.
    pub processes: Option<u32>,
    /// The most memory its build takes, whatever it runs.
    pub peak: Option<Bytes>,
    /// How long its build takes, in hours.
    pub hours: Option<Hours>,
}

/// From a low to a high number of hours.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Hours {
    /// Under good conditions.
    pub low: f64,
    /// At worst.
    pub high: f64,
}
