//! Git as a subprocess.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why git did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no git.
    #[error("cannot run git: {0}; install it, or put it on the PATH")]
    Missing(#[source] io::Error),
    /// Git refused.
    #[error("git {command}: {message}")]
    Refused {
        /// What git was asked to do.
        command: String,
        /// What it said.
        message: String,
    },
    /// A folder that no working tree of git holds.
    #[error("{} is not in a git repository; run `git init`, or run elsewhere", .0.display())]
    NoRepository(PathBuf),
    /// A merge is not done.
    #[error("there are unresolved conflicts; resolve them and `git add` the files")]
    Unmerged,
    /// A name that is no commit, or one that has nothing in common with what is here.
    #[error(
        "`{0}` is no commit that this branch comes from; `git log` shows those, and a shallow clone lacks some"
    )]
    NoCommit(String),
}

/// How git is called: from where, and for which index.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    /// `GIT_INDEX_FILE`, when git that runs us as a hook says so, absolute.
    index: Option<PathBuf>,
}

impl Git {
    /// Git as it is called in `folder`.
    pub(super) fn at(folder: &Path) -> Git {
        let index = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
        // Relative names are meant from where git started us, not from where we start git.
        let index = index.map(|index| std::path::absolute(&index).unwrap_or(index));
        Git { folder: folder.to_path_buf(), index }
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new("git");
        command.arg("--no-optional-locks").args(arguments).current_dir(&self.folder);
        // What git says is only passed on, and one sentence of it is compared.
        command.env("LC_ALL", "C");
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// What git prints.
    pub(super) fn output<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Vec<u8>, GitError> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(GitError::Missing)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(refused(arguments, &output.stderr)),
        }
    }

    /// What git prints, as one line.
    pub(super) fn line<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, GitError> {
        let output = self.output(arguments)?;
        Ok(String::from_utf8_lossy(&output).trim_end_matches(['\n', '\r']).to_owned())
    }

    /// What git prints when it is handed `input`.
    pub(super) fn answer<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
        input: Vec<u8>,
    ) -> Result<Vec<u8>, GitError> {
        let piped = || Stdio::piped();
        let mut child = self
            .command(arguments)
            .stdin(piped())
            .stdout(piped())
            .stderr(piped())
            .spawn()
            .map_err(GitError::Missing)?;
        let stdin = child.stdin.take();
        // Git answers while it is still being asked: neither may wait for the other.
        let asking = std::thread::spawn(move || {
            // Git that goes away says why.
            stdin.map(|mut stdin| stdin.write_all(&input))
        });
        let output = child.wait_with_output().map_err(GitError::Missing)?;
        let _ = asking.join();
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(refused(arguments, &output.stderr)),
        }
    }
}

fn refused<S: AsRef<OsStr>>(arguments: &[S], said: &[u8]) -> GitError {
    let command = arguments.first().map(|first| first.as_ref().to_string_lossy().into_owned());
    let message = String::from_utf8_lossy(said).trim().to_owned();
    GitError::Refused { command: command.unwrap_or_default(), message }
}

/// A path as git writes it, from the root of the repository.
#[cfg(unix)]
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// A path as git writes it, from the root of the repository.
#[cfg(not(unix))]
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// What git separates with NUL.
pub(super) fn records(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|byte| *byte == 0).filter(|record| !record.is_empty())
}
