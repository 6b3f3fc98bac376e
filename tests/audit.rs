//! `frugix audit` as a shell sees it: the page of `fixtures/shoshin` in each form, and what Nix says
//! beside it.
//!
//! The snapshots are read before they are accepted: each row must be true of the tree.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const LOG: &str = "\
these 3 derivations will be built:
  /nix/store/414g3rd6v9bqlszkcw8ssl10dcpj4czl-onnxruntime-1.22.2.drv
  /nix/store/mxqb2fnvikwdldx76v5ij655rxw47yxz-ck-search-0.7.0.drv
  /nix/store/892gi8gkq8kw04l9pv3hpizr1lwg206m-firefox-unwrapped-146.0.drv
  /nix/store/37rsmn4lmyy6dym2lypspp0q443blrb8-linux-6.18.drv
these 2 paths will be fetched (12.3 MiB download, 45.6 MiB unpacked):
  /nix/store/xd12dk2p7xl6ww6lziclhb2ak887if09-ripgrep-15.1.0
  /nix/store/3lc19z155yradvi0pl0cslls1bfy061h-btop-1.4.5
";

fn audit(arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).arg("audit").args(["--root", "."]).args(arguments);
    command.args(["--color", "never"]).stdin(Stdio::null());
    command.output().expect("the command starts")
}

fn page(arguments: &[&str]) -> String {
    let output = audit(arguments);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1), "there is something to do");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[test]
fn the_showcase_as_a_page() {
    insta::assert_snapshot!("audit-text", page(&[]));
}

#[test]
fn the_showcase_as_tables() {
    insta::assert_snapshot!(
        "audit-markdown",
        page(&["--format", "markdown", "--only", "remove", "--only", "move"])
    );
}

#[test]
fn the_showcase_as_an_object() {
    let text = page(&["--format", "json", "--only", "remove"]);
    insta::assert_snapshot!("audit-json", text);
}

#[test]
fn what_nix_says_stands_beside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("log");
    std::fs::write(&log, LOG).expect("a file");
    let text = page(&["--dry-run-log", log.to_str().expect("a name")]);
    assert!(text.contains("Nix: built") && text.contains("Nix: fetched"), "{text}");
    assert!(text.contains("Built, and explained by no row:\n\n  linux-6.18\n"), "{text}");
    assert!(text.contains("fetch 2 paths (12.3 MiB download, 45.6 MiB unpacked)."), "{text}");
}

#[test]
fn a_log_that_is_not_there_is_told_of() {
    let output = audit(&["--dry-run-log", "no-such-log"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-log"));
}
