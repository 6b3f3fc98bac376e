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
    Config { said: Vec::new(), sources: Vec::new(), max_file_size: None, ..config }
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
