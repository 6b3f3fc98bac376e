//! The tiers of a hardware profile against the machine it describes.

use super::joint_fix::builds_with;
use super::takes::{limit_note, limit_place};
use super::wording::list;
use crate::budget::{Demand, Host, MemoryLimit};
use crate::config::Bytes;
use crate::declare_rule;
use crate::facts::{HostProfile, ValueFact};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A tier of a hardware profile that asks for more processes or memory than its machine has.
    ///
    /// A profile may sort builds into tiers, each with its `tier1MaxJobs`, `tier1Cores` and
    /// `tier1MemoryLimit` (in GiB) below `build.parallelism`. The rule compares jobs × cores with
    /// the host's threads times the tolerance, and jobs × memory with what the host has for builds.
    ///
    /// # Why it matters
    ///
    /// The numbers of a tier are a promise that its builds fit side by side. When they do not, the
    /// machine swaps or ends builds although each kept to its limit.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// memory = "16GiB"
    /// #- machines/desktop.nix
    /// {
    ///   system.hostname = "desktop";
    ///   build.parallelism = {
    ///     maxJobs = 2;
    ///     maxCores = 6;
    ///     tier2MaxJobs = 3; # small ones
    ///     tier2Cores = 4;
    ///     tier2MemoryLimit = 6;
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// memory = "16GiB"
    /// #- machines/desktop.nix
    /// {
    ///   system.hostname = "desktop";
    ///   build.parallelism = {
    ///     maxJobs = 2;
    ///     maxCores = 6;
    ///     tier2MaxJobs = 2; # small ones
    ///     tier2Cores = 4;
    ///     tier2MemoryLimit = 6;
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It lowers the jobs of the tier to as many as have room. It is safe, since they only schedule;
    /// unsafe where the number is part of a derivation. Where not even one has room, nothing is
    /// offered.
    ///
    /// # When it stays silent
    ///
    /// - The machine is not known: neither `[host.NAME]` in `frugix.toml` nor the profile tells. Where
    ///   only its threads or only its memory is, only those are compared.
    /// - A number is not known.
    ///
    /// # Sources
    ///
    /// - Nix manual, "Tuning Cores and Jobs": what is oversold.
    pub struct TierOverBudget {
        id: "tier-over-budget",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

/// Where the numbers of tiers stand in a profile.
const PLACE: &str = "build.parallelism.tier";

/// The numbers of one tier.
struct Tier<'a> {
    name: &'a str,
    jobs: &'a ValueFact,
    cores: Option<u64>,
    gibibytes: Option<u64>,
}

impl<'a> Tier<'a> {
    /// The tiers of `profile`.
    fn all(profile: &'a HostProfile) -> Vec<Tier<'a>> {
        let tier = |(path, jobs): &'a (String, ValueFact)| {
            let name = path.strip_prefix(PLACE)?.strip_suffix("MaxJobs")?;
            let number = |what: &str| count(profile.value(&format!("{PLACE}{name}{what}"))?);
            let (cores, gibibytes) = (number("Cores"), number("MemoryLimit"));
            Some(Tier { name, jobs, cores, gibibytes })
        };
        profile.values.iter().filter_map(tier).collect()
    }

    /// The most of its jobs that have room, and what is in the way of more, a sentence each.
    fn room(&self, host: &Host, limit: Option<MemoryLimit>) -> Option<(u64, Vec<String>)> {
        let jobs = count(self.jobs)?;
        let mut most = jobs;
        let mut said = Vec::new();
        if let (Some(cores), Some(room)) = (self.cores, host.room())
            && jobs.saturating_mul(cores) > room.processes
        {
            let processes = room.processes;
            most = most.min(processes / cores);
            let asked = jobs.saturating_mul(cores);
            said.push(format!("{jobs} × {cores} = {asked} processes, {processes} are tolerated"));
        }
        if let (Some(each), Some(limit)) = (self.gibibytes, limit) {
            let each = Bytes::gibibytes(each);
            let asked = Bytes(each.0.saturating_mul(jobs));
            if asked > limit.bytes {
                most = most.min(limit.bytes.0 / each.0);
                said.push(format!("{jobs} × {each} = {asked}, there is {}", limit.bytes));
            }
        }
        (!said.is_empty()).then_some((most, said))
    }
}

fn count(value: &ValueFact) -> Option<u64> {
    let text = || value.as_str().and_then(|text| text.trim().parse().ok());
    value.as_int().and_then(|int| u64::try_from(int).ok()).or_else(text)
}

impl Rule for TierOverBudget {
    fn meta(&self) -> &'static RuleMeta {
        const { &TierOverBudget::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let mut found = Vec::new();
        for host in &budget.hosts {
            let profile = host.profile.and_then(|index| cx.facts.profiles.get(index));
            let limit = Demand::limit_of(host, cx.facts);
            for tier in profile.into_iter().flat_map(Tier::all) {
                found.extend(self.diagnostic(&tier, host, limit, cx));
            }
        }
        cx.report_all(found);
    }
}

impl TierOverBudget {
    fn diagnostic(
        &self,
        tier: &Tier<'_>,
        host: &Host,
        limit: Option<MemoryLimit>,
        cx: &TreeContext<'_>,
    ) -> Option<Diagnostic> {
        let (most, said) = tier.room(host, limit)?;
        let place = tier.jobs.literal.or(tier.jobs.place)?;
        let message =
            format!("tier {} asks for more than {} has: {}", tier.name, host.name, list(said));
        let mut found = Diagnostic::new(self.meta(), place, message).host(host.name.as_str());
        if let Some(limit) = limit.filter(|_| tier.gibibytes.is_some()) {
            found = found.note(limit_note(host, limit));
            if let Some(place) = limit_place(limit) {
                found = found.related(place, "the daemon is limited here");
            }
        }
        found.fixes.extend(fewer_jobs(tier, most, cx));
        Some(found)
    }
}

fn fewer_jobs(tier: &Tier<'_>, most: u64, cx: &TreeContext<'_>) -> Option<Fix> {
    let literal = tier.jobs.literal.filter(|_| most > 0)?;
    let source = cx.tree.source(literal.file).ok()?;
    let text = source.slice(literal.range);
    let inner = text.trim_matches('"');
    let edit = FixEdit::replace(literal, text.replace(inner, &most.to_string()));
    let title = format!("Set tier{}MaxJobs to {most}", tier.name);
    Some(match builds_with(literal, cx.facts) {
        built if built.is_empty() => Fix::safe(title, vec![edit]),
        built => {
            let why = format!("the number is part of the derivation of {}", list(built));
            Fix::unsafe_because(title, why, vec![edit])
        }
    })
}
