//! What follows from a value under the pointer: how many processes it lets a host run at once and
//! what they take, what it does to a build, what it tells of a machine.

use text_size::TextSize;

use super::provenance::escaped;
use super::reckoning::{Builder, Reckoning};
use crate::budget::audit::Row;
use crate::budget::{BoundBy, Budget, LocalBuild, Pair, Parallelism, Teller};
use crate::facts::Inspection;
use crate::source::{FileId, Span};

/// So many builds are named.
const MAX_BUILDS: usize = 4;

/// What follows from the value at `offset`, which `inspection` is about.
pub(super) fn of_value(
    reckoning: &Reckoning,
    inspection: &Inspection,
    file: FileId,
    offset: TextSize,
) -> Option<String> {
    let here = Here { reckoning, inspection, file, offset };
    let mut lines = here.parallelism();
    lines.extend(here.builds());
    lines.extend(here.machine());
    if lines.is_empty() {
        lines.extend(here.idle_profile_value());
    }
    lines.dedup();
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

struct Here<'a> {
    reckoning: &'a Reckoning,
    inspection: &'a Inspection,
    file: FileId,
    offset: TextSize,
}

impl Here<'_> {
    fn is(&self, span: Span) -> bool {
        span.file == self.file && span.range.contains_inclusive(self.offset)
    }

    /// Whether what is written here is used in `span`.
    fn is_used_in(&self, span: Span) -> bool {
        let mut uses = self.inspection.uses.iter();
        uses.any(|used| used.file == span.file && span.range.contains_range(used.range))
    }

    /// Each host that reads it as `max-jobs` or `cores`.
    fn parallelism(&self) -> Vec<String> {
        let budget = &self.reckoning.budget;
        let reads_it = |pair: &&Pair| {
            let is_here = |span: Span| self.is(span);
            pair.limits().any(|limit| limit.source().is_some_and(is_here) || is_here(limit.place))
        };
        let mut told: Vec<Vec<String>> = Vec::new();
        for lines in
            budget.pairs.iter().filter(reads_it).filter_map(|pair| self.at_once(budget, pair))
        {
            if !told.contains(&lines) {
                told.push(lines);
            }
        }
        told.concat()
    }

    fn at_once(&self, budget: &Budget, pair: &Pair) -> Option<Vec<String>> {
        let host = budget.host(pair);
        let now = pair.parallelism(host)?;
        let Parallelism { jobs, cores } = now;
        let threads = host
            .thread_count()
            .map_or_else(String::new, |threads| format!(" on {threads} threads"));
        let name = &host.name;
        let processes = now.processes();
        let mut lines = vec![format!(
            "On {name}: max-jobs {jobs} × cores {cores} = {processes} processes at once{threads}"
        )];
        let builder = self.reckoning.hosts.iter().find(|builder| builder.host.name == *name);
        lines.extend(builder.and_then(|builder| worst_case(builder, now)));
        let fits = pair.suggestion(host).filter(|fits| *fits != now && pair.exceeds_threads(host));
        lines.extend(fits.map(|fits| {
            format!("On {name}, max-jobs {} and cores {} fit the threads", fits.jobs, fits.cores)
        }));
        Some(lines)
    }

    /// Each build that it is part of, or that it keeps to some processes or does not.
    fn builds(&self) -> Vec<String> {
        let rows = self.reckoning.audit.rows.iter();
        let rows = rows.filter(|row| row.calls.iter().any(|call| self.is_used_in(*call)));
        let rows: Vec<&Row> = rows.filter(|row| row.expense.is_some()).collect();
        let (mut takes, mut idle) = (Vec::new(), Vec::new());
        for builder in &self.reckoning.hosts {
            let decides = |build: &&LocalBuild| {
                build.processes_literal.is_some_and(|literal| self.is(literal))
            };
            let decided = builder.demand.builds.iter().filter(decides);
            let of_rows = rows.iter().filter_map(|row| builder.build_of(row));
            for build in decided.chain(of_rows) {
                let taken = builder.takes(build).map(|taken| format!("{} {taken}", build.name));
                takes.extend(taken.filter(|taken| !takes.contains(taken)));
            }
            idle.extend(builder.demand.builds.iter().flat_map(|build| self.idle_limits(build)));
        }
        let more = takes.len().saturating_sub(MAX_BUILDS);
        takes.truncate(MAX_BUILDS);
        if more > 0 {
            takes.push(format!("and {more} more"));
        }
        takes.extend(idle);
        takes
    }

    fn idle_limits(&self, build: &LocalBuild) -> Vec<String> {
        let is_meant = |span: Span| self.is(span) || self.is_used_in(span);
        let idle = build.idle.iter().filter(|idle| idle.place.is_some_and(is_meant));
        let line = |idle: &crate::budget::IdleLimit| {
            format!("{}: {} asks for {} in vain: {}", build.name, idle.name, idle.asked, idle.why)
        };
        idle.map(line).collect()
    }

    /// Each host that it tells threads or memory of.
    fn machine(&self) -> Vec<String> {
        let is_teller = |by: Teller| match by {
            Teller::Profile(span) | Teller::Option(span) => self.is(span),
            Teller::Config | Teller::Report(_) => false,
        };
        let mut lines = Vec::new();
        for builder in &self.reckoning.hosts {
            let host = &builder.host;
            let memory = [host.memory, host.zram].into_iter().flatten();
            if memory.map(|told| told.by).any(is_teller) {
                lines.extend(worst_case(builder, builder.now));
            }
            if let Some((threads, room)) = host.threads.zip(host.room())
                && is_teller(threads.by)
            {
                let (name, count) = (&host.name, room.processes);
                lines.push(format!(
                    "On {name}, {} threads bear {count} processes; max-jobs {} × cores {} are {}",
                    threads.value,
                    builder.now.jobs,
                    builder.now.cores,
                    builder.now.processes(),
                ));
            }
        }
        lines
    }

    /// That nobody uses a value of a hardware profile.
    fn idle_profile_value(&self) -> Option<String> {
        let mut values = self.reckoning.facts.profiles.iter().flat_map(|profile| &profile.values);
        let (path, _) = values
            .find(|(_, value)| value.literal.is_some_and(|literal| self.is(literal)))
            .filter(|_| self.inspection.uses.is_empty())?;
        Some(format!("nothing in this tree is seen to use {path}"))
    }
}

/// What may run together on a host, against what it has for that.
fn worst_case(builder: &Builder, now: Parallelism) -> Option<String> {
    let worst = builder.demand.worst_case(now);
    let name_of = |index: usize| builder.demand.builds.get(index).map(|build| build.name.as_str());
    let mut terms: Vec<String> = (worst.builds.iter())
        .filter_map(|(index, peak)| Some(format!("{} {}", name_of(*index)?, peak.bytes)))
        .collect();
    if terms.is_empty() {
        return None;
    }
    let more = terms.len().saturating_sub(MAX_BUILDS);
    terms.truncate(MAX_BUILDS);
    if more > 0 {
        terms.push(format!("{more} more"));
    }
    let limit = builder.demand.limit.map(|limit| {
        let of = match limit.by {
            BoundBy::Machine => "for builds",
            BoundBy::DaemonMax(_) | BoundBy::DaemonHigh(_) => "that the daemon may take",
        };
        format!(", of {} {of}", limit.bytes)
    });
    Some(format!(
        "On {} at worst {} = {} together ({}){}",
        builder.host.name,
        terms.join(" + "),
        worst.bytes,
        worst.basis,
        limit.unwrap_or_default(),
    ))
}
