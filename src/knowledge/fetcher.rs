//! Functions that fetch, and what pins them.

use serde::Deserialize;

use super::evidence::{Basis, Evidence};
use super::table::Row;

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

impl Row for FetchNames {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

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
