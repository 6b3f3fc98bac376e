//! What can go wrong between a disk and a text. Each sentence says what to do about it; none names
//! the file, because whoever reports it already does.

use std::io;
use std::path::PathBuf;

use super::discovery::LARGEST_FILE;
use super::git::GitError;

/// Why a file or folder of the tree could not be read.
///
/// Cloneable, because it is remembered: a file is read once, and so is its failure.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Nothing of that name is in the tree: it does not exist, or discovery left it out.
    #[error("there is no such file in the tree; check the path, and that no .gitignore hides it")]
    NotFound,
    /// The operating system refused.
    #[error("cannot be read: {message}; check its permissions, or leave it out with `exclude`")]
    Io {
        /// The kind the operating system gave.
        kind: io::ErrorKind,
        /// Its own words.
        message: String,
    },
    /// The bytes are not UTF-8.
    #[error("is not UTF-8 text (first bad byte at offset {offset}); save it as UTF-8")]
    NotUtf8 {
        /// The first byte that is not, counted from the start of the file on disk.
        offset: u64,
    },
    /// The text holds a NUL byte, which no source text does.
    #[error(
        "is not text (NUL byte at offset {offset}); save it as UTF-8, or leave it out with `exclude`"
    )]
    Binary {
        /// The first NUL, counted from the start of the file on disk.
        offset: u64,
    },
    /// The bytes are a secret that is locked here.
    #[error(
        "is encrypted with {with}; unlock it to have it checked, or leave it out with `exclude`"
    )]
    Encrypted {
        /// The tool whose mark the bytes carry.
        with: &'static str,
    },
    /// Longer than [`Discovery::max_file_size`](super::Discovery::max_file_size).
    #[error(
        "is {size} bytes long, more than the {limit} that are read; {}leave it out with `exclude`",
        if *limit < LARGEST_FILE { "raise `max-file-size`, or " } else { "" }
    )]
    TooLarge {
        /// Its length in bytes.
        size: u64,
        /// The greatest length that is read.
        limit: u64,
    },
    /// A `.gitignore` that says more than is heeded.
    #[error(
        "has more than {limit} bytes of patterns, or those above it have, so that what it ignores is looked at; shorten it, or leave that out with `exclude`"
    )]
    TooManyPatterns {
        /// How many bytes are heeded, in all files that speak of one folder.
        limit: u64,
    },
    /// A symbolic link whose target lies outside the root.
    #[error(
        "is a link to {}, outside the root, and is not followed; move the target into the tree, or choose a wider root",
        .target.display()
    )]
    LeavesRoot {
        /// Where the link leads.
        target: PathBuf,
    },
    /// A FIFO, a device or a socket under a name that a source has.
    #[error(
        "is {what} and not a regular file, and is never opened; put a file in its place, or leave it out with `exclude`"
    )]
    Special {
        /// What it is, with its article.
        what: &'static str,
    },
    /// The file, or a folder above it, was replaced by a symbolic link after the tree was listed.
    #[error(
        "is reached through a link that was not there when the tree was listed, and is not followed; run again"
    )]
    Relinked,
    /// The file was read before, and is not what it was.
    #[error("was changed while it was being looked at; run again")]
    Changed,
    /// A folder, a FIFO, a device or a socket where a file was asked for.
    #[error("is not a regular file; name a file, or remove it from the tree")]
    NotAFile,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::from(&error)
    }
}

impl From<&io::Error> for ReadError {
    fn from(error: &io::Error) -> ReadError {
        match error.kind() {
            io::ErrorKind::NotFound => ReadError::NotFound,
            kind => ReadError::Io { kind, message: error.to_string() },
        }
    }
}

/// Why a tree could not be opened at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The root does not exist or may not be entered.
    #[error("cannot open the root {}: {error}; name an existing folder", .path.display())]
    Root {
        /// The root asked for.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// The root is a file.
    #[error("the root {} is not a folder; name the folder that holds it", .path.display())]
    NotAFolder {
        /// The root asked for.
        path: PathBuf,
    },
    /// A path named on its own does not exist or may not be reached.
    #[error("cannot open {}: {error}; check the path", .path.display())]
    Named {
        /// The path asked for.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// A path named on its own lies elsewhere.
    #[error("{} is not under the root {}; name a path inside it, or another root", .path.display(), .root.display())]
    Outside {
        /// The path asked for.
        path: PathBuf,
        /// The root of the tree.
        root: PathBuf,
    },
    /// A pattern of [`Discovery::exclude`](super::Discovery::exclude) cannot be read.
    #[error("the exclude pattern {pattern:?} is not valid: {message}; write it as in a .gitignore")]
    Pattern {
        /// The pattern asked for.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// The patterns of [`Discovery::exclude`](super::Discovery::exclude) cannot be used together.
    #[error(
        "the {count} exclude patterns cannot be used together: {message}; write fewer or simpler ones"
    )]
    Patterns {
        /// How many there are.
        count: usize,
        /// What is wrong with them.
        message: String,
    },
    /// Git, which the texts were to come from, did not answer.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Why a file was not written. Nothing was changed on disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The tree lives in memory.
    #[error("this text did not come from disk, so there is nothing to write; save it yourself")]
    InMemory,
    /// It was never read, so there is nothing to compare the disk with.
    #[error("it could not be read ({0}), so it is not written")]
    NotRead(ReadError),
    /// It is not what was read.
    #[error("it changed on disk since it was read; run again on the new text")]
    Changed,
    /// It is gone.
    #[error("it was removed since it was read; restore it and run again")]
    Removed,
    /// It lies in the Nix store.
    #[error("{} is in the Nix store, which is never edited; edit the file it was built from", .path.display())]
    Store {
        /// Where the text really lies.
        path: PathBuf,
    },
    /// A link leads out of the tree.
    #[error("it is a link to {}, outside the root; run there", .path.display())]
    LeavesRoot {
        /// Where the text really lies.
        path: PathBuf,
    },
    /// Its permissions forbid writing.
    #[error("{} is read-only; make it writable (chmod u+w) and run again", .path.display())]
    ReadOnly {
        /// Where the text really lies.
        path: PathBuf,
    },
    /// The folder's permissions forbid making the new file in it.
    #[error(
        "its folder {} is read-only, and a file is replaced by a new one there; make the folder writable (chmod u+w) and run again",
        .path.display()
    )]
    ReadOnlyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Other names share the bytes, and replacing one name would part them.
    #[error(
        "{} has {links} hard links, and replacing it would part them; edit it by hand, or make it a file of its own",
        .path.display()
    )]
    HardLinked {
        /// Where the text really lies.
        path: PathBuf,
        /// How many names it has.
        links: u64,
    },
    /// A folder, a FIFO, a device or a socket stands there now.
    #[error("{} is no regular file any more; put the file back and run again", .path.display())]
    NotAFile {
        /// Where the text was.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {error}", .path.display())]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
}
