//! The terminal's face of the library: one file a command, and what commands share.
//!
//! A command is a struct of arguments with a `run`; to add one, write its file and give it a
//! variant of [`Command`]. No command analyses anything itself: all drive
//! [`Analyzer`](crate::analysis::Analyzer).

mod audit;
mod budget;
mod completions;
mod config;
mod error;
mod explain;
mod hook;
mod init;
mod lint;
mod lsp;
mod panics;
mod progress;
mod rules;
mod schema;
mod session;
mod targets;
mod terminal;
mod trace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;
use terminal::{ColorArg, Terminal, Verbosity};

const LONG_ABOUT: &str = "\
Finds what will be compiled although a binary cache has it, what does not fit the machine, and \
what does nothing, in NixOS and home-manager configurations – before anything is built – and \
writes the fix.

Exit codes: 0 nothing found, 1 findings, 2 a mistake on the command line or in the \
configuration, or a fault of frugix itself.";

/// The whole command line.
#[derive(Parser, Debug)]
#[command(
    name = "frugix",
    version,
    about = "A linter and rewriter for NixOS and home-manager configurations",
    long_about = LONG_ABOUT,
    max_term_width = 100,
    propagate_version = true,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// When to colour the output [default: on a terminal, unless NO_COLOR is set]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        hide_default_value = true,
        help_heading = "Output"
    )]
    color: ColorArg,

    /// Print findings only: no summary, no progress
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,

    /// Also say which tree, configuration and files are looked at
    #[arg(long, short, global = true, help_heading = "Output")]
    verbose: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Report what a configuration costs for nothing, and fix it
    #[command(visible_alias = "check")]
    Lint(Box<lint::LintArgs>),
    /// Show what a host may build at once, and whether it has room for that
    Budget(Box<budget::BudgetArgs>),
    /// List every override and local build, with its cost and what to do about it
    Audit(Box<audit::AuditArgs>),
    /// List every rule
    Rules(rules::RulesArgs),
    /// Print a rule's documentation
    Explain(explain::ExplainArgs),
    /// Tell what the value at a place is, where it comes from and who uses it
    Trace(trace::TraceArgs),
    /// Write a first frugix.toml for this tree
    Init(init::InitArgs),
    /// Print the settings that are in force, and what says so
    Config(config::ConfigArgs),
    /// Print the JSON schema of frugix.toml
    Schema(schema::SchemaArgs),
    /// Let git check what is staged before each commit
    Hook(hook::HookArgs),
    /// Print the completions for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page, of frugix or of one command
    Man(completions::ManArgs),
    /// Serve an editor over standard input and output, by the language server protocol
    Lsp(lsp::LspArgs),
}

/// How a command ended, when nothing went wrong with the command itself.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum Outcome {
    /// Nothing to act on.
    Clean,
    /// Something the caller asked to be told of.
    Findings,
    /// The caller went away before all was done.
    Abandoned,
}

/// Runs the command line the process was started with; the answer is the process's exit code.
pub fn main() -> ExitCode {
    panics::install();
    // A mistake in the arguments ends the process here, with exit code 2.
    let cli = Cli::parse();
    let verbosity = match (cli.quiet, cli.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let terminal = Terminal::new(cli.color, verbosity);
    let run = || match cli.command {
        Command::Lint(args) => args.run(&terminal),
        Command::Budget(args) => args.run(&terminal),
        Command::Audit(args) => args.run(&terminal),
        Command::Rules(args) => args.run(&terminal),
        Command::Explain(args) => args.run(&terminal),
        Command::Trace(args) => args.run(&terminal),
        Command::Init(args) => args.run(&terminal),
        Command::Config(args) => args.run(&terminal),
        Command::Schema(args) => args.run(&terminal),
        Command::Hook(args) => args.run(&terminal),
        Command::Completions(args) => args.run(&terminal),
        Command::Man(args) => args.run(&terminal),
        Command::Lsp(args) => args.run(),
    };
    match panics::catch(run) {
        Some(Ok(Outcome::Clean)) => ExitCode::SUCCESS,
        Some(Ok(Outcome::Findings | Outcome::Abandoned)) => ExitCode::from(1),
        Some(Err(error)) => {
            terminal.error(&error);
            ExitCode::from(2)
        }
        None => ExitCode::from(2),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
