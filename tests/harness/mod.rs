//! What the tests of rules and fixes share: small trees with their configuration, and what must
//! hold of every finding and every fix, whichever rule it comes from.
//!
//! Nothing here stops at the first thing that is wrong: all is collected, and told at the end.

// Each test is a program of its own, and none uses all of this.
#![allow(dead_code)]

pub mod edits;
pub mod fixed;
pub mod invariants;
#[path = "../oracle/nix.rs"]
pub mod nix;
pub mod processor;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use frugix::analysis::{Analysis, Analyzer, FixOutcome, FixRequest, all_wanted};
use frugix::config::{Config, Located};
use frugix::lint::{Applicability, Diagnostic, Example, Rule, RuleMeta, Selectors};
use frugix::rules::ALL;
use frugix::source::{Discovery, FileId, Tree};

/// The configuration's name in every tree.
const CONFIG: &str = "frugix.toml";

/// The folder of this package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rule called `id`.
pub fn rule(id: &str) -> Option<&'static RuleMeta> {
    ALL.iter().map(|rule| rule.meta()).find(|meta| meta.id == id)
}

/// A tree to look at, as its owner configured it.
pub struct Case {
    /// What it is called when something is wrong with it.
    pub name: String,
    pub tree: Tree,
    pub config: Config,
    /// A rule that runs besides those that would.
    pub also: Option<&'static str>,
}

impl Case {
    /// An example of a rule's documentation.
    pub fn example(rule: &'static RuleMeta, example: &Example) -> Case {
        let name = format!("{}, example at line {}", rule.id, example.line);
        let files = example.files.iter().cloned();
        Case { also: Some(rule.id), ..Case::of_texts(name, files.collect()) }
    }

    /// A tree in memory. Its configuration is the `frugix.toml` among the files.
    pub fn of_texts(name: impl Into<String>, files: Vec<(PathBuf, String)>) -> Case {
        let root = Path::new("/tree");
        let read = |path: &Path| {
            let relative = path.strip_prefix(root).ok();
            let found = files.iter().find(|(known, _)| Some(known.as_path()) == relative);
            found.map(|(_, text)| text.clone()).ok_or(io::Error::from(io::ErrorKind::NotFound))
        };
        let is_configured = files.iter().any(|(path, _)| path == Path::new(CONFIG));
        let config = match is_configured {
            true => Config::load_with(&root.join(CONFIG), &read).expect("frugix.toml is right"),
            false => Config::default(),
        };
        Case { name: name.into(), tree: Tree::in_memory(root, files), config, also: None }
    }

    /// A folder on disk, without what the patterns of `but` leave out.
    pub fn of_folder(folder: &Path, but: &[&str]) -> Case {
        let configuration = folder.join(CONFIG);
        let config = match configuration.is_file() {
            true => Config::load(&configuration).expect("frugix.toml is right"),
            false => Config::default(),
        };
        let but = but.iter().map(|pattern| (*pattern).to_owned());
        let exclude = config.exclude.iter().cloned().chain(but).collect();
        let discovery = Discovery { exclude, ..Discovery::default() };
        let tree = Tree::open(folder, &discovery).expect("the folder is a tree");
        let shown = folder.strip_prefix(package()).unwrap_or(folder);
        Case { name: shown.display().to_string(), tree, config, also: None }
    }

    /// A new analyser, with all rules that run by default and the one that runs besides.
    pub fn analyzer(&self) -> Analyzer {
        self.analyzer_of(ALL)
    }

    fn analyzer_of(&self, rules: &'static [&'static dyn Rule]) -> Analyzer {
        let extend_select = self.also.map(|id| Located::argument("--extend-select", id));
        let selectors = Selectors {
            extend_select: extend_select.into_iter().collect(),
            ..Selectors::default()
        };
        Analyzer::new(self.config.clone(), rules, &selectors).expect("the rules exist")
    }

    /// What is found in the tree as it is.
    pub fn analyze(&self) -> Analysis {
        self.analyzer().analyze(&self.tree)
    }

    /// What fixing the tree comes to, with the fixes of one rule or of all.
    pub fn fix(&self, level: Applicability, rule: Option<&str>) -> FixOutcome {
        fix(&mut self.analyzer(), &self.tree, level, rule)
    }

    /// Where a finding begins, as `path:line`.
    pub fn place(&self, finding: &Diagnostic) -> String {
        let file = finding.span.file;
        let line = self
            .tree
            .source(file)
            .map_or(1, |source| source.position(finding.span.range.start()).line);
        format!("{}:{line}", shown(self.tree.path(file)))
    }
}

/// What fixing `tree` comes to, with the fixes of one rule or of all.
pub fn fix(
    analyzer: &mut Analyzer,
    tree: &Tree,
    level: Applicability,
    rule: Option<&str>,
) -> FixOutcome {
    let request = FixRequest {
        level,
        writable: &|_| true,
        fixable: &|id| rule.is_none_or(|wanted| wanted == id),
        wanted: &all_wanted,
    };
    analyzer.fix(tree, &request)
}

/// A path with `/`.
pub fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The text of a file that can be read.
pub fn text(tree: &Tree, file: FileId) -> String {
    tree.source(file).map(|source| source.text.to_string()).unwrap_or_default()
}

/// What is wrong, told together at the end.
#[derive(Default)]
pub struct Problems(Vec<String>);

impl Problems {
    pub fn add(&mut self, place: impl Display, problem: impl Display) {
        self.0.push(format!("{place}: {problem}"));
    }

    /// Adds the problem unless `holds`.
    pub fn unless(&mut self, holds: bool, place: impl Display, problem: impl Display) {
        if !holds {
            self.add(place, problem);
        }
    }

    /// Fails the test if there is anything.
    pub fn tell(self) {
        assert!(self.0.is_empty(), "{} problems:\n\n{}\n", self.0.len(), self.0.join("\n\n"));
    }
}
