//! A host's CPU and memory, and what the tree lets Nix run on it at once.
//!
//! [`Budget::new`] finds the configured hosts and, for each, every pair of `max-jobs` and `cores`
//! that is in force on it; a [`Pair`] knows what it comes to on its host and what would fit. Nothing
//! here reports: rules compare and say.

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
        let reads = |pair: &Pair, knob| {
            pair.limit(knob).is_some_and(|limit| limit.source() == Some(source))
        };
        if self.pairs.iter().any(|pair| reads(pair, knob.other())) {
            return None;
        }
        self.pairs
            .iter()
            .filter(|pair| reads(pair, knob) && !pair.builds_nothing())
            .filter_map(|pair| Some(pair.suggestion(self.host(pair))?.of(knob)))
            .min()
    }
}
