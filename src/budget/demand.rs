//! What the tree makes one host build, and what of it may run together.

use super::belonging::{concerns, is_of};
use super::build::LocalBuild;
use super::builds;
use super::host::Host;
use super::suggestion::Parallelism;
use super::worst_case::{MemoryLimit, WorstCase};
use crate::config::{Bytes, Config};
use crate::facts::Facts;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Tree};

/// What the tree makes Nix build.
#[derive(Debug)]
pub struct Demand {
    /// Every build, by place.
    pub builds: Vec<LocalBuild>,
}

impl Demand {
    /// What `facts` say is built, and what `config` and `knowledge` say it takes.
    pub fn new(tree: &Tree, knowledge: &Knowledge, config: &Config, facts: &Facts) -> Demand {
        Demand { builds: builds::builds(tree, knowledge, config, facts) }
    }

    /// The memory that builds may take together on `host`; `None` where nothing tells.
    pub fn limit_of(host: &Host, facts: &Facts) -> Option<MemoryLimit> {
        MemoryLimit::of(host, facts)
    }

    /// The part of it that `host` builds: what stands in files of its configurations, or in files
    /// of which it cannot be told whose they are.
    pub fn on(&self, host: &Host, config: &Config, facts: &Facts) -> HostDemand {
        let is_here = |build: &&LocalBuild| is_part_of(build.place.file, host, facts);
        let limit = MemoryLimit::of(host, facts);
        // zram apart: what one build takes is in use, and does not lie in swap.
        let own = host.memory.map(|memory| memory.value.0.saturating_sub(host.reserved.memory.0));
        let most = own.map(Bytes).into_iter().chain(limit.map(|limit| limit.bytes)).min();
        HostDemand {
            builds: self.builds.iter().filter(is_here).cloned().collect(),
            threads: host.thread_count(),
            limit,
            package_limit: config.budget.package_memory.or(most),
        }
    }
}

/// What is built on one host.
#[derive(Clone, Debug)]
pub struct HostDemand {
    /// The builds, by place.
    pub builds: Vec<LocalBuild>,
    /// The host's threads; `None` where they are not known.
    pub threads: Option<u64>,
    /// The memory that builds may take together; `None` where nothing tells.
    pub limit: Option<MemoryLimit>,
    /// The memory that one build should take; `None` where nothing tells.
    pub package_limit: Option<Bytes>,
}

impl HostDemand {
    /// The same of those builds of which more is known than their language.
    pub fn of_known(self) -> HostDemand {
        let builds = self.builds.into_iter().filter(|build| build.is_known).collect();
        HostDemand { builds, ..self }
    }

    /// The same with the least that each figure may be, so that what does not fit is sure not to.
    pub fn at_least(self) -> HostDemand {
        let builds = self.builds.into_iter().map(LocalBuild::at_least).collect();
        HostDemand { builds, ..self }
    }

    /// The most that may run together.
    pub fn worst_case(&self, parallelism: Parallelism) -> WorstCase {
        WorstCase::of(&self.builds, parallelism, self.threads)
    }

    /// Whether the most that may run together has room; `None` where the memory is not known.
    pub fn fits(&self, parallelism: Parallelism) -> Option<bool> {
        Some(self.worst_case(parallelism).bytes <= self.limit?.bytes)
    }

    /// The same once what can be told of single builds is settled: browsers come from a cache again,
    /// and no build takes more than one should.
    pub fn settled(self) -> HostDemand {
        let most = self.package_limit;
        let builds = self.builds.into_iter().filter(|build| !build.is_browser);
        let builds = builds.map(|build| match most {
            Some(most) => build.no_more_than(most),
            None => build,
        });
        HostDemand { builds: builds.collect(), ..self }
    }

    /// The most jobs of `cores` threads, up to `most`, that have room; `None` where not even one
    /// has, or the memory is not known.
    pub fn most_jobs(&self, cores: u64, most: u64) -> Option<u64> {
        let fits = |jobs: &u64| self.fits(Parallelism { jobs: *jobs, cores }) == Some(true);
        // More jobs than builds take no more memory.
        let builds = u64::try_from(self.builds.len()).unwrap_or(u64::MAX);
        if fits(&builds.min(most)) {
            return Some(most);
        }
        (1..builds.min(most)).rev().find(fits)
    }
}

/// Whether what stands in `file` is part of what `host` builds. Where it cannot be told whose it is,
/// it counts on hosts that somebody configured, and on the only one.
pub(super) fn is_part_of(file: FileId, host: &Host, facts: &Facts) -> bool {
    let mut configurations = facts.configurations_with(file).peekable();
    if configurations.peek().is_some() {
        return configurations.any(|it| is_of(&it.host, it.kind, host));
    }
    let settings = facts.settings_in(file).iter();
    let mut owners = settings.filter(|setting| setting.host.is_some()).peekable();
    match owners.peek() {
        None => host.is_configured || host.is_only,
        Some(_) => owners.any(|setting| concerns(setting, host)),
    }
}
