//! The audit for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::page::Page;
use crate::budget::audit::Row;

/// Writes the audit as one object.
pub(super) fn write(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    let total = page.audit.total();
    let value = json!({
        "rows": page.shown().map(|row| row_of(row, page)).collect::<Vec<_>>(),
        "unexplained": page.audit.unexplained,
        "total": {
            "hours": { "low": total.hours.low, "high": total.hours.high },
            "basis": total.basis.map(|basis| basis.to_string()),
            "rows_without_figure": total.unknown,
            "rows_that_rebuild_others": total.rebuilding,
        },
        "dry_run": page.dry_run.map(|dry_run| json!({
            "built": dry_run.built.len(),
            "fetched": dry_run.fetched.len(),
            "sizes": dry_run.sizes,
        })),
    });
    crate::report::write_pretty(out, &value)?;
    writeln!(out)
}

fn row_of(row: &Row, page: &Page<'_>) -> Value {
    json!({
        "name": row.name,
        "place": page.place(row.place),
        "changes": row.changes,
        "kind": row.kind,
        "cache": row.cache,
        "hours": row.expense.map(|expense| json!({
            "low": expense.hours.low,
            "high": expense.hours.high,
            "basis": expense.basis.to_string(),
        })),
        "rebuilds_others": row.rebuilds_others,
        "verdict": row.verdict,
        "why": row.why,
        "outcome": row.outcome,
    })
}
