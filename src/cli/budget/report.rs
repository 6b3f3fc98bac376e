//! What there is to say of one host, before it is printed.

use crate::budget::{
    BoundBy, Budget, Demand, Host, HostDemand, Knob, LocalBuild, Pair, Parallelism, Plan,
    WorstCase, plans,
};
use crate::cli::session::Session;
use crate::config::{Bytes, Config, Hours};
use crate::facts::Facts;
use crate::knowledge::Knowledge;

/// Numbers to reckon with in place of those that are set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WhatIf {
    pub max_jobs: Option<u64>,
    pub cores: Option<u64>,
}

/// One host: what is set, what is built, and whether it fits.
pub(super) struct Report {
    pub host: Host,
    /// It is the machine that frugix runs on, which tells what it has.
    pub is_this_machine: bool,
    /// The pairs in force.
    pub pairs: Vec<Pair>,
    /// Which of them takes the most memory.
    pub judged: usize,
    /// The numbers reckoned with; `None` where they depend on threads that are not known.
    pub parallelism: Option<Parallelism>,
    pub what_if: WhatIf,
    pub demand: HostDemand,
    /// What may run together with them.
    pub worst_case: Option<WorstCase>,
    /// What fits and is better than what is set.
    pub suggestions: Vec<Plan>,
}

impl Report {
    /// A report for each host.
    pub fn all(session: &Session, facts: &Facts, what_if: WhatIf) -> Vec<Report> {
        let (tree, config) = (&session.tree, &session.config);
        let budget = Budget::new(tree, config, facts);
        let demand = Demand::new(tree, &session.analyzer.knowledge(), config, facts);
        let report = |index: usize| Report::new(index, &budget, &demand, config, facts, what_if);
        (0..budget.hosts.len()).filter_map(report).collect()
    }

    fn new(
        index: usize,
        budget: &Budget,
        demand: &Demand,
        config: &Config,
        facts: &Facts,
        what_if: WhatIf,
    ) -> Option<Report> {
        let host = budget.hosts[index].clone();
        let demand = demand.on(&host, config, facts);
        let pairs = budget.pairs_on(index, facts);
        let reckoned = |pair: &Pair| {
            let set = |knob| pair.amount(knob).on(host.thread_count());
            let jobs = what_if.max_jobs.or_else(|| set(Knob::MaxJobs))?;
            let cores = match what_if.cores {
                Some(0) => host.thread_count(),
                cores => cores.or_else(|| set(Knob::Cores)),
            };
            Some(Parallelism { jobs, cores: cores? })
        };
        let weight = |pair: &Pair| {
            let parallelism = reckoned(pair)?;
            Some((demand.worst_case(parallelism).bytes, parallelism.processes()))
        };
        // Of equals, the first: the system's own.
        let judged = (0..pairs.len()).rev().max_by_key(|index| weight(&pairs[*index]))?;
        let parallelism = reckoned(&pairs[judged]);
        let worst_case = parallelism.map(|parallelism| demand.worst_case(parallelism));
        let mut report = Report {
            suggestions: Vec::new(),
            is_this_machine: false,
            host,
            pairs,
            judged,
            parallelism,
            what_if,
            demand,
            worst_case,
        };
        if let Some(parallelism) = parallelism.filter(|parallelism| parallelism.jobs > 0) {
            let now = parallelism.processes();
            let is_better = |plan: &Plan| !report.fits() || plan.parallelism.processes() > now;
            report.suggestions =
                plans(&report.host, &report.demand).into_iter().filter(is_better).collect();
        }
        Some(report)
    }

    /// The pair that is judged.
    pub fn judged(&self) -> &Pair {
        &self.pairs[self.judged]
    }

    /// Whether the worst case has room; `None` where the memory is not known.
    pub fn has_memory(&self) -> Option<bool> {
        Some(self.worst_case.as_ref()?.bytes <= self.demand.limit?.bytes)
    }

    /// Whether the threads can bear the processes.
    pub fn has_threads(&self) -> bool {
        let on_host = self.parallelism.zip(self.host.room());
        on_host.is_none_or(|(now, room)| now.processes() <= room.processes)
            || !self.chooses() && self.what_if.max_jobs.is_none() && self.what_if.cores.is_none()
    }

    /// Somebody chose the numbers, so that they can be held against the machine.
    fn chooses(&self) -> bool {
        Knob::ALL.into_iter().any(|knob| self.judged().chooses(knob))
    }

    /// Whether all fits, as far as it is known.
    pub fn fits(&self) -> bool {
        self.has_memory() != Some(false) && self.has_threads()
    }

    /// How long a build takes with the numbers reckoned with.
    pub fn hours_of(&self, build: &LocalBuild) -> Option<Hours> {
        match self.parallelism {
            Some(now) => build.hours_on(now.cores, self.host.thread_count()),
            None => build.hours,
        }
    }

    /// The size of zram, and what the machine can hold with it if what lies there shrinks as much as
    /// is expected; `None` where it does not count.
    fn zram_counted(&self) -> Option<(Bytes, Bytes)> {
        let (memory, zram) = (self.host.memory?.value, self.host.zram?.value);
        let taken = zram.0 as f64 / Knowledge::builtin().memory.zram.ratio;
        let all = (memory.0 + zram.0).checked_sub(taken as u64)?;
        let is_limit = self.demand.limit.is_some_and(|limit| limit.by == BoundBy::Machine);
        is_limit.then_some((zram, Bytes(all)))
    }

    /// What no setting keeps within bounds, a sentence each.
    pub fn unlimited(&self) -> Vec<String> {
        let mut said = Vec::new();
        let builds = &self.demand.builds;
        let names = |is_meant: &dyn Fn(&LocalBuild) -> bool| {
            let names = builds.iter().filter(|build| is_meant(build)).map(|build| &*build.name);
            names.collect::<Vec<_>>().join(", ")
        };
        if self.demand.limit.is_some_and(|limit| limit.by == BoundBy::Machine) {
            said.push(
                "The daemon has no MemoryMax or MemoryHigh below what the machine has: the kernel \
                 decides what dies."
                    .to_owned(),
            );
        }
        let unknown = names(&|build| build.peak(1, Some(1)).is_none());
        if !unknown.is_empty() {
            said.push(format!(
                "Nothing is known of what these take, and they count for nothing: {unknown}."
            ));
        }
        let dependents = names(&|build| build.has_dependents);
        if !dependents.is_empty() {
            said.push(format!(
                "What depends on {dependents} in nixpkgs is built again too, and is not counted."
            ));
        }
        if let Some((size, all)) = self.zram_counted() {
            said.push(format!(
                "zram counts as if it took no memory. What lies in it takes about half of its size: \
                 with {size} in use, there are {all} in all before the reserve."
            ));
        }
        said.push("A second `nix build` beside the first has jobs of its own.".to_owned());
        said
    }
}

/// Hours to two digits: more is not known of any.
pub(super) fn rounded(hours: f64) -> f64 {
    let unit = match hours {
        hours if hours >= 10.0 => 1.0,
        hours if hours >= 1.0 => 10.0,
        _ => 100.0,
    };
    (hours * unit).round() / unit
}
