//! What an override changes and costs, in the words that the audit and the editor share.

use super::visible::visible;
use crate::budget::audit::{Cache, Kind, Row};
use crate::config::Hours;

/// What the change of `row` is about, and the names that it gives.
pub fn described_change(row: &Row) -> String {
    let names = row.changes.join(", ");
    match names.is_empty() {
        true => row.kind.to_string(),
        false => visible(&format!("{} ({names})", row.kind)).into_owned(),
    }
}

/// Whether a cache has what `row` makes, and the hours that it takes otherwise.
pub fn described_cost(row: &Row) -> String {
    let cache = match row.cache {
        Cache::WasNotThere => "never in the cache",
        Cache::Stays => "stays in the cache",
        Cache::Leaves => "leaves the cache",
        Cache::MayLeave => "may leave the cache",
        Cache::Unknown => "not known whether it leaves the cache",
    };
    match row.expense {
        None if matches!(row.kind, Kind::Repack | Kind::Wrapper) => {
            "made here; nothing is compiled".to_owned()
        }
        Some(expense) => {
            format!("{cache}, {} hours ({})", described_hours(expense.hours), expense.basis)
        }
        None => cache.to_owned(),
    }
}

/// A range of hours, to a tenth where that says anything.
pub fn described_hours(range: Hours) -> String {
    let short = |hours: f64| match hours {
        hours if hours < 0.1 => format!("{hours:.2}"),
        hours => format!("{:.1}", hours).trim_end_matches(".0").to_owned(),
    };
    match (short(range.low), short(range.high)) {
        (low, high) if low == high => low,
        (low, high) => format!("{low}–{high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_as_exact_as_they_are_known() {
        for (low, high, text) in
            [(12.0, 24.0, "12–24"), (0.02, 0.25, "0.02–0.2"), (2.0, 2.0, "2"), (1.51, 1.52, "1.5")]
        {
            assert_eq!(described_hours(Hours { low, high }), text);
        }
    }
}
