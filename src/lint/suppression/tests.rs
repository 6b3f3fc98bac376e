use std::path::Path;

use super::*;
use crate::lint::sample::{RULES, rule};
use crate::source::{Edit, Tree, apply_edits};
use crate::syntax::{comments, parse};

/// Suppresses in `text`, where each `NO` is a finding of `needless-override`, each `CPU` one of
/// `cpu-over-budget` and each `MOLD` one of `use-mold`.
fn run_with(text: &str, runs: &dyn Fn(&str) -> bool) -> Suppressed {
    let tree = Tree::in_memory(Path::new("/t"), [("a.nix", text)]);
    let file = tree.files()[0];
    let comments = comments(&parse(text).unwrap().syntax());
    let words = [("NO", "needless-override"), ("CPU", "cpu-over-budget"), ("MOLD", "use-mold")];
    let mut found = Vec::new();
    for (word, id) in words {
        for (start, _) in text.match_indices(word) {
            let range = TextRange::at(size(start), TextSize::of(word));
            found.push(Diagnostic::new(rule(id), Span::new(file, range), word));
        }
    }
    found.sort_by_key(|diagnostic| diagnostic.span.sort_key());
    suppress(&CommentedFile { file, text, comments: &comments }, found, RULES, runs)
}

fn size(offset: usize) -> TextSize {
    TextSize::try_from(offset).unwrap()
}

fn by_default(id: &str) -> bool {
    rule(id).default_on
}

/// The messages that remain, and how many were silenced.
fn run(text: &str) -> (Vec<String>, usize) {
    let result = run_with(text, &by_default);
    let messages = result.kept.into_iter().map(|diagnostic| diagnostic.message);
    (messages.collect(), result.count)
}

fn silenced(text: &str) -> usize {
    let (messages, count) = run(text);
    assert_eq!(messages, [""; 0], "{text}");
    count
}

/// The text once the fixes of what remains are applied.
fn fixed(text: &str) -> String {
    let result = run_with(text, &by_default);
    let edits: Vec<Edit> = result
        .kept
        .iter()
        .flat_map(|diagnostic| &diagnostic.fixes)
        .flat_map(|fix| &fix.edits)
        .map(|edit| Edit { range: edit.span.range, text: edit.text.clone() })
        .collect();
    apply_edits(text, &edits).unwrap()
}

#[test]
fn a_comment_behind_code_covers_its_line() {
    assert_eq!(silenced("[ NO NO ] # frugix: ignore[needless-override] wanted"), 2);
    assert_eq!(silenced("[ /* frugix: ignore[needless-override] */ NO ]"), 1);
    let (messages, count) = run("[ NO # frugix: ignore[needless-override]\n  NO ]");
    assert_eq!((messages.as_slice(), count), (["NO".to_owned()].as_slice(), 1));
}

#[test]
fn a_comment_on_its_own_line_covers_the_next_line_of_code() {
    assert_eq!(silenced("[\n  # frugix: ignore[needless-override]\n  NO\n]"), 1);
    let between = "[\n# frugix: ignore[needless-override]\n\n# one\n/* and\n other */ NO\n]";
    assert_eq!(silenced(between), 1);
    assert_eq!(
        silenced(
            "[\n# frugix: ignore[needless-override]\n# frugix: ignore[cpu-over-budget]\nNO CPU\n]"
        ),
        2
    );
    let (messages, count) = run("[\n# frugix: ignore[needless-override]\nNO\nNO ]");
    assert_eq!((messages.len(), count), (1, 1));
    assert_eq!(silenced("/* frugix: ignore[needless-override] */ NO"), 1);
}

#[test]
fn a_comment_covers_only_what_it_names() {
    let (messages, count) = run("[ NO CPU ] # frugix: ignore[cpu-over-budget]");
    assert_eq!((messages.as_slice(), count), (["NO".to_owned()].as_slice(), 1));
    assert_eq!(silenced("[ NO CPU ] # frugix: ignore[ override ,cpu-over-budget, ] both"), 2);
}

#[test]
fn a_file_is_covered_from_its_top() {
    assert_eq!(silenced("# Home.\n# frugix: ignore-file[override] all wanted\n[ NO\nNO ]"), 2);
    let (messages, count) = run("[ NO ] # frugix: ignore-file[override]");
    assert_eq!(count, 0);
    assert_eq!(
        messages,
        ["NO", "`ignore-file` has no effect here; move it before the first expression of the file"]
    );
}

#[test]
fn a_range_is_covered_until_it_is_enabled() {
    let (messages, count) =
        run("[ NO\n# frugix: disable[override]\nNO NO\n# frugix: enable[needless-override]\nNO ]");
    assert_eq!((messages.as_slice(), count), (["NO".to_owned(), "NO".to_owned()].as_slice(), 2));
    assert_eq!(silenced("[ # frugix: disable[needless-override]\nNO\nNO ]"), 2);
}

#[test]
fn what_silences_nothing_is_reported_and_removed() {
    for (text, message, expected) in [
        (
            "[\n  # frugix: ignore[needless-override] why\n  1\n]\n",
            "`needless-override` is suppressed here, but finds nothing",
            "[\n  1\n]\n",
        ),
        (
            "[ 1 ]  # frugix: ignore[override]\n",
            "`override` is suppressed here, but finds nothing",
            "[ 1 ]\n",
        ),
        (
            "[ 1 ]  # frugix: ignore[override]\r\n",
            "`override` is suppressed here, but finds nothing",
            "[ 1 ]\r\n",
        ),
        (
            "# frugix: ignore-file[override]\r\n1\r\n",
            "`override` is suppressed here, but finds nothing",
            "1\r\n",
        ),
        (
            "1\n# frugix: disable[override, cpu-over-budget]",
            "`override` and `cpu-over-budget` are suppressed here, but find nothing",
            "1\n",
        ),
        (
            "[ 1 /* frugix: ignore[override] */ 2 ]",
            "`override` is suppressed here, but finds nothing",
            "[ 1 2 ]",
        ),
        (
            "[ 1/* frugix: ignore[override] */2 ]",
            "`override` is suppressed here, but finds nothing",
            "[ 1 2 ]",
        ),
        (
            "[ CPU ] # frugix: ignore[needless-override, cpu-over-budget] both",
            "`needless-override` is suppressed here, but finds nothing",
            "[ CPU ] # frugix: ignore[cpu-over-budget] both",
        ),
        (
            "[ CPU ] # frugix: ignore[cpu-over-budget, cpu-over-budget]",
            "`cpu-over-budget` is suppressed here, but finds nothing",
            "[ CPU ] # frugix: ignore[cpu-over-budget]",
        ),
        (
            "# frugix: enable[needless-override]\n1",
            "`needless-override` is enabled here, but was not disabled",
            "1",
        ),
    ] {
        assert_eq!(run(text), (vec![message.to_owned()], text.matches("CPU").count()), "{text}");
        assert_eq!(fixed(text), expected);
        assert_eq!(fixed(expected), expected);
    }
}

#[test]
fn a_rule_that_does_not_run_is_not_called_unused() {
    assert_eq!(silenced("[ 1 ] # frugix: ignore[use-mold, advice]"), 0);
    let only_cpu = |id: &str| matches!(id, "cpu-over-budget" | "unused-suppression");
    let result = run_with("[ 1 ] # frugix: ignore[needless-override, override]", &only_cpu);
    assert_eq!(result.kept, []);
    let all = |_: &str| true;
    assert_eq!(run_with("[ 1 ] # frugix: ignore[advice]", &all).kept.len(), 1);
}

#[test]
fn unknown_names_are_reported_with_the_nearest() {
    let result =
        run_with("[ NO ] # frugix: ignore[needles-override, zebra, override]", &by_default);
    assert_eq!(result.count, 1);
    let told: Vec<(&str, &str)> = result
        .kept
        .iter()
        .map(|diagnostic| (diagnostic.message.as_str(), diagnostic.notes[0].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "there is no rule or group called `needles-override`",
                "did you mean `needless-override`?"
            ),
            ("there is no rule or group called `zebra`", "`frugix rules` lists them"),
        ]
    );
    assert_eq!(usize::from(result.kept[0].span.range.start()), 24);
    assert_eq!(result.kept[0].span.range.len(), TextSize::of("needles-override"));
}

#[test]
fn malformed_comments_are_reported() {
    for (comment, message) in [
        ("# frugix: ignore", "this suppression names no rule; write `frugix: ignore[rule] reason`"),
        (
            "# frugix: ignore this line",
            "this suppression names no rule; write `frugix: ignore[rule] reason`",
        ),
        (
            "# frugix: disable[ , ]",
            "this suppression names no rule; write `frugix: disable[rule] reason`",
        ),
        (
            "# frugix: ignore[needless-override",
            "the list of rules is not closed; write `]` after the last",
        ),
        ("# frugix: ignroe[x]", "`ignroe` is no suppression; did you mean `ignore`?"),
        (
            "/* frugix: allow[x] */",
            "`allow` is no suppression; write `ignore`, `ignore-file`, `disable` or `enable`",
        ),
    ] {
        assert_eq!(run(&format!("[ 1 ] {comment}")), (vec![message.to_owned()], 0));
        assert!(!is_directive(comment));
    }
}

#[test]
fn other_comments_are_left_alone() {
    for comment in ["# see frugix: ignore", "# frugix", "# frugix: a linter", "/* frugix */", "#"] {
        assert_eq!(silenced(&format!("{comment}\n1")), 0);
        assert!(!is_directive(comment));
    }
    assert!(is_directive("## frugix:ignore[x] why"));
    assert!(is_directive("/** frugix: disable [x] */"));
}

#[test]
fn reports_about_comments_can_be_silenced_too() {
    assert_eq!(
        silenced(
            "# frugix: ignore-file[unused-suppression, unknown-suppression] shared text\n\
             [ 1 ] # frugix: ignore[needless-override, zebra]"
        ),
        2
    );
    let (messages, _) = run("# frugix: ignore-file[unused-suppression]\n1");
    assert_eq!(messages, ["`unused-suppression` is suppressed here, but finds nothing"]);
}

#[test]
fn findings_elsewhere_are_kept() {
    let text = "# frugix: ignore-file[needless-override]\n1";
    let comments = comments(&parse(text).unwrap().syntax());
    let file = CommentedFile { file: FileId::from_index(0), text, comments: &comments };
    let span = Span::new(FileId::from_index(1), TextRange::empty(size(0)));
    let found = vec![Diagnostic::new(rule("needless-override"), span, "")];
    let result = suppress(&file, found.clone(), RULES, &|id| id != UNUSED);
    assert_eq!(result, Suppressed { kept: found, count: 0 });
}
