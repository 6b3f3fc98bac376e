//! Bytes from disk: only of regular files, never more than asked for.

use std::fs::{self, File};
use std::io::Read;
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
