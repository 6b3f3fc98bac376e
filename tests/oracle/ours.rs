//! Our own answers, on a thread with the stack that frugix runs with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use frugix::eval::{EnvId, Evaluator, Limits, Program, Root, Why};
use frugix::hir;
use frugix::source::{SourceFile, Tree};
use frugix::syntax::{Parsed, parse};
use serde_json::Value as Json;

/// The stack of the threads that evaluate.
pub const STACK: usize = 16 << 20;

/// Runs `work` on a thread with [`STACK`] bytes of stack.
pub fn on_evaluation_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.expect("a thread starts").join() {
            Ok(answer) => answer,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Evaluates `expression`, in which `lib` is nixpkgs' library.
pub fn evaluate(expression: &str) -> Result<Json, Why> {
    let text = format!("lib: (\n{expression}\n)");
    let tree = Tree::in_memory(Path::new("/tree"), [("home.nix", text.as_str())]);
    in_evaluator(&tree, Limits::default(), |evaluator| {
        let function = evaluator.import_path(Path::new("home.nix"));
        let library = evaluator.symbol(Root::Lib);
        let value = evaluator.apply(&function, library, None, EnvId::ROOT);
        evaluator.to_json(&value)
    })
}

/// Evaluates each expression.
/// What we know of an expression, or why not.
pub type Answer = Result<Json, Why>;

pub fn evaluate_all(expressions: &[&str]) -> Vec<Result<Json, Why>> {
    on_evaluation_stack(|| expressions.iter().map(|expression| evaluate(expression)).collect())
}

/// Evaluates the file at `path` of the tree at `root` on disk.
pub fn evaluate_file(tree: &Tree, path: &Path) -> Result<Json, Why> {
    in_evaluator(tree, Limits::default(), |evaluator| {
        let value = evaluator.import_path(path);
        evaluator.to_json(&value)
    })
}

/// Lowers every file of `tree` without mistakes and hands an evaluator of them to `work`.
pub fn in_evaluator<T>(
    tree: &Tree,
    limits: Limits,
    work: impl FnOnce(&mut Evaluator<'_>) -> T,
) -> T {
    evaluator(tree, limits, |parsed| parsed.errors().is_empty(), work)
}

/// The same for files with mistakes too.
pub fn in_evaluator_of_any_text<T>(
    tree: &Tree,
    limits: Limits,
    work: impl FnOnce(&mut Evaluator<'_>) -> T,
) -> T {
    evaluator(tree, limits, |_| true, work)
}

fn evaluator<T>(
    tree: &Tree,
    limits: Limits,
    accepts: impl Fn(&Parsed) -> bool,
    work: impl FnOnce(&mut Evaluator<'_>) -> T,
) -> T {
    let lowered = |source: Arc<SourceFile>| {
        let parsed = parse(&source.text).ok().filter(&accepts)?;
        Some(Arc::new(hir::lower(&parsed).into()))
    };
    let files: Vec<_> =
        tree.files().iter().map(|file| tree.source(*file).ok().and_then(&lowered)).collect();
    work(&mut Evaluator::new(Program::new(tree, &files), limits))
}

/// Whether two answers are the same, numbers by value: Nix 2.8 writes six digits of a float.
pub fn same(ours: &Json, nix: &Json) -> bool {
    match (ours, nix) {
        (Json::Number(ours), Json::Number(nix)) => match (ours.as_i64(), nix.as_i64()) {
            (Some(ours), Some(nix)) => ours == nix,
            _ => match (ours.as_f64(), nix.as_f64()) {
                (Some(ours), Some(nix)) => (ours - nix).abs() <= 1e-5 * ours.abs().max(nix.abs()),
                _ => false,
            },
        },
        (Json::Array(ours), Json::Array(nix)) => {
            ours.len() == nix.len() && ours.iter().zip(nix).all(|(ours, nix)| same(ours, nix))
        }
        (Json::Object(ours), Json::Object(nix)) => {
            ours.len() == nix.len()
                && ours
                    .iter()
                    .all(|(name, value)| nix.get(name).is_some_and(|nix| same(value, nix)))
        }
        _ => ours == nix,
    }
}

/// The fixture tree.
pub fn fixture_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin")
}
