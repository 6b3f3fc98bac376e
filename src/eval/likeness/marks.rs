//! What delayed values are made of, to be compared.

use std::path::PathBuf;
use std::sync::Arc;

use super::{MarkId, Unmarked, Walk};
use crate::eval::origin::Taken;
use crate::eval::{
    AttrSet, Delayed, EnvId, Evaluator, Kind, Root, Site, Slot, Symbol, Thunk, ThunkId, Value,
};
use crate::hir::{Expr, Name, Variable};
use crate::source::{FileId, Span};

/// Values that lead to values are followed to this depth.
const MOST_DEPTH: usize = 60;

/// No more elements or attributes of one value are looked at.
const MOST_PARTS: usize = 64;

/// No value is told from others by more steps that lead to it.
const MOST_STEPS: usize = 32;

/// No text is compared that is longer, in bytes.
const MOST_TEXT: usize = 256;

/// A value that is nothing but itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    Text(Box<str>),
    Path(Arc<PathBuf>),
}

/// The attributes of a set: their names, where these are written, and what they are.
type Attributes = Box<[(Name, Option<Span>, MarkId)]>;

/// What a delayed value is made of: values with one mark are the same value, made in the same way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Mark {
    /// This one, and no other.
    Only(ThunkId),
    /// One that is being looked at, so many values further out.
    Around(usize),
    /// An expression, and what it imports and looks up.
    Expression(Site, Box<[MarkId]>),
    Selection(MarkId, Name),
    Application(MarkId, MarkId),
    Update(MarkId, MarkId),
    /// A number, a truth, text or a path, and where it comes from.
    Plain(Plain, Box<[Taken]>),
    Symbol(Arc<Symbol>),
    /// One of Nix's own functions, by where it lies, and the arguments it has so far.
    Primitive(usize, Box<[MarkId]>),
    List(Box<[MarkId]>),
    Attributes(Attributes),
    /// A set of which only a part is known, by where it lies: what stands in it is selected.
    OpenSet(usize),
    Choice(Option<Span>, MarkId, MarkId),
}

impl Evaluator<'_> {
    pub(super) fn mark(&mut self, thunk: ThunkId, walk: &mut Walk) -> Result<MarkId, Unmarked> {
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
            // What is not evaluated yet may be known by its value later.
            Err(Unmarked::Telling) if matches!(self.thunks[thunk.index()], Thunk::Done(..)) => {
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
        let mark = match self.delayed_by(thunk) {
            Delayed::Known(value) => {
                let value = value.clone();
                if let Some((site, env)) = self.expression_of(thunk) {
                    // What was found on the way to it was found by now.
                    match self.mark_of_expression(site, env, walk) {
                        Err(Unmarked::Telling) => {}
                        mark => return mark,
                    }
                }
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
                        None => {
                            let is_outside = self.is_outside(first.unwrap_or(thunk));
                            return self.mark_of_names(mark, &path[index..], is_outside);
                        }
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

    /// Whether nothing that is selected from `thunk` can be a function of the tree.
    fn is_outside(&self, thunk: ThunkId) -> bool {
        let value = self.peek(thunk).and_then(Value::as_symbol);
        matches!(value.and_then(|symbol| symbol.path()), Some((Root::Input(_) | Root::Lib, _)))
    }

    fn mark_of_names(
        &mut self,
        base: MarkId,
        names: &[Name],
        is_outside: bool,
    ) -> Result<MarkId, Unmarked> {
        let Some(summaries) = self.likeness.summaries else { return Err(Unmarked::Telling) };
        let asked = &mut self.likeness.asked;
        let is_telling = |name: &Name| match is_outside {
            true => summaries.is_telling_outside(*name),
            false => summaries.is_telling(*name, asked),
        };
        if names.iter().any(is_telling) {
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
            Kind::Symbol(symbol) if self.is_telling(symbol) => return Err(Unmarked::Telling),
            Kind::Symbol(symbol) => Mark::Symbol(Arc::clone(symbol)),
            _ => plain(value).unwrap_or(Mark::Only(thunk)),
        };
        Ok(self.numbered(mark))
    }

    /// Whether a call of `symbol` is worth a look, wherever it is called from.
    fn is_telling(&self, symbol: &Symbol) -> bool {
        let summaries = self.likeness.summaries;
        let name = summaries.zip(symbol.last_name());
        name.is_some_and(|(summaries, name)| summaries.is_telling_outside(name))
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
        let mark = |slot: &Slot| Ok((slot.name, slot.key, self.mark(slot.value, walk)?));
        set.slots().iter().map(mark).collect()
    }

    fn numbered(&mut self, mark: Mark) -> MarkId {
        let next = MarkId(u32::try_from(self.likeness.marks.len()).unwrap_or(u32::MAX));
        *self.likeness.marks.entry(mark).or_insert(next)
    }
}

/// The mark of a value that is nothing but itself.
fn plain(value: &Value) -> Option<Mark> {
    let plain = match &value.kind {
        Kind::Null => Plain::Null,
        Kind::Bool(bool) => Plain::Bool(*bool),
        Kind::Int(int) => Plain::Int(*int),
        Kind::Str(text) => {
            Plain::Text(text.as_plain().filter(|text| text.len() <= MOST_TEXT)?.into())
        }
        Kind::Path(path) => Plain::Path(Arc::clone(path)),
        _ => return None,
    };
    Some(Mark::Plain(plain, value.origin.steps(MOST_STEPS)?.into()))
}
