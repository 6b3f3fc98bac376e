//! Every rule held to what it says of itself: the examples of its documentation, the cases in
//! `fixtures/rules`, and what it declares of its fixes.

mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use frugix::lint::{
    Applicability, Diagnostic, Example, FixAvailability, RuleMeta, Verdict, examples, fixed_pairs,
};
use frugix::rules::ALL;
use frugix::syntax::parse;
use serde::Deserialize;

use harness::fixed::{files_under, write_fixed};
use harness::invariants::{check, has_fix};
use harness::nix::Nix;
use harness::{Case, Problems, package, rule, shown, text};

/// The headings of a rule's documentation, in order.
const HEADINGS: [&str; 7] = [
    "What it flags",
    "Why it matters",
    "Example",
    "Use instead",
    "What the fix does",
    "When it stays silent",
    "Sources",
];

/// Rules whose findings no Nix text can show.
const WITHOUT_EXAMPLE: [&str; 1] = ["unreadable-file"];

/// Rules whose bad example is no Nix.
const NOT_NIX: [&str; 1] = ["syntax-error"];

/// The rules that are tested: all, or the one that `FRUGIX_ONLY` names while somebody works on it.
fn metas() -> impl Iterator<Item = &'static RuleMeta> {
    let only = std::env::var("FRUGIX_ONLY").ok();
    let metas = ALL.iter().map(|rule| rule.meta());
    metas.filter(move |meta| only.as_deref().is_none_or(|only| only == meta.id))
}

/// The examples of every rule.
fn documented(problems: &mut Problems) -> Vec<(&'static RuleMeta, Vec<Example>)> {
    let read = |meta: &'static RuleMeta| match examples(meta.docs) {
        Ok(found) => Some((meta, found)),
        Err(error) => {
            problems.add(meta.id, error);
            None
        }
    };
    metas().filter_map(read).collect()
}

#[test]
fn rules_are_listed_by_group_then_name_and_lie_where_they_belong() {
    let mut problems = Problems::default();
    let keys: Vec<_> = ALL.iter().map(|rule| (rule.meta().group, rule.meta().id)).collect();
    problems.unless(keys.is_sorted(), "rules::ALL", "not sorted by group, then name");
    problems.unless(keys.windows(2).all(|pair| pair[0] != pair[1]), "rules::ALL", "one twice");
    for meta in metas() {
        let file = format!("rules/{}/{}.rs", meta.group, meta.id.replace('-', "_"));
        problems.unless(package().join(&file).is_file(), meta.id, format!("there is no {file}"));
    }
    problems.tell();
}

#[test]
fn documentation_has_its_headings_and_examples() {
    let mut problems = Problems::default();
    for (meta, found) in documented(&mut problems) {
        let mut in_code = false;
        let headings: Vec<&str> = (meta.docs.lines())
            .filter(|line| {
                in_code ^= line.starts_with("```");
                !in_code
            })
            .filter_map(|line| line.strip_prefix("# "))
            .collect();
        problems.unless(headings == HEADINGS, meta.id, format!("has the headings {headings:?}"));
        problems.unless(meta.summary.ends_with('.'), meta.id, "the summary is no sentence");
        for verdict in [Verdict::Bad, Verdict::Good] {
            let has_one = found.iter().any(|example| example.verdict == verdict);
            let wants_one = !WITHOUT_EXAMPLE.contains(&meta.id);
            problems.unless(has_one || !wants_one, meta.id, format!("no {verdict:?} example"));
        }
    }
    problems.tell();
}

#[test]
fn examples_are_nix() {
    let mut problems = Problems::default();
    let nix = Nix::find();
    for (meta, found) in documented(&mut problems) {
        for example in found {
            if example.verdict == Verdict::Bad && NOT_NIX.contains(&meta.id) {
                continue;
            }
            for (path, text) in &example.files {
                if path.extension().is_none_or(|extension| extension != "nix") {
                    continue;
                }
                let place = format!("{}, line {}, {}", meta.id, example.line, path.display());
                let parsed = parse(text);
                let is_right = parsed.is_ok_and(|parsed| parsed.errors().is_empty());
                problems.unless(is_right, &place, "does not parse");
                if let Some(Err(error)) = nix.as_ref().map(|nix| nix.parse(text)) {
                    problems.add(place, format!("Nix refuses it: {error}"));
                }
            }
        }
    }
    problems.tell();
}

#[test]
fn bad_examples_fire_and_good_ones_do_not() {
    let mut problems = Problems::default();
    for (meta, found) in documented(&mut problems) {
        for example in found {
            let case = Case::example(meta, &example);
            let fired = findings_of(meta.id, &case);
            match example.verdict {
                Verdict::Bad => problems.unless(!fired.is_empty(), &case.name, "does not fire"),
                Verdict::Good => {
                    let text = format!("fires though it is good: {}", told(&case, &fired));
                    problems.unless(fired.is_empty(), &case.name, text);
                }
            }
        }
    }
    problems.tell();
}

#[test]
fn a_bad_example_is_fixed_to_the_good_one() {
    let mut problems = Problems::default();
    for (meta, found) in documented(&mut problems) {
        for (bad, good) in fixed_pairs(&found) {
            let case = Case::example(meta, bad);
            let outcome = case.fix(Applicability::Unsafe, Some(meta.id));
            if outcome.changed.is_empty() {
                continue;
            }
            for (path, expected) in &good.files {
                let file = outcome.tree.file_at(path);
                let actual = file.map(|file| text(&outcome.tree, file));
                let is_nix = path.extension().is_some_and(|extension| extension == "nix");
                if is_nix && actual.as_ref() != Some(expected) {
                    let actual = actual.unwrap_or_default();
                    let difference = difference(expected, &actual);
                    let text = format!("fixing it does not give the good one:\n{difference}");
                    problems.add(format!("{}, {}", case.name, path.display()), text);
                }
            }
        }
    }
    problems.tell();
}

/// What `expect.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    fires: Option<usize>,
    #[serde(default)]
    silent: bool,
    lines: Option<Vec<String>>,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    severity: Option<String>,
    level: Option<String>,
}

/// One folder of `fixtures/rules`.
struct Fixture {
    folder: PathBuf,
    case: Case,
    rule: &'static RuleMeta,
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("the folder can be listed");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn fixtures(problems: &mut Problems) -> Vec<Fixture> {
    let mut found = Vec::new();
    for of_rule in folders(&package().join("fixtures/rules")) {
        let name = of_rule.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(rule) = rule(&name) else {
            problems.add(format!("fixtures/rules/{name}"), "there is no such rule");
            continue;
        };
        if !metas().any(|meta| meta.id == rule.id) {
            continue;
        }
        for folder in folders(&of_rule) {
            let case = Case::of_folder(&folder, &["/fixed/", "/expect.toml"]);
            let case = Case { also: Some(rule.id), ..case };
            found.push(Fixture { folder, case, rule });
        }
    }
    found
}

#[test]
fn cases_are_as_expected() {
    let mut problems = Problems::default();
    for fixture in fixtures(&mut problems) {
        let text = fs::read_to_string(fixture.folder.join("expect.toml"))
            .map_err(|error| error.to_string());
        let expected = text.and_then(|text| {
            toml::from_str::<Expectation>(&text).map_err(|error| error.to_string())
        });
        match expected {
            Ok(expected) => fixture.check(&expected, &mut problems),
            Err(error) => problems.add(&fixture.case.name, format!("expect.toml: {error}")),
        }
    }
    problems.tell();
}

impl Fixture {
    fn check(&self, expected: &Expectation, problems: &mut Problems) {
        let name = &self.case.name;
        let fired = findings_of(self.rule.id, &self.case);
        let count = match (expected.fires, expected.silent) {
            (Some(count), false) => count,
            (None, true) => 0,
            _ => return problems.add(name, "expect.toml: write either `fires` or `silent = true`"),
        };
        let found = || told(&self.case, &fired);
        let is_right = fired.len() == count;
        problems.unless(is_right, name, format!("{count} expected, found:\n{}", found()));
        if let Some(lines) = &expected.lines {
            let actual: Vec<String> = fired.iter().map(|found| self.case.place(found)).collect();
            let text = format!("expected at {lines:?}, found:\n{}", found());
            problems.unless(actual == *lines, name, text);
        }
        for words in &expected.says {
            let is_said = fired.iter().any(|finding| says(finding, words));
            problems.unless(is_said, name, format!("\"{words}\" is not said, but:\n{}", found()));
        }
        for words in &expected.never {
            let is_said = fired.iter().any(|finding| says(finding, words));
            problems.unless(!is_said, name, format!("\"{words}\" is said:\n{}", found()));
        }
        if let Some(severity) = &expected.severity {
            let is_right = fired.iter().all(|finding| finding.severity.name() == severity);
            problems.unless(is_right, name, format!("not of severity {severity}"));
        }
        let level = expected.level.as_deref().unwrap_or("unsafe").parse();
        match level {
            Ok(level) => self.check_fixed(level, problems),
            Err(error) => problems.add(name, format!("expect.toml: {error}")),
        }
    }

    fn check_fixed(&self, level: Applicability, problems: &mut Problems) {
        let name = &self.case.name;
        let outcome = self.case.fix(level, Some(self.rule.id));
        let folder = self.folder.join("fixed");
        if std::env::var_os("FRUGIX_WRITE_FIXED").is_some() {
            write_fixed(&folder, &outcome.changed, &self.case);
        }
        let changed: BTreeMap<PathBuf, &str> = (outcome.changed.iter())
            .map(|(file, text)| (self.case.tree.path(*file).to_owned(), text.as_str()))
            .collect();
        let expected: BTreeMap<PathBuf, String> = files_under(&folder).into_iter().collect();
        for (path, expected) in &expected {
            let actual = changed.get(path).copied();
            let place = format!("{name}, {}", path.display());
            match actual {
                None => problems.add(place, "is in fixed/, but is not changed by fixes"),
                Some(actual) if actual != expected => {
                    let difference = difference(expected, actual);
                    problems.add(place, format!("fixed otherwise:\n{difference}"));
                }
                Some(_) => {}
            }
        }
        for (path, text) in &changed {
            if !expected.contains_key(path) {
                let place = format!("{name}, {}", path.display());
                problems.add(place, format!("is changed by fixes, but not in fixed/:\n{text}"));
            }
        }
    }
}

#[test]
fn fixes_of_every_case_hold_what_fixes_promise() {
    let mut problems = Problems::default();
    let nix = Nix::find();
    let mut cases: Vec<Case> =
        fixtures(&mut problems).into_iter().map(|fixture| fixture.case).collect();
    for (meta, found) in documented(&mut problems) {
        cases.extend(found.iter().map(|example| Case::example(meta, example)));
    }
    for case in &cases {
        check(case, nix.as_ref(), &mut problems);
    }
    problems.tell();
}

#[test]
fn what_a_rule_declares_of_its_fixes_is_shown_by_a_case() {
    let mut problems = Problems::default();
    let mut best: BTreeMap<&str, Applicability> = BTreeMap::new();
    let mut cases: Vec<Case> =
        fixtures(&mut problems).into_iter().map(|fixture| fixture.case).collect();
    for (meta, found) in documented(&mut problems) {
        cases.extend(found.iter().map(|example| Case::example(meta, example)));
    }
    for case in &cases {
        for finding in case.analyze().diagnostics {
            let offered = finding.fixes.iter().map(|fix| fix.applicability).max();
            if let Some(offered) = offered {
                let known = best.entry(finding.rule).or_insert(offered);
                *known = offered.max(*known);
            }
        }
    }
    for meta in metas() {
        let shown = best.get(meta.id).copied();
        let text =
            format!("declares {:?}, but the best fix shown is {shown:?}", meta.applicability);
        problems.unless(shown == meta.applicability, meta.id, text);
        let offers = meta.applicability.is_some_and(|best| best > Applicability::Suggestion);
        let is_sound = offers == (meta.fix != FixAvailability::None);
        problems.unless(is_sound, meta.id, "its availability and applicability disagree");
    }
    problems.tell();
}

/// The findings of `rule` in the tree as it is.
fn findings_of(rule: &str, case: &Case) -> Vec<Diagnostic> {
    let mut found = case.analyze().diagnostics;
    found.retain(|finding| finding.rule == rule);
    found
}

/// Whether a message, a note, or what a fix says of itself has these words.
fn says(finding: &Diagnostic, words: &str) -> bool {
    let related = finding.related.iter().map(|related| &related.message);
    let fixes = finding.fixes.iter().flat_map(|fix| fix.why.iter().chain([&fix.title]));
    let texts = std::iter::once(&finding.message).chain(&finding.notes).chain(related);
    texts.chain(fixes).any(|text| text.contains(words))
}

/// The findings, a line each.
fn told(case: &Case, findings: &[Diagnostic]) -> String {
    let line = |finding: &Diagnostic| {
        let fixable = if has_fix(finding, Applicability::Unsafe) { " [fix]" } else { "" };
        let notes: String = finding.notes.iter().map(|note| format!("\n      {note}")).collect();
        format!("  {} {}{fixable}{notes}", case.place(finding), finding.message)
    };
    let lines: Vec<String> = findings.iter().map(line).collect();
    if lines.is_empty() { "  nothing".to_owned() } else { lines.join("\n") }
}

fn difference(expected: &str, actual: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, actual);
    diff.unified_diff().header("expected", "fixed").to_string()
}

#[test]
fn paths_are_shown_with_slashes() {
    assert_eq!(shown(Path::new("a").join("b.nix").as_path()), "a/b.nix");
}
