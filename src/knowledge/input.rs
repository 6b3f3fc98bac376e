//! Flakes that have a cache of their own.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::Basis;
use super::table::row;

/// Flakes whose packages a cache has, as long as they keep their own nixpkgs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CachedInput {
    /// Their repositories on GitHub, `owner/name` in small letters.
    pub repositories: Vec<String>,
    /// The caches, by address.
    pub caches: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(CachedInput, named by repositories);

impl Knowledge {
    /// What is known of the cache of a flake, by its owner and repository.
    #[must_use]
    pub fn cached_input(&self, owner: &str, repository: &str) -> Option<&CachedInput> {
        let name = format!("{owner}/{repository}").to_ascii_lowercase();
        self.cached_inputs.get(&[&name])
    }
}
