//! The README says what the program does: its rules, options, formats, exit codes and examples are
//! held against the program itself.

#[cfg(unix)]
#[path = "documentation/commands.rs"]
mod commands;
#[path = "documentation/extension.rs"]
mod extension;
#[path = "documentation/reference.rs"]
mod reference;
#[path = "documentation/schema.rs"]
mod schema;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use frugix::analysis::Analyzer;
use frugix::config::{BudgetConfig, Config, ConfigError};
use frugix::lint::{Applicability, FixAvailability, Rule, RuleMeta, Selectors, is_directive};
use frugix::rules::ALL;
use tempfile::TempDir;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(package().join("README.md")).expect("README.md is read")
}

/// The lines below the heading `title`, up to the next one of its rank.
fn section(title: &str) -> String {
    let text = readme();
    let heading = format!("## {title}\n");
    let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("no heading {title}"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

/// The fenced blocks of `text` that begin with ```` ```language ````.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        open = match (open, line.strip_prefix("```")) {
            (None, Some(word)) => Some((word == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                found.extend(wanted.then_some(block));
                None
            }
            (Some((wanted, block)), None) => Some((wanted, block + line + "\n")),
            (None, None) => None,
        };
    }
    found
}

/// The cells of the rows of the tables in `text` whose first cell is code, without the code marks.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let coded = text.lines().filter(|line| line.starts_with("| `"));
    let bare = |mut row: Vec<String>| {
        row[0] = row[0].trim_matches('`').to_owned();
        row
    };
    coded.map(cells).map(bare).filter(|row| !row[0].starts_with("--")).collect()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["CLICOLOR_FORCE", "FRUGIX_OUTPUT_FORMAT"] {
        command.env_remove(name);
    }
    command.output().expect("the command starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command was not killed")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// A tree of one file.
fn tree(home: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    fs::write(folder.path().join("home.nix"), home).expect("a file is written");
    folder
}

/// A row of the table of rules, but for its last cell.
fn facts_of(meta: &RuleMeta) -> String {
    let fix = match (meta.fix, meta.applicability) {
        (FixAvailability::None, Some(Applicability::Suggestion)) => "suggestion",
        (FixAvailability::None, _) | (_, None) => "-",
        (_, Some(best)) => best.name(),
    };
    format!("| `{}` | {} | {} | {fix} | ", meta.id, meta.group, meta.severity.name())
}

#[test]
fn the_table_lists_every_rule() {
    let section = section("Rules");
    let table: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let told = |id: &str| {
        let row = table.iter().find(|row| row.starts_with(&format!("| `{id}` |")))?;
        row.trim_end_matches(" |").rsplit(" | ").next()
    };
    // The README may say in fewer words what a rule flags.
    let row = |rule: &&dyn Rule| {
        let meta = rule.meta();
        format!("{}{} |", facts_of(meta), told(meta.id).unwrap_or(meta.summary))
    };
    let right: Vec<String> = ALL.iter().map(row).collect();
    if table != right && rewrite(&table.join("\n"), &right.join("\n")) {
        return;
    }
    let differs = table.iter().zip(&right).find(|(row, right)| row != right);
    assert!(
        table == right,
        "the table of rules lacks rows or has others: {differs:?}\n{HOW_TO_WRITE}"
    );
    assert!(
        ALL.iter().all(|rule| rule.meta().default_on) == section.contains("All of them run"),
        "the README says above the table which rules run by default"
    );
}

/// What to do when a part of the README that follows from the program is out of date.
const HOW_TO_WRITE: &str =
    "`FRUGIX_WRITE_README=1 cargo test --test documentation -- --test-threads 1` writes it";

/// Writes `new` into the README instead of `old`, if that is asked for.
fn rewrite(old: &str, new: &str) -> bool {
    let is_asked = std::env::var_os("FRUGIX_WRITE_README").is_some();
    if is_asked {
        let text = readme().replacen(old, new, 1);
        fs::write(package().join("README.md"), text).expect("README.md is written");
    }
    is_asked
}

/// What stands in code in the README: spans and blocks, but for what is said to cargo.
fn code_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push(line.to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let ours = |line: String| match line.starts_with("cargo ") {
        true => line.split_once(" -- ").map(|(_, ours)| ours.to_owned()).unwrap_or_default(),
        false => line,
    };
    found.into_iter().map(ours).collect()
}

fn options_in(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
    let words = text.split(|c: char| !is_part(c));
    let options = words.filter(|word| word.len() > 2 && word.starts_with("--"));
    options.filter(|word| !word.trim_matches('-').is_empty()).map(str::to_owned).collect()
}

/// The subcommands that the help lists.
fn commands() -> Vec<String> {
    let help = stdout(&run(package(), &["--help"]));
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let commands: Vec<String> = listed
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|command| command != "help")
        .collect();
    assert!(commands.iter().any(|command| command == "lint"), "{help}");
    commands
}

#[test]
fn every_option_exists() {
    let help: BTreeSet<String> = commands()
        .iter()
        .flat_map(|command| options_in(&stdout(&run(package(), &[command, "--help"]))))
        .collect();
    let named: BTreeSet<String> = code_in(&readme())
        .iter()
        .filter(|code| !code.contains("│") && !code.starts_with("---"))
        .flat_map(|code| options_in(code))
        .collect();
    assert!(named.len() > 10, "the README names options in code: {named:?}");
    let unknown: Vec<&String> = named.difference(&help).collect();
    assert!(unknown.is_empty(), "options that README.md names and no help does: {unknown:?}");
}

#[test]
fn every_format_is_one_and_the_first_is_the_default() {
    let folder = tree("{ }\n");
    let text = section("Output");
    let formats: Vec<String> = rows(&text).into_iter().map(|row| row[0].clone()).collect();
    for format in &formats {
        let output = run(folder.path(), &["lint", "--output-format", format]);
        assert_eq!(code(&output), 0, "{format}");
    }
    let refused = run(folder.path(), &["lint", "--output-format", "no-such-format"]);
    let told = String::from_utf8(refused.stderr).expect("errors are UTF-8");
    let (_, possible) = told.split_once("possible values: ").expect("the formats are told");
    let possible: Vec<&str> =
        possible.split(']').next().unwrap_or_default().split(", ").map(str::trim).collect();
    assert_eq!(formats, possible);
    let help = stdout(&run(package(), &["lint", "--help"]));
    assert!(help.contains("[default: full]"), "{help}");
}

#[test]
fn findings_for_programs_have_the_fields_that_are_named() {
    let folder = tree("{ a = ; }\n");
    let text = stdout(&run(folder.path(), &["lint", "--output-format", "json"]));
    let findings: serde_json::Value = serde_json::from_str(&text).expect("output is JSON");
    let finding = findings[0].as_object().expect("an object");
    let section = section("Output");
    let sentence = section.split("An object has ").nth(1).and_then(|text| text.split('.').next());
    let sentence = sentence.expect("the README names the fields of an object");
    let named: BTreeSet<&str> = sentence.split('`').skip(1).step_by(2).collect();
    let real: BTreeSet<&str> = finding.keys().map(String::as_str).collect();
    assert_eq!(named, real);
}

#[test]
fn exit_codes_are_those_of_the_table() {
    let text = section("Exit codes");
    let codes: Vec<String> = rows(&text).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(codes, ["0", "1", "2"]);

    let clean = tree("{ }\n");
    let found = tree("# frugix: ignore[syntax-error] nothing is wrong here\n{ }\n");
    let exits = |folder: &TempDir, arguments: &[&str]| {
        code(&run(folder.path(), &[&["lint"], arguments].concat()))
    };
    assert_eq!(exits(&clean, &[]), 0);
    assert_eq!(exits(&found, &[]), 1);
    assert_eq!(exits(&found, &["--severity", "unused-suppression=info"]), 0);
    assert_eq!(exits(&clean, &["missing.nix"]), 2);
    assert_eq!(exits(&clean, &["--config", "no-such-key=1"]), 2);

    for (level, expected) in [("info", 1), ("warning", 1), ("error", 0), ("never", 0)] {
        assert!(text.contains(level), "the README says what --fail-on takes");
        assert_eq!(exits(&found, &["--fail-on", level]), expected, "{level}");
    }
    assert_eq!(exits(&found, &["--exit-zero"]), 0);
    assert_eq!(exits(&found, &["--diff"]), 1);
    assert_eq!(exits(&clean, &["--diff"]), 0);
    let fixed_again = [exits(&found, &["--fix", "--exit-non-zero-on-fix"]), exits(&found, &[])];
    assert_eq!(fixed_again, [1, 0]);
}

#[test]
fn the_example_of_frugix_toml_is_read_and_shows_every_key() {
    let examples = blocks(&section("Configuration"), "toml");
    let [example] = examples.as_slice() else { panic!("one example of a frugix.toml") };
    let config = configuration(example).expect("the example is right");
    assert!(
        Analyzer::new(config, ALL, &Selectors::default()).is_ok(),
        "the example names rules that exist"
    );
    let shown = example.replace("# extend = ", "extend = ");
    let shown: toml::Table = shown.parse().expect("the example is TOML");
    let mut missing = Vec::new();
    find_missing(&shown, "", &mut missing);
    assert!(missing.is_empty(), "the example of a frugix.toml lacks {missing:?}");
    assert!(keys("").is_some_and(|keys| keys.len() > 10), "{:?}", keys(""));
    assert!(keys("host.laptop.reserve.").is_some_and(|keys| keys.len() == 2));
}

fn configuration(text: &str) -> Result<Config, ConfigError> {
    Config::load_with(Path::new("/tree/frugix.toml"), &|_| Ok(text.to_owned()))
}

/// The keys below `prefix`, such as `host.laptop.`, that are not in `shown`, and so on inwards.
#[test]
fn the_example_of_knowledge_is_read() {
    let examples = blocks(&section("Correcting what frugix knows"), "toml");
    assert_eq!(examples.len(), 1);
    for example in examples {
        let config = configuration(&example).expect("the example is a configuration");
        let known = frugix::knowledge::Knowledge::of(&config).expect("its tables have a meaning");
        assert!(known.cache("https://cache.home.example").is_some());
        assert!(known.drags(&["onnxruntime"]).is_none());
    }
}

fn find_missing(shown: &toml::Table, prefix: &str, missing: &mut Vec<String>) {
    let known = keys(prefix).unwrap_or_default();
    let absent = known.iter().filter(|key| !shown.contains_key(*key));
    missing.extend(absent.map(|key| format!("{prefix}{key}")));
    for (key, value) in shown {
        if let Some(table) = value.as_table() {
            find_missing(table, &format!("{prefix}{key:?}."), missing);
        }
    }
}

/// The keys that may stand below `prefix`, which are told to those who write none of them. None
/// where any name may stand.
fn keys(prefix: &str) -> Option<Vec<String>> {
    const NO_KEY: &str = "0000000000";
    let error = configuration(&format!("{prefix}{NO_KEY} = 1")).err()?.to_string();
    let (_, told) = error.split_once(&format!("unknown key `{NO_KEY}`"))?;
    let (_, listed) = told.split_once("; write ")?;
    Some(listed.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

#[test]
fn the_defaults_are_those_the_example_names() {
    let usual = BudgetConfig::default();
    let text = section("Configuration");
    assert!(
        text.contains(&format!("times the threads of the host. {} by default.", usual.tolerance))
    );
    let reserve =
        format!("{} threads and {} by default.", usual.reserve_threads, usual.reserve_memory);
    assert!(text.contains(&reserve), "{reserve}");
}

#[test]
fn comments_that_silence_are_understood_and_silence() {
    let text = section("Silencing a finding");
    let forms = code_in(&text);
    let forms: Vec<&String> = forms.iter().filter(|code| code.starts_with("# frugix:")).collect();
    assert_eq!(forms.len(), 4, "{forms:?}");
    for form in forms {
        assert!(is_directive(form), "{form}");
    }

    let examples = blocks(&text, "nix");
    let [example] = examples.as_slice() else { panic!("one example of a comment") };
    let arguments = ["lint", "--select", "override,meta", "--output-format", "concise"];
    let silenced = run(tree(example).path(), &arguments);
    assert_eq!(stdout(&silenced).lines().count(), 1, "only the summary: {}", stdout(&silenced));
    let loud = tree(&example.replace("# frugix:", "#"));
    let loud = stdout(&run(loud.path(), &arguments));
    for rule in ["browser-source-build", "needless-override"] {
        assert!(example.contains(rule) && loud.contains(rule), "{rule}: {loud}");
    }
}

#[test]
fn the_excerpt_is_what_is_printed() {
    const LEFT_OUT: &str = "[…]";
    let examples = blocks(&section("A look at it"), "text");
    let [excerpt] = examples.as_slice() else { panic!("one excerpt") };
    let output = stdout(&run(package(), &["lint", "fixtures/shoshin", "--color", "never"]));
    let timeless = |line: &str| line.split(" checked in ").next().unwrap_or_default().to_owned();
    let printed: Vec<String> = output.lines().map(timeless).collect();
    let totals = |lines: &[String]| lines.last().cloned().unwrap_or_default();
    let shown: Vec<String> = excerpt.lines().map(timeless).collect();
    if totals(&shown) != totals(&printed) && rewrite(&totals(&shown), &totals(&printed)) {
        return;
    }
    let mut rest = printed.as_slice();
    for part in excerpt.split(LEFT_OUT).filter(|part| !part.trim().is_empty()) {
        let part: Vec<String> = part.trim_matches('\n').lines().map(timeless).collect();
        let at = rest.windows(part.len()).position(|lines| lines == part);
        let at =
            at.unwrap_or_else(|| panic!("not printed, or not in this order:\n{}", part.join("\n")));
        rest = &rest[at + part.len()..];
    }
    assert!(rest.is_empty(), "the excerpt ends with the last line: {rest:?}");
}
