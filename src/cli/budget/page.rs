//! The budget for people: a page one can show.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::report::{Report, rounded};
use crate::budget::{Amount, BoundBy, Defaults, Knob, LocalBuild, Pair, Peak, Phase, Teller};
use crate::config::Bytes;
use crate::knowledge::Basis;
use crate::report::{DisplayPaths, visible};
use crate::source::{Span, Tree};

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// The width of a bar that is as long as the limit.
const BAR: u64 = 20;

/// Writes a page for each of `reports`.
pub(super) fn write(
    out: &mut dyn Write,
    reports: &[Report],
    tree: &Tree,
    paths: &DisplayPaths,
) -> io::Result<()> {
    for (index, report) in reports.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        Page { report, tree, paths }.write(out)?;
    }
    out.flush()
}

struct Page<'a> {
    report: &'a Report,
    tree: &'a Tree,
    paths: &'a DisplayPaths,
}

impl Page<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.machine(out)?;
        self.settings(out)?;
        self.packages(out)?;
        self.worst_case(out)?;
        self.idle(out)?;
        self.suggestions(out)
    }

    fn machine(&self, out: &mut dyn Write) -> io::Result<()> {
        let host = &self.report.host;
        let threads = match host.thread_count() {
            Some(threads) => format!("{threads} threads"),
            None => "threads not known".to_owned(),
        };
        let memory = match (host.memory, host.zram) {
            (Some(memory), Some(zram)) => format!("{} + {} of zram", memory.value, zram.value),
            (Some(memory), None) => memory.value.to_string(),
            (None, _) => "memory not known".to_owned(),
        };
        let kept =
            format!("{} threads and {} kept back", host.reserved.threads, host.reserved.memory);
        writeln!(out, "{BOLD}{}{BOLD:#}  {threads}, {memory}; {kept}", visible(&host.name),)?;
        let known = [
            ("threads", host.threads.map(|told| told.by)),
            ("memory", host.memory.map(|told| told.by)),
            ("zram", host.zram.map(|told| told.by)),
        ];
        for (figure, by) in known {
            if let Some(by) = by {
                writeln!(out, "  {FAINT}{figure:<9} {}{FAINT:#}", self.teller(by))?;
            }
        }
        let missing: Vec<&str> = [
            host.threads.is_none().then_some("threads = 8"),
            host.memory.is_none().then_some("memory = \"16GiB\""),
        ]
        .into_iter()
        .flatten()
        .collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => writeln!(
                out,
                "  No setting of Nix tells the rest: write {}, with its own numbers, below \
                 [host.{}] in frugix.toml.",
                missing.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(" and "),
                visible(&host.name),
            ),
        }
    }

    /// What tells a figure of the machine.
    fn teller(&self, by: Teller) -> String {
        match by {
            Teller::Config if self.report.is_this_machine => "this machine".to_owned(),
            Teller::Config => "frugix.toml".to_owned(),
            Teller::Profile(span) => format!("its profile, {}", self.place(span)),
            Teller::Report(span) => format!("its nixos-facter report, {}", self.place(span)),
            Teller::Option(span) => self.place(span),
        }
    }

    fn settings(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{BOLD}Settings{BOLD:#}")?;
        let report = self.report;
        for (index, pair) in report.pairs.iter().enumerate() {
            let is_more = report.pairs.len() > 1;
            let mark = if is_more && index == report.judged { "▸" } else { " " };
            for (knob, name) in [(Knob::MaxJobs, "max-jobs"), (Knob::Cores, "cores")] {
                let mark = if knob == Knob::MaxJobs { mark } else { " " };
                let said = self.origin(pair, knob);
                let number = match (pair.amount(knob), report.host.thread_count()) {
                    (Amount::Count(count), _) | (Amount::Threads, Some(count)) => count.to_string(),
                    (Amount::Threads, None) => "all".to_owned(),
                };
                writeln!(out, "{mark} {name:<9} {number:>4}  {FAINT}{said}{FAINT:#}")?;
            }
        }
        let what_if = report.what_if;
        let Some(now) = report.parallelism else {
            return writeln!(out, "  as many as there are threads, which are not known");
        };
        if what_if.max_jobs.is_some() || what_if.cores.is_some() {
            writeln!(out, "  reckoned with max-jobs {} and cores {}", now.jobs, now.cores)?;
        }
        let tolerated = match report.host.room() {
            Some(room) => format!("{} tolerated", room.processes),
            None => "for threads that are not known".to_owned(),
        };
        let style = if report.has_threads() { GOOD } else { BAD };
        writeln!(
            out,
            "  {style}{} × {} = {} processes{style:#}, {tolerated}",
            now.jobs,
            now.cores,
            now.processes(),
        )
    }

    /// Where a number comes from.
    fn origin(&self, pair: &Pair, knob: Knob) -> String {
        let Some(limit) = pair.limit(knob) else {
            let why = match (pair.defaults, knob) {
                (Defaults::Nixos, Knob::MaxJobs) => "not set: \"auto\", a job for each thread",
                (Defaults::Profile, Knob::MaxJobs) => "not in the profile",
                (_, Knob::MaxJobs) => "not set: Nix's own default",
                (_, Knob::Cores) => "not set: every thread",
            };
            return why.to_owned();
        };
        let read = self.place(limit.place);
        let places = match limit.source().map(|source| self.place(source)) {
            Some(written) if written != read => format!("{written}, read at {read}"),
            _ => read,
        };
        if limit.is_conditional() { format!("{places}, on a condition") } else { places }
    }

    fn packages(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let threads = report.host.thread_count();
        let peak = |build: &LocalBuild| build.peak(report.parallelism?.cores, threads);
        let mut builds: Vec<(&LocalBuild, Option<Peak>)> =
            report.demand.builds.iter().map(|build| (build, peak(build))).collect();
        builds.sort_by_key(|(_, peak)| std::cmp::Reverse(peak.map(|peak| peak.bytes)));
        if builds.is_empty() {
            return writeln!(out, "\nNothing of this tree is compiled here.");
        }
        let width = builds.iter().map(|(build, _)| visible(&build.name).chars().count()).max();
        let width = width.unwrap_or(0).clamp(7, 32);
        writeln!(
            out,
            "\n{BOLD}{:<width$}  processes       peak  {:<25}{:>9}  basis{BOLD:#}",
            "Built here", "", "hours",
        )?;
        for (build, peak) in builds {
            let name = visible(&build.name);
            let Some(peak) = peak else {
                writeln!(out, "{name:<width$}  {:>9}  {:>9}", "", "not known")?;
                continue;
            };
            let hours = report.hours_of(build).map_or(String::new(), |hours| {
                match (rounded(hours.low), rounded(hours.high)) {
                    (low, high) if low == high => low.to_string(),
                    (low, high) => format!("{low}–{high}"),
                }
            });
            let basis = match peak.phase {
                Phase::Given => "frugix.toml".to_owned(),
                Phase::Link => format!("{}, at the link", peak.basis),
                Phase::Compile => peak.basis.to_string(),
            };
            let (bar, style) = self.bar(peak.bytes);
            writeln!(
                out,
                "{name:<width$}  {:>9}  {:>9}  {style}{bar:<25}{style:#}{hours:>9}  {FAINT}{basis}{FAINT:#}",
                peak.processes,
                peak.bytes.to_string(),
            )?;
        }
        writeln!(
            out,
            "{FAINT}Hours are reckoned for that many processes, from those of four cores with eight threads.{FAINT:#}"
        )
    }

    /// A bar as long as the limit where the whole limit is taken; past it, it ends in an arrow.
    fn bar(&self, bytes: Bytes) -> (String, Style) {
        let whole = match self.report.demand.limit {
            Some(limit) => limit.bytes,
            None => self.report.worst_case.as_ref().map_or(bytes, |worst| worst.bytes),
        };
        let length = u128::from(bytes.0) * u128::from(BAR) / u128::from(whole.0.max(1));
        let length = usize::try_from(length).unwrap_or(usize::MAX).max(1);
        let most = BAR as usize;
        match length > most || bytes > whole {
            true => (format!("{}▶", "█".repeat(most)), BAD),
            false => ("█".repeat(length), GOOD),
        }
    }

    fn worst_case(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        writeln!(out, "\n{BOLD}Worst case{BOLD:#}")?;
        let (Some(worst), Some(now)) = (&report.worst_case, report.parallelism) else {
            return writeln!(out, "  Not known, as the threads are not.");
        };
        if now.jobs == 0 {
            return writeln!(out, "  max-jobs is 0: nothing is built here.");
        }
        let terms: Vec<String> = (worst.builds.iter())
            .map(|(index, peak)| {
                format!("{} {}", visible(&report.demand.builds[*index].name), peak.bytes)
            })
            .collect();
        let sum = match terms.as_slice() {
            [] => "nothing".to_owned(),
            terms => terms.join(" + "),
        };
        let basis = match worst.basis {
            Basis::Estimate => " (in part an estimate)",
            Basis::Documented | Basis::Measured => "",
        };
        writeln!(out, "  {sum} = {BOLD}{}{BOLD:#}{basis}", worst.bytes)?;
        self.order(out)?;
        let Some(limit) = report.demand.limit else {
            return writeln!(
                out,
                "  Against what is not known: write `memory = \"16GiB\"` in [host.{}].",
                visible(&report.host.name),
            );
        };
        let by = match limit.by {
            BoundBy::Machine => "memory and zram less the reserve".to_owned(),
            BoundBy::DaemonMax(span) => format!("the daemon's MemoryMax, {}", self.place(span)),
            BoundBy::DaemonHigh(span) => format!("the daemon's MemoryHigh, {}", self.place(span)),
        };
        let (verdict, style) = match limit.bytes.0.checked_sub(worst.bytes.0) {
            Some(margin) => (format!("fits, with {} to spare", Bytes(margin)), GOOD),
            None => (format!("{} too much", Bytes(worst.bytes.0 - limit.bytes.0)), BAD),
        };
        writeln!(out, "  of {} ({by}): {style}{verdict}{style:#}", limit.bytes)
    }

    /// Which builds wait for others, and so never run beside them.
    fn order(&self, out: &mut dyn Write) -> io::Result<()> {
        let builds = &self.report.demand.builds;
        for build in builds {
            let before = builds.iter().filter(|other| build.after.contains(&other.id));
            let before: Vec<_> = before.map(|other| visible(&other.name)).collect();
            if !before.is_empty() {
                let name = visible(&build.name);
                writeln!(out, "  {FAINT}{name} waits for {}{FAINT:#}", before.join(", "))?;
            }
        }
        Ok(())
    }

    fn idle(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{BOLD}What nothing limits{BOLD:#}")?;
        for build in &self.report.demand.builds {
            for idle in &build.idle {
                let place =
                    idle.place.map_or(String::new(), |span| format!(" ({})", self.place(span)));
                let line = format!(
                    "{}: {} asks for {}{place} in vain: {}",
                    build.name, idle.name, idle.asked, idle.why
                );
                writeln!(out, "  {}", visible(&line))?;
            }
        }
        let conditional = self.report.demand.builds.iter().filter(|build| build.is_conditional);
        let conditional: Vec<_> = conditional.map(|build| visible(&build.name)).collect();
        if !conditional.is_empty() {
            let names = conditional.join(", ");
            writeln!(out, "  Built only if a condition holds that cannot be decided: {names}.")?;
        }
        for sentence in self.report.unlimited() {
            writeln!(out, "  {}", visible(&sentence))?;
        }
        Ok(())
    }

    fn suggestions(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        if report.suggestions.is_empty() {
            if report.fits() || report.parallelism.is_none_or(|now| now.jobs == 0) {
                return Ok(());
            }
            return writeln!(
                out,
                "\nNo max-jobs and cores make this fit: cap the largest build itself, with\n  \
                 preBuild = \"export NIX_BUILD_CORES=$((NIX_BUILD_CORES > 2 ? 2 : NIX_BUILD_CORES))\";"
            );
        }
        writeln!(out, "\n{BOLD}What fits{BOLD:#}")?;
        for plan in &report.suggestions {
            let (now, worst) = (plan.parallelism, &plan.worst_case);
            writeln!(
                out,
                "  max-jobs {:>2}, cores {:>2}: {:>3} processes, {} at worst",
                now.jobs,
                now.cores,
                now.processes(),
                worst.bytes,
            )?;
        }
        writeln!(out, "{FAINT}--apply writes the first where the numbers are defined.{FAINT:#}")
    }

    /// `file:line`.
    fn place(&self, span: Span) -> String {
        let name = self.paths.name(self.tree, span.file);
        let name = match self.tree.source(span.file) {
            Ok(source) => format!("{name}:{}", source.position(span.range.start()).line),
            Err(_) => name,
        };
        visible(&name).into_owned()
    }
}
