//! What an override changes and costs, in the words that the audit and the editor share.

use super::visible::visible;
use crate::budget::audit::{Cache, Row};
use crate::config::Hours;

/// What the change of `row` is about, and the names that it gives.
pub fn described_change(row: &Row) -> String {
    let names = row.changes.join(", ");
    match names.is_empty() {
        true => row.kind.to_string(),
        false => visible(&format!("{} ({names})", row.kind)).into_owned(),
    }
}

/// Whether a cache has what `row` makes, and the time that it takes otherwise.
pub fn described_cost(row: &Row) -> String {
    let cache = match row.cache {
        Cache::WasNotThere => "never in the cache",
        Cache::Stays => "stays in the cache",
        Cache::Leaves => "leaves the cache",
        Cache::MayLeave => "may leave the cache",
        Cache::Unknown => "not known whether it leaves the cache",
    };
    let cache = match row.rebuilds_others {
        true => format!("{cache} with all that is built with it"),
        false => cache.to_owned(),
    };
    match row.expense {
        None if row.is_cheap => "made here; nothing is compiled".to_owned(),
        Some(expense) => {
            let itself = if row.rebuilds_others { "; by itself" } else { "," };
            format!("{cache}{itself} {} ({})", described_hours(expense.hours), expense.basis)
        }
        None => cache,
    }
}

/// A range of hours with its unit: to a tenth where that says anything, in minutes what takes none.
pub fn described_hours(range: Hours) -> String {
    let hours = |hours: f64| format!("{hours:.1}").trim_end_matches(".0").to_owned();
    let minutes = |hours: f64| format!("{}", (hours * 60.0).round().max(1.0));
    if range.low < 0.1 && range.high >= 1.0 {
        let plural = if hours(range.high) == "1" { "" } else { "s" };
        return format!("{} minutes to {} hour{plural}", minutes(range.low), hours(range.high));
    }
    let (low, high, unit) = match range.high < 1.0 {
        true => (minutes(range.low), minutes(range.high), "minute"),
        false => (hours(range.low), hours(range.high), "hour"),
    };
    let plural = if high == "1" { "" } else { "s" };
    match low == high {
        true => format!("{low} {unit}{plural}"),
        false => format!("{low}–{high} {unit}{plural}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_as_exact_as_they_are_known() {
        for (low, high, text) in [
            (12.0, 24.0, "12–24 hours"),
            (0.05, 1.0, "3 minutes to 1 hour"),
            (0.02, 0.25, "1–15 minutes"),
            (0.0, 0.01, "1 minute"),
            (2.0, 2.0, "2 hours"),
            (1.51, 1.52, "1.5 hours"),
        ] {
            assert_eq!(described_hours(Hours { low, high }), text);
        }
    }
}
