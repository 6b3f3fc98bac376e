//! What every command that looks at a configuration shares: the options that choose the tree and
//! its configuration, and the way from them to an analyser.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::CliError;
use super::targets::{Scope, Targets};
use super::terminal::Terminal;
use crate::analysis::Analyzer;
use crate::config::{Config, Mistakes, PathPattern, find_config};
use crate::lint::Selectors;
use crate::report::{DisplayPaths, counted};
use crate::rules::ALL;
use crate::source::git::{Blobs, Repository};
use crate::source::{Discovery, Tree, config_text};

/// Deep expressions need deep stacks; the memory is only used when they do.
const STACK_BYTES: usize = 256 << 20;
/// More bytes than any configuration file has.
const LONGEST_CONFIG: u64 = 16 << 20;

/// Options that choose what is analysed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Tree and configuration")]
pub(super) struct TreeArgs {
    /// The folder that is analysed as a whole
    /// [default: the nearest frugix.toml's, else the git repository, else the topmost flake.nix's]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,

    /// A configuration file to use instead of the one found, or a setting that overrides it, such
    /// as `budget.tolerance=2`
    #[arg(long, value_name = "FILE|KEY=VALUE")]
    pub config: Vec<String>,

    /// Ignore every configuration file
    #[arg(long)]
    pub isolated: bool,

    /// Leave out what a .gitignore with this line would
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Leave out excluded paths even when they are named on the command line
    #[arg(long)]
    pub force_exclude: bool,

    /// How many threads to work on [default: as many as the machine has]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// A text that stands in for a file.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The text, without a byte order mark.
    pub text: String,
}

/// What would be committed now.
pub(super) struct Staged {
    pub repository: Repository,
    pub files: Blobs,
}

impl Staged {
    /// A file as it is staged, or else as it is on disk.
    fn read(&self, path: &Path) -> io::Result<String> {
        let absolute = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let staged = absolute.strip_prefix(self.repository.root()).ok();
        match staged.and_then(|path| self.files.read(path, LONGEST_CONFIG).ok()) {
            Some(bytes) => String::from_utf8(bytes)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
            None => config_text(path),
        }
    }
}

/// Where the texts of a tree come from.
#[derive(Copy, Clone)]
pub(super) enum Origin<'a> {
    /// From disk.
    Disk,
    /// From disk, but for one, which is all that is asked for.
    StandIn(&'a StandIn),
    /// From what is staged.
    Staged(&'a Staged),
}

/// One tree, and what looks at it.
pub(super) struct Session {
    /// The tree.
    pub tree: Tree,
    /// The files that were asked for.
    pub scope: Scope,
    /// What the user asked for.
    pub config: Config,
    /// The analysis.
    pub analyzer: Analyzer,
}

impl TreeArgs {
    /// The configuration for the tree at `root`, whose files `read` finds, with what is wrong with it:
    /// more may be, and all is to be told together.
    pub fn config_for(
        &self,
        root: &Path,
        read: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<(Config, Mistakes), CliError> {
        let (settings, files): (Vec<&String>, Vec<&String>) = self
            .config
            .iter()
            .partition(|given| given.contains('=') && !Path::new(given).is_file());
        let (mut config, mut mistakes) = match files.as_slice() {
            [] if self.isolated => Default::default(),
            [] => match find_config(root) {
                Some(path) => Config::read_with(&path, read)?,
                None => Default::default(),
            },
            [_] if self.isolated => {
                let message =
                    "--isolated ignores configuration files; take it or --config FILE out";
                return Err(CliError::Usage(message.to_owned()));
            }
            [file] => Config::read_named(Path::new(file))?,
            _ => {
                let message =
                    "--config names more than one file; name one, and let it `extend` the other";
                return Err(CliError::Usage(message.to_owned()));
            }
        };
        for setting in settings {
            mistakes.note(config.merge_overrides(setting));
        }
        for glob in &self.exclude {
            PathPattern::new(glob).map_err(|error| {
                CliError::Usage(format!("--exclude: the pattern `{glob}` {error}"))
            })?;
            config.add_exclude(glob, "--exclude");
        }
        Ok((config, mistakes))
    }

    /// Opens the tree that `targets` lie in, with the texts of `origin`, to be looked at with the
    /// rules that `selectors` choose.
    pub fn open(
        &self,
        terminal: &Terminal,
        targets: &Targets,
        origin: Origin<'_>,
        selectors: &Selectors,
    ) -> Result<Session, CliError> {
        let (config, mistakes) = match origin {
            Origin::Staged(staged) => self.config_for(&targets.root, &|path| staged.read(path)),
            _ => self.config_for(&targets.root, &config_text),
        }?;
        let stand_in = match origin {
            Origin::StandIn(stand_in) => Some(stand_in),
            _ => None,
        };
        let stand_in = stand_in
            .map(|stand_in| {
                relative(&stand_in.path, &targets.root).map(|path| (path, &stand_in.text))
            })
            .transpose()?;
        let defaults = Discovery::default();
        let discovery = Discovery {
            max_file_size: config.max_file_size.map_or(defaults.max_file_size, |size| size.0),
            named: targets.named(),
            exclude: config.exclude.clone(),
            force_exclude: self.force_exclude,
            texts: stand_in.iter().map(|(path, text)| (path.clone(), (*text).clone())).collect(),
            ..defaults
        };
        let tree = || match origin {
            Origin::Staged(Staged { repository, files }) => {
                Tree::staged(&targets.root, &discovery, repository, files)
            }
            _ => Tree::open(&targets.root, &discovery),
        };
        // The tables are read while the tree is listed: each takes a while, and one thread.
        let (analyzer, tree) = rayon::join(|| Analyzer::new(config.clone(), ALL, selectors), tree);
        let (analyzer, tree) = (mistakes.or(analyzer)?, tree?);
        let scope = match stand_in.and_then(|(path, _)| tree.file_at(&path)) {
            Some(file) => Scope::only(&tree, file),
            None => Scope::of(&tree, &targets.paths),
        };
        terminal.detail(&described(&tree, &config));
        Ok(Session { tree, scope, config, analyzer })
    }

    /// Runs `work` on as many threads as were asked for, each with a deep stack.
    pub fn on_workers<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, CliError> + Send,
    ) -> Result<T, CliError> {
        static POOL: OnceLock<ThreadPool> = OnceLock::new();
        // The command is the whole process: its threads end with it, and not before.
        let pool = match POOL.get() {
            Some(pool) => pool,
            None => {
                let threads = self.jobs.map_or(0, std::num::NonZeroUsize::get);
                let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES);
                let pool = pool.build().map_err(CliError::Threads)?;
                POOL.get_or_init(|| pool)
            }
        };
        pool.install(work)
    }
}

impl Session {
    /// Says that what is told of the tree, which was looked at, is not told of all of it.
    pub fn tell_unread(&self, terminal: &Terminal, paths: &DisplayPaths) {
        let unread = self.analyzer.unread(&self.tree);
        let Some(first) = unread.first() else { return };
        let first = paths.name(&self.tree, *first);
        let which = match unread.len() {
            1 => format!("{first} could not be looked at"),
            count => format!("{count} files could not be looked at, {first} among them"),
        };
        terminal.warn(&format!(
            "{which}; what is said here leaves out what stands there (`frugix lint` tells why)"
        ));
    }
}

fn described(tree: &Tree, config: &Config) -> String {
    let sources: Vec<String> =
        config.sources.iter().map(|path| path.display().to_string()).collect();
    let configuration = match sources.as_slice() {
        [] => "no configuration file".to_owned(),
        sources => format!("configured by {}", sources.join(", ")),
    };
    format!(
        "tree {}: {}, {configuration}",
        tree.root().display(),
        counted(tree.files().len(), "file"),
    )
}

/// `path`, which need not exist, relative to `root`.
fn relative(path: &Path, root: &Path) -> Result<PathBuf, CliError> {
    let outside = || CliError::OutsideRoot { path: path.to_path_buf(), root: root.to_path_buf() };
    let unusable = |error| CliError::Path { path: path.to_path_buf(), error };
    let root = root.canonicalize().map_err(unusable)?;
    let absolute = std::path::absolute(path).map_err(unusable)?;
    let folder = absolute.parent().ok_or_else(outside)?;
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let name = absolute.file_name().ok_or_else(outside)?;
    let real = folder.join(name);
    real.strip_prefix(&root).map(Path::to_path_buf).map_err(|_| outside())
}
