//! `frugix lint`: findings, and their fixes.

pub(super) mod fix;
mod kept;
mod known;
mod open;
mod options;
mod output;
mod run;
mod watch;

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::session::TreeArgs;
use super::terminal::Terminal;
use super::{CliError, Outcome};
use crate::config::{FailOn, Severity};

/// The arguments of `frugix lint`.
#[derive(Args, Debug)]
pub(super) struct LintArgs {
    /// Files and folders to report on, or `-` for standard input
    ///
    /// The whole tree around them is analysed; what is reported are the findings in these files,
    /// and those that a value in these files causes elsewhere.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    fixing: FixArgs,

    #[command(flatten)]
    change: ChangeArgs,

    #[command(flatten)]
    selection: SelectionArgs,

    #[command(flatten)]
    tree: TreeArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    exit: ExitArgs,
}

/// Options about fixes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Fixes")]
struct FixArgs {
    /// Write the safe fixes: same meaning, and nothing is built anew
    #[arg(long)]
    fix: bool,

    /// Take in the fixes that cost a rebuild or could change the meaning
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what --fix would write, and write nothing
    #[arg(long)]
    diff: bool,

    /// Write fixes like --fix, without reporting what remains
    #[arg(long)]
    fix_only: bool,

    /// Write a comment that ignores each finding which is left
    #[arg(long, conflicts_with_all = ["diff", "staged"])]
    add_ignores: bool,

    /// Why the findings are ignored, for these comments
    #[arg(long, value_name = "TEXT", requires = "add_ignores")]
    reason: Option<String>,

    /// Fix findings of these rules or groups only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    fixable: Vec<String>,

    /// Do not fix findings of these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    unfixable: Vec<String>,
}

/// Options that leave out what is not new.
#[derive(Args, Debug)]
#[command(next_help_heading = "Changes")]
struct ChangeArgs {
    /// Look at what would be committed now, and report on its files
    #[arg(long, conflicts_with_all = ["paths", "fix", "diff", "fix_only", "stdin_filename"])]
    staged: bool,

    /// Report only what lies in lines changed since this branch left a commit, or depends on them
    #[arg(long, value_name = "REF", conflicts_with_all = ["fix", "diff", "fix_only"])]
    since: Option<String>,

    /// Leave out the findings that this file holds, and do not fix them
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Put the findings of this run into the file of --baseline
    #[arg(long, requires = "baseline", conflicts_with = "diff")]
    write_baseline: bool,
}

/// Options that choose rules and findings. RULE is a rule, a group, or ALL.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rules")]
struct SelectionArgs {
    /// Run these rules or groups only, or ALL
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,

    /// Do not run these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Run these rules or groups as well
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    extend_select: Vec<String>,

    /// Give the findings of a rule or group another severity: info, warning or error
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',')]
    severity: Vec<String>,

    /// Leave out findings that concern other hosts only
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<String>,
}

/// Options about what is printed.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// How to print findings
    #[arg(
        long,
        visible_alias = "format",
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        env = "FRUGIX_OUTPUT_FORMAT",
        hide_env_values = true
    )]
    output_format: OutputFormat,

    /// Print the findings into this file
    #[arg(long, short, value_name = "FILE")]
    output_file: Option<PathBuf>,

    /// Print how many findings each rule has instead of the findings
    #[arg(long)]
    statistics: bool,

    /// Print the files that would be checked, and check nothing
    #[arg(long)]
    show_files: bool,

    /// Say where the time went, on standard error
    #[arg(long)]
    timings: bool,

    /// Check again whenever a file changes, until interrupted
    #[arg(long, conflicts_with_all = ["fix", "diff", "fix_only", "add_ignores", "write_baseline", "stdin_filename"])]
    watch: bool,

    /// The name that standard input goes by; its text stands in for that file
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum OutputFormat {
    /// With the source, the reasons and the fixes
    #[default]
    Full,
    /// One line a finding
    Concise,
    /// An array of objects
    Json,
    /// One object a line
    JsonLines,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Failed tests
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// Reviewdog's diagnostics
    Rdjson,
    /// A table for a comment
    Markdown,
}

/// Options about the exit code.
#[derive(Args, Debug)]
#[command(next_help_heading = "Exit code")]
struct ExitArgs {
    /// Exit with 0 even if there are findings
    #[arg(long)]
    exit_zero: bool,

    /// Exit with 1 if anything was fixed, even if nothing remains
    #[arg(long, conflicts_with = "exit_zero")]
    exit_non_zero_on_fix: bool,

    /// The least severity that makes the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOnArg>,
}

/// The values of `--fail-on`.
#[derive(Copy, Clone, Eq, PartialEq, Debug, ValueEnum)]
enum FailOnArg {
    Info,
    Warning,
    Error,
    /// Findings never do
    Never,
}

impl From<FailOnArg> for FailOn {
    fn from(arg: FailOnArg) -> FailOn {
        match arg {
            FailOnArg::Info => FailOn::AtLeast(Severity::Info),
            FailOnArg::Warning => FailOn::AtLeast(Severity::Warning),
            FailOnArg::Error => FailOn::AtLeast(Severity::Error),
            FailOnArg::Never => FailOn::Never,
        }
    }
}

impl LintArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        match self.output.watch {
            true => watch::lint(&self, terminal),
            // Taking everything apart that the process is about to give back takes time for nothing.
            false => run::lint(&self, terminal, &mut ManuallyDrop::new(kept::Kept::default())),
        }
    }
}
