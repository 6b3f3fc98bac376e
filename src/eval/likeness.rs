//! Values that are computed anew in another environment, from what is the same there.
//!
//! The configurations of a tree import the same files with the same arguments, and walk the same
//! folders. A delayed value that took long is therefore held against those of the same expression
//! that come later: they are alike where all that the expression looks up is alike, and the first one's
//! value is the value of all. What a value looks up is seen without evaluating anything
//! ([`Summary`](super::Summary)). Where a function worth a call may lie behind it, each is evaluated by
//! itself, for what is found then belongs to the configuration that it is found in.

mod marks;

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::summary::Summarise;
use super::{Evaluator, Kind, Site, Thunk, ThunkId};
use crate::hir::Name;
use marks::Mark;

/// A value that takes so many steps is worth being looked for among others.
const COSTLY: u64 = 400;

/// What more than so many values lead to is not told from others.
const MOST_VALUES: u32 = 1_500;

/// An expression that was alone so often in a row is not held against others any more. What walks
/// folders is called with hundreds of them by one configuration before the next one comes.
const MOST_MISSES: u32 = 2_000;

/// For so many values that evaluation made, one may be looked at to tell it from others.
const VALUES_A_LOOK: usize = 4;

/// Finds values that are alike.
#[derive(Clone, Default)]
pub(super) struct Likeness<'p> {
    /// What stands in expressions; where nobody knows, nothing is alike.
    summaries: Option<&'p dyn Summarise>,
    /// The expressions whose evaluation took long, and how often in a row their value was like none
    /// before it.
    costly: FxHashMap<Site, u32>,
    marks: FxHashMap<Mark, MarkId>,
    /// The first value with each mark.
    first: FxHashMap<MarkId, ThunkId>,
    /// The marks of values; none of one that is to be evaluated by itself.
    known: FxHashMap<ThunkId, Option<MarkId>>,
    /// The names of which it was asked whether they lead to a function worth a call.
    asked: FxHashSet<Name>,
    /// How many values were looked at.
    looks: usize,
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
struct MarkId(u32);

/// Values being looked at, each inside the one before.
struct Walk {
    around: Vec<ThunkId>,
    /// The outermost of them that was met again.
    met: usize,
    left: u32,
}

/// Why a value has no mark.
enum Unmarked {
    /// It may tell something.
    Telling,
    /// What it leads to was not looked at to the end.
    TooFar,
}

impl<'p> Evaluator<'p> {
    /// From now on, evaluates once what is the same in several environments, and tells nothing.
    pub fn share(&mut self, summaries: &'p dyn Summarise) {
        self.likeness.summaries = Some(summaries);
    }

    /// The names of which it was asked whether they lead to a function worth a call.
    pub fn asked_names(&self) -> &FxHashSet<Name> {
        &self.likeness.asked
    }

    /// A value like `thunk`, which is the expression at `site`, if evaluating that takes long and there
    /// is one before it.
    pub(super) fn like(&mut self, thunk: ThunkId, site: Site) -> Option<ThunkId> {
        let is_hopeless = |misses: &u32| *misses > MOST_MISSES;
        if self.likeness.costly.get(&site).is_none_or(is_hopeless)
            || self.likeness.looks > self.thunks.len() / VALUES_A_LOOK
        {
            return None;
        }
        let first = self.first_like(thunk).filter(|first| *first != thunk);
        // Why a value is not known may lie in what led to it.
        let is_known = |it: &ThunkId| match &self.thunks[it.index()] {
            Thunk::Busy => false,
            Thunk::Done(value, _) => !matches!(value.kind, Kind::Unknown(_)),
            _ => true,
        };
        let like = first.filter(is_known);
        if let Some(misses) = self.likeness.costly.get_mut(&site) {
            *misses = if like.is_some() { 0 } else { *misses + 1 };
        }
        like
    }

    /// Notes that evaluating `thunk`, the expression at `site`, took so many steps.
    pub(super) fn took(&mut self, thunk: ThunkId, site: Site, steps: u64) {
        if steps < COSTLY || self.likeness.summaries.is_none() {
            return;
        }
        if let Entry::Vacant(unknown) = self.likeness.costly.entry(site) {
            unknown.insert(0);
            self.first_like(thunk);
        }
    }

    /// The first value that was looked at and is like `thunk`, perhaps itself.
    fn first_like(&mut self, thunk: ThunkId) -> Option<ThunkId> {
        let mut walk = Walk { around: Vec::new(), met: usize::MAX, left: MOST_VALUES };
        let mark = self.mark(thunk, &mut walk);
        self.likeness.looks += (MOST_VALUES - walk.left) as usize;
        let mark = mark.ok()?;
        self.likeness.first.get(&mark).copied()
    }
}
