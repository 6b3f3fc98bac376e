//! Whose a setting is: the host that it holds on, and which of several is in force there.

use super::host::Host;
use crate::facts::{Facts, ModuleKind, Setting, SettingPlace, ValueKind};

/// Whether `setting` holds on `host`: its configuration is the host's, or nothing says whose it is
/// and there is no other host. A user's configuration whose name has no machine in it is like that.
/// What a flake says holds wherever one of its configurations is built.
pub(super) fn concerns(setting: &Setting, host: &Host) -> bool {
    let is_only = host.is_only;
    match setting.host.as_deref() {
        None if setting.place == SettingPlace::FlakeNixConfig => {
            is_only || host.flakes.contains(&setting.key.file)
        }
        None => is_only && host.of_others.binary_search(&setting.key.file).is_err(),
        Some(name) => is_of(name, module(setting.place).unwrap_or_default(), host),
    }
}

/// Whether the configuration called `name` is of `host`.
pub(super) fn is_of(name: &str, kind: ModuleKind, host: &Host) -> bool {
    name == host.name
        || match name.rsplit_once('@') {
            Some((_, machine)) => machine == host.name,
            None => host.is_only && kind == ModuleKind::HomeManager,
        }
}

/// The kind of module that a setting stands in; `None` for a flake's `nixConfig`.
pub(super) fn module(place: SettingPlace) -> Option<ModuleKind> {
    match place {
        SettingPlace::Module(kind) | SettingPlace::NixConf(kind) => Some(kind),
        SettingPlace::FlakeNixConfig => None,
    }
}

/// The setting at `path` that is in force in the system of `host`; `None` where there is none, and
/// where a condition that cannot be decided, or a contradiction, leaves it open.
pub(super) fn in_force<'f>(facts: &'f Facts, host: &Host, path: &[&str]) -> Option<&'f Setting> {
    let is_own = |setting: &&Setting| concerns(setting, host);
    let own: Vec<&Setting> = facts.settings_at(path).filter(is_own).collect();
    let best = own.iter().map(|setting| setting.priority).min()?;
    let is_strong = |setting: &&&Setting| setting.priority == best || setting.condition.is_some();
    let strongest: Vec<&Setting> = own.iter().filter(is_strong).copied().collect();
    let first = *strongest.first()?;
    let agrees =
        |setting: &&Setting| setting.condition.is_none() && setting.value.kind == first.value.kind;
    let is_known = !matches!(first.value.kind, ValueKind::Unknown(_) | ValueKind::Choice(_));
    (is_known && strongest.iter().all(agrees)).then_some(first)
}
