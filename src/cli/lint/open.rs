//! Which trees a run of `frugix lint` looks at, and what is said before it does.

use std::path::PathBuf;

use super::options::Input;
use super::output::Text;
use super::run::{Looked, Run};
use crate::cli::session::{Origin, Session, Staged};
use crate::cli::targets::Targets;
use crate::cli::{CliError, Outcome};
use crate::lint::Selectors;
use crate::report::visible_name;
use crate::source::git::Repository;
use crate::source::{ChangedLines, Tree, find_root};

impl Run<'_> {
    /// Opens the tree of each path, every tree once.
    pub(super) fn open(&self, input: &Input) -> Result<Vec<Session>, CliError> {
        let selectors = self.args.selection.selectors()?;
        if self.args.change.staged {
            return self.open_staged(&selectors);
        }
        let root = self.args.tree.root.as_deref();
        let groups = match self.stdin {
            None => Targets::group(&input.paths, root)?,
            Some(stdin) => {
                let path = &stdin.stand_in.path;
                let root = root.map_or_else(|| find_root(path), PathBuf::from);
                vec![Targets { root, paths: Vec::new() }]
            }
        };
        let origin = self.stdin.map_or(Origin::Disk, |stdin| Origin::StandIn(&stdin.stand_in));
        let open = |targets| self.args.tree.open(self.terminal, targets, origin, &selectors);
        groups.iter().map(open).collect()
    }

    /// Opens the trees that a commit would change, as they would be then.
    fn open_staged(&self, selectors: &Selectors) -> Result<Vec<Session>, CliError> {
        let root = self.args.tree.root.as_deref();
        let repository = Repository::around(root.unwrap_or(self.paths.working_directory()))?;
        let mut changes = repository.staged_changes()?;
        changes.retain(|path| path.extension().is_some_and(|extension| extension == "nix"));
        let groups = Targets::of_files(&changes, root);
        if groups.is_empty() {
            self.terminal.detail("no Nix file is staged");
            return Ok(Vec::new());
        }
        let staged = Staged { files: repository.staged()?, repository };
        let origin = Origin::Staged(&staged);
        let open = |targets| self.args.tree.open(self.terminal, targets, origin, selectors);
        groups.iter().map(open).collect()
    }

    /// The lines that `--since` asks for.
    pub(super) fn changed_lines(&self, tree: &Tree) -> Result<Option<ChangedLines>, CliError> {
        let Some(reference) = &self.args.change.since else { return Ok(None) };
        let repository = Repository::around(tree.root())?;
        let earlier = repository.since(reference)?;
        Ok(Some(ChangedLines::since(tree, &repository, &earlier)?))
    }

    /// Says what could not be listed. Where files are looked at, a rule does.
    pub(super) fn tell_problems(&self, sessions: &[Session]) {
        if self.terminal.is_quiet() {
            return;
        }
        for session in sessions {
            for (path, error) in session.tree.problems() {
                let name = self.paths.relative(&session.tree.root().join(path));
                self.terminal.warn(&format!("{} {error}", visible_name(&name)));
            }
        }
        self.tell_emptiness(sessions);
    }

    /// Says that there is nothing to look at, if so.
    pub(super) fn tell_emptiness(&self, sessions: &[Session]) {
        if self.terminal.is_quiet() || self.args.change.staged {
            return;
        }
        if sessions.iter().all(|session| session.scope.len() == 0) {
            self.terminal.warn("there are no Nix files under the given paths");
        }
    }

    pub(super) fn show_files(&self, sessions: &[Session]) -> Result<Outcome, CliError> {
        let files = sessions.iter().flat_map(|session| {
            let tree = &session.tree;
            let included = tree.files().iter().filter(|file| session.scope.includes(**file));
            included.map(|file| self.paths.name(tree, *file))
        });
        let mut names: Vec<String> = files.collect();
        names.sort();
        names.dedup();
        let mut text = String::new();
        for name in &names {
            text.push_str(&visible_name(name));
            text.push('\n');
        }
        self.print(&Text::Exact(text.into_bytes()))?;
        Ok(Outcome::Clean)
    }

    /// A host that nothing speaks of is probably misspelt.
    pub(super) fn tell_unknown_hosts(&self, looked: &[Looked]) {
        for host in &self.args.selection.host {
            let is_known = |looked: &Looked| {
                looked.session.config.hosts.contains_key(host)
                    || looked.analysis.diagnostics.iter().any(|found| found.hosts.contains(host))
            };
            if !looked.iter().any(is_known) {
                self.terminal.warn(&format!("no finding and no configuration names a host {host}"));
            }
        }
    }
}
