//! Findings that somebody lives with: baselines, and comments that are written for them. And what a
//! run tells of itself: timings, and what it does when files change.

mod shell;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use shell::{code, frugix, tree};
use tempfile::TempDir;

const OVERLAY: &str = "final: prev: {\n  greeting = prev.hello.override { };\n}\n";

fn lint(folder: &TempDir, arguments: &[&str]) -> Output {
    let arguments = [&["lint", "--output-format", "concise"], arguments].concat();
    frugix(folder.path(), &arguments).output().expect("the command starts")
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
    let output = frugix(&inside, &["lint", "--baseline", "../known.json"]).output();
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
fn what_a_baseline_holds_is_not_fixed() {
    let folder = tree(&[("overlay.nix", OVERLAY)]);
    assert_eq!(code(&lint(&folder, &["--baseline", "known.json", "--write-baseline"])), 0);
    let more = OVERLAY.replace("}\n", "  other = prev.figlet.override { };\n}\n");
    fs::write(folder.path().join("overlay.nix"), &more).expect("a file is written");
    let fixed = more.replace("figlet.override { }", "figlet");
    let shown = lint(&folder, &["--diff", "--baseline", "known.json"]);
    assert!(!said(&shown).contains("prev.hello;"), "{}", said(&shown));
    assert!(said(&shown).contains("+  other = prev.figlet;"), "{}", said(&shown));
    let output = lint(&folder, &["--fix", "--baseline", "known.json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(read(&folder, "overlay.nix"), fixed);
    assert!(said(&output).contains("Fixed 1 finding in 1 file"), "{}", said(&output));
    // Without it, what was left alone is fixed too.
    lint(&folder, &["--fix"]);
    assert_eq!(read(&folder, "overlay.nix"), fixed.replace("hello.override { }", "hello"));
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
        said(&frugix(&tree, &arguments).output().expect("the command starts"))
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
    assert!(told.starts_with("phase (by the clock; 1 pass, 1 file parsed)\n"), "{told}");
}

#[test]
fn timings_of_fixes_are_those_of_all_passes() {
    let folder = tree(&[("overlay.nix", OVERLAY), ("other.nix", "{ }\n")]);
    let output = lint(&folder, &["--fix", "--timings"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // Of two files, one is parsed again.
    assert!(told.starts_with("phase (by the clock; 2 passes, 3 files parsed)\n"), "{told}");
    assert!(told.lines().any(|line| line.ends_with(" ms  apply fixes")), "{told}");
}

#[test]
fn a_change_is_seen() {
    let folder = tree(&[("overlay.nix", "final: prev: { }\n")]);
    fs::write(folder.path().join("other.nix"), "{ }\n").expect("a file is written");
    let mut child =
        frugix(folder.path(), &["lint", "--watch", "--timings", "--output-format", "concise"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
    let errors = child.stderr.take().expect("errors");
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
    // What was found out of the other file is not found out again.
    let told: Vec<String> = BufReader::new(errors).lines().map_while(Result::ok).collect();
    let passes: Vec<&String> = told.iter().filter(|line| line.starts_with("phase ")).collect();
    assert!(passes[0].contains("1 pass, 2 files parsed"), "{told:?}");
    let is_small = |line: &&String| !line.contains("2 files parsed");
    assert!(passes.len() > 1 && passes[1..].iter().all(is_small), "{told:?}");
}
