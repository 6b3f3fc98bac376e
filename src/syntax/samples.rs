//! Texts that the tests of what reads tokens share.

use std::path::{Path, PathBuf};

/// Numbers that look like chance, and are the same each time.
pub(super) struct Random(u64);

impl Random {
    /// The numbers that begin with `seed`.
    pub(super) fn of(seed: u64) -> Random {
        Random(seed)
    }

    /// One below `most`, or 0.
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// Every Nix file among the fixtures.
pub(super) fn fixtures() -> Vec<String> {
    nix_files(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// Every Nix file beneath the folders that `FRUGIX_FOLDERS` names: `/a:/b`.
pub(super) fn other_files() -> impl Iterator<Item = String> {
    let folders = std::env::var("FRUGIX_FOLDERS").unwrap_or_default();
    let folders: Vec<String> = folders.split(':').map(str::to_owned).collect();
    folders.into_iter().filter(|folder| !folder.is_empty()).flat_map(|folder| nix_files(&folder))
}

/// Every Nix file beneath `folder`.
fn nix_files(folder: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            match path.is_dir() && !path.is_symlink() {
                true => folders.push(path),
                false if is_nix(&path) => texts.extend(std::fs::read_to_string(&path)),
                false => {}
            }
        }
    }
    texts
}

fn is_nix(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "nix")
}
