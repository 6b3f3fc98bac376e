//! What an override or a derivation under the pointer costs, as the audit has it.

use text_size::{TextRange, TextSize};

use super::provenance::escaped;
use super::reckoning::Reckoning;
use crate::budget::audit::Row;
use crate::facts::{DerivationSite, OverrideSite};
use crate::report::{described_change, described_cost};
use crate::source::{FileId, Span};

/// So many packages of one helper fit into what is shown under a pointer.
const MAX_ROWS: usize = 4;

/// What the call at `offset` costs; nothing where none stands there, or none that builds.
pub(super) fn at(
    reckoning: &Reckoning,
    file: FileId,
    offset: TextSize,
) -> Option<(TextRange, String)> {
    let is_here = |span: &Span| span.file == file && span.range.contains_inclusive(offset);
    let overrides = reckoning.facts.overrides.iter();
    let overrides = overrides.filter(|site| names_of(site).iter().any(is_here));
    let derivations = reckoning.facts.derivations.iter();
    let derivations = derivations.filter(|site| is_here(&site.builder_text));
    let calls: Vec<Span> = overrides
        .map(|site: &OverrideSite| site.call.span)
        .chain(derivations.map(|site: &DerivationSite| site.call.span))
        .collect();
    let rows: Vec<&Row> = (reckoning.audit.rows.iter())
        .filter(|row| row.calls.iter().any(|call| calls.contains(call)))
        .collect();
    let range = rows.iter().flat_map(|row| &row.calls).find(|call| calls.contains(call))?.range;
    let mut texts: Vec<String> = rows.iter().map(|row| told(row, reckoning)).collect();
    texts.dedup();
    let more = texts.len().saturating_sub(MAX_ROWS);
    texts.truncate(MAX_ROWS);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    Some((range, texts.join("\n\n")))
}

/// What is overridden, and the method: the changes have things of their own to tell. Of a chain,
/// each method leads to the whole.
fn names_of(site: &OverrideSite) -> Vec<Span> {
    let Span { file, range: base } = site.base;
    let argument = site.call.argument.range.start();
    let method = (argument >= base.end()).then(|| TextRange::new(base.end(), argument));
    let method = method.map(|range| Span { file, range });
    let named = (!site.chained).then_some(site.base);
    named.into_iter().chain(method).collect()
}

fn told(row: &Row, reckoning: &Reckoning) -> String {
    let what = escaped(&format!("{}; {}", described_change(row), described_cost(row)));
    let mut text = format!("**{}**: {what}\n", escaped(&row.name));
    for builder in &reckoning.hosts {
        let build = builder.build_of(row).filter(|_| row.expense.is_some());
        if let Some(takes) = build.and_then(|build| builder.takes(build)) {
            text.push_str(&format!("- {}\n", escaped(&takes)));
        }
    }
    text.push_str(&format!("- {}: {}", row.verdict, escaped(&row.why)));
    text
}
