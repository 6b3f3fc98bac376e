//! `frugix completions` and `frugix man`: what shells and `man` know of the command line, made from
//! the command line itself.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::terminal::{Terminal, tolerate_closed};
use super::{Cli, CliError, Outcome};

/// The arguments of `frugix completions`.
#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

impl CompletionsArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "frugix", &mut script);
        print(terminal, &script)
    }
}

/// The arguments of `frugix man`.
#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// The command to describe [default: frugix as a whole]
    command: Option<String>,
}

impl ManArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let mut all = Cli::command();
        all.build();
        let described = match &self.command {
            None => all,
            Some(name) => {
                let known = || all.get_subcommands().map(clap::Command::get_name);
                let found = all.find_subcommand(name).cloned();
                found.ok_or_else(|| {
                    let names = known().collect::<Vec<_>>().join(", ");
                    CliError::Usage(format!("there is no command `{name}`; take one of {names}"))
                })?
            }
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(described).render(&mut page).map_err(CliError::Output)?;
        print(terminal, &page)
    }
}

fn print(terminal: &Terminal, text: &[u8]) -> Result<Outcome, CliError> {
    let mut out = terminal.raw_output();
    tolerate_closed(out.write_all(text).and_then(|()| out.flush())).map(|()| Outcome::Clean)
}
