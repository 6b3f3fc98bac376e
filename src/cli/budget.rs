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
use crate::budget::{Budget, Demand, Host, Parallelism, Plan};
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
        let mut facts = survey(&mut session)?;
        session.tell_unread(terminal, paths);
        let this = self.choose_hosts(terminal, &mut session, &facts)?;
        let this = this.as_deref();
        if !self.set.is_empty() {
            session.tree = what_if::tree_with(&session, &facts, &self.set)?;
            facts = survey(&mut session)?;
        }
        let mut reports = self.reports(&session, &facts, this);
        if reports.is_empty() {
            let message = "there is no host to speak of; write a [host.NAME] in frugix.toml";
            return Err(CliError::Usage(message.to_owned()));
        }
        if self.apply {
            let hosts: Vec<(String, usize)> = (reports.iter())
                .map(|report| (report.host.name.clone(), report.pairs.len()))
                .collect();
            for (host, pairs) in hosts {
                // What is written for one may stand in the file of another, and move it.
                for written in 0..pairs {
                    let Some(report) = reports.iter().find(|report| report.host.name == host)
                    else {
                        break;
                    };
                    let Some(best) = report.suggestions.first() else {
                        if written == 0 {
                            terminal.inform(&format!("Nothing to suggest for {host}."));
                        }
                        break;
                    };
                    self.apply_suggestion(terminal, &session, &facts, report, best, paths)?;
                    let selected = Selectors::default();
                    session = self.tree.open(terminal, targets, Origin::Disk, &selected)?;
                    facts = survey(&mut session)?;
                    self.choose_hosts(terminal, &mut session, &facts)?;
                    reports = self.reports(&session, &facts, this);
                }
            }
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

    /// A report for each host that was asked for; without being asked, for each that
    /// `frugix.toml` has, else for each that something is known of.
    fn reports(&self, session: &Session, facts: &Facts, this: Option<&str>) -> Vec<Report> {
        let what_if = report::WhatIf { max_jobs: self.max_jobs, cores: self.cores };
        let mut reports = Report::all(session, facts, what_if);
        for report in &mut reports {
            report.is_this_machine = this == Some(report.host.name.as_str());
        }
        match (self.host.as_deref(), this) {
            (_, Some(this)) => reports.retain(|report| report.host.name == this),
            (Some(name), None) => reports.retain(|report| report.host.name == name),
            (None, None) if reports.iter().any(|report| report.host.is_configured) => {
                reports.retain(|report| report.host.is_configured);
            }
            (None, None) => reports.retain(|report| is_known(&report.host, facts)),
        }
        reports
    }

    /// Sees to it that there is a host to speak of, the one that was asked for among them. Gives this
    /// machine's name where it is taken.
    fn choose_hosts(
        &self,
        terminal: &Terminal,
        session: &mut Session,
        facts: &Facts,
    ) -> Result<Option<String>, CliError> {
        let hosts = Budget::new(&session.tree, &session.config, facts).hosts;
        match self.host.as_deref() {
            Some("local") => return Ok(Some(take_this_machine(session))),
            Some(name) if hosts.iter().any(|host| host.name == name) => {}
            Some(name) => {
                let known: Vec<&str> = hosts.iter().map(|host| &*host.name).collect();
                let known = match known.as_slice() {
                    [] => "frugix.toml has no [host.NAME]".to_owned(),
                    known => format!("known are {}", known.join(", ")),
                };
                let message = format!("there is no host `{name}`; {known}");
                return Err(CliError::Usage(message));
            }
            None => {
                let is_unknown = |host: &&Host| !host.is_configured && !is_known(host, facts);
                let unknown: Vec<&str> =
                    hosts.iter().filter(is_unknown).map(|host| &*host.name).collect();
                if let ([first, ..], true) = (unknown.as_slice(), session.config.hosts.is_empty()) {
                    terminal.inform(&format!(
                        "Nothing tells what {} has: write `threads = 8` and `memory = \"16GiB\"`, \
                         with its own numbers, below [host.{first}] in frugix.toml.",
                        unknown.join(", "),
                    ));
                }
                if unknown.len() == hosts.len() {
                    let this = take_this_machine(session);
                    terminal.inform(&format!(
                        "No [host.NAME] in frugix.toml: this machine, {this}, is taken."
                    ));
                    return Ok(Some(this));
                }
            }
        }
        Ok(None)
    }

    /// Writes `plan` where the numbers of the pair are defined that takes the most on a host.
    fn apply_suggestion(
        &self,
        terminal: &Terminal,
        session: &Session,
        facts: &Facts,
        report: &Report,
        plan: &Plan,
        paths: &DisplayPaths,
    ) -> Result<(), CliError> {
        let Parallelism { jobs, cores } = plan.parallelism;
        let what = format!("max-jobs {jobs} and cores {cores} for {}", report.host.name);
        let fix = fix_to(report.judged(), &report.host, plan.parallelism, facts, &session.tree);
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
        Ok(())
    }
}

/// Whether anything tells what `host` has for builds.
fn is_known(host: &Host, facts: &Facts) -> bool {
    host.threads.is_some() || Demand::limit_of(host, facts).is_some()
}

/// Makes this machine the only host that is configured, and gives its name.
fn take_this_machine(session: &mut Session) -> String {
    let (name, host) = this_machine::read();
    session.config.hosts.clear();
    session.config.hosts.insert(name.clone(), host);
    name
}

fn survey(session: &mut Session) -> Result<Facts, CliError> {
    session.analyzer.survey(&session.tree).map_err(|fault| CliError::Usage(fault.to_string()))
}
