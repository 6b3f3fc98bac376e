//! A machine that asks itself for packages.

use super::served::{Server, server_of, servers};
use crate::declare_rule;
use crate::facts::{CacheElement, CacheList, CacheSetting};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A substituter that is the machine itself, served by its own nix-serve or harmonia.
    ///
    /// # Why it matters
    ///
    /// These services hand out what lies in the machine's own store. Nix only asks caches for what does
    /// not lie there, so the answer is always no: each missing path costs a question, and a build or
    /// download waits when the service is not up. Going back to an older generation needs no cache, for
    /// it is still in the store.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   services.nix-serve = {
    ///     enable = true;
    ///     openFirewall = true;
    ///     secretKeyFile = "/var/keys/cache";
    ///   };
    ///   nix.settings.substituters = [
    ///     "http://localhost:5000"
    ///     "https://cache.nixos.org"
    ///   ];
    ///   nix.settings.trusted-public-keys = [
    ///     "box-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
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
    ///   services.nix-serve = {
    ///     enable = true;
    ///     openFirewall = true;
    ///     secretKeyFile = "/var/keys/cache";
    ///   };
    ///   nix.settings.substituters = [
    ///     "https://cache.nixos.org"
    ///   ];
    ///   nix.settings.trusted-public-keys = [
    ///     "box-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It removes the substituter, and the line that turns the service on where nothing shows that
    /// another machine reaches it: no open port, no proxy, no tunnel. Whether one does cannot be known
    /// for sure, which is why the fix is not safe.
    ///
    /// # When it stays silent
    ///
    /// - Other servers on the machine, such as attic, ncps or a proxy: they have a store of their own.
    /// - Another port than the service's: a tunnel to another machine, perhaps.
    /// - A list that several machines share, of which not all run the service.
    /// - The service serves another store than the machine's, or may not run.
    ///
    /// # Sources
    ///
    /// - nix-serve, `nix-serve.psgi`: what it answers is what is valid in the local store.
    /// - Nix, `src/libstore/build/derivation-goal.cc`: caches are asked for paths that are not valid.
    pub struct SelfSubstituter {
        id: "self-substituter",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for SelfSubstituter {
    fn meta(&self) -> &'static RuleMeta {
        const { &SelfSubstituter::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let servers = servers(cx);
        if servers.is_empty() {
            return;
        }
        let lists: Vec<CacheSetting<'_>> =
            cx.facts.cache_settings().filter(|list| list.list == CacheList::Substituters).collect();
        let asked =
            || lists.iter().flat_map(|list| list.elements.iter().map(move |one| (list, one)));
        let mut found = Vec::new();
        for (list, element) in asked() {
            let Some(server) = server_of(cx, &servers, list, element) else { continue };
            let is_everybodys_own = asked()
                .filter(|(_, other)| other.place == element.place)
                .all(|(list, other)| server_of(cx, &servers, list, other).is_some());
            if is_everybodys_own {
                found.push(report(cx, list, element, server));
            }
        }
        cx.report_all(found);
    }
}

fn report(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    element: &CacheElement,
    server: &Server<'_>,
) -> Diagnostic {
    let name = server.name;
    let message = format!("this is the machine itself: {name} can offer nothing that is not here");
    let mut found = Diagnostic::new(&SelfSubstituter::META, element.place, message)
        .note(format!(
            "{name} hands out the machine's own store, and caches are asked for what it lacks"
        ))
        .related(server.enable.key, format!("{name} is turned on here"));
    found.hosts.extend(list.setting.host.clone());
    let (title, why, edits) = match server.is_private {
        true => (
            format!("Remove it, and {name} with it"),
            format!("a machine that fetches from {name} loses its cache"),
            without_both(cx, element, server),
        ),
        false => (
            "Remove it".to_owned(),
            "the list of caches that are asked changes".to_owned(),
            without(cx, element),
        ),
    };
    found.fixes(edits.map(|edits| Fix::unsafe_because(title, why, edits)))
}

fn without(cx: &TreeContext<'_>, element: &CacheElement) -> Option<Vec<FixEdit>> {
    cx.edited(element.place.file)?.remove_element(element.place, "")
}

fn without_both(
    cx: &TreeContext<'_>,
    element: &CacheElement,
    server: &Server<'_>,
) -> Option<Vec<FixEdit>> {
    let mut edits = without(cx, element)?;
    let definition = server.enable.definition?;
    edits.extend(cx.edited(definition.file)?.remove_definition(definition)?);
    edits.sort_by_key(|edit| edit.span.sort_key());
    Some(edits)
}
