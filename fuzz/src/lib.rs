//! What the fuzz targets share: a worker with the stack that frugix runs with, a generator of valid
//! Nix, and the harness of the tests.

#[path = "../../tests/properties/generator.rs"]
pub mod configuration;
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
    let file = Arc::new(hir::lower(&parsed));
    for id in file.expr_ids() {
        let range = std::ops::Range::<usize>::from(file.range(id));
        assert!(text.get(range.clone()).is_some(), "{range:?}");
    }
    let tree = Tree::in_memory(Path::new("/tree"), [("home.nix", text)]);
    let files = [Some(file)];
    // Enough to get everywhere, little enough that every text is done quickly.
    let limits = Limits { steps: 20_000, thunks: 200_000, ..Limits::default() };
    let mut evaluator = Evaluator::new(Program { tree: &tree, files: &files }, limits);
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

/// The files of a tree whose overlay, home and flake are `text`.
pub fn everywhere(text: &str) -> Vec<(PathBuf, String)> {
    let flake = "{ outputs = { self, nixpkgs, home-manager, ... }: { \
                 overlays.default = import ./overlay.nix; \
                 homeConfigurations.me = home-manager.lib.homeManagerConfiguration { \
                 pkgs = import nixpkgs { overlays = [ (import ./overlay.nix) ]; }; \
                 modules = [ ./home.nix ]; }; }; }";
    [("flake.nix", flake), ("home.nix", text), ("overlay.nix", text), ("sub/default.nix", text)]
        .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
        .into()
}

/// All that must hold of a tree that is looked at and fixed, as the tests say it.
pub fn check_all(files: Vec<(PathBuf, String)>) {
    let case = Case::of_texts("a random tree", files);
    let mut problems = Problems::default();
    check(&case, None, &mut problems);
    problems.tell();
}

#[cfg(test)]
mod tests {
    //! That what the targets hand out is worth something, without a fuzzer.

    use arbitrary::{Arbitrary, Unstructured};
    use frugix::syntax::parse;

    use super::grammar::Nix;
    use super::{check_all, everywhere, on_worker, parse_lower_evaluate};

    /// Numbers without an order, always the same.
    fn bytes(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn the_grammar_makes_nix() {
        let mut longest = 0;
        for seed in 1..600 {
            let bytes = bytes(seed, 60 + usize::try_from(seed).unwrap_or(0));
            let nix = Nix::arbitrary(&mut Unstructured::new(&bytes)).expect("there are bytes");
            longest = longest.max(nix.0.len());
            on_worker(|| {
                let parsed = parse(&nix.0).expect("not deep");
                assert_eq!(parsed.errors(), [], "{}", nix.0);
                parse_lower_evaluate(&nix.0);
                if seed % 20 == 0 {
                    check_all(everywhere(&nix.0));
                }
            });
        }
        assert!(longest > 1000, "no text is longer than {longest} bytes");
    }
}
