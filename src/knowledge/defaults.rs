//! Arguments of packages and the defaults they are known to have.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::evidence::{Basis, Evidence};
use super::table::row;
use super::value::DefaultValue;

/// The known defaults of one package's arguments. Defaults move between releases: a message says
/// when and where they were read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackageDefaults {
    /// The attribute path in nixpkgs, dotted.
    pub attr: String,
    /// Other attributes of the same function with the same defaults.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// From an argument to its default.
    pub arguments: BTreeMap<String, DefaultValue>,
    /// The file the defaults were read in, at its commit.
    pub source: String,
    /// How well they are known.
    pub basis: Basis,
}

row!(PackageDefaults, named attr, and by aliases);

/// A default that was found, with where it was read.
#[derive(Copy, Clone, Debug)]
pub struct KnownDefault<'a> {
    /// The value.
    pub value: &'a DefaultValue,
    /// Where it was read.
    pub evidence: Evidence<'a>,
}
