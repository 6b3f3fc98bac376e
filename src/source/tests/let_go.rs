//! Texts that are let go, and read again for whoever asks after all.

use std::sync::{Arc, Weak};

use super::Folder;
use crate::source::{FileId, ReadError, SourceFile, Tree};

/// Longer than the texts together that are kept.
const FILES: usize = 24;

/// A folder with a few long files, and the tree that has let go of them.
fn let_go() -> (Folder, Tree, Vec<Weak<SourceFile>>) {
    let text = format!("{{ a = 1; }} # {}", "x".repeat(1_000_000));
    let names: Vec<String> = (0..FILES).map(|number| format!("{number}.nix")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), &*text)).collect();
    let folder = Folder::with(&files);
    let tree = folder.open();
    let held = |file: &FileId| Arc::downgrade(&tree.source(*file).expect("it is text"));
    let held = tree.files().iter().map(held).collect();
    tree.files().iter().for_each(|file| tree.may_let_go(*file));
    (folder, tree, held)
}

#[test]
fn few_texts_are_kept_and_many_are_not() {
    let (_folder, tree, held) = let_go();
    let kept = held.iter().filter(|source| source.upgrade().is_some()).count();
    assert!((1..FILES).contains(&kept), "{kept} of {FILES} are kept");
    assert!(tree.files().iter().all(|file| tree.read_error(*file).is_none()));
}

#[test]
fn a_text_is_read_again_and_kept_then() {
    let (_folder, tree, held) = let_go();
    let last = *tree.files().last().expect("there are files");
    assert!(held[FILES - 1].upgrade().is_none());
    let seen = Arc::downgrade(&tree.glance(last).expect("it is as it was"));
    assert!(seen.upgrade().is_none(), "a short look keeps it");
    let again = Arc::downgrade(&tree.source(last).expect("it is as it was"));
    assert!(again.upgrade().is_some());
    assert!(Arc::ptr_eq(
        &tree.glance(last).expect("it is here"),
        &again.upgrade().expect("it is kept")
    ));
}

#[test]
fn what_changed_meanwhile_is_an_error_ever_after() {
    for change in ["{ a = 2; }", ""] {
        let (folder, tree, _) = let_go();
        let last = *tree.files().last().expect("there are files");
        let path = folder.root().join(tree.path(last));
        let before = std::fs::read(&path).expect("it is there");
        match change {
            "" => std::fs::remove_file(&path).expect("it goes"),
            change => std::fs::write(&path, change).expect("it is written"),
        }
        assert_eq!(tree.glance(last).err(), Some(ReadError::Changed));
        std::fs::write(&path, before).expect("it is written");
        assert_eq!(tree.source(last).err(), Some(ReadError::Changed));
        assert_eq!(tree.read_error(last), Some(ReadError::Changed));
    }
}

#[test]
fn texts_that_are_on_no_disk_are_kept() {
    let (_folder, tree, _) = let_go();
    let last = *tree.files().last().expect("there are files");
    let tree = tree.with_texts([(last, "{ a = 2; }".to_owned())]);
    tree.may_let_go(last);
    assert_eq!(tree.source(last).map(|source| source.text.to_string()), Ok("{ a = 2; }".into()));
}
