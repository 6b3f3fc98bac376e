//! `frugix budget`: what a host may build at once, and whether it has room for that.

mod json;
mod page;
mod report;
mod this_machine;
mod what_if;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::session::{Origin, Session, TreeArgs};
use super::targets::Targets;
use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::analysis::texts_with;
use crate::budget::Parallelism;
use crate::facts::Facts;
use crate::lint::{Applicability, Rule, Selectors};
use crate::report::DisplayPaths;
use crate::rules::parallelism::{CpuOverBudget, fix_to};
use report::Report;

/// The arguments of `frugix budget`.
#[derive(Args, Debug)]
pub(super) struct BudgetArgs {
    /// A file or folder of the configuration
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// The host, by its name in frugix.toml, or `local` for this machine
    /// [default: every host; this machine, if there is none]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    /// What if max-jobs were N
    #[arg(long, value_name = "N", help_heading = "What if")]
    max_jobs: Option<u64>,

    /// What if cores were N; 0 is every thread
    #[arg(long, value_name = "N", help_heading = "What if")]
    cores: Option<u64>,

    /// What if this value of the host's profile, or this option, were another, such as
    /// `build.parallelism.maxJobs=3`
    #[arg(long, value_name = "PATH=VALUE", help_heading = "What if")]
    set: Vec<String>,

    /// Write the best suggestion where the numbers are defined
    #[arg(long, conflicts_with_all = ["max_jobs", "cores", "set"])]
    apply: bool,

    /// Also where that builds packages again
    #[arg(long, requires = "apply")]
    unsafe_fixes: bool,

    /// How to print it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PageFormat,

    #[command(flatten)]
    tree: TreeArgs,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum PageFormat {
    /// A page for people
    #[default]
    Text,
    /// An object
    Json,
}

impl BudgetArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let working_directory = std::env::current_dir()
            .and_then(|directory| directory.canonicalize())
            .map_err(CliError::WorkingDirectory)?;
        let paths = DisplayPaths::new(working_directory);
        self.tree.on_workers(|| self.go(terminal, &paths))
    }

    fn go(&self, terminal: &Terminal, paths: &DisplayPaths) -> Result<Outcome, CliError> {
        let groups = Targets::group(std::slice::from_ref(&self.path), self.tree.root.as_deref())?;
        let targets = groups.first().ok_or_else(|| CliError::Usage("name a path".to_owned()))?;
        let mut session = self.tree.open(terminal, targets, Origin::Disk, &Selectors::default())?;
        self.choose_hosts(terminal, &mut session)?;
        let mut facts = survey(&mut session)?;
        if !self.set.is_empty() {
            session.tree = what_if::tree_with(&session, &facts, &self.set)?;
            facts = survey(&mut session)?;
        }
        let mut reports = self.reports(&session, &facts);
        if reports.is_empty() {
            let message = "no host has known threads; write `threads = 8` in its [host.NAME]";
            return Err(CliError::Usage(message.to_owned()));
        }
        if self.apply {
            self.apply_best(terminal, &session, &facts, &reports, paths)?;
            session = self.tree.open(terminal, targets, Origin::Disk, &Selectors::default())?;
            self.choose_hosts(terminal, &mut session)?;
            facts = survey(&mut session)?;
            reports = self.reports(&session, &facts);
        }
        let written = match (self.format, reports.as_slice()) {
            (PageFormat::Text, reports) => {
                let mut out = terminal.styled_output();
                page::write(&mut out, reports, &session.tree, paths)
            }
            (PageFormat::Json, [report]) => {
                json::write(&mut terminal.raw_output(), report, &session.tree)
            }
            (PageFormat::Json, _) => {
                let message = "--format json is of one host; choose it with --host NAME";
                return Err(CliError::Usage(message.to_owned()));
            }
        };
        tolerate_closed(written)?;
        let fits = reports.iter().all(Report::fits);
        Ok(if fits { Outcome::Clean } else { Outcome::Findings })
    }

    /// A report for each host that was asked for.
    fn reports(&self, session: &Session, facts: &Facts) -> Vec<Report> {
        let what_if = report::WhatIf { max_jobs: self.max_jobs, cores: self.cores };
        let mut reports = Report::all(session, facts, what_if);
        if let Some(name) = self.host.as_deref().filter(|name| *name != "local") {
            reports.retain(|report| report.host.name == name);
        }
        reports
    }

    /// Sees to it that there is a host to speak of, the one that was asked for among them.
    fn choose_hosts(&self, terminal: &Terminal, session: &mut Session) -> Result<(), CliError> {
        let hosts = &mut session.config.hosts;
        match self.host.as_deref() {
            Some("local") => {
                hosts.clear();
                hosts.extend([this_machine::read()]);
            }
            Some(name) => {
                let known: Vec<String> = hosts.keys().cloned().collect();
                if !hosts.contains_key(name) {
                    let known = match known.as_slice() {
                        [] => "frugix.toml has no [host.NAME]".to_owned(),
                        known => format!("known are {}", known.join(", ")),
                    };
                    let message = format!("there is no host `{name}`; {known}");
                    return Err(CliError::Usage(message));
                }
            }
            None if hosts.is_empty() => {
                let (name, host) = this_machine::read();
                terminal.inform(&format!(
                    "No [host.NAME] in frugix.toml: this machine, {name}, is taken."
                ));
                hosts.insert(name, host);
            }
            None => {}
        }
        Ok(())
    }

    /// Writes the best suggestion of each host that has one.
    fn apply_best(
        &self,
        terminal: &Terminal,
        session: &Session,
        facts: &Facts,
        reports: &[Report],
        paths: &DisplayPaths,
    ) -> Result<(), CliError> {
        for report in reports {
            let Some(best) = report.suggestions.first() else {
                terminal.inform(&format!("Nothing to suggest for {}.", report.host.name));
                continue;
            };
            let Parallelism { jobs, cores } = best.parallelism;
            let what = format!("max-jobs {jobs} and cores {cores} for {}", report.host.name);
            let pair = report.judged();
            let fix = fix_to(pair, &report.host, best.parallelism, facts, &session.tree);
            let Some(fix) = fix else {
                let message = format!("{what}: the numbers are not literals; write them by hand");
                return Err(CliError::Usage(message));
            };
            if fix.applicability != Applicability::Safe && !self.unsafe_fixes {
                let why = fix.why.unwrap_or_default();
                let message = format!("{what} is left: {why}; add --unsafe-fixes if that is right");
                return Err(CliError::Usage(message));
            }
            let title = fix.title.clone();
            let changed = texts_with(&session.tree, CpuOverBudget.meta(), fix)
                .map_err(|failure| CliError::NotWritten(format!("{what}: {}", failure.reason)))?;
            for (file, text) in changed {
                let name = paths.name(&session.tree, file);
                session.tree.write(file, &text).map_err(|error| {
                    CliError::NotWritten(format!("{name} is not written: {error}; {what}"))
                })?;
                terminal.inform(&format!("{title} in {name}."));
            }
        }
        Ok(())
    }
}

fn survey(session: &mut Session) -> Result<Facts, CliError> {
    session.analyzer.survey(&session.tree).map_err(|fault| CliError::Usage(fault.to_string()))
}
