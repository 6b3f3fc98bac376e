//! How long frugix takes and how much it allocates, in one process, on generated trees in memory:
//! `cargo bench`, or `cargo bench -- lint` for those with `lint` in their name.
//!
//! Allocations are counted beside the time, which other programs on the machine do not disturb.
//! `examples/compare.rs` measures whole runs, with reading from disk, against other tools.

mod generated;

use std::path::Path;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher};
use frugix::analysis::Analyzer;
use frugix::config::Config;
use frugix::hir;
use frugix::lint::Selectors;
use frugix::rules::ALL;
use frugix::source::Tree;
use frugix::syntax::parse;
use generated::Shape;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// A tree of so many files.
fn tree(files: usize, linked: bool) -> Tree {
    Tree::in_memory(Path::new("/tree"), generated::files(Shape { files, seed: 1, linked }))
}

fn texts(files: usize) -> Vec<String> {
    let shape = Shape { files, seed: 1, linked: true };
    generated::files(shape).into_iter().map(|(_, text)| text).collect()
}

fn analyzer() -> Analyzer {
    Analyzer::new(Config::default(), ALL, &Selectors::default()).unwrap()
}

/// Parsing alone, on one thread.
#[divan::bench]
fn parse_files(bencher: Bencher) {
    let texts = texts(100);
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| texts.iter().filter(|text| parse(text).is_ok()).count());
}

/// Lowering what is parsed, on one thread.
#[divan::bench]
fn lower_files(bencher: Bencher) {
    let texts = texts(100);
    let bytes: usize = texts.iter().map(String::len).sum();
    let parsed: Vec<_> = texts.iter().map(|text| parse(text).unwrap()).collect();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| parsed.iter().map(hir::lower).collect::<Vec<_>>());
}

/// All rules on hosts and what they are made of.
#[divan::bench(args = [100, 1000, 10_000], sample_count = 5, sample_size = 1)]
fn lint_hosts(bencher: Bencher, files: usize) {
    let tree = tree(files, true);
    bencher.counter(ItemsCount::new(files)).bench(|| analyzer().analyze(&tree));
}

/// All rules on files that do not refer to each other.
#[divan::bench(args = [100, 1000, 10_000], sample_count = 5, sample_size = 1)]
fn lint_apart(bencher: Bencher, files: usize) {
    let tree = tree(files, false);
    bencher.counter(ItemsCount::new(files)).bench(|| analyzer().analyze(&tree));
}

/// A file that an editor changes, in a session that has seen the tree.
#[divan::bench(args = [100, 500], sample_count = 20, sample_size = 1)]
fn keystroke(bencher: Bencher, files: usize) {
    let tree = tree(files, true);
    let mut session = analyzer();
    session.analyze(&tree);
    let changed = tree.files()[files / 2];
    let text = tree.source(changed).unwrap().text.clone();
    let mut presses = 0;
    bencher.bench_local(|| {
        presses += 1;
        let text = format!("{text}# {presses}\n");
        session.analyze(&tree.with_texts([(changed, text)]))
    });
}

/// One file of so many definitions, and one nested so deeply: time grows with the text.
#[divan::bench(args = [1000, 2000, 4000])]
fn wide_file(bencher: Bencher, definitions: usize) {
    let definitions = (0..definitions).map(|index| format!("a{index} = [ (f x) \"${{y}}\" ];"));
    let text = format!("{{ {} }}", definitions.collect::<String>());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| parse(&text).map(|parsed| hir::lower(&parsed)));
}

#[divan::bench(args = [90, 180, 360])]
fn deep_file(bencher: Bencher, levels: usize) {
    let text = format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| parse(&text).map(|parsed| hir::lower(&parsed)));
}
