//! What a tree holds when it is what would be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

use super::command::GitError;
use super::objects::{BlobKind, Blobs};
use super::repository::Repository;
use crate::source::discovery::{Found, is_source};
use crate::source::error::ReadError;
use crate::source::index::{EntryKind, normalise};

/// No link is longer than a path may be.
const LONGEST_LINK: u64 = 1 << 16;
/// How many links are followed from one name, as an operating system does.
const HOPS: usize = 40;

/// Lists what is staged under `root`, which lies in the repository at `prefix`.
pub(in crate::source) fn found(
    root: &Path,
    prefix: &Path,
    repository: &Repository,
    blobs: &Blobs,
    excluded: &Gitignore,
) -> Result<Found, GitError> {
    let mut found = Found::empty(root.to_path_buf());
    let mut links = Vec::new();
    for (whole, kind) in blobs.entries() {
        let Ok(path) = whole.strip_prefix(prefix) else { continue };
        if excluded.matched_path_or_any_parents(root.join(path), false).is_ignore() {
            found.index.skip(path);
            continue;
        }
        match kind {
            BlobKind::Submodule => {
                found.index.add(path, EntryKind::Directory);
                found.index.skip(path);
            }
            BlobKind::Link => {
                found.index.add(path, EntryKind::Symlink);
                links.push((whole, path));
            }
            BlobKind::File => {
                found.index.add(path, EntryKind::File);
                if is_source(path) {
                    found.sources.insert(path.to_path_buf());
                }
            }
        }
    }
    // They may well be there when the configuration is built; their absence proves nothing.
    for ignored in repository.ignored()? {
        if let Ok(path) = ignored.strip_prefix(root) {
            found.index.skip(path);
        }
    }
    end_links(&mut found, blobs, &links);
    Ok(found)
}

/// Finds where every link ends.
fn end_links(found: &mut Found, blobs: &Blobs, links: &[(&Path, &Path)]) {
    let whole: Vec<&Path> = links.iter().map(|(whole, _)| *whole).collect();
    let texts = blobs.read_all(&whole, LONGEST_LINK);
    let targets = links.iter().zip(texts).filter_map(|((_, path), text)| {
        Some((path.to_path_buf(), PathBuf::from(String::from_utf8(text.ok()?).ok()?)))
    });
    let targets: BTreeMap<PathBuf, PathBuf> = targets.collect();
    let mut sources = BTreeSet::new();
    for (link, target) in &targets {
        match end(link, &targets) {
            Some(end) => {
                let is_file = found.index.kind(&end) == Some(EntryKind::File);
                if is_source(link) && is_file {
                    sources.insert(end.clone());
                }
                if found.index.kind(&end).is_some() {
                    found.index.add_link(link, end);
                }
            }
            None => {
                found.index.skip(link);
                if is_source(link) {
                    let error = ReadError::LeavesRoot { target: target.clone() };
                    found.problems.push((link.clone(), error));
                }
            }
        }
    }
    found.sources.extend(sources);
}

/// The path, free of links, that a link ends at; none outside of the root, or in a circle.
fn end(link: &Path, targets: &BTreeMap<PathBuf, PathBuf>) -> Option<PathBuf> {
    let mut path = link.to_path_buf();
    for _ in 0..HOPS {
        let mut walked = PathBuf::new();
        let mut steps = path.components();
        let linked = loop {
            let Some(step) = steps.next() else { break None };
            walked.push(step);
            if let Some(target) = targets.get(&walked) {
                break Some(target);
            }
        };
        let Some(target) = linked else { return Some(path) };
        let folder = walked.parent().unwrap_or(Path::new(""));
        path = normalise(&folder.join(target).join(steps.as_path()))?;
    }
    None
}
