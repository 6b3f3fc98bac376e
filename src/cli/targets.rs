//! The PATHs of a command line: which trees they lie in, and which files of those they mean.

use std::fs;
use std::path::{Path, PathBuf};

use super::CliError;
use crate::lint::Diagnostic;
use crate::source::{FileId, Tree, find_root};

/// The paths that lie in one tree.
#[derive(Clone, Eq, PartialEq, Debug)]
pub(super) struct Targets {
    /// The root of the tree.
    pub root: PathBuf,
    /// The paths, as they were given.
    pub paths: Vec<PathBuf>,
}

impl Targets {
    /// Sorts `paths` by the tree they lie in, in the order given; all lie in `root` if there is
    /// one.
    ///
    /// # Errors
    ///
    /// When a path does not exist.
    pub fn group(paths: &[PathBuf], root: Option<&Path>) -> Result<Vec<Targets>, CliError> {
        let mut groups: Vec<Targets> = Vec::new();
        for path in paths {
            fs::metadata(path).map_err(|error| CliError::Path { path: path.clone(), error })?;
            let root = root.map_or_else(|| find_root(path), Path::to_path_buf);
            match groups.iter_mut().find(|group| group.root == root) {
                Some(group) => group.paths.push(path.clone()),
                None => groups.push(Targets { root, paths: vec![path.clone()] }),
            }
        }
        Ok(groups)
    }

    /// Sorts files, which need not exist on disk, by the tree they lie in. Those that do not lie in
    /// `root`, if there is one, are left out.
    pub fn of_files(files: &[PathBuf], root: Option<&Path>) -> Vec<Targets> {
        let real = root.map(|root| root.canonicalize().unwrap_or_else(|_| root.to_path_buf()));
        let mut groups: Vec<Targets> = Vec::new();
        for file in files {
            let root = match &real {
                Some(root) if file.starts_with(root) => root.clone(),
                Some(_) => continue,
                // A file may be a link: it is where its name stands that counts.
                None => find_root(file.parent().unwrap_or(file)),
            };
            match groups.iter_mut().find(|group| group.root == root) {
                Some(group) => group.paths.push(file.clone()),
                None => groups.push(Targets { root, paths: vec![file.clone()] }),
            }
        }
        groups
    }

    /// What discovery is to take up even if it would leave it out: folders, and Nix files. A
    /// file of another kind is not read as Nix because its name happens to be on the command line.
    pub fn named(&self) -> Vec<PathBuf> {
        let is_nix = |path: &Path| path.extension().is_some_and(|extension| extension == "nix");
        let named = self.paths.iter();
        named.filter(|path| path.is_dir() || is_nix(path)).cloned().collect()
    }
}

/// The files of a tree that findings are reported for, and fixes written to.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// By file, and behind the files by what could not be listed.
    included: Vec<bool>,
    files: usize,
}

impl Scope {
    /// The files of `tree` that lie at or under one of `paths`.
    pub fn of(tree: &Tree, paths: &[PathBuf]) -> Scope {
        let places: Vec<PathBuf> = paths.iter().filter_map(|path| tree.relative(path)).collect();
        let is_included = |file: FileId| {
            let path = tree.path(file);
            places.iter().any(|place| path.starts_with(place))
        };
        Scope::choose(tree, is_included)
    }

    /// One file.
    pub fn only(tree: &Tree, file: FileId) -> Scope {
        Scope::choose(tree, |other| other == file)
    }

    fn choose(tree: &Tree, is_included: impl Fn(FileId) -> bool) -> Scope {
        let places = tree.files().iter().copied().chain(tree.problem_places());
        Scope { included: places.map(is_included).collect(), files: tree.files().len() }
    }

    /// Whether `file` is one of them.
    pub fn includes(&self, file: FileId) -> bool {
        self.included.get(file.index()).copied().unwrap_or(false)
    }

    /// Whether the finding, or something it stands on, lies in one of them.
    pub fn concerns(&self, diagnostic: &Diagnostic) -> bool {
        self.includes(diagnostic.span.file)
            || (diagnostic.related.iter()).any(|related| self.includes(related.span.file))
            || diagnostic.depends.iter().any(|file| self.includes(*file))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.included.iter().take(self.files).filter(|included| **included).count()
    }
}

#[cfg(test)]
mod tests {
    use text_size::TextRange;

    use super::*;
    use crate::source::Span;

    static META: crate::lint::RuleMeta = crate::lint::RuleMeta {
        id: "sample",
        group: crate::lint::Group::Meta,
        severity: crate::lint::Severity::Warning,
        fix: crate::lint::FixAvailability::None,
        applicability: None,
        since: "0.1.0",
        summary: "",
        docs: "",
        default_on: true,
    };

    fn tree() -> Tree {
        let files = ["a.nix", "overlays/b.nix", "overlays-old/c.nix"];
        Tree::in_memory(Path::new("/config"), files.map(|path| (path, "{ }")))
    }

    fn file(tree: &Tree, path: &str) -> FileId {
        tree.file_at(Path::new(path)).expect("the file is in the tree")
    }

    #[test]
    fn a_folder_means_what_lies_in_it() {
        let tree = tree();
        let scope = Scope::of(&tree, &["/config/overlays".into()]);
        assert!(scope.includes(file(&tree, "overlays/b.nix")));
        assert!(!scope.includes(file(&tree, "overlays-old/c.nix")));
        assert_eq!(scope.len(), 1);
        assert_eq!(Scope::of(&tree, &["/config".into()]).len(), 3);
    }

    #[test]
    fn a_finding_concerns_the_files_its_values_came_from() {
        let tree = tree();
        let here = Span::new(file(&tree, "a.nix"), TextRange::empty(0.into()));
        let finding = Diagnostic::new(&META, here, "a finding");
        let overlays = Scope::of(&tree, &["/config/overlays".into()]);
        assert!(!overlays.concerns(&finding));
        let depends = finding.clone().depends_on(file(&tree, "overlays/b.nix"));
        assert!(overlays.concerns(&depends));
        let there = Span::new(file(&tree, "overlays/b.nix"), here.range);
        assert!(overlays.concerns(&finding.related(there, "the value")));
    }
}
