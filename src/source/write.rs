//! Replacing a file's text: whole or not at all, and only the text that was read.
//!
//! The new text is written beside the old and renamed over it, so that a crash leaves one or the
//! other. Extended attributes and access lists beyond the mode do not survive that.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::discovery::STORE;
use super::error::WriteError;
use super::file::BOM;

/// Writes `text` to the file at `relative` under `root`, if it still holds `expected`; a byte order
/// mark before both when `bom`.
pub(super) fn replace(
    root: &Path,
    relative: &Path,
    bom: bool,
    expected: &str,
    text: &str,
) -> Result<(), WriteError> {
    let named = root.join(relative);
    let path = named.canonicalize().map_err(|error| failed("find", &named, error))?;
    let metadata = fs::symlink_metadata(&path).map_err(|error| failed("look at", &path, error))?;
    let folder = path.parent().unwrap_or(root);
    refuse_foreign(root, &path, folder, &metadata)?;
    verify(&path, bom, expected)?;
    if text == expected {
        return Ok(());
    }

    let mut file = tempfile::Builder::new()
        .prefix(".frugix-")
        .tempfile_in(folder)
        .map_err(|error| denied_folder(folder, error))?;
    let fill = |file: &mut File| {
        if bom {
            file.write_all(BOM.as_bytes())?;
        }
        file.write_all(text.as_bytes())?;
        take_over(file, &metadata)?;
        file.sync_all()
    };
    fill(file.as_file_mut()).map_err(|error| failed("write", &path, error))?;
    // Once more, as late as can be: the disk may be slow and the editor quick.
    verify(&path, bom, expected)?;
    file.persist(&path).map_err(|error| failed("replace", &path, error.error))?;
    sync_folder(folder);
    Ok(())
}

/// Refuses what is not ours to write.
fn refuse_foreign(
    root: &Path,
    path: &Path,
    folder: &Path,
    metadata: &Metadata,
) -> Result<(), WriteError> {
    let path_buf = || path.to_path_buf();
    if path.starts_with(STORE) {
        return Err(WriteError::Store { path: path_buf() });
    }
    if !path.starts_with(root) {
        return Err(WriteError::LeavesRoot { path: path_buf() });
    }
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
    if cfg!(unix) && fs::metadata(folder).is_ok_and(|folder| folder.permissions().readonly()) {
        return Err(WriteError::ReadOnlyFolder { path: folder.to_path_buf() });
    }
    Ok(())
}

/// Refuses a file that does not hold exactly the text that was read.
fn verify(path: &Path, bom: bool, expected: &str) -> Result<(), WriteError> {
    let bytes = fs::read(path).map_err(|error| failed("read", path, error))?;
    let mark = if bom { BOM.as_bytes() } else { b"" };
    match bytes.strip_prefix(mark) {
        Some(text) if text == expected.as_bytes() => Ok(()),
        _ => Err(WriteError::Changed),
    }
}

fn failed(action: &'static str, path: &Path, error: io::Error) -> WriteError {
    match error.kind() {
        io::ErrorKind::NotFound => WriteError::Removed,
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

/// Makes the rename itself last. Some file systems cannot; the text is safe either way.
#[cfg(unix)]
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) {}
