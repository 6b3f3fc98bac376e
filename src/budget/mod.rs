//! A host's CPU and memory, and what the tree lets Nix run on it at once.
//!
//! [`Budget::new`] finds the hosts and, for each, every pair of `max-jobs` and `cores`
//! that is in force on it; a [`Pair`] knows what it comes to on its host and what would fit.
//! [`Demand::new`] finds what the tree makes Nix build and what that takes. Nothing here reports:
//! rules and commands compare and say.
//!
//! # Machines
//!
//! A host is a `[host.NAME]` of `frugix.toml`, a system that the tree configures, or a machine that a
//! profile describes; a tree without a flake whose root has a `configuration.nix` is one machine. What
//! it has is told by the first of these that knows: `frugix.toml`; the profile (`cpu.threads`,
//! `memory.total`, and `memory.effectiveTotal`, which is memory with zram; in GiB, as numbers or
//! text); the report of nixos-facter that `hardware.facter.reportPath` names; and, for zram,
//! `zramSwap` with its share of the memory. Nothing else tells: `max-jobs` and `cores` may be set to
//! anything, the parameters of the kernel only bound what there is, and the cores of
//! `virtualisation` are another machine's. What is unknown stays so, and what depends on it is not
//! judged. The limits of the daemon's service hold where the memory is not known, too.
//!
//! # The model of memory
//!
//! - **What is built.** Every override that leaves the binary caches and compiles, and every
//!   derivation of the tree that compiles; each counts on the hosts whose configurations its file is
//!   part of. What is built again because it depends on an overridden library is not counted.
//! - **Phases.** A build first compiles, in several processes, and then links, once, by itself.
//! - **Processes.** As many as `cores`, unless something that the builder reads says otherwise:
//!   `NIX_BUILD_CORES` as an attribute or set in a phase, `-j` among the flags of the tool that
//!   really builds, `enableParallelBuilding`, a plain `mkDerivation` without it. What no builder
//!   reads, such as `CARGO_BUILD_JOBS` in `buildRustPackage`, counts for nothing
//!   (`rules/knowledge/knobs.toml`).
//! - **Compiling** takes processes × the memory of one, on average: the processes of one build do
//!   not reach their peaks at the same moment. The figure is that of `frugix.toml`, else of the
//!   package, else an eighth of the package's known peak, which is one in eight processes, else of
//!   the language. The heap that Node is allowed counts whole.
//! - **Linking** takes what a link takes by the kind of link-time optimisation and the linker.
//! - **Hours** in the tables are for eight processes; with fewer or more, the part of the work that
//!   the language spreads over processes takes longer or shorter, the rest as long (Amdahl's law, with
//!   shares that are estimates). Hours of `frugix.toml` are taken as they are.
//! - **The peak** of a build is the larger of the two, and as well known as the figures in it
//!   (`rules/knowledge/memory.toml`, `packages.toml`).
//! - **Order.** A build begins once everything is there that its attributes name. Where the tree says
//!   so of two of its own builds (a derivation of the tree, or what an overlay puts in the place of a
//!   package, among the inputs, the other attributes or in their text), they do not run together. What
//!   lies between them in nixpkgs, what an override adds to inputs that are not known, and what hangs
//!   on conditions, is not followed: then both may run, which is no less than the truth.
//!   `inputsFrom` of a shell brings in what packages are built with, not the packages.
//! - **The worst case** of a host is the `max-jobs` peaks that are largest together, of builds none of
//!   which waits for another: Nix starts whatever is ready, and nothing else keeps them apart. The
//!   search is exact up to 20,000 sets; past that, the order counts for nothing.
//! - **The limit** is memory and zram less the reserve, or the `MemoryMax` or `MemoryHigh` of the
//!   daemon's service where it is less. That is the most there can be: what lies in zram takes memory
//!   as well, about half its size. A second `nix build` beside the first has jobs of its own.

pub mod asked;
pub mod audit;
mod belonging;
mod build;
mod builds;
pub mod concern;
mod definitions;
mod demand;
mod figures;
mod host;
mod hosts;
pub mod kinds;
mod limit;
pub mod lost;
mod machine;
pub mod neighbours;
mod order;
mod pair;
mod plan;
mod processes;
mod profile;
mod site;
mod suggestion;
#[cfg(test)]
mod tests;
mod together;
mod told;
pub mod work;
mod worst_case;

pub use build::{Figure, IdleLimit, LocalBuild, Peak, Phase, Processes};
pub use demand::{Demand, HostDemand};
pub use host::{Host, Reserved};
pub use limit::{Amount, Knob, Limit, Writer};
pub use pair::{Defaults, Pair};
pub use plan::{Plan, plans};
pub use suggestion::{Parallelism, Room};
pub use told::{Teller, Told};
pub use worst_case::{BoundBy, MemoryLimit, WorstCase};

use crate::config::Config;
use crate::facts::{Facts, Setting};
use crate::source::{FileId, Span, Tree};

/// Whether what stands in `file` is built on `host`: it is part of one of its configurations, or it
/// cannot be told whose it is.
pub fn is_built_on(file: FileId, host: &Host, facts: &Facts) -> bool {
    demand::is_part_of(file, host, facts)
}

/// Whether `setting` holds on `host`: its configuration is the host's, or nothing says whose it is
/// and there is no other host.
pub fn holds_on(setting: &Setting, host: &Host) -> bool {
    belonging::concerns(setting, host)
}

/// The hosts, and the parallelism in force on them.
#[derive(Debug)]
pub struct Budget {
    /// Sorted by name.
    pub hosts: Vec<Host>,
    /// By host; of one host the system's pair first, then users', flakes' and the profile's.
    pub pairs: Vec<Pair>,
}

impl Budget {
    /// What `facts` say about the hosts of `config`.
    pub fn new(tree: &Tree, config: &Config, facts: &Facts) -> Budget {
        let hosts = hosts::hosts(tree, config, facts);
        let mut pairs = Vec::new();
        for (index, host) in hosts.iter().enumerate() {
            pairs.extend(definitions::pairs(index, host, facts));
            pairs.extend(profile::pair(index, host, facts));
        }
        Budget { hosts, pairs }
    }

    /// The pairs in force on the host at `index`, be it only what holds where nothing is set.
    pub fn pairs_on(&self, index: usize, facts: &Facts) -> Vec<Pair> {
        let own: Vec<Pair> = self.pairs.iter().filter(|pair| pair.host == index).cloned().collect();
        let is_of_nix = |pair: &Pair| pair.defaults != Defaults::Profile;
        if own.iter().any(is_of_nix) {
            return own;
        }
        let defaults = definitions::defaults_on(&self.hosts[index], facts);
        let unset = Pair { host: index, max_jobs: None, cores: None, defaults };
        std::iter::once(unset).chain(own).collect()
    }

    /// The host of `pair`.
    pub fn host(&self, pair: &Pair) -> &Host {
        &self.hosts[pair.host]
    }

    /// What the literal at `source` must become so that every pair that reads it as `knob` fits its
    /// host: the least of what they ask for. `None` where a pair reads it as the other setting too,
    /// for then no number is right for both.
    pub fn target(&self, source: Span, knob: Knob) -> Option<u64> {
        let is_other = |pair: &Pair| reads(pair, source, knob.other());
        if self.pairs.iter().any(is_other) {
            return None;
        }
        let readers = self.pairs.iter().filter(|pair| reads(pair, source, knob));
        readers.filter_map(|pair| self.target_of(pair, knob)).min()
    }

    /// What `knob` must become for one pair. Where others lower its cores further than it asks for,
    /// there is room for more jobs.
    fn target_of(&self, pair: &Pair, knob: Knob) -> Option<u64> {
        if pair.builds_nothing() {
            return None;
        }
        let host = self.host(pair);
        let mut current = pair.parallelism(host)?;
        if knob == Knob::MaxJobs {
            let source = pair.cores.as_ref().and_then(Limit::source);
            let shared = source.and_then(|source| self.target(source, Knob::Cores));
            current.cores = shared.unwrap_or(current.cores);
        }
        Some(host.room()?.fit(current).of(knob))
    }
}

fn reads(pair: &Pair, source: Span, knob: Knob) -> bool {
    pair.limit(knob).is_some_and(|limit| limit.source() == Some(source))
}
