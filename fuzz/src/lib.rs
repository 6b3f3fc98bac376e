//! What the fuzz targets share: a worker with the stack that frugix runs with, and the generators and
//! the harness of the tests.

#[path = "../../tests/properties/generator.rs"]
pub mod configuration;
#[path = "../../tests/properties/grammar.rs"]
pub mod grammar;
#[path = "../../tests/harness/mod.rs"]
pub mod harness;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use frugix::eval::{EnvId, Evaluator, Limits, PackageSet, Program, Root};
use frugix::hir;
use frugix::source::Tree;
use frugix::syntax::{Parsed, parse};

use harness::invariants::check;
use harness::{Case, Problems};

static WORKER: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(256 << 20);
    pool.build().expect("a thread starts")
});

/// Runs `work` on a thread with a deep stack, always the same.
pub fn on_worker<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    WORKER.install(work)
}

/// Parses, lowers and evaluates `text`. What is handed to the parser must make no deep tree, and
/// every expression must lie inside its text.
pub fn parse_lower_evaluate(text: &str) {
    let Ok(parsed) = parse(text) else { return };
    let depth = tree_depth(&parsed);
    assert!(depth < 8000, "a tree of {depth} levels");
    if parsed.errors().is_empty() {
        let root = parsed.syntax();
        assert_eq!(root.text().to_string(), text, "the tree is not the text");
    }
    let file = hir::lower(&parsed);
    for id in file.expr_ids() {
        let range = std::ops::Range::<usize>::from(file.range(id));
        assert!(text.get(range.clone()).is_some(), "{range:?}");
    }
    let tree = Tree::in_memory(Path::new("/tree"), [("home.nix", text)]);
    let files = [Some(Arc::new(file.into()))];
    // Enough to get everywhere, little enough that every text is done quickly.
    let limits = Limits { steps: 20_000, values: 200_000, ..Limits::default() };
    let mut evaluator = Evaluator::new(Program::new(&tree, &files), limits);
    let value = evaluator.import_path(Path::new("home.nix"));
    let packages = evaluator.symbol(Root::Packages(PackageSet::Main));
    let applied = evaluator.apply(&value, packages, None, EnvId::ROOT);
    for value in [value, applied] {
        let _ = evaluator.to_json(&value);
        value.origin.literals();
        value.origin.names();
    }
}

fn tree_depth(parsed: &Parsed) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for event in parsed.syntax().preorder() {
        match event {
            rowan::WalkEvent::Enter(_) => depth += 1,
            rowan::WalkEvent::Leave(_) => depth -= 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// All that must hold of a tree that is looked at and fixed, as the tests say it.
pub fn check_all(files: Vec<(PathBuf, String)>) {
    let case = Case::of_texts("a random tree", files);
    let mut problems = Problems::default();
    check(&case, None, &mut problems);
    problems.tell();
}
