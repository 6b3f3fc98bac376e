//! What the tree holds besides text: its folders, its links, and what was left out of it. Filled
//! once by discovery; afterwards no question about names goes to the disk.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::FileType;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

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

/// The names of a tree. All paths are relative to its root and normal, so that they are the same where
/// their text is; the root is the empty path.
#[derive(Debug, Default)]
pub(super) struct Index {
    folders: FxHashMap<OsString, BTreeMap<OsString, EntryKind>>,
    /// Links that stay inside the root, and the link-free path each ends at.
    links: FxHashMap<OsString, PathBuf>,
    skipped: FxHashSet<OsString>,
}

impl Index {
    /// Records an entry, and the folders above it.
    pub(super) fn add(&mut self, path: &Path, kind: EntryKind) {
        if kind == EntryKind::Directory {
            self.folders.entry(path.into()).or_default();
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return;
        };
        if !self.folders.contains_key(folder.as_os_str()) {
            self.add(folder, EntryKind::Directory);
        }
        if let Some(names) = self.folders.get_mut(folder.as_os_str()) {
            names.insert(name.to_os_string(), kind);
        }
    }

    /// Records a folder, what is in it, and the folders above it.
    pub(super) fn add_folder(&mut self, path: PathBuf, names: BTreeMap<OsString, EntryKind>) {
        self.add(&path, EntryKind::Directory);
        match self.folders.get_mut(path.as_os_str()) {
            Some(known) if !known.is_empty() => known.extend(names),
            Some(known) => *known = names,
            None => {}
        }
    }

    /// Records where a link inside the tree ends.
    pub(super) fn add_link(&mut self, path: &Path, target: PathBuf) {
        self.links.insert(path.into(), target);
    }

    /// Records that what lies at `path` was left out, so that its absence proves nothing.
    pub(super) fn skip(&mut self, path: &Path) {
        self.skipped.insert(path.into());
    }

    /// Takes back that `path` itself was left out.
    pub(super) fn unskip(&mut self, path: &Path) {
        self.skipped.remove(path.as_os_str());
    }

    /// Whether `path` or a folder above it was left out.
    pub(super) fn is_skipped(&self, path: &Path) -> bool {
        !self.skipped.is_empty()
            && path.ancestors().any(|above| self.skipped.contains(above.as_os_str()))
    }

    /// What stands at `path` itself, links not followed.
    pub(super) fn kind(&self, path: &Path) -> Option<EntryKind> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return self.folders.contains_key(path.as_os_str()).then_some(EntryKind::Directory);
        };
        self.folders.get(folder.as_os_str())?.get(name).copied()
    }

    /// The names in a folder, sorted.
    pub(super) fn names(&self, folder: &Path) -> Option<&BTreeMap<OsString, EntryKind>> {
        self.folders.get(folder.as_os_str())
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
            if let Some(target) = self.links.get(followed.as_os_str()) {
                followed.clone_from(target);
            }
        }
        followed
    }
}

/// Which of two normal paths comes first: as paths are ordered, step by step, but without taking them
/// apart. No name has a NUL in it, which stands for the separator.
pub(super) fn order(one: &Path, other: &Path) -> Ordering {
    let (one, other) = (one.as_os_str().as_encoded_bytes(), other.as_os_str().as_encoded_bytes());
    let step = |byte: &u8| if *byte == MAIN_SEPARATOR as u8 { 0 } else { *byte };
    let differs = one.iter().zip(other).position(|(one, other)| one != other);
    match differs {
        Some(at) => step(&one[at]).cmp(&step(&other[at])),
        None => one.len().cmp(&other.len()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_ordered_step_by_step() {
        let names =
            ["", "a", "a-b", "a.nix", "a/b", "a/b.nix", "a/b/c", "a b", "a0", "b", "é/a", "é"];
        for one in names.map(Path::new) {
            for other in names.map(Path::new) {
                assert_eq!(order(one, other), one.cmp(other), "{one:?} {other:?}");
            }
        }
    }
}
