//! What a tree makes its machines build, reckoned as `frugix audit` and `frugix budget` do.

use crate::budget::audit::{Audit, Row};
use crate::budget::{Budget, Demand, Host, HostDemand, LocalBuild, Pair, Parallelism, Peak, Phase};
use crate::config::Config;
use crate::facts::Facts;
use crate::knowledge::Knowledge;
use crate::report::{described_hours, visible_name};
use crate::source::{Span, Tree};

/// Everything that there is to reckon with, found out once for one state of the tree.
pub(super) struct Reckoning {
    pub(super) facts: Facts,
    pub(super) budget: Budget,
    pub(super) audit: Audit,
    /// Every host that builds something, in the budget's order.
    pub(super) hosts: Vec<Builder>,
}

/// A host, what it builds, and the numbers that it builds with.
pub(super) struct Builder {
    pub(super) host: Host,
    pub(super) demand: HostDemand,
    /// Of the pairs in force, the one that takes the most memory.
    pub(super) now: Parallelism,
}

impl Reckoning {
    pub(super) fn new(
        tree: &Tree,
        knowledge: &Knowledge,
        config: &Config,
        facts: Facts,
    ) -> Reckoning {
        let budget = Budget::new(tree, config, &facts);
        let demand = Demand::new(tree, knowledge, config, &facts);
        let builder = |(index, host): (usize, &Host)| {
            let demand = demand.on(host, config, &facts);
            let pairs = budget.pairs_on(index, &facts);
            let numbers = pairs.iter().filter_map(|pair: &Pair| pair.parallelism(host));
            let now = numbers.max_by_key(|now| (demand.worst_case(*now).bytes, now.processes()))?;
            Some(Builder { host: host.clone(), demand, now })
        };
        let hosts = budget.hosts.iter().enumerate().filter_map(builder).collect();
        let audit = Audit::new(tree, knowledge, config, &facts);
        Reckoning { facts, budget, audit, hosts }
    }
}

impl Builder {
    /// The most that a build takes here.
    pub(super) fn peak(&self, build: &LocalBuild) -> Option<Peak> {
        build.peak(self.now.cores, self.host.thread_count())
    }

    /// The build that a row of the audit is about. Of several overrides of a package the budget counts
    /// one, by its name.
    pub(super) fn build_of(&self, row: &Row) -> Option<&LocalBuild> {
        let builds = || self.demand.builds.iter();
        let is_here = |span: Span| span == row.place || row.calls.contains(&span);
        let here = builds().find(|build| build.name == row.name && is_here(build.place));
        here.or_else(|| builds().find(|build| build.name == row.name))
    }

    /// What a build takes here: processes, memory, time. None where nothing is known.
    pub(super) fn takes(&self, build: &LocalBuild) -> Option<String> {
        let peak = self.peak(build)?;
        let processes = match peak.processes {
            1 => "1 process".to_owned(),
            count => format!("{count} processes"),
        };
        let hours = build.hours_on(self.now.cores, self.host.thread_count());
        let hours = hours.map(|hours| format!(", {}", described_hours(hours)));
        Some(format!(
            "on {}: {processes}, at most {} {}{}",
            visible_name(&self.host.name),
            peak.bytes,
            qualified(&peak),
            hours.unwrap_or_default(),
        ))
    }
}

/// When a peak is reached, and how well it is known.
pub(super) fn qualified(peak: &Peak) -> String {
    match peak.phase {
        Phase::Given => "(frugix.toml)".to_owned(),
        Phase::Link => format!("at the link ({})", peak.basis),
        Phase::Compile => format!("({})", peak.basis),
    }
}
