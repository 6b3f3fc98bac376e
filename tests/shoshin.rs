//! A whole home-manager tree, `fixtures/shoshin`: everything that is found in it, everything that
//! fixing it changes, and that both follow what the files say and not where they lie.
//!
//! The snapshots in `tests/snapshots` are read before they are accepted: each finding in them must
//! be true of the tree. `INSTA_UPDATE=always cargo test --test shoshin` writes them.

mod harness;

use std::path::{Path, PathBuf};

use frugix::lint::{Applicability, Diagnostic};
use frugix::report::{DisplayPaths, FileDiff, Finding, write_concise, write_diff};

use harness::invariants::{check, has_fix};
use harness::nix::Nix;
use harness::{Case, Problems, package, shown, text};

fn shoshin() -> Case {
    Case::of_folder(&package().join("fixtures/shoshin"), &[])
}

fn display_paths(case: &Case) -> DisplayPaths {
    DisplayPaths::new(case.tree.root())
}

/// The findings as `--output-format concise` tells them.
fn concise(case: &Case, findings: &[Diagnostic]) -> String {
    let findings = Finding::all(&case.tree, findings);
    let mut out = Vec::new();
    write_concise(&mut out, &findings, &display_paths(case)).expect("memory can be written");
    let text = String::from_utf8(out).expect("a report is text");
    anstream::adapter::strip_str(&text).to_string()
}

/// What fixing changes, as `--diff` shows it.
fn diff(case: &Case, level: Applicability) -> String {
    let outcome = case.fix(level, None);
    let mut out = Vec::new();
    for (file, after) in &outcome.changed {
        let name = display_paths(case).name(&case.tree, *file);
        let before = text(&case.tree, *file);
        let diff = FileDiff { name: &name, before: &before, after, bom: false };
        write_diff(&mut out, &diff, false).expect("memory can be written");
    }
    String::from_utf8(out).expect("a diff is text")
}

#[test]
fn every_finding() {
    let case = shoshin();
    insta::assert_snapshot!("findings", concise(&case, &case.analyze().diagnostics));
}

/// Rules that no such tree can show, each with the reason.
const NOT_OF_SUCH_A_TREE: &[(&str, &str)] = &[
    ("unbounded-builds", "its owner lost a build to a hang, and sets timeout in nixConfig since"),
    ("evaluation-limit", "a configuration that is in use is smaller than that"),
    ("syntax-error", "a configuration that is in use can be parsed"),
    ("unreadable-file", "a configuration that is in use can be read"),
    ("unknown-suppression", "its one comment for frugix names a rule that there is"),
    ("unused-suppression", "its one comment for frugix silences a finding"),
];

/// The showcase shows every rule that runs by default, or says why it cannot.
#[test]
fn every_rule_is_shown() {
    let findings = shoshin().analyze().diagnostics;
    let is_shown = |id: &str| findings.iter().any(|finding| finding.rule == id);
    let mut problems = Problems::default();
    for meta in frugix::rules::ALL.iter().map(|rule| rule.meta()).filter(|meta| meta.default_on) {
        let reason = NOT_OF_SUCH_A_TREE.iter().find(|(id, _)| *id == meta.id);
        match (is_shown(meta.id), reason) {
            (false, None) => problems.add(meta.id, "fires nowhere in fixtures/shoshin"),
            (true, Some(_)) => problems.add(meta.id, "fires, and is said not to"),
            _ => {}
        }
    }
    let is_rule = |id: &str| frugix::rules::ALL.iter().any(|rule| rule.meta().id == id);
    for (id, reason) in NOT_OF_SUCH_A_TREE {
        problems.unless(is_rule(id) && reason.len() > 20, id, "is no rule, or has no reason");
    }
    problems.tell();
}

/// What is found besides by those who ask for advice.
#[test]
fn every_piece_of_advice() {
    let case = Case { also: Some("advice"), ..shoshin() };
    let mut findings = case.analyze().diagnostics;
    let is_advice = |finding: &Diagnostic| {
        let rule = frugix::rules::ALL.iter().find(|rule| rule.meta().id == finding.rule);
        rule.is_some_and(|rule| rule.meta().group == frugix::lint::Group::Advice)
    };
    findings.retain(is_advice);
    insta::assert_snapshot!("advice", concise(&case, &findings));
    let mut problems = Problems::default();
    check(&case, Nix::find().as_ref(), &mut problems);
    problems.tell();
}

#[test]
fn the_whole_diff_of_safe_fixes() {
    insta::assert_snapshot!("safe-diff", diff(&shoshin(), Applicability::Safe));
}

#[test]
fn the_whole_diff_of_all_fixes() {
    insta::assert_snapshot!("unsafe-diff", diff(&shoshin(), Applicability::Unsafe));
}

/// What is left when all fixes are applied: what nobody but the owner can decide.
#[test]
fn what_is_left() {
    let case = shoshin();
    let outcome = case.fix(Applicability::Unsafe, None);
    let left = outcome.analysis.diagnostics;
    assert!(!left.iter().any(|finding| has_fix(finding, Applicability::Unsafe)));
    let fixed = Case { tree: outcome.tree, ..case };
    insta::assert_snapshot!("left", concise(&fixed, &left));
}

#[test]
fn fixes_hold_what_fixes_promise() {
    let mut problems = Problems::default();
    check(&shoshin(), Nix::find().as_ref(), &mut problems);
    problems.tell();
}

#[test]
fn the_order_of_looking_makes_no_difference() {
    let case = shoshin();
    let mut analyzer = case.analyzer();
    let first = analyzer.analyze(&case.tree).diagnostics;
    // Everything is known by now.
    assert_eq!(first, analyzer.analyze(&case.tree).diagnostics);
    assert_eq!(first, case.analyze().diagnostics);
}

/// Where folders are moved to: as they are, and as they become.
const MOVES: [(&str, &str); 2] =
    [("overlays/", "modules/system/overlays/"), ("profiles/", "modules/profiles/config/")];

/// What names become.
const RENAMES: [(&str, &str); 2] =
    [("currentHardwareProfile", "thisMachine"), ("hardwareProfile", "machineFacts")];

/// The same tree, its folders moved and its variables renamed.
fn moved(case: &Case) -> Case {
    let mut files = Vec::new();
    for path in paths_of_texts(case) {
        let text = case.tree.read_text(&path).expect("the fixture can be read");
        let is_at_root = path.components().count() == 1;
        files.push((moved_path(&path), moved_text(&text, is_at_root)));
    }
    Case::of_texts("shoshin, moved", files)
}

/// Every file of the fixture, those that are no Nix included.
fn paths_of_texts(case: &Case) -> Vec<PathBuf> {
    let others = ["flake.lock", "frugix.toml"].map(PathBuf::from);
    let sources = case.tree.files().iter().map(|file| case.tree.path(*file).to_owned());
    sources.chain(others).collect()
}

fn moved_path(path: &Path) -> PathBuf {
    let path = shown(path);
    let moved =
        MOVES.iter().find_map(|(from, to)| Some(format!("{to}{}", path.strip_prefix(from)?)));
    PathBuf::from(moved.unwrap_or(path))
}

/// Only files at the root name the folders that move; those name nothing outside themselves.
fn moved_text(text: &str, is_at_root: bool) -> String {
    let mut text = text.to_owned();
    if is_at_root {
        for (from, to) in MOVES {
            text = text.replace(&format!("./{from}"), &format!("./{to}"));
            text = text.replace(&format!("\"{from}"), &format!("\"{to}"));
        }
    }
    for (from, to) in RENAMES {
        text = replace_words(&text, from, to);
    }
    text
}

/// `text` with `from` replaced where it stands as a word of its own.
fn replace_words(text: &str, from: &str, to: &str) -> String {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let mut replaced = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices(from) {
        let end = at + from.len();
        let is_word = !text[..at].ends_with(is_part) && !text[end..].starts_with(is_part);
        if is_word {
            replaced.push_str(&text[copied..at]);
            replaced.push_str(to);
            copied = end;
        }
    }
    replaced + &text[copied..]
}

/// Every finding as its rule and all it says, without paths and as if nothing had been renamed.
fn said(case: &Case) -> Vec<String> {
    let mut said: Vec<String> = (case.analyze().diagnostics.iter())
        .map(|finding| {
            let mut text = format!("{} {}", finding.rule, finding.message);
            for note in &finding.notes {
                text.push_str(&format!("\n  {note}"));
            }
            for fix in &finding.fixes {
                text.push_str(&format!("\n  {}: {}", fix.applicability, fix.title));
            }
            for (from, to) in MOVES {
                text = text.replace(to, from);
            }
            for (from, to) in RENAMES {
                text = replace_words(&text, to, from);
            }
            text
        })
        .collect();
    said.sort();
    said
}

#[test]
fn moving_and_renaming_changes_nothing() {
    let case = shoshin();
    let moved = moved(&case);
    let has = |path: &str| moved.tree.file_at(Path::new(path)).is_some();
    assert!(has("modules/system/overlays/system-libs.nix"));
    assert!(has("modules/profiles/config/hardware/shoshin.nix"));
    let (before, after) = (said(&case), said(&moved));
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let difference = similar::TextDiff::from_slices(&before, &after);
    let changes: Vec<String> = difference
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{}", change.tag(), change.value()))
        .collect();
    assert!(changes.is_empty(), "- only before, + only after:\n{}", changes.join("\n"));
}

#[test]
fn words_are_replaced_whole() {
    assert_eq!(replace_words("a aa b.a a_ a", "a", "x"), "x aa b.x a_ x");
}
