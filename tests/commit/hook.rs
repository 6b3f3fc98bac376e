//! `frugix hook` and `frugix lint --staged`, by real git.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::repository::{FINE, FIXED, NEEDLESS, Repository};

fn hooked(files: &[(&str, &str)]) -> Repository {
    let repository = Repository::new(files);
    let ran = repository.frugix(&["hook", "install"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    repository
}

#[test]
fn a_bad_overlay_blocks_the_commit_and_a_good_one_does_not() {
    let repository = hooked(&[("old.nix", NEEDLESS), ("README.md", "")]);
    repository.write("overlays/new.nix", NEEDLESS);
    repository.git(&["add", "overlays/new.nix"]);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (1, 1), "{}", ran.said);
    assert!(ran.said.contains("overlays/new.nix:2:"), "{}", ran.said);
    assert!(!ran.said.contains("old.nix"), "{}", ran.said);

    repository.write("overlays/new.nix", FIXED);
    let ran = repository.run("git", &["commit", "-am", "in one go"]);
    assert_eq!((ran.code, repository.commits()), (0, 2), "{}", ran.said);
    repository.write("README.md", "No Nix at all.\n");
    let ran = repository.run("git", &["commit", "-am", "words"]);
    assert_eq!((ran.code, repository.commits()), (0, 3), "{}", ran.said);
}

#[test]
fn what_counts_is_what_is_staged() {
    let repository = hooked(&[("overlay.nix", FINE)]);
    repository.write("overlay.nix", NEEDLESS);
    repository.git(&["add", "overlay.nix"]);
    repository.write("overlay.nix", FIXED);
    assert_eq!(repository.commit().code, 1);

    repository.git(&["add", "overlay.nix"]);
    repository.write("overlay.nix", NEEDLESS);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (0, 2), "{}", ran.said);

    // `git commit FILE` makes an index of its own.
    let ran = repository.run("git", &["commit", "-m", "by name", "overlay.nix"]);
    assert_eq!((ran.code, repository.commits()), (1, 2), "{}", ran.said);
    let gone = fs::remove_file(repository.path().join("overlay.nix"));
    gone.expect("a file is removed");
    let ran = repository.run("git", &["commit", "-am", "gone"]);
    assert_eq!((ran.code, repository.commits()), (0, 3), "{}", ran.said);
}

#[test]
fn what_other_files_say_counts_as_it_is_staged() {
    let overlay =
        "let o = import ./argument.nix; in final: prev: { greeting = prev.hello.override o; }\n";
    let files = [("overlay.nix", FINE), ("argument.nix", "{ withDocs = true; }\n")];
    let repository = hooked(&files);
    repository.write("overlay.nix", overlay);
    repository.git(&["add", "overlay.nix"]);
    // On disk the argument is empty, and the override would be needless; not so in the commit.
    repository.write("argument.nix", "{ }\n");
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (0, 2), "{}", ran.said);
    repository.write("overlay.nix", &format!("# once more\n{overlay}"));
    repository.git(&["add", "--all"]);
    repository.write("argument.nix", "{ withDocs = true; }\n");
    let ran = repository.frugix(&["lint", "--staged", "--output-format", "concise"]);
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(ran.said.starts_with("overlay.nix:2:"), "{}", ran.said);
}

#[test]
fn the_configuration_counts_as_it_is_staged() {
    let repository = hooked(&[("frugix.toml", ""), ("overlay.nix", FINE)]);
    repository.write("overlay.nix", NEEDLESS);
    repository.write("frugix.toml", "ignore = [\"override\"]\n");
    repository.git(&["add", "overlay.nix"]);
    assert_eq!(repository.commit().code, 1);
    repository.git(&["add", "frugix.toml"]);
    repository.write("frugix.toml", "");
    let ran = repository.commit();
    assert_eq!(ran.code, 0, "{}", ran.said);
}

#[test]
fn a_tree_in_a_folder_and_links_are_found() {
    let repository = Repository::new(&[("nixos/frugix.toml", ""), ("nixos/one.nix", FINE)]);
    repository.write("nixos/deep/two.nix", NEEDLESS);
    let link = repository.path().join("nixos/link.nix");
    symlink("deep/two.nix", link).expect("a link is made");
    repository.git(&["add", "--all"]);
    for folder in ["", "nixos", "nixos/deep"] {
        let arguments = ["lint", "--staged", "--output-format", "concise"];
        let mut command = repository.command(env!("CARGO_BIN_EXE_frugix"), &arguments);
        let output = command.current_dir(repository.path().join(folder)).output();
        let output = output.expect("the command starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.matches("[needless-override]").count(), 1, "{said}");
    }
}

#[test]
fn a_hook_that_is_there_stays_as_it_is() {
    let repository = Repository::new(&[]);
    let hook = repository.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder is made");
    fs::write(&hook, "#!/bin/sh\n").expect("a file is written");
    for action in ["install", "uninstall"] {
        let ran = repository.frugix(&["hook", action]);
        assert_eq!(ran.code, 2, "{}", ran.said);
        assert!(ran.said.contains("stays as it is"), "{}", ran.said);
        assert_eq!(fs::read_to_string(&hook).expect("a file"), "#!/bin/sh\n");
    }
}

#[test]
fn a_hook_is_installed_twice_and_removed_once() {
    let repository = hooked(&[("overlay.nix", FINE)]);
    let hook = repository.path().join(".git/hooks/pre-commit");
    let mode = fs::metadata(&hook).expect("a file").permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
    assert_eq!(repository.frugix(&["hook", "install"]).code, 0);
    assert_eq!(repository.frugix(&["hook", "uninstall"]).code, 0);
    assert!(!hook.exists());
    let ran = repository.frugix(&["hook", "uninstall"]);
    assert!(ran.code == 0 && ran.said.contains("There is no hook"), "{}", ran.said);
}

#[test]
fn hooks_stand_where_git_looks_for_them() {
    let repository = Repository::new(&[("overlay.nix", FINE)]);
    repository.git(&["config", "core.hooksPath", "my/hooks"]);
    assert_eq!(repository.frugix(&["hook", "install"]).code, 0);
    assert!(repository.path().join("my/hooks/pre-commit").exists());
    repository.write("overlay.nix", NEEDLESS);
    repository.git(&["add", "overlay.nix"]);
    assert_eq!(repository.commit().code, 1);
}

#[test]
fn a_worktree_has_the_hooks_of_its_repository() {
    let repository = hooked(&[("overlay.nix", FINE)]);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let worktree = elsewhere.path().join("worktree");
    let name = worktree.to_str().expect("a path in Unicode");
    repository.git(&["worktree", "add", "--quiet", name]);
    fs::write(worktree.join("overlay.nix"), NEEDLESS).expect("a file is written");
    let commit = |folder: &Path| {
        let mut command = repository.command("git", &["commit", "-am", "a change"]);
        command.current_dir(folder).output().expect("git starts")
    };
    let output = commit(&worktree);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("overlay.nix:2:"), "{said}");
    fs::write(worktree.join("overlay.nix"), FIXED).expect("a file is written");
    assert_eq!(commit(&worktree).status.code(), Some(0));
}

#[test]
fn the_first_commit_of_all_is_checked() {
    let repository = Repository::new(&[]);
    repository.git(&["update-ref", "-d", "HEAD"]);
    repository.write("overlay.nix", NEEDLESS);
    repository.git(&["add", "overlay.nix"]);
    let ran = repository.frugix(&["lint", "--staged"]);
    assert_eq!(ran.code, 1, "{}", ran.said);
}

#[test]
fn without_a_repository_it_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = Repository::new(&[]);
    for arguments in [&["hook", "install"][..], &["lint", "--staged"]] {
        let mut command = repository.command(env!("CARGO_BIN_EXE_frugix"), arguments);
        let output = command.current_dir(folder.path()).output().expect("the command starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is not in a git repository"), "{said}");
    }
}
