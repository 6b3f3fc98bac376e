//! The walk against the `ignore` crate's own, which asks the same files in its own way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use proptest::prelude::*;

use super::{Folder, paths};
use crate::source::{Discovery, Tree};

/// What the walker of the crate finds; `within_git` when a repository lies around the root.
fn walked(root: &Path, within_git: bool) -> BTreeSet<PathBuf> {
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .parents(within_git)
        .require_git(within_git)
        .filter_entry(|entry| entry.file_name() != ".git");
    let entries = builder.build().map(|entry| entry.expect("listed"));
    entries
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "nix"))
        .map(|entry| entry.path().strip_prefix(root).expect("under the root").to_path_buf())
        .collect()
}

fn ours(root: &Path) -> BTreeSet<PathBuf> {
    let tree = Tree::open(root, &Discovery::default()).expect("the root exists");
    tree.files().iter().map(|&file| tree.path(file).to_path_buf()).collect()
}

#[test]
fn deeper_words_win_and_ignored_folders_are_closed() {
    let folder = Folder::with(&[
        (".git/info/exclude", "excluded.nix\nback.nix\n"),
        (
            ".gitignore",
            "*.gen.nix\n/top/\n!back.nix\nclosed/\n# a comment\n\\#odd.nix\ntrail.nix  \n",
        ),
        ("a.gen.nix", ""),
        ("excluded.nix", ""),
        ("back.nix", ""),
        ("trail.nix", ""),
        ("#odd.nix", ""),
        ("top/x.nix", ""),
        ("sub/top/x.nix", ""),
        ("sub/.gitignore", "!keep.gen.nix\n/only-here.nix\n**/deep/*.nix\nlink-like/\n"),
        ("sub/keep.gen.nix", ""),
        ("sub/drop.gen.nix", ""),
        ("sub/only-here.nix", ""),
        ("sub/more/only-here.nix", ""),
        ("sub/more/deep/x.nix", ""),
        ("sub/link-like", ""),
        ("closed/.gitignore", "!x.nix"),
        ("closed/x.nix", ""),
    ]);
    assert_eq!(
        paths(&folder.open()),
        ["back.nix", "sub/keep.gen.nix", "sub/more/only-here.nix", "sub/top/x.nix"]
    );
    assert_eq!(ours(&folder.root()), walked(&folder.root(), true));
}

#[test]
fn what_lies_above_the_root_counts_up_to_the_repository() {
    let folder = Folder::with(&[
        (".gitignore", "*.nix"),
        ("repo/.git/info/exclude", "e.nix"),
        ("repo/.gitignore", "/hosts/b.nix\nc.nix"),
        ("repo/hosts/.gitignore", "!c.nix"),
        ("repo/hosts/a.nix", ""),
        ("repo/hosts/b.nix", ""),
        ("repo/hosts/c.nix", ""),
        ("repo/hosts/e.nix", ""),
    ]);
    let root = folder.root().join("repo/hosts");
    assert_eq!(ours(&root), BTreeSet::from(["a.nix".into(), "c.nix".into()]));
    assert_eq!(ours(&root), walked(&root, true));
}

#[test]
fn a_nested_repository_is_a_world_of_its_own() {
    let folder = Folder::with(&[
        (".git/", ""),
        (".gitignore", "a.nix"),
        ("a.nix", ""),
        ("inner/.git/info/exclude", "b.nix"),
        ("inner/a.nix", ""),
        ("inner/b.nix", ""),
        ("inner/sub/a.nix", ""),
        ("z/a.nix", ""),
    ]);
    assert_eq!(paths(&folder.open()), ["inner/a.nix", "inner/sub/a.nix"]);
    assert_eq!(ours(&folder.root()), walked(&folder.root(), true));
}

#[test]
fn a_worktree_shares_the_excludes_of_its_repository() {
    let folder = Folder::with(&[
        ("main/.git/info/exclude", "e.nix"),
        ("main/.git/worktrees/w/commondir", "../..\n"),
        ("w/e.nix", ""),
        ("w/a.nix", ""),
    ]);
    let git = folder.root().join("main/.git/worktrees/w");
    folder.put("w/.git", format!("gitdir: {}\n", git.display()));
    let root = folder.root().join("w");
    assert_eq!(ours(&root), BTreeSet::from(["a.nix".into()]));
    folder.put("w/.git", "gitdir: ../main/.git/worktrees/w\n");
    assert_eq!(ours(&root), BTreeSet::from(["a.nix".into()]));
}

/// An index as git writes it, of this version and with hashes so long.
fn index(version: u8, hash: usize, names: &[&str]) -> Vec<u8> {
    let mut index = b"DIRC\0\0\0".to_vec();
    index.push(version);
    index.extend((names.len() as u32).to_be_bytes());
    let mut last = "";
    for name in names {
        let start = index.len();
        index.extend(vec![1; 40 + hash]);
        index.extend((name.len() as u16).to_be_bytes());
        let same = last.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
        match version {
            4 => {
                index.push((last.len() - same) as u8);
                index.extend(&name.as_bytes()[same..]);
                index.push(0);
            }
            _ => {
                index.extend(name.as_bytes());
                index.extend(vec![0; 8 - (index.len() - start) % 8]);
            }
        }
        last = name;
    }
    index.extend(b"TREE and more");
    index
}

#[test]
fn an_index_cannot_grow_when_it_is_read() {
    // Each name after the second is the one before it and a letter, in two bytes.
    let growing = |more: u32| {
        let mut index = b"DIRC\0\0\0\x04".to_vec();
        index.extend((more + 2).to_be_bytes());
        let mut entry = |dropped: u8, more: &[u8]| {
            index.extend([1; 62]);
            index.push(dropped);
            index.extend(more);
            index.push(0);
        };
        entry(0, b"a.nix");
        entry(5, &[b'b'; 100_000]);
        (0..more).for_each(|_| entry(0, b"b"));
        index
    };
    for (more, seen) in [(10, vec!["a.nix"]), (1_000, vec![])] {
        let folder = Folder::with(&[(".gitignore", "a.nix\n"), ("a.nix", "")]);
        folder.put(".git/index", growing(more));
        assert_eq!(paths(&folder.open()), seen, "{more}");
    }
}

#[test]
fn what_git_tracks_is_not_ignored() {
    let files = [
        (".gitignore", "nix/\nb.nix\n"),
        ("a.nix", ""),
        ("b.nix", ""),
        ("modules/nix/other.nix", ""),
        ("modules/nix/inner/settings.nix", ""),
        ("modules/nix/inner/other.nix", ""),
        ("modules/nix/settings.nix", ""),
        ("modules/plain.nix", ""),
        ("nix/store.nix", ""),
    ];
    let tracked = ["b.nix", "modules/nix/inner/settings.nix", "modules/nix/settings.nix"];
    for (version, hash) in [(2, 20), (3, 20), (4, 20), (2, 32)] {
        let folder = Folder::with(&files);
        folder.put(".git/index", index(version, hash, &tracked));
        let all = [
            "a.nix",
            "b.nix",
            "modules/nix/inner/settings.nix",
            "modules/nix/settings.nix",
            "modules/plain.nix",
        ];
        assert_eq!(paths(&folder.open()), all, "{version} {hash}");
        let below = Tree::open(&folder.root().join("modules"), &Discovery::default()).unwrap();
        let seen = ["nix/inner/settings.nix", "nix/settings.nix", "plain.nix"];
        assert_eq!(paths(&below), seen, "{version} {hash}");
    }
}

#[test]
fn an_index_that_cannot_be_read_tracks_nothing() {
    let whole = index(2, 20, &["a.nix", "b.nix"]);
    let backwards = index(2, 20, &["c.nix", "b.nix"]);
    let cut = (0..whole.len() - 30).step_by(7).map(|length| whole[..length].to_vec());
    for bytes in cut.chain([backwards, index(9, 20, &["b.nix"]), vec![0xff; 300]]) {
        let folder = Folder::with(&[(".gitignore", "b.nix"), ("a.nix", ""), ("b.nix", "")]);
        folder.put(".git/index", &bytes);
        assert_eq!(paths(&folder.open()), ["a.nix"], "{bytes:?}");
    }
}

/// Where a `.git` file leads is for git to say, out of the tree as a rule. All that is read there are
/// patterns, which hide files at most; what is no file is not opened.
#[cfg(unix)]
#[test]
fn what_a_git_file_leads_to_can_only_hide() {
    let outside = Folder::with(&[
        ("git/info/exclude", "secret = b\na.nix"),
        ("fifo/info/", ""),
        ("far/", ""),
    ]);
    for pipe in ["fifo/info/exclude", "fifo/commondir"] {
        let made = std::process::Command::new("mkfifo").arg(outside.root().join(pipe)).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo is missing");
    }
    outside.link("far/info", outside.root().join("git/info"));
    let at = |name: &str| outside.root().join(name).display().to_string();
    for (named, seen) in [
        (at("git"), &["b.nix"][..]),
        (at("far"), &["b.nix"]),
        (at("fifo"), &["a.nix", "b.nix"]),
        (at("none"), &["a.nix", "b.nix"]),
        ("/dev/zero".into(), &["a.nix", "b.nix"]),
        ("../".repeat(500), &["a.nix", "b.nix"]),
    ] {
        let folder = Folder::with(&[("a.nix", ""), ("b.nix", "")]);
        folder.put(".git", format!("gitdir: {named}\n"));
        let tree = folder.open();
        assert_eq!(paths(&tree), seen, "{named}");
        assert_eq!(tree.problems(), []);
    }
}

#[test]
fn a_gitignore_of_any_bytes_is_read_as_far_as_it_goes() {
    let folder =
        Folder::with(&[("a.nix", ""), ("b.nix", ""), ("sub/.gitignore/", ""), ("sub/c.nix", "")]);
    folder.put(".gitignore", b"\xef\xbb\xbfa.nix\r\n\xff\xfe\n[z-a\nb[\n{x\nb.nix\n");
    assert_eq!(paths(&folder.open()), ["sub/c.nix"]);
}

const NAMES: [&str; 8] = ["a", "b", ".h", "build", "a.nix", "b.nix", "c d.nix", "#e.nix"];

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&NAMES[..4]), 0..4)
        .prop_map(|folders| folders.into_iter().map(|folder| format!("{folder}/")).collect())
}

fn pattern() -> impl Strategy<Value = String> {
    let step = prop::sample::select(vec![
        "a", "b", ".h", "build", "a.nix", "b.nix", "*", "**", "*.nix", "?.nix", "[ab]", "[!a]*",
        "c d.nix", "\\#e.nix", "#e.nix", "{a,b}", "b*", "a[", "", " ",
    ]);
    let steps = prop::collection::vec(step, 1..4).prop_map(|steps| steps.join("/"));
    let around = (
        prop::sample::select(vec!["", "", "!", "/", "!/", "\\!"]),
        prop::sample::select(vec!["", "", "/", "  ", "/**"]),
    );
    (around, steps).prop_map(|((before, after), steps)| format!("{before}{steps}{after}"))
}

fn patterns() -> impl Strategy<Value = String> {
    prop::collection::vec(pattern(), 1..5).prop_map(|lines| lines.join("\n"))
}

#[derive(Debug, Clone)]
struct Case {
    files: Vec<(String, &'static str)>,
    gitignores: Vec<(String, String)>,
    exclude: Option<String>,
    nested: Vec<String>,
    root: String,
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec((path(), prop::sample::select(&NAMES[4..])), 1..24),
        prop::collection::vec((path(), patterns()), 0..6),
        prop::option::of(patterns()),
        prop::collection::vec(path(), 0..2),
        path(),
    )
        .prop_map(|(files, gitignores, exclude, nested, root)| Case {
            files,
            gitignores,
            exclude,
            nested,
            root,
        })
}

impl Case {
    fn build(&self, with_git: bool) -> Folder {
        let folder = Folder::new();
        folder.put(&self.root, "");
        for (path, name) in &self.files {
            folder.put(&format!("{path}{name}"), "");
        }
        for (path, patterns) in &self.gitignores {
            folder.put(&format!("{path}.gitignore"), patterns);
        }
        if with_git {
            folder.put(".git/info/exclude", self.exclude.as_deref().unwrap_or_default());
            for path in &self.nested {
                folder.put(&format!("{path}.git/"), "");
            }
        }
        folder
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_same_files_as_the_crates_walker_in_a_repository(case in case()) {
        let folder = case.build(true);
        let root = folder.root().join(&case.root);
        let root = root.canonicalize().expect("made");
        prop_assert_eq!(ours(&root), walked(&root, true));
    }

    #[test]
    fn the_same_files_as_the_crates_walker_without_a_repository(case in case()) {
        let folder = case.build(false);
        prop_assert_eq!(ours(&folder.root()), walked(&folder.root(), false));
    }
}
