//! What follows from a number under the pointer: how many processes it lets a host run at once.

use text_size::TextSize;

use super::session::Session;
use crate::budget::{Budget, Knob, Pair};
use crate::source::{FileId, Span};

/// What the number at `offset` comes to on each host that reads it as `max-jobs` or `cores`.
pub(super) fn of_number(session: &mut Session, file: FileId, offset: TextSize) -> Option<String> {
    let facts = session.analyzer.survey(&session.tree).ok()?;
    let budget = Budget::new(&session.tree, session.config(), &facts);
    let is_here = |span: Span| span.file == file && span.range.contains_inclusive(offset);
    let reads_it = |pair: &&Pair| {
        pair.limits().any(|limit| limit.source().is_some_and(is_here) || is_here(limit.place))
    };
    let mut lines: Vec<String> =
        budget.pairs.iter().filter(reads_it).filter_map(|pair| told(&budget, pair)).collect();
    lines.sort();
    lines.dedup();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

fn told(budget: &Budget, pair: &Pair) -> Option<String> {
    let host = budget.host(pair);
    let now = pair.parallelism(host)?;
    let amount = |knob: Knob| match knob {
        Knob::MaxJobs => now.jobs,
        Knob::Cores => now.cores,
    };
    let (jobs, cores) = (amount(Knob::MaxJobs), amount(Knob::Cores));
    let threads =
        host.thread_count().map_or_else(String::new, |threads| format!(" on {threads} threads"));
    Some(format!(
        "On {}: max-jobs {jobs} × cores {cores} = {} processes at once{threads}",
        host.name,
        now.processes(),
    ))
}
