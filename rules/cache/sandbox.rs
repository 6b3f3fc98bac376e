//! What the sandbox of builds lets in, as the tree's system configurations say.

use crate::facts::{Facts, ModuleKind, Setting, SettingPlace, ValueFact, ValueKind};

/// The options that name folders which builds see.
const OPTIONS: [&[&str]; 4] = [
    &["nix", "settings", "extra-sandbox-paths"],
    &["nix", "settings", "sandbox-paths"],
    &["nix", "settings", "build-extra-sandbox-paths"],
    &["nix", "sandboxPaths"],
];

/// The options that turn the sandbox off.
const SWITCHES: [&[&str]; 2] = [&["nix", "settings", "sandbox"], &["nix", "useSandbox"]];

/// Whether builds see a folder.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A system configuration of the tree says so, or may say so.
    Yes,
    /// A user's configuration says so, which the daemon does not heed.
    ByUserOnly,
    /// No system configuration of the tree says so.
    No,
    /// The tree has no system configuration.
    NoSystem,
}

/// Whether builds on `host`, or on any host, see `folder`.
pub(super) fn sees(facts: &Facts, folder: &str, host: Option<&str>) -> Seen {
    let is_here = |setting: &&Setting| {
        host.is_none() || setting.host.is_none() || setting.host.as_deref() == host
    };
    let of_daemon = |setting: &&Setting| is_of_daemon(setting.place);
    let all = || facts.settings.iter().filter(is_here);
    let of = |options: &'static [&'static [&'static str]]| {
        all().filter(move |setting| options.iter().any(|option| setting.path.iter().eq(*option)))
    };
    let is_off = |setting: &Setting| match &setting.value.kind {
        ValueKind::Bool(is_on) => !is_on,
        ValueKind::Str(text) => text == "false",
        ValueKind::Unknown(_) | ValueKind::Choice(_) => true,
        _ => false,
    };
    if of(&SWITCHES).filter(of_daemon).any(is_off)
        || of(&OPTIONS).filter(of_daemon).any(|setting| may_hold(&setting.value, folder))
    {
        Seen::Yes
    } else if of(&OPTIONS).any(|setting| may_hold(&setting.value, folder)) {
        Seen::ByUserOnly
    } else if all().any(|setting| is_of_system(setting.place)) {
        Seen::No
    } else {
        Seen::NoSystem
    }
}

/// Whether every system of the tree is a Mac, whose builds run outside a sandbox unless it is asked
/// for.
pub(super) fn is_darwin_only(facts: &Facts) -> bool {
    let kinds = |wanted: ModuleKind| {
        facts.settings.iter().any(|setting| setting.place == SettingPlace::Module(wanted))
    };
    kinds(ModuleKind::Darwin) && !kinds(ModuleKind::Nixos)
}

fn is_of_daemon(place: SettingPlace) -> bool {
    match place {
        SettingPlace::Module(kind) | SettingPlace::NixConf(kind) => kind != ModuleKind::HomeManager,
        SettingPlace::FlakeNixConfig => false,
    }
}

fn is_of_system(place: SettingPlace) -> bool {
    matches!(
        place,
        SettingPlace::Module(ModuleKind::Nixos | ModuleKind::Darwin)
            | SettingPlace::NixConf(ModuleKind::Nixos | ModuleKind::Darwin)
    )
}

/// Whether one of the entries is, or for all that is known may be, `folder` or a folder around it.
fn may_hold(value: &ValueFact, folder: &str) -> bool {
    match &value.kind {
        ValueKind::Str(text) => text.split_whitespace().any(|entry| holds(entry, folder)),
        ValueKind::List(items) | ValueKind::Choice(items) => {
            items.iter().any(|item| may_hold(item, folder))
        }
        ValueKind::Package(_) | ValueKind::Path(_) | ValueKind::Set => false,
        _ => true,
    }
}

/// `/cache`, `/cache?` and `/cache=/other` let `/cache` in, with what lies in it.
fn holds(entry: &str, folder: &str) -> bool {
    let target = entry.split('=').next().unwrap_or(entry);
    let target = target.trim_end_matches('?').trim_end_matches('/');
    folder.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn an_entry_lets_in_what_lies_in_it() {
        assert!(holds("/var/cache/sccache", "/var/cache/sccache"));
        assert!(holds("/var/cache?", "/var/cache/sccache"));
        assert!(holds("/var/cache/=/tank/cache", "/var/cache"));
        assert!(!holds("/var/cache/s", "/var/cache/sccache"));
        assert!(!holds("/other=/var/cache", "/var/cache"));
    }
}
