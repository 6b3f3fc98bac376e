//! What advice weighs: gains and prices of optimisations.

use serde::Deserialize;

use super::evidence::{Basis, Evidence};
use super::memory::Lto;

/// The figures of the group advice.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Advice {
    /// mold in place of the default linker.
    pub mold: Gain,
    /// Optimisation at link time.
    pub lto: Gain,
    /// Builds that somebody has measured with it.
    pub lto_build: Vec<LtoBuild>,
    /// In how many pieces a crate is compiled.
    pub codegen_units: CodegenUnits,
    /// The heap that Node may take.
    pub node: NodeHeap,
    /// Compressed swap in memory.
    pub zram: ZramAdvice,
    /// How much is fetched at once.
    pub connections: Connections,
}

/// What something gains, and what it costs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gain {
    /// The gain, as a message says it.
    pub gain: String,
    /// The price, as a message says it; left out where it is a new hash and nothing else.
    pub price: Option<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// What a whole build takes with optimisation at link time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LtoBuild {
    /// The package, as the table of packages names it.
    pub attr: String,
    /// With thin LTO, in GiB.
    pub thin_gib: f64,
    /// With fat LTO, in GiB.
    pub fat_gib: f64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// In how many pieces a crate is compiled.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CodegenUnits {
    /// From here on they are many.
    pub many: i64,
    /// What to try instead.
    pub fewer: i64,
    /// What a build of one piece a crate takes, as a multiple of its time.
    pub one_unit_time: f64,
    /// The gain of fewer, as a message says it.
    pub gain: String,
    /// The price of fewer, as a message says it.
    pub price: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// The heap that Node may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NodeHeap {
    /// A limit for programs of ordinary size, in MiB.
    pub heap: u64,
    /// Why there should be one, as a message says it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// Compressed swap in memory.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ZramAdvice {
    /// A machine with this much memory or more does without, in GiB.
    pub memory_gib: u64,
    /// How it is best compressed.
    pub algorithm: String,
    /// Less is low, in percent of the memory.
    pub percent: i64,
    /// The gain, as a message says it.
    pub gain: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// How much Nix fetches at once unless it is told otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Connections {
    /// `http-connections`.
    pub http: i64,
    /// `max-substitution-jobs`.
    pub jobs: i64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl ZramAdvice {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

impl Connections {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

impl Advice {
    /// What somebody has measured of the package called `name` with `lto`, in GiB.
    #[must_use]
    pub fn measured(&self, name: &str, lto: Lto) -> Option<(f64, Evidence<'_>)> {
        let last = name.rsplit('.').next().unwrap_or(name);
        let row = self.lto_build.iter().find(|row| row.attr == name || row.attr == last)?;
        let gib = match lto {
            Lto::Off => return None,
            Lto::Thin => row.thin_gib,
            Lto::Fat => row.fat_gib,
        };
        Some((gib, Evidence { source: &row.source, basis: row.basis }))
    }
}

impl Gain {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

impl CodegenUnits {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

impl NodeHeap {
    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Knowledge;
    use super::*;

    #[test]
    fn figures_are_in_order_and_of_packages_that_are_known() {
        let known = Knowledge::builtin();
        let Advice { codegen_units, node, lto_build, .. } = &known.advice;
        assert!(1 < codegen_units.fewer && codegen_units.fewer < codegen_units.many);
        assert!(codegen_units.one_unit_time > 1.0 && node.heap > 0);
        for row in lto_build {
            assert!(known.package(&[&row.attr]).is_some(), "{}", row.attr);
            assert!(row.thin_gib < row.fat_gib && row.source.len() > 1, "{}", row.attr);
        }
        assert!(known.advice.measured("codex", Lto::Thin).is_some());
        assert!(known.advice.measured("codex", Lto::Off).is_none());
    }
}
