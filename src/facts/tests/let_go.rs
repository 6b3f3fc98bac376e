//! What a file was lowered to is let go once the file was looked at, where nobody looks again.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::eval::Limits;
use crate::hir::LazyFile;
use crate::source::FileId;

/// More than one thread looks at before the first are let go.
const FILES: usize = 40;

fn lowered(text: &str) -> Option<hir::File> {
    parse(text).ok().map(|parsed| hir::lower(&parsed))
}

#[test]
fn a_file_is_lowered_again_for_another_that_asks() {
    let alone = |number: usize| {
        let text = format!("{{ pkgs }}: pkgs.p{number}.override {{ a = {number}; }}");
        (format!("{number:02}.nix"), text)
    };
    let asking = "{ pkgs }: (import ./00.nix { inherit pkgs; }).overrideAttrs (old: { b = 1; })";
    let mut texts: Vec<(String, String)> = (0..FILES).map(alone).collect();
    texts.push(("asks.nix".to_owned(), asking.to_owned()));
    let tree = Tree::in_memory(Path::new("/tree"), texts.iter().map(|(path, text)| (path, text)));
    let again: Arc<AtomicUsize> = Arc::default();
    let file = |file: &FileId| {
        let (text, again) = (tree.source(*file).unwrap().text.clone(), Arc::clone(&again));
        let first = lowered(&text).unwrap();
        let file = LazyFile::lowered(first, move || {
            again.fetch_add(1, Ordering::Relaxed);
            lowered(&text)
        });
        Some(Arc::new(file))
    };
    let files: Vec<_> = tree.files().iter().map(file).collect();
    let kept = collect(Program::new(&tree, &files), Knowledge::builtin());
    assert_eq!(again.load(Ordering::Relaxed), 0);
    assert_eq!(kept.overrides.len(), FILES + 1);

    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(64 << 20).build().unwrap();
    let collect =
        || Session::default().collect_once(&tree, files, Limits::USUAL, Knowledge::builtin());
    let let_go = pool.install(collect);
    assert_eq!(again.load(Ordering::Relaxed), 1);
    assert_eq!(format!("{:#?}", let_go.overrides), format!("{:#?}", kept.overrides));
}

#[test]
fn attributes_take_little_room() {
    assert_eq!(size_of::<Change>(), 128);
    assert_eq!(size_of::<ValueFact>(), 64);
}
