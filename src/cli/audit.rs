//! `frugix audit`: every override and every package that the tree makes Nix build, with its cost.

mod fixing;
mod json;
mod page;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::session::{Origin, TreeArgs};
use super::targets::Targets;
use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::budget::audit::{Audit, DryRun, Verdict};
use crate::lint::Selectors;
use crate::report::DisplayPaths;

const LONG_HELP: &str = "\
With --dry-run-log, what Nix says stands beside what is expected:

    nix build --dry-run .#nixosConfigurations.HOST.config.system.build.toplevel 2>&1 |
      frugix audit --dry-run-log -

Exit codes: 0 nothing to remove, move or review, 1 something is, 2 a mistake on the command line or \
in the configuration, or a fault of frugix itself.";

/// The arguments of `frugix audit`.
#[derive(Args, Debug)]
#[command(after_long_help = LONG_HELP)]
pub(super) struct AuditArgs {
    /// A file or folder of the configuration
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// Only rows of this verdict
    #[arg(long, value_enum, value_name = "VERDICT")]
    only: Vec<VerdictArg>,

    /// What `nix build --dry-run` printed, `-` for standard input: mark what is really built or fetched
    #[arg(long, value_name = "FILE")]
    dry_run_log: Option<PathBuf>,

    /// Write the safe fixes of what is listed
    #[arg(long)]
    fix: bool,

    /// How to print it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: AuditFormat,

    #[command(flatten)]
    tree: TreeArgs,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum AuditFormat {
    /// A page for people
    #[default]
    Text,
    /// An object
    Json,
    /// Tables for a review
    Markdown,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, ValueEnum)]
enum VerdictArg {
    Remove,
    Move,
    Review,
    Keep,
}

impl VerdictArg {
    fn verdict(self) -> Verdict {
        match self {
            VerdictArg::Remove => Verdict::Remove,
            VerdictArg::Move => Verdict::Move,
            VerdictArg::Review => Verdict::Review,
            VerdictArg::Keep => Verdict::Keep,
        }
    }
}

impl AuditArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let working_directory = std::env::current_dir()
            .and_then(|directory| directory.canonicalize())
            .map_err(CliError::WorkingDirectory)?;
        let paths = DisplayPaths::new(working_directory);
        self.tree.on_workers(|| self.go(terminal, &paths))
    }

    fn go(&self, terminal: &Terminal, paths: &DisplayPaths) -> Result<Outcome, CliError> {
        let dry_run = self.dry_run_log.as_deref().map(read_dry_run).transpose()?;
        let groups = Targets::group(std::slice::from_ref(&self.path), self.tree.root.as_deref())?;
        let targets = groups.first().ok_or_else(|| CliError::Usage("name a path".to_owned()))?;
        let open = || self.tree.open(terminal, targets, Origin::Disk, &Selectors::default());
        let mut session = open()?;
        if self.fix {
            fixing::apply(terminal, &mut session, open()?.analyzer, paths)?;
            session = open()?;
        }
        let facts = session.analyzer.survey(&session.tree);
        let facts = facts.map_err(|fault| CliError::Usage(fault.to_string()))?;
        session.tell_unread(terminal, paths);
        let knowledge = &*session.analyzer.knowledge();
        let mut audit = Audit::new(&session.tree, knowledge, &session.config, &facts);
        if let Some(dry_run) = &dry_run {
            audit.compare(dry_run);
        }
        let is_shown = |verdict: Verdict| {
            self.only.is_empty() || self.only.iter().any(|only| only.verdict() == verdict)
        };
        audit.rows.retain(|row| session.scope.includes(row.place.file));
        let page = page::Page {
            audit: &audit,
            dry_run: dry_run.as_ref(),
            tree: &session.tree,
            paths,
            is_shown: &is_shown,
        };
        let written = match self.format {
            AuditFormat::Text => page.write_text(&mut terminal.styled_output()),
            AuditFormat::Markdown => page.write_markdown(&mut terminal.raw_output()),
            AuditFormat::Json => {
                let mut out = terminal.raw_output();
                json::write(&mut out, &page).and_then(|()| out.flush())
            }
        };
        tolerate_closed(written)?;
        let is_clean = page.shown().all(|row| row.verdict == Verdict::Keep);
        Ok(if is_clean { Outcome::Clean } else { Outcome::Findings })
    }
}

fn read_dry_run(path: &Path) -> Result<DryRun, CliError> {
    let text = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = text.map_err(|error| CliError::Path { path: path.to_path_buf(), error })?;
    Ok(DryRun::parse(&String::from_utf8_lossy(&bytes)))
}
