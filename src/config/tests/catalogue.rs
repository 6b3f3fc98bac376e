//! That the catalogue of settings, what is read, and the JSON schema say the same. The schema is held
//! against texts by a validator that is not ours.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::*;
use crate::lint::Group;
use crate::rules::ALL;

/// What is wrong with these, JSON schema has no words for.
const BEYOND: [&str; 2] = ["budget.tolerance = nan", "packages.x.hours = { low = 3, high = 1 }"];

fn schema() -> Value {
    let metas = ALL.iter().map(|rule| rule.meta());
    let rules = metas.map(|meta| RuleName { name: meta.id, about: meta.summary });
    let groups = Group::ALL.map(|group| RuleName { name: group.name(), about: "" });
    let all = RuleName { name: "ALL", about: "" };
    json_schema(&rules.chain(groups).chain([all]).collect::<Vec<_>>())
}

#[test]
fn the_text_with_every_key_says_every_setting() {
    let config = parse(EVERY_KEY).unwrap();
    let said: BTreeSet<&str> = config
        .said
        .iter()
        .map(|said| setting_at(&said.path).unwrap_or_else(|| panic!("no setting {said:?}")).path)
        .collect();
    let all: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.path).collect();
    let unsaid: Vec<&&str> = all.difference(&said).collect();
    assert_eq!(unsaid, [&"extend"]);
}

#[test]
fn what_holds_unsaid_is_the_default() {
    for setting in SETTINGS {
        let Unsaid::Value(value) = setting.unsaid else { continue };
        let text = format!("{} = {value}", setting.path.replace('*', "x"));
        let Config { said: _, sources: _, max_file_size, timeouts, .. } = parse(&text).unwrap();
        assert_eq!(timeouts.unwrap_or_default(), TimeoutsConfig::default(), "{text}");
        assert_eq!(max_file_size.unwrap_or(Bytes::mebibytes(1)), Bytes::mebibytes(1), "{text}");
        let said = parse(&text).unwrap();
        let Config { budget, browsers, fail_on, select, ignore, exclude, .. } = Config::default();
        assert_eq!(
            (budget, browsers, fail_on, select, ignore, exclude),
            (said.budget, said.browsers, said.fail_on, said.select, said.ignore, said.exclude)
        );
    }
}

#[test]
fn what_was_said_last_holds_and_names_its_place() {
    let mut config = load(&[
        ("a.toml", "extend = \"b.toml\"\nextend-select = [\"near\"]\n[host.x]\nthreads = 0x10"),
        ("b.toml", "extend-select = [\"far\"]\n[host.x]\nthreads = 8\n[timeouts]\n"),
    ])
    .unwrap();
    config.merge_overrides("budget.tolerance=2").unwrap();
    config.add_exclude("gen/", "--exclude");
    let said: Vec<String> = config
        .said
        .iter()
        .map(|said| format!("{} = {} at {}", said.path.join("."), said.value, said.at))
        .collect();
    assert_eq!(
        said,
        [
            "extend-select = [\"far\"] at b.toml:1:1",
            "timeouts = {} at b.toml:4:2",
            "extend = \"b.toml\" at a.toml:1:1",
            "extend-select = [\"near\"] at a.toml:2:1",
            "host.x.threads = 16 at a.toml:4:1",
            "budget.tolerance = 2 at --config budget.tolerance=2",
            "exclude = [\"gen/\"] at --exclude",
        ]
    );
}

/// A validator on the path. Without it tests skip themselves, unless `FRUGIX_REQUIRE_SCHEMAS=1`.
fn validator() -> bool {
    let installed = Command::new("check-jsonschema").arg("--version").output().is_ok();
    let required = std::env::var("FRUGIX_REQUIRE_SCHEMAS").is_ok_and(|value| value == "1");
    assert!(!required || installed, "FRUGIX_REQUIRE_SCHEMAS=1, but check-jsonschema is missing");
    if !installed {
        eprintln!("skipped: needs check-jsonschema");
    }
    installed
}

/// What the validator says against `files`, by their paths.
fn refused(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.json");
    fs::write(&path, schema().to_string()).unwrap();
    let output = Command::new("check-jsonschema")
        .args(["--output-format", "json", "--schemafile"])
        .arg(&path)
        .args(files)
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let listed = |key: &str| said[key].as_array().cloned().unwrap_or_default();
    assert_eq!(listed("parse_errors"), [] as [Value; 0]);
    listed("errors").iter().map(|error| error["filename"].as_str().unwrap().into()).collect()
}

fn written(folder: &Path, texts: &[&str]) -> Vec<PathBuf> {
    let write = |(index, text): (usize, &&str)| {
        let path = folder.join(format!("{index}.toml"));
        fs::write(&path, text).unwrap();
        path
    };
    texts.iter().enumerate().map(write).collect()
}

#[test]
fn the_schema_allows_what_can_be_read() {
    if !validator() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        EVERY_KEY,
        "",
        "[timeouts]",
        "extend = \"x.toml\"\nselect = [\"ALL\"]\nexclude = [\"a/[!b]*\", \"[]x]\", 'a\\[']",
        "required-version = \"=0.1.0, <2\"\nmax-file-size = \" 1.5 mib \"",
        "[host.\"a.b\"]\nmemory = \"16 GB\"\nzram = \"0B\"\nreserve.threads = 0",
        "[timeouts]\ndefault = \"1h 30m\"\n[packages]\n\"a.b\".timeout = \"1.5d\"",
    ];
    for text in &texts[1..] {
        let read = |_: &Path| Ok((*text).replace("extend = \"x.toml\"", ""));
        let config = Config::load_with(Path::new("x"), &read);
        assert!(config.is_ok(), "{text}: {config:?}");
    }
    let mut files = written(folder.path(), &texts);
    let fixtures = walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    let paths = fixtures.into_iter().map(|entry| entry.unwrap().into_path());
    files.extend(paths.filter(|path| path.file_name().is_some_and(|name| name == "frugix.toml")));
    assert!(files.len() > 100, "{}", files.len());
    assert_eq!(refused(&files), BTreeSet::new());
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    if !validator() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cases = wrong::KEYS.iter().chain(wrong::VALUES).map(|(text, _)| *text);
    let more = [
        "required-version = \"soon\"",
        "select = [\"no-such-rule\"]",
        "severity.no-such-rule = \"info\"",
        "exclude = [\" \"]",
    ];
    let texts: Vec<&str> = cases.chain(more).filter(|text| !BEYOND.contains(text)).collect();
    let files = written(folder.path(), &texts);
    let refused = refused(&files);
    let passed = files.iter().zip(&texts).filter(|(file, _)| !refused.contains(*file));
    assert_eq!(passed.map(|(_, text)| *text).collect::<Vec<_>>(), [] as [&str; 0]);
}
