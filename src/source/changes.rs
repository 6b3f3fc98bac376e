//! Which lines of a tree are other than those of an earlier commit.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use similar::{DiffTag, TextDiff};

use super::discovery::LARGEST_FILE;
use super::file::SourceFile;
use super::git::{Blobs, GitError, Repository};
use super::span::{FileId, Span};
use super::tree::Tree;

/// The lines, from 1, that a commit did not have.
#[derive(Clone, Debug, Default)]
pub struct ChangedLines {
    by_file: BTreeMap<FileId, Vec<RangeInclusive<u32>>>,
}

impl ChangedLines {
    /// What `tree`, which lies in `repository`, holds beyond `earlier`, a commit of it. A file that
    /// was not there then is new from its first line to its last.
    ///
    /// # Errors
    /// When the tree does not lie in the repository.
    pub fn since(
        tree: &Tree,
        repository: &Repository,
        earlier: &Blobs,
    ) -> Result<ChangedLines, GitError> {
        let root = tree.root();
        let Ok(prefix) = root.strip_prefix(repository.root()) else {
            return Err(GitError::NoRepository(root.to_path_buf()));
        };
        let paths: Vec<PathBuf> =
            tree.files().iter().map(|file| prefix.join(tree.path(*file))).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let texts = earlier.read_all(&paths, LARGEST_FILE);
        let mut changed = ChangedLines::default();
        for (file, before) in tree.files().iter().zip(texts) {
            let Ok(source) = tree.source(*file) else { continue };
            let lines = match before.and_then(|bytes| SourceFile::decode("", &bytes)) {
                Ok(before) => new_lines(&before.text, &source.text),
                Err(_) => vec![1..=u32::MAX],
            };
            if !lines.is_empty() {
                changed.by_file.insert(*file, lines);
            }
        }
        Ok(changed)
    }

    /// Whether any line of `span`, of a file of `tree`, is one of them.
    pub fn touch(&self, tree: &Tree, span: Span) -> bool {
        let (Some(lines), Ok(source)) = (self.by_file.get(&span.file), tree.source(span.file))
        else {
            return false;
        };
        let first = source.position(span.range.start()).line;
        let last = source.position(span.range.end()).line;
        lines.iter().any(|lines| *lines.start() <= last && first <= *lines.end())
    }
}

/// The lines of `after` that are not in `before`, and those that something was removed in front of:
/// what is missing there may be what is wrong.
fn new_lines(before: &str, after: &str) -> Vec<RangeInclusive<u32>> {
    if before == after {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1);
    let changed = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    changed
        .map(|op| {
            let lines = op.new_range();
            let first = number(lines.start);
            first..=number(lines.end.saturating_sub(1)).max(first)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_are_counted_in_the_new_text() {
        assert_eq!(new_lines("a\nb\nc\n", "a\nx\ny\nc\n"), [2..=3]);
        assert_eq!(new_lines("a\nb\nc\n", "a\nb\nc\nd\n"), [4..=4]);
        assert_eq!(new_lines("a\nb\nc\n", "a\nc\n"), [2..=2]);
        assert_eq!(new_lines("a\n", "a\n"), []);
        assert_eq!(new_lines("", "a\nb\n"), [1..=2]);
    }
}
