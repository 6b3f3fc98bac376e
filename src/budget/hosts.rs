//! The machines that build: those of `frugix.toml`, and those that the tree itself has
//! configurations or profiles of. What each of them is made of is told by `machine`.

use std::collections::BTreeSet;
use std::path::Path;

use super::host::{Host, Reserved};
use super::machine::Machine;
use crate::config::{Config, HostConfig};
use crate::facts::{Facts, HostProfile, ModuleKind};
use crate::source::{FileId, Tree};

/// What a NixOS system is called that does not say its name.
const UNNAMED: &str = "nixos";

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
