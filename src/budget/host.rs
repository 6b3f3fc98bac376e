//! A machine that builds, and what it has.

use super::suggestion::Room;
use super::told::Told;
use crate::config::Bytes;
use crate::source::FileId;

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
