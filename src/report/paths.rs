//! How a file is named in output: relative to where the user stands, with `/`.

use std::path::{Component, Path, PathBuf};

use crate::source::{FileId, Tree};

/// Names files the way the user would, from the working directory.
#[derive(Clone, Debug)]
pub struct DisplayPaths {
    working_directory: PathBuf,
}

impl DisplayPaths {
    /// Names files from `working_directory`, which is absolute.
    pub fn new(working_directory: impl Into<PathBuf>) -> DisplayPaths {
        DisplayPaths { working_directory: working_directory.into() }
    }

    /// The directory that names start from.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// The name of a file of `tree`. Bytes that are no Unicode show as `\u{fffd}`.
    pub fn name(&self, tree: &Tree, file: FileId) -> String {
        self.relative(&tree.root().join(tree.path(file)))
    }

    /// The name of `path`, which is absolute: with `..` where it lies outside the working
    /// directory, whole where nothing is shared.
    pub fn relative(&self, path: &Path) -> String {
        let from: Vec<Component> = self.working_directory.components().collect();
        let to: Vec<Component> = path.components().collect();
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if shared == 0 {
            return path.to_string_lossy().into_owned();
        }
        let up = from[shared..].iter().map(|_| "..".into());
        let down = to[shared..].iter().map(|component| component.as_os_str().to_string_lossy());
        let names: Vec<_> = up.chain(down).collect();
        if names.is_empty() { ".".to_owned() } else { names.join("/") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_start_where_the_user_stands() {
        let paths = DisplayPaths::new("/home/me/config");
        let name = |path: &str| paths.relative(Path::new(path));
        assert_eq!(name("/home/me/config/home.nix"), "home.nix");
        assert_eq!(name("/home/me/config/a/b.nix"), "a/b.nix");
        assert_eq!(name("/home/me/other/b.nix"), "../other/b.nix");
        assert_eq!(name("/home/me/config"), ".");
        assert_eq!(name("/etc/nixos/x.nix"), "../../../etc/nixos/x.nix");
    }
}
