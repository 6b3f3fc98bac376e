//! How many jobs of how many cores fit a machine.

use super::limit::Knob;

/// Jobs at once, and the threads each of them may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parallelism {
    /// Builds at once (`max-jobs`).
    pub jobs: u64,
    /// Threads a build may take (`cores`).
    pub cores: u64,
}

impl Parallelism {
    /// Processes that may run at once.
    pub fn processes(self) -> u64 {
        self.jobs.saturating_mul(self.cores)
    }

    /// One of the two numbers.
    pub fn of(self, knob: Knob) -> u64 {
        match knob {
            Knob::MaxJobs => self.jobs,
            Knob::Cores => self.cores,
        }
    }
}

/// What a machine has room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Processes at once; at least 1.
    pub processes: u64,
    /// Threads a single build may take; at least 1.
    pub cores: u64,
}

impl Room {
    /// The room on `threads` threads of which builds leave `reserve` alone, when processes may
    /// outnumber the threads `tolerance` times. A machine too small for its reserve still builds
    /// with one thread.
    pub fn new(threads: u32, reserve: u32, tolerance: f64) -> Room {
        // What rounding takes from a product such as 20 × 1.15 is given back before the floor.
        let processes = (tolerance * f64::from(threads) + 1e-6).floor();
        Room {
            processes: (processes as u64).max(1),
            cores: u64::from(threads.saturating_sub(reserve)).max(1),
        }
    }

    /// `current` with no more cores than there are for one build, then no more jobs than have room
    /// with that many. Never raises a number, and keeps at least one of each.
    pub fn fit(self, current: Parallelism) -> Parallelism {
        let cores = current.cores.min(self.cores).min(self.processes).max(1);
        Parallelism { jobs: current.jobs.min(self.processes / cores).max(1), cores }
    }

    /// Other ways to fit `current`, at most two: more jobs of fewer cores than [`Room::fit`] gives,
    /// the closest to it first.
    pub fn alternatives(self, current: Parallelism) -> Vec<Parallelism> {
        let first = self.fit(current);
        let mut found: Vec<Parallelism> = Vec::new();
        let mut jobs = first.jobs;
        while found.len() < 2 && jobs < current.jobs {
            jobs += 1;
            let cores = (self.processes / jobs).min(first.cores);
            if cores == 0 {
                break;
            }
            found.push(Parallelism { jobs, cores });
        }
        found
    }
}
