//! A client that is not ours, pytest-lsp, which plays real editors. Skipped where there is none, unless
//! `FRUGIX_REQUIRE_PYTEST_LSP` is set.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::client::shoshin;

#[test]
fn real_editors_are_answered_as_they_can_be() {
    let python = |arguments: &[&str]| {
        let mut command = Command::new("python3");
        command.args(arguments);
        command
    };
    let found = python(&["-c", "import pytest_lsp"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        let is_required = env::var_os("FRUGIX_REQUIRE_PYTEST_LSP").is_some();
        assert!(!is_required, "pytest-lsp is required and missing");
        return;
    }
    let folder = shoshin();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/independent.py");
    // What does not fit the capabilities of an editor is a failure.
    let strict = "error::pytest_lsp.LspSpecificationWarning";
    let output = python(&["-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", strict])
        .arg(script)
        .current_dir(folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("FRUGIX_SERVER", env!("CARGO_BIN_EXE_frugix"))
        .env("FRUGIX_TREE", folder.path().canonicalize().expect("a folder"))
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
