//! The files of one commit, or of one to be, and their bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::command::{Git, GitError, path, records};
use crate::source::error::ReadError;

/// What a name of a commit stands for.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum BlobKind {
    /// A regular file.
    File,
    /// A symbolic link; its bytes are where it leads.
    Link,
    /// Another repository, of which only the commit is known.
    Submodule,
}

#[derive(Clone, Debug)]
struct Blob {
    kind: BlobKind,
    id: String,
    size: u64,
}

/// The files of a commit. Paths are relative to the root of the repository.
#[derive(Clone, Debug)]
pub struct Blobs {
    git: Git,
    blobs: BTreeMap<PathBuf, Blob>,
}

impl Blobs {
    /// The files of the tree or commit `id`.
    pub(super) fn of(git: &Git, id: &str) -> Result<Blobs, GitError> {
        let listed = git.output(&["ls-tree", "-r", "-z", "--long", "--full-tree", id])?;
        let blobs = records(&listed).filter_map(read_entry).collect();
        Ok(Blobs { git: git.clone(), blobs })
    }

    /// What there is, sorted by path.
    pub fn entries(&self) -> impl Iterator<Item = (&Path, BlobKind)> {
        self.blobs.iter().map(|(path, blob)| (path.as_path(), blob.kind))
    }

    /// The bytes of one file or link.
    ///
    /// # Errors
    /// When there is none, when it is longer than `limit` bytes, and when git fails.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let blob = self.readable(path, limit)?;
        self.git.output(&["cat-file", "blob", &blob.id]).map_err(|error| unread(&error))
    }

    /// The bytes of several files or links, in their order, in one question.
    pub fn read_all(&self, paths: &[&Path], limit: u64) -> Vec<Result<Vec<u8>, ReadError>> {
        let blobs: Vec<Result<&Blob, ReadError>> =
            paths.iter().map(|path| self.readable(path, limit)).collect();
        let asked = blobs.iter().flatten().map(|blob| format!("{}\n", blob.id));
        let answers = match asked.collect::<String>() {
            nothing if nothing.is_empty() => Ok(Vec::new()),
            asked => self.git.answer(&["cat-file", "--batch"], asked.into_bytes()),
        };
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return paths.iter().map(|_| Err(unread(&error))).collect(),
        };
        let mut rest = answers.as_slice();
        let next = |blob: Result<&Blob, ReadError>| {
            let bytes = read_answer(&mut rest, blob?);
            bytes.map(<[u8]>::to_vec).ok_or(ReadError::NotFound)
        };
        blobs.into_iter().map(next).collect()
    }

    fn readable(&self, path: &Path, limit: u64) -> Result<&Blob, ReadError> {
        let blob = self.blobs.get(path).ok_or(ReadError::NotFound)?;
        match blob {
            Blob { kind: BlobKind::Submodule, .. } => Err(ReadError::NotAFile),
            Blob { size, .. } if *size > limit => Err(ReadError::TooLarge { size: *size, limit }),
            blob => Ok(blob),
        }
    }
}

/// `100644 blob 0123abcd      42<TAB>path`.
fn read_entry(record: &[u8]) -> Option<(PathBuf, Blob)> {
    let tab = record.iter().position(|byte| *byte == b'\t')?;
    let (told, name) = record.split_at(tab);
    let told = std::str::from_utf8(told).ok()?;
    let mut words = told.split_whitespace();
    let (mode, _kind, id) = (words.next()?, words.next()?, words.next()?);
    let kind = match mode {
        "120000" => BlobKind::Link,
        "160000" => BlobKind::Submodule,
        _ => BlobKind::File,
    };
    let size = words.next().and_then(|size| size.parse().ok()).unwrap_or(0);
    Some((path(name.get(1..)?), Blob { kind, id: id.to_owned(), size }))
}

/// Takes one answer, `ID blob SIZE<LF>BYTES<LF>`, from the front of `rest`.
fn read_answer<'a>(rest: &mut &'a [u8], blob: &Blob) -> Option<&'a [u8]> {
    let line = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, behind) = (rest.get(..line)?, rest.get(line + 1..)?);
    let head = std::str::from_utf8(head).ok()?;
    if head.split(' ').next() != Some(&blob.id) || head.ends_with(" missing") {
        *rest = behind;
        return None;
    }
    let size: usize = head.rsplit(' ').next()?.parse().ok()?;
    let bytes = behind.get(..size)?;
    *rest = behind.get(size + 1..)?;
    Some(bytes)
}

fn unread(error: &GitError) -> ReadError {
    ReadError::Io { kind: std::io::ErrorKind::Other, message: error.to_string() }
}
