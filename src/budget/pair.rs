//! `max-jobs` and `cores` as they hold together on one host.

use super::host::Host;
use super::limit::{Amount, Knob, Limit};
use super::suggestion::{Parallelism, Room};

/// What holds where nothing is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defaults {
    /// NixOS and nix-darwin: as many jobs as threads, each with all of them.
    Nixos,
    /// Nix by itself: one job with every thread.
    Nix,
    /// Either of them. The smaller numbers count, and neither's are chosen.
    Unknown,
    /// A profile has none; what it leaves out is not asked of anybody.
    Profile,
}

impl Defaults {
    /// The default of `knob`.
    pub fn of(self, knob: Knob) -> Amount {
        match (self, knob) {
            (Defaults::Nixos, _) => Amount::Threads,
            (Defaults::Nix | Defaults::Unknown, Knob::Cores) => Amount::Threads,
            (Defaults::Nix | Defaults::Unknown | Defaults::Profile, _) => Amount::Count(1),
        }
    }

    /// Whether `knob` may be `amount` without anybody's doing.
    fn may_be(self, knob: Knob, amount: Amount) -> bool {
        let nixos = self == Defaults::Unknown && amount == Defaults::Nixos.of(knob);
        nixos || amount == self.of(knob)
    }
}

/// `max-jobs` and `cores` in force together on a host; `None` for one that is not set.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// The host, by its place in the budget's list.
    pub host: usize,
    /// Jobs at once.
    pub max_jobs: Option<Limit>,
    /// Threads a build may take.
    pub cores: Option<Limit>,
    /// What holds for the one that is not set.
    pub defaults: Defaults,
}

impl Pair {
    /// The definition of `knob`.
    pub fn limit(&self, knob: Knob) -> Option<&Limit> {
        match knob {
            Knob::MaxJobs => self.max_jobs.as_ref(),
            Knob::Cores => self.cores.as_ref(),
        }
    }

    /// The definitions there are.
    pub fn limits(&self) -> impl Iterator<Item = &Limit> {
        self.max_jobs.iter().chain(&self.cores)
    }

    /// How much `knob` allows, be it what holds where nothing is set.
    pub fn amount(&self, knob: Knob) -> Amount {
        self.limit(knob).map_or(self.defaults.of(knob), |limit| limit.amount)
    }

    /// Whether `knob` is set to something else than what would hold anyway.
    pub fn chooses(&self, knob: Knob) -> bool {
        self.limit(knob).is_some_and(|limit| !self.defaults.may_be(knob, limit.amount))
    }

    /// What the pair comes to on its host; `None` where that depends on threads that are not known.
    pub fn parallelism(&self, host: &Host) -> Option<Parallelism> {
        let number = |knob: Knob| self.amount(knob).on(host.thread_count());
        Some(Parallelism { jobs: number(Knob::MaxJobs)?, cores: number(Knob::Cores)? })
    }

    /// Builds go to other machines: `max-jobs = 0`.
    pub fn builds_nothing(&self) -> bool {
        self.max_jobs.as_ref().is_some_and(|limit| limit.amount == Amount::Count(0))
    }

    /// Whether somebody chose more processes at once than the host tolerates.
    pub fn exceeds_threads(&self, host: &Host) -> bool {
        let chosen = Knob::ALL.into_iter().any(|knob| self.chooses(knob));
        chosen
            && !self.builds_nothing()
            && self.on(host).is_some_and(|(now, room)| now.processes() > room.processes)
    }

    /// Whether somebody chose to let one build take more threads than the host leaves to builds.
    pub fn exceeds_cores(&self, host: &Host) -> bool {
        self.chooses(Knob::Cores)
            && !self.builds_nothing()
            && self.on(host).is_some_and(|(now, room)| now.cores > room.cores)
    }

    /// What the pair comes to, and what its host has room for.
    fn on(&self, host: &Host) -> Option<(Parallelism, Room)> {
        Some((self.parallelism(host)?, host.room()?))
    }

    /// What fits the host; `None` where nothing is built on it, or its threads are not known.
    pub fn suggestion(&self, host: &Host) -> Option<Parallelism> {
        let (now, room) = self.on(host)?;
        (!self.builds_nothing()).then(|| room.fit(now))
    }
}
