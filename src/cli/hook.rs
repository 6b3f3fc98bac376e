//! `frugix hook`: a hook of git that checks what is about to be committed, for those who use no
//! framework for hooks.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::terminal::Terminal;
use super::{CliError, Outcome};
use crate::source::git::Repository;

/// What the hook runs.
const COMMAND: &str = "frugix lint --staged";
/// The line that tells our hooks from others.
const MARK: &str = "# Written by `frugix hook install`; `frugix hook uninstall` removes it.";
const NAME: &str = "pre-commit";

/// The arguments of `frugix hook`.
#[derive(Args, Debug)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Check what is staged before each commit in this repository
    Install,
    /// Take that hook away
    Uninstall,
}

impl HookArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let folder = std::env::current_dir().map_err(CliError::WorkingDirectory)?;
        let hook = Hook::of(&Repository::around(&folder)?)?;
        match self.action {
            Action::Install => hook.install(terminal),
            Action::Uninstall => hook.uninstall(terminal),
        }?;
        Ok(Outcome::Clean)
    }
}

/// The hook, where git looks for it.
struct Hook {
    path: PathBuf,
    /// What stands there, if anything does.
    text: Option<String>,
}

impl Hook {
    fn of(repository: &Repository) -> Result<Hook, CliError> {
        let path = repository.hooks_folder()?.join(NAME);
        let text = match fs::read(&path) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            // A link that leads nowhere is somebody's all the same.
            Err(_) if path.is_symlink() => Some(String::new()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(CliError::Path { path, error }),
        };
        Ok(Hook { path, text })
    }

    fn is_ours(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.lines().any(|line| line == MARK))
    }

    fn install(&self, terminal: &Terminal) -> Result<(), CliError> {
        let shown = self.path.display();
        if self.text.is_some() && !self.is_ours() {
            let message = format!(
                "{shown} is there already and stays as it is; add the line `{COMMAND}` to it"
            );
            return Err(CliError::Usage(message));
        }
        let text = format!("#!/bin/sh\n{MARK}\nexec {COMMAND}\n");
        write_executable(&self.path, &text)
            .map_err(|error| CliError::OutputFile { path: self.path.clone(), error })?;
        terminal.inform(&format!("{shown} now runs `{COMMAND}` before each commit."));
        Ok(())
    }

    fn uninstall(&self, terminal: &Terminal) -> Result<(), CliError> {
        let shown = self.path.display();
        match &self.text {
            None => {
                terminal.inform(&format!("There is no hook {shown}."));
                Ok(())
            }
            Some(_) if self.is_ours() => {
                fs::remove_file(&self.path)
                    .map_err(|error| CliError::OutputFile { path: self.path.clone(), error })?;
                terminal.inform(&format!("{shown} is removed."));
                Ok(())
            }
            Some(_) => {
                let message = format!(
                    "{shown} was not written by frugix and stays as it is; edit it by hand"
                );
                Err(CliError::Usage(message))
            }
        }
    }
}

/// Writes a file whole, or not at all, that git will run.
fn write_executable(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o755))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
