//! Hardware profiles: plain sets with `build.parallelism`, wherever they lie and whatever they are
//! called.

use super::Collector;
use crate::eval::{Kind, Value};
use crate::facts::{HostProfile, ValueFact};
use crate::hir::{File, Name};
use crate::source::FileId;

/// Profiles are looked at to this depth.
const MAX_DEPTH: usize = 6;

/// A profile keeps at most this many values.
const MAX_VALUES: usize = 400;

/// Every profile mentions one of these.
pub(super) const WORDS: [&str; 2] = ["maxJobs", "maxCores"];

/// Whether a file mentions what makes a profile.
pub(super) fn may_be_profile(hir: &File) -> bool {
    let mentions = |name: &str| hir.mentions(Name::new(name));
    mentions("parallelism") && WORDS.iter().any(|name| mentions(name))
}

impl Collector<'_, '_> {
    /// Keeps what `file` holds, if it is a profile.
    pub(super) fn collect_profile(&mut self, file: FileId) {
        self.evaluator.refuel();
        let profile = self.evaluator.import_file(file);
        let Some(parallelism) = self.evaluator.select_path(&profile, &["build", "parallelism"])
        else {
            return;
        };
        let (max_jobs, max_cores) = (
            self.profile_value(&parallelism, "maxJobs"),
            self.profile_value(&parallelism, "maxCores"),
        );
        if max_jobs.is_none() && max_cores.is_none() {
            return;
        }
        let hostname = self.evaluator.select_path(&profile, &["system", "hostname"]);
        let hostname = hostname.and_then(|value| value.as_str().map(str::to_owned));
        let mut values = Vec::new();
        self.flatten_profile(&profile, &mut Vec::new(), &mut values);
        self.facts.profiles.push(HostProfile { file, hostname, max_jobs, max_cores, values });
    }

    fn profile_value(&mut self, set: &Value, name: &str) -> Option<ValueFact> {
        let slot = set.as_attrs()?.get(name.into())?.value;
        Some(self.freeze(slot))
    }

    fn flatten_profile(
        &mut self,
        value: &Value,
        path: &mut Vec<String>,
        found: &mut Vec<(String, ValueFact)>,
    ) {
        let Some(set) = value.as_attrs().cloned() else { return };
        if path.len() >= MAX_DEPTH {
            return;
        }
        for slot in set.slots() {
            path.push(slot.name.to_string());
            let inner = self.evaluator.force(slot.value);
            match inner.kind {
                Kind::Attrs(_) => self.flatten_profile(&inner, path, found),
                _ if found.len() < MAX_VALUES => {
                    let fact = self.freeze(slot.value);
                    found.push((path.join("."), fact));
                }
                _ => {}
            }
            path.pop();
        }
    }
}
