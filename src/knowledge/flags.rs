//! Variables that hold flags of compilers.

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;

/// What becomes of a flag that asks for the CPU of the machine that builds.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeFlag {
    /// It reaches the compiler.
    Kept,
    /// The wrapper around the compiler takes it out.
    Dropped,
}

/// A variable, or several of the same kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FlagVariable {
    /// The variable.
    pub name: String,
    /// Others of the same kind.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What becomes of `-march=native` and its like in it.
    pub native: NativeFlag,
    /// How a message says it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(FlagVariable, named name, and by aliases);
