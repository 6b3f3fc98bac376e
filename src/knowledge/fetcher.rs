//! Functions that fetch, and what pins them.

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;

/// Functions that fetch, or names that have to do with them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchNames {
    /// The names.
    pub names: Vec<String>,
    /// Arguments of which one is enough to always get the same.
    #[serde(default)]
    pub pins: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(FetchNames, named by names);

/// What is known of fetching.
#[derive(Clone, Debug)]
pub struct Fetching {
    /// Functions of Nix itself.
    pub builtins: super::Table<FetchNames>,
    /// Functions of nixpkgs.
    pub fetchers: super::Table<FetchNames>,
    /// What only branches are called.
    pub branches: super::Table<FetchNames>,
}
