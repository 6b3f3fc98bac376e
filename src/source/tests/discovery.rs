//! What is taken up into a tree, and what is not.

use std::path::{Path, PathBuf};

use super::{Folder, paths};
use crate::source::{Discovery, EntryKind, ReadError, Tree, TreeError};

#[test]
fn hidden_folders_are_walked_and_git_is_not() {
    let folder = Folder::with(&[
        (".config/nixpkgs/home.nix", ""),
        (".git/hooks/x.nix", ""),
        ("sub/.git/x.nix", ""),
        ("a.nix", ""),
        ("b.NIX", ""),
        (".nix", ""),
        ("x.nix/", ""),
        ("x.nix/y.nix", ""),
    ]);
    let tree = folder.open();
    assert_eq!(paths(&tree), [".config/nixpkgs/home.nix", "a.nix", "x.nix/y.nix"]);
    assert_eq!(tree.entry(Path::new("x.nix")), Some(EntryKind::Directory));
    assert_eq!(tree.entry(Path::new(".git")), None);
    assert!(tree.is_skipped(Path::new(".git/config")));
}

#[test]
fn sources_are_sorted_by_path() {
    let folder = Folder::with(&[("a-b.nix", ""), ("a/z.nix", ""), ("a.nix", ""), ("Z.nix", "")]);
    let tree = folder.open();
    let sorted: Vec<PathBuf> = tree.files().iter().map(|&file| tree.path(file).into()).collect();
    assert!(sorted.is_sorted());
    assert_eq!(sorted.len(), 4);
}

#[test]
fn ignored_names_are_left_out_and_known_to_be() {
    let folder = Folder::with(&[
        (".gitignore", "secret.nix\n/gen\n"),
        ("secret.nix", ""),
        ("gen/x.nix", ""),
        ("sub/gen/x.nix", ""),
        ("sub/.gitignore", "!secret.nix"),
        ("sub/secret.nix", ""),
    ]);
    let tree = folder.open();
    assert_eq!(paths(&tree), ["sub/gen/x.nix", "sub/secret.nix"]);
    assert!(tree.is_skipped(Path::new("gen/x.nix")));
    assert!(!tree.is_skipped(Path::new("sub/none.nix")));
    assert_eq!(tree.read_dir(Path::new("gen")), None);

    let all = folder.open_with(&Discovery { respect_gitignore: false, ..Discovery::default() });
    assert_eq!(paths(&all).len(), 4);
}

#[test]
fn what_is_named_is_taken_up_though_ignored() {
    let folder = Folder::with(&[
        (".gitignore", "gen\n*.tmp.nix\nlocal.nix\n"),
        ("local.nix", ""),
        ("gen/x.nix", ""),
        ("gen/y.tmp.nix", ""),
        ("gen/deep/z.nix", ""),
        ("template.in", ""),
    ]);
    let open = |named: &[&str]| {
        let named = named.iter().map(|path| folder.root().join(path)).collect();
        folder.open_with(&Discovery { named, ..Discovery::default() })
    };
    assert_eq!(paths(&open(&["."])), [""; 0]);
    assert_eq!(
        paths(&open(&["local.nix", "local.nix", "template.in"])),
        ["local.nix", "template.in"]
    );
    let with_folder = open(&["gen"]);
    assert_eq!(paths(&with_folder), ["gen/deep/z.nix", "gen/x.nix"]);
    assert!(with_folder.read_dir(Path::new("gen")).is_some());
    let with_one_of_it = open(&["gen/x.nix"]);
    assert_eq!(paths(&with_one_of_it), ["gen/x.nix"]);
    assert_eq!(with_one_of_it.read_dir(Path::new("gen")), None, "the rest of it is not known");
}

#[test]
fn excluded_names_are_left_out_unless_named() {
    let folder = Folder::with(&[("a.nix", ""), ("vendor/x.nix", ""), ("vendor/keep.nix", "")]);
    let discovery =
        Discovery { exclude: vec!["/vendor/*".into(), "!keep.nix".into()], ..Discovery::default() };
    assert_eq!(paths(&folder.open_with(&discovery)), ["a.nix", "vendor/keep.nix"]);

    let named = Discovery { named: vec![folder.root().join("vendor/x.nix")], ..discovery };
    assert_eq!(paths(&folder.open_with(&named)).len(), 3);
    let forced = Discovery { force_exclude: true, ..named };
    assert_eq!(paths(&folder.open_with(&forced)).len(), 2);
}

#[test]
fn what_cannot_be_opened_is_an_error() {
    let folder = Folder::with(&[("a.nix", ""), ("sub/b.nix", "")]);
    let open = |root: &str, discovery: &Discovery| {
        Tree::open(&folder.root().join(root), discovery).expect_err("cannot be opened")
    };
    let usual = Discovery::default();
    assert!(matches!(open("none", &usual), TreeError::Root { .. }));
    assert!(matches!(open("a.nix", &usual), TreeError::NotAFolder { .. }));
    let naming =
        |path: &str| Discovery { named: vec![folder.root().join(path)], ..Discovery::default() };
    assert!(matches!(open("sub", &naming("none.nix")), TreeError::Named { .. }));
    assert!(matches!(open("sub", &naming("a.nix")), TreeError::Outside { .. }));
    let pattern = Discovery { exclude: vec!["[z-a]".into()], ..usual };
    assert!(matches!(open("", &pattern), TreeError::Pattern { .. }));
}

/// A folder whose path is longer than the system takes cannot be listed by anyone, root included.
#[cfg(target_os = "linux")]
#[test]
fn an_unlistable_folder_is_a_problem_and_not_the_end() {
    let folder = Folder::with(&[("a.nix", ""), ("z.nix", "")]);
    let long = ["n".repeat(250).as_str(); 12].join("/");
    folder.put(&format!("m/{long}/"), "");
    folder.put(&format!("other/{long}/x.nix"), "");
    let root = folder.root();
    std::fs::rename(root.join("other"), root.join("m").join(&long).join("inner")).expect("moved");

    let tree = folder.open();
    assert_eq!(paths(&tree), ["a.nix", "z.nix"]);
    let Some((path, ReadError::Io { .. })) = tree.problems().first() else { panic!("no problem") };
    assert!(path.starts_with("m"));
    assert!(tree.is_skipped(&path.join("x.nix")));
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_do_no_harm() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::with(&[("a.nix", "")]);
    let name = OsStr::from_bytes(b"caf\xe9.nix");
    std::fs::write(folder.root().join(name), "1").expect("a file");
    let tree = folder.open();
    let odd = tree.file_at(Path::new(name)).expect("a source");
    assert_eq!(&*tree.source(odd).expect("readable").text, "1");
    let names: Vec<String> =
        tree.read_dir(Path::new("")).expect("listed").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.nix", "caf\u{fffd}.nix"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_told() {
    let folder = Folder::with(&[("a.nix", "")]);
    let _socket =
        std::os::unix::net::UnixListener::bind(folder.root().join("s.nix")).expect("a socket");
    let made = std::process::Command::new("mkfifo").arg(folder.root().join("f.nix")).status();
    let tree = folder.open();
    assert_eq!(paths(&tree), ["a.nix"]);
    assert_eq!(tree.entry(Path::new("s.nix")), Some(EntryKind::Other));
    assert_eq!(tree.read_text(Path::new("s.nix")), Err(ReadError::NotAFile));
    let mut told = vec![("s.nix", "a socket")];
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(tree.read_text(Path::new("f.nix")), Err(ReadError::NotAFile));
        told.insert(0, ("f.nix", "a named pipe"));
    }
    let told: Vec<_> =
        told.iter().map(|(path, what)| ((*path).into(), ReadError::Special { what })).collect();
    assert_eq!(tree.problems(), told);
}
