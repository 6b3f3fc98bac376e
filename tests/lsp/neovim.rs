//! A real editor. Skipped where there is no `nvim`, unless `FRUGIX_REQUIRE_NEOVIM` is set.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::shoshin;
use crate::stdio;

#[test]
fn neovim_shows_findings_and_fixes_them() {
    let found = Command::new("nvim").arg("--version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        assert!(env::var_os("FRUGIX_REQUIRE_NEOVIM").is_none(), "nvim is required and missing");
        return;
    }
    let folder = shoshin();
    let home = tempfile::tempdir().expect("a temporary folder");
    let report = home.path().join("report.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/neovim.lua");
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-c"])
        .arg(format!("luafile {}", script.display()))
        // A script that fails would leave the editor open.
        .args(["-c", "cquit"])
        .current_dir(folder.path())
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("XDG_CACHE_HOME", home.path())
        .env("FRUGIX_SERVER", env!("CARGO_BIN_EXE_frugix"))
        .env("FRUGIX_REPORT", &report)
        .stdin(Stdio::null())
        .output()
        .expect("the editor starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let report = fs::read_to_string(&report).unwrap_or_else(|error| panic!("{error}: {said}"));
    let report: Value = serde_json::from_str(&report).expect("a report");
    let expected = json!({
        "attached": 2,
        "code": "needless-override",
        "after_quick_fix": 1,
        "after_fix_all": 0,
        "stopped": true,
    });
    assert_eq!(report, expected);

    let by_command = shoshin();
    stdio::frugix(by_command.path(), &["lint", "--fix-only", "flake.nix"]);
    let text = |folder: &Path| fs::read_to_string(folder.join("flake.nix")).expect("a file");
    assert_eq!(text(folder.path()), text(by_command.path()));
}
