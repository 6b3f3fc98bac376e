//! Where folders are only names: as [`super`], but a folder that is swapped for a link is followed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A folder, by its name.
#[derive(Debug)]
pub(in crate::source) struct Beneath(PathBuf);

impl Beneath {
    /// The folder of that name.
    pub(in crate::source) fn open(folder: &Path) -> io::Result<Beneath> {
        Ok(Beneath(folder.to_path_buf()))
    }

    /// The folder at `path` beneath this one.
    pub(in crate::source) fn folder(&self, path: &Path) -> io::Result<Beneath> {
        Ok(Beneath(self.0.join(path)))
    }

    /// The regular file at `path` beneath this folder, for reading.
    ///
    /// # Errors
    /// When it is gone, a link, or may not be read.
    pub(in crate::source) fn file(&self, path: &Path) -> io::Result<File> {
        let path = self.0.join(path);
        if fs::symlink_metadata(&path)?.is_symlink() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        File::open(path)
    }

    /// Whether nobody may write in this folder: elsewhere than on Unix, no property of folders.
    pub(in crate::source) fn is_read_only(&self) -> bool {
        false
    }

    /// Nothing: a folder cannot be synced.
    pub(in crate::source) fn sync(&self) {}
}

/// A new file that is to take the place of another in its folder; gone again if it never does.
pub(in crate::source) struct Replacement<'f> {
    folder: &'f Beneath,
    file: NamedTempFile,
}

impl<'f> Replacement<'f> {
    /// Makes it, empty, under a name that nothing has.
    pub(in crate::source) fn new(folder: &'f Beneath) -> io::Result<Replacement<'f>> {
        let file = tempfile::Builder::new().prefix(".frugix-").tempfile_in(&folder.0)?;
        Ok(Replacement { folder, file })
    }

    /// The file, to be filled.
    pub(in crate::source) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Takes the place of `name` in its folder, whatever stands there.
    pub(in crate::source) fn take_place_of(self, name: &OsStr) -> io::Result<()> {
        let place = self.folder.0.join(name);
        self.file.persist(place).map(drop).map_err(|error| error.error)
    }
}
