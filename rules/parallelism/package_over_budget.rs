//! One build against the memory that a single build should take.

use super::joint_fix::{builds_with, isolation, other_uses_of};
use super::takes::{limit_note, limit_place, reckoning, with_idle};
use super::wording::list;
use crate::budget::{
    Defaults, Demand, Host, HostDemand, Knob, LocalBuild, Pair, Peak, Phase, Processes,
};
use crate::declare_rule;
use crate::knowledge::Basis;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A package whose build alone takes more memory than a build should.
    ///
    /// The rule reckons the peak of each package that this tree compiles: the processes that its
    /// builder really runs times the memory of one, or what its link takes by the kind of link-time
    /// optimisation and the linker, or the heap that Node is allowed. A build should take no more
    /// than the host's memory less its reserve, or `[budget] package-memory`, or what the daemon is
    /// limited to.
    ///
    /// # Why it matters
    ///
    /// Such a build runs in swap even if nothing runs beside it: it takes many times as long, and
    /// ends, at the link as a rule, when the kernel ends it.
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
    /// memory-per-process = "3GiB"
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings.cores = 6;
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "indexer";
    ///       src = ./indexer;
    ///       NIX_BUILD_CORES = 6; # all there are
    ///     })
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
    /// memory-per-process = "3GiB"
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings.cores = 6;
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "indexer";
    ///       src = ./indexer;
    ///       NIX_BUILD_CORES = 4; # all there are
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It lowers the literal that decides how many processes run to as many as have room. In the
    /// derivation, or in the profile that its number comes from, that is unsafe: the number is part of
    /// the derivation, which is built again. Where `cores` decides, it lowers `cores`, where that is
    /// written, for all builds of the host, which is safe: it only schedules. A cap for this package
    /// alone is suggested beside it.
    ///
    /// # When it stays silent
    ///
    /// - The host's memory is not known: neither its `[host.NAME]` in `frugix.toml`, nor its profile,
    ///   nor a report of nixos-facter, nor a limit of the daemon's service tells.
    /// - Nothing is known of the package but its language: neither the tables nor
    ///   `[packages.NAME]` have it, and it sets no heap.
    /// - The least that an estimate may be has room.
    /// - `max-jobs = 0`: everything is built by other machines.
    ///
    /// # Sources
    ///
    /// - nixpkgs, the build hooks of each language: what decides how many processes run.
    /// - `frugix budget` names the source of each figure.
    pub struct PackageOverBudget {
        id: "package-over-budget",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

/// A build that is too large for a host.
struct Excess<'a> {
    build: LocalBuild,
    peak: Peak,
    host: &'a Host,
    demand: HostDemand,
    /// What is in force on the host.
    pairs: Vec<Pair>,
    hosts: Vec<&'a str>,
}

impl Rule for PackageOverBudget {
    fn meta(&self) -> &'static RuleMeta {
        const { &PackageOverBudget::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        if budget.hosts.is_empty() {
            return;
        }
        let demand = cx.demand();
        let mut excesses: Vec<Excess<'_>> = Vec::new();
        for (index, host) in budget.hosts.iter().enumerate() {
            if Demand::limit_of(host, cx.facts).is_none()
                && cx.config.budget.package_memory.is_none()
            {
                continue;
            }
            let demand = demand.on(host, cx.config, cx.facts).of_known();
            let pairs = budget.pairs_on(index, cx.facts);
            let building = pairs.iter().filter(|pair| !pair.builds_nothing());
            // The least of what may be in force: what is too much for that is too much for all.
            let Some(cores) = building.filter_map(|pair| Some(pair.parallelism(host)?.cores)).min()
            else {
                continue;
            };
            let Some(limit) = demand.package_limit else { continue };
            for build in &demand.builds {
                let Some(peak) = build.peak(cores, demand.threads) else { continue };
                let least = build.clone().at_least().peak(cores, demand.threads);
                if least.is_none_or(|least| least.bytes <= limit) {
                    continue;
                }
                let same = |known: &&mut Excess<'_>| known.build.place == build.place;
                match excesses.iter_mut().find(same) {
                    Some(known) => known.hosts.push(&host.name),
                    None => excesses.push(Excess {
                        build: build.clone(),
                        peak,
                        host,
                        demand: demand.clone(),
                        pairs: pairs.clone(),
                        hosts: vec![&host.name],
                    }),
                }
            }
        }
        for excess in excesses {
            let found = self.diagnostic(&excess, cx);
            cx.report(found);
        }
    }
}

impl PackageOverBudget {
    fn diagnostic(&self, excess: &Excess<'_>, cx: &TreeContext<'_>) -> Diagnostic {
        let Excess { build, peak, host, demand, hosts, .. } = excess;
        let limit = demand.package_limit.unwrap_or(peak.bytes);
        let message = format!(
            "{}building {} takes {}{} on {}, where a build should take {limit} at most",
            if build.is_conditional { "if its condition holds, " } else { "" },
            build.name,
            if peak.basis == Basis::Estimate { "an estimated " } else { "" },
            peak.bytes,
            host.name,
        );
        let found = Diagnostic::new(self.meta(), build.place, message);
        let mut found = with_idle(found.note(reckoning(build, *peak)), build, cx.tree);
        found = match (cx.config.budget.package_memory, demand.limit) {
            (Some(said), _) if said == limit => found.note("[budget] package-memory says so"),
            (_, Some(all)) if all.bytes == limit => {
                let found = found.note(limit_note(host, all));
                match limit_place(all) {
                    Some(place) => found.related(place, "the daemon is limited here"),
                    None => found,
                }
            }
            _ => found.note(format!(
                "zram apart, {} has {limit} besides its reserve of {}",
                host.name, host.reserved.memory
            )),
        };
        found = build.files.iter().fold(found, |found, file| found.depends_on(*file));
        found = hosts.iter().fold(found, |found, host| found.host(*host));
        found.fixes.extend(fewer_processes(excess, cx));
        found
    }
}

/// Lowers the literal that decides how many processes run; without one, shows how to.
fn fewer_processes(excess: &Excess<'_>, cx: &TreeContext<'_>) -> Vec<Fix> {
    let Excess { build, peak, demand, .. } = excess;
    let Some(limit) = demand.package_limit else { return Vec::new() };
    if peak.phase == Phase::Link {
        let title = format!("Link {} with mold, or with less optimisation", build.name);
        return vec![Fix::suggestion(title, Vec::new())];
    }
    let process = build.process.as_ref().filter(|_| peak.phase == Phase::Compile);
    let most = process.map_or(0, |process| limit.0 / process.bytes.0.max(1));
    if most == 0 || most >= peak.processes {
        return Vec::new();
    }
    let title = format!("Let {} run {most} at a time", build.name);
    let exact = build.processes_literal.and_then(|literal| {
        let source = cx.tree.source(literal.file).ok()?;
        let text = source.slice(literal.range);
        let inner = text.trim_matches('"');
        let is_number = inner.parse() == Ok(peak.processes);
        let edit = FixEdit::replace(literal, text.replace(inner, &most.to_string()));
        let others = builds_with(literal, cx.facts);
        let others: Vec<String> = others.into_iter().filter(|name| *name != build.name).collect();
        let why = match others.as_slice() {
            [] => format!(
                "{} is built again, because the number is part of its derivation",
                build.name
            ),
            others => format!("{} and {} are built again", build.name, others.join(", ")),
        };
        is_number.then(|| Fix::unsafe_because(title.clone(), why, vec![edit]))
    });
    let shown = || {
        let cap = format!(
            "{title}: preBuild = \"export NIX_BUILD_CORES=$((NIX_BUILD_CORES > {most} ? {most} : \
             NIX_BUILD_CORES))\""
        );
        Fix::suggestion(cap, Vec::new())
    };
    match exact {
        Some(exact) => vec![exact],
        None => fewer_cores(excess, most, cx).into_iter().chain([shown()]).collect(),
    }
}

/// Lowers `cores` where that alone decides how many processes of this build run. A browser is better
/// taken from a cache, and a build that may never happen does not bound all others.
fn fewer_cores(excess: &Excess<'_>, most: u64, cx: &TreeContext<'_>) -> Option<Fix> {
    let Excess { build, peak, host, pairs, .. } = excess;
    let follows = matches!(build.processes, Processes::Cores | Processes::AtMost(_));
    if !follows || build.is_browser || build.is_conditional {
        return None;
    }
    let in_force = pairs.iter().filter(|pair| {
        let is_of_nix = pair.defaults != Defaults::Profile && !pair.builds_nothing();
        is_of_nix && pair.parallelism(host).is_none_or(|it| it.cores > most)
    });
    let mut edits: Vec<FixEdit> = Vec::new();
    let mut uses: Vec<String> = Vec::new();
    for pair in in_force {
        let limit = pair.limit(Knob::Cores).filter(|limit| !limit.is_conditional())?;
        let literal = limit.source()?;
        let is_jobs = |other: &Pair| other.limit(Knob::MaxJobs)?.source();
        if cx.budget().pairs.iter().any(|other| is_jobs(other) == Some(literal)) {
            return None;
        }
        if edits.iter().any(|edit| edit.span == literal) {
            continue;
        }
        edits.push(FixEdit::replace(literal, limit.rewritten(most, cx.tree)?));
        uses.extend(other_uses_of(Knob::Cores, literal, cx.facts));
    }
    (!edits.is_empty()).then_some(())?;
    let title =
        format!("Set cores to {most}, for all builds: {} processes are too many", peak.processes);
    let fix = match uses.is_empty() {
        true => Fix::safe(title, edits),
        false => Fix::unsafe_because(title, list(uses), edits),
    };
    Some(fix.isolated(isolation(&host.name)))
}
