//! All files of a tree, one by one: those that changed since the last look, or, where nobody looks again,
//! some at a time, so that little of them is in memory at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::cache::Kept;
use super::fault::{Fault, Lost, guard};
use super::file::FileAnalyzer;
use super::timings::Timings;
use super::{Analyzer, Keeping};
use crate::eval::Limits;
use crate::facts::Ahead;
use crate::knowledge::Knowledge;
use crate::source::{FileId, Tree, unless_cancelled};

impl Analyzer {
    /// Looks at every file that is not as it was, and remembers it. Gives how many there were.
    pub(super) fn look_at_files(&mut self, tree: &Tree, knowledge: &Knowledge) -> usize {
        let new = AtomicUsize::new(0);
        let looked = self.looked(tree, tree.files(), knowledge, Keeping::Everything, &new);
        self.cache.replace(tree, looked);
        tree.check_wanted();
        new.into_inner()
    }

    /// Looks at every file, and at what can be told of each before all are read. Gives how many there were
    /// that were not known.
    pub(super) fn read_ahead<'t>(
        &mut self,
        tree: &'t Tree,
        knowledge: &'t Knowledge,
        timings: &mut Timings,
    ) -> (usize, Result<Ahead<'t>, Fault>) {
        let new = AtomicUsize::new(0);
        let mut looked = Vec::with_capacity(tree.files().len());
        let mut ahead = Ok(Ahead::new(tree, Limits::of(&self.config), knowledge));
        let at_once = ahead.as_ref().map_or(1, Ahead::at_once);
        for files in tree.files().chunks(at_once) {
            let look = || self.looked(tree, files, knowledge, Keeping::Nothing, &new);
            let mut batch = timings.phase("read and parse", look);
            let lowered = batch.iter_mut().map(|kept| kept.as_mut()?.take_lowered()).collect();
            looked.append(&mut batch);
            let take_in = |mut ahead: Ahead<'t>| {
                ahead.take_in(lowered);
                ahead
            };
            ahead = timings.phase("evaluate", || {
                ahead.and_then(|ahead| guard(|| Lost::Facts, || take_in(ahead)))
            });
        }
        self.cache.replace_once(looked);
        tree.check_wanted();
        (new.into_inner(), ahead)
    }

    /// What can be told of each of `files` by itself; those that are not as they were are counted as `new`.
    fn looked(
        &self,
        tree: &Tree,
        files: &[FileId],
        knowledge: &Knowledge,
        keeping: Keeping,
        new: &AtomicUsize,
    ) -> Vec<Option<Kept>> {
        let analyzer = FileAnalyzer {
            tree,
            dispatch: &self.dispatch,
            knowledge,
            config: &self.config,
            // What changes from one look to the next is seldom more than a file.
            parses: (!self.cache.is_empty()).then_some(&*self.parses),
            words: &self.words,
            sought: &self.sought,
            keeping,
        };
        let look = |file: &FileId| {
            let source = tree.source(*file).ok()?;
            let known = self.cache.get(tree, *file, &source);
            Some(known.unwrap_or_else(|| {
                new.fetch_add(1, Ordering::Relaxed);
                let analysis = analyzer.analyze(*file, &source);
                Kept::new(matches!(keeping, Keeping::Everything).then_some(source), analysis)
            }))
        };
        // What was found out until the work is given up is not found out again.
        let look = |file: &FileId| {
            unless_cancelled(|| look(file)).unwrap_or_else(|_| self.cache.as_it_was(tree, *file))
        };
        files.par_iter().map(look).collect()
    }
}
