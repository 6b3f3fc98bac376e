//! Binary caches: under which addresses they are reached, and which keys they sign with.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::Basis;
use super::table::row;

/// A binary cache.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cache {
    /// What follows the scheme in its addresses, without a query and a slash at the end.
    pub addresses: Vec<String>,
    /// It is cache.nixos.org, or a mirror of it: Nix trusts its key from the start.
    #[serde(default)]
    pub official: bool,
    /// The public keys to trust for it; none where no two sources agree on one.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Further names of keys that it may be signed with.
    #[serde(default)]
    pub key_names: Vec<String>,
    /// What it builds of nixpkgs that cache.nixos.org does not: `cuda`, packages with CUDA; `unfree`,
    /// packages compiled from source under a licence that is not free but lets them be handed on.
    #[serde(default)]
    pub builds: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Cache, named by addresses);

impl Cache {
    /// Whether a key called `name` is one of its keys.
    #[must_use]
    pub fn signs_with(&self, name: &str) -> bool {
        let known = self.keys.iter().map(|key| key_name(key));
        known.chain(self.key_names.iter().map(String::as_str)).any(|known| known == name)
    }
}

/// A service that serves the machine's own store.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CacheServer {
    /// What it is called.
    pub name: String,
    /// Where its options begin, dotted.
    pub option: String,
    /// The options that turn it on, below `option`.
    pub enable: Vec<String>,
    /// The option that holds its port, or an address that ends in it.
    pub port: String,
    /// Its port where none is set.
    pub default_port: u16,
    /// Options that make it serve another store.
    pub other_store: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(CacheServer, named name);

/// Options that show that others may reach what a machine serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReachedBy {
    /// The options, dotted.
    pub options: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(ReachedBy, named by options);

impl Knowledge {
    /// The cache that a substituter names.
    #[must_use]
    pub fn cache(&self, substituter: &str) -> Option<&Cache> {
        self.caches.get(&[cache_address(substituter)])
    }

    /// Whether a substituter is cache.nixos.org or a mirror of it.
    #[must_use]
    pub fn is_official_cache(&self, substituter: &str) -> bool {
        self.cache(substituter).is_some_and(|cache| cache.official)
    }

    /// Whether the key called `name` is the one of cache.nixos.org.
    #[must_use]
    pub fn is_official_key(&self, name: &str) -> bool {
        self.caches.rows().iter().any(|cache| cache.official && cache.signs_with(name))
    }
}

/// What a substituter names besides its scheme, query and closing slash.
#[must_use]
pub fn cache_address(substituter: &str) -> &str {
    let address = substituter.split_once("://").map_or(substituter, |(_, address)| address);
    address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// The name of a public key: what stands before its colon.
#[must_use]
pub fn key_name(key: &str) -> &str {
    key.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substituter_leads_to_its_cache() {
        let known = Knowledge::builtin();
        let signed = |url: &str, key: &str| known.cache(url).is_some_and(|row| row.signs_with(key));
        assert!(signed("https://cache.numtide.com/", "niks3.numtide.com-1"));
        assert!(signed("https://cache.iog.io?priority=50", "hydra.iohk.io"));
        assert!(signed("https://attic.xuyh0120.win/lantian", "lantian"));
        assert!(known.cache("https://attic.xuyh0120.win").is_none());
        assert!(known.is_official_cache("https://mirrors.ustc.edu.cn/nix-channels/store"));
        assert!(!known.is_official_cache("https://nix-community.cachix.org"));
        assert!(known.is_official_key("cache.nixos.org-1"));
    }

    #[test]
    fn keys_are_whole() {
        for cache in Knowledge::builtin().caches.rows() {
            for key in &cache.keys {
                let (name, text) = key.split_once(':').expect("a name and a text");
                assert!(!name.is_empty() && text.len() == 44 && text.ends_with('='), "{key}");
            }
            assert!(!cache.keys.is_empty() || !cache.key_names.is_empty(), "{:?}", cache.addresses);
        }
    }

    #[test]
    fn a_cachix_cache_signs_with_its_own_name() {
        for cache in Knowledge::builtin().caches.rows() {
            for host in cache.addresses.iter().filter(|host| host.ends_with(".cachix.org")) {
                assert!(cache.signs_with(&format!("{host}-1")), "{host}");
            }
        }
    }
}
