//! The parallelism a hardware profile asks for, where no setting of Nix reads it.

use super::host::Host;
use super::limit::{Amount, Knob, Limit, Writer};
use super::pair::{Defaults, Pair};
use crate::facts::{Facts, ValueFact, ValueKind};
use crate::source::Span;

/// The pair of the host's profile; `None` where a setting reads either half of it, for then it is
/// judged there.
pub(super) fn pair(index: usize, host: &Host, facts: &Facts) -> Option<Pair> {
    let profile = facts.profiles.get(host.profile?)?;
    let limit = |knob: Knob, value: &Option<ValueFact>| {
        let value = value.as_ref()?;
        // Zero cores are all of them to Nix; to whom a profile speaks is not known.
        let amount = Amount::of(knob, value)
            .filter(|amount| knob == Knob::MaxJobs || *amount != Amount::Threads)?;
        let place = value.literal.or(value.place)?;
        Some(Limit {
            knob,
            amount,
            value: value.clone(),
            place,
            writer: Writer::Profile,
            condition: None,
            is_alternative: false,
            unless: None,
        })
    };
    let pair = Pair {
        host: index,
        max_jobs: limit(Knob::MaxJobs, &profile.max_jobs),
        cores: limit(Knob::Cores, &profile.max_cores),
        defaults: Defaults::Profile,
    };
    let is_read = pair.limits().filter_map(Limit::source).any(|source| is_read(source, facts));
    (!is_read && pair.limits().next().is_some()).then_some(pair)
}

/// Whether a setting of Nix that bounds parallelism depends on the literal at `source`.
fn is_read(source: Span, facts: &Facts) -> bool {
    facts
        .settings
        .iter()
        .filter(|setting| Knob::at(&setting.path).is_some())
        .any(|setting| depends_on(&setting.value, source))
}

fn depends_on(value: &ValueFact, source: Span) -> bool {
    value.literal == Some(source)
        || value.sources().contains(&source)
        || matches!(&value.kind, ValueKind::Choice(values)
            if values.iter().any(|value| depends_on(value, source)))
}
