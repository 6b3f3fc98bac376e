//! What a machine has, and what says so: `frugix.toml`, its hardware profile, a report of
//! nixos-facter, `zramSwap`. What none of them tells stays unknown; `max-jobs` and `cores` tell
//! nothing of threads, since anybody may set them to anything.

use std::path::Path;

use serde_json::Value;

use super::belonging::{concerns, in_force};
use super::host::Host;
use super::told::{Teller, Told, by_config};
use crate::config::{Bytes, HostConfig};
use crate::facts::{Facts, HostProfile, ValueFact, ValueKind};
use crate::knowledge::Knowledge;
use crate::source::Tree;

/// Where the figures of one host are looked up.
pub(super) struct Machine<'a> {
    pub(super) host: &'a Host,
    pub(super) said: &'a HostConfig,
    pub(super) tree: &'a Tree,
    pub(super) facts: &'a Facts,
}

impl Machine<'_> {
    /// Its hardware threads.
    pub(super) fn threads(&self) -> Option<Told<u32>> {
        let said = self.said.threads.map(by_config);
        let profile = || self.profile_number("cpu.threads");
        let report = || self.report(|report| report.threads());
        let told =
            || profile().or_else(report).and_then(|told| told.map(|n| u32::try_from(n).ok()));
        said.or_else(told).filter(|threads| threads.value > 0)
    }

    /// Its main memory.
    pub(super) fn memory(&self) -> Option<Told<Bytes>> {
        let said = self.said.memory.map(by_config);
        let gibibytes = |told: Told<u64>| told.map(|count| Some(Bytes::gibibytes(count)));
        let profile = || self.profile_number("memory.total").and_then(gibibytes);
        let report = || self.report(|report| report.memory())?.map(|bytes| Some(Bytes(bytes)));
        said.or_else(profile).or_else(report)
    }

    /// Its compressed swap, before compression, where it has `memory`.
    pub(super) fn zram(&self, memory: Option<Bytes>) -> Option<Told<Bytes>> {
        let said = self.said.zram.map(by_config);
        let profile = || {
            let (total, all) = (
                self.profile_number("memory.total")?,
                self.profile_number("memory.effectiveTotal")?,
            );
            all.map(|all| Some(Bytes::gibibytes(all.checked_sub(total.value)?)))
        };
        let option = || self.zram_swap(memory?);
        said.or_else(profile).or_else(option).filter(|zram| zram.value > Bytes(0))
    }

    /// What `zramSwap` makes of `memory`.
    fn zram_swap(&self, memory: Bytes) -> Option<Told<Bytes>> {
        let enabled = in_force(self.facts, self.host, &["zramSwap", "enable"])?;
        if enabled.value.as_bool() != Some(true) {
            return None;
        }
        let is_set = |name: &str| {
            self.facts.settings.iter().any(|setting| {
            matches!(setting.path.as_slice(), [first, second] if first == "zramSwap" && second == name)
                && concerns(setting, self.host)
        })
        };
        let number = |name: &str, default: Option<u64>| match is_set(name) {
            false => Some(default),
            true => {
                let setting = in_force(self.facts, self.host, &["zramSwap", name])?;
                match setting.value.kind {
                    ValueKind::Null => Some(None),
                    ValueKind::Int(number) => Some(Some(u64::try_from(number).ok()?)),
                    _ => None,
                }
            }
        };
        let defaults = &Knowledge::builtin().memory.zram;
        let percent = number("memoryPercent", Some(defaults.memory_percent))??;
        let most = number("memoryMax", None)?.unwrap_or(u64::MAX);
        let devices = number("swapDevices", Some(1))??;
        let each = u64::try_from(u128::from(memory.0) * u128::from(percent) / 100).ok()?.min(most);
        let place = enabled.value.literal.unwrap_or(enabled.key);
        Some(Told { value: Bytes(each.checked_mul(devices)?), by: Teller::Option(place) })
    }

    /// The whole number at the dotted `path` of the profile, be it written as text.
    fn profile_number(&self, path: &str) -> Option<Told<u64>> {
        let profile: &HostProfile = self.facts.profiles.get(self.host.profile?)?;
        let value: &ValueFact = profile.value(path)?;
        let number = match &value.kind {
            ValueKind::Int(int) => u64::try_from(*int).ok(),
            ValueKind::Str(text) => text.trim().parse().ok(),
            _ => None,
        }?;
        Some(Told { value: number, by: Teller::Profile(value.literal.or(value.place)?) })
    }

    /// What the report says that the configuration names.
    fn report(&self, of: impl Fn(&Report) -> Option<u64>) -> Option<Told<u64>> {
        let options = [&["hardware", "facter", "reportPath"][..], &["facter", "reportPath"]];
        let setting = options.iter().find_map(|path| in_force(self.facts, self.host, path))?;
        let ValueKind::Path(path) = &setting.value.kind else { return None };
        let text = self.tree.read_text(Path::new(path)).ok()?;
        let report = Report(serde_json::from_str(&text).ok()?);
        Some(Told { value: of(&report)?, by: Teller::Report(setting.key) })
    }
}

/// What nixos-facter found when it ran on the machine.
struct Report(Value);

impl Report {
    /// The threads of every processor. An entry is a processor, `siblings` its threads.
    fn threads(&self) -> Option<u64> {
        let processors = self.0.pointer("/hardware/cpu")?.as_array()?;
        let mut threads = processors.iter().map(|processor| processor.get("siblings")?.as_u64());
        let sum = threads.try_fold(0_u64, |sum, more| sum.checked_add(more?))?;
        (sum > 0).then_some(sum)
    }

    /// Main memory: what the kernel was given, else what is built in.
    fn memory(&self) -> Option<u64> {
        let resources = self.0.pointer("/hardware/memory/0/resources")?.as_array()?;
        let of = |kind: &str| {
            let is_it =
                |resource: &&Value| resource.get("type").and_then(Value::as_str) == Some(kind);
            resources.iter().find(is_it)?.get("range")?.as_u64()
        };
        of("mem").or_else(|| of("phys_mem"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        Report(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn reports_are_understood() {
        let two = report(
            r#"{"hardware": {"cpu": [{"siblings": 8, "cores": 4}, {"siblings": 8, "cores": 4}],
                "memory": [{"resources": [{"type": "phys_mem", "range": 17179869184}]}]}}"#,
        );
        assert_eq!((two.threads(), two.memory()), (Some(16), Some(17_179_869_184)));
        let virtual_machine = report(r#"{"hardware": {"cpu": [{"physical_id": 0}]}}"#);
        assert_eq!((virtual_machine.threads(), virtual_machine.memory()), (None, None));
        let other = report("[1, \"two\"]");
        assert_eq!((other.threads(), other.memory()), (None, None));
        let given = r#"{"hardware": {"memory": [{"resources": [
            {"type": "mem", "base": 0, "range": 5}, {"type": "phys_mem", "range": 6}]}]}}"#;
        assert_eq!(report(given).memory(), Some(5));
    }
}
