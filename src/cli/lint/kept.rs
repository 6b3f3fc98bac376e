//! What outlives one run of `frugix lint`, for the next: with `--watch`, a change of one file costs
//! one file.

use std::path::PathBuf;

use crate::analysis::Analyzer;
use crate::cli::session::Session;
use crate::config::Config;

/// Analysers, which remember the files that they have looked at, with their trees and configurations.
#[derive(Default)]
pub(super) struct Kept(Vec<(PathBuf, Config, Analyzer)>);

impl Kept {
    /// Hands out the analysers of earlier runs, where the tree and its configuration are the same.
    pub(super) fn lend(&mut self, sessions: &mut [Session]) {
        for session in sessions {
            let is_its = |(root, config, _): &(PathBuf, Config, Analyzer)| {
                root == session.tree.root() && *config == session.config
            };
            if let Some(index) = self.0.iter().position(is_its) {
                session.analyzer = self.0.swap_remove(index).2;
            }
        }
        self.0.clear();
    }

    /// Keeps what a run has found out.
    pub(super) fn take_back(&mut self, sessions: impl Iterator<Item = Session>) {
        let parts = |Session { tree, config, analyzer, .. }: Session| {
            (tree.root().to_path_buf(), config, analyzer)
        };
        self.0.extend(sessions.map(parts));
    }
}
