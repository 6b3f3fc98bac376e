//! The machine that frugix runs on, as a host.

use std::fs;
use std::num::NonZeroUsize;

use crate::config::{Bytes, HostConfig};

/// Its name, threads, memory and compressed swap, as far as the system tells.
pub(super) fn read() -> (String, HostConfig) {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = match name.trim() {
        "" => "localhost".to_owned(),
        name => name.to_owned(),
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_memory(&text));
    let zram = fs::read_to_string("/proc/swaps").ok().map(|text| compressed_swap(&text));
    let host = HostConfig {
        threads: u32::try_from(threads).ok(),
        memory,
        zram: zram.filter(|zram| zram.0 > 0),
        ..HostConfig::default()
    };
    (name, host)
}

fn total_memory(meminfo: &str) -> Option<Bytes> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Bytes(kibibytes.saturating_mul(1024)))
}

fn compressed_swap(swaps: &str) -> Bytes {
    let size = |line: &str| {
        let mut words = line.split_whitespace();
        let is_zram = words.next()?.starts_with("/dev/zram");
        let kibibytes: u64 = words.nth(1)?.parse().ok()?;
        is_zram.then(|| kibibytes.saturating_mul(1024))
    };
    Bytes(swaps.lines().filter_map(size).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_is_understood() {
        let meminfo = "MemTotal:       16384000 kB\nMemFree:         1000000 kB\n";
        assert_eq!(total_memory(meminfo), Some(Bytes(16_384_000 * 1024)));
        assert_eq!(total_memory("MemFree: 1 kB"), None);
        let swaps = "Filename Type Size Used Priority\n/dev/zram0 partition 8388604 0 5\n/dev/sda2 partition 1000 0 -2\n";
        assert_eq!(compressed_swap(swaps), Bytes(8_388_604 * 1024));
    }
}
