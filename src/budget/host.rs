//! The machines that build: what `frugix.toml` says of them, and what their profiles add.

use std::path::Path;

use super::suggestion::Room;
use crate::config::{Bytes, Config, HostConfig};
use crate::facts::{Facts, HostProfile, ValueKind};
use crate::source::{FileId, Tree};

/// A machine that builds.
#[derive(Clone, PartialEq, Debug)]
pub struct Host {
    /// Its name in `frugix.toml`.
    pub name: String,
    /// Hardware threads.
    pub threads: u32,
    /// Main memory.
    pub memory: Option<Bytes>,
    /// Compressed swap in memory, before compression.
    pub zram: Option<Bytes>,
    /// What builds leave alone.
    pub reserved: Reserved,
    /// How many times its threads the processes may reach.
    pub tolerance: f64,
    /// Its hardware profile, by its place in the facts.
    pub profile: Option<usize>,
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
    /// What it has room for.
    pub fn room(&self) -> Room {
        Room::new(self.threads, self.reserved.threads, self.tolerance)
    }
}

/// The hosts of `config`, sorted by name. One whose threads are not known is left out: there is
/// nothing to compare with.
pub(super) fn configured(tree: &Tree, config: &Config, facts: &Facts) -> Vec<Host> {
    let host = |(name, host): (&String, &HostConfig)| {
        let index = profile_of(tree, name, host, facts);
        let profile = index.and_then(|index| facts.profiles.get(index));
        let number = |path: &str| number(profile?, path);
        let gigabytes = |path: &str| number(path).map(Bytes::gibibytes);
        Some(Host {
            name: name.clone(),
            threads: host.threads.or_else(|| u32::try_from(number("cpu.threads")?).ok())?,
            memory: host.memory.or_else(|| gigabytes("memory.total")),
            zram: host.zram,
            reserved: Reserved {
                threads: config.reserved_threads(host),
                memory: config.reserved_memory(host),
            },
            tolerance: config.budget.tolerance,
            profile: index,
        })
    };
    config.hosts.iter().filter_map(host).filter(|host| host.threads > 0).collect()
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

/// The whole number at the dotted `path`, be it written as a string.
fn number(profile: &HostProfile, path: &str) -> Option<u64> {
    match &profile.value(path)?.kind {
        ValueKind::Int(int) => u64::try_from(*int).ok(),
        ValueKind::Str(text) => text.trim().parse().ok(),
        _ => None,
    }
}
