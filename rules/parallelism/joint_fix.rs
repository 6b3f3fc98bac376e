//! The one fix of `cpu-over-budget` and `cores-over-budget`: both write the same numbers at the
//! same literals, so that whichever is applied settles the other too.

use super::wording::{Excess, counted, list};
use crate::budget::{Budget, Host, Knob, Limit, Pair, Parallelism};
use crate::facts::{Change, Facts, Setting, ValueFact, ValueKind};
use crate::lint::{Fix, FixEdit, TreeContext};
use crate::source::{Span, Tree};

/// What changes at one literal.
struct Cut {
    knob: Knob,
    literal: Span,
    text: String,
}

/// The fix that makes the pair fit its host and every other host that reads its literals. Where one
/// of `needed` has no literal to be changed at, the fix is only shown; the other is left as it is
/// if it has none. `None` where nothing is to be changed.
pub(super) fn joint_fix(
    excess: &Excess<'_>,
    needed: &[Knob],
    budget: &Budget,
    cx: &TreeContext<'_>,
) -> Option<Fix> {
    let current = excess.pair.parallelism(excess.host)?;
    let wanted = excess.pair.suggestion(excess.host)?;
    let mut numbers = Vec::new();
    let mut cuts = Vec::new();
    let mut is_exact = true;
    for knob in Knob::ALL.into_iter().filter(|knob| wanted.of(*knob) < current.of(*knob)) {
        numbers.push(assignment(knob, wanted.of(knob)));
        match excess.pair.limit(knob).and_then(|limit| cut(knob, limit, budget, cx.tree)) {
            Some(cut) => cuts.push(cut),
            None => is_exact &= !needed.contains(&knob),
        }
    }
    let fix = if !is_exact {
        Fix::suggestion(format!("Set {}", list(numbers)), Vec::new())
    } else if cuts.is_empty() {
        return None;
    } else {
        let (title, edits) = (title(&cuts), edits(&cuts));
        match other_uses(&cuts, cx.facts) {
            uses if uses.is_empty() => Fix::safe(title, edits),
            uses => Fix::unsafe_because(title, list(uses), edits),
        }
    };
    Some(fix.isolated(isolation(&excess.host.name)))
}

/// Other numbers that fit the host as well, to choose from.
pub(super) fn alternatives(excess: &Excess<'_>, budget: &Budget, cx: &TreeContext<'_>) -> Vec<Fix> {
    let on_host = excess.pair.parallelism(excess.host).zip(excess.host.room());
    let Some((current, room)) = on_host else { return Vec::new() };
    let shown = |other: Parallelism| {
        let cut = |knob: Knob| {
            let literal = excess.pair.limit(knob)?.source()?;
            budget.target(literal, knob)?;
            let text = excess.pair.limit(knob)?.rewritten(other.of(knob), cx.tree)?;
            Some(Cut { knob, literal, text })
        };
        let changed = Knob::ALL.into_iter().filter(|knob| other.of(*knob) != current.of(*knob));
        let cuts: Vec<Cut> = changed.map(cut).collect::<Option<_>>()?;
        let title = format!("Or {} jobs of {}", other.jobs, counted(other.cores, "thread"));
        Some(Fix::suggestion(title, edits(&cuts)))
    };
    room.alternatives(current).into_iter().filter_map(shown).collect()
}

/// The fix that makes `pair` what is `wanted`, where it is written. `None` where it already is, or
/// where one of the numbers that are to change has no literal to change it at.
pub(crate) fn fix_to(
    pair: &Pair,
    host: &Host,
    wanted: Parallelism,
    facts: &Facts,
    tree: &Tree,
) -> Option<Fix> {
    let current = pair.parallelism(host)?;
    let cut = |knob: Knob| {
        let limit = pair.limit(knob)?;
        let text = limit.rewritten(wanted.of(knob), tree)?;
        Some(Cut { knob, literal: limit.source()?, text })
    };
    let changed = Knob::ALL.into_iter().filter(|knob| wanted.of(*knob) != current.of(*knob));
    let cuts: Vec<Cut> = changed.map(cut).collect::<Option<_>>()?;
    if cuts.is_empty() {
        return None;
    }
    let (title, edits) = (title(&cuts), edits(&cuts));
    let fix = match other_uses(&cuts, facts) {
        uses if uses.is_empty() => Fix::safe(title, edits),
        uses => Fix::unsafe_because(title, list(uses), edits),
    };
    Some(fix.isolated(isolation(&host.name)))
}

/// Fixes of one machine's parallelism answer one question.
pub(super) fn isolation(host: &str) -> String {
    format!("parallelism of {host}")
}

fn cut(knob: Knob, limit: &Limit, budget: &Budget, tree: &Tree) -> Option<Cut> {
    let literal = limit.source()?;
    let text = limit.rewritten(budget.target(literal, knob)?, tree)?;
    Some(Cut { knob, literal, text })
}

fn edits(cuts: &[Cut]) -> Vec<FixEdit> {
    cuts.iter().map(|cut| FixEdit::replace(cut.literal, cut.text.as_str())).collect()
}

/// "Set max-jobs to 2 and cores to 6".
fn title(cuts: &[Cut]) -> String {
    let number = |cut: &Cut| assignment(cut.knob, cut.text.trim().trim_matches('"'));
    format!("Set {}", list(cuts.iter().map(number).collect()))
}

fn assignment(knob: Knob, number: impl std::fmt::Display) -> String {
    format!("{} to {number}", knob.name())
}

/// What else the literals decide, a clause each: then the fix does more than schedule.
fn other_uses(cuts: &[Cut], facts: &Facts) -> Vec<String> {
    let mut uses = Vec::new();
    for use_ in cuts.iter().flat_map(|cut| other_uses_of(cut.knob, cut.literal, facts)) {
        if !uses.contains(&use_) {
            uses.push(use_);
        }
    }
    uses
}

/// What else than `knob` the literal decides, a clause each.
pub(super) fn other_uses_of(knob: Knob, literal: Span, facts: &Facts) -> Vec<String> {
    let again = |package| {
        format!("{package} is built again, because this number is part of its derivation")
    };
    let built = builds_with(literal, facts).into_iter().map(again);
    let is_option = |setting: &&Setting| {
        setting.value.as_int().is_some()
            && reads(&setting.value, literal)
            && setting.path.first().is_none_or(|first| first != "nix")
    };
    let option = |setting: &Setting| {
        format!("the number of {} is {} too", knob.name(), setting.path.join("."))
    };
    let mut uses: Vec<String> = Vec::new();
    for use_ in built.chain(facts.settings.iter().filter(is_option).map(option)) {
        if !uses.contains(&use_) {
            uses.push(use_);
        }
    }
    uses
}

/// The packages whose derivation the literal is part of.
pub(super) fn builds_with(literal: Span, facts: &Facts) -> Vec<String> {
    let overridden =
        facts.overrides.iter().filter(|site| hashes(&site.changes, literal)).map(|site| {
            site.package.as_ref().map_or("an overridden package".to_owned(), |it| it.name())
        });
    let derived = facts
        .derivations
        .iter()
        .filter(|site| hashes(&site.attributes, literal))
        .map(|site| site.name.clone().unwrap_or("a derivation".to_owned()));
    overridden.chain(derived).collect()
}

/// Whether an attribute that counts for the hash depends on the literal.
fn hashes(changes: &[Change], literal: Span) -> bool {
    changes
        .iter()
        .filter(|change| !matches!(change.name.as_str(), "meta" | "passthru" | "pos"))
        .any(|change| reads(&change.value, literal) || hashes(&change.inner, literal))
}

fn reads(value: &ValueFact, literal: Span) -> bool {
    value.literal == Some(literal)
        || value.sources().contains(&literal)
        || match &value.kind {
            ValueKind::List(values) | ValueKind::Choice(values) => {
                values.iter().any(|value| reads(value, literal))
            }
            _ => false,
        }
}
