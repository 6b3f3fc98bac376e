//! The budget for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::{Report, rounded};
use crate::budget::{BoundBy, Knob, Limit, LocalBuild, Pair, Parallelism, Phase, Teller};
use crate::facts::Origin;
use crate::source::{Span, Tree};

/// Writes `report` as one object.
pub(super) fn write(out: &mut dyn Write, report: &Report, tree: &Tree) -> io::Result<()> {
    let worst = report.worst_case.as_ref();
    let limit = report.demand.limit;
    let value = json!({
        "host": {
            "name": report.host.name,
            "threads": report.host.thread_count(),
            "threads_from": report.host.threads.map(|told| teller(told.by, report, tree)),
            "memory_bytes": report.host.memory.map(|told| told.value.0),
            "memory_from": report.host.memory.map(|told| teller(told.by, report, tree)),
            "zram_bytes": report.host.zram.map(|told| told.value.0),
            "zram_from": report.host.zram.map(|told| teller(told.by, report, tree)),
            "reserved_threads": report.host.reserved.threads,
            "reserved_memory_bytes": report.host.reserved.memory.0,
        },
        "settings": {
            "max_jobs": report.parallelism.map(|now| now.jobs),
            "cores": report.parallelism.map(|now| now.cores),
            "processes": report.parallelism.map(Parallelism::processes),
            "tolerated_processes": report.host.room().map(|room| room.processes),
            "pairs": report.pairs.iter().enumerate().map(|(index, pair)| {
                pair_of(pair, report, index == report.judged, tree)
            }).collect::<Vec<_>>(),
        },
        "packages": report.demand.builds.iter().map(|build| {
            package_of(build, report, tree)
        }).collect::<Vec<_>>(),
        "worst_case": {
            "packages": worst.map(|worst| worst.builds.iter().map(|(index, _)| {
                report.demand.builds[*index].name.as_str()
            }).collect::<Vec<_>>()).unwrap_or_default(),
            "peak_bytes": worst.map(|worst| worst.bytes.0),
            "basis": worst.map(|worst| worst.basis.to_string()),
            "limit_bytes": limit.map(|limit| limit.bytes.0),
            "limited_by": limit.map(|limit| match limit.by {
                BoundBy::Machine => "machine",
                BoundBy::DaemonMax(_) => "MemoryMax",
                BoundBy::DaemonHigh(_) => "MemoryHigh",
            }),
            "margin_bytes": limit.zip(worst).map(|(limit, worst)| {
                i128::from(limit.bytes.0) - i128::from(worst.bytes.0)
            }).and_then(|margin| i64::try_from(margin).ok()),
            "fits": report.has_memory(),
        },
        "unlimited": report.unlimited(),
        "suggestions": report.suggestions.iter().map(|plan| json!({
            "max_jobs": plan.parallelism.jobs,
            "cores": plan.parallelism.cores,
            "peak_bytes": plan.worst_case.bytes.0,
        })).collect::<Vec<_>>(),
        "fits": report.fits(),
    });
    crate::report::write_pretty(out, &value)?;
    writeln!(out)?;
    out.flush()
}

fn pair_of(pair: &Pair, report: &Report, is_judged: bool, tree: &Tree) -> Value {
    let side = |knob: Knob| {
        let limit = pair.limit(knob);
        json!({
            "value": pair.amount(knob).on(report.host.thread_count()),
            "set_at": limit.map(|limit| place(limit.place, tree)),
            "defined_at": limit.and_then(Limit::source).map(|span| place(span, tree)),
        })
    };
    json!({ "max_jobs": side(Knob::MaxJobs), "cores": side(Knob::Cores), "judged": is_judged })
}

fn package_of(build: &LocalBuild, report: &Report, tree: &Tree) -> Value {
    let threads = report.host.thread_count();
    let peak = report.parallelism.and_then(|now| build.peak(now.cores, threads));
    let hours = report.hours_of(build);
    let processes = report.parallelism.and_then(|now| build.processes.on(now.cores, threads));
    json!({
        "name": build.name,
        "origin": match &build.origin {
            Origin::Stock | Origin::OtherNixpkgs(_) => "nixpkgs",
            Origin::Input(_) => "input",
            Origin::Own => "own",
            Origin::Unknown => "unknown",
        },
        "place": place(build.place, tree),
        "processes": processes,
        "peak_bytes": peak.map(|peak| peak.bytes.0),
        "phase": peak.map(|peak| match peak.phase {
            Phase::Compile => "compile",
            Phase::Link => "link",
            Phase::Given => "given",
        }),
        "hours": hours.map(|hours| json!({ "low": rounded(hours.low), "high": rounded(hours.high) })),
        "after": names_of(&build.after, report),
        "basis": peak.map(|peak| peak.basis.to_string()),
        "ignored": build.idle.iter().map(|idle| json!({
            "name": idle.name,
            "asked": idle.asked,
            "place": idle.place.map(|span| place(span, tree)),
            "why": idle.why,
        })).collect::<Vec<_>>(),
    })
}

/// The builds with these numbers, by name.
fn names_of(ids: &[usize], report: &Report) -> Vec<String> {
    let builds = report.demand.builds.iter();
    builds.filter(|build| ids.contains(&build.id)).map(|build| build.name.clone()).collect()
}

/// What tells a figure: `frugix.toml`, this machine, or a place of the tree.
fn teller(by: Teller, report: &Report, tree: &Tree) -> Value {
    match by {
        Teller::Config if report.is_this_machine => json!("this machine"),
        Teller::Config => json!("frugix.toml"),
        Teller::Profile(span) | Teller::Report(span) | Teller::Option(span) => place(span, tree),
    }
}

fn place(span: Span, tree: &Tree) -> Value {
    let path = tree.path(span.file).to_string_lossy();
    let line = tree.source(span.file).ok().map(|source| source.position(span.range.start()).line);
    json!({ "path": path, "line": line })
}
