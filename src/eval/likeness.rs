//! Values that are computed anew in another environment, from what is the same there.
//!
//! The configurations of a tree import the same files with the same arguments, and walk the same
//! folders. A delayed value that took long is therefore held against those of the same expression
//! that come later: they are alike where all that the expression looks up is alike, and the first one's
//! value is the value of all. What a value looks up is seen without evaluating anything
//! ([`Summary`](super::Summary)). Where a function worth a call may lie behind it, each is evaluated by
//! itself, for what is found then belongs to the configuration that it is found in.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::summary::Summarise;
use super::{AttrSet, Delayed, EnvId, Evaluator, Kind, Site, Symbol, Thunk, ThunkId, Value};
use crate::hir::{Expr, Name, Variable};
use crate::source::{FileId, Span};

/// A value that takes so many steps is worth being looked for among others.
const COSTLY: u64 = 400;

/// What more than so many values lead to is not told from others.
const MOST_VALUES: u32 = 1_500;

/// Values that lead to values are followed to this depth.
const MOST_DEPTH: usize = 60;

/// No more elements or attributes of one value are looked at.
const MOST_PARTS: usize = 64;

/// An expression that was alone so often in a row is not held against others any more.
const MOST_MISSES: u32 = 6;

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
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
struct MarkId(u32);

/// The attributes of a set: their names, where these are written, and what they are.
type Attributes = Box<[(Name, Option<Span>, MarkId)]>;

/// What a delayed value is made of: values with one mark are the same value, made in the same way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Mark {
    /// This one, and no other.
    Only(ThunkId),
    /// One that is being looked at, so many values further out.
    Around(usize),
    /// An expression, and what it imports and looks up.
    Expression(Site, Box<[MarkId]>),
    Selection(MarkId, Name),
    Application(MarkId, MarkId),
    Update(MarkId, MarkId),
    Symbol(Arc<Symbol>),
    /// One of Nix's own functions, by where it lies, and the arguments it has so far.
    Primitive(usize, Box<[MarkId]>),
    List(Box<[MarkId]>),
    Attributes(Attributes),
    /// A set of which only a part is known, by where it lies: what stands in it is selected.
    OpenSet(usize),
    Choice(Option<Span>, MarkId, MarkId),
}

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
        if self.likeness.costly.get(&site).is_none_or(|misses| *misses > MOST_MISSES) {
            return None;
        }
        let first = self.first_like(thunk).filter(|first| *first != thunk);
        let like = first.filter(|it| !matches!(self.thunks[it.index()], Thunk::Busy));
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
        let mark = self.mark(thunk, &mut walk).ok()?;
        self.likeness.first.get(&mark).copied()
    }

    fn mark(&mut self, thunk: ThunkId, walk: &mut Walk) -> Result<MarkId, Unmarked> {
        let thunk = self.meant(thunk);
        if let Some(known) = self.likeness.known.get(&thunk) {
            return known.ok_or(Unmarked::Telling);
        }
        if let Some(at) = walk.around.iter().rposition(|around| *around == thunk) {
            walk.met = walk.met.min(at);
            return Ok(self.numbered(Mark::Around(walk.around.len() - at)));
        }
        let depth = walk.around.len();
        walk.left = walk.left.checked_sub(1).ok_or(Unmarked::TooFar)?;
        if depth >= MOST_DEPTH {
            return Err(Unmarked::TooFar);
        }
        let met_before = std::mem::replace(&mut walk.met, usize::MAX);
        walk.around.push(thunk);
        let mark = self.mark_of(thunk, walk);
        walk.around.pop();
        // What leads to something around it has that mark only here.
        let is_whole = walk.met >= depth;
        walk.met = if is_whole { met_before } else { met_before.min(walk.met) };
        match mark {
            Ok(mark) if is_whole => {
                self.likeness.known.insert(thunk, Some(mark));
                self.likeness.first.entry(mark).or_insert(thunk);
            }
            Err(Unmarked::Telling) => {
                self.likeness.known.insert(thunk, None);
            }
            _ => {}
        }
        mark
    }

    /// What `thunk` is the same as.
    fn meant(&self, mut thunk: ThunkId) -> ThunkId {
        while let Thunk::Same(other) = self.thunks[thunk.index()] {
            thunk = other;
        }
        thunk
    }

    fn mark_of(&mut self, thunk: ThunkId, walk: &mut Walk) -> Result<MarkId, Unmarked> {
        if let Some((site, env)) = self.expression_of(thunk) {
            return self.mark_of_expression(site, env, walk);
        }
        let mark = match self.delayed_by(thunk) {
            Delayed::Known(value) => {
                let value = value.clone();
                return self.mark_of_value(thunk, &value, walk);
            }
            Delayed::Expression(site, env) => return self.mark_of_expression(site, env, walk),
            Delayed::Selection(base, name) => return self.mark_of_selected(base, &[name], walk),
            Delayed::Application(function, argument) => {
                Mark::Application(self.mark(function, walk)?, self.mark(argument, walk)?)
            }
            Delayed::Update(left, right) => {
                Mark::Update(self.mark(left, walk)?, self.mark(right, walk)?)
            }
            Delayed::Merged | Delayed::Busy => Mark::Only(thunk),
        };
        Ok(self.numbered(mark))
    }

    fn mark_of_expression(
        &mut self,
        site: Site,
        env: EnvId,
        walk: &mut Walk,
    ) -> Result<MarkId, Unmarked> {
        let (Some(hir), Some(summaries)) = (self.program.file(site.file), self.likeness.summaries)
        else {
            return Err(Unmarked::Telling);
        };
        // A name stands for what it names, wherever it is written.
        if let Expr::Variable(Variable::Local { depth, slot, .. }) = hir.expr(site.expr)
            && let Some(named) = self.local(env, *depth, *slot)
        {
            return self.mark(named, walk);
        }
        let summary = summaries.summary(hir, site);
        self.likeness.asked.extend(&summary.asked);
        if summary.tells {
            return Err(Unmarked::Telling);
        }
        let mut marks = Vec::with_capacity(summary.imports.len() + summary.looks_up.len());
        for path in &summary.imports {
            let Some(file) = self.imported_from(site.file, path) else { continue };
            marks.push(self.mark_of_file(file, walk)?);
        }
        for name in &summary.looks_up {
            if let Some(thunk) = self.local(env, name.depth, name.slot) {
                marks.push(self.mark_of_selected(thunk, &name.path, walk)?);
            }
        }
        Ok(self.numbered(Mark::Expression(site, marks.into())))
    }

    fn mark_of_file(&mut self, file: FileId, walk: &mut Walk) -> Result<MarkId, Unmarked> {
        self.note(file);
        let value = self.imported_value(file).ok_or(Unmarked::Telling)?;
        self.mark(value, walk)
    }

    /// The mark of what `path` selects from `base`.
    fn mark_of_selected(
        &mut self,
        base: ThunkId,
        path: &[Name],
        walk: &mut Walk,
    ) -> Result<MarkId, Unmarked> {
        let mut thunk = self.meant(base);
        for (index, name) in path.iter().enumerate() {
            match self.slot_of(thunk, *name) {
                Some(slot) => thunk = self.meant(slot),
                None => {
                    let mark = self.mark(thunk, walk)?;
                    // Of a value like it more may be known by now.
                    let first = self.likeness.first.get(&mark).copied();
                    match first.and_then(|first| self.slot_of(first, *name)) {
                        Some(slot) => thunk = self.meant(slot),
                        None => return self.mark_of_names(mark, &path[index..]),
                    }
                }
            }
        }
        self.mark(thunk, walk)
    }

    fn slot_of(&self, thunk: ThunkId, name: Name) -> Option<ThunkId> {
        let Thunk::Done(Value { kind: Kind::Attrs(set), .. }, _) = &self.thunks[thunk.index()]
        else {
            return None;
        };
        set.get(name).filter(|slot| !slot.optional).map(|slot| slot.value)
    }

    fn mark_of_names(&mut self, base: MarkId, names: &[Name]) -> Result<MarkId, Unmarked> {
        let Some(summaries) = self.likeness.summaries else { return Err(Unmarked::Telling) };
        let asked = &mut self.likeness.asked;
        if names.iter().any(|name| summaries.is_telling(*name, asked)) {
            return Err(Unmarked::Telling);
        }
        Ok(names.iter().fold(base, |base, name| self.numbered(Mark::Selection(base, *name))))
    }

    fn mark_of_value(
        &mut self,
        thunk: ThunkId,
        value: &Value,
        walk: &mut Walk,
    ) -> Result<MarkId, Unmarked> {
        let mark = match &value.kind {
            Kind::Lambda(closure) => {
                let site = Site { file: closure.file, expr: closure.expr };
                return self.mark_of_expression(site, closure.env, walk);
            }
            Kind::Primitive(partial) if partial.primitive.name == "import" => {
                return Err(Unmarked::Telling);
            }
            Kind::Primitive(partial) => {
                let primitive = std::ptr::from_ref(partial.primitive).cast::<()>() as usize;
                Mark::Primitive(primitive, self.marks(&partial.arguments, walk)?)
            }
            Kind::List(items) => Mark::List(self.marks(items, walk)?),
            Kind::Attrs(set) if set.rest.is_some() => {
                Mark::OpenSet(Arc::as_ptr(set).cast::<()>() as usize)
            }
            Kind::Attrs(set) => Mark::Attributes(self.marks_of_attributes(set, walk)?),
            Kind::Choice(choice) => Mark::Choice(
                choice.condition,
                self.mark(choice.then, walk)?,
                self.mark(choice.otherwise, walk)?,
            ),
            Kind::Symbol(symbol) => Mark::Symbol(Arc::clone(symbol)),
            _ => Mark::Only(thunk),
        };
        Ok(self.numbered(mark))
    }

    fn marks(&mut self, parts: &[ThunkId], walk: &mut Walk) -> Result<Box<[MarkId]>, Unmarked> {
        if parts.len() > MOST_PARTS {
            return Err(Unmarked::TooFar);
        }
        parts.iter().map(|part| self.mark(*part, walk)).collect()
    }

    fn marks_of_attributes(
        &mut self,
        set: &AttrSet,
        walk: &mut Walk,
    ) -> Result<Attributes, Unmarked> {
        if set.slots().len() > MOST_PARTS {
            return Err(Unmarked::TooFar);
        }
        let mark = |slot: &super::Slot| Ok((slot.name, slot.key, self.mark(slot.value, walk)?));
        set.slots().iter().map(mark).collect()
    }

    fn numbered(&mut self, mark: Mark) -> MarkId {
        let next = MarkId(u32::try_from(self.likeness.marks.len()).unwrap_or(u32::MAX));
        *self.likeness.marks.entry(mark).or_insert(next)
    }
}
