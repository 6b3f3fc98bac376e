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

/// More than are read before the first are looked at, on one thread.
const BATCH: usize = 160;

/// What is found in files that are read in batches: in the first `asking`, then many that say something by
/// themselves, then `told`. It must be what is found where all are known from the start.
fn assert_found_in_batches(asking: &str, told: &str) {
    let alone = |number: usize| {
        let text = format!("{{ pkgs }}: pkgs.p{number}.override {{ a = {number}; }}");
        (format!("b{number:03}.nix"), text)
    };
    let mut texts: Vec<(String, String)> = (0..BATCH).map(alone).collect();
    texts.push(("a.nix".to_owned(), asking.to_owned()));
    texts.push(("c.nix".to_owned(), told.to_owned()));
    let tree = Tree::in_memory(Path::new("/tree"), texts.iter().map(|(path, text)| (path, text)));
    let file = |file: &FileId| {
        let text = tree.source(*file).unwrap().text.clone();
        let first = lowered(&text).unwrap();
        Some(Arc::new(LazyFile::lowered(first, move || lowered(&text))))
    };
    let files: Vec<_> = tree.files().iter().map(file).collect();
    let kept = Session::default().collect(Program::new(&tree, &files), Knowledge::builtin());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(64 << 20).build().unwrap();
    let collect =
        || Session::default().collect_once(&tree, files, Limits::USUAL, Knowledge::builtin());
    let let_go = pool.install(collect);
    assert_eq!(format!("{let_go:#?}"), format!("{kept:#?}"));
    assert!(kept.overrides.len() >= BATCH);
}

#[test]
fn what_is_found_early_hangs_on_no_file_that_comes_later() {
    // It reads the other file.
    assert_found_in_batches(
        "{ pkgs, ... }: { home.packages = [ ((import ./c.nix).change pkgs.hello) ]; }",
        "{ change = package: package.overrideAttrs (old: { patches = [ ]; }); }",
    );
    // It asks for a name that the other makes one of a function worth a call.
    assert_found_in_batches(
        "{ pkgs, lib, ... }: { programs.x.y.z.w = lib.change pkgs.hello; }",
        "{ change = package: package.overrideAttrs (old: { patches = [ ]; }); }",
    );
    // The other calls it.
    assert_found_in_batches(
        "{ package }: package.overrideAttrs (old: { patches = [ ]; })",
        "{ pkgs, ... }: { home.packages = [ (import ./a.nix { package = pkgs.hello; }) ]; }",
    );
    // Text of a profile, which the other is, is used as a number.
    assert_found_in_batches(
        "{ profile, ... }: { nix.settings.cores = profile.maxCores + 1; }",
        "{ hostname = \"h\"; maxJobs = \"4\"; maxCores = \"8\"; }",
    );
}

#[test]
fn attributes_take_little_room() {
    assert_eq!(size_of::<Change>(), 128);
    assert_eq!(size_of::<ValueFact>(), 64);
}
