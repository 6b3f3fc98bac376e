//! What the floor promises, on real folders.

mod discovery;
mod edits;
mod gitignore;
mod let_go;
mod links;
mod text;
mod tree;
mod write;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Discovery, Tree};

/// A folder on disk that goes away with the value.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with the given files, by path; one that ends in `/` is a folder.
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (path, text) in files {
            folder.put(path, text);
        }
        folder
    }

    /// The folder, links above it followed.
    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().expect("the folder exists")
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let whole = self.root().join(path);
        if path.is_empty() || path.ends_with('/') {
            return fs::create_dir_all(whole).expect("a folder");
        }
        fs::create_dir_all(whole.parent().expect("inside the root")).expect("a folder");
        fs::write(whole, bytes).expect("a file");
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path)).expect("a file")
    }

    fn open(&self) -> Tree {
        self.open_with(&Discovery::default())
    }

    fn open_with(&self, discovery: &Discovery) -> Tree {
        Tree::open(&self.root(), discovery).expect("the root exists")
    }

    #[cfg(unix)]
    fn link(&self, path: &str, target: impl AsRef<std::path::Path>) {
        let whole = self.root().join(path);
        fs::create_dir_all(whole.parent().expect("inside the root")).expect("a folder");
        std::os::unix::fs::symlink(target, whole).expect("a link");
    }
}

/// The paths of a tree's sources, with `/`.
fn paths(tree: &Tree) -> Vec<String> {
    let path = |&file| tree.path(file).to_string_lossy().replace('\\', "/");
    tree.files().iter().map(path).collect()
}
