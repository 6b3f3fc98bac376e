//! Replacing a file's text: whole or not at all, and only the text that was read.
//!
//! The new text is written beside the old and renamed over it, so that a crash leaves one or the
//! other. Extended attributes and access lists beyond the mode do not survive that.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::beneath::{Beneath, Replacement};
use super::discovery::STORE;
use super::error::WriteError;
use super::file::BOM;
use super::read::is_link;

/// The folder that nothing is written out of.
pub(super) struct Root<'t> {
    /// Its name, free of links when it was opened.
    pub(super) path: &'t Path,
    /// The folder itself.
    pub(super) folder: &'t Beneath,
}

/// Writes `text` to the file at `relative` under `root`, if it still holds `expected`; a byte order
/// mark before both when `bom`.
pub(super) fn replace(
    root: &Root<'_>,
    relative: &Path,
    bom: bool,
    expected: &str,
    text: &str,
) -> Result<(), WriteError> {
    let named = root.path.join(relative);
    let path = named.canonicalize().map_err(|error| failed("find", &named, error))?;
    if path.starts_with(STORE) {
        return Err(WriteError::Store { path });
    }
    let leaves = || WriteError::LeavesRoot { path: path.clone() };
    let inside = path.strip_prefix(root.path).map_err(|_| leaves())?;
    let (above, name) = inside.parent().zip(inside.file_name()).ok_or_else(leaves)?;
    // From here on the folder is the one that was looked up, whatever its name comes to mean.
    let folder = root.folder.folder(above).map_err(|error| failed("open", &path, error))?;
    let old = folder.file(name.as_ref()).map_err(|error| failed("read", &path, error))?;
    let metadata = old.metadata().map_err(|error| failed("look at", &path, error))?;
    refuse_foreign(&path, &folder, &metadata)?;
    verify(&path, old, bom, expected)?;
    if text == expected {
        return Ok(());
    }

    let mut new = Replacement::new(&folder)
        .map_err(|error| denied_folder(path.parent().unwrap_or(root.path), error))?;
    let fill = |file: &mut File| {
        if bom {
            file.write_all(BOM.as_bytes())?;
        }
        file.write_all(text.as_bytes())?;
        take_over(file, &metadata)?;
        file.sync_all()
    };
    fill(new.file()).map_err(|error| failed("write", &path, error))?;
    // Once more, as late as can be: the disk may be slow and the editor quick.
    let old = folder.file(name.as_ref()).map_err(|error| failed("read", &path, error))?;
    verify(&path, old, bom, expected)?;
    new.take_place_of(name).map_err(|error| failed("replace", &path, error))?;
    folder.sync();
    Ok(())
}

/// Refuses what is not ours to write.
fn refuse_foreign(path: &Path, folder: &Beneath, metadata: &Metadata) -> Result<(), WriteError> {
    let path_buf = || path.to_path_buf();
    if !metadata.is_file() {
        return Err(WriteError::NotAFile { path: path_buf() });
    }
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly { path: path_buf() });
    }
    match hard_links(metadata) {
        0 | 1 => {}
        links => {
            return Err(WriteError::HardLinked { path: path_buf(), links });
        }
    }
    // Where the system would let a superuser write anyway, the mode is still the owner's word.
    if folder.is_read_only() {
        let folder = path.parent().unwrap_or(path).to_path_buf();
        return Err(WriteError::ReadOnlyFolder { path: folder });
    }
    Ok(())
}

/// Refuses a file that does not hold exactly the text that was read.
fn verify(path: &Path, mut file: File, bom: bool, expected: &str) -> Result<(), WriteError> {
    let mut bytes = Vec::with_capacity(expected.len() + BOM.len());
    // More than is expected is too much, however much it is.
    let enough = (expected.len() + BOM.len()) as u64 + 1;
    let read = (&mut file).take(enough).read_to_end(&mut bytes);
    read.map_err(|error| failed("read", path, error))?;
    let mark = if bom { BOM.as_bytes() } else { b"" };
    match bytes.strip_prefix(mark) {
        Some(text) if text == expected.as_bytes() => Ok(()),
        _ => Err(WriteError::Changed),
    }
}

fn failed(action: &'static str, path: &Path, error: io::Error) -> WriteError {
    match error.kind() {
        io::ErrorKind::NotFound => WriteError::Removed,
        // A link stands now where none was a moment ago.
        _ if is_link(&error) => WriteError::Changed,
        _ => WriteError::Io { action, path: path.to_path_buf(), error },
    }
}

fn denied_folder(folder: &Path, error: io::Error) -> WriteError {
    let path = PathBuf::from(folder);
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            WriteError::ReadOnlyFolder { path }
        }
        _ => WriteError::Io { action: "make a file in", path, error },
    }
}

/// Gives `file` the mode of the one it replaces, and its owner where we may.
#[cfg(unix)]
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Not ours to give away: the file becomes the writer's, as when an editor saves it.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    // After the owner, for changing that clears bits of the mode.
    file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o7777))
}

#[cfg(not(unix))]
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(unix)]
fn hard_links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn hard_links(_: &Metadata) -> u64 {
    1
}
