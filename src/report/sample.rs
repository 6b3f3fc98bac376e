//! Findings made by hand, and how each form tells them.

use std::path::Path;

use text_size::TextRange;

use super::*;
use crate::lint::{Applicability, Diagnostic, FixAvailability, FixEdit, RuleMeta, Severity};
use crate::source::{FileId, Span};

pub(super) static LOUD: RuleMeta = RuleMeta {
    id: "browser-source-build",
    group: Group::Override,
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    applicability: Some(Applicability::Unsafe),
    since: "0.1.0",
    summary: "",
    docs: "",
    default_on: true,
};
static QUIET: RuleMeta = RuleMeta {
    id: "missing-timeout",
    group: Group::Timeout,
    severity: Severity::Info,
    ..LOUD_LIKE
};
const LOUD_LIKE: RuleMeta = RuleMeta {
    id: "",
    group: Group::Meta,
    severity: Severity::Warning,
    fix: FixAvailability::None,
    applicability: None,
    since: "0.1.0",
    summary: "",
    docs: "",
    default_on: true,
};

const ROOT: &str = "/home/me/config";

pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
    Tree::in_memory(Path::new(ROOT), files.iter().copied())
}

/// Where `needle` first stands in `file`.
pub(super) fn place(tree: &Tree, file: &str, needle: &str) -> Span {
    let id = tree.file_at(Path::new(file)).expect("the file is in the tree");
    let source = tree.source(id).expect("the file is text");
    let start = source.text.find(needle).expect("the text is in the file");
    span(id, start, start + needle.len())
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).expect("a short text").into();
    Span::new(file, TextRange::new(offset(start), offset(end)))
}

fn findings<'a>(tree: &'a Tree, diagnostics: &'a [Diagnostic]) -> Vec<Finding<'a>> {
    let group = Some(Group::Override);
    Finding::all(tree, diagnostics).into_iter().map(|found| Finding { group, ..found }).collect()
}

pub(super) type Writer =
    fn(&mut dyn std::io::Write, &[Finding], &DisplayPaths) -> std::io::Result<()>;

fn styled(write: Writer, tree: &Tree, diagnostics: &[Diagnostic]) -> String {
    let mut out = Vec::new();
    let paths = DisplayPaths::new(ROOT);
    write(&mut out, &findings(tree, diagnostics), &paths).expect("writing to memory works");
    String::from_utf8(out).expect("output is UTF-8")
}

pub(super) fn plain(write: Writer, tree: &Tree, diagnostics: &[Diagnostic]) -> String {
    anstream::adapter::strip_str(&styled(write, tree, diagnostics)).to_string()
}

/// A profile's value that reaches an overlay, a browser that would be compiled, and a remark.
pub(super) fn configuration() -> (Tree, Vec<Diagnostic>) {
    let tree = tree(&[
        (
            "overlays/browsers.nix",
            "profile: final: prev: {\n  # größer\n  chromium = prev.chromium.override {\n    \
             proprietaryCodecs = false;\n  };\n}\n",
        ),
        (
            "profiles/shoshin.nix",
            "{\n  cargoBuildJobs = 8;\n\n  cores = 8;\n  a = 1;\n  b = 2;\n  maxJobs = 4;\n}\n",
        ),
    ]);
    let codecs = place(&tree, "overlays/browsers.nix", "proprietaryCodecs = false;");
    let browser = Diagnostic::new(&LOUD, codecs, "`chromium` will be compiled from source")
        .note("Chromium takes 6 h on 8 threads (estimate).\nThe cache has the default build.")
        .related(place(&tree, "profiles/shoshin.nix", "8;"), "the value was written here")
        .related(place(&tree, "profiles/shoshin.nix", "4"), "and here")
        .host("shoshin")
        .host("nohost")
        .fix(Fix::unsafe_because(
            "Remove `proprietaryCodecs`",
            "the package changes to the cached one",
            vec![
                FixEdit::remove(codecs),
                FixEdit::replace(place(&tree, "profiles/shoshin.nix", "4"), "2"),
            ],
        ))
        .fix(Fix::suggestion("Use `google-chrome` instead", vec![]));
    let whole = place(
        &tree,
        "profiles/shoshin.nix",
        "{\n  cargoBuildJobs = 8;\n\n  cores = 8;\n  a = 1;\n  b = 2;\n  maxJobs = 4;\n}\n",
    );
    let remark = Diagnostic::new(&QUIET, whole, "builds here have no time limit");
    (tree, vec![browser, remark])
}

#[test]
fn full_shows_source_reasons_and_fixes() {
    let (tree, diagnostics) = configuration();
    insta::assert_snapshot!(plain(write_full, &tree, &diagnostics));
}

#[test]
fn full_is_coloured() {
    let (tree, diagnostics) = configuration();
    let text = styled(write_full, &tree, &diagnostics[1..]);
    insta::assert_snapshot!(visible(&text));
}

#[test]
fn concise_is_one_line_a_finding() {
    let (tree, diagnostics) = configuration();
    insta::assert_snapshot!(plain(write_concise, &tree, &diagnostics));
}

#[test]
fn json_is_an_array_of_flat_objects() {
    let (tree, diagnostics) = configuration();
    let text = styled(write_json, &tree, &diagnostics);
    let value: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
    insta::assert_json_snapshot!(value);
    assert_eq!(styled(write_json, &tree, &[]), "[]\n");
}

#[test]
fn json_lines_are_the_same_objects() {
    let (tree, diagnostics) = configuration();
    let array: Vec<serde_json::Value> =
        serde_json::from_str(&styled(write_json, &tree, &diagnostics)).expect("valid JSON");
    let lines: Vec<serde_json::Value> = styled(write_json_lines, &tree, &diagnostics)
        .lines()
        .map(|line| serde_json::from_str(line).expect("valid JSON"))
        .collect();
    assert_eq!(array, lines);
}

#[test]
fn columns_count_characters_and_offsets_count_bytes_on_disk() {
    let tree = tree(&[("home.nix", "\u{feff}# ä\r\n{ \"日本\" = x; }\r\n")]);
    let diagnostics = [Diagnostic::new(&LOUD, place(&tree, "home.nix", "x"), "odd")];
    let value: serde_json::Value =
        serde_json::from_str(&styled(write_json, &tree, &diagnostics)).expect("valid JSON");
    let range = &value[0]["range"];
    // On disk: 3 bytes of mark, `# ä\r\n` is 6, `{ "日本" = ` is 13.
    assert_eq!(range["start"], serde_json::json!({"line": 2, "column": 10, "offset": 22}));
    assert_eq!(range["end"], serde_json::json!({"line": 2, "column": 11, "offset": 23}));
    insta::assert_snapshot!(plain(write_full, &tree, &diagnostics));
    assert_eq!(
        plain(write_concise, &tree, &diagnostics),
        "home.nix:2:10: error[browser-source-build] odd\n"
    );
}

#[test]
fn nothing_a_file_holds_reaches_the_terminal_as_a_command() {
    let tree =
        tree(&[("evil\u{1b}[31m\n.nix", "{ a = \"\u{1b}]0;owned\u{7}\u{202e}gnp\"; b = x; }")]);
    let at = place(&tree, "evil\u{1b}[31m\n.nix", "x;");
    let diagnostics = [Diagnostic::new(&LOUD, at, "about `\u{1b}[2J`\nand more")
        .note("a note\u{9b}31m")
        .related(at, "related\u{2066}")
        .host("host\u{1b}")
        .fix(Fix::unsafe_because("title\u{1b}", "why\u{1b}", vec![]))];
    for write in [write_full as Writer, write_concise] {
        let text = plain(write, &tree, &diagnostics);
        let shown = |c: char| c == '\n' || !super::visible::is_hidden(c);
        assert!(text.chars().all(shown), "{text:?}");
        // What `strip` takes for a style would be missing from the text.
        assert!(text.contains("evil\\u{1b}[31m\\u{a}.nix"), "{text}");
        insta::assert_snapshot!(text);
    }
}

#[test]
fn a_long_line_is_clipped_around_the_finding() {
    let text =
        format!("{{ a = \"{}\"; b = HERE; {} }}", "a".repeat(300_000), "c = 1; ".repeat(999));
    let tree = tree(&[("home.nix", text.as_str())]);
    let diagnostics = [Diagnostic::new(&LOUD, place(&tree, "home.nix", "HERE"), "in the middle")
        .related(place(&tree, "home.nix", "{ a"), "far to the left")];
    let shown = plain(write_full, &tree, &diagnostics);
    assert!(shown.len() < 2000);
    insta::assert_snapshot!(shown);
}

#[test]
fn a_place_behind_the_end_does_no_harm() {
    let tree = tree(&[("home.nix", "{ ä = 1; }\n"), ("empty.nix", "")]);
    let home = tree.file_at(Path::new("home.nix")).expect("in the tree");
    let empty = tree.file_at(Path::new("empty.nix")).expect("in the tree");
    let diagnostics = [
        Diagnostic::new(&LOUD, span(home, 999, 1000), "behind the end"),
        Diagnostic::new(&LOUD, span(home, 3, 3), "inside a character"),
        Diagnostic::new(&LOUD, span(empty, 0, 0), "an empty file"),
        Diagnostic::new(&LOUD, span(FileId::from_index(77), 0, 1), "no file at all"),
    ];
    insta::assert_snapshot!(plain(write_full, &tree, &diagnostics));
    styled(write_json, &tree, &diagnostics);
    styled(write_concise, &tree, &diagnostics);
}

#[test]
fn statistics_count_by_rule() {
    let (tree, mut diagnostics) = configuration();
    diagnostics.push(diagnostics[1].clone());
    let counts = count_by_rule(&findings(&tree, &diagnostics));
    let mut out = Vec::new();
    write_statistics(&mut out, &counts).expect("writing to memory works");
    let text = String::from_utf8(out).expect("output is UTF-8");
    insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());

    let mut out = Vec::new();
    write_statistics_json(&mut out, &counts, false).expect("writing to memory works");
    let value: serde_json::Value = serde_json::from_slice(&out).expect("valid JSON");
    assert_eq!(value[0]["rule"], "missing-timeout");
    assert_eq!(value[0]["count"], 2);
    assert_eq!(value[1]["fixable"]["unsafe"], 1);
}

#[test]
fn the_summary_says_what_was_found_and_what_was_not_understood() {
    let (tree, diagnostics) = configuration();
    let mut summary = Summary::of(&findings(&tree, &diagnostics));
    summary.files = 42;
    summary.elapsed = std::time::Duration::from_millis(123);
    summary.resolutions = vec![Resolution { kind: "overrides", total: 140, unresolved: 12 }];
    assert_eq!(
        summary.to_string(),
        "Found 1 error, 1 info; 1 fixable with --fix --unsafe-fixes. \
         42 files checked in 0.12 s; 12 of 140 overrides unresolved."
    );
    let clean = Summary { files: 1, ..Summary::default() };
    assert_eq!(clean.to_string(), "No findings. 1 file checked in 0.00 s.");
}

fn diff(before: &str, after: &str, name: &str, bom: bool, for_people: bool) -> String {
    let file = FileDiff { name, before, after, bom };
    let mut out = Vec::new();
    write_diff(&mut out, &file, for_people).expect("writing to memory works");
    String::from_utf8(out).expect("output is UTF-8")
}

/// It would take the cursor back to the beginning, to write over what stands there.
#[test]
fn a_carriage_return_alone_ends_no_line() {
    let (before, after) = ("a\rb\r\nc\n\r", "a\rb\r\nd\n\r");
    let shown = diff(before, after, "x.nix", false, true);
    assert!(
        shown.contains(" a\\u{d}b\r\n") && shown.contains(" \\u{d}\n\\ No newline"),
        "{shown:?}"
    );
    let exact = diff(before, after, "x.nix", false, false);
    let expected = "@@ -1,3 +1,3 @@\n a\rb\r\n-c\n+d\n \r\n\\ No newline at end of file\n";
    assert!(exact.ends_with(expected), "{exact:?}");
}

#[test]
fn a_diff_is_one_that_patch_takes() {
    let before = "a\nb\nc\nd\ne\nf\ng\nh";
    let after = "a\nB\nc\nd\ne\nf\ng\nH";
    insta::assert_snapshot!(diff(before, after, "home.nix", false, false));
    assert_eq!(diff(before, before, "home.nix", false, false), "");
}

#[test]
fn a_diff_keeps_marks_endings_and_escapes_for_programs_and_shows_them_to_people() {
    let (before, after) = ("a\u{1b}\r\nb\r\n", "a\u{1b}\r\nc\r\n");
    let exact = diff(before, after, "my home.nix", true, false);
    assert_eq!(
        exact,
        "--- a/my home.nix\t\n+++ b/my home.nix\t\n@@ -1,2 +1,2 @@\n \u{feff}a\u{1b}\r\n-b\r\n+c\r\n"
    );
    let shown = diff(before, after, "my home.nix", true, true);
    let shown = anstream::adapter::strip_str(&shown).to_string();
    assert!(shown.contains(" \\u{feff}a\\u{1b}\r\n-b\r\n+c\r\n"), "{shown:?}");
}
