//! What all trees of one listing share: the names, and the texts as they were first read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::beneath::Beneath;
use super::discovery::Found;
use super::error::ReadError;
use super::file::SourceFile;
use super::git::Blobs;
use super::index::Index;
use super::original::Original;
use super::read;
use super::span::FileId;

/// What a tree and all trees made from it by replacing texts share.
pub(super) struct Base {
    pub(super) root: PathBuf,
    pub(super) storage: Storage,
    pub(super) index: Index,
    pub(super) ids: Vec<FileId>,
    pub(super) paths: Vec<PathBuf>,
    pub(super) originals: Vec<Original>,
    /// The bytes of texts that could have been let go.
    pub(super) spared: AtomicUsize,
    /// Files that are no sources, such as `flake.lock`, once somebody asked for them.
    pub(super) others: Mutex<BTreeMap<PathBuf, Result<Arc<str>, ReadError>>>,
    /// What was written since, which is what the disk is compared with from then on.
    pub(super) written: Mutex<BTreeMap<FileId, Arc<str>>>,
    pub(super) problems: Vec<(PathBuf, ReadError)>,
}

/// Where the texts of a tree lie.
pub(super) enum Storage {
    Disk {
        /// The root.
        folder: Beneath,
        max_file_size: u64,
    },
    /// What git holds, the root lying at `prefix` in the repository.
    Git {
        blobs: Blobs,
        prefix: PathBuf,
        max_file_size: u64,
    },
    Memory,
}

impl Base {
    /// Those that were found, none of them read yet.
    pub(super) fn new(found: Found, storage: Storage) -> Base {
        let paths: Vec<PathBuf> = found.sources.into_iter().collect();
        Base {
            root: found.root,
            storage,
            index: found.index,
            ids: (0..paths.len()).map(FileId::from_index).collect(),
            originals: paths.iter().map(|_| Original::default()).collect(),
            spared: AtomicUsize::new(0),
            paths,
            others: Mutex::default(),
            written: Mutex::default(),
            problems: found.problems,
        }
    }

    /// Reads the file at `path`, whatever is known of it.
    pub(super) fn read(&self, path: &Path) -> Result<SourceFile, ReadError> {
        match &self.storage {
            Storage::Memory => Err(ReadError::NotFound),
            Storage::Disk { folder, max_file_size } => {
                let bytes = read::bytes_beneath(folder, path, *max_file_size)?;
                SourceFile::decode(path, &bytes)
            }
            Storage::Git { blobs, prefix, max_file_size } => {
                SourceFile::decode(path, &blobs.read(&prefix.join(path), *max_file_size)?)
            }
        }
    }
}

/// The lock, whether or not another thread died holding it: what it guards is whole at all times.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
