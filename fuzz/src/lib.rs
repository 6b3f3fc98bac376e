//! What the fuzz targets share: a worker with the stack that frugix runs with, and the generators and
//! the harness of the tests.

#[path = "../../tests/properties/generator.rs"]
pub mod configuration;
#[path = "../../tests/safe_fixes/fixed.rs"]
pub mod fixed;
#[path = "../../tests/properties/grammar.rs"]
pub mod grammar;
#[path = "../../tests/harness/mod.rs"]
pub mod harness;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use frugix::eval::{EnvId, Evaluator, Limits, PackageSet, Program, Root};
use frugix::hir;
use frugix::source::Tree;
use frugix::syntax::{DepthLimit, Parsed, parse};

use fixed::{Fixed, differs, fixed};
use harness::invariants::check;
use harness::nix::Nix;
use harness::{Case, Problems};
use tempfile::TempDir;

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
    if let Some(by_tokens) = hir::lower_text(text, DepthLimit::USUAL) {
        assert_eq!(format!("{by_tokens:?}"), format!("{file:?}"), "the tokens tell another tree");
    }
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

/// Configurations that Nix is asked about together, unless `FRUGIX_FUZZ_BATCH` says otherwise: a
/// process for each would be all that there is time for.
const BATCH: usize = 24;

static NIX: LazyLock<Option<Nix>> = LazyLock::new(Nix::find);

/// What waits to be asked about, each with the folder that it lies in.
static WAITING: Mutex<Vec<(TempDir, Fixed)>> = Mutex::new(Vec::new());

/// Fixes a configuration safely, and, once there are enough of them, holds what Nix makes of each
/// against what it made before. The input that fails is any of the last [`BATCH`]: all that differ are
/// told. Nothing is checked where Nix is not installed.
pub fn ask_nix_now_and_then(files: Vec<(PathBuf, String)>) {
    let Some(nix) = NIX.as_ref() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(changed) = fixed(files, folder.path()) else { return };
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.push((folder, changed));
    let setting = std::env::var("FRUGIX_FUZZ_BATCH").ok().and_then(|count| count.parse().ok());
    if waiting.len() < setting.unwrap_or(BATCH) {
        return;
    }
    let asked = std::mem::take(&mut *waiting);
    let before: Vec<&str> = asked.iter().map(|(_, fixed)| fixed.before.as_str()).collect();
    let after: Vec<&str> = asked.iter().map(|(_, fixed)| fixed.after.as_str()).collect();
    let answers = nix.evaluate(&before).into_iter().zip(nix.evaluate(&after));
    let wrong: Vec<&str> = (asked.iter().zip(answers))
        .filter(|(_, (before, after))| differs(before, after))
        .map(|((_, fixed), _)| fixed.changes.as_str())
        .collect();
    assert!(wrong.is_empty(), "safe fixes change derivations:\n{}", wrong.join("\n\n"));
}
