//! What lies in a folder, and in all folders below it. These are listed side by side: on one thread the
//! others would wait for it, and it for the disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;
use rayon::prelude::*;

use super::discovery::{STORE, is_source};
use super::error::ReadError;
use super::gitignore::Ignores;
use super::index::EntryKind;
use super::read::special;

/// What lies in a folder, and in all folders below it, in the order of the names. Paths are relative to
/// the root.
#[derive(Default)]
pub(super) struct Listing {
    /// The folders, and what is in each but for what is left out.
    pub(super) folders: Vec<(PathBuf, BTreeMap<OsString, EntryKind>)>,
    pub(super) sources: Vec<PathBuf>,
    pub(super) links: Vec<PathBuf>,
    /// What is left out, and folders of which not all could be listed.
    pub(super) skipped: Vec<PathBuf>,
    pub(super) problems: Vec<(PathBuf, ReadError)>,
}

/// How folders are listed.
pub(super) struct Lister<'l> {
    /// What all paths are relative to.
    pub(super) root: &'l Path,
    /// What is left out, whatever git says.
    pub(super) excluded: &'l Gitignore,
}

/// A folder that is to be listed, and the patterns in force around it, if any are.
struct Waiting {
    path: PathBuf,
    ignores: Option<Arc<Ignores>>,
}

/// A folder that was listed.
#[derive(Default)]
struct Listed {
    path: PathBuf,
    entries: Vec<Entry>,
    /// The patterns in force in it.
    ignores: Option<Arc<Ignores>>,
    /// Which of all folders is the first that lies in it; the others follow.
    first_inner: usize,
    skipped: Vec<PathBuf>,
    problems: Vec<(PathBuf, ReadError)>,
}

/// One name in a folder, and where it stands on this machine.
struct Entry {
    name: OsString,
    path: PathBuf,
    file_type: FileType,
}

impl Lister<'_> {
    /// Lists the absolute folder `folder`. Where `ignores`, the patterns around it, are given, they and
    /// its own are in force.
    pub(super) fn list(&self, folder: &Path, ignores: Option<Ignores>) -> Listing {
        let mut listed: Vec<Listed> = Vec::new();
        let mut waiting = vec![Waiting { path: folder.into(), ignores: ignores.map(Arc::new) }];
        // Step by step downwards, for how deep folders lie may be more than a stack bears.
        while !waiting.is_empty() {
            let mut level: Vec<Listed> =
                waiting.into_par_iter().map(|folder| self.listed(folder)).collect();
            let below = listed.len() + level.len();
            waiting = Vec::new();
            for folder in &mut level {
                folder.first_inner = below + waiting.len();
                waiting.extend(folder.inner());
            }
            listed.append(&mut level);
        }
        self.in_order(listed)
    }

    fn listed(&self, folder: Waiting) -> Listed {
        let mut listed = Listed { path: folder.path, ..Listed::default() };
        self.read(&mut listed);
        listed.ignores = folder.ignores.map(|around| {
            let has = |name: &str| listed.entries.iter().any(|entry| entry.name == name);
            let (within, problems) = around.within(&listed.path, has);
            let problems = problems.into_iter();
            listed.problems.extend(problems.map(|(path, error)| (self.relative(&path), error)));
            within.map_or(around, Arc::new)
        });
        let ignores = listed.ignores.as_deref();
        listed.entries.retain(|entry| {
            let is_left_out = self.is_left_out(entry, ignores);
            if is_left_out {
                listed.skipped.push(self.relative(&entry.path));
            }
            !is_left_out
        });
        listed
    }

    /// Notes what is in a folder, by name, and that not all of it could be listed.
    fn read(&self, folder: &mut Listed) {
        match fs::read_dir(&folder.path) {
            Err(error) => self.note(folder, &error),
            Ok(entries) => {
                for entry in entries {
                    match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                        Err(error) => self.note(folder, &error),
                        Ok((file_type, entry)) => folder.entries.push(Entry {
                            name: entry.file_name(),
                            path: entry.path(),
                            file_type,
                        }),
                    }
                }
            }
        }
        folder.entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    }

    fn note(&self, folder: &mut Listed, error: &io::Error) {
        // Removed while we listed.
        if error.kind() != io::ErrorKind::NotFound {
            let path = self.relative(&folder.path);
            folder.skipped.push(path.clone());
            folder.problems.push((path, ReadError::from(error)));
        }
    }

    fn is_left_out(&self, entry: &Entry, ignores: Option<&Ignores>) -> bool {
        let is_folder = entry.file_type.is_dir();
        entry.name == ".git"
            || entry.path == Path::new(STORE)
            || self.excluded.matched(&entry.path, is_folder).is_ignore()
            || ignores.is_some_and(|ignores| ignores.is_ignored(&entry.path, is_folder))
    }

    /// Puts the folders behind the names that they have in others.
    fn in_order(&self, mut folders: Vec<Listed>) -> Listing {
        let mut listing = Listing::default();
        let mut begin = |index: usize, listing: &mut Listing| {
            let folder = folders.get_mut(index).map(std::mem::take).unwrap_or_default();
            let Listed { path, entries, first_inner, mut skipped, mut problems, .. } = folder;
            listing.skipped.append(&mut skipped);
            listing.problems.append(&mut problems);
            let names = entries.iter().map(|entry| (entry.name.clone(), entry.kind())).collect();
            listing.folders.push((self.relative(&path), names));
            (entries.into_iter(), first_inner)
        };
        let mut open = vec![begin(0, &mut listing)];
        while let Some((entries, next_inner)) = open.last_mut() {
            let Some(entry) = entries.next() else {
                open.pop();
                continue;
            };
            if entry.file_type.is_dir() {
                let inner = *next_inner;
                *next_inner += 1;
                open.push(begin(inner, &mut listing));
            } else {
                listing.take_up(self.relative(&entry.path), entry.file_type);
            }
        }
        listing
    }

    fn relative(&self, absolute: &Path) -> PathBuf {
        absolute.strip_prefix(self.root).unwrap_or(absolute).to_path_buf()
    }
}

impl Listed {
    /// The folders in it.
    fn inner(&self) -> impl Iterator<Item = Waiting> {
        let folders = self.entries.iter().filter(|entry| entry.file_type.is_dir());
        folders.map(|entry| Waiting { path: entry.path.clone(), ignores: self.ignores.clone() })
    }
}

impl Entry {
    fn kind(&self) -> EntryKind {
        EntryKind::of(self.file_type)
    }
}

impl Listing {
    fn take_up(&mut self, path: PathBuf, file_type: FileType) {
        match EntryKind::of(file_type) {
            EntryKind::Symlink => self.links.push(path),
            EntryKind::File if is_source(&path) => self.sources.push(path),
            EntryKind::Other if is_source(&path) => self.problems.push((path, no_file(file_type))),
            _ => {}
        }
    }
}

/// What is said of something that has the name of a source and is no file.
pub(super) fn no_file(file_type: FileType) -> ReadError {
    special(file_type).map_or(ReadError::NotAFile, |what| ReadError::Special { what })
}
