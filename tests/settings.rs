//! What a user can ask of settings: which are in force and why, and a first `frugix.toml`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use frugix::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    folder
}

fn frugix(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.output().expect("the command starts")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn read(text: &str) -> Config {
    let config = Config::load_with(Path::new("/tree/frugix.toml"), &|_| Ok(text.to_owned()));
    let config = config.unwrap_or_else(|error| panic!("{error}\n{text}"));
    Config {
        said: Vec::new(),
        sources: Vec::new(),
        max_file_size: None,
        max_nesting: None,
        max_chain: None,
        evaluation: Default::default(),
        ..config
    }
}

const OWN: &str = "\
extend = \"base/common.toml\"
extend-select = [\"advice\"]
ignore = [\"zram\"]
[severity]
zram = \"error\"
[per-file-ignores]
\"a b/*.nix\" = [\"timeout\"]
[host.\"x.y\"]
threads = 8
reserve.memory = \"1GiB\"
[packages.codex]
hours = { low = 1, high = 2.5 }
";
const BASE: &str = "extend-select = [\"zram\"]\nignore = []\n[host.z]\n[budget]\ntolerance = 2.0\n";

#[test]
fn effective_settings_are_a_configuration_that_says_the_same() {
    let folder = tree(&[("frugix.toml", OWN), ("base/common.toml", BASE)]);
    let text = stdout(&frugix(folder.path(), &["config", "--config", "fail-on=error"]));
    let flat = OWN.replace("extend = \"base/common.toml\"\n", "fail-on = \"error\"\n");
    let flat = flat.replace("[\"advice\"]", "[\"zram\", \"advice\"]");
    let flat = format!("{flat}[host.z]\n[budget]\ntolerance = 2.0\n");
    // Places of rules' names are others; what they say is not.
    let shown = |config: &Config| {
        let text = format!("{config:?}");
        let mut parts = text.split("at: File { path: \"/tree/frugix.toml\", line: ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
    };
    assert_eq!(shown(&read(&text)), shown(&read(&flat)), "{text}");
    let none = stdout(&frugix(folder.path(), &["config", "--isolated"]));
    assert_eq!(read(&none), Config::default(), "{none}");
    assert!(none.starts_with("# No frugix.toml: the defaults.\n"), "{none}");
}

#[test]
fn each_setting_names_what_says_it() {
    let folder = tree(&[("frugix.toml", OWN), ("base/common.toml", BASE)]);
    let arguments = ["config", "--config", "budget.reserve-threads=1", "--exclude", "gen/"];
    let text = stdout(&frugix(folder.path(), &arguments));
    for (setting, by) in [
        ("extend-select = [\"zram\", \"advice\"]", "base/common.toml:1, frugix.toml:2"),
        ("threads = 8", "frugix.toml:9"),
        ("tolerance = 2.0", "base/common.toml:5"),
        ("reserve-threads = 1", "--config budget.reserve-threads=1"),
        ("exclude = [\"gen/\"]", "--exclude"),
        ("fail-on = \"warning\"", "default"),
    ] {
        let is_it = |line: &str| line.starts_with(setting) && line.ends_with(&format!("  # {by}"));
        assert!(text.lines().any(is_it), "{setting} by {by}:\n{text}");
    }
    let arguments = [&arguments[..], &["--format", "json"]].concat();
    let object: Value = serde_json::from_str(&stdout(&frugix(folder.path(), &arguments))).unwrap();
    assert_eq!(object["files"], json!(["frugix.toml", "base/common.toml"]));
    assert!(object["rules"].as_array().is_some_and(|rules| rules.len() > 20));
    let settings = object["settings"].as_array().expect("settings");
    let at = |path: Value| settings.iter().find(|setting| setting["path"] == path);
    let threads = at(json!(["host", "x.y", "threads"])).expect("threads");
    let place = json!([{ "kind": "file", "file": "frugix.toml", "line": 9, "column": 1 }]);
    assert_eq!((&threads["value"], &threads["from"]), (&json!(8), &place));
    assert_eq!(threads["key"], "host.\"x.y\".threads");
    assert_eq!(at(json!(["fail-on"])).expect("fail-on")["from"], json!([]));
    let reserve = at(json!(["budget", "reserve-threads"])).expect("reserve-threads");
    assert_eq!(reserve["from"][0]["argument"], "--config budget.reserve-threads=1");
}

#[test]
fn a_configuration_that_is_wrong_is_told_of() {
    for (text, words) in
        [("budjet = 1", "did you mean `budget`?"), ("ignore = [\"zramm\"]", "did you mean `zram`?")]
    {
        let folder = tree(&[("frugix.toml", text)]);
        let output = frugix(folder.path(), &["config"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

/// What `frugix lint` finds, by one line each.
fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["lint", "--quiet", "--output-format", "concise"], arguments].concat();
    let output = frugix(folder, &arguments);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The text with its suggestions taken up: comments that hold settings without their first mark.
fn taken_up(text: &str) -> String {
    let is_header = |line: &str| line.starts_with('[') && line.ends_with(']');
    let is_setting = |line: &str| {
        let is_listed = line.starts_with('"') && line.contains("\", # ");
        line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) || is_listed
    };
    let take = |line: &str| match line.trim_start().strip_prefix("# ") {
        Some(rest) if is_header(rest) || is_setting(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(take).collect()
}

#[test]
fn a_first_configuration_is_of_its_tree() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path().join("shoshin");
    let showcase = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let copied = Command::new("cp").arg("-r").arg(&showcase).arg(&folder).status();
    assert!(copied.expect("cp starts").success());
    fs::remove_file(folder.join("frugix.toml")).expect("its own configuration");
    let before = found(&folder, &["--isolated", "--root", "."]);
    let printed = stdout(&frugix(&folder, &["init", "--root", ".", "--stdout"]));
    assert!(!folder.join("frugix.toml").exists());
    assert!(frugix(&folder, &["init", "--root", "."]).status.success());
    let text = fs::read_to_string(folder.join("frugix.toml")).expect("it is written");
    assert_eq!(text, printed);
    for told in [
        "[host.shoshin]",
        "profile = \"profiles/hardware/shoshin.nix\"",
        "# memory = \"16GiB\"  # profiles/hardware/shoshin.nix:",
        "\n  \"brave\", # brave.nix:",
        "\n  # \"firefox-unwrapped\", # overlays/firefox-memory-optimized.nix:",
    ] {
        assert!(text.contains(told), "{told}:\n{text}");
    }
    let config = read(&text);
    assert_eq!(config.hosts.len(), 1);
    assert!(config.overrides.keep.contains(&"brave".to_owned()));
    // The machine is named: what cannot be told whose it is counts on it. And what stays to be
    // looked at of a package is reported with all that is done to it.
    let told = [
        "[memory-over-budget]",
        "[package-over-budget]",
        "[unreviewed-override] this override of chromium",
        "[unreviewed-override] this override of sqlite",
    ];
    let expected = |line: &&String| !told.iter().any(|rule| line.contains(rule));
    let after = found(&folder, &[]);
    let differ = |of: &[String], from: &[String]| {
        of.iter().filter(|line| !from.contains(line)).filter(expected).cloned().collect::<Vec<_>>()
    };
    assert_eq!((differ(&after, &before), differ(&before, &after)), (vec![], vec![]));
    // What is only suggested can be taken up as it stands there.
    let more = read(&taken_up(&text));
    assert!(more.overrides.keep.len() > config.overrides.keep.len() + 3, "{more:?}");
    assert!(more.timeouts.is_some() && more.hosts["shoshin"].memory.is_some());
    assert!(frugix(&folder, &["config"]).status.success());
    // Each paragraph begins with its explanation.
    let begins = |paragraph: &str| {
        let mut lines = paragraph.lines().skip_while(|line| line.starts_with('['));
        lines.next().is_none_or(|line| line.starts_with('#'))
    };
    let silent: Vec<&str> = text.split("\n\n").filter(|text| !begins(text)).collect();
    assert_eq!(silent, [] as [&str; 0]);
}

#[test]
fn a_tree_that_tells_little_gets_suggestions_only() {
    let bare = tree(&[("flake.nix", "{ outputs = _: { }; }\n")]);
    let text = stdout(&frugix(bare.path(), &["init", "--stdout"]));
    assert!(text.contains("The tree names none.") && text.contains("# keep = []"), "{text}");
    let plain = Config { required_version: None, ..read(&text) };
    assert_eq!(plain, Config::default());
    assert!(read(&taken_up(&text)).hosts.contains_key("laptop"));
}

#[test]
fn a_configuration_that_is_there_stays() {
    for name in ["frugix.toml", ".frugix.toml"] {
        let folder = tree(&[(name, "ignore = []\n"), ("home.nix", "{ }\n")]);
        let output = frugix(folder.path(), &["init"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is there already and stays as it is"), "{said}");
        let files = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 2);
        assert_eq!(fs::read_to_string(folder.path().join(name)).expect(name), "ignore = []\n");
        assert!(frugix(folder.path(), &["init", "--stdout"]).status.success());
    }
}
