//! Emacs, with what the guide tells its users to write. Skipped where there is none, or none of the
//! package, unless `FRUGIX_REQUIRE_EMACS` is set.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::shoshin;
use crate::stdio;

#[test]
fn eglot_shows_findings_and_fixes_them() {
    as_the_guide_says("eglot");
}

#[test]
fn lsp_mode_shows_findings_and_fixes_them() {
    as_the_guide_says("lsp-mode");
}

fn as_the_guide_says(package: &str) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let has = emacs(home.path()).args(["--eval", &format!("(require '{package})")]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        assert!(env::var_os("FRUGIX_REQUIRE_EMACS").is_none(), "{package} is required and missing");
        return;
    }
    let folder = shoshin();
    let report = home.path().join("report.json");
    let guide = home.path().join("guide.el");
    fs::write(&guide, guide_to(package)).expect("a file is written");
    let output = emacs(home.path())
        .arg("-l")
        .arg(&guide)
        .arg("-l")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/emacs.el"))
        .current_dir(folder.path())
        .env("FRUGIX_BY", package)
        .env("FRUGIX_REPORT", &report)
        .output()
        .expect("the editor starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let report = fs::read_to_string(&report).unwrap_or_else(|error| panic!("{error}: {said}"));
    let report: Value = serde_json::from_str(&report).expect("a report");
    let expected = json!({ "attached": 2, "after_quick_fix": 1, "after_fix_all": 0 });
    assert_eq!(report, expected, "{said}");

    let by_command = shoshin();
    stdio::frugix(by_command.path(), &["lint", "--fix-only", "flake.nix"]);
    let text = |folder: &Path| fs::read_to_string(folder.join("flake.nix")).expect("a file");
    assert_eq!(text(folder.path()), text(by_command.path()));
}

/// Emacs without anybody's settings, that finds frugix on its `PATH`.
fn emacs(home: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_frugix"));
    let ours = program.parent().expect("a folder").to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([ours].into_iter().chain(env::split_paths(&path)));
    let mut command = Command::new("emacs");
    command.args(["--batch", "-q"]).env("HOME", home).stdin(Stdio::null());
    command.env("PATH", path.expect("folders without colons"));
    command
}

/// The part of the guide for a package.
fn guide_to(package: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/editors.md");
    let guide = fs::read_to_string(guide).expect("the guide is read");
    let blocks = guide.split("```elisp\n").skip(1).filter_map(|rest| rest.split("```").next());
    let start = format!("(with-eval-after-load '{package}\n");
    let block = blocks.into_iter().find(|block| block.starts_with(&start));
    block.unwrap_or_else(|| panic!("the guide has nothing for {package}")).to_owned()
}
