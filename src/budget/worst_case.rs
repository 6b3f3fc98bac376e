//! The most that may run together, held against what a machine has for builds.

use super::belonging::in_force;
use super::build::{LocalBuild, Peak};
use super::host::Host;
use super::suggestion::Parallelism;
use super::together::heaviest;
use crate::config::Bytes;
use crate::facts::{Facts, ValueKind};
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
    /// The `jobs` of `builds` that take the most together, of those that may run side by side: none
    /// waits for another.
    pub fn of(builds: &[LocalBuild], parallelism: Parallelism, threads: Option<u64>) -> WorstCase {
        let peak = |(index, build): (usize, &LocalBuild)| {
            Some((index, build.peak(parallelism.cores, threads)?))
        };
        let mut peaks: Vec<(usize, Peak)> = builds.iter().enumerate().filter_map(peak).collect();
        peaks.sort_by_key(|(index, peak)| (std::cmp::Reverse(peak.bytes), *index));
        let most = usize::try_from(parallelism.jobs).unwrap_or(usize::MAX);
        let peaks = heaviest(builds, &peaks, most);
        let basis = peaks.iter().map(|(_, peak)| peak.basis).max();
        WorstCase {
            bytes: Bytes(
                peaks.iter().fold(0_u64, |sum, (_, peak)| sum.saturating_add(peak.bytes.0)),
            ),
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
    /// The least of what `host` has and what the daemon is allowed there; `None` where neither is
    /// known.
    pub fn of(host: &Host, facts: &Facts) -> Option<MemoryLimit> {
        let memory = host.memory.map(|memory| memory.value);
        let machine = memory.map(|memory| {
            let all = memory.0.saturating_add(host.zram.map_or(0, |zram| zram.value.0));
            MemoryLimit {
                bytes: Bytes(all.saturating_sub(host.reserved.memory.0)),
                by: BoundBy::Machine,
            }
        });
        let of_daemon = |name: &str, by: fn(Span) -> BoundBy| {
            let path = ["systemd", "services", "nix-daemon", "serviceConfig", name];
            let setting = in_force(facts, host, &path)?;
            let bytes = systemd_bytes(&setting.value.kind, memory)?;
            Some(MemoryLimit { bytes, by: by(setting.value.literal.unwrap_or(setting.key)) })
        };
        let most = of_daemon("MemoryMax", BoundBy::DaemonMax);
        let high = of_daemon("MemoryHigh", BoundBy::DaemonHigh);
        [machine, most, high].into_iter().flatten().min_by_key(|limit| limit.bytes)
    }
}

/// An amount as systemd reads it: bytes, with a suffix to the base 1024, or a share of the memory.
fn systemd_bytes(value: &ValueKind, memory: Option<Bytes>) -> Option<Bytes> {
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
        "%" => memory?.0 as f64 / 100.0,
        _ => return None,
    };
    Some(Bytes((count * unit) as u64))
}
