//! Which rules run, how much their findings matter, and in which files they are dropped.
//!
//! The configuration speaks first and the command line after it. Within each, what is said of one
//! rule outweighs what is said of its group, and that what is said of all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::{
    Config, Located, Location, Mistakes, PathPattern, Severity, UnknownSeverity, nearest,
};
use crate::lint::{Group, RuleMeta};

/// The rules whose findings say that something was not looked at. They run unless they are ignored,
/// since silence would read as clean.
const INDISPENSABLE: [&str; 3] = ["evaluation-limit", "syntax-error", "unreadable-file"];

/// The word that names every rule.
const ALL: &str = "ALL";

/// What the command line says about rules.
#[derive(Clone, Debug, Default)]
pub struct Selectors {
    /// The rules and groups to run, whatever the configuration says.
    pub select: Option<Vec<Located<String>>>,
    /// The rules and groups not to run.
    pub ignore: Vec<Located<String>>,
    /// The rules and groups to run besides.
    pub extend_select: Vec<Located<String>>,
    /// Severities by rule or group.
    pub severity: Vec<(Located<String>, Severity)>,
}

impl Selectors {
    /// Adds the `RULE=LEVEL` of a `--severity`.
    pub fn add_severity(&mut self, assignment: &str) -> Result<(), Mistakes> {
        let at = Location::argument("--severity");
        let Some((rule, level)) = assignment.split_once('=') else {
            let message = format!("`{assignment}` says no severity; write RULE=LEVEL");
            return Err(Mistakes::one(at, message));
        };
        let level = level.trim().parse();
        let level =
            level.map_err(|error: UnknownSeverity| Mistakes::one(at.clone(), error.to_string()))?;
        let rule = Located { value: rule.trim().to_owned(), at };
        self.severity.push((rule, level));
        Ok(())
    }
}

/// Which rules run, and how.
#[derive(Clone, Debug)]
pub struct Selection {
    enabled: BTreeSet<&'static str>,
    severity: BTreeMap<&'static str, Severity>,
    per_file_ignores: Vec<(PathPattern, BTreeSet<&'static str>)>,
}

impl Selection {
    /// What the configuration and then the command line make of `rules`.
    pub fn new(
        rules: &[&'static RuleMeta],
        config: &Config,
        arguments: &Selectors,
    ) -> Result<Selection, Mistakes> {
        let mut enabled: BTreeSet<&'static str> =
            rules.iter().filter(|rule| rule.default_on).map(|rule| rule.id).collect();
        let said_by_config = Changes {
            select: config.select.as_deref(),
            extend_select: &config.extend_select,
            ignore: &config.ignore,
        };
        let said_by_arguments = Changes {
            select: arguments.select.as_deref(),
            extend_select: &arguments.extend_select,
            ignore: &arguments.ignore,
        };
        let mut mistakes = Mistakes::default();
        mistakes.note(said_by_config.apply(rules, &mut enabled));
        mistakes.note(said_by_arguments.apply(rules, &mut enabled));

        let mut severity = BTreeMap::new();
        mistakes.note(assign(rules, &config.severity, &mut severity));
        mistakes.note(assign(rules, &arguments.severity, &mut severity));

        let ignores = config.per_file_ignores.iter();
        let per_file_ignores = ignores
            .filter_map(|(pattern, names)| {
                Some((pattern.clone(), mistakes.note(named_rules(rules, names))?))
            })
            .collect();
        mistakes.or(Ok(Selection { enabled, severity, per_file_ignores }))
    }

    /// Whether the rule runs.
    pub fn is_enabled(&self, rule: &str) -> bool {
        self.enabled.contains(rule)
    }

    /// The rules that run, sorted.
    pub fn enabled(&self) -> impl Iterator<Item = &'static str> {
        self.enabled.iter().copied()
    }

    /// The severity of a finding of the rule: what the user says, else the finding's `own`.
    pub fn severity(&self, rule: &str, own: Severity) -> Severity {
        self.severity.get(rule).copied().unwrap_or(own)
    }

    /// Whether findings of the rule are wanted in the file at `path`, relative to the root.
    pub fn applies_in(&self, rule: &str, path: &Path) -> bool {
        self.is_enabled(rule)
            && !self
                .per_file_ignores
                .iter()
                .any(|(pattern, ignored)| ignored.contains(rule) && pattern.matches(path))
    }
}

/// The rules that `names` mean: ids, groups, `ALL`.
pub fn named_rules(
    rules: &[&'static RuleMeta],
    names: &[Located<String>],
) -> Result<BTreeSet<&'static str>, Mistakes> {
    let selectors = Selector::parse_all(rules, names)?;
    Ok(selectors.into_iter().flat_map(|selector| selector.rules(rules)).collect())
}

/// What one source says about which rules run.
struct Changes<'a> {
    select: Option<&'a [Located<String>]>,
    extend_select: &'a [Located<String>],
    ignore: &'a [Located<String>],
}

impl Changes<'_> {
    fn apply(
        &self,
        rules: &[&'static RuleMeta],
        enabled: &mut BTreeSet<&'static str>,
    ) -> Result<(), Mistakes> {
        if self.select.is_some() {
            enabled.retain(|rule| INDISPENSABLE.contains(rule));
        }
        let added = self.select.unwrap_or_default().iter().chain(self.extend_select);
        let (added, ignored) = Mistakes::both(
            Selector::parse_all(rules, added),
            Selector::parse_all(rules, self.ignore),
        )?;
        let added = added.into_iter().map(|selector| (selector, true));
        let ignored = ignored.into_iter().map(|selector| (selector, false));
        let mut steps: Vec<(Selector, bool)> = added.chain(ignored).collect();
        // Stable: of two that are equally exact, to ignore comes last.
        steps.sort_by_key(|(selector, _)| selector.exactness());
        for (selector, wanted) in steps {
            for rule in selector.rules(rules) {
                match wanted {
                    true => enabled.insert(rule),
                    false => enabled.remove(rule),
                };
            }
        }
        Ok(())
    }
}

fn assign(
    rules: &[&'static RuleMeta],
    levels: &[(Located<String>, Severity)],
    severity: &mut BTreeMap<&'static str, Severity>,
) -> Result<(), Mistakes> {
    let selectors = Selector::parse_all(rules, levels.iter().map(|(name, _)| name))?;
    let levels = levels.iter().map(|(_, level)| *level);
    let mut steps: Vec<(Selector, Severity)> = selectors.into_iter().zip(levels).collect();
    steps.sort_by_key(|(selector, _)| selector.exactness());
    for (selector, level) in steps {
        severity.extend(selector.rules(rules).map(|rule| (rule, level)));
    }
    Ok(())
}

#[derive(Copy, Clone)]
enum Selector {
    All,
    Group(Group),
    Rule(&'static str),
}

impl Selector {
    fn parse_all<'a>(
        rules: &[&'static RuleMeta],
        names: impl IntoIterator<Item = &'a Located<String>>,
    ) -> Result<Vec<Selector>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let parsed = names.into_iter().map(|name| Selector::parse(rules, name));
        let selectors = parsed.filter_map(|parsed| mistakes.note(parsed)).collect();
        mistakes.or(Ok(selectors))
    }

    fn parse(rules: &[&'static RuleMeta], name: &Located<String>) -> Result<Selector, Mistakes> {
        let word = name.value.as_str();
        if word == ALL {
            return Ok(Selector::All);
        }
        if let Ok(group) = word.parse() {
            return Ok(Selector::Group(group));
        }
        if let Some(rule) = rules.iter().find(|rule| rule.id == word) {
            return Ok(Selector::Rule(rule.id));
        }
        let known =
            rules.iter().map(|rule| rule.id).chain(Group::ALL.map(Group::name)).chain([ALL]);
        let help = match nearest(word, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`frugix rules` lists them".to_owned(),
        };
        let message = format!("unknown rule or group `{word}`; {help}");
        Err(Mistakes::one(name.at.clone(), message))
    }

    /// The more, the fewer rules are meant.
    fn exactness(self) -> u8 {
        match self {
            Selector::All => 0,
            Selector::Group(_) => 1,
            Selector::Rule(_) => 2,
        }
    }

    fn rules(self, rules: &[&'static RuleMeta]) -> impl Iterator<Item = &'static str> {
        rules
            .iter()
            .filter(move |rule| match self {
                Selector::All => true,
                Selector::Group(group) => rule.group == group,
                Selector::Rule(id) => rule.id == id,
            })
            .map(|rule| rule.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::sample::RULES;

    fn located(names: &[&str]) -> Vec<Located<String>> {
        names.iter().map(|name| Located::argument("--select", *name)).collect()
    }

    fn config(text: &str) -> Config {
        Config::load_with(Path::new("frugix.toml"), &|_| Ok(text.to_owned())).unwrap()
    }

    fn enabled(text: &str, arguments: &Selectors) -> Vec<&'static str> {
        let selection = Selection::new(RULES, &config(text), arguments).unwrap();
        selection.enabled().filter(|rule| *rule != "syntax-error").collect()
    }

    fn error(text: &str) -> String {
        Selection::new(RULES, &config(text), &Selectors::default()).unwrap_err().to_string()
    }

    const DEFAULT: [&str; 5] = [
        "cpu-over-budget",
        "heavy-override",
        "needless-override",
        "unknown-suppression",
        "unused-suppression",
    ];

    #[test]
    fn without_a_word_the_default_rules_run() {
        assert_eq!(enabled("", &Selectors::default()), DEFAULT);
    }

    #[test]
    fn select_replaces_and_extend_adds() {
        let nothing = Selectors::default();
        assert_eq!(
            enabled("select = [\"override\"]", &nothing),
            ["heavy-override", "needless-override", "unreviewed-override"]
        );
        assert_eq!(enabled("select = []", &nothing), [""; 0]);
        let mut more = DEFAULT.to_vec();
        more.push("use-mold");
        more.sort_unstable();
        assert_eq!(enabled("extend-select = [\"advice\"]", &nothing), more);
        assert_eq!(enabled("select = [\"ALL\"]", &nothing).len(), RULES.len() - 1);
    }

    #[test]
    fn the_more_exact_name_wins_and_ignoring_wins_a_draw() {
        let nothing = Selectors::default();
        assert_eq!(
            enabled(
                "select = [\"override\", \"cpu-over-budget\"]\n\
                 ignore = [\"needless-override\", \"parallelism\"]",
                &nothing
            ),
            ["cpu-over-budget", "heavy-override", "unreviewed-override"]
        );
        assert_eq!(
            enabled("select = [\"needless-override\"]\nignore = [\"needless-override\"]", &nothing),
            [""; 0]
        );
    }

    #[test]
    fn the_command_line_wins() {
        let arguments = Selectors {
            select: Some(located(&["needless-override", "override"])),
            ignore: located(&["heavy-override"]),
            ..Selectors::default()
        };
        assert_eq!(
            enabled("ignore = [\"needless-override\"]", &arguments),
            ["needless-override", "unreviewed-override"]
        );
        let arguments =
            Selectors { extend_select: located(&["needless-override"]), ..Selectors::default() };
        assert_eq!(
            enabled("select = [\"advice\"]\nignore = [\"ALL\"]", &arguments),
            ["needless-override", "use-mold"]
        );
    }

    #[test]
    fn unparsed_files_are_told_unless_ignored() {
        let runs = |text| {
            let nothing = Selectors::default();
            Selection::new(RULES, &config(text), &nothing).unwrap().is_enabled("syntax-error")
        };
        assert!(runs("select = [\"needless-override\"]"));
        assert!(!runs("ignore = [\"meta\"]"));
        assert!(!runs("ignore = [\"syntax-error\"]"));
    }

    #[test]
    fn severities_are_by_rule_group_and_all() {
        let mut arguments = Selectors::default();
        arguments.add_severity("parallelism = info").unwrap();
        let text = "[severity]\nheavy-override = \"error\"\noverride = \"info\"\n\
                    cpu-over-budget = \"error\"";
        let selection = Selection::new(RULES, &config(text), &arguments).unwrap();
        let severity = |rule| selection.severity(rule, Severity::Warning);
        assert_eq!(severity("heavy-override"), Severity::Error);
        assert_eq!(severity("needless-override"), Severity::Info);
        assert_eq!(severity("cpu-over-budget"), Severity::Info);
        assert_eq!(severity("use-mold"), Severity::Warning);
    }

    #[test]
    fn some_files_may_drop_findings() {
        let text = "ignore = [\"cpu-over-budget\"]\n[per-file-ignores]\n\
                    \"overlays/\" = [\"override\"]\n\"*.gen.nix\" = [\"ALL\"]";
        let selection = Selection::new(RULES, &config(text), &Selectors::default()).unwrap();
        let applies = |rule, path| selection.applies_in(rule, Path::new(path));
        assert!(!applies("heavy-override", "overlays/a.nix"));
        assert!(applies("unused-suppression", "overlays/a.nix"));
        assert!(!applies("unused-suppression", "x/y.gen.nix"));
        assert!(applies("heavy-override", "home.nix"));
        assert!(!applies("cpu-over-budget", "home.nix"));
    }

    #[test]
    fn unknown_names_name_the_nearest() {
        assert_eq!(
            error("select = [\n\"needles-override\"]"),
            "frugix.toml:2:1: unknown rule or group `needles-override`; \
             did you mean `needless-override`?"
        );
        assert_eq!(
            error("ignore = [\"overide\"]"),
            "frugix.toml:1:11: unknown rule or group `overide`; did you mean `override`?"
        );
        assert_eq!(
            error("[severity]\nall = \"info\""),
            "frugix.toml:2:1: unknown rule or group `all`; did you mean `ALL`?"
        );
        assert_eq!(
            error("[per-file-ignores]\n\"a\" = [\"zebra\"]"),
            "frugix.toml:2:8: unknown rule or group `zebra`; `frugix rules` lists them"
        );
    }

    #[test]
    fn wrong_severity_arguments_say_so() {
        let error = |text| Selectors::default().add_severity(text).unwrap_err().to_string();
        assert_eq!(error("x"), "--severity: `x` says no severity; write RULE=LEVEL");
        assert_eq!(
            error("x=high"),
            "--severity: `high` is not a severity; write `info`, `warning` or `error`"
        );
    }
}
