use std::path::Path;
use std::sync::Mutex;

use rnix::{SyntaxKind, SyntaxNode};
use text_size::{TextRange, TextSize};

use super::*;
use crate::declare_rule;
use crate::lint::{Fix, FixEdit, NodeContext, Severity};
use crate::rules::meta;
use crate::source::{Discovery, Span};

declare_rule! {
    /// Flags `null`.
    struct Null { id: "null", group: Advice, severity: Warning, fix: Always(Safe), since: "0.1.0" }
}

impl Rule for Null {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn kinds(&self) -> &'static [SyntaxKind] {
        &[SyntaxKind::NODE_IDENT]
    }

    fn check_node(&self, node: &SyntaxNode, cx: &mut NodeContext<'_>) {
        SEEN.lock().unwrap().push(cx.text.to_owned());
        let place = cx.span(node.text_range());
        if node.text() == "null" {
            let fix = Fix::safe("Write nothing", vec![FixEdit::replace(place, "{ }")]);
            cx.report(Diagnostic::new(&Self::META, place, "null").fix(fix));
        }
    }
}

/// The texts that [`Null`] saw.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

declare_rule! {
    /// Has a fault.
    struct Faulty { id: "faulty", group: Advice, severity: Info, fix: None, since: "0.1.0" }
}

impl Rule for Faulty {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn kinds(&self) -> &'static [SyntaxKind] {
        &[SyntaxKind::NODE_STRING]
    }

    fn check_node(&self, node: &SyntaxNode, cx: &mut NodeContext<'_>) {
        cx.report(Diagnostic::new(&Self::META, cx.span(node.text_range()), "a string"));
        assert!(node.text() != "\"panic\"", "no panic please");
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        assert!(cx.tree.file_at(Path::new("panic.nix")).is_none(), "no such tree");
    }
}

declare_rule! {
    /// Says the same of several hosts.
    struct Hosts { id: "hosts", group: Advice, severity: Info, fix: None, since: "0.1.0" }
}

impl Rule for Hosts {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let place = Span::new(cx.tree.files()[0], TextRange::empty(TextSize::new(0)));
        for host in ["b", "a", "b"] {
            cx.report(Diagnostic::new(&Self::META, place, "same").host(host));
        }
        cx.report(Diagnostic::new(&Self::META, place, "other").host("a"));
    }
}

static RULES: &[&dyn Rule] = &[
    &Null,
    &Faulty,
    &Hosts,
    &meta::SyntaxError,
    &meta::UnknownSuppression,
    &meta::UnreadableFile,
    &meta::UnusedSuppression,
];

fn analyzer_with(rules: &'static [&'static dyn Rule], config: &str) -> Analyzer {
    let read = |_: &Path| Ok(config.to_owned());
    let config = Config::load_with(Path::new("frugix.toml"), &read).unwrap();
    Analyzer::new(config, rules, &Selectors::default()).unwrap()
}

fn analyzer(config: &str) -> Analyzer {
    analyzer_with(RULES, config)
}

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree::in_memory(Path::new("/t"), files.iter().copied())
}

/// The findings as `path:offset rule`, without those of the rule about hosts.
fn found(tree: &Tree, analysis: &Analysis) -> Vec<String> {
    let shown = analysis.diagnostics.iter().filter(|found| found.rule != "hosts");
    shown
        .map(|found| {
            let start = u32::from(found.span.range.start());
            format!("{}:{start} {}", tree.path(found.span.file).display(), found.rule)
        })
        .collect()
}

fn look(files: &[(&str, &str)]) -> Vec<String> {
    let tree = tree(files);
    found(&tree, &analyzer("").analyze(&tree))
}

fn faults(analysis: &Analysis) -> Vec<String> {
    analysis.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn findings_are_sorted_by_path_then_place() {
    assert_eq!(
        look(&[("b.nix", "null"), ("a.nix", "[ null \"x\" null ]"), ("a/c.nix", "{ a = 1 }")]),
        [
            "a/c.nix:8 syntax-error",
            "a.nix:2 null",
            "a.nix:7 faulty",
            "a.nix:11 null",
            "b.nix:0 null"
        ]
    );
}

#[test]
fn a_file_with_errors_raises_only_those() {
    assert_eq!(look(&[("a.nix", "[ null \"x\" { b = 1 } ]")]), ["a.nix:19 syntax-error"]);
    assert_eq!(look(&[("a.nix", "# frugix: ignore-file[meta] x\n{ b = ; }")]), [""; 0]);
    let deep = format!("# frugix: ignore-file[syntax-error] x\n{}", "[".repeat(100_000));
    assert_eq!(look(&[("a.nix", &deep), ("b.nix", "null")]), ["b.nix:0 null"]);
}

#[test]
fn comments_silence_and_are_judged_when_all_is_understood() {
    let silenced = "# frugix: ignore[null] why\nnull";
    let unused = "# frugix: ignore[null] why\n1";
    assert_eq!(look(&[("a.nix", silenced), ("b.nix", unused)]), ["b.nix:0 unused-suppression"]);
    assert_eq!(look(&[("b.nix", unused), ("c.nix", "{")]), ["c.nix:1 syntax-error"]);
    assert_eq!(look(&[("b.nix", unused), ("c.nix", "\"panic\"")]), ["c.nix:0 faulty"]);
    assert_eq!(
        look(&[("a.nix", "# frugix: ignore[nul] x\nnull")]),
        ["a.nix:17 unknown-suppression", "a.nix:24 null"]
    );
}

#[test]
fn the_configuration_is_heard() {
    let tree = tree(&[("a.nix", "null"), ("b/a.nix", "[ null \"x\" ]")]);
    let config = "ignore = [\"faulty\"]\n[severity]\nnull = \"error\"\n[per-file-ignores]\n\"b/\" = [\"null\"]";
    let analysis = analyzer(config).analyze(&tree);
    assert_eq!(found(&tree, &analysis), ["a.nix:0 null"]);
    let null = analysis.diagnostics.iter().find(|found| found.rule == "null");
    assert_eq!(null.map(|found| found.severity), Some(Severity::Error));
}

#[test]
fn what_is_said_of_several_hosts_is_said_once() {
    let tree = tree(&[("a.nix", "1")]);
    let analysis = analyzer("").analyze(&tree);
    let said: Vec<(&str, Vec<&str>)> = analysis
        .diagnostics
        .iter()
        .map(|found| (found.message.as_str(), found.hosts.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(said, [("other", vec!["a"]), ("same", vec!["a", "b"])]);
}

#[test]
fn a_fault_hides_nothing_else() {
    let tree = tree(&[
        ("a.nix", "[ \"x\" \"panic\" \"y\" null ]"),
        ("b.nix", "\"z\""),
        ("panic.nix", "null"),
    ]);
    let analysis = analyzer("").analyze(&tree);
    assert_eq!(
        found(&tree, &analysis),
        ["a.nix:2 faulty", "a.nix:6 faulty", "a.nix:18 null", "b.nix:0 faulty", "panic.nix:0 null"]
    );
    assert_eq!(
        faults(&analysis),
        [
            "the rule faulty left out a part of a.nix because of a fault of frugix: no panic please",
            "the rule faulty was left out because of a fault of frugix: no such tree",
        ]
    );
    assert!(analysis.diagnostics.iter().any(|found| found.rule == "hosts"));
}

#[test]
fn a_file_is_looked_at_again_only_when_it_changes() {
    let seen_of =
        |needle: &str| SEEN.lock().unwrap().iter().filter(|text| text.contains(needle)).count();
    let mut analyzer = analyzer("");
    let first = tree(&[("a.nix", "cached_a"), ("b.nix", "cached_b"), ("c.nix", "[ null ]")]);
    let before = analyzer.analyze(&first);
    assert_eq!((seen_of("cached_a"), seen_of("cached_b")), (1, 1));
    let second = first.with_texts([(first.files()[1], "[ cached_b null ]".to_owned())]);
    let after = analyzer.analyze(&second);
    assert_eq!((seen_of("cached_a"), seen_of("cached_b")), (1, 3));
    assert_eq!(found(&first, &before), ["c.nix:2 null"]);
    assert_eq!(found(&second, &after), ["b.nix:11 null", "c.nix:2 null"]);
    // With files before them, the others are the same files still.
    let more = [("0.nix", "1"), ("00.nix", "2"), ("a.nix", "cached_a"), ("c.nix", "[ null ]")];
    let more = tree(&more);
    assert_eq!(found(&more, &analyzer.analyze(&more)), ["c.nix:2 null"]);
    assert_eq!(seen_of("cached_a"), 1);
    // The same text elsewhere is another file.
    let moved = tree(&[("b.nix", "cached_a"), ("c/c.nix", "[ null ]")]);
    assert_eq!(found(&moved, &analyzer.analyze(&moved)), ["c/c.nix:2 null"]);
    assert_eq!(seen_of("cached_a"), 2);
}

#[test]
fn fixes_that_lose_a_comment_are_left_out() {
    static ONLY: &[&dyn Rule] = &[&LosesComments];
    let tree = tree(&[("a.nix", "[ 1 /* keep */ ]")]);
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|_| true,
        fixable: &|_| true,
        wanted: &all_wanted,
    };
    let outcome = analyzer_with(ONLY, "").fix(&tree, &request);
    assert_eq!(outcome.changed, []);
    assert_eq!(outcome.failures[0].reason, "loses the comment `/* keep */`");
    let outcome = analyzer("").fix(&self::tree(&[("a.nix", "[ null ]")]), &request);
    assert_eq!(outcome.changed.len(), 1);
    assert_eq!(outcome.changed[0].1, "[ { } ]");
    assert_eq!(outcome.applied.get("null"), Some(&1));
}

declare_rule! {
    /// Empties lists.
    struct LosesComments {
        id: "loses-comments", group: Advice, severity: Info, fix: Always(Safe), since: "0.1.0",
    }
}

impl Rule for LosesComments {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn kinds(&self) -> &'static [SyntaxKind] {
        &[SyntaxKind::NODE_LIST]
    }

    fn check_node(&self, node: &SyntaxNode, cx: &mut NodeContext<'_>) {
        if node.text() == "[ ]" {
            return;
        }
        let place = cx.span(node.text_range());
        let fix = Fix::safe("Empty the list", vec![FixEdit::replace(place, "[ ]")]);
        cx.report(Diagnostic::new(&Self::META, place, "a list").fix(fix));
    }
}

/// More texts of a megabyte than are kept.
const MANY: usize = 24;

/// A tree on disk of which more can be let go than is kept.
fn many_texts() -> (tempfile::TempDir, Tree) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for number in 0..MANY {
        let text = format!("{{ a = 1; }} # {}", "x".repeat(1_000_000));
        std::fs::write(folder.path().join(format!("{number}.nix")), text).expect("it is written");
    }
    let tree = Tree::open(folder.path(), &Discovery::default()).expect("it is a folder");
    (folder, tree)
}

#[test]
fn texts_are_let_go_where_nobody_looks_again() {
    let changed = |look: fn(&mut Analyzer, &Tree) -> Analysis| {
        let (folder, tree) = many_texts();
        assert_eq!(faults(&look(&mut analyzer_with(&[], ""), &tree)), [] as [&str; 0]);
        for file in tree.files() {
            std::fs::write(folder.path().join(tree.path(*file)), "1").expect("it is written");
        }
        let is_changed = |file: &&FileId| tree.source(**file).err() == Some(ReadError::Changed);
        tree.files().iter().filter(is_changed).count()
    };
    assert_eq!(changed(Analyzer::analyze), 0);
    assert!((1..MANY).contains(&changed(Analyzer::analyze_once)));
}
