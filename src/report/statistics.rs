//! How many findings each rule has, and how many of them a fix would settle.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::style::{BOLD, FAINT, of_severity};
use super::{Finding, Fixable};
use crate::lint::Severity;

/// What one rule found.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct RuleCount {
    /// The rule's id.
    pub rule: &'static str,
    /// The group of the rule, when it is known.
    pub group: Option<&'static str>,
    /// The highest severity among its findings.
    pub severity: Severity,
    /// How many findings it has.
    pub count: usize,
    /// How many of them have a fix.
    pub fixable: Fixable,
}

/// Counts findings by rule, the most frequent rule first.
pub fn count_by_rule(findings: &[Finding]) -> Vec<RuleCount> {
    let mut by_rule: BTreeMap<&'static str, RuleCount> = BTreeMap::new();
    for finding in findings {
        let diagnostic = finding.diagnostic;
        let entry = by_rule.entry(diagnostic.rule).or_insert(RuleCount {
            rule: diagnostic.rule,
            group: finding.group.map(|group| group.name()),
            severity: diagnostic.severity,
            count: 0,
            fixable: Fixable::default(),
        });
        entry.count += 1;
        entry.severity = entry.severity.max(diagnostic.severity);
        entry.fixable.add(finding);
    }
    let mut counts: Vec<RuleCount> = by_rule.into_values().collect();
    // Stable: rules that tie stay in the order of their names.
    counts.sort_by_key(|count| Reverse(count.count));
    counts
}

/// Writes a line a rule: its count, severity, name, and how many a fix would settle.
///
/// # Errors
///
/// Those of `out`.
pub fn write_statistics(out: &mut dyn Write, counts: &[RuleCount]) -> io::Result<()> {
    let widest = counts.iter().map(|count| count.count.to_string().len());
    let digits = widest.max().unwrap_or(0);
    let widest = counts.iter().map(|count| count.rule.len());
    let names = widest.max().unwrap_or(0);
    for count in counts {
        let severity = of_severity(count.severity);
        write!(
            out,
            "{BOLD}{:>digits$}{BOLD:#}  {severity}{:<7}{severity:#}  ",
            count.count, count.severity,
        )?;
        let Fixable { safe, with_unsafe } = count.fixable;
        match (safe, with_unsafe) {
            (0, 0) => writeln!(out, "{}", count.rule)?,
            (safe, 0) => writeln!(out, "{:<names$}  {FAINT}[{safe} fixable]{FAINT:#}", count.rule)?,
            (0, more) => writeln!(
                out,
                "{:<names$}  {FAINT}[{more} with --unsafe-fixes]{FAINT:#}",
                count.rule
            )?,
            (safe, more) => writeln!(
                out,
                "{:<names$}  {FAINT}[{safe} fixable, {more} more with --unsafe-fixes]{FAINT:#}",
                count.rule
            )?,
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonCount<'a> {
    rule: &'a str,
    group: Option<&'a str>,
    severity: &'a str,
    count: usize,
    fixable: JsonFixable,
}

#[derive(Serialize)]
struct JsonFixable {
    safe: usize,
    r#unsafe: usize,
}

/// Writes the counts for programs: one array, or an object a line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_statistics_json(
    out: &mut dyn Write,
    counts: &[RuleCount],
    lines: bool,
) -> io::Result<()> {
    let counts: Vec<JsonCount> = counts
        .iter()
        .map(|count| JsonCount {
            rule: count.rule,
            group: count.group,
            severity: count.severity.name(),
            count: count.count,
            fixable: JsonFixable { safe: count.fixable.safe, r#unsafe: count.fixable.with_unsafe },
        })
        .collect();
    if !lines {
        super::plain_json::write_pretty(out, &counts)?;
        return writeln!(out);
    }
    for count in &counts {
        super::plain_json::write_compact(out, count)?;
        writeln!(out)?;
    }
    Ok(())
}
