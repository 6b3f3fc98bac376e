//! Lists that take the place of the system's, and leave cache.nixos.org out.

use super::lists::{Replacing, is_overridden, may_be_together, rename};
use crate::declare_rule;
use crate::facts::{CacheList, CacheSetting, Priority};
use crate::knowledge::key_name;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `substituters` or `trusted-public-keys` without cache.nixos.org, in home-manager's `nix.settings`
    /// or a flake's `nixConfig`.
    ///
    /// # Why it matters
    ///
    /// There the list takes the place of the system's, it does not add to it. Without cache.nixos.org
    /// nothing of nixpkgs is fetched: a change of one line builds a compiler, a browser and a kernel. For
    /// a user whom the daemon does not trust it may leave no cache at all, because those that the system
    /// does not know are dropped from the list too.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.username = "me";
    ///   nix.package = pkgs.nix;
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.extra-trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.username = "me";
    ///   nix.package = pkgs.nix;
    ///   nix.settings.extra-substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.extra-trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It puts `extra-` before the name, so that the list adds to the system's. That brings back a cache
    /// that may have been left out on purpose, which is why it is not safe.
    ///
    /// # When it stays silent
    ///
    /// - NixOS and nix-darwin: their modules' lists merge, cache.nixos.org among them.
    /// - The list has cache.nixos.org or a mirror of it, in any of the modules that make it up.
    /// - `mkForce` and an empty list are meant: then it is only information.
    /// - The list cannot be followed, or it is not known what kind of module it stands in.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libstore/daemon.cc`: what becomes of a client's `substituters`.
    /// - Nix, `src/libutil/configuration.cc`: a setting replaces the value, `extra-` adds to it.
    /// - home-manager, `modules/misc/nix/default.nix`: settings are written as they are.
    pub struct SubstitutersReplaced {
        id: "substituters-replaced",
        group: Cache,
        severity: Error,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// The priority of `mkForce`.
const FORCED: Priority = Priority(50);

impl Rule for SubstitutersReplaced {
    fn meta(&self) -> &'static RuleMeta {
        const { &SubstitutersReplaced::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let all: Vec<CacheSetting<'_>> = cx.facts.cache_settings().collect();
        let replacing = all.iter().filter(|list| {
            !list.is_extra && list.list != CacheList::TrustedSubstituters && !list.is_open
        });
        let found: Vec<Diagnostic> = replacing.filter_map(|list| report(cx, list, &all)).collect();
        cx.report_all(found);
    }
}

fn report(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    all: &[CacheSetting<'_>],
) -> Option<Diagnostic> {
    let replacing = Replacing::of(list.setting)?;
    if is_overridden(list.setting, all) || all.iter().any(|other| keeps(cx, list, other)) {
        return None;
    }
    let name = list.list.setting();
    let (whose, when) = match replacing {
        Replacing::User => ("the system's list for this user", ""),
        Replacing::Flake => ("the system's list for builds of this flake", ", once it is accepted"),
    };
    let lacks = match list.list {
        CacheList::PublicKeys => "without the key of cache.nixos.org",
        _ => "without cache.nixos.org",
    };
    let message = format!("{name} takes the place of {whose}{when}, {lacks}");
    let is_meant = list.setting.priority <= FORCED || list.elements.is_empty();
    let mut found = Diagnostic::new(&SubstitutersReplaced::META, list.setting.key, message).note(
        match list.list {
            CacheList::PublicKeys => {
                "what cache.nixos.org has is refused for its signature, and built here"
            }
            _ => "what cache.nixos.org has is not fetched, but built here",
        },
    );
    found.hosts.extend(list.setting.host.clone());
    if let Some(condition) = list.setting.condition {
        found = found.related(condition, "if this condition holds");
    }
    if is_meant {
        return Some(found.severity(Severity::Info));
    }
    Some(found.fixes(add_instead(cx, list, all)))
}

/// Whether cache.nixos.org is in `other`, or may be, and `other` is part of the same list.
fn keeps(cx: &TreeContext<'_>, list: &CacheSetting<'_>, other: &CacheSetting<'_>) -> bool {
    other.list == list.list
        && may_be_together(list.setting, other.setting)
        && (other.is_open && !other.is_extra
            || other.elements.iter().any(|element| match list.list {
                CacheList::PublicKeys => cx.knowledge.is_official_key(key_name(&element.text)),
                _ => cx.knowledge.is_official_cache(&element.text),
            }))
}

/// The fix, where nothing of the new name is there already.
fn add_instead(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    all: &[CacheSetting<'_>],
) -> Option<Fix> {
    let is_taken = all.iter().any(|other| {
        other.list == list.list && other.is_extra && may_be_together(list.setting, other.setting)
    });
    let name = format!("extra-{}", list.list.setting());
    let edits = rename(cx, list.setting, &name).filter(|_| !is_taken)?;
    let why = "it brings back a cache that may have been left out on purpose";
    Some(Fix::unsafe_because(format!("Make it {name}"), why, edits))
}
