use std::path::Path;

use text_size::{TextRange, TextSize};

use super::*;
use crate::config::Severity;
use crate::lint::{Fix, FixEdit};
use crate::source::Span;

fn tree(texts: &[&str]) -> Tree {
    let names = ["a.nix", "b.nix", "c.nix"];
    Tree::in_memory(Path::new("/t"), names.iter().zip(texts))
}

fn text(tree: &Tree, index: usize) -> String {
    tree.source(FileId::from_index(index)).unwrap().text.to_string()
}

/// Replaces the bytes `start..end` of the file at `index`.
fn edit(index: usize, start: usize, end: usize, text: &str) -> FixEdit {
    let size = |offset| TextSize::try_from(offset).unwrap();
    let range = TextRange::new(size(start), size(end));
    FixEdit::replace(Span::new(FileId::from_index(index), range), text)
}

fn finding(rule: &'static str, fixes: Vec<Fix>) -> Diagnostic {
    let span = fixes
        .iter()
        .find_map(|fix| fix.edits.first())
        .map_or(edit(0, 0, 0, "").span, |edit| edit.span);
    Diagnostic {
        rule,
        severity: Severity::Warning,
        span,
        message: String::new(),
        notes: Vec::new(),
        related: Vec::new(),
        hosts: Vec::new(),
        depends: Vec::new(),
        fixes,
    }
}

/// A rule that replaces the first `from` of each file by `to`.
fn replaces(rule: &'static str, tree: &Tree, from: &str, to: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in tree.files() {
        if let Some(start) = text(tree, file.index()).find(from) {
            let edit = edit(file.index(), start, start + from.len(), to);
            found.push(finding(rule, vec![Fix::safe(format!("{from} to {to}"), vec![edit])]));
        }
    }
    found
}

fn fine(_: &str, _: &str) -> Result<(), Broken> {
    Ok(())
}

/// Refuses texts that have an `X`.
fn no_x(_: &str, after: &str) -> Result<(), Broken> {
    match after.contains('X') {
        true => Err(Broken("writes an X".to_owned())),
        false => Ok(()),
    }
}

const ANY: FixRequest<'_> =
    FixRequest { level: Applicability::Unsafe, writable: &|_| true, fixable: &|_| true };

/// Applies the findings that `once` gives for the first tree and no others.
fn once(
    tree: &Tree,
    request: &FixRequest<'_>,
    findings: Vec<Diagnostic>,
) -> FixRun<Vec<Diagnostic>> {
    let mut findings = Some(findings);
    apply_fixes(tree, request, |_| findings.take().unwrap_or_default(), fine)
}

#[test]
fn nothing_to_fix_is_settled() {
    let tree = tree(&["a"]);
    let run = apply_fixes(&tree, &ANY, |_| vec![finding("r", vec![])], fine);
    assert_eq!((run.ending, run.passes), (Ending::Settled, 0));
    assert!(run.changed.is_empty() && run.applied.is_empty() && run.failures.is_empty());
    assert_eq!(run.analysis.len(), 1);
}

#[test]
fn passes_go_on_until_nothing_is_left() {
    let tree = tree(&["aaa", "b", "a"]);
    let run = apply_fixes(&tree, &ANY, |tree| replaces("r", tree, "a", "b"), fine);
    assert_eq!((run.ending, run.passes), (Ending::Settled, 3));
    assert_eq!(
        run.changed,
        [(FileId::from_index(0), "bbb".to_owned()), (FileId::from_index(2), "b".to_owned())]
    );
    assert_eq!(text(&run.tree, 0), "bbb");
    assert_eq!(run.applied, BTreeMap::from([("r", 4)]));
    assert!(run.analysis.is_empty());
}

#[test]
fn of_overlapping_fixes_the_first_in_the_text_is_applied() {
    let tree = tree(&["abcdef"]);
    let fix =
        |start, end, text| finding("r", vec![Fix::safe(text, vec![edit(0, start, end, text)])]);
    let run = once(&tree, &ANY, vec![fix(3, 5, "Y"), fix(1, 4, "Z")]);
    assert_eq!(text(&run.tree, 0), "aZef");
    assert_eq!(run.applied["r"], 1);
}

#[test]
fn touching_fixes_wait_for_the_next_pass() {
    let tree = tree(&["aab"]);
    let mut analyses = 0;
    let run = apply_fixes(
        &tree,
        &ANY,
        |tree| {
            analyses += 1;
            let mut found = replaces("second", tree, "b", "d");
            found.extend(replaces("first", tree, "aa", "c"));
            found
        },
        fine,
    );
    assert_eq!(text(&run.tree, 0), "cd");
    assert_eq!((run.passes, analyses), (2, 3));

    let insertions = ["x", "y"]
        .map(|text| finding("r", vec![Fix::safe(text, vec![edit(0, 1, 1, text)])]))
        .into();
    assert_eq!(text(&once(&tree, &ANY, insertions).tree, 0), "axab");
}

#[test]
fn one_fix_answers_a_question_in_a_pass() {
    let tree = tree(&["a a a"]);
    let fix = |start, key: &str| {
        let fix = Fix::safe("t", vec![edit(0, start, start + 1, "b")]).isolated(key);
        finding("r", vec![fix])
    };
    let run = once(&tree, &ANY, vec![fix(4, "host"), fix(2, "host"), fix(0, "other")]);
    assert_eq!(text(&run.tree, 0), "b b a");
}

#[test]
fn a_fix_is_applied_whole_or_not_at_all() {
    let tree = tree(&["aaaa", "bbbb"]);
    let both = Fix::safe("both", vec![edit(1, 0, 1, "X"), edit(0, 2, 3, "X")]);
    let blocking = Fix::safe("blocking", vec![edit(0, 1, 3, "Y")]);
    let run =
        once(&tree, &ANY, vec![finding("r", vec![both.clone()]), finding("s", vec![blocking])]);
    assert_eq!((text(&run.tree, 0), text(&run.tree, 1)), ("aYa".into(), "bbbb".into()));

    let run = once(&tree, &ANY, vec![finding("r", vec![both.clone()])]);
    assert_eq!((text(&run.tree, 0), text(&run.tree, 1)), ("aaXa".into(), "Xbbb".into()));

    let first_only = FixRequest { writable: &|file| file.index() == 0, ..ANY };
    let run = once(&tree, &first_only, vec![finding("r", vec![both])]);
    assert!(run.changed.is_empty());
}

#[test]
fn identical_fixes_are_applied_once() {
    let tree = tree(&["ab"]);
    let fix = |title| Fix::safe(title, vec![edit(0, 1, 1, "X"), edit(0, 0, 1, "")]);
    let mut other = fix("other");
    other.edits.reverse();
    let run = once(&tree, &ANY, vec![finding("r", vec![fix("t")]), finding("s", vec![other])]);
    assert_eq!(text(&run.tree, 0), "Xb");
    assert_eq!(run.applied, BTreeMap::from([("r", 1)]));
}

#[test]
fn the_request_says_which_fixes_are_wanted() {
    let tree = tree(&["abc"]);
    let findings = || {
        let edit = |at, text| vec![edit(0, at, at + 1, text)];
        let alternatives = vec![
            Fix::suggestion("never", edit(0, "S")),
            Fix::unsafe_because("first", "it costs", edit(0, "U")),
            Fix::safe("second", edit(0, "s")),
        ];
        vec![finding("r", alternatives), finding("off", vec![Fix::safe("t", edit(2, "x"))])]
    };
    let wanted = |rule: &str| rule != "off";
    for (level, expected) in [
        (Applicability::Safe, "sbc"),
        (Applicability::Unsafe, "Ubc"),
        (Applicability::Suggestion, "Ubc"),
    ] {
        let request = FixRequest { level, fixable: &wanted, ..ANY };
        assert_eq!(text(&once(&tree, &request, findings()).tree, 0), expected);
    }
}

#[test]
fn fixes_that_undo_each_other_end() {
    let tree = tree(&["a", "c"]);
    let run = apply_fixes(
        &tree,
        &ANY,
        |tree| {
            let mut found = replaces("there", tree, "a", "b");
            found.extend(replaces("back", tree, "b", "a"));
            found
        },
        fine,
    );
    assert_eq!((run.ending, run.passes), (Ending::Repeated, 2));
    assert!(run.changed.is_empty() && run.applied.is_empty());
    assert_eq!(run.analysis[0].rule, "there");
    assert_eq!(run.failures[0].rule, "back");
    assert_eq!(run.failures[0].reason, "leads back to an earlier text");
}

#[test]
fn a_broken_fix_is_left_out_and_never_tried_again() {
    let tree = tree(&["a b c", "a"]);
    let mut offered = 0;
    let run = apply_fixes(
        &tree,
        &ANY,
        |tree| {
            let mut found = replaces("grows", tree, "a", "AA");
            found.extend(replaces("good", tree, "c", "d"));
            found.extend(replaces("good", tree, "d", "e"));
            let bad = replaces("bad", tree, "b", "X");
            offered += bad.len();
            found.extend(bad);
            found
        },
        no_x,
    );
    assert_eq!(run.ending, Ending::Settled);
    assert_eq!((text(&run.tree, 0), text(&run.tree, 1)), ("AA b e".into(), "AA".into()));
    assert_eq!(run.applied, BTreeMap::from([("good", 2), ("grows", 2)]));
    assert!(offered > 1, "the rule goes on to offer it");
    assert_eq!(
        run.failures,
        [FixFailure { rule: "bad", title: "b to X".into(), reason: "writes an X".into() }]
    );
}

#[test]
fn a_broken_fix_gives_way_to_the_next_of_its_finding() {
    let tree = tree(&["a"]);
    let fixes = || ["X", "b"].map(|text| Fix::safe(text, vec![edit(0, 0, 1, text)])).into();
    let run = apply_fixes(
        &tree,
        &ANY,
        |tree| match text(tree, 0).as_str() {
            "a" => vec![finding("r", fixes())],
            _ => vec![],
        },
        no_x,
    );
    assert_eq!(text(&run.tree, 0), "b");
    assert_eq!(run.failures.len(), 1);
}

#[test]
fn fixes_that_break_only_together_are_no_bugs() {
    let tree = tree(&["a b"]);
    let run = apply_fixes(
        &tree,
        &ANY,
        |tree| match text(tree, 0).as_str() {
            "a b" => {
                let mut found = replaces("r", tree, "a", "c");
                found.extend(replaces("s", tree, "b", "d"));
                found
            }
            _ => vec![],
        },
        |_, after| match after {
            "c d" => Err(Broken("breaks".to_owned())),
            _ => Ok(()),
        },
    );
    assert_eq!(text(&run.tree, 0), "c b");
    assert!(run.failures.is_empty());
}

#[test]
fn fixes_that_make_no_sense_are_reported() {
    let tree = tree(&["äb"]);
    let fix = |title, edits| finding("r", vec![Fix::safe(title, edits)]);
    let findings = || {
        vec![
            fix("same", vec![edit(0, 2, 3, "b")]),
            fix("past the end", vec![edit(0, 8, 9, "")]),
            fix("no such file", vec![edit(2, 0, 1, "")]),
            fix("inside a letter", vec![edit(0, 0, 1, "")]),
            fix("itself", vec![edit(1, 0, 2, ""), edit(1, 1, 2, "")]),
        ]
    };
    let run = apply_fixes(&tree, &ANY, |_| findings(), fine);
    assert_eq!(run.ending, Ending::Settled);
    assert!(run.changed.is_empty());
    let mut titles: Vec<&str> = run.failures.iter().map(|failure| failure.title.as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["inside a letter", "itself", "no such file", "past the end", "same"]);
}

#[test]
fn passes_are_capped() {
    let tree = tree(&["a"]);
    let run = apply_fixes(&tree, &ANY, |tree| replaces("r", tree, "a", "ab"), fine);
    assert_eq!((run.ending, run.passes), (Ending::PassLimit, MAX_PASSES));
    assert_eq!(text(&run.tree, 0).len(), MAX_PASSES + 1);
    assert_eq!(run.failures[0].reason, "was still wanted after 100 passes");
}

#[test]
fn growth_is_capped() {
    let tree = tree(&["aa"]);
    let doubled = |tree: &Tree| {
        let text = text(tree, 0);
        let edit = edit(0, 0, text.len(), &text.repeat(4));
        vec![finding("r", vec![Fix::safe("t", vec![edit])])]
    };
    let run = apply_fixes(&tree, &ANY, doubled, fine);
    assert_eq!(run.ending, Ending::Grew);
    assert!(text(&run.tree, 0).len() <= 2 + MAX_GROWTH);
    assert_eq!(run.failures[0].reason, "makes the file grow without end");
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let tree = tree(&["abcabc"]);
    let fix = |start, rule, text| {
        finding(rule, vec![Fix::safe("t", vec![edit(0, start, start + 2, text)])])
    };
    let findings = vec![
        fix(0, "r", "1"),
        fix(1, "r", "2"),
        fix(3, "s", "3"),
        fix(3, "r", "3"),
        fix(4, "r", "4"),
    ];
    let mut reversed = findings.clone();
    reversed.reverse();
    let (one, other) = (once(&tree, &ANY, findings), once(&tree, &ANY, reversed));
    assert_eq!(text(&one.tree, 0), "1c3c");
    assert_eq!(one.changed, other.changed);
    assert_eq!(one.applied, other.applied);
}
