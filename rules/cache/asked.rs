//! Caches that a tree asks for what cache.nixos.org does not build.

use super::lists::is_overridden;
use crate::facts::{CacheList, CacheSetting};
use crate::knowledge::Cache;
use crate::lint::TreeContext;

/// Whether a tree asks a cache that builds something.
pub(super) enum Asked<'k> {
    /// It does, and trusts the cache's key.
    Yes(&'k Cache),
    /// It cannot be told: some cache or key is not known.
    Perhaps,
    /// It does not.
    No,
}

/// Whether the tree asks a cache that builds `what`, as [`Cache::builds`] names it.
pub(super) fn asked<'k>(cx: &TreeContext<'k>, what: &str) -> Asked<'k> {
    let all: Vec<CacheSetting<'_>> = cx.facts.cache_settings().collect();
    let lists = || {
        let in_force = |list: &&CacheSetting<'_>| !is_overridden(list.setting, &all);
        all.iter().filter(in_force).filter(|list| list.list == CacheList::Substituters)
    };
    let elements = lists().flat_map(|list| &list.elements);
    let mut caches = elements.filter_map(|element| cx.knowledge.cache(&element.text));
    let has_it = |cache: &&Cache| cache.builds.iter().any(|built| built == what);
    match caches.find(|cache| has_it(cache) && is_trusted(cx, cache)) {
        Some(cache) => Asked::Yes(cache),
        None if lists().any(|list| list.is_open) => Asked::Perhaps,
        None => Asked::No,
    }
}

/// A cache that builds `what`, to propose: the first of the table that has a key.
pub(super) fn proposed<'k>(cx: &TreeContext<'k>, what: &str) -> Option<&'k Cache> {
    let has_it = |cache: &&Cache| cache.builds.iter().any(|built| built == what);
    cx.knowledge.caches.rows().iter().filter(has_it).find(|cache| !cache.keys.is_empty())
}

/// Whether a key of the cache, or what may be one, stands in the tree.
fn is_trusted(cx: &TreeContext<'_>, cache: &Cache) -> bool {
    let is_its = |name: &String| name == "…" || cache.key_names.contains(name);
    cx.facts.public_keys.iter().any(is_its)
        || cx.facts.public_key_texts.iter().any(|key| cache.keys.contains(key))
}
