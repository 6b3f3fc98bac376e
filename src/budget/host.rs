//! The machines that build: those of `frugix.toml`, and those that the tree itself has
//! configurations or profiles of. What each of them is made of is told by `machine`.

use std::collections::BTreeSet;
use std::path::Path;

use super::machine::{Machine, Told};
use super::suggestion::Room;
use crate::config::{Bytes, Config, HostConfig};
use crate::facts::{Facts, HostProfile, ModuleKind, Setting, ValueKind};
use crate::source::{FileId, Tree};

/// What a NixOS system is called that does not say its name.
const UNNAMED: &str = "nixos";

/// A machine that builds.
#[derive(Clone, PartialEq, Debug)]
pub struct Host {
    /// Its name: in `frugix.toml`, else that of its configuration or profile.
    pub name: String,
    /// `frugix.toml` has a `[host.NAME]` for it.
    pub is_configured: bool,
    /// Hardware threads; `None` where nothing tells.
    pub threads: Option<Told<u32>>,
    /// Main memory; `None` where nothing tells.
    pub memory: Option<Told<Bytes>>,
    /// Compressed swap in memory, before compression; `None` where there is none, or nothing tells.
    pub zram: Option<Told<Bytes>>,
    /// What builds leave alone.
    pub reserved: Reserved,
    /// How many times its threads the processes may reach.
    pub tolerance: f64,
    /// Its hardware profile, by its place in the facts.
    pub profile: Option<usize>,
    /// What belongs to no configuration is this host's, since there is no other.
    pub is_only: bool,
    /// Files that no configuration imports and that lie with another machine's: what they say is not
    /// this host's.
    pub of_others: Vec<FileId>,
    /// The flakes that have its configurations among their outputs.
    pub flakes: Vec<FileId>,
}

/// What builds leave alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reserved {
    /// Hardware threads.
    pub threads: u32,
    /// Main memory.
    pub memory: Bytes,
}

impl Host {
    /// What it has room for; `None` where its threads are not known.
    pub fn room(&self) -> Option<Room> {
        Some(Room::new(self.threads?.value, self.reserved.threads, self.tolerance))
    }

    /// Its threads, where they are known.
    pub fn thread_count(&self) -> Option<u64> {
        self.threads.map(|threads| u64::from(threads.value))
    }
}

/// Every host, sorted by name: those of `config`, those with a system's configuration in the tree,
/// those that a profile describes.
pub(super) fn hosts(tree: &Tree, config: &Config, facts: &Facts) -> Vec<Host> {
    let unnamed = HostConfig::default();
    let mut names: BTreeSet<&str> = config.hosts.keys().map(String::as_str).collect();
    names.extend(facts.configurations.iter().filter(|it| is_system(it.kind)).map(|it| &*it.host));
    names.extend(unclaimed_profiles(tree, config, facts));
    let alone = names.is_empty().then(|| machine_without_flake(tree, facts)).flatten();
    names.extend(alone);
    let host = |name: &str| {
        let own = config.hosts.get(name);
        let said = own.unwrap_or(&unnamed);
        let profile = profile_of(tree, name, said, facts);
        let is_only = match own {
            Some(_) => config.hosts.len() == 1,
            None => alone == Some(name),
        };
        let flakes = facts.configurations.iter().filter(|it| it.host == name);
        let mut host = Host {
            name: name.to_owned(),
            is_configured: own.is_some(),
            threads: None,
            memory: None,
            zram: None,
            reserved: Reserved {
                threads: config.reserved_threads(said),
                memory: config.reserved_memory(said),
            },
            tolerance: config.budget.tolerance,
            profile,
            is_only,
            of_others: if is_only { of_others(tree, name, facts) } else { Vec::new() },
            flakes: flakes.filter_map(|it| it.flake).collect(),
        };
        let machine = Machine { host: &host, said, tree, facts };
        let (threads, memory) = (machine.threads(), machine.memory());
        let zram = machine.zram(memory.map(|memory| memory.value));
        (host.threads, host.memory, host.zram) = (threads, memory, zram);
        host
    };
    names.into_iter().map(host).collect()
}

/// The names in profiles that no host of `config` takes for its own.
fn unclaimed_profiles<'f>(
    tree: &Tree,
    config: &Config,
    facts: &'f Facts,
) -> impl Iterator<Item = &'f str> {
    let paths = config.hosts.values().filter_map(|host| host.profile.as_ref());
    let claimed: Vec<FileId> = paths.filter_map(|path| file_named(tree, &path.value)).collect();
    let is_free = move |profile: &&HostProfile| !claimed.contains(&profile.file);
    facts.profiles.iter().filter(is_free).filter_map(|profile| profile.hostname.as_deref())
}

fn is_system(kind: ModuleKind) -> bool {
    matches!(kind, ModuleKind::Nixos | ModuleKind::Darwin)
}

/// The name of the one machine that a tree without a flake configures: what its modules say, else
/// what NixOS calls a system without a name. `None` where there is no `configuration.nix` to begin
/// with, or several machines may be meant.
fn machine_without_flake<'f>(tree: &Tree, facts: &'f Facts) -> Option<&'f str> {
    let is_there = |name: &str| tree.file_at(Path::new(name)).is_some();
    if is_there("flake.nix") || !is_there("configuration.nix") {
        return None;
    }
    let names =
        facts.settings_at(&["networking", "hostName"]).map(|setting| setting.value.as_str());
    let names: BTreeSet<Option<&str>> = names.collect();
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [] => Some(UNNAMED),
        [Some(name)] if !name.is_empty() => Some(name),
        _ => None,
    }
}

/// The files of loose modules that lie in folders of machines other than the one called `name`, sorted:
/// in those that hold one name of a machine, and another one, where the tree holds several.
fn of_others(tree: &Tree, name: &str, facts: &Facts) -> Vec<FileId> {
    let loose = || facts.settings.iter().filter(|setting| setting.host.is_none());
    let named = facts.settings_at(&["networking", "hostName"]).filter(|it| it.host.is_none());
    let named: Vec<(&Path, &str)> = named
        .filter_map(|it| Some((tree.path(it.key.file).parent()?, it.value.as_str()?)))
        .collect();
    let names = |within: &Path| -> BTreeSet<&str> {
        named.iter().filter(|(folder, _)| folder.starts_with(within)).map(|(_, it)| *it).collect()
    };
    if names(Path::new("")).len() < 2 {
        return Vec::new();
    }
    let is_other = |folder: &Path| {
        let names = names(folder);
        names.len() == 1 && !names.contains(name)
    };
    let others: Vec<&Path> =
        named.iter().map(|(folder, _)| *folder).filter(|folder| is_other(folder)).collect();
    let is_there = |file: &FileId| others.iter().any(|folder| tree.path(*file).starts_with(folder));
    let files: BTreeSet<FileId> =
        loose().map(|setting| setting.key.file).filter(is_there).collect();
    files.into_iter().collect()
}

/// The profile that the host names, else the one that names the host.
fn profile_of(tree: &Tree, name: &str, host: &HostConfig, facts: &Facts) -> Option<usize> {
    match &host.profile {
        Some(path) => {
            let file = file_named(tree, &path.value)?;
            facts.profiles.iter().position(|profile| profile.file == file)
        }
        None => {
            let named = |profile: &HostProfile| profile.hostname.as_deref() == Some(name);
            facts.profiles.iter().position(named)
        }
    }
}

/// The file of the tree that a path of the configuration means: on this machine, or, for a tree
/// that is on no machine, relative to its root.
fn file_named(tree: &Tree, path: &Path) -> Option<FileId> {
    let here = tree.relative(path).and_then(|path| tree.file_at(&path));
    here.or_else(|| tree.file_at(path))
}

/// The setting at `path` that is in force in the system of `host`; `None` where there is none, and
/// where a condition that cannot be decided, or a contradiction, leaves it open.
pub(super) fn in_force<'f>(facts: &'f Facts, host: &Host, path: &[&str]) -> Option<&'f Setting> {
    let is_own = |setting: &&Setting| super::definitions::concerns(setting, host);
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
