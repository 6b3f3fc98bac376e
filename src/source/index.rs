//! What the tree holds besides text: its folders, its links, and what was left out of it. Filled
//! once by discovery; afterwards no question about names goes to the disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs::FileType;
use std::path::{Component, Path, PathBuf};

/// What a name in a folder stands for.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, wherever it leads.
    Symlink,
    /// A FIFO, a socket or a device.
    Other,
}

impl EntryKind {
    pub(super) fn of(file_type: FileType) -> EntryKind {
        match file_type {
            kind if kind.is_symlink() => EntryKind::Symlink,
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_file() => EntryKind::File,
            _ => EntryKind::Other,
        }
    }
}

/// The names of a tree. All paths are relative to its root and normal; the root is the empty path.
#[derive(Debug, Default)]
pub(super) struct Index {
    folders: HashMap<PathBuf, BTreeMap<OsString, EntryKind>>,
    /// Links that stay inside the root, and the link-free path each ends at.
    links: HashMap<PathBuf, PathBuf>,
    skipped: HashSet<PathBuf>,
}

impl Index {
    /// Records an entry, and the folders above it.
    pub(super) fn add(&mut self, path: &Path, kind: EntryKind) {
        if kind == EntryKind::Directory {
            self.folders.entry(path.to_path_buf()).or_default();
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return;
        };
        if !self.folders.contains_key(folder) {
            self.add(folder, EntryKind::Directory);
        }
        if let Some(names) = self.folders.get_mut(folder) {
            names.insert(name.to_os_string(), kind);
        }
    }

    /// Records a folder, what is in it, and the folders above it.
    pub(super) fn add_folder(&mut self, path: PathBuf, names: BTreeMap<OsString, EntryKind>) {
        self.add(&path, EntryKind::Directory);
        match self.folders.get_mut(&path) {
            Some(known) if !known.is_empty() => known.extend(names),
            Some(known) => *known = names,
            None => {}
        }
    }

    /// Records where a link inside the tree ends.
    pub(super) fn add_link(&mut self, path: &Path, target: PathBuf) {
        self.links.insert(path.to_path_buf(), target);
    }

    /// Records that what lies at `path` was left out, so that its absence proves nothing.
    pub(super) fn skip(&mut self, path: &Path) {
        self.skipped.insert(path.to_path_buf());
    }

    /// Takes back that `path` itself was left out.
    pub(super) fn unskip(&mut self, path: &Path) {
        self.skipped.remove(path);
    }

    /// Whether `path` or a folder above it was left out.
    pub(super) fn is_skipped(&self, path: &Path) -> bool {
        !self.skipped.is_empty() && path.ancestors().any(|above| self.skipped.contains(above))
    }

    /// What stands at `path` itself, links not followed.
    pub(super) fn kind(&self, path: &Path) -> Option<EntryKind> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return self.folders.contains_key(path).then_some(EntryKind::Directory);
        };
        self.folders.get(folder)?.get(name).copied()
    }

    /// The names in a folder, sorted.
    pub(super) fn names(&self, folder: &Path) -> Option<&BTreeMap<OsString, EntryKind>> {
        self.folders.get(folder)
    }

    /// `path` with every link on the way replaced by where it ends. Targets are free of links
    /// themselves, so each step of the path is replaced at most once.
    pub(super) fn follow(&self, path: PathBuf) -> PathBuf {
        if self.links.is_empty() {
            return path;
        }
        let mut followed = PathBuf::new();
        for step in path.components() {
            followed.push(step);
            if let Some(target) = self.links.get(&followed) {
                followed.clone_from(target);
            }
        }
        followed
    }
}

/// `path` without `.` and `..`, by its words alone; `None` when it is absolute or leads above the
/// folder it is relative to.
pub(super) fn normalise(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for step in path.components() {
        match step {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}
