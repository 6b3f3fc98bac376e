//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit. Skipped where there is none,
//! unless `FRUGIX_REQUIRE_PRE_COMMIT=1`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::repository::{FINE, FIXED, NEEDLESS, Repository};

/// A profile, and a module that takes its numbers from it.
const PROFILE: &str = "{ maxJobs = 2; cores = 4; }\n";
const MODULE: &str = "{ ... }:\nlet\n  profile = import ./profile.nix;\nin\n{\n  nix.settings.max-jobs = profile.maxJobs;\n  nix.settings.cores = profile.cores;\n}\n";
const HOST: &str = "[host.laptop]\nthreads = 8\nmemory = \"64GiB\"\nprofile = \"profile.nix\"\n";

/// A repository with `hook` installed, and what defines the hooks, which must outlive it.
fn hooked(hook: &str, files: &[(&str, &str)]) -> Option<(Repository, Repository)> {
    let installed = Command::new("pre-commit").arg("--version").output().is_ok();
    let required = env::var("FRUGIX_REQUIRE_PRE_COMMIT").is_ok_and(|value| value == "1");
    assert!(installed || !required, "FRUGIX_REQUIRE_PRE_COMMIT=1, but pre-commit is missing");
    if !installed {
        eprintln!("skipped: pre-commit is not installed");
        return None;
    }
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let hooks = fs::read_to_string(hooks).expect("the hooks are read");
    let source = Repository::new(&[(".pre-commit-hooks.yaml", &hooks)]);
    let revision = source.git(&["rev-parse", "HEAD"]);
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: {hook}\n",
        source.path().display(),
        revision.trim(),
    );
    let repository = Repository::new(files);
    repository.write(".pre-commit-config.yaml", &config);
    repository.git(&["add", ".pre-commit-config.yaml"]);
    repository.git(&["commit", "--quiet", "-m", "hooks"]);
    let ran = repository.run("pre-commit", &["install"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    Some((repository, source))
}

#[test]
fn a_bad_overlay_blocks_the_commit_and_the_others_are_not_spoken_of() {
    let files = [("overlays/old.nix", NEEDLESS), ("overlays/new.nix", FINE)];
    let Some((repository, _source)) = hooked("frugix", &files) else { return };
    repository.write("overlays/new.nix", NEEDLESS);
    repository.git(&["add", "overlays/new.nix"]);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (1, 2), "{}", ran.said);
    assert!(ran.said.contains("warning[needless-override]"), "{}", ran.said);
    assert!(ran.said.contains("overlays/new.nix:2:"), "{}", ran.said);
    assert!(!ran.said.contains("old.nix"), "{}", ran.said);

    repository.write("overlays/new.nix", FIXED);
    repository.git(&["add", "overlays/new.nix"]);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (0, 3), "{}", ran.said);
}

#[test]
fn the_whole_tree_is_analysed() {
    let files = [
        ("frugix.toml", HOST),
        ("profile.nix", PROFILE),
        ("configuration.nix", MODULE),
        ("old.nix", NEEDLESS),
    ];
    let Some((repository, _source)) = hooked("frugix", &files) else { return };
    repository.write("profile.nix", &PROFILE.replace("maxJobs = 2", "maxJobs = 8"));
    repository.git(&["add", "profile.nix"]);
    let ran = repository.commit();
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(ran.said.contains("warning[cpu-over-budget]"), "{}", ran.said);
    assert!(ran.said.contains("configuration.nix:"), "{}", ran.said);
    assert!(!ran.said.contains("old.nix"), "{}", ran.said);
}

#[test]
fn the_fixing_hook_repairs_and_the_next_commit_goes_through() {
    let Some((repository, _source)) = hooked("frugix-fix", &[("old.nix", NEEDLESS)]) else {
        return;
    };
    repository.write("overlays/new.nix", NEEDLESS);
    repository.git(&["add", "overlays/new.nix"]);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (1, 2), "{}", ran.said);
    assert!(ran.said.contains("files were modified by this hook"), "{}", ran.said);
    assert_eq!(repository.read("overlays/new.nix"), FIXED);
    assert_eq!(repository.read("old.nix"), NEEDLESS);

    repository.git(&["add", "overlays/new.nix"]);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (0, 3), "{}", ran.said);
}

#[test]
fn what_counts_is_what_is_staged() {
    let Some((repository, _source)) = hooked("frugix", &[("overlay.nix", FINE)]) else { return };
    repository.write("overlay.nix", NEEDLESS);
    repository.git(&["add", "overlay.nix"]);
    repository.write("overlay.nix", FIXED);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (1, 2), "{}", ran.said);
    assert_eq!(repository.read("overlay.nix"), FIXED);

    repository.git(&["add", "overlay.nix"]);
    repository.write("overlay.nix", NEEDLESS);
    let ran = repository.commit();
    assert_eq!((ran.code, repository.commits()), (0, 3), "{}", ran.said);
    assert_eq!(repository.read("overlay.nix"), NEEDLESS);
}
