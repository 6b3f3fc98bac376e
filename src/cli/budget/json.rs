//! The budget for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::Report;
use crate::budget::{BoundBy, Knob, Limit, LocalBuild, Pair, Phase};
use crate::facts::Origin;
use crate::source::{Span, Tree};

/// Writes `report` as one object.
pub(super) fn write(out: &mut dyn Write, report: &Report, tree: &Tree) -> io::Result<()> {
    let worst = &report.worst_case;
    let limit = report.demand.limit;
    let value = json!({
        "host": {
            "name": report.host.name,
            "threads": report.host.threads,
            "memory_bytes": report.host.memory.map(|memory| memory.0),
            "zram_bytes": report.host.zram.map(|zram| zram.0),
            "reserved_threads": report.host.reserved.threads,
            "reserved_memory_bytes": report.host.reserved.memory.0,
        },
        "settings": {
            "max_jobs": report.parallelism.jobs,
            "cores": report.parallelism.cores,
            "processes": report.parallelism.processes(),
            "tolerated_processes": report.host.room().processes,
            "pairs": report.pairs.iter().enumerate().map(|(index, pair)| {
                pair_of(pair, report, index == report.judged, tree)
            }).collect::<Vec<_>>(),
        },
        "packages": report.demand.builds.iter().map(|build| {
            package_of(build, report, tree)
        }).collect::<Vec<_>>(),
        "worst_case": {
            "packages": worst.builds.iter().map(|(index, _)| {
                report.demand.builds[*index].name.as_str()
            }).collect::<Vec<_>>(),
            "peak_bytes": worst.bytes.0,
            "basis": worst.basis.to_string(),
            "limit_bytes": limit.map(|limit| limit.bytes.0),
            "limited_by": limit.map(|limit| match limit.by {
                BoundBy::Machine => "machine",
                BoundBy::DaemonMax(_) => "MemoryMax",
                BoundBy::DaemonHigh(_) => "MemoryHigh",
            }),
            "margin_bytes": limit.map(|limit| {
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
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)?;
    out.flush()
}

fn pair_of(pair: &Pair, report: &Report, is_judged: bool, tree: &Tree) -> Value {
    let set = pair.parallelism(&report.host);
    let side = |knob: Knob| {
        let limit = pair.limit(knob);
        json!({
            "value": set.of(knob),
            "set_at": limit.map(|limit| place(limit.place, tree)),
            "defined_at": limit.and_then(Limit::source).map(|span| place(span, tree)),
        })
    };
    json!({ "max_jobs": side(Knob::MaxJobs), "cores": side(Knob::Cores), "judged": is_judged })
}

fn package_of(build: &LocalBuild, report: &Report, tree: &Tree) -> Value {
    let peak = build.peak(report.parallelism.cores, u64::from(report.host.threads));
    json!({
        "name": build.name,
        "origin": match &build.origin {
            Origin::Stock | Origin::OtherNixpkgs(_) => "nixpkgs",
            Origin::Input(_) => "input",
            Origin::Own => "own",
            Origin::Unknown => "unknown",
        },
        "place": place(build.place, tree),
        "processes": build.processes.on(report.parallelism.cores, u64::from(report.host.threads)),
        "peak_bytes": peak.map(|peak| peak.bytes.0),
        "phase": peak.map(|peak| match peak.phase {
            Phase::Compile => "compile",
            Phase::Link => "link",
            Phase::Given => "given",
        }),
        "hours": build.hours.map(|hours| json!({ "low": hours.low, "high": hours.high })),
        "basis": peak.map(|peak| peak.basis.to_string()),
        "ignored": build.idle.iter().map(|idle| json!({
            "name": idle.name,
            "asked": idle.asked,
            "place": idle.place.map(|span| place(span, tree)),
            "why": idle.why,
        })).collect::<Vec<_>>(),
    })
}

fn place(span: Span, tree: &Tree) -> Value {
    let path = tree.path(span.file).to_string_lossy();
    let line = tree.source(span.file).ok().map(|source| source.position(span.range.start()).line);
    json!({ "path": path, "line": line })
}
