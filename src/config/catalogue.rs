//! Every setting of `frugix.toml`: the keys that lead to it, what may stand there, what holds where
//! nothing is said, and what it is for.
//!
//! Reading (`schema`) is written out by hand, so that each error says what to write; this is what
//! everything else is made from: the JSON schema, the list of effective settings, the settings of
//! editors. The tests hold the two against each other.

use super::Severity;

/// Stands in a path for a name that the user chooses.
pub const ANY: &str = "*";

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The keys that lead to it, with dots between them; [`ANY`] for one that the user chooses.
    pub path: &'static str,
    /// What may stand there.
    pub shape: Shape,
    /// What holds where nothing is said.
    pub unsaid: Unsaid,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Any text: a path, a name.
    Text,
    /// A range of versions.
    Versions,
    /// A list of rules, groups, or `ALL`.
    Rules,
    /// A severity.
    Severity,
    /// A severity, or `never`.
    FailOn,
    /// A list of lines of a `.gitignore`.
    Patterns,
    /// A list of any texts.
    Names,
    /// An amount of memory; whether it may be none.
    Memory {
        /// `"0B"` has a meaning.
        or_none: bool,
    },
    /// A length of time.
    Time,
    /// A whole number of at least that many.
    Count(u32),
    /// A number above zero.
    Factor,
    /// Hours: one number, or the least and the most.
    Hours,
    /// True or false.
    Flag,
    /// Tables, of which no more is told here.
    Tables,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// What holds where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unsaid {
    /// As if this value were written, in TOML.
    Value(&'static str),
    /// Something that no value says, as the rest of a sentence.
    Means(&'static str),
}

/// A table that settings stand in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Table {
    /// The keys that lead to it, as in [`Setting::path`].
    pub path: &'static str,
    /// What the keys in it are.
    pub keys: Keys,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

/// What the keys of a table are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keys {
    /// Those of its settings.
    Fixed,
    /// Names that the user chooses.
    Names,
    /// Rules and groups.
    Rules,
    /// Lines of a `.gitignore`.
    Patterns,
}

const fn setting(path: &'static str, shape: Shape, unsaid: Unsaid, about: &'static str) -> Setting {
    Setting { path, shape, unsaid, about }
}

const fn table(path: &'static str, keys: Keys, about: &'static str) -> Table {
    Table { path, keys, about }
}

use Unsaid::{Means, Value};

const EMPTY: Unsaid = Value("[]");
const FROM_TREE: Unsaid = Means("what the tree tells, or else unknown");
const FROM_TABLES: Unsaid = Means("what frugix knows of the package");

/// Every setting, in the order they are shown in.
pub const SETTINGS: &[Setting] = &[
    setting(
        "extend",
        Shape::Text,
        Means("no other file"),
        "Another file, whose settings this one overrides; relative to this file.",
    ),
    setting(
        "required-version",
        Shape::Versions,
        Means("any version"),
        "Refuse to run with other versions of frugix.",
    ),
    setting(
        "select",
        Shape::Rules,
        Means("the rules that run by default"),
        "The rules and groups to run, in place of those that run by default.",
    ),
    setting("extend-select", Shape::Rules, EMPTY, "Rules and groups to run besides."),
    setting("ignore", Shape::Rules, EMPTY, "Rules and groups not to run."),
    setting(
        "exclude",
        Shape::Patterns,
        EMPTY,
        "What is left out of the tree, as in a .gitignore at its root.",
    ),
    setting(
        "max-file-size",
        Shape::Memory { or_none: true },
        Value("\"1MiB\""),
        "Longer files are reported and not read; 64 MiB at most.",
    ),
    setting(
        "max-nesting",
        Shape::Count(1),
        Value("400"),
        "Files with more brackets inside each other are reported and not read; 500 at most.",
    ),
    setting(
        "max-chain",
        Shape::Count(1),
        Value("2000"),
        "Files with longer chains of operators and arguments are reported and not read; 10000 at most.",
    ),
    setting(
        "fail-on",
        Shape::FailOn,
        Value("\"warning\""),
        "The least severity that makes the exit code 1.",
    ),
    setting(
        "severity.*",
        Shape::Severity,
        Means("the rule's own"),
        "How much its findings matter.",
    ),
    setting(
        "per-file-ignores.*",
        Shape::Rules,
        EMPTY,
        "Rules and groups that do not matter there.",
    ),
    setting(
        "evaluation.max-steps",
        Shape::Count(1),
        Value("2000000"),
        "Expressions evaluated for one question; 20000000 at most.",
    ),
    setting(
        "evaluation.max-depth",
        Shape::Count(1),
        Value("600"),
        "Values evaluated inside each other; 1000 at most.",
    ),
    setting(
        "evaluation.max-values",
        Shape::Count(1),
        Value("2000000"),
        "Values remembered of one configuration, and ten times those of a file by itself; \
         10000000 at most.",
    ),
    setting(
        "evaluation.max-elements",
        Shape::Count(1),
        Value("200000"),
        "Elements of a list; 2000000 at most.",
    ),
    setting(
        "evaluation.max-text",
        Shape::Memory { or_none: false },
        Value("\"4MiB\""),
        "The length of a string that is computed; 16 MiB at most.",
    ),
    setting(
        "evaluation.max-definitions",
        Shape::Count(1),
        Value("20000"),
        "Option definitions looked at in one module, or outputs of one flake; 200000 at most.",
    ),
    setting("host.*.threads", Shape::Count(1), FROM_TREE, "Its hardware threads."),
    setting("host.*.memory", Shape::Memory { or_none: false }, FROM_TREE, "Its main memory."),
    setting(
        "host.*.zram",
        Shape::Memory { or_none: true },
        FROM_TREE,
        "Its compressed swap in memory, before compression.",
    ),
    setting(
        "host.*.reserve.threads",
        Shape::Count(0),
        Means("budget.reserve-threads"),
        "Threads that builds leave alone on it.",
    ),
    setting(
        "host.*.reserve.memory",
        Shape::Memory { or_none: true },
        Means("budget.reserve-memory"),
        "Memory that builds leave alone on it.",
    ),
    setting(
        "host.*.profile",
        Shape::Text,
        Means("the profile that bears the host's name"),
        "The file that describes its hardware; relative to this file.",
    ),
    setting(
        "budget.tolerance",
        Shape::Factor,
        Value("1.5"),
        "How many times the threads of a host max-jobs × cores may reach.",
    ),
    setting(
        "budget.reserve-threads",
        Shape::Count(0),
        Value("2"),
        "Threads that builds leave alone on every host.",
    ),
    setting(
        "budget.reserve-memory",
        Shape::Memory { or_none: true },
        Value("\"2GiB\""),
        "Memory that builds leave alone on every host.",
    ),
    setting(
        "budget.package-memory",
        Shape::Memory { or_none: false },
        Means("all the memory of a host but its reserve"),
        "The most memory that a single build should take.",
    ),
    setting(
        "timeouts.require",
        Shape::Word(&["auto", "none", "heavy", "all"]),
        Value("\"auto\""),
        "Who must have a timeout: none, heavy (more than an hour), all (whatever is compiled), or \
         auto: all, where any package has one or this table exists.",
    ),
    setting(
        "timeouts.style",
        Shape::Word(&["meta", "attr+meta"]),
        Value("\"meta\""),
        "Where it stands: \"attr+meta\" also asks for an attribute that Nix does not read.",
    ),
    setting(
        "timeouts.default",
        Shape::Time,
        Means("nothing: they get no timeout by a fix"),
        "The timeout of packages that no table knows.",
    ),
    setting(
        "browsers.forbid-overrides",
        Shape::Flag,
        Value("false"),
        "Make even a cheap override of a browser a warning.",
    ),
    setting(
        "overrides.keep",
        Shape::Names,
        Means("nobody went through them: none is reported as not reviewed"),
        "The packages whose overrides are wanted. With this list, every other override is to be \
         reviewed.",
    ),
    setting("packages.*.timeout", Shape::Time, FROM_TABLES, "How long its build may take."),
    setting(
        "packages.*.memory-per-process",
        Shape::Memory { or_none: false },
        FROM_TABLES,
        "What one process of its build takes on average.",
    ),
    setting(
        "packages.*.processes",
        Shape::Count(1),
        FROM_TABLES,
        "How many processes its build runs at once, whatever the settings say.",
    ),
    setting(
        "packages.*.peak",
        Shape::Memory { or_none: false },
        FROM_TABLES,
        "The most memory its build takes, whatever it runs.",
    ),
    setting("packages.*.hours", Shape::Hours, FROM_TABLES, "How many hours its build takes."),
    setting(
        "knowledge",
        Shape::Tables,
        Means("what frugix knows by itself"),
        "Rows that are added to the tables of knowledge, that correct them, and names to forget: \
         [knowledge.FILE] has the shape of rules/knowledge/FILE.toml.",
    ),
];

/// Every table, the outer ones before those in them.
pub const TABLES: &[Table] = &[
    table("", Keys::Fixed, "The configuration of frugix."),
    table("severity", Keys::Rules, "Severities by rule or group, where they differ from its own."),
    table(
        "per-file-ignores",
        Keys::Patterns,
        "Rules and groups that do not matter in some files, by lines of a .gitignore.",
    ),
    table("evaluation", Keys::Fixed, "How far evaluation goes before it is given up."),
    table("host", Keys::Names, "The machines that build, by host name."),
    table("host.*", Keys::Fixed, "A machine that builds. What is not said is taken from the tree."),
    table("host.*.reserve", Keys::Fixed, "What builds leave alone, if not what [budget] says."),
    table("budget", Keys::Fixed, "What may run together."),
    table("timeouts", Keys::Fixed, "The policy on timeouts of builds."),
    table("browsers", Keys::Fixed, "What is asked of browsers."),
    table("overrides", Keys::Fixed, "What is known about overrides."),
    table("packages", Keys::Names, "What is known about packages, by name."),
    table("packages.*", Keys::Fixed, "What is known about the build of a package."),
];

/// The setting at `path`.
pub fn setting_at(path: &[impl AsRef<str>]) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| leads_to(setting.path, path))
}

/// Whether `path` is one of those that `pattern` stands for.
fn leads_to(pattern: &str, path: &[impl AsRef<str>]) -> bool {
    let keys: Vec<&str> = pattern.split('.').collect();
    let fits = |(key, given): (&&str, &str)| *key == ANY || *key == given;
    keys.len() == path.len() && keys.iter().zip(path.iter().map(AsRef::as_ref)).all(fits)
}

/// The words for severities.
pub(super) fn severities() -> Vec<&'static str> {
    Severity::ALL.into_iter().map(Severity::name).collect()
}
