//! Why a command could not do what it was asked for.

use std::io;
use std::path::PathBuf;

use crate::config::{ConfigError, Mistakes};
use crate::lint::BaselineError;
use crate::lsp::ServeError;
use crate::source::TreeError;
use crate::source::git::GitError;

/// Why a command could not do what it was asked for. Each ends the process with exit code 2.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// A path on the command line leads nowhere.
    #[error("cannot open {}: {error}; check the path", .path.display())]
    Path {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// A path to be checked lies outside `--root`.
    #[error("{} is not under the root {}; name a path inside it, or another --root", .path.display(), .root.display())]
    OutsideRoot {
        /// The path as it was given.
        path: PathBuf,
        /// The root.
        root: PathBuf,
    },
    /// A place on the command line that does not exist.
    #[error("{} {problem}", .file.display())]
    Place {
        /// The file, as it was given.
        file: PathBuf,
        /// What is wrong, as the rest of the sentence.
        problem: String,
    },
    /// Nobody knows where we are.
    #[error("cannot tell the working directory: {0}; change into a folder that exists")]
    WorkingDirectory(#[source] io::Error),
    /// A rule's name that no rule has.
    #[error("there is no rule `{name}`; {}", suggestion(*.nearest))]
    UnknownRule {
        /// The name.
        name: String,
        /// The rule whose name is most like it.
        nearest: Option<&'static str>,
    },
    /// Options or arguments that make no sense together.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration or the command line says what has no meaning: of rules that do not exist,
    /// of tables of knowledge, and else.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The tree cannot be listed.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Git did not answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The baseline is not what it should be.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// Changes cannot be listened to.
    #[error("cannot watch for changes: {0}")]
    Watch(#[source] notify::Error),
    /// Standard input is no text.
    #[error("cannot read standard input: {0}; pipe a UTF-8 text into it")]
    Input(#[source] io::Error),
    /// Standard output refused.
    #[error("cannot write the output: {0}")]
    Output(#[source] io::Error),
    /// The file of `--output-file` refused.
    #[error("cannot write {}: {error}; check its folder and permissions", .path.display())]
    OutputFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// Some fixes were not written; what and why has been said already.
    #[error("{0} could not be written; nothing is changed there")]
    NotWritten(String),
    /// frugix itself is at fault. What could be done was; the rest is listed.
    #[error("{0}; the rest is complete")]
    Faults(String),
    /// Files are not what they were when they were first read: what was found may not be all.
    #[error(
        "{0} changed while the tree was being looked at, so that findings may be missing; run again"
    )]
    Changed(String),
    /// An editor could not be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// No threads to work on.
    #[error("cannot start the worker threads: {0}; try --jobs 1")]
    Threads(#[source] rayon::ThreadPoolBuildError),
}

impl CliError {
    /// What is wrong, each thing for itself.
    pub fn sentences(&self) -> Vec<String> {
        match self {
            CliError::Mistakes(mistakes) | CliError::Config(ConfigError::Invalid(mistakes)) => {
                mistakes.iter().map(ToString::to_string).collect()
            }
            other => vec![other.to_string()],
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`frugix rules` lists them".to_owned(),
    }
}
