//! Writing: whole, and only what was read.

use std::fs;

use super::Folder;
use crate::source::{FileId, Tree, WriteError};

fn only(tree: &Tree) -> FileId {
    assert_eq!(tree.files().len(), 1);
    tree.files()[0]
}

/// A tree of one file that has been read.
fn opened(bytes: impl AsRef<[u8]>) -> (Folder, Tree) {
    let folder = Folder::new();
    folder.put("a.nix", bytes);
    let tree = folder.open();
    tree.source(only(&tree)).expect("readable");
    (folder, tree)
}

fn names(folder: &Folder) -> usize {
    fs::read_dir(folder.root()).expect("a folder").count()
}

#[test]
fn a_file_is_replaced_and_nothing_else_is_left() {
    let (folder, tree) = opened("old");
    tree.write(only(&tree), "new").expect("written");
    assert_eq!((folder.bytes("a.nix").as_slice(), names(&folder)), (&b"new"[..], 1));
}

#[test]
fn a_file_changed_since_it_was_read_is_left_alone() {
    let (folder, tree) = opened("old");
    for elsewhere in ["theirs", "OLD", "old\n", "\u{feff}old", ""] {
        folder.put("a.nix", elsewhere);
        assert!(
            matches!(tree.write(only(&tree), "new"), Err(WriteError::Changed)),
            "{elsewhere:?}"
        );
        assert_eq!(folder.bytes("a.nix"), elsewhere.as_bytes());
    }
    fs::remove_file(folder.root().join("a.nix")).expect("removed");
    assert!(matches!(tree.write(only(&tree), "new"), Err(WriteError::Removed)));
    assert_eq!(names(&folder), 0);
}

#[test]
fn replaced_texts_are_written_over_the_text_that_was_read() {
    let (folder, tree) = opened("old");
    let file = only(&tree);
    let fixed = tree.with_texts([(file, "one".into())]).with_texts([(file, "two".into())]);
    fixed.write(file, "two").expect("written");
    assert_eq!(folder.bytes("a.nix"), b"two");
    tree.write(file, "three").expect("the disk holds what this tree wrote");
    assert_eq!(folder.bytes("a.nix"), b"three");
    folder.put("a.nix", "old");
    assert!(matches!(tree.write(file, "four"), Err(WriteError::Changed)));
}

#[test]
fn line_endings_and_the_byte_order_mark_stay() {
    let (folder, tree) = opened("\u{feff}a\r\nb\r\n");
    tree.write(only(&tree), "a\r\nc\r\n").expect("written");
    assert_eq!(folder.bytes("a.nix"), "\u{feff}a\r\nc\r\n".as_bytes());
    tree.write(only(&tree), "\u{feff}d").expect("written");
    assert_eq!(folder.bytes("a.nix"), "\u{feff}d".as_bytes(), "one mark is enough");
}

#[test]
fn the_same_text_is_not_written_again() {
    let (folder, tree) = opened("same");
    let modified =
        || fs::metadata(folder.root().join("a.nix")).and_then(|file| file.modified()).ok();
    let before = modified();
    std::thread::sleep(std::time::Duration::from_millis(20));
    tree.write(only(&tree), "same").expect("nothing to do");
    assert_eq!(modified(), before);
}

#[test]
fn what_was_never_text_is_not_written() {
    let folder = Folder::new();
    folder.put("a.nix", b"\0GITCRYPT\0");
    let tree = folder.open();
    let buffer = tree.with_texts([(only(&tree), "{ }".into())]);
    assert!(matches!(buffer.write(only(&tree), "{ }"), Err(WriteError::NotRead(_))));
    assert_eq!(folder.bytes("a.nix"), b"\0GITCRYPT\0");
}

#[test]
fn a_tree_in_memory_writes_nothing() {
    let folder = Folder::with(&[("a.nix", "old")]);
    let tree = Tree::in_memory(&folder.root(), [("a.nix", "old")]);
    assert!(matches!(tree.write(only(&tree), "new"), Err(WriteError::InMemory)));
    assert_eq!(folder.bytes("a.nix"), b"old");
}

#[test]
fn a_read_only_file_is_left_alone() {
    let (folder, tree) = opened("old");
    let path = folder.root().join("a.nix");
    let mut permissions = fs::metadata(&path).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("made read-only");
    let error = tree.write(only(&tree), "new").expect_err("read-only");
    assert!(
        matches!(error, WriteError::ReadOnly { .. }) && error.to_string().contains("chmod u+w")
    );
    assert_eq!(folder.bytes("a.nix"), b"old");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
    }

    #[test]
    fn the_mode_and_the_owner_stay() {
        for mode in [0o600, 0o644, 0o755, 0o664] {
            let (folder, tree) = opened("old");
            let path = folder.root().join("a.nix");
            set_mode(&path, mode);
            // Only a superuser may give a file away; then the owner must stay, too.
            let owner = match std::os::unix::fs::chown(&path, Some(4321), Some(1234)) {
                Ok(()) => (4321, 1234),
                Err(_) => fs::metadata(&path).map(|file| (file.uid(), file.gid())).expect("a file"),
            };
            tree.write(only(&tree), "new").expect("written");
            let file = fs::metadata(&path).expect("a file");
            assert_eq!((file.mode() & 0o7777, (file.uid(), file.gid())), (mode, owner));
        }
    }

    #[test]
    fn a_link_stays_and_its_target_is_written() {
        let folder = Folder::with(&[("real/a.nix", "old")]);
        folder.link("alias.nix", "real/a.nix");
        let tree = folder.open();
        let alias = tree.file_at(Path::new("alias.nix")).expect("another name");
        tree.write(alias, "new").expect("written");
        assert_eq!(folder.bytes("real/a.nix"), b"new");
        assert!(folder.root().join("alias.nix").is_symlink());
    }

    #[test]
    fn a_file_moved_behind_a_link_is_written_there() {
        let (folder, tree) = opened("old");
        let root = folder.root();
        fs::rename(root.join("a.nix"), root.join("moved")).expect("moved");
        folder.link("a.nix", "moved");
        tree.write(only(&tree), "new").expect("written");
        assert_eq!(folder.bytes("moved"), b"new");
        assert!(root.join("a.nix").is_symlink());
    }

    #[test]
    fn a_link_out_of_the_tree_is_left_alone() {
        let outside = Folder::with(&[("a.nix", "old")]);
        let (folder, tree) = opened("old");
        fs::remove_file(folder.root().join("a.nix")).expect("removed");
        folder.link("a.nix", outside.root().join("a.nix"));
        assert!(matches!(tree.write(only(&tree), "new"), Err(WriteError::LeavesRoot { .. })));
        assert_eq!(outside.bytes("a.nix"), b"old");
    }

    /// Somebody swaps the folder for a link out of the tree and back, all the time. There lies the
    /// same text, so that nothing else would keep it from being written.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_swapped_while_it_is_written_to_leads_nowhere() {
        use std::sync::atomic::{AtomicBool, Ordering};

        use rustix::fs::{CWD, RenameFlags, renameat_with};

        let outside = Folder::with(&[("a.nix", "old")]);
        let folder = Folder::with(&[("dir/a.nix", "old")]);
        folder.link("link", outside.root());
        let tree = folder.open();
        let file = only(&tree);
        tree.source(file).expect("readable");
        let (dir, link) = (folder.root().join("dir"), folder.root().join("link"));
        let swap = || renameat_with(CWD, &dir, CWD, &link, RenameFlags::EXCHANGE);
        if swap().and_then(|()| swap()).is_err() {
            eprintln!(
                "names cannot be exchanged here; that swapped folders lead nowhere is not tested"
            );
            return;
        }
        let is_over = AtomicBool::new(false);
        let mut written = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let _ = swap();
                }
            });
            let begun = std::time::Instant::now();
            // A while, and on until it was met at all: who swaps may rest with the link in place.
            while begun.elapsed().as_millis() < 300
                || (written == 0 && begun.elapsed().as_secs() < 60)
            {
                written += usize::from(tree.write(file, "new").is_ok());
                written += usize::from(tree.write(file, "old").is_ok());
            }
            is_over.store(true, Ordering::Relaxed);
        });
        assert!(written > 0, "never met the folder");
        assert_eq!((outside.bytes("a.nix").as_slice(), names(&outside)), (&b"old"[..], 1));
        let real = if dir.is_symlink() { link } else { dir };
        assert_eq!(fs::read_dir(real).expect("a folder").count(), 1);
    }

    #[test]
    fn a_file_of_two_names_is_left_alone() {
        let (folder, tree) = opened("old");
        fs::hard_link(folder.root().join("a.nix"), folder.root().join("other")).expect("linked");
        let error = tree.write(only(&tree), "new").expect_err("two names");
        assert!(matches!(error, WriteError::HardLinked { links: 2, .. }));
        assert_eq!(folder.bytes("other"), b"old");
    }

    #[test]
    fn a_folder_in_its_place_is_left_alone() {
        let (folder, tree) = opened("old");
        fs::remove_file(folder.root().join("a.nix")).expect("removed");
        folder.put("a.nix/", "");
        assert!(matches!(tree.write(only(&tree), "new"), Err(WriteError::NotAFile { .. })));
    }

    #[test]
    fn a_read_only_folder_says_what_to_do() {
        let (folder, tree) = opened("old");
        set_mode(&folder.root(), 0o555);
        let error = tree.write(only(&tree), "new").expect_err("read-only");
        set_mode(&folder.root(), 0o755);
        assert!(matches!(error, WriteError::ReadOnlyFolder { .. }));
        assert!(error.to_string().contains("make the folder writable"));
        assert_eq!((folder.bytes("a.nix").as_slice(), names(&folder)), (&b"old"[..], 1));
    }
}
