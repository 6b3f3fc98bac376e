//! `frugix lint --since`: what lies in lines changed since a commit.

use crate::repository::{FINE, NEEDLESS, Repository};

const PROFILE: &str = "{\n  maxJobs = 2;\n  cores = 4;\n}\n";
const MODULE: &str = "let\n  profile = import ./profile.nix;\nin\n{\n  nix.settings.max-jobs = profile.maxJobs;\n  nix.settings.cores = profile.cores;\n}\n";
const HOST: &str = "[host.laptop]\nthreads = 8\nmemory = \"64GiB\"\nprofile = \"profile.nix\"\n";

fn since(repository: &Repository, reference: &str) -> (i32, Vec<String>) {
    let arguments = ["lint", "--since", reference, "--quiet", "--output-format", "concise"];
    let ran = repository.frugix(&arguments);
    (ran.code, ran.said.lines().map(str::to_owned).collect())
}

#[test]
fn only_new_lines_count() {
    let repository = Repository::new(&[("old.nix", NEEDLESS)]);
    assert_eq!(since(&repository, "HEAD"), (0, Vec::new()));
    let more = NEEDLESS.replace("}\n", "  also = prev.hello.override { };\n}\n");
    repository.write("old.nix", &format!("# a comment that moves all lines\n{more}"));
    repository.write("new.nix", NEEDLESS);
    let (code, lines) = since(&repository, "HEAD");
    assert_eq!((code, lines.len()), (1, 2), "{lines:#?}");
    assert!(lines[0].starts_with("new.nix:2:"), "{lines:#?}");
    assert!(lines[1].starts_with("old.nix:4:"), "{lines:#?}");
}

#[test]
fn a_finding_counts_when_a_value_it_depends_on_is_new() {
    let files = [("frugix.toml", HOST), ("profile.nix", PROFILE), ("configuration.nix", MODULE)];
    let repository = Repository::new(&files);
    repository.write("profile.nix", &PROFILE.replace("maxJobs = 2", "maxJobs = 8"));
    let (code, lines) = since(&repository, "HEAD");
    assert_eq!((code, lines.len()), (1, 1), "{lines:#?}");
    assert!(lines[0].contains("cpu-over-budget"), "{lines:#?}");
}

#[test]
fn a_branch_answers_for_itself_alone() {
    let repository = Repository::new(&[("one.nix", NEEDLESS), ("two.nix", FINE)]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.write("two.nix", NEEDLESS);
    repository.git(&["commit", "--quiet", "-am", "feature"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("one.nix", FINE);
    repository.git(&["commit", "--quiet", "-am", "main goes on"]);
    repository.git(&["checkout", "--quiet", "feature"]);
    let (code, lines) = since(&repository, "main");
    assert_eq!((code, lines.len()), (1, 1), "{lines:#?}");
    assert!(lines[0].starts_with("two.nix:2:"), "{lines:#?}");
}

#[test]
fn a_name_that_is_no_commit_is_refused() {
    let repository = Repository::new(&[("one.nix", FINE)]);
    for name in ["no-such-branch", "--all", ""] {
        let ran = repository.frugix(&["lint", &format!("--since={name}")]);
        assert_eq!(ran.code, 2, "{}", ran.said);
    }
}
