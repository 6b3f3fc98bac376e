//! Findings that somebody lives with: baselines, and comments that are written for them. And what a
//! run tells of itself: timings, and what it does when files change.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

const OVERLAY: &str = "final: prev: {\n  greeting = prev.hello.override { };\n}\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env_remove("FRUGIX_OUTPUT_FORMAT");
    command
}

fn lint(folder: &TempDir, arguments: &[&str]) -> Output {
    let arguments = [&["lint", "--output-format", "concise"], arguments].concat();
    command(folder.path(), &arguments).output().expect("the command starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command was not killed")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

fn read(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).expect("a file is read")
}

#[test]
fn a_baseline_hides_what_was_there_and_nothing_else() {
    let folder = tree(&[("overlay.nix", OVERLAY)]);
    let written = lint(&folder, &["--baseline", "known.json", "--write-baseline"]);
    assert_eq!(code(&written), 0, "{}", said(&written));
    assert!(said(&written).contains("known.json now holds 1 finding."), "{}", said(&written));
    let hidden = || lint(&folder, &["--baseline", "known.json"]);
    assert_eq!(code(&hidden()), 0, "{}", said(&hidden()));

    let moved =
        format!("# one line\n# and another\n{}", OVERLAY.replace("  greeting", "    greeting"));
    fs::write(folder.path().join("overlay.nix"), &moved).expect("a file is written");
    assert_eq!(code(&hidden()), 0, "{}", said(&hidden()));

    // The same once more is new.
    let twice = moved.replace("}\n", "}\n// {\n    greeting = prev.hello.override { };\n}\n");
    fs::write(folder.path().join("overlay.nix"), twice).expect("a file is written");
    let output = hidden();
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert_eq!(said(&output).matches("[needless-override]").count(), 1, "{}", said(&output));
}

#[test]
fn a_baseline_says_nothing_of_where_one_stands() {
    let folder = tree(&[("overlays/overlay.nix", OVERLAY)]);
    let arguments = ["--baseline", "known.json", "--write-baseline"];
    assert_eq!(code(&lint(&folder, &arguments)), 0);
    let inside = folder.path().join("overlays");
    let output = command(&inside, &["lint", "--baseline", "../known.json"]).output();
    assert_eq!(code(&output.expect("the command starts")), 0);
    let text = read(&folder, "known.json");
    assert!(text.contains("\"file\": \"overlays/overlay.nix\""), "{text}");
    assert_eq!(code(&lint(&folder, &["overlays", arguments[0], arguments[1], arguments[2]])), 0);
    assert_eq!(read(&folder, "known.json"), text);
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = tree(&[("overlay.nix", OVERLAY), ("odd.json", "[]"), ("new.json", "")]);
    let next = "{ \"version\": 2, \"findings\": [] }";
    fs::write(folder.path().join("new.json"), next).expect("a file is written");
    for (file, words) in
        [("none.json", "cannot read"), ("odd.json", "no baseline"), ("new.json", "version 2")]
    {
        let output = lint(&folder, &["--baseline", file]);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    assert_eq!(code(&lint(&folder, &["--write-baseline"])), 2);
}

#[test]
fn comments_are_written_and_then_nothing_is_found() {
    let folder = tree(&[("overlay.nix", OVERLAY), ("other.nix", OVERLAY)]);
    let output = lint(&folder, &["--add-ignores", "--reason", "being tried out", "overlay.nix"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let expected = OVERLAY
        .replace("  greeting", "  # frugix: ignore[needless-override] being tried out\n  greeting");
    assert_eq!(read(&folder, "overlay.nix"), expected);
    assert_eq!(read(&folder, "other.nix"), OVERLAY);
    assert_eq!(code(&lint(&folder, &["overlay.nix"])), 0);

    let again = lint(&folder, &["--add-ignores", "overlay.nix"]);
    assert!(said(&again).contains("Ignored 0 findings in 0 files."), "{}", said(&again));
    assert_eq!(read(&folder, "overlay.nix"), expected);
    assert_eq!(code(&lint(&folder, &["--add-ignores", "--reason", "two\nlines"])), 2);
}

#[test]
fn what_is_fixed_needs_no_comment() {
    let folder = tree(&[("overlay.nix", OVERLAY)]);
    let output = lint(&folder, &["--fix", "--add-ignores"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(read(&folder, "overlay.nix"), OVERLAY.replace(".override { }", ""));
}

/// The showcase has findings in every shape, some of which no comment can reach.
#[test]
fn every_finding_of_the_showcase_that_a_comment_can_reach_is_silenced() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shoshin = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let copied =
        Command::new("cp").arg("-r").arg(&shoshin).arg(folder.path().join("tree")).status();
    assert!(copied.expect("cp starts").success());
    let lint = |arguments: &[&str]| {
        let tree = folder.path().join("tree");
        let arguments = [&["lint", "--quiet", "--output-format", "concise"], arguments].concat();
        said(&command(&tree, &arguments).output().expect("the command starts"))
    };
    let before = lint(&[]).lines().count();
    let after = lint(&["--add-ignores"]);
    assert!(before > 20 && after.lines().count() * 5 < before, "{before} before, left:\n{after}");
    assert_eq!(lint(&[]), after);
}

#[test]
fn timings_name_phases_and_rules() {
    let folder = tree(&[("overlay.nix", OVERLAY)]);
    let output = lint(&folder, &["--timings"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for name in ["list files", "read and parse", "evaluate", "rules", "in all", "needless-override"]
    {
        assert!(told.lines().any(|line| line.ends_with(&format!(" ms  {name}"))), "{name}: {told}");
    }
    assert!(!String::from_utf8_lossy(&output.stdout).contains(" ms  "));
}

#[test]
fn a_change_is_seen() {
    let folder = tree(&[("overlay.nix", "final: prev: { }\n")]);
    let mut child = command(folder.path(), &["lint", "--watch", "--output-format", "concise"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let output = BufReader::new(child.stdout.take().expect("an output"));
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let next = || lines.recv_timeout(Duration::from_secs(60)).expect("a line is printed");
    assert!(next().starts_with("No findings."));
    fs::write(folder.path().join("overlay.nix"), OVERLAY).expect("a file is written");
    let mut line = next();
    // The file may have been seen between being emptied and being written.
    while !line.starts_with("overlay.nix:2:") {
        line = next();
    }
    child.kill().expect("the command is there");
    child.wait().expect("the command ends");
}
