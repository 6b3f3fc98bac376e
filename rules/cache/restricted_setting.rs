//! Settings of a user that the daemon does not take from users.

use std::collections::HashSet;

use super::served::is_at;
use crate::declare_rule;
use crate::facts::{CacheList, CacheSetting, Facts, ModuleKind, Setting, SettingPlace, ValueKind};
use crate::knowledge::cache_address;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::{FileId, Span};

declare_rule! {
    /// # What it flags
    ///
    /// A setting in home-manager's `nix.settings` that the Nix daemon takes only from users it trusts.
    ///
    /// # Why it matters
    ///
    /// The daemon builds, fetches and collects garbage with its own settings. Of what a user's nix.conf
    /// says it takes `max-jobs`, `cores`, `timeout` and a few more from everybody; keys, further caches,
    /// the sandbox or the store's upkeep only from trusted users. From others they are dropped with a
    /// warning, and a cache that was meant to spare builds spares none.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.username = "me";
    ///   nix.package = pkgs.nix;
    ///   nix.settings.auto-optimise-store = true;
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   system.stateVersion = "25.05";
    ///   nix.settings.auto-optimise-store = true;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It is suggested to set it in the system's configuration. Making the user a trusted one is not: it
    /// is as good as making them root.
    ///
    /// # When it stays silent
    ///
    /// - The user is root, or the tree says who is trusted, and it is not root alone. `trusted-users` and
    ///   `allowed-users` are told of even then: they are no settings that a client may send, however far
    ///   it is trusted, so that in home-manager they do nothing at all.
    /// - Settings of the evaluator and of the user's own client, such as `experimental-features`, and
    ///   those that the daemon takes from everybody.
    /// - Caches that the system's configuration in the tree knows, and cache.nixos.org. Of others the
    ///   daemon says "ignoring untrusted substituter": to it the list is a setting like the rest.
    /// - It is not known that the module is one of home-manager, or a system reads it, too.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libstore/daemon.cc`, `ClientSettings::apply`: what is taken from whom.
    /// - Nix, `src/nix/unix/daemon.cc`, `AuthorizationSettings`: who is trusted and allowed.
    /// - Nix manual, `trusted-users`: "essentially equivalent to giving that user root access".
    pub struct RestrictedSetting {
        id: "restricted-setting",
        group: Cache,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for RestrictedSetting {
    fn meta(&self) -> &'static RuleMeta {
        const { &RestrictedSetting::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let is_trusted = trusts_someone(cx.facts);
        let caches: Vec<CacheSetting<'_>> = cx.facts.cache_settings().collect();
        let roots = Roots::of(cx.facts);
        let of_systems: HashSet<Span> = cx
            .facts
            .settings
            .iter()
            .filter(|setting| setting_of_nix(setting).is_some() && !is_of_a_user(setting))
            .map(|setting| setting.key)
            .collect();
        let of_users = cx.facts.settings.iter().filter_map(|setting| {
            let name = setting_of_nix(setting)?;
            let is_theirs =
                is_of_a_user(setting) && !roots.own(setting) && !of_systems.contains(&setting.key);
            is_theirs.then_some((name, setting))
        });
        let found: Vec<Diagnostic> = of_users
            .filter_map(|(name, setting)| report(cx, name, setting, &caches, is_trusted))
            .collect();
        cx.report_all(found);
    }
}

fn is_of_a_user(setting: &Setting) -> bool {
    matches!(
        setting.place,
        SettingPlace::Module(ModuleKind::HomeManager)
            | SettingPlace::NixConf(ModuleKind::HomeManager)
    )
}

/// Whether a system of the tree trusts anybody but root.
fn trusts_someone(facts: &Facts) -> bool {
    const OPTIONS: [&str; 3] =
        ["nix.settings.trusted-users", "nix.settings.extra-trusted-users", "nix.trustedUsers"];
    facts.settings.iter().any(|setting| {
        !is_of_a_user(setting)
            && OPTIONS.iter().any(|option| is_at(setting, option))
            && !is_root_alone(&setting.value.kind)
    })
}

fn is_root_alone(users: &ValueKind) -> bool {
    match users {
        ValueKind::List(users) => users.iter().all(|user| is_root_alone(&user.kind)),
        ValueKind::Str(users) => users.split_whitespace().all(|user| user == "root"),
        _ => false,
    }
}

/// The name of a setting of Nix.
fn setting_of_nix(setting: &Setting) -> Option<&str> {
    match &setting.path[..] {
        [nix, settings, name] if nix == "nix" && settings == "settings" => Some(name),
        _ => None,
    }
}

/// Where home-manager looks after the home of root.
#[derive(Default)]
struct Roots<'f> {
    files: HashSet<FileId>,
    hosts: HashSet<&'f str>,
}

impl<'f> Roots<'f> {
    fn of(facts: &'f Facts) -> Roots<'f> {
        let mut roots = Roots::default();
        let names = facts.settings.iter().filter(|setting| is_at(setting, "home.username"));
        for name in names.filter(|name| name.value.as_str() == Some("root")) {
            roots.files.insert(name.key.file);
            roots.hosts.extend(name.host.as_deref());
        }
        roots
    }

    /// Whether `setting` is of root's home.
    fn own(&self, setting: &Setting) -> bool {
        let of_host = |host: &str| host == "root" || self.hosts.contains(host);
        setting.host.as_deref().is_some_and(of_host) || self.files.contains(&setting.key.file)
    }
}

fn report(
    cx: &TreeContext<'_>,
    name: &str,
    setting: &Setting,
    caches: &[CacheSetting<'_>],
    is_trusted: bool,
) -> Option<Diagnostic> {
    let row = cx.knowledge.restricted_setting(name);
    let always = row.is_some_and(|row| row.always);
    if is_trusted && !always {
        return None;
    }
    let what = match row {
        Some(_) if always => format!("{name} is read from the system's nix.conf alone"),
        Some(_) => format!("{name} is ignored for a user whom the daemon does not trust"),
        None => {
            let list = caches.iter().find(|list| std::ptr::eq(list.setting, setting))?;
            let unknown = unknown_caches(cx, list, caches)?;
            format!("{unknown} is not asked for a user whom the daemon does not trust")
        }
    };
    let note = match always {
        true => "the daemon asks nobody but its own configuration who may do what",
        false => {
            "nothing in this tree says that the user is trusted; where they are, or where Nix runs without a daemon, it counts"
        }
    };
    let mut found = Diagnostic::new(&RestrictedSetting::META, setting.key, what).note(note);
    found.hosts.extend(setting.host.clone());
    let title = format!(
        "Set it for the system: nix.settings.{name} in NixOS and nix-darwin, /etc/nix/nix.conf elsewhere"
    );
    Some(found.fix(Fix::suggestion(title, Vec::new())))
}

/// The caches of a user's list that no system of the tree offers; `None` where there is none, or where
/// that cannot be known.
fn unknown_caches(
    cx: &TreeContext<'_>,
    list: &CacheSetting<'_>,
    caches: &[CacheSetting<'_>],
) -> Option<String> {
    if list.list != CacheList::Substituters {
        return None;
    }
    let of_systems = || {
        let lists = caches.iter().filter(|list| list.list != CacheList::PublicKeys);
        lists.filter(|list| !is_of_a_user(list.setting))
    };
    let of_systems =
        || of_systems().filter(|list| list.setting.place != SettingPlace::FlakeNixConfig);
    if of_systems().any(|list| list.is_open) {
        return None;
    }
    let is_offered = |address: &str| {
        let mut offered = of_systems().flat_map(|list| &list.elements);
        offered.any(|element| cache_address(&element.text) == address)
    };
    let addresses = list.elements.iter().filter(|one| !cx.knowledge.is_official_cache(&one.text));
    let unknown: Vec<&str> = addresses
        .map(|element| cache_address(&element.text))
        .filter(|address| !is_offered(address))
        .collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}
