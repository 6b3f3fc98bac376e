//! Which numbers would fit a machine and what is built on it, best first.

use super::demand::HostDemand;
use super::host::Host;
use super::suggestion::Parallelism;
use super::worst_case::WorstCase;

/// How many are worth showing.
const SHOWN: usize = 3;

/// More threads than a machine has; each number up to it is tried.
const MOST_THREADS: u64 = 4096;

/// Numbers that fit.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The numbers.
    pub parallelism: Parallelism,
    /// The most that may run together with them.
    pub worst_case: WorstCase,
}

/// The plans that neither the CPU's tolerance nor the memory speaks against: those that keep the
/// most processes busy first, and of these the ones whose single builds are done soonest. Where the
/// memory is not known, only the CPU counts; where the threads are not, there are none.
pub fn plans(host: &Host, demand: &HostDemand) -> Vec<Plan> {
    let (Some(room), Some(threads)) = (host.room(), host.thread_count()) else {
        return Vec::new();
    };
    let most_cores = |jobs: u64| {
        let fits = |cores: &u64| demand.fits(Parallelism { jobs, cores: *cores }).unwrap_or(true);
        (1..=room.cores.min(room.processes / jobs).min(MOST_THREADS)).rev().find(fits)
    };
    let jobs = 1..=room.processes.min(threads).min(MOST_THREADS);
    let mut found: Vec<Parallelism> =
        jobs.filter_map(|jobs| Some(Parallelism { jobs, cores: most_cores(jobs)? })).collect();
    found.sort_by_key(|plan| std::cmp::Reverse((plan.processes(), plan.cores)));
    found.truncate(SHOWN);
    let plan = |parallelism| Plan { parallelism, worst_case: demand.worst_case(parallelism) };
    found.into_iter().map(plan).collect()
}
