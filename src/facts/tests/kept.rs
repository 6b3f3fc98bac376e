//! What is evaluated again when something changes, and what is not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::eval::Program;
use crate::facts::{Facts, Session};
use crate::hir;
use crate::knowledge::Knowledge;
use crate::source::Tree;
use crate::syntax::parse;

/// Two hosts with a module of their own and one in common, an overlay, a profile, and a file that
/// nobody reads.
const TREE: &[(&str, &str)] = &[
    (
        "flake.nix",
        r#"{
          outputs = { self, nixpkgs }: {
            nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ./both.nix ]; };
            nixosConfigurations.b = nixpkgs.lib.nixosSystem { modules = [ ./b.nix ./both.nix ]; };
            overlays.default = import ./overlay.nix;
          };
        }"#,
    ),
    ("a.nix", "{ nix.settings.cores = 2; }"),
    ("b.nix", "{ nix.settings.cores = (import ./profile.nix).build.parallelism.maxCores; }"),
    ("both.nix", "{ lib, ... }: { nix.settings = lib.importJSON ./nix.json; }"),
    ("nix.json", r#"{ "max-jobs": 3 }"#),
    ("overlay.nix", "final: prev: { brave = prev.brave.override { a = 1; }; }"),
    ("profile.nix", "{ build.parallelism = { maxJobs = 2; maxCores = 4; }; }"),
    ("alone.nix", "{ pkgs, ... }: { home.packages = [ (pkgs.vim.override { a = 1; }) ]; }"),
    ("plain.nix", "{ a = 1; }"),
];

/// A tree that changes, and a session that follows it.
struct Changing {
    texts: BTreeMap<PathBuf, String>,
    tree: Tree,
    /// What was lowered, and of which text.
    lowered: BTreeMap<PathBuf, (String, Option<Arc<hir::LazyFile>>)>,
    session: Session,
}

impl Changing {
    fn new(texts: &[(&str, &str)]) -> Changing {
        let tree = Tree::in_memory(Path::new("/tree"), texts.iter().copied());
        let texts = texts.iter().map(|(path, text)| (path.into(), (*text).to_owned())).collect();
        let session = Session::default();
        let mut changing = Changing { texts, tree, lowered: BTreeMap::new(), session };
        changing.facts();
        changing
    }

    /// The facts of the tree, which are what a first look at it finds.
    fn facts(&mut self) -> Facts {
        let known = std::mem::take(&mut self.lowered);
        for file in self.tree.files() {
            let (path, text) =
                (self.tree.path(*file), self.tree.source(*file).unwrap().text.to_string());
            let known = known.get(path).filter(|(known, _)| *known == text).cloned();
            let lowered = known.unwrap_or_else(|| {
                let parsed = parse(&text).ok().filter(|parsed| parsed.errors().is_empty());
                let lowered = parsed.map(|parsed| Arc::new(hir::lower(&parsed).into()));
                (text, lowered)
            });
            self.lowered.insert(path.to_owned(), lowered);
        }
        let files: Vec<_> = self.lowered.values().map(|(_, lowered)| lowered.clone()).collect();
        let program = Program::new(&self.tree, &files);
        let kept = self.session.collect(program, Knowledge::builtin());
        let fresh = Session::default().collect(program, Knowledge::builtin());
        assert_eq!(format!("{kept:#?}"), format!("{fresh:#?}"));
        kept
    }

    /// The parts that are evaluated again once there is a file at `path`.
    fn evaluated_with(&mut self, path: &str, text: &str) -> usize {
        self.texts.insert(path.into(), text.to_owned());
        self.listed()
    }

    /// The parts that are evaluated again once there is no file at `path`.
    fn evaluated_without(&mut self, path: &str) -> usize {
        self.texts.remove(Path::new(path)).unwrap();
        self.listed()
    }

    fn listed(&mut self) -> usize {
        self.tree = Tree::in_memory(Path::new("/tree"), &self.texts);
        self.facts();
        self.session.work().evaluated
    }

    /// The parts that are evaluated again once `path` says `text`.
    fn evaluated_after(&mut self, path: &str, text: &str) -> usize {
        let file = self.tree.file_at(Path::new(path)).unwrap();
        self.tree = self.tree.with_texts([(file, text.to_owned())]);
        self.texts.insert(path.into(), text.to_owned());
        self.facts();
        self.session.work().evaluated
    }
}

#[test]
fn only_what_read_a_changed_file_is_evaluated_again() {
    let mut tree = Changing::new(TREE);
    // The flake's declaration, names and outputs, two hosts, two files that may be profiles, and the
    // file alone.
    assert_eq!(tree.session.work().units, 8);
    for (path, text, expected) in [
        ("plain.nix", "{ a = 2; }", 0),
        ("alone.nix", "{ pkgs, ... }: { home.packages = [ (pkgs.vim.override { b = 1; }) ]; }", 1),
        ("a.nix", "{ nix.settings.cores = 3; }", 1),
        ("overlay.nix", "final: prev: { brave = prev.brave.override { b = 1; }; }", 1),
        ("both.nix", "{ nix.settings.max-jobs = 5; }", 2),
        // The profile itself, and the host that reads it.
        ("profile.nix", "{ build.parallelism = { maxJobs = 2; maxCores = 6; }; }", 2),
    ] {
        assert_eq!(tree.evaluated_after(path, text), expected, "{path}");
    }
    let cores: Vec<_> = tree.facts().settings_at(&["nix", "settings", "cores"]).cloned().collect();
    let cores: Vec<_> =
        cores.iter().map(|setting| (setting.host.as_deref(), setting.value.as_int())).collect();
    assert_eq!(cores, [(Some("a"), Some(3)), (Some("b"), Some(6))]);
    assert_eq!(tree.session.work().evaluated, 0, "nothing has changed");
}

#[test]
fn a_flake_that_changes_is_evaluated_again() {
    let mut tree = Changing::new(TREE);
    let text = TREE[0].1.replace("./b.nix ", "");
    // Its own parts, its hosts, and `b.nix`, which is by itself now.
    assert_eq!(tree.evaluated_after("flake.nix", &text), 6);
    let text = text.replace("nixosConfigurations.b", "nixosConfigurations.c");
    assert!(tree.evaluated_after("flake.nix", &text) >= 5);
    let hosts = tree.facts().configurations;
    let hosts: Vec<&str> = hosts.iter().map(|configuration| &*configuration.host).collect();
    assert_eq!(hosts, ["a", "c"]);
}

#[test]
fn a_file_that_is_no_source_counts_too() {
    let mut tree = Changing::new(TREE);
    let changed = TREE.iter().map(|(path, text)| (*path, text.replace("3", "4")));
    tree.tree = Tree::in_memory(Path::new("/tree"), changed);
    let facts = tree.facts();
    let jobs: Vec<_> = facts
        .settings_at(&["nix", "settings", "max-jobs"])
        .map(|setting| setting.value.as_int())
        .collect();
    assert!(jobs.iter().all(|jobs| *jobs == Some(4)) && !jobs.is_empty(), "{jobs:?}");
}

#[test]
fn a_file_that_nobody_asked_for_changes_nothing() {
    let mut tree = Changing::new(TREE);
    let module = "{ nix.settings.cores = 9; }";
    for (path, text, expected) in [
        // Before all others, between them, after them.
        ("0.nix", "{ a = 1; }", 0),
        ("notes.txt", "nothing", 0),
        ("z/z.nix", "{ a = 1; }", 0),
        // It is looked at alone.
        ("c.nix", module, 1),
    ] {
        assert_eq!(tree.evaluated_with(path, text), expected, "{path}");
    }
    for path in ["0.nix", "c.nix", "notes.txt", "z/z.nix", "plain.nix", "alone.nix"] {
        assert_eq!(tree.evaluated_without(path), 0, "{path}");
    }
    // The host that has it, and then all that is told of that host.
    assert_eq!(tree.evaluated_without("a.nix"), 1);
    assert_eq!(tree.evaluated_with("a.nix", module), 1);
    assert_eq!(tree.evaluated_without("both.nix"), 2);
    // What is gone comes back as something else, and the others have other numbers.
    assert_eq!(tree.evaluated_with("0.nix", module), 1);
    assert_eq!(tree.evaluated_with("both.nix", module), 2);
    // The lock file is asked for by what the flake declares.
    assert_eq!(tree.evaluated_with("flake.lock", "{ }"), 1);
    let cores: Vec<_> = tree.facts().settings_at(&["nix", "settings", "cores"]).cloned().collect();
    let cores = cores.iter().map(|it| (tree.tree.path(it.key.file), it.value.as_int()));
    let cores: Vec<_> = cores.map(|(path, cores)| (path.to_str().unwrap(), cores)).collect();
    let nines = ["0.nix", "a.nix", "both.nix", "both.nix"].map(|path| (path, Some(9)));
    assert!(nines.iter().all(|nine| cores.contains(nine)), "{cores:?}");
}

/// A host for each way to ask for what is not there yet.
const ASKING: &[(&str, &str)] = &[
    (
        "flake.nix",
        r#"{
          outputs = { self, nixpkgs, import-tree }: {
            nixosConfigurations = builtins.mapAttrs
              (name: module: nixpkgs.lib.nixosSystem { modules = [ module ]; })
              {
                exists = ./exists.nix;
                folder = ./folder.nix;
                deep = ./deep.nix;
                later = ./later.nix;
                fallback = ./fallback.nix;
                tree = import-tree ./tree;
                text = ./text.nix;
              };
          };
        }"#,
    ),
    (
        "exists.nix",
        "{ lib, ... }: { nix.settings.cores = if builtins.pathExists ./x/mark then 1 else 2; }",
    ),
    (
        "folder.nix",
        "{ nix.settings.cores = builtins.length (builtins.attrNames (builtins.readDir ./x)); }",
    ),
    ("deep.nix", "{ lib, ... }: { imports = lib.filesystem.listFilesRecursive ./deep; }"),
    ("deep/a/b.nix", "{ nix.settings.cores = 3; }"),
    ("later.nix", "{ imports = [ ./gone.nix ]; nix.settings.max-jobs = 1; }"),
    ("fallback.nix", "{ imports = [ ./fall ]; nix.settings.max-jobs = 2; }"),
    ("fall/other.nix", "{ }"),
    ("tree/a.nix", "{ nix.settings.max-jobs = 4; }"),
    ("text.nix", "{ lib, ... }: { nix.settings = lib.importJSON ./told.json; }"),
    ("x/y.txt", ""),
];

#[test]
fn who_asked_for_a_file_that_comes_is_evaluated_again() {
    let mut tree = Changing::new(ASKING);
    let module = "{ nix.settings.cores = 9; }";
    for (path, text, expected) in [
        // Who asks whether it is there, and who asks for the names in its folder.
        ("x/mark", "", 2),
        ("x/z.txt", "", 1),
        ("deep/c/d/e.nix", module, 1),
        ("deep/a/a.nix", module, 1),
        ("gone.nix", module, 1),
        ("fall/default.nix", module, 1),
        ("fall/another.nix", "{ }", 0),
        ("tree/b/c.nix", module, 1),
        ("told.json", r#"{ "cores": 7 }"#, 1),
    ] {
        assert_eq!(tree.evaluated_with(path, text), expected, "{path}");
        assert_eq!(tree.evaluated_without(path), expected, "without {path}");
        assert_eq!(tree.evaluated_with(path, text), expected, "{path} again");
    }
    let facts = tree.facts();
    let mut cores: Vec<_> = facts
        .settings_at(&["nix", "settings", "cores"])
        .filter_map(|setting| Some((setting.host.as_deref()?, setting.value.as_int()?)))
        .collect();
    cores.sort_unstable();
    assert_eq!(
        cores,
        [
            ("deep", 3),
            ("deep", 9),
            ("deep", 9),
            ("exists", 1),
            ("fallback", 9),
            ("folder", 3),
            ("later", 9),
            ("text", 7),
            ("tree", 9),
        ]
    );
}

#[test]
fn a_flake_that_comes_or_goes_is_told_as_it_is() {
    let mut tree = Changing::new(&TREE[1..]);
    tree.evaluated_with("configuration.nix", "{ imports = [ ./a.nix ./both.nix ]; }");
    tree.evaluated_with("flake.nix", TREE[0].1);
    tree.evaluated_with("0/flake.nix", TREE[0].1);
    tree.evaluated_without("flake.nix");
    tree.evaluated_without("0/flake.nix");
}

#[test]
fn a_broken_file_and_a_mended_one_are_told_as_they_are() {
    let mut tree = Changing::new(TREE);
    for (path, text) in TREE.iter().filter(|(path, _)| path.ends_with(".nix")) {
        tree.evaluated_after(path, "{ nix.settings.cores = ");
        tree.evaluated_after(path, "");
        tree.evaluated_after(path, text);
    }
}
