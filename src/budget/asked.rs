//! Caches that a tree asks for what cache.nixos.org does not build.

use super::work;
use crate::facts::{CacheList, CacheSetting, Change, Facts, OverrideSite, Package, Setting};
use crate::knowledge::{self, Cache, Knowledge};

/// Whether a tree asks a cache that builds something.
pub enum Asked<'k> {
    /// It does, and trusts the cache's key.
    Yes(&'k Cache),
    /// It cannot be told: some cache or key is not known.
    Perhaps,
    /// It does not.
    No,
}

/// Whether the tree asks a cache that builds `what`, as [`Cache::builds`] names it.
pub fn asked<'k>(knowledge: &'k Knowledge, facts: &Facts, what: &str) -> Asked<'k> {
    let all: Vec<CacheSetting<'_>> = facts.cache_settings().collect();
    let lists = || {
        let in_force = |list: &&CacheSetting<'_>| !is_overridden(list.setting, &all);
        all.iter().filter(in_force).filter(|list| list.list == CacheList::Substituters)
    };
    let elements = lists().flat_map(|list| &list.elements);
    let mut caches = elements.filter_map(|element| knowledge.cache(&element.text));
    let has_it = |cache: &&Cache| cache.builds.iter().any(|built| built == what);
    match caches.find(|cache| has_it(cache) && is_trusted(facts, cache)) {
        Some(cache) => Asked::Yes(cache),
        None if lists().any(|list| list.is_open) => Asked::Perhaps,
        None => Asked::No,
    }
}

/// A cache that builds `what`, to propose: the first of the table that has a key.
pub fn proposed<'k>(knowledge: &'k Knowledge, what: &str) -> Option<&'k Cache> {
    let has_it = |cache: &&Cache| cache.builds.iter().any(|built| built == what);
    knowledge.caches.rows().iter().filter(has_it).find(|cache| !cache.keys.is_empty())
}

/// Whether a key of the cache, or what may be one, stands in the tree.
fn is_trusted(facts: &Facts, cache: &Cache) -> bool {
    let is_its = |name: &String| name == "…" || cache.key_names.contains(name);
    facts.public_keys.iter().any(is_its)
        || facts.public_key_texts.iter().any(|key| cache.keys.contains(key))
}

/// Whether two settings surely end up in one file.
pub fn are_together(one: &Setting, other: &Setting) -> bool {
    one.place == other.place
        && match (&one.host, &other.host) {
            (Some(one), Some(other)) => one == other,
            (None, None) => one.key.file == other.key.file,
            _ => false,
        }
}

/// Whether a stronger definition takes the place of `setting`, one with `mkForce` for instance.
pub fn is_overridden(setting: &Setting, all: &[CacheSetting<'_>]) -> bool {
    all.iter().any(|other| {
        other.setting.path == setting.path
            && other.setting.priority < setting.priority
            && other.setting.condition.is_none()
            && are_together(other.setting, setting)
    })
}

/// What a cache has to build to have the package as `chain` wants it, as [`Cache::builds`] names it;
/// `None` where more is changed than a variant that such caches build.
pub fn variant<'k>(
    knowledge: &'k Knowledge,
    chain: &[&OverrideSite],
    package: &Package,
) -> Option<&'k str> {
    let row = knowledge.package(&package.lookup_path())?;
    let changes = chain.iter().flat_map(|site| &site.changes);
    let all = changes.filter(|change| !work::may_be_default(knowledge, package, change));
    let variants: Option<Vec<&str>> = all.map(|change| variant_of(row, change)).collect();
    variants?.first().copied()
}

/// The caches' word for the variant that `change` turns on: by `true`, or by that very word.
fn variant_of<'k>(row: &'k knowledge::Package, change: &Change) -> Option<&'k str> {
    let what = row.variant(&[&change.name])?.built_for.as_deref()?;
    (change.value.as_bool() == Some(true) || change.value.as_str() == Some(what)).then_some(what)
}
