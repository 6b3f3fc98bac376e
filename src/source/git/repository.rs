//! One repository: its working tree, what is staged in it, and its hooks.

use std::path::{Path, PathBuf};

use super::command::{Git, GitError, path, records};
use super::objects::Blobs;

/// A git repository with a working tree.
#[derive(Clone, Debug)]
pub struct Repository {
    git: Git,
    root: PathBuf,
}

impl Repository {
    /// The repository around `folder`; the one that runs us as its hook, if one does.
    ///
    /// # Errors
    /// When there is none, and when there is no git.
    pub fn around(folder: &Path) -> Result<Repository, GitError> {
        // With `GIT_DIR` set, git takes the folder it runs in for the root of the working tree, and
        // so it must be the one that it has chosen itself.
        let is_hook = std::env::var_os("GIT_DIR").is_some();
        let git = Git::at(if is_hook { Path::new(".") } else { folder });
        let root = git.line(&["rev-parse", "--show-toplevel"]).map_err(|error| match error {
            GitError::Refused { .. } => GitError::NoRepository(folder.to_path_buf()),
            error => error,
        })?;
        let root = PathBuf::from(root);
        let root = root.canonicalize().unwrap_or(root);
        Ok(Repository { git: Git::at(&root), root })
    }

    /// The root of the working tree; absolute, and free of links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What would be committed now: neither what is not staged nor what is only meant to be added.
    ///
    /// # Errors
    /// When a merge is not done, and when git fails.
    pub fn staged(&self) -> Result<Blobs, GitError> {
        let tree = self.git.line(&["write-tree"]).map_err(|error| match error {
            GitError::Refused { message, .. } if message.contains("unmerged") => GitError::Unmerged,
            error => error,
        })?;
        Blobs::of(&self.git, &tree)
    }

    /// The files that a commit would change or add now, absolute.
    ///
    /// # Errors
    /// When git fails.
    pub fn staged_changes(&self) -> Result<Vec<PathBuf>, GitError> {
        let arguments =
            ["diff", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=d"];
        let listed = self.git.output(&arguments)?;
        Ok(records(&listed).map(|name| self.root.join(path(name))).collect())
    }

    /// The files of the commit at which this branch left `reference`: that commit itself, where the
    /// branch comes from it.
    ///
    /// # Errors
    /// When it names no commit, or none that the branch has anything to do with.
    pub fn since(&self, reference: &str) -> Result<Blobs, GitError> {
        let no_commit = |error| match error {
            GitError::Refused { .. } => GitError::NoCommit(reference.to_owned()),
            error => error,
        };
        let commit = format!("{reference}^{{commit}}");
        let commit = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        let commit = self.git.line(&commit).map_err(no_commit)?;
        let base = self.git.line(&["merge-base", "HEAD", &commit]).map_err(no_commit)?;
        Blobs::of(&self.git, &base)
    }

    /// The files and folders that git ignores, absolute.
    pub(super) fn ignored(&self) -> Result<Vec<PathBuf>, GitError> {
        let arguments =
            ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];
        let listed = self.git.output(&arguments)?;
        Ok(records(&listed).map(|name| self.root.join(path(name))).collect())
    }

    /// Where git looks for hooks: of this worktree, and where `core.hooksPath` says.
    ///
    /// # Errors
    /// When git fails.
    pub fn hooks_folder(&self) -> Result<PathBuf, GitError> {
        let folder = self.git.line(&["rev-parse", "--git-path", "hooks"])?;
        Ok(self.root.join(folder))
    }
}
