//! Which names git would not track, asked on the way down into a tree.
//!
//! A `.gitignore` speaks for its folder and all below; the deepest that has an opinion wins, and
//! `!` takes a name back. `.git/info/exclude` is asked last. A nested repository (a folder with
//! its own `.git`) is a world of its own: nothing above speaks inside it. As git does, linked
//! `.gitignore` files are passed over; unlike git, a person's global ignore file is too, so that a
//! tree is the same on every machine. What git tracks already is never ignored.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::error::ReadError;
use super::read;
use super::tracked::Tracked;

/// How many bytes of patterns may be in force for one folder: several times what the longest lists
/// that people share have. Each takes a hundred times as much memory once it is compiled.
const MOST: u64 = 128 << 10;

/// The patterns in force in a folder. Paths are absolute.
#[derive(Default)]
pub(super) struct Ignores {
    /// From the outermost folder inwards; folders that say nothing have no level.
    levels: Vec<Arc<Level>>,
}

/// The `.gitignore` files that could not be read.
type Problems = Vec<(PathBuf, ReadError)>;

struct Level {
    folder: PathBuf,
    patterns: Gitignore,
    excludes: Gitignore,
    is_repository: bool,
    /// What the repository tracks, once something in it is ignored.
    tracked: OnceLock<Tracked>,
    /// A folder that is ignored was let in for the sake of what is tracked in it.
    lets_in: AtomicBool,
    /// The bytes that its patterns were read from.
    length: u64,
}

impl Ignores {
    /// What the folders above `start` say: from the repository around `root` down, or else from
    /// `root` itself, for without a repository nothing above the root is asked.
    pub(super) fn above(start: &Path, root: &Path) -> (Ignores, Problems) {
        let (mut ignores, mut problems) = (Ignores::default(), Problems::new());
        let top = repository_of(root).unwrap_or(root);
        let above: Vec<&Path> = start.ancestors().skip(1).collect();
        for folder in above.into_iter().rev().filter(|folder| folder.starts_with(top)) {
            let (within, more) = ignores.within(folder, |_| true);
            ignores = within.unwrap_or(ignores);
            problems.extend(more);
        }
        (ignores, problems)
    }

    /// These with what `folder` says, which lies in the folder that they are of; none if it says nothing.
    /// Only names that it `has`, or may have, are looked for.
    pub(super) fn within(
        &self,
        folder: &Path,
        has: impl Fn(&str) -> bool,
    ) -> (Option<Ignores>, Problems) {
        let mut problems = Problems::new();
        let git = folder.join(".git");
        let is_repository = has(".git") && git.exists();
        let above: u64 = self.levels.iter().map(|level| level.length).sum();
        let mut patterns = |file: &Path, above| patterns(folder, file, above, &mut problems);
        let none = || (Gitignore::empty(), 0);
        let (own, own_length) = match has(".gitignore") {
            true => patterns(&folder.join(".gitignore"), above),
            false => none(),
        };
        let (excludes, other_length) = match is_repository {
            true => patterns(&common_folder(&git).join("info/exclude"), above + own_length),
            false => none(),
        };
        let within = (is_repository || !own.is_empty()).then(|| {
            let length = own_length + other_length;
            let level = Level {
                folder: folder.to_path_buf(),
                patterns: own,
                excludes,
                is_repository,
                tracked: OnceLock::new(),
                lets_in: AtomicBool::new(false),
                length,
            };
            let levels = self.levels.iter().cloned().chain([Arc::new(level)]);
            Ignores { levels: levels.collect() }
        });
        (within, problems)
    }

    /// Whether `path` is ignored. Speaks of that name alone: a walk enters no ignored folder but for
    /// what is tracked in it.
    pub(super) fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        let ours = self.levels.iter().rposition(|level| level.is_repository).unwrap_or(0);
        let ours = &self.levels[ours..];
        let Some(outermost) = ours.first() else { return false };
        let is_let_in = || {
            let mut above = path.ancestors().skip(1).take_while(|it| **it != *outermost.folder);
            outermost.lets_in.load(Ordering::Relaxed) && above.any(|it| is_named(ours, it, true))
        };
        (is_named(ours, path, is_folder) || is_let_in()) && !outermost.tracks(path, is_folder)
    }
}

/// Whether patterns name `path`.
fn is_named(levels: &[Arc<Level>], path: &Path, is_folder: bool) -> bool {
    let first_word = |of: fn(&Level) -> &Gitignore| {
        let words = levels.iter().rev().map(|level| of(level).matched(path, is_folder));
        words.into_iter().find(|word| !matches!(word, Match::None))
    };
    first_word(|level| &level.patterns)
        .or_else(|| first_word(|level| &level.excludes))
        .is_some_and(|word| word.is_ignore())
}

impl Level {
    /// Whether its repository tracks `path`, or something in it.
    fn tracks(&self, path: &Path, is_folder: bool) -> bool {
        let Ok(name) = path.strip_prefix(&self.folder) else { return false };
        if !self.is_repository {
            return false;
        }
        let tracked =
            self.tracked.get_or_init(|| Tracked::read(&own_folder(&self.folder.join(".git"))));
        let is_tracked = tracked.has(name, is_folder);
        if is_tracked && is_folder {
            self.lets_in.store(true, Ordering::Relaxed);
        }
        is_tracked
    }
}

/// The patterns of `file`, and how many bytes they are, where `above` are in force already.
fn patterns(folder: &Path, file: &Path, above: u64, problems: &mut Problems) -> (Gitignore, u64) {
    let bytes = match read::bytes(file, MOST.saturating_sub(above)) {
        Ok(bytes) => bytes,
        Err(
            ReadError::NotFound
            | ReadError::NotAFile
            | ReadError::Io { kind: ErrorKind::NotADirectory, .. },
        ) => return (Gitignore::empty(), 0),
        Err(error) => {
            let error = match error {
                ReadError::TooLarge { .. } => ReadError::TooManyPatterns { limit: MOST },
                error => error,
            };
            problems.push((file.to_path_buf(), error));
            return (Gitignore::empty(), 0);
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    (builder.build().unwrap_or_else(|_| Gitignore::empty()), bytes.len() as u64)
}

/// The nearest folder, from `folder` upwards, that holds a `.git`.
pub(super) fn repository_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// The folder that a repository's own files lie in: `.git` itself, or for a worktree or submodule,
/// where `.git` is a file, the folder it names. That lies outside of the tree as a rule, and any file
/// may name any folder: what is read there is patterns and the names that are tracked, which hide
/// files or keep them from that, as git itself would. Nothing of them is ever shown.
fn own_folder(git: &Path) -> PathBuf {
    let line = first_line(git);
    let named = line.as_deref().and_then(|line| line.strip_prefix("gitdir: "));
    named.map_or(git.to_path_buf(), |named| git.parent().unwrap_or(git).join(named))
}

/// The folder that holds a repository's `info`: its own, or that of the main worktree.
fn common_folder(git: &Path) -> PathBuf {
    let folder = own_folder(git);
    match first_line(&folder.join("commondir")).filter(|_| folder != git) {
        Some(common) => folder.join(common),
        None => folder,
    }
}

fn first_line(file: &Path) -> Option<String> {
    let bytes = read::bytes(file, MOST).ok()?;
    Some(String::from_utf8_lossy(&bytes).lines().next()?.trim_end().to_owned())
}
