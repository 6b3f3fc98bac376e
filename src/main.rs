//! The `frugix` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    frugix::cli::main()
}
