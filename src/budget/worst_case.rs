//! The most that may run together, held against what a machine has for builds.

use super::build::{LocalBuild, Peak};
use super::definitions::concerns;
use super::host::Host;
use super::suggestion::Parallelism;
use crate::config::{Bytes, Config};
use crate::facts::{Facts, Setting, ValueKind};
use crate::knowledge::Basis;
use crate::source::Span;

/// The builds that together take the most.
#[derive(Clone, PartialEq, Debug)]
pub struct WorstCase {
    /// Their places in the list of builds, and what each takes; the largest first.
    pub builds: Vec<(usize, Peak)>,
    /// What they take together.
    pub bytes: Bytes,
    /// How well that is known: as well as the least known of them.
    pub basis: Basis,
}

impl WorstCase {
    /// The `jobs` largest of `builds`, which nothing keeps from running side by side.
    pub fn of(builds: &[LocalBuild], parallelism: Parallelism, threads: u64) -> WorstCase {
        let peak = |(index, build): (usize, &LocalBuild)| {
            Some((index, build.peak(parallelism.cores, threads)?))
        };
        let mut peaks: Vec<(usize, Peak)> = builds.iter().enumerate().filter_map(peak).collect();
        peaks.sort_by_key(|(index, peak)| (std::cmp::Reverse(peak.bytes), *index));
        peaks.truncate(usize::try_from(parallelism.jobs).unwrap_or(usize::MAX));
        let basis = peaks.iter().map(|(_, peak)| peak.basis).max();
        WorstCase {
            bytes: Bytes(peaks.iter().map(|(_, peak)| peak.bytes.0).sum()),
            basis: basis.unwrap_or(Basis::Documented),
            builds: peaks,
        }
    }
}

/// What bounds the memory of builds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoundBy {
    /// What the machine has besides its reserve.
    Machine,
    /// `MemoryMax` of the daemon's service: past it, builds are killed.
    DaemonMax(Span),
    /// `MemoryHigh` of the daemon's service: past it, builds are slowed down and swapped out.
    DaemonHigh(Span),
}

/// How much memory builds may take together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryLimit {
    /// How much.
    pub bytes: Bytes,
    /// What says so.
    pub by: BoundBy,
}

impl MemoryLimit {
    /// The least of what `host` has and what the daemon is allowed there; `None` where the host's
    /// memory is not known.
    pub fn of(host: &Host, config: &Config, facts: &Facts) -> Option<MemoryLimit> {
        let memory = host.memory?;
        let all = memory.0.saturating_add(host.zram.map_or(0, |zram| zram.0));
        let machine = MemoryLimit {
            bytes: Bytes(all.saturating_sub(host.reserved.memory.0)),
            by: BoundBy::Machine,
        };
        let is_only = config.hosts.len() == 1;
        let of_daemon = |name: &str, by: fn(Span) -> BoundBy| {
            let path = ["systemd", "services", "nix-daemon", "serviceConfig", name];
            let mut settings: Vec<&Setting> = facts
                .settings_at(&path)
                .filter(|setting| setting.condition.is_none() && concerns(setting, host, is_only))
                .collect();
            settings.sort_by_key(|setting| setting.priority);
            let setting = settings.first()?;
            let bytes = systemd_bytes(&setting.value.kind, memory)?;
            Some(MemoryLimit { bytes, by: by(setting.value.literal.unwrap_or(setting.key)) })
        };
        let most = of_daemon("MemoryMax", BoundBy::DaemonMax);
        let high = of_daemon("MemoryHigh", BoundBy::DaemonHigh);
        [Some(machine), most, high].into_iter().flatten().min_by_key(|limit| limit.bytes)
    }
}

/// An amount as systemd reads it: bytes, with a suffix to the base 1024, or a share of the memory.
fn systemd_bytes(value: &ValueKind, memory: Bytes) -> Option<Bytes> {
    let text = match value {
        ValueKind::Int(bytes) => return Some(Bytes(u64::try_from(*bytes).ok()?)),
        ValueKind::Str(text) => text.trim(),
        _ => return None,
    };
    let number = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let count: f64 = number.trim().parse().ok()?;
    let unit = match text[number.len()..].trim() {
        "" | "B" => 1.0,
        "K" => 1024.0,
        "M" => 1024.0 * 1024.0,
        "G" => 1024.0 * 1024.0 * 1024.0,
        "T" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "%" => memory.0 as f64 / 100.0,
        _ => return None,
    };
    Some(Bytes((count * unit) as u64))
}
