//! One tree, whatever it stands on.

use std::path::Path;
use std::sync::Arc;

use super::{Folder, paths};
use crate::source::{Discovery, EntryKind, FileId, ReadError, Tree, find_root};

fn assert_send_and_sync<T: Send + Sync + Clone>() {}

#[test]
fn a_tree_goes_to_any_thread() {
    assert_send_and_sync::<Tree>();
}

/// The same questions, to a tree in memory and to one on disk.
#[test]
fn memory_and_disk_answer_alike() {
    let files = [
        ("flake.nix", "{ }"),
        ("flake.lock", "{}"),
        ("hosts/a/default.nix", "\u{feff}1"),
        ("hosts/b.nix", "2"),
    ];
    let folder = Folder::with(&files);
    for tree in [folder.open(), Tree::in_memory(Path::new("/somewhere"), files)] {
        assert_eq!(paths(&tree), ["flake.nix", "hosts/a/default.nix", "hosts/b.nix"]);
        let b = tree.file_at(Path::new("./hosts/a/../b.nix")).expect("a source");
        assert_eq!(tree.path(b), Path::new("hosts/b.nix"));
        assert_eq!(&*tree.source(b).expect("readable").text, "2");
        assert_eq!(tree.file_at(Path::new("../hosts/b.nix")), None);
        assert_eq!(tree.file_at(Path::new("/hosts/b.nix")), None);
        assert_eq!(tree.file_at(Path::new("flake.lock")), None);

        let read = |path: &str| tree.read_text(Path::new(path));
        assert_eq!(read("flake.lock").as_deref(), Ok("{}"));
        assert_eq!(read("hosts/a/default.nix").as_deref(), Ok("1"));
        assert_eq!(read("none.txt"), Err(ReadError::NotFound));
        assert_eq!(read("../../etc/passwd"), Err(ReadError::NotFound));
        assert_eq!(read("hosts"), Err(ReadError::NotAFile));

        let entry = |path: &str| tree.entry(Path::new(path));
        assert_eq!(entry(""), Some(EntryKind::Directory));
        assert_eq!(entry("hosts/"), Some(EntryKind::Directory));
        assert_eq!(entry("flake.lock"), Some(EntryKind::File));
        assert_eq!(entry("hosts/c.nix"), None);
        let hosts = [("a".to_owned(), EntryKind::Directory), ("b.nix".to_owned(), EntryKind::File)];
        assert_eq!(tree.read_dir(Path::new("hosts")), Some(hosts.to_vec()));
        assert_eq!(tree.read_dir(Path::new("flake.nix")), None);
        assert!(!tree.is_skipped(Path::new("hosts/c.nix")));
        assert!(tree.is_skipped(Path::new("../c.nix")));
    }
}

#[test]
fn a_file_of_another_tree_is_nothing() {
    let tree = Tree::in_memory(Path::new("/"), [("a.nix", "1")]);
    let stranger = FileId::from_index(7);
    assert_eq!(tree.path(stranger), Path::new(""));
    assert_eq!(tree.source(stranger).err(), Some(ReadError::NotFound));
    assert_eq!(tree.with_texts([(stranger, "2".into())]).files().len(), 1);
}

#[test]
fn replaced_texts_are_seen_everywhere_and_only_there() {
    let tree = Tree::in_memory(Path::new("/"), [("a.nix", "\u{feff}old"), ("b.nix", "b")]);
    let a = tree.files()[0];
    let changed = tree.with_texts([(a, "new\r\n".into())]);
    let again = changed.with_texts([(tree.files()[1], "B".into())]);
    assert_eq!(&*tree.source(a).expect("readable").text, "old");
    assert_eq!(changed.read_text(Path::new("a.nix")).as_deref(), Ok("new\r\n"));
    assert_eq!(again.read_text(Path::new("a.nix")).as_deref(), Ok("new\r\n"));
    assert_eq!(again.read_text(Path::new("b.nix")).as_deref(), Ok("B"));
    assert!(changed.source(a).expect("readable").bom, "the mark on disk is still there");
}

#[test]
fn a_file_is_read_once_from_any_number_of_threads() {
    let folder = Folder::with(&[("a.nix", "1")]);
    let tree = folder.open();
    let a = tree.files()[0];
    let read = || tree.source(a).expect("readable");
    let first = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(read)).collect();
        let texts: Vec<_> =
            threads.into_iter().map(|thread| thread.join().expect("read")).collect();
        assert!(texts.iter().all(|text| Arc::ptr_eq(text, &texts[0])));
        Arc::clone(&texts[0])
    });
    folder.put("a.nix", "2");
    assert!(Arc::ptr_eq(&first, &read()));
}

#[test]
fn a_failure_names_the_option_and_stays() {
    let folder = Folder::with(&[("big.nix", "12345"), ("fits.nix", "1234")]);
    let tree = folder.open_with(&Discovery { max_file_size: 4, ..Discovery::default() });
    let big = tree.file_at(Path::new("big.nix")).expect("listed");
    let error = tree.source(big).expect_err("too large");
    assert_eq!(error, ReadError::TooLarge { size: 5, limit: 4 });
    assert!(error.to_string().contains("max-file-size"));
    assert!(tree.read_text(Path::new("fits.nix")).is_ok());
    folder.put("big.nix", "1");
    assert_eq!(tree.source(big).err(), Some(error));
}

#[test]
fn texts_given_at_opening_stand_in_for_the_disk() {
    let folder = Folder::with(&[("a.nix", "disk"), (".gitignore", "hidden.nix")]);
    let texts =
        ["a.nix", "new/b.nix", "hidden.nix", "../c.nix"].map(|path| (path.into(), "buffer".into()));
    let tree = folder.open_with(&Discovery { texts: texts.to_vec(), ..Discovery::default() });
    assert_eq!(paths(&tree), ["a.nix", "hidden.nix", "new/b.nix"]);
    assert!(tree.files().iter().all(|&file| &*tree.source(file).expect("given").text == "buffer"));
    assert_eq!(tree.entry(Path::new("new")), Some(EntryKind::Directory));
}

#[test]
fn the_root_is_the_nearest_of_what_marks_one() {
    let folder = Folder::with(&[
        ("flake.nix", ""),
        ("a/flake.nix", ""),
        ("a/b/x.nix", ""),
        ("repo/.git/", ""),
        ("repo/flake.nix", ""),
        ("repo/sub/.frugix.toml", ""),
        ("repo/sub/deep/x.nix", ""),
        ("worktree/.git", "gitdir: ../repo/.git/worktrees/w"),
        ("worktree/hosts/x.nix", ""),
    ]);
    let root = folder.root();
    let found = |from: &str| find_root(&root.join(from)).strip_prefix(&root).map(Path::to_path_buf);
    assert_eq!(found("a/b/x.nix"), Ok("".into()), "the topmost flake");
    assert_eq!(found("a/b"), Ok("".into()));
    assert_eq!(found("repo/flake.nix"), Ok("repo".into()), "the repository before the flake");
    assert_eq!(found("repo/sub/deep/x.nix"), Ok("repo/sub".into()), "the configuration before all");
    assert_eq!(found("worktree/hosts"), Ok("worktree".into()));
}

#[test]
fn without_a_mark_the_start_is_the_root() {
    let folder = Folder::with(&[("a/x.nix", "")]);
    let a = folder.root().join("a");
    assert_eq!(find_root(&a), a);
    assert_eq!(find_root(&a.join("x.nix")), a);
}

#[test]
fn arguments_are_looked_up_by_where_they_lie() {
    let folder = Folder::with(&[("a/x.nix", "")]);
    let tree = folder.open();
    let relative = |path: &str| tree.relative(&folder.root().join(path));
    assert_eq!(relative("a/../a/x.nix"), Some("a/x.nix".into()));
    assert_eq!(relative(""), Some("".into()));
    assert_eq!(relative("none/../a/y.nix"), Some("a/y.nix".into()));
    assert_eq!(tree.relative(Path::new("/")), None);
}
