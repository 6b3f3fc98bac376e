//! What is evaluated again when something changes, and what is not.

use std::path::Path;
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
    tree: Tree,
    /// What was lowered, and of which text.
    lowered: Vec<(String, Option<Arc<hir::LazyFile>>)>,
    session: Session,
}

impl Changing {
    fn new() -> Changing {
        let tree = Tree::in_memory(Path::new("/tree"), TREE.iter().copied());
        let mut changing = Changing { tree, lowered: Vec::new(), session: Session::default() };
        changing.facts();
        changing
    }

    /// The facts of the tree, which are what a first look at it finds.
    fn facts(&mut self) -> Facts {
        let known = std::mem::take(&mut self.lowered);
        for file in self.tree.files() {
            let text = self.tree.source(*file).unwrap().text.to_string();
            let known = known.get(file.index()).filter(|(known, _)| *known == text).cloned();
            self.lowered.push(known.unwrap_or_else(|| {
                let parsed = parse(&text).ok().filter(|parsed| parsed.errors().is_empty());
                let lowered = parsed.map(|parsed| Arc::new(hir::lower(&parsed).into()));
                (text, lowered)
            }));
        }
        let files: Vec<_> = self.lowered.iter().map(|(_, lowered)| lowered.clone()).collect();
        let program = Program::new(&self.tree, &files);
        let kept = self.session.collect(program, Knowledge::builtin());
        let fresh = Session::default().collect(program, Knowledge::builtin());
        assert_eq!(format!("{kept:#?}"), format!("{fresh:#?}"));
        kept
    }

    /// The parts that are evaluated again once `path` says `text`.
    fn evaluated_after(&mut self, path: &str, text: &str) -> usize {
        let file = self.tree.file_at(Path::new(path)).unwrap();
        self.tree = self.tree.with_texts([(file, text.to_owned())]);
        self.facts();
        self.session.work().evaluated
    }
}

#[test]
fn only_what_read_a_changed_file_is_evaluated_again() {
    let mut tree = Changing::new();
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
    let mut tree = Changing::new();
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
    let mut tree = Changing::new();
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
fn another_file_may_change_everything() {
    let mut tree = Changing::new();
    let more = [("c.nix", "{ nix.settings.cores = 9; }")];
    tree.tree = Tree::in_memory(Path::new("/tree"), TREE.iter().copied().chain(more));
    tree.facts();
    let work = tree.session.work();
    assert_eq!(work.evaluated, work.units);
}

#[test]
fn a_broken_file_and_a_mended_one_are_told_as_they_are() {
    let mut tree = Changing::new();
    for (path, text) in TREE.iter().filter(|(path, _)| path.ends_with(".nix")) {
        tree.evaluated_after(path, "{ nix.settings.cores = ");
        tree.evaluated_after(path, "");
        tree.evaluated_after(path, text);
    }
}
