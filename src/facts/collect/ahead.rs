//! Files of a tree without roots, looked at alone as soon as they are read: some hundreds at a time, and
//! what these were lowered to is let go before the next are read. So it does not matter to memory how
//! many there are.
//!
//! What a file says by itself hangs on others in three ways: it reads them, it asks whether functions
//! that are worth a call go by certain names, or it meets text of a profile that is used as a number. An
//! answer that turns out to hang on what was not known yet is given again, once all files were read.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Basis;
use super::entries::may_be_entry;
use super::flakes::every_flake;
use super::outline::{Outline, Outlining};
use super::run::{Answer, Kept, at_once, let_go_of_lowered};
use super::summary::{Telling, TellingNames, Worth};
use super::unit::{Unit, evaluate_file};
use crate::eval::{Limits, Program};
use crate::hir::{LazyFile, Name};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Tree};

/// So many times as many files are read as are evaluated until some are let go: threads wait for each
/// other after each batch.
const BATCHES_AT_ONCE: usize = 4;

/// The files of a tree that were read so far, in their order, and what is known of them.
pub struct Ahead<'a> {
    tree: &'a Tree,
    knowledge: &'a Knowledge,
    limits: Limits,
    outlining: Outlining<'a>,
    /// Nothing leads to any file but other files of the tree.
    is_rootless: bool,
    files: Vec<Option<Arc<LazyFile>>>,
    /// As many that are not to be seen.
    unseen: Vec<Option<Arc<LazyFile>>>,
    outlines: Vec<Option<Arc<Outline>>>,
    telling: Arc<TellingNames>,
    bringing: Arc<TellingNames>,
    /// The batch in which a name became telling or bringing.
    since: FxHashMap<Name, u32>,
    batch: u32,
    early: Vec<Early>,
}

/// What a file alone says, as far as was known when it was read.
struct Early {
    answer: Answer,
    batch: u32,
    /// The names of which it asked, and might be told something else later.
    asked: Box<[Name]>,
}

/// What is known when all files were read.
pub(super) struct Ready<'a> {
    pub tree: &'a Tree,
    pub limits: Limits,
    pub knowledge: &'a Knowledge,
    pub files: Vec<Option<Arc<LazyFile>>>,
    pub outlines: Vec<Option<Arc<Outline>>>,
    pub telling: Arc<TellingNames>,
    pub bringing: Arc<TellingNames>,
    /// What files say that hangs on no other, if none of them uses text as a number.
    pub early: FxHashMap<Unit, Arc<Kept>>,
}

impl<'a> Ahead<'a> {
    /// None of the files of `tree` read yet.
    pub fn new(tree: &'a Tree, limits: Limits, knowledge: &'a Knowledge) -> Ahead<'a> {
        let has_entry = || tree.files().iter().any(|file| may_be_entry(tree, *file));
        Ahead {
            tree,
            knowledge,
            limits,
            outlining: Outlining::new(knowledge),
            is_rootless: every_flake(tree).is_empty() && !has_entry(),
            files: Vec::with_capacity(tree.files().len()),
            unseen: Vec::new(),
            outlines: Vec::with_capacity(tree.files().len()),
            telling: Arc::new(TellingNames::that_bring()),
            bringing: Arc::new(TellingNames::that_bring()),
            since: FxHashMap::default(),
            batch: 0,
            early: Vec::new(),
        }
    }

    /// How many files are to be read before they are [taken in](Ahead::take_in).
    pub fn at_once(&self) -> usize {
        match self.is_rootless {
            true => BATCHES_AT_ONCE * at_once(),
            false => self.tree.files().len().max(1),
        }
    }

    /// Takes in the next files of the tree, lowered.
    pub fn take_in(&mut self, files: Vec<Option<Arc<LazyFile>>>) {
        let first = self.files.len();
        let outlining = &self.outlining;
        let outlines = files.par_iter().map(|file| outlining.outline_of(file.as_ref()?));
        self.outlines.par_extend(outlines);
        for (file, outline) in files.iter().zip(&self.outlines[first..]) {
            let Some(outline) = outline.as_ref().filter(|outline| !outline.telling.is_empty())
            else {
                continue;
            };
            let Some(hir) = file.as_ref().and_then(|file| file.file()) else { continue };
            let both = [(&mut self.telling, Worth::Facts), (&mut self.bringing, Worth::Bringing)];
            for (names, worth) in both {
                let is_new = |name| _ = self.since.insert(name, self.batch);
                Arc::make_mut(names).learn(hir, outline, worth, is_new);
            }
        }
        match self.is_rootless {
            true => self.look_at_each_alone(files),
            false => self.files.extend(files),
        }
        self.batch += 1;
    }

    /// Evaluates each of `files` as if there were no other, and lets go of those that say all that there is
    /// to say of them then.
    fn look_at_each_alone(&mut self, mut files: Vec<Option<Arc<LazyFile>>>) {
        let first = self.files.len();
        let mut seen = std::mem::take(&mut self.unseen);
        seen.resize(first, None);
        seen.append(&mut files);
        let of_interest = (first..seen.len()).filter(|index| {
            self.outlines[*index].as_ref().is_some_and(|outline| outline.is_of_interest())
        });
        let units: Vec<Unit> =
            of_interest.map(|index| Unit::File(FileId::from_index(index))).collect();
        let none = FxHashSet::default();
        let basis = Basis {
            knowledge: self.knowledge,
            outlines: &self.outlines,
            numbers_in_text: &none,
            telling: &Telling::of_facts(&self.outlines, Arc::clone(&self.telling)),
            bringing: &Telling::that_brings(Arc::clone(&self.bringing)),
            is_thorough: false,
        };
        let program = Program::new(self.tree, &seen).within(self.limits);
        let look = |unit: &Unit| self.look_at_alone(*unit, program, &basis);
        let early: Vec<Option<Early>> = units.par_iter().map(look).collect();
        let mut keeps = vec![false; seen.len() - first];
        for (unit, early) in units.iter().zip(&early) {
            if let (Unit::File(file), None) = (unit, early) {
                keeps[file.index() - first] = true;
            }
        }
        self.early.extend(early.into_iter().flatten());
        self.files.extend(seen.drain(first..));
        self.unseen = seen;
        let_go_of_lowered(&mut self.files[first..], |index| !keeps[index]);
    }

    /// What the file says, if it read no other.
    fn look_at_alone(&self, unit: Unit, program: Program<'_>, basis: &Basis<'_>) -> Option<Early> {
        let Unit::File(file) = unit else { return None };
        let mut fragment = evaluate_file(unit, program, basis);
        let has_read_another = fragment.reads.files().iter().any(|read| *read != file);
        if has_read_another {
            return None;
        }
        let names = std::mem::take(&mut fragment.names);
        let may_change = |name: &Name| !(self.telling.know(*name) && self.bringing.know(*name));
        let asked = names.into_iter().filter(may_change).collect();
        fragment.reads = Default::default();
        let kept = Arc::new(Kept { fragment, numbers: Vec::new() });
        Some(Early { answer: (unit, kept), batch: self.batch, asked })
    }

    /// What is known now that all files were taken in.
    pub(super) fn ready(self) -> Ready<'a> {
        let Ahead { tree, limits, knowledge, files, outlines, telling, bringing, .. } = self;
        let (since, early) = (self.since, self.early);
        let is_settled = |early: &Early| {
            let is_older = |name: &Name| since.get(name).is_none_or(|batch| *batch <= early.batch);
            early.asked.iter().all(is_older)
        };
        let settled = early.into_iter().filter(is_settled).map(|early| early.answer);
        let early = settled.collect();
        Ready { tree, limits, knowledge, files, outlines, telling, bringing, early }
    }
}
