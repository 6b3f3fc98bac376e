//! Caches whose packages are refused for want of a key.

use super::lists::{are_together, is_overridden, rewrite};
use super::served::{Server, is_at, server_of, servers};
use super::trust::trust;
use crate::declare_rule;
use crate::facts::{CacheElement, CacheList, CacheSetting, Facts};
use crate::knowledge::{Cache, Knowledge, Row as _, cache_address, key_name};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A cache that is asked while its public key stands nowhere in the tree, or stands there with another
    /// text than the one it is known by.
    ///
    /// # Why it matters
    ///
    /// Nix takes nothing from a cache without a signature by a key in `trusted-public-keys`. Without it
    /// the cache is asked for every path, its answers are refused, and everything it has is built here. A
    /// key that was copied with a letter too few or too many is as good as none.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   nix.settings.substituters = [ "https://cache.numtide.com" ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   nix.settings.substituters = [ "https://cache.numtide.com" ];
    ///   nix.settings.trusted-public-keys = [ "niks3.numtide.com-1:DTx8wZduET09hRmMtKdQDxNNthLQETkc/yaX7M4qK0g=" ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It adds the key of a cache that frugix knows, or puts it in the place of the other text, and says
    /// where the key is known from. To trust a key
    /// is to let whoever holds it give you packages: compare it with the cache's own page first. For a
    /// cache that frugix does not know, it is only suggested where to look.
    ///
    /// # When it stays silent
    ///
    /// - The key stands in any file of the tree, or a list of keys cannot be followed.
    /// - A key of another text, where frugix does not know the cache's own: for caches it has no key of.
    /// - cache.nixos.org and its mirrors: Nix trusts their key from the start.
    /// - Caches that are neither on cachix.org nor known, for how their keys are called cannot be told;
    ///   addresses of this machine or of the local network, unless the tree itself runs the nix-serve
    ///   there; `ssh://`; addresses that cannot be followed.
    /// - `?trusted=1` in the address, and `require-sigs = false`.
    /// - A key without a cache: machines sign what they build for each other.
    /// - A key without the `=` at its end, which Nix reads all the same.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libstore/include/nix/store/globals.hh`: `trusted-public-keys`, `require-sigs`;
    ///   `src/libutil/base-n.cc`: "some sequences are missing the padding".
    /// - The caches' own pages; each key's source is printed with it.
    pub struct MissingCacheKey {
        id: "missing-cache-key",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for MissingCacheKey {
    fn meta(&self) -> &'static RuleMeta {
        const { &MissingCacheKey::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let all: Vec<CacheSetting<'_>> = cx.facts.cache_settings().collect();
        if !knows_its_keys(cx.facts, &all) {
            return;
        }
        let servers = servers(cx);
        let lists = all.iter().filter(|list| {
            list.list == CacheList::Substituters && !is_overridden(list.setting, &all)
        });
        let asked = lists.flat_map(|list| list.elements.iter().map(move |one| (list, one)));
        let found: Vec<Diagnostic> = asked
            .filter_map(|(list, element)| {
                Some(report(cx, list, element, untrusted(cx, list, element, &servers)?, &all))
            })
            .collect();
        cx.report_all(found);
    }
}

/// Whether every key of the tree is known by name, and signatures count at all.
fn knows_its_keys(facts: &Facts, all: &[CacheSetting<'_>]) -> bool {
    let is_unsigned = |path: &str| {
        let mut settings = facts.settings.iter().filter(|setting| is_at(setting, path));
        settings.any(|setting| setting.value.as_bool() != Some(true))
    };
    let mut keys = all.iter().filter(|list| list.list == CacheList::PublicKeys);
    !facts.public_keys.iter().any(|name| name == "…")
        && keys.all(|list| !list.is_open)
        && !is_unsigned("nix.settings.require-sigs")
        && !is_unsigned("nix.requireSignedBinaryCaches")
}

/// A cache of which no key is there.
enum Untrusted<'k> {
    Known(&'k Cache),
    /// Its keys are there by name, with other texts.
    Differs(&'k Cache),
    Cachix(String),
    Own(&'k str),
}

fn untrusted<'k>(
    cx: &TreeContext<'k>,
    list: &CacheSetting<'_>,
    element: &CacheElement,
    servers: &[Server<'k>],
) -> Option<Untrusted<'k>> {
    let query = element.text.split_once('?').map_or("", |(_, query)| query);
    if query.split('&').any(|part| matches!(part, "trusted=1" | "trusted=true")) {
        return None;
    }
    let address = cache_address(&element.text);
    let keys = &cx.facts.public_keys;
    let is_cachix = address.ends_with(".cachix.org") && address != "app.cachix.org";
    let by_name = |name: &String| is_cachix && name.starts_with(&format!("{address}-"));
    if let Some(cache) = cx.knowledge.cache(&element.text) {
        let is_signed = |name: &String| cache.signs_with(name) || by_name(name);
        return match keys.iter().any(is_signed) {
            _ if cache.official => None,
            false => Some(Untrusted::Known(cache)),
            true => differs(cx, cache, is_signed).then_some(Untrusted::Differs(cache)),
        };
    }
    if is_cachix {
        return (!keys.iter().any(by_name)).then(|| Untrusted::Cachix(address.to_owned()));
    }
    let server = server_of(cx, servers, list, element)?;
    let is_own = |name: &String| !is_of_another(cx.knowledge, name);
    (!keys.iter().any(is_own)).then_some(Untrusted::Own(server.name))
}

/// Whether every key of the cache that stands in the tree has another text than the one known by its
/// name.
fn differs(cx: &TreeContext<'_>, cache: &Cache, is_signed: impl Fn(&String) -> bool) -> bool {
    let is_another = |text: &&String| {
        let name = key_name(text);
        cache.keys.iter().any(|key| key_name(key) == name) && !cache.keys.contains(text)
    };
    let own: Vec<&String> = cx
        .facts
        .public_key_texts
        .iter()
        .filter(|text| is_signed(&key_name(text).to_owned()))
        .collect();
    !own.is_empty() && own.iter().all(is_another)
}

/// Whether the key called `name` is the one of some public cache.
fn is_of_another(knowledge: &Knowledge, name: &str) -> bool {
    name.contains(".cachix.org-")
        || knowledge.caches.rows().iter().any(|cache| cache.signs_with(name))
}

fn report(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    element: &CacheElement,
    cache: Untrusted<'_>,
    all: &[CacheSetting<'_>],
) -> Diagnostic {
    let mut place = element.place;
    let misnamed = match &cache {
        Untrusted::Known(cache) => other_name(cx, cache),
        _ => None,
    };
    let (message, fix) = match cache {
        Untrusted::Differs(cache) => {
            let address = cache_address(&element.text);
            let key = key_beside(list, cache, all);
            place = key.as_ref().map_or(place, |key| key.place);
            let fix = replace_key(cx, cache, key.as_ref());
            (format!("this is not the key that {address} is known to sign with"), fix)
        }
        Untrusted::Known(cache) => {
            let fix = trust_known(cx, list, cache, all);
            let address = cache_address(&element.text);
            let names: Vec<&str> = cache.keys.iter().map(|key| key_name(key)).collect();
            (format!("no key of {address} in this tree; it signs with {}", listed(&names)), fix)
        }
        Untrusted::Cachix(address) => {
            let name = address.trim_end_matches(".cachix.org");
            let title =
                format!("Add the key that https://app.cachix.org/cache/{name} shows, {address}-1");
            let message = format!("no key of {address} in this tree");
            (message, Fix::suggestion(title, Vec::new()))
        }
        Untrusted::Own(server) => (
            format!("no key in this tree can be the one that {server} signs with"),
            Fix::suggestion(
                "Make a pair with `nix key generate-secret`, and trust its public half",
                Vec::new(),
            ),
        ),
    };
    let message = match element.is_optional || list.setting.condition.is_some() {
        true => format!("{message}, if the cache is asked"),
        false => message,
    };
    let mut found = Diagnostic::new(&MissingCacheKey::META, place, message)
        .note("what the cache offers is refused for its signature, and built here");
    if place != element.place {
        found = found.related(element.place, "the cache is asked here");
    }
    if let Some(name) = misnamed {
        found = found.note(format!(
            "its key stands in this tree as {name}: Nix goes by the name that the cache signs with"
        ));
    }
    found.hosts.extend(list.setting.host.clone());
    found.fix(fix)
}

/// The name that a key of the cache has in this tree, where it is not the cache's own.
fn other_name<'f>(cx: &TreeContext<'f>, cache: &Cache) -> Option<&'f str> {
    let text = |key: &str| key.rsplit_once(':').map(|(_, text)| text.to_owned());
    let texts: Vec<String> = cache.keys.iter().filter_map(|key| text(key)).collect();
    let is_its = |key: &&String| text(key).is_some_and(|text| texts.contains(&text));
    cx.facts.public_key_texts.iter().find(is_its).map(|key| key_name(key))
}

/// The key of the cache in a list of keys: in one that is read with `list`, else in any.
fn key_beside(
    list: &CacheSetting<'_>,
    cache: &Cache,
    all: &[CacheSetting<'_>],
) -> Option<CacheElement> {
    let is_its = |element: &&CacheElement| {
        cache.keys.iter().any(|key| key_name(key) == key_name(&element.text))
    };
    let keys = || all.iter().filter(|list| list.list == CacheList::PublicKeys);
    let beside = keys().filter(|keys| are_together(keys.setting, list.setting));
    let lists = beside.chain(keys());
    lists.flat_map(|list| &list.elements).find(is_its).cloned()
}

fn replace_key(cx: &TreeContext<'_>, cache: &Cache, element: Option<&CacheElement>) -> Fix {
    let source = &cache.evidence().source;
    let name = element.map(|element| key_name(&element.text));
    let known = cache.keys.iter().find(|key| name.is_none_or(|name| key_name(key) == name));
    let known = known.map_or("its key", String::as_str);
    match element.and_then(|element| rewrite(cx, element, known)) {
        Some(edits) => {
            let why = format!(
                "whoever holds the key can give you packages; it is known from: {source}. Compare it with \
                 the cache's own page"
            );
            Fix::unsafe_because(format!("Trust {known} instead"), why, edits)
        }
        None => Fix::suggestion(format!("Trust {known} (known from: {source})"), Vec::new()),
    }
}

fn trust_known(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    cache: &Cache,
    all: &[CacheSetting<'_>],
) -> Fix {
    let keys = cache.keys.join(" ");
    let source = &cache.evidence().source;
    match trust(cx, list, all, &cache.keys) {
        Some(edits) => {
            let why = format!(
                "whoever holds the key can give you packages; it is known from: {source}. Compare it with \
                 the cache's own page"
            );
            let key = format!("the key of {}", cache.addresses.concat());
            Fix::unsafe_because(format!("Trust {keys}"), why, edits).isolated(key)
        }
        None => Fix::suggestion(format!("Trust {keys} (known from: {source})"), Vec::new()),
    }
}

/// The first of several names, for a sentence.
fn listed(names: &[&str]) -> String {
    match names {
        [] => "a key of its own".to_owned(),
        [name] => (*name).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
