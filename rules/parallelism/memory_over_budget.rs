//! The builds that may run together against the machine's memory.

use super::joint_fix::{fix_to, isolation};
use super::takes::{limit_note, limit_place, sum, with_builds};
use super::wording::{excesses, list, proviso, with_origins};
use crate::budget::{Budget, Demand, Host, HostDemand, Limit, Pair, Parallelism, Processes};
use crate::config::Bytes;
use crate::declare_rule;
use crate::knowledge::Basis;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// The largest builds that `max-jobs` lets run together take more memory than the machine has
    /// for them.
    ///
    /// The rule reckons what each package takes that this tree compiles: the processes that its
    /// builder really runs times the memory of one, or its link. Then it adds up the `max-jobs`
    /// largest of them, as nothing keeps them from running side by side, and compares the sum with
    /// the host's memory and zram less the reserve, or with the `MemoryMax` or `MemoryHigh` of the
    /// daemon where that is less. `frugix budget` shows the whole calculation.
    ///
    /// It is an error where no figure in it is an estimate.
    ///
    /// # Why it matters
    ///
    /// The kernel then ends a build, or the desktop, hours into it; before that, everything swaps.
    /// A smaller `max-jobs` costs nothing but order: the same builds run one after the other.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// memory = "16GiB"
    ///
    /// [packages.indexer]
    /// memory-per-process = "2GiB"
    ///
    /// [packages.editor]
    /// memory-per-process = "2GiB"
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings = {
    ///     max-jobs = 2; # both at once
    ///     cores = 4;
    ///   };
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage { pname = "indexer"; src = ./indexer; })
    ///     (pkgs.rustPlatform.buildRustPackage { pname = "editor"; src = ./editor; })
    ///   ];
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
    ///
    /// [packages.indexer]
    /// memory-per-process = "2GiB"
    ///
    /// [packages.editor]
    /// memory-per-process = "2GiB"
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings = {
    ///     max-jobs = 1; # both at once
    ///     cores = 4;
    ///   };
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage { pname = "indexer"; src = ./indexer; })
    ///     (pkgs.rustPlatform.buildRustPackage { pname = "editor"; src = ./editor; })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It lowers `max-jobs`, where it is written, to the most jobs that have room once what other
    /// rules tell of single builds is settled: a browser that need not be compiled, a build that is
    /// too large by itself. It is safe, since the setting only schedules; unsafe where the number is
    /// also part of a derivation or decides something else. Where that leaves the number as it is,
    /// where it is no literal, or a number of its own, a smaller one is only suggested, and so is a
    /// cap on the processes of the largest build.
    ///
    /// # When it stays silent
    ///
    /// - The host's memory is not known: neither its `[host.NAME]` in `frugix.toml`, nor its profile,
    ///   nor a report of nixos-facter, nor a limit of the daemon's service tells.
    /// - Neither `max-jobs` nor `cores` is set, or one cannot be followed.
    /// - `max-jobs = 0`: everything is built by other machines.
    /// - The least that the estimates in it may be has room, or the sum rests on packages of which
    ///   nothing is known but their language.
    /// - One build alone is too large: `package-over-budget` tells of it.
    ///
    /// # Sources
    ///
    /// - Nix manual, `nix.conf`: `max-jobs` and `cores`.
    /// - nixpkgs, the build hooks of each language: what decides how many processes run.
    /// - systemd.resource-control: `MemoryMax` and `MemoryHigh`.
    pub struct MemoryOverBudget {
        id: "memory-over-budget",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for MemoryOverBudget {
    fn meta(&self) -> &'static RuleMeta {
        const { &MemoryOverBudget::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        if budget.hosts.is_empty() {
            return;
        }
        let demand = cx.demand();
        let on = |host: &Host| demand.on(host, cx.config, cx.facts).of_known();
        let exceeds = |pair: &Pair, host: &Host| {
            if Demand::limit_of(host, cx.facts).is_none() {
                return false;
            }
            let Some(parallelism) = pair.parallelism(host) else { return false };
            let least = on(host).at_least();
            least.fits(parallelism) == Some(false) && least.worst_case(parallelism).builds.len() > 1
        };
        let literals = |pair: &Pair| {
            [&pair.max_jobs, &pair.cores].map(|limit| limit.as_ref().map(Limit::identity))
        };
        for excess in excesses(budget, exceeds, literals) {
            let (pair, host) = (excess.pair, excess.host);
            let demand = on(host);
            let Some(place) = pair.limits().next().map(|limit| limit.place) else { continue };
            let Some(limit) = demand.limit else { continue };
            let Some(now) = pair.parallelism(host) else { continue };
            let worst = demand.worst_case(now);
            let names = worst.builds.iter().map(|(index, _)| demand.builds[*index].name.clone());
            let message = format!(
                "{}{} may take {}{} together on {}, which has {} for builds",
                proviso(pair, cx.tree),
                list(names.collect()),
                if worst.basis == Basis::Estimate { "an estimated " } else { "" },
                worst.bytes,
                host.name,
                limit.bytes,
            );
            let mut found = Diagnostic::new(self.meta(), place, message).note(sum(&demand, &worst));
            let builds = || worst.builds.iter().map(|(index, _)| &demand.builds[*index]);
            if worst.basis != Basis::Estimate && !builds().any(|build| build.is_conditional) {
                found = found.severity(Severity::Error);
            }
            found = with_builds(found, &demand, &worst, cx.tree);
            found = found.note(limit_note(host, limit));
            if let Some(place) = limit_place(limit) {
                found = found.related(place, "the daemon is limited here");
            }
            let mut found = with_origins(found, &excess, cx);
            found.fixes.extend(fewer_jobs(budget, pair, host, &demand, cx));
            found.fixes.extend(cap(host, &demand, now));
            cx.report(found);
        }
    }
}

/// Lowers `max-jobs` to the most jobs that have room once what is told of single builds is settled;
/// where all have, shows what it would have to be until then.
fn fewer_jobs(
    budget: &Budget,
    pair: &Pair,
    host: &Host,
    demand: &HostDemand,
    cx: &TreeContext<'_>,
) -> Option<Fix> {
    let Parallelism { jobs, cores } = pair.parallelism(host)?;
    let settled = demand.clone().settled().most_jobs(cores, jobs)?;
    let is_its_own = |limit: &Limit| {
        limit.source().is_some_and(|source| budget.target(source, limit.knob).is_some())
    };
    let own = pair.max_jobs.as_ref().filter(|limit| settled < jobs && is_its_own(limit));
    let wanted = Parallelism { jobs: settled, cores };
    if let Some(fix) = own.and_then(|_| fix_to(pair, host, wanted, cx.facts, cx.tree)) {
        return Some(fix);
    }
    let now = demand.most_jobs(cores, jobs);
    let sure = || demand.clone().at_least().most_jobs(cores, jobs);
    let title = format!("Set max-jobs to {}", now.or_else(sure)?);
    Some(Fix::suggestion(title, Vec::new()).isolated(isolation(&host.name)))
}

/// Fewer processes for the largest build, where that gives the others room.
fn cap(host: &Host, demand: &HostDemand, now: Parallelism) -> Option<Fix> {
    let worst = demand.worst_case(now);
    let (index, peak) = worst.builds.first()?;
    let build = &demand.builds[*index];
    let process = build.process.as_ref().filter(|_| build.processes == Processes::Cores)?;
    let others = worst.bytes.0.saturating_sub(peak.bytes.0);
    let room = Bytes(demand.limit?.bytes.0.checked_sub(others)?);
    let most = (room.0 / process.bytes.0.max(1)).min(host.thread_count().unwrap_or(u64::MAX));
    let link = build.link.as_ref().map_or(0, |link| link.bytes.0);
    let fits = (1..peak.processes).contains(&most) && link <= room.0;
    fits.then(|| {
        let title = format!(
            "Or cap {} at {}: preBuild = \"export NIX_BUILD_CORES=$((NIX_BUILD_CORES > {most} ? \
             {most} : NIX_BUILD_CORES))\"",
            build.name,
            if most == 1 { "1 process".to_owned() } else { format!("{most} processes") },
        );
        Fix::suggestion(title, Vec::new())
    })
}
