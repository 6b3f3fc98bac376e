//! The modules that the configurations of a tree without a flake begin with: `configuration.nix` for
//! a system, `home.nix` for a home.

use std::ffi::OsStr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::flakes::every_flake;
use super::outline::Outline;
use crate::source::{FileId, Tree};

/// These modules, in their order. None where there is a flake, which says what begins with what.
pub(super) fn entries(
    tree: &Tree,
    outlines: &[Option<Arc<Outline>>],
) -> impl Iterator<Item = FileId> {
    let has_flake = !every_flake(tree).is_empty();
    let is_entry = move |file: &FileId| {
        let is_read = outlines.get(file.index()).is_some_and(Option::is_some);
        !has_flake && is_read && may_be_entry(tree, *file)
    };
    tree.files().iter().copied().filter(is_entry)
}

/// Whether a configuration may begin with `file`, by its name.
pub(super) fn may_be_entry(tree: &Tree, file: FileId) -> bool {
    let name = tree.path(file).file_name().and_then(OsStr::to_str);
    matches!(name, Some("configuration.nix" | "home.nix"))
}

/// The entries that share no file with another, by the files that each has reached: what two
/// machines share is not known of either.
pub(super) fn alone<T>(entries: Vec<T>, reached: impl Fn(&T) -> &[FileId]) -> Vec<T> {
    let mut readers: FxHashMap<FileId, usize> = FxHashMap::default();
    for file in entries.iter().flat_map(&reached) {
        *readers.entry(*file).or_default() += 1;
    }
    let is_alone = |entry: &T| reached(entry).iter().all(|file| readers[file] == 1);
    entries.into_iter().filter(is_alone).collect()
}
