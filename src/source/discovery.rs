//! Which files make up a tree: every `.nix` file under the root that git would not ignore.
//!
//! `.gitignore` files count whether or not the root lies in a git repository. Hidden folders are
//! walked, `.git` and the Nix store are not. Links are never walked; one that ends at a file inside
//! the root is another name of that file, one that leaves the root is nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::error::{ReadError, TreeError};
use super::gitignore::Ignores;
use super::index::{EntryKind, Index, normalise};
use super::listing::{Lister, Listing, no_file};

/// Where Nix keeps what it built; never walked from outside, never written.
pub(super) const STORE: &str = "/nix/store";

/// The most bytes that a file may have, whatever [`Discovery::max_file_size`] says: a tree may bring
/// its `frugix.toml` with it, and what is read takes a few dozen times as much memory.
pub(super) const LARGEST_FILE: u64 = 64 << 20;

/// What to take up into a tree.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Whether what `.gitignore` files and `.git/info/exclude` name is left out. Default: yes.
    pub respect_gitignore: bool,
    /// Files and folders of this machine to take up though they are ignored or excluded; files
    /// also when they are not named `*.nix`. Relative ones are relative to the working directory.
    pub named: Vec<PathBuf>,
    /// Patterns as in a `.gitignore` at the root, of what to leave out.
    pub exclude: Vec<String>,
    /// Whether `exclude` holds for `named` too. Default: no.
    pub force_exclude: bool,
    /// The longest file that is read, in bytes, 64 MiB at most. Default: 1 MiB.
    pub max_file_size: u64,
    /// Texts that stand in for what is on disk, by path relative to the root: standard input under
    /// a name, an editor's unsaved file. The file need not exist.
    pub texts: Vec<(PathBuf, String)>,
}

impl Default for Discovery {
    fn default() -> Discovery {
        Discovery {
            respect_gitignore: true,
            named: Vec::new(),
            exclude: Vec::new(),
            force_exclude: false,
            max_file_size: 1 << 20,
            texts: Vec::new(),
        }
    }
}

/// What a walk found. Paths are relative to the root.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) root: PathBuf,
    pub(super) index: Index,
    pub(super) sources: BTreeSet<PathBuf>,
    pub(super) texts: Vec<(PathBuf, String)>,
    pub(super) problems: Vec<(PathBuf, ReadError)>,
}

impl Found {
    pub(super) fn empty(root: PathBuf) -> Found {
        let mut index = Index::default();
        index.add(Path::new(""), EntryKind::Directory);
        Found { root, index, sources: BTreeSet::new(), texts: Vec::new(), problems: Vec::new() }
    }
}

/// Lists the tree under `root`.
pub(super) fn walk(root: &Path, discovery: &Discovery) -> Result<Found, TreeError> {
    let unusable = |error| TreeError::Root { path: root.to_path_buf(), error };
    let canonical = root.canonicalize().map_err(unusable)?;
    if !canonical.is_dir() {
        return Err(TreeError::NotAFolder { path: root.to_path_buf() });
    }
    let excluded = exclude_matcher(&canonical, &discovery.exclude)?;
    let found = Found::empty(canonical.clone());
    let mut walker = Walker { discovery, excluded, found, links: Vec::new() };
    walker.folder(&canonical);
    for named in &discovery.named {
        walker.named(named)?;
    }
    walker.end_links();
    walker.texts();
    let mut found = walker.found;
    found.problems.sort_by(|one, other| one.0.cmp(&other.0));
    found.problems.dedup();
    Ok(found)
}

/// Whether a file of this name is a source.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "nix")
}

/// `path` as one relative to `root`: where it ends if that is inside, else where its name stands.
pub(super) fn relative_to(root: &Path, path: &Path) -> Option<PathBuf> {
    let inside = |path: PathBuf| path.strip_prefix(root).ok().map(Path::to_path_buf);
    let absolute = std::path::absolute(path).ok()?;
    let in_real_folder = || {
        let folder = absolute.parent()?.canonicalize().ok()?;
        inside(folder.join(absolute.file_name()?))
    };
    let by_words = || normalise(absolute.strip_prefix(root).ok()?);
    absolute.canonicalize().ok().and_then(inside).or_else(in_real_folder).or_else(by_words)
}

pub(super) fn exclude_matcher(root: &Path, patterns: &[String]) -> Result<Gitignore, TreeError> {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in patterns {
        builder.add_line(None, pattern).map_err(|error| TreeError::Pattern {
            pattern: pattern.clone(),
            message: error.to_string(),
        })?;
    }
    // Together they may be more than can be compiled.
    builder
        .build()
        .map_err(|error| TreeError::Patterns { count: patterns.len(), message: error.to_string() })
}

struct Walker<'d> {
    discovery: &'d Discovery,
    excluded: Gitignore,
    found: Found,
    /// Links met, relative to the root.
    links: Vec<PathBuf>,
}

impl Walker<'_> {
    /// Takes up everything under an absolute folder.
    fn folder(&mut self, start: &Path) {
        let root = self.found.root.clone();
        let lister = Lister { root: &root, excluded: &self.excluded };
        let listing = match self.discovery.respect_gitignore {
            false => lister.list(start, None),
            true => {
                let (ignores, problems) = Ignores::above(start, &root);
                let relative = |path: PathBuf| self.relative(&path).unwrap_or(path);
                let problems = problems.into_iter().map(|(path, error)| (relative(path), error));
                let problems: Vec<_> = problems.collect();
                self.found.problems.extend(problems);
                lister.list(start, Some(ignores))
            }
        };
        self.take_up(listing);
    }

    fn take_up(&mut self, listing: Listing) {
        let Listing { folders, sources, mut links, skipped, mut problems } = listing;
        let found = &mut self.found;
        for (folder, names) in folders {
            found.index.add_folder(folder, names);
        }
        skipped.iter().for_each(|path| found.index.skip(path));
        match found.sources.is_empty() {
            // All at once, for they are in order.
            true => found.sources = sources.into_iter().collect(),
            false => found.sources.extend(sources),
        }
        found.problems.append(&mut problems);
        self.links.append(&mut links);
    }

    /// Takes up a path the user named, wherever its links end.
    fn named(&mut self, named: &Path) -> Result<(), TreeError> {
        let path = named
            .canonicalize()
            .map_err(|error| TreeError::Named { path: named.to_path_buf(), error })?;
        let relative = self.relative(&path).ok_or_else(|| TreeError::Outside {
            path: named.to_path_buf(),
            root: self.found.root.clone(),
        })?;
        let is_folder = path.is_dir();
        let is_excluded =
            || self.excluded.matched_path_or_any_parents(&path, is_folder).is_ignore();
        if self.discovery.force_exclude && is_excluded() {
            return Ok(());
        }
        if !is_folder {
            self.add_source(relative);
        } else if self.found.index.is_skipped(&relative) {
            self.found.index.unskip(&relative);
            self.folder(&path);
        }
        Ok(())
    }

    /// Takes up a file on its own: because of its name, or of a link that ends there.
    fn add_source(&mut self, path: PathBuf) {
        match fs::metadata(self.found.root.join(&path)) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(metadata) => {
                self.found.problems.push((path, no_file(metadata.file_type())));
                return;
            }
            Err(error) => {
                self.found.problems.push((path, ReadError::from(error)));
                return;
            }
        }
        self.found.index.add(&path, EntryKind::File);
        self.found.sources.insert(path);
    }

    /// Finds where every link ends, once all is listed.
    fn end_links(&mut self) {
        for link in std::mem::take(&mut self.links) {
            match self.end_of(&link) {
                Ok(target) => {
                    // What goes by the name of a source already was met under it.
                    let is_folder = self.found.root.join(&target).is_dir();
                    if is_source(&link) && !is_source(&target) && !is_folder {
                        self.add_source(target.clone());
                    }
                    self.found.index.add_link(&link, target);
                }
                // Leads nowhere: an editor's lock, or a file not made yet.
                Err(ReadError::NotFound) => {}
                Err(error) => {
                    self.found.index.skip(&link);
                    let is_built = matches!(&error, ReadError::LeavesRoot { target } if target.starts_with(STORE));
                    if is_source(&link) && !is_built {
                        self.found.problems.push((link, error));
                    }
                }
            }
        }
    }

    fn end_of(&self, link: &Path) -> Result<PathBuf, ReadError> {
        let target = self.found.root.join(link).canonicalize()?;
        match self.relative(&target) {
            Some(inside) if inside.components().all(|step| step.as_os_str() != ".git") => {
                Ok(inside)
            }
            _ => Err(ReadError::LeavesRoot { target }),
        }
    }

    /// Takes up the files that have a text already.
    fn texts(&mut self) {
        for (path, text) in &self.discovery.texts {
            let Some(path) = normalise(path) else {
                continue;
            };
            let path = self.found.index.follow(path);
            self.found.index.add(&path, EntryKind::File);
            self.found.sources.insert(path.clone());
            self.found.texts.push((path, text.clone()));
        }
    }

    fn relative(&self, absolute: &Path) -> Option<PathBuf> {
        absolute.strip_prefix(&self.found.root).ok().map(Path::to_path_buf)
    }
}
