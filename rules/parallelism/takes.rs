//! What the rules about memory have in common to say: what builds take, and what there is.

use crate::budget::{BoundBy, Host, HostDemand, LocalBuild, MemoryLimit, Peak, Phase, WorstCase};
use crate::knowledge::Basis;
use crate::lint::Diagnostic;
use crate::source::{Span, Tree};

use super::wording::line;

/// "codex 18 GiB + firefox 12 GiB = 30 GiB".
pub(super) fn sum(demand: &HostDemand, worst: &WorstCase) -> String {
    let term =
        |(index, peak): &(usize, Peak)| format!("{} {}", demand.builds[*index].name, peak.bytes);
    let terms: Vec<String> = worst.builds.iter().map(term).collect();
    format!("{} = {}", terms.join(" + "), worst.bytes)
}

/// Adds how each build of `worst` was reckoned.
pub(super) fn with_builds(
    mut found: Diagnostic,
    demand: &HostDemand,
    worst: &WorstCase,
    tree: &Tree,
) -> Diagnostic {
    for (index, peak) in &worst.builds {
        let build = &demand.builds[*index];
        found = found.note(reckoning(build, *peak));
        if build.is_conditional {
            found = found.note(format!("{} is built only if its condition holds", build.name));
        }
        found = with_idle(found, build, tree);
        found = build
            .files
            .iter()
            .fold(found.depends_on(build.place.file), |found, file| found.depends_on(*file));
        found = found.related(build.place, format!("{} is built here", build.name));
    }
    found
}

/// Adds the limits of `build` that come to nothing.
pub(super) fn with_idle(mut found: Diagnostic, build: &LocalBuild, tree: &Tree) -> Diagnostic {
    for idle in &build.idle {
        let place = idle.place.map_or(String::new(), |span| format!(" ({})", line(tree, span)));
        found = found.note(format!(
            "{}: {} asks for {}{place} in vain: {}",
            build.name, idle.name, idle.asked, idle.why
        ));
    }
    found
}

/// "codex: 6 processes of 3 GiB take 18 GiB (measured: …)".
pub(super) fn reckoning(build: &LocalBuild, peak: Peak) -> String {
    let evidence = |figure: Option<&crate::budget::Figure>| {
        figure
            .map_or(String::new(), |figure| format!(" ({}: {})", said(figure.basis), figure.source))
    };
    let name = &build.name;
    match peak.phase {
        Phase::Given => {
            let figure = build.peak.as_ref();
            format!("{name} takes {}{}", peak.bytes, evidence(figure))
        }
        Phase::Link => {
            format!("{name}: its link takes {}{}", peak.bytes, evidence(build.link.as_ref()))
        }
        Phase::Compile => {
            let each = build.process.as_ref().map_or(peak.bytes, |figure| figure.bytes);
            let processes = match peak.processes {
                1 => format!("one process takes {each}"),
                count => format!("{count} processes of {each} take {}", peak.bytes),
            };
            format!("{name}: {processes}{}", evidence(build.process.as_ref()))
        }
    }
}

fn said(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "documented",
        Basis::Measured => "measured",
        Basis::Estimate => "an estimate",
    }
}

/// What bounds the memory of builds on `host`.
pub(super) fn limit_note(host: &Host, limit: MemoryLimit) -> String {
    let (memory, zram) = (host.memory.map(|it| it.value), host.zram.map(|it| it.value));
    match (limit.by, memory, zram) {
        (BoundBy::DaemonMax(_), ..) => format!("the daemon's MemoryMax is {}", limit.bytes),
        (BoundBy::DaemonHigh(_), ..) => format!("the daemon's MemoryHigh is {}", limit.bytes),
        (BoundBy::Machine, Some(memory), Some(zram)) => format!(
            "{memory} and {zram} of zram less the reserve of {} leave {}",
            host.reserved.memory, limit.bytes
        ),
        (BoundBy::Machine, memory, _) => format!(
            "{} less the reserve of {} leaves {}",
            memory.unwrap_or(limit.bytes),
            host.reserved.memory,
            limit.bytes
        ),
    }
}

/// Where the daemon is limited.
pub(super) fn limit_place(limit: MemoryLimit) -> Option<Span> {
    match limit.by {
        BoundBy::DaemonMax(span) | BoundBy::DaemonHigh(span) => Some(span),
        BoundBy::Machine => None,
    }
}
