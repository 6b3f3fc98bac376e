//! `frugix lsp`: the language server.

use clap::Args;

use super::{CliError, Outcome};
use crate::lsp::{Ending, serve_stdio};

/// The arguments of `frugix lsp`.
#[derive(Args, Debug)]
pub(super) struct LspArgs {
    /// What some editors add; there is no other way to talk
    #[arg(long, hide = true)]
    stdio: bool,
}

impl LspArgs {
    pub fn run(self) -> Result<Outcome, CliError> {
        match serve_stdio()? {
            Ending::Asked => Ok(Outcome::Clean),
            Ending::Abandoned => Ok(Outcome::Abandoned),
        }
    }
}
