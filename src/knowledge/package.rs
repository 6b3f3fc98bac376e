//! Packages of which it is known what building them takes.

use serde::Deserialize;

use super::browser::{Alternative, Quote};
use super::evidence::{Basis, Evidence, Known, Range};
use super::table::{Row, row};

/// What building a package consists of.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageClass {
    /// Compiled from source.
    Compiled,
    /// A vendor's binary, unpacked and patched.
    Repacked,
    /// A wrapper over something that is compiled elsewhere.
    Wrapper,
    /// Links, copies or text.
    Trivial,
}

impl PackageClass {
    /// Whether a change of its arguments compiles anything.
    #[must_use]
    pub fn compiles(self) -> bool {
        self == PackageClass::Compiled
    }
}

/// One package and its cost.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Package {
    /// The attribute path in nixpkgs, dotted, or a family; for a package that nixpkgs lacks, its name.
    pub attr: String,
    /// Other attributes of the same cost.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Compiled, repacked, wrapper or trivial.
    pub class: PackageClass,
    /// The arguments of `.override` that leave what is compiled alone.
    #[serde(default)]
    pub cheap_arguments: Vec<String>,
    /// Its own derivation wraps what is compiled, so that `.overrideAttrs` compiles nothing.
    #[serde(default)]
    pub wraps: bool,
    /// The language that dominates the build, as `timeouts.toml` names it.
    pub language: String,
    /// Hours on four cores with eight threads.
    pub hours: Range,
    /// Peak memory with all of them, in GiB.
    pub memory_gib: Range,
    /// Whether it asks for the system feature `big-parallel`.
    #[serde(default)]
    pub big_parallel: Known,
    /// What to use instead of compiling it.
    pub alternative: Option<Alternative>,
    /// A documented figure to quote beside the estimate.
    pub quote: Option<Quote>,
    /// What an argument makes of the cost.
    #[serde(default, rename = "variant")]
    pub variants: Vec<Variant>,
    /// Whether nixpkgs itself has it. Only such a package can leave a public cache.
    #[serde(default = "yes")]
    pub stock: bool,
    /// The timeout to recommend, in seconds: above the worst case known.
    pub timeout: Option<u64>,
    /// Where this is known from.
    pub source: String,
    /// How well the figures are known.
    pub basis: Basis,
}

/// The cost when an argument is on.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Variant {
    /// The argument of `.override` that makes it.
    pub argument: String,
    /// Hours on four cores with eight threads.
    pub hours: Range,
    /// Peak memory with all of them, in GiB.
    pub memory_gib: Range,
    /// Whether a public cache has this variant.
    #[serde(default)]
    pub cached: Known,
    /// Caches that build this ([`Cache::builds`](super::Cache::builds)) may have it still.
    pub built_for: Option<String>,
    /// The timeout to recommend, in seconds, where the package's own is too short.
    pub timeout: Option<u64>,
    /// A documented figure to quote beside the estimate.
    pub quote: Option<Quote>,
    /// Where this is known from.
    pub source: String,
    /// How well the figures are known.
    pub basis: Basis,
}

/// What one build takes.
#[derive(Copy, Clone, Debug)]
pub struct Cost<'a> {
    /// Hours on four cores with eight threads.
    pub hours: Range,
    /// Peak memory with all of them, in GiB.
    pub memory_gib: Range,
    /// A documented figure to quote beside the estimate.
    pub quote: Option<&'a Quote>,
    /// Where the figures are known from.
    pub evidence: Evidence<'a>,
}

impl Package {
    /// The cost as nixpkgs builds it.
    #[must_use]
    pub fn cost(&self) -> Cost<'_> {
        Cost {
            hours: self.hours,
            memory_gib: self.memory_gib,
            quote: self.quote.as_ref(),
            evidence: self.evidence(),
        }
    }

    /// The cost with these arguments on: that of the dearest variant that one of them makes, else the
    /// plain cost.
    #[must_use]
    pub fn cost_with(&self, arguments: &[&str]) -> Cost<'_> {
        self.variant(arguments).map_or_else(|| self.cost(), Variant::cost)
    }

    /// The dearest variant that one of these arguments makes when it is on.
    #[must_use]
    pub fn variant(&self, arguments: &[&str]) -> Option<&Variant> {
        self.variants
            .iter()
            .filter(|variant| arguments.contains(&variant.argument.as_str()))
            .max_by(|a, b| a.hours.high.total_cmp(&b.hours.high))
    }

    /// The timeout to recommend with these arguments on, in seconds; none where nothing is compiled.
    #[must_use]
    pub fn timeout_with(&self, arguments: &[&str]) -> Option<u64> {
        self.variant(arguments).and_then(|variant| variant.timeout).or(self.timeout)
    }
}

impl Variant {
    fn cost(&self) -> Cost<'_> {
        Cost {
            hours: self.hours,
            memory_gib: self.memory_gib,
            quote: self.quote.as_ref(),
            evidence: Evidence { source: &self.source, basis: self.basis },
        }
    }
}

row!(Package, named attr, and by aliases);

fn yes() -> bool {
    true
}
