//! Symbolic links: other names of what is inside, nothing of what is not.
#![cfg(unix)]

use std::path::Path;

use super::{Folder, paths};
use crate::source::{Discovery, EntryKind, ReadError};

#[test]
fn a_link_is_another_name_of_one_file() {
    let folder = Folder::with(&[("real/a.nix", "a"), ("template.in", "t")]);
    folder.link("alias.nix", "real/a.nix");
    folder.link("second.nix", "alias.nix");
    folder.link("t.nix", "template.in");
    folder.link("dir", "real");
    let tree = folder.open();
    assert_eq!(paths(&tree), ["real/a.nix", "template.in"]);
    let a = tree.file_at(Path::new("real/a.nix"));
    for name in ["alias.nix", "second.nix", "dir/a.nix", "real/../dir/a.nix"] {
        assert_eq!(tree.file_at(Path::new(name)), a, "{name}");
    }
    assert_eq!(tree.read_text(Path::new("t.nix")).as_deref(), Ok("t"));
    assert_eq!(tree.entry(Path::new("dir")), Some(EntryKind::Directory));
    assert_eq!(tree.read_dir(Path::new("dir")).map(|names| names.len()), Some(1));
    let names = tree.read_dir(Path::new("")).expect("the root");
    assert!(names.contains(&("dir".into(), EntryKind::Symlink)));
    assert!(names.contains(&("alias.nix".into(), EntryKind::Symlink)));
}

#[test]
fn loops_end() {
    let folder = Folder::with(&[("a/x.nix", "")]);
    folder.link("a/up", "..");
    folder.link("a/self", ".");
    folder.link("one.nix", "two.nix");
    folder.link("two.nix", "one.nix");
    let tree = folder.open();
    assert_eq!(paths(&tree), ["a/x.nix"]);
    assert_eq!(tree.file_at(Path::new("a/up/a/self/x.nix")), Some(tree.files()[0]));
    let broken: Vec<&Path> = tree.problems().iter().map(|(path, _)| path.as_path()).collect();
    assert_eq!(broken, [Path::new("one.nix"), Path::new("two.nix")]);
}

#[test]
fn a_link_out_of_the_root_is_not_read() {
    let outside = Folder::with(&[("secret.nix", "secret"), ("dir/x.nix", "")]);
    let folder = Folder::with(&[("a.nix", "")]);
    folder.link("leak.nix", outside.root().join("secret.nix"));
    folder.link("leak", outside.root().join("dir"));
    folder.link("result", "/nix/store/none");
    folder.link(".#a.nix", "someone@host.1:2");
    let tree = folder.open();
    assert_eq!(paths(&tree), ["a.nix"]);
    assert_eq!(tree.file_at(Path::new("leak.nix")), None);
    assert!(tree.read_text(Path::new("leak.nix")).is_err());
    assert!(tree.read_text(Path::new("leak/x.nix")).is_err());
    assert!(tree.is_skipped(Path::new("leak/x.nix")));
    let [(path, ReadError::LeavesRoot { target })] = tree.problems() else {
        panic!("{:?}", tree.problems())
    };
    assert_eq!(
        (path.as_path(), target),
        (Path::new("leak.nix"), &outside.root().join("secret.nix"))
    );
}

#[test]
fn a_file_swapped_for_a_link_is_not_read() {
    let outside = Folder::with(&[("secret.nix", "secret")]);
    let folder = Folder::with(&[("a.nix", "")]);
    let tree = folder.open();
    std::fs::remove_file(folder.root().join("a.nix")).expect("removed");
    folder.link("a.nix", outside.root().join("secret.nix"));
    assert_eq!(tree.source(tree.files()[0]).err(), Some(ReadError::Relinked));
}

#[test]
fn a_folder_swapped_for_a_link_is_not_followed() {
    let files = [("a/b/x.nix", "ours"), ("a/b/data.json", "ours"), ("a/stays.nix", "ours")];
    let outside = Folder::with(&files.map(|(path, _)| (path, "secret")));
    // Not even to a folder of the same tree, where ignored files may lie.
    for (swapped, target) in [
        ("a", outside.root().join("a")),
        ("a/b", outside.root().join("a/b")),
        ("a/b", "/etc".into()),
        ("a", ".a.old".into()),
    ] {
        let folder = Folder::with(&files);
        folder.link("alias", "a/b");
        let tree = folder.open();
        let aside = folder.root().join(format!(".{}.old", swapped.replace('/', "-")));
        std::fs::rename(folder.root().join(swapped), aside).expect("moved");
        folder.link(swapped, &target);
        for path in ["a/b/x.nix", "alias/x.nix", "a/b/data.json", "alias/data.json"] {
            let read = tree.read_text(Path::new(path));
            assert_eq!(read, Err(ReadError::Relinked), "{path} by {swapped}");
        }
        let stays = tree.read_text(Path::new("a/stays.nix"));
        assert_eq!(stays.is_ok(), swapped == "a/b");
    }
}

#[test]
fn what_the_listing_met_behind_a_link_is_read_by_both_names() {
    let folder = Folder::with(&[("real/deep/a.nix", "a"), ("real/deep/x.json", "x")]);
    folder.link("dir", "real");
    folder.link("real/inner", "deep");
    let tree = folder.open();
    for at in ["real/deep", "dir/deep", "dir/inner", "real/inner"] {
        let text = |name: &str| tree.read_text(&Path::new(at).join(name));
        assert_eq!((text("a.nix").as_deref(), text("x.json").as_deref()), (Ok("a"), Ok("x")));
    }
    let file = tree.file_at(Path::new("dir/inner/a.nix")).expect("another name");
    tree.write(file, "b").expect("written");
    assert_eq!(folder.bytes("real/deep/a.nix"), b"b");
}

#[test]
fn a_link_into_git_is_not_read() {
    let folder = Folder::with(&[(".git/config", "token"), ("a.nix", "")]);
    folder.link("config.nix", ".git/config");
    assert_eq!(paths(&folder.open()), ["a.nix"]);
}

#[test]
fn a_named_link_means_its_target() {
    let folder = Folder::with(&[("real.nix", ""), (".gitignore", "*.nix")]);
    folder.link("alias.nix", "real.nix");
    let named = vec![folder.root().join("alias.nix")];
    let tree = folder.open_with(&Discovery { named, ..Discovery::default() });
    assert_eq!(paths(&tree), ["real.nix"]);
    assert_eq!(tree.relative(&folder.root().join("alias.nix")), Some("real.nix".into()));
}

#[test]
fn a_linked_root_is_the_folder_it_names() {
    let folder = Folder::with(&[("real/a.nix", "")]);
    folder.link("root", "real");
    let tree = crate::source::Tree::open(&folder.root().join("root"), &Discovery::default());
    let tree = tree.expect("a folder");
    assert_eq!(tree.root(), folder.root().join("real"));
    assert_eq!(tree.relative(&folder.root().join("root/a.nix")), Some("a.nix".into()));
}
