//! `frugix init`: a first `frugix.toml` for the tree it finds itself in.

mod draft;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::session::{Origin, TreeArgs};
use super::targets::Targets;
use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::config::is_config;

const NAME: &str = "frugix.toml";

/// The arguments of `frugix init`.
#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// A file or folder of the configuration
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// Print it, and write nothing
    #[arg(long)]
    stdout: bool,

    /// The folder that is looked at as a whole, and that the file is written into
    /// [default: the git repository, else the topmost flake.nix's]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl InitArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let groups = Targets::group(std::slice::from_ref(&self.path), self.root.as_deref())?;
        let targets = groups.first().ok_or_else(|| CliError::Usage("name a path".to_owned()))?;
        if !self.stdout {
            refuse_second(&targets.root)?;
        }
        // What the tree says is wanted, not what a file says of it.
        let tree = TreeArgs { isolated: true, ..TreeArgs::default() };
        let text = tree.on_workers(|| {
            let mut session = tree.open(terminal, targets, Origin::Disk, &Default::default())?;
            let facts = session.analyzer.survey(&session.tree);
            let facts = facts.map_err(|fault| CliError::Usage(fault.to_string()))?;
            Ok(draft::Draft::of(&session.tree, &session.config, &facts).to_string())
        })?;
        if self.stdout {
            let mut out = terminal.raw_output();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            return tolerate_closed(written).map(|()| Outcome::Clean);
        }
        let path = targets.root.join(NAME);
        write_new(&path, &text)
            .map_err(|error| CliError::OutputFile { path: path.clone(), error })?;
        terminal.inform(&format!(
            "{} is written. Read it, then run `frugix lint`; `frugix config` shows what is in force.",
            path.display()
        ));
        Ok(Outcome::Clean)
    }
}

/// Two configurations in one folder are one too many, and the one that is there is somebody's work.
fn refuse_second(root: &Path) -> Result<(), CliError> {
    let there = std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    match there.into_iter().find(|path| is_config(path)) {
        None => Ok(()),
        Some(path) => Err(CliError::Usage(format!(
            "{} is there already and stays as it is; `frugix init --stdout` prints what a new one \
             would say",
            path.display()
        ))),
    }
}

/// Writes a file whole, unless one is there by now.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}
