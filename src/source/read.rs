//! Bytes from disk: only of regular files, never more than asked for.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::beneath::Beneath;
use super::error::ReadError;

/// The bytes of the regular file at `path`, which may not be a link.
///
/// # Errors
/// When it is gone, not a regular file, longer than `limit` bytes, or may not be read.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(ReadError::NotAFile);
    }
    content(open(path, Links::Refused)?, limit)
}

/// As [`bytes`], of what the listing of `root` called a file. No link is followed on the way.
///
/// # Errors
/// As [`bytes`]; [`ReadError::Relinked`] too when a link stands on the way now.
pub(super) fn bytes_beneath(root: &Beneath, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    match root.file(path) {
        Ok(file) => content(file, limit),
        Err(error) if is_link(&error) => Err(ReadError::Relinked),
        Err(error) => Err(error.into()),
    }
}

/// Whether it was a link that was in the way.
#[cfg(unix)]
pub(super) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
pub(super) fn is_link(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput
}

fn content(file: File, limit: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile);
    }
    let too_large = |size| ReadError::TooLarge { size, limit };
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// Whether a link may stand where a file is opened.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum Links {
    Followed,
    Refused,
}

/// Opens what stands at `path` now, which may be something else than when it was looked at: a pipe
/// is not waited for, and a link not followed where none was.
#[cfg(unix)]
fn open(path: &Path, links: Links) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = match links {
        Links::Followed => OFlags::empty(),
        Links::Refused => OFlags::NOFOLLOW,
    };
    let flags = (flags | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _: Links) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// What people call a thing that is neither file, folder nor link.
pub(super) fn special(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_dir() || kind.is_symlink() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// The longest configuration that is read, in bytes.
const LONGEST_CONFIG: u64 = 1 << 20;

/// The text of a configuration at `path`, which may be a link. A tree may hold anything under such a
/// name: what is no regular file is not opened, for reading it could last for ever.
///
/// # Errors
/// When it is gone, not a regular file, too long, not UTF-8, or may not be read.
pub fn config_text(path: &Path) -> io::Result<String> {
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
    if !fs::metadata(path)?.is_file() {
        return Err(refused());
    }
    let file = open(path, Links::Followed)?;
    if !file.metadata()?.is_file() {
        return Err(refused());
    }
    config_of(file)
}

/// As [`config_text`], of a configuration that the user named, which may come out of a pipe.
///
/// # Errors
/// When it is gone, too long, not UTF-8, or may not be read.
pub fn named_config_text(path: &Path) -> io::Result<String> {
    config_of(File::open(path)?)
}

fn config_of(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(LONGEST_CONFIG + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_CONFIG {
        let message = format!("it is longer than the {LONGEST_CONFIG} bytes that are read");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    /// What took the place of a file between two looks is neither waited for nor followed.
    #[cfg(unix)]
    #[test]
    fn what_came_instead_of_a_file_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo is missing");
        std::os::unix::fs::symlink(&pipe, &link).expect("a link is made");
        for (path, links) in [(&pipe, Links::Refused), (&link, Links::Followed)] {
            let opened = open(path, links).and_then(|file| file.metadata());
            assert!(opened.is_ok_and(|metadata| !metadata.is_file()));
        }
        assert!(open(&link, Links::Refused).is_err());
        assert_eq!(bytes(&pipe, 10), Err(ReadError::NotAFile));
        assert!(config_text(&link).is_err());
    }
}
