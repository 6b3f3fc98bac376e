//! A host's CPU and memory, and what the tree lets Nix run on it at once.
//!
//! [`Budget::new`] finds the configured hosts and, for each, every pair of `max-jobs` and `cores`
//! that is in force on it; a [`Pair`] knows what it comes to on its host and what would fit.
//! Nothing here reports: rules compare and say.

mod definitions;
mod host;
mod limit;
mod pair;
mod profile;
mod suggestion;
#[cfg(test)]
mod tests;

pub use host::{Host, Reserved};
pub use limit::{Amount, Knob, Limit, Writer};
pub use pair::{Defaults, Pair};
pub use suggestion::{Parallelism, Room};

use crate::config::Config;
use crate::facts::Facts;
use crate::source::{Span, Tree};

/// The hosts that are configured and known well enough to be judged, and the parallelism in force
/// on them.
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
        let hosts = host::configured(tree, config, facts);
        let mut pairs = Vec::new();
        for (index, host) in hosts.iter().enumerate() {
            pairs.extend(definitions::pairs(index, host, config, facts));
            pairs.extend(profile::pair(index, host, facts));
        }
        Budget { hosts, pairs }
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
        let mut current = pair.parallelism(host);
        if knob == Knob::MaxJobs {
            let source = pair.cores.as_ref().and_then(Limit::source);
            let shared = source.and_then(|source| self.target(source, Knob::Cores));
            current.cores = shared.unwrap_or(current.cores);
        }
        Some(host.room().fit(current).of(knob))
    }
}

fn reads(pair: &Pair, source: Span, knob: Knob) -> bool {
    pair.limit(knob).is_some_and(|limit| limit.source() == Some(source))
}
