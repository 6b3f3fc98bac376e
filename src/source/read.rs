//! Bytes from disk: only of regular files, never more than asked for.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::error::ReadError;

/// The bytes of the regular file at `path`, which may not be a link.
///
/// # Errors
/// When it is gone, not a regular file, longer than `limit` bytes, or may not be read.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile);
    }
    let too_large = |size| ReadError::TooLarge { size, limit };
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// The longest configuration that is read, in bytes.
const LONGEST_CONFIG: u64 = 1 << 20;

/// The text of a configuration at `path`, which may be a link. A tree may hold anything under such a
/// name: what is no regular file is not opened, for reading it could last for ever.
///
/// # Errors
/// When it is gone, not a regular file, too long, not UTF-8, or may not be read.
pub fn config_text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    named_config_text(path)
}

/// As [`config_text`], of a configuration that the user named, which may come out of a pipe.
///
/// # Errors
/// When it is gone, too long, not UTF-8, or may not be read.
pub fn named_config_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST_CONFIG + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_CONFIG {
        let message = format!("it is longer than the {LONGEST_CONFIG} bytes that are read");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}
