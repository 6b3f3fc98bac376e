//! From the options of `frugix lint` to what they ask of the analysis.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{CliError, FixArgs, LintArgs, SelectionArgs};
use crate::cli::session::StandIn;
use crate::config::Located;
use crate::lint::{Applicability, Diagnostic, RuleMeta, Selectors, named_rules};
use crate::rules::ALL;

const STANDARD_INPUT: &str = "-";
/// What standard input goes by when nobody says.
const UNNAMED: &str = "stdin.nix";
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What to do with findings.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Mode {
    /// Report them.
    Report,
    /// Show what fixing them would write.
    Diff,
    /// Fix them, and report what remains if asked to.
    Fix { report: bool },
}

impl FixArgs {
    pub fn mode(&self) -> Mode {
        if self.diff {
            Mode::Diff
        } else if self.fix || self.fix_only {
            Mode::Fix { report: !self.fix_only }
        } else {
            Mode::Report
        }
    }

    /// The least trusted kind of fix that is applied.
    pub fn level(&self) -> Applicability {
        if self.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe }
    }

    /// The rules whose findings may be fixed.
    pub fn fixable_rules(&self) -> Result<BTreeSet<&'static str>, CliError> {
        let metas: Vec<&'static RuleMeta> = ALL.iter().map(|rule| rule.meta()).collect();
        let mut rules = match self.fixable.as_slice() {
            [] => metas.iter().map(|meta| meta.id).collect(),
            names => named_rules(&metas, &located("--fixable", names))?,
        };
        for rule in named_rules(&metas, &located("--unfixable", &self.unfixable))? {
            rules.remove(rule);
        }
        Ok(rules)
    }
}

impl SelectionArgs {
    /// The rules that were asked for.
    pub fn selectors(&self) -> Result<Selectors, CliError> {
        let select = (!self.select.is_empty()).then(|| located("--select", &self.select));
        let mut selectors = Selectors {
            select,
            ignore: located("--ignore", &self.ignore),
            extend_select: located("--extend-select", &self.extend_select),
            severity: Vec::new(),
        };
        for assignment in &self.severity {
            selectors.add_severity(assignment)?;
        }
        Ok(selectors)
    }

    /// Whether the finding is about one of the hosts asked for, or about all.
    pub fn wants(&self, diagnostic: &Diagnostic) -> bool {
        self.host.is_empty()
            || diagnostic.hosts.is_empty()
            || diagnostic.hosts.iter().any(|host| self.host.contains(host))
    }
}

fn located(option: &str, names: &[String]) -> Vec<Located<String>> {
    names.iter().map(|name| Located::argument(option, name.trim())).collect()
}

/// What is looked at.
pub(super) struct Input {
    pub paths: Vec<PathBuf>,
    pub stdin: Option<Stdin>,
}

/// Standard input.
pub(super) struct Stdin {
    pub stand_in: StandIn,
    /// What the text began with and must be given back with.
    pub mark: &'static str,
}

impl LintArgs {
    /// The paths, and the text if it comes from standard input.
    pub(super) fn input(&self) -> Result<Input, CliError> {
        let is_stdin = |path: &PathBuf| path == Path::new(STANDARD_INPUT);
        let name = self.output.stdin_filename.as_ref();
        let wanted = self.paths.iter().any(is_stdin) || (self.paths.is_empty() && name.is_some());
        if !wanted && name.is_some() {
            let message = "--stdin-filename names standard input; pass `-` instead of paths";
            return Err(CliError::Usage(message.to_owned()));
        }
        if wanted && self.paths.len() > 1 {
            let message = "`-` is standard input and stands alone; take the other paths out";
            return Err(CliError::Usage(message.to_owned()));
        }
        if wanted {
            let path = name.map_or_else(|| PathBuf::from(UNNAMED), PathBuf::clone);
            return Ok(Input { paths: Vec::new(), stdin: Some(read_stdin(path)?) });
        }
        let paths = match self.paths.as_slice() {
            [] => vec![PathBuf::from(".")],
            paths => paths.to_vec(),
        };
        Ok(Input { paths, stdin: None })
    }
}

fn read_stdin(path: PathBuf) -> Result<Stdin, CliError> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(CliError::Input)?;
    let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK, rest.to_owned()),
        None => ("", text),
    };
    Ok(Stdin { stand_in: StandIn { path, text }, mark })
}
