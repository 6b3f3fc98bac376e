//! The web page of a Cachix cache in the place of the cache.

use super::lists::rewrite;
use crate::declare_rule;
use crate::facts::{CacheElement, CacheList, CacheSetting};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A substituter that is the web page of a Cachix cache, not the cache.
    ///
    /// # Why it matters
    ///
    /// Nix asks that address for `nix-cache-info`, gets a web page, and does without the cache: what it
    /// has is built here.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// {
    ///   nix.settings.substituters = [ "https://app.cachix.org/cache/nix-community" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// {
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes the address of the cache where the string is written. That is safe: what the cache has
    /// is what would be built here, under the same hashes.
    ///
    /// # When it stays silent
    ///
    /// Where the list of substituters, or the address in it, cannot be followed.
    ///
    /// # Sources
    ///
    /// - Cachix, documentation, "Getting started": the address of a cache is `https://NAME.cachix.org`.
    /// - Nix, `src/libstore/http-binary-cache-store.cc`: a cache is asked for `nix-cache-info` first.
    pub struct CachixUiUrl {
        id: "cachix-ui-url",
        group: Cache,
        severity: Error,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

/// What the addresses of caches' pages begin with, after the scheme.
const PAGE: &str = "app.cachix.org/cache/";

impl Rule for CachixUiUrl {
    fn meta(&self) -> &'static RuleMeta {
        const { &CachixUiUrl::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let settings = cx.facts.cache_settings();
        let caches = settings.filter(|setting| setting.list != CacheList::PublicKeys);
        let found: Vec<Diagnostic> = caches
            .flat_map(|caches| {
                let elements = caches.elements.iter();
                elements.filter_map(|element| report(cx, &caches, element)).collect::<Vec<_>>()
            })
            .collect();
        cx.report_all(found);
    }
}

fn report(
    cx: &TreeContext<'_>,
    caches: &CacheSetting<'_>,
    element: &CacheElement,
) -> Option<Diagnostic> {
    let name = cache_of_page(&element.text)?;
    let message = format!("this is the web page of the cache {name}, not the cache");
    let mut found = Diagnostic::new(&CachixUiUrl::META, element.place, message)
        .note("Nix gets a page for people from it, and no package");
    found.hosts.extend(caches.setting.host.clone());
    let address = format!("https://{name}.cachix.org");
    let edits = rewrite(cx, element, &address);
    Some(found.fixes(edits.map(|edits| Fix::safe(format!("Write {address}"), edits))))
}

/// The name of the cache of which `address` is the page.
fn cache_of_page(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let name = rest.strip_prefix(PAGE)?.split(['/', '?', '#']).next()?;
    let is_name = |name: &str| name.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    (!name.is_empty() && is_name(name)).then_some(name)
}
