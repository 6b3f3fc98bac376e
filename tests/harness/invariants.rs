//! What must hold of every tree that is looked at and fixed.

use std::collections::BTreeMap;

use frugix::analysis::Analysis;
use frugix::lint::{Applicability, Diagnostic, FixAvailability, RuleMeta, is_directive};
use frugix::source::{Edit, FileId, Tree, apply_edits};
use frugix::syntax::{comments, parse};

use super::nix::Nix;
use super::{Case, Problems, fix, rule, shown, text};

/// The levels at which fixes are applied.
pub const LEVELS: [Applicability; 2] = [Applicability::Safe, Applicability::Unsafe];

/// Fixes `case` at each level, and says what does not hold:
///
/// - nothing in frugix fails, and every finding is as its rule declares;
/// - fixing ends, leaves nothing to fix, and a second run changes nothing;
/// - what was Nix still is, for frugix and for `nix`, and no comment is gone.
pub fn check(case: &Case, nix: Option<&Nix>, problems: &mut Problems) {
    let before = case.analyze();
    check_analysis(case, &case.tree, &before, problems);
    for level in LEVELS {
        let mut analyzer = case.analyzer();
        let fixed = fix(&mut analyzer, &case.tree, level, None);
        let place = format!("{}, {level} fixes", case.name);
        for failure in &fixed.failures {
            let text =
                format!("{}: the fix \"{}\" {}", failure.rule, failure.title, failure.reason);
            problems.add(&place, text);
        }
        check_analysis(case, &fixed.tree, &fixed.analysis, problems);
        for left in fixed.analysis.diagnostics.iter().filter(|left| has_fix(left, level)) {
            let text = format!("a fix of {} is left at {}", left.rule, case.place(left));
            problems.add(&place, text);
        }
        for (file, after) in &fixed.changed {
            let path = shown(case.tree.path(*file));
            check_text(&format!("{place}, {path}"), &text(&case.tree, *file), after, nix, problems);
        }
        let again = fix(&mut analyzer, &fixed.tree, level, None);
        for (file, _) in &again.changed {
            let path = shown(case.tree.path(*file));
            problems.add(&place, format!("a second run changes {path}"));
        }
    }
}

/// Whether the finding has a fix that is applied at `level`.
pub fn has_fix(finding: &Diagnostic, level: Applicability) -> bool {
    finding.fixes.iter().any(|fix| fix.applicability.applies_at(level))
}

fn check_analysis(case: &Case, tree: &Tree, analysis: &Analysis, problems: &mut Problems) {
    for fault in &analysis.faults {
        problems.add(&case.name, fault);
    }
    for finding in &analysis.diagnostics {
        let place = format!("{}, {} at {}", case.name, finding.rule, case.place(finding));
        match rule(finding.rule) {
            Some(meta) => check_finding(&place, tree, finding, meta, problems),
            None => problems.add(&place, "there is no such rule"),
        }
    }
}

fn check_finding(
    place: &str,
    tree: &Tree,
    finding: &Diagnostic,
    meta: &RuleMeta,
    problems: &mut Problems,
) {
    let message = &finding.message;
    problems.unless(!message.is_empty(), place, "no message");
    problems.unless(!message.ends_with('.'), place, format!("a full stop ends \"{message}\""));
    problems.unless(!message.contains('\n'), place, "a message of several lines");
    let related = finding.related.iter().map(|related| related.span);
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    for span in std::iter::once(finding.span).chain(related).chain(edits) {
        let range = std::ops::Range::<usize>::from(span.range);
        let is_inside = match tree.source(span.file) {
            Ok(source) => source.text.get(range).is_some(),
            Err(_) => span.range.is_empty(),
        };
        problems.unless(is_inside, place, "a place that is not in its file");
    }
    check_fixes(place, tree, finding, meta, problems);
}

fn check_fixes(
    place: &str,
    tree: &Tree,
    finding: &Diagnostic,
    meta: &RuleMeta,
    problems: &mut Problems,
) {
    let can_be_applied = has_fix(finding, Applicability::Unsafe);
    match meta.fix {
        FixAvailability::None => {
            problems.unless(!can_be_applied, place, "a fix of a rule that declares none");
        }
        FixAvailability::Always => {
            problems.unless(can_be_applied, place, "no fix of a rule that declares always one");
        }
        FixAvailability::Sometimes => {}
    }
    for fix in &finding.fixes {
        let place = format!("{place}, fix \"{}\"", fix.title);
        let is_declared = Some(fix.applicability) <= meta.applicability;
        problems.unless(is_declared, &place, format!("{} is not declared", fix.applicability));
        problems.unless(!fix.title.is_empty(), &place, "no title");
        problems.unless(!fix.title.ends_with('.'), &place, "a full stop ends the title");
        if fix.applicability == Applicability::Unsafe {
            problems.unless(fix.why.is_some(), &place, "does not say why it is unsafe");
        }
        if fix.applicability > Applicability::Suggestion {
            problems.unless(!fix.edits.is_empty(), &place, "no edits");
        }
        let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            let plain = Edit { range: edit.span.range, text: edit.text.clone() };
            by_file.entry(edit.span.file).or_default().push(plain);
        }
        for (file, edits) in by_file {
            if let Err(error) = apply_edits(&text(tree, file), &edits) {
                problems.add(&place, error);
            }
        }
    }
}

/// Says what fixes have broken in one text.
fn check_text(place: &str, before: &str, after: &str, nix: Option<&Nix>, problems: &mut Problems) {
    match parse(after) {
        Err(error) => problems.add(place, error.message),
        Ok(parsed) => {
            for error in parsed.errors() {
                problems.add(place, format!("{}\n{after}", error.message));
            }
        }
    }
    let left = comment_counts(after);
    for (comment, count) in comment_counts(before) {
        let kept = left.get(&comment).is_some_and(|left| *left >= count);
        problems.unless(kept, place, format!("the comment `{comment}` is gone"));
    }
    // A Nix older than what the text is written for may refuse it from the start.
    if let Some(nix) = nix.filter(|nix| nix.parse(before).is_ok())
        && let Err(error) = nix.parse(after)
    {
        problems.add(place, format!("Nix refuses it: {error}\n{after}"));
    }
}

fn comment_counts(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let Ok(parsed) = parse(text) else {
        return counts;
    };
    for comment in comments(&parsed.syntax()) {
        if !is_directive(&comment.text) {
            *counts.entry(comment.text.trim_end().to_owned()).or_insert(0) += 1;
        }
    }
    counts
}
