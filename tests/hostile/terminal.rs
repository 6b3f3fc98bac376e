//! A configuration under review cannot steer the terminal it is shown on, nor what reads the output.

use std::fs;
use std::path::Path;

use super::program::{end, frugix, run};
use tempfile::TempDir;

/// Sequences that steer a terminal, hide text or turn it around; in the text of a file, a name, a
/// comment and a message.
const EVIL: &str = "\u{1b}[6n\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\u{2066}\r\u{8}";

/// What a terminal would act on, in anything that is told to people.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || turns
}

fn evil_tree() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    };
    let dir = if cfg!(windows) { "evil".to_owned() } else { format!("e{EVIL}vil") };
    put("frugix.toml", "[host.\"l\\u001b[32mt\"]\nthreads = 4\nmemory = \"8GiB\"\n");
    put(
        "home.nix",
        &format!(
            "{{ pkgs, ... }}: {{ # c{EVIL}\n  home.packages = [ (pkgs.brave.override {{ \
             \"a{EVIL}\" = true; commandLineArgs = \"x{EVIL}\"; }}) \
             (pkgs.\"h{EVIL}\".override {{ x = 1; }}) ];\n  nix.settings.max-jobs = \"{EVIL}\";\n  \
             nix.settings.substituters = [ \"https://x{EVIL}.cachix.org\" \
             \"https://app.cachix.org/cache/y{EVIL}\" ];\n  imports = [ ./{dir} ./sub/x.nix ]; }}\n",
            dir = "evil"
        ),
    );
    put(
        &format!("{dir}/bad{}.nix", if cfg!(windows) { "" } else { EVIL }),
        &format!("{{ a{EVIL} = 1 }}\n"),
    );
    put(
        "sub/x.nix",
        &format!("# frugix: ignore[no{EVIL}rule] x\n# frugix: ignore[timeout] g{EVIL}\n{{ }}\n"),
    );
    put("sub/long.nix", &format!("{{ x = ''{}{EVIL}''; y = 1 }}", "x".repeat(5000)));
    put(
        "flake.nix",
        &format!("{{ inputs.\"n{EVIL}\".url = \"github:a/b{EVIL}\"; outputs = _: {{ }}; }}"),
    );
    folder
}

fn assert_harmless(folder: &Path, arguments: &[&str]) -> String {
    let ended = run(folder, arguments);
    assert!([0, 1, 2].contains(&ended.code()), "{arguments:?}: {}", ended.stderr);
    for (stream, text) in [("output", &ended.stdout), ("errors", &ended.stderr)] {
        let found = text.char_indices().find(|(_, c)| steers(*c));
        let around = |at: usize| text[..at].lines().last().unwrap_or_default().to_owned();
        assert_eq!(found.map(|(at, c)| (around(at), c)), None, "{stream} of {arguments:?}");
    }
    ended.stdout
}

#[test]
fn no_output_steers_a_terminal() {
    let folder = evil_tree();
    let path = folder.path();
    for format in [
        "full",
        "concise",
        "json",
        "json-lines",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "checkstyle",
        "rdjson",
        "markdown",
    ] {
        let told = assert_harmless(path, &["lint", "--select", "ALL", "--output-format", format]);
        assert!(told.contains("syntax-error"), "{format}: {told}");
    }
    for arguments in [
        &["lint", "--show-files"][..],
        &["lint", "--statistics"],
        &["lint", "--timings"],
        &["lint", "nowhere\u{1b}[31m.nix"],
        &["lint", "--select", "no\u{1b}[31m-rule"],
        &["lint", "--host", "no\u{1b}[31m-host"],
        &["explain", "no\u{1b}[31m-rule"],
        &["audit"],
        &["audit", "--format", "json"],
        &["audit", "--format", "markdown"],
        &["budget"],
        &["budget", "--format", "json"],
        &["budget", "--format", "markdown"],
        &["config"],
        &["config", "--host", "l\u{1b}[32mt"],
        &["init", "--stdout"],
        &["hook", "install"],
        &["rules"],
        &["lint", "--baseline", "base\u{1b}[31mline.json"],
        &["lint", "--config", "a\u{1b}[31m.toml"],
        &["lint", "--config", "se\u{1b}[31mlect = 1"],
        &["lint", "--since", "no\u{1b}[31m-branch"],
        &["lint", "--root", "no\u{1b}[31m-folder"],
        &["trace", "home.nix:2"],
        &["trace", "home.nix:2:30"],
        &["trace", "home.nix:3:27"],
        &["trace", "home.nix:3:27", "--format", "json"],
        &["trace", "home.nix:4:40"],
        &["trace", "nowhere\u{1b}[31m.nix:1"],
        &["--\u{1b}[31m"],
    ] {
        assert_harmless(path, arguments);
    }
    // A diff is for `patch` as it is, and harmless where people read it.
    let diff = run(path, &["lint", "--fix", "--diff", "--unsafe-fixes", "--color", "always"]);
    let shown = without_styles(&diff.stdout);
    assert!(shown.contains("+++"), "{shown}");
    assert!(!shown.replace("\r\n", "\n").contains(steers), "{shown:?}");
    // These write, each into a tree of its own.
    for arguments in [
        &["lint", "--fix", "--unsafe-fixes"][..],
        &["lint", "--fix-only"],
        &["lint", "--add-ignores"],
        &["lint", "--baseline", "known.json", "--write-baseline"],
        &["init"],
    ] {
        assert_harmless(evil_tree().path(), arguments);
    }
    let written = run(path, &["lint", "--output-format", "full", "--output-file", "told.txt"]);
    assert_eq!(written.code(), 1, "{}", written.stderr);
    let told = fs::read_to_string(path.join("told.txt")).expect("a file");
    assert!(!told.contains(steers), "{told:?}");
}

/// `text` without the colours that we give it.
fn without_styles(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let style = piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        plain.push_str(style.strip_prefix('m').unwrap_or("\u{1b}"));
    }
    plain
}

#[test]
fn standard_input_writes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = "# frugix: ignore[syntax-error] gone\n{ }\n";
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    fs::write(folder.path().join("home.nix"), old).expect("a file is written");
    let before = listing(folder.path());
    for arguments in [
        &["lint", "-", "--stdin-filename", "home.nix"][..],
        &["lint", "-", "--stdin-filename", "home.nix", "--fix"],
        &["lint", "-", "--stdin-filename", "home.nix", "--fix", "--unsafe-fixes"],
        &["lint", "-", "--stdin-filename", "home.nix", "--fix", "--diff"],
        &["lint", "-", "--stdin-filename", "home.nix", "--fix-only"],
        &["lint", "-", "--stdin-filename", "new/file.nix", "--fix"],
        &["lint", "-", "--stdin-filename", "../outside.nix", "--fix"],
        &["lint", "-", "--fix"],
    ] {
        let mut child = frugix(folder.path(), arguments)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("an input");
        let _ = std::io::Write::write_all(&mut input, old.as_bytes());
        drop(input);
        let ended = end(child);
        assert!([0, 1, 2].contains(&ended.code()), "{arguments:?}: {}", ended.stderr);
        assert_eq!(listing(folder.path()), before, "{arguments:?}");
    }
}

/// Every file with its text and when it was written.
fn listing(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>, Option<std::time::SystemTime>)> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.expect("the folder is ours");
        let written = entry.metadata().ok().and_then(|file| file.modified().ok());
        files.push((entry.path().to_owned(), fs::read(entry.path()).unwrap_or_default(), written));
    }
    files
}
