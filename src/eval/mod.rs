//! Static evaluation of lowered files: lazy values with provenance, imports, and the pure builtins.
//!
//! An [`Evaluator`] follows values as far as the tree alone decides them. What lies outside is a
//! [`Symbol`], what cannot be known is [`Kind::Unknown`] with the reason, and neither is ever an
//! error. Steps, depth and memory are bounded. Nothing here knows what a derivation is.

mod apply;
mod arena;
mod arithmetic;
mod declared;
mod each_system;
mod environment;
mod import;
mod joined;
mod json;
mod libraries;
mod likeness;
mod limits;
mod machine;
mod merge;
mod mute;
mod operators;
mod origin;
mod platform;
mod primitives;
mod program;
mod reads;
mod select;
mod strings;
mod summary;
mod symbol;
mod text;
mod value;

pub use environment::{EnvId, Frame};
pub use limits::{GivenUp, Limit, Limits};
pub use merge::{Defined, Given};
pub use origin::{Hop, Origin};
pub use program::Program;
pub use reads::Reads;
pub use summary::{LookUp, Summarise, Summary};
pub use symbol::{PackageSet, Root, Symbol};
pub use text::{Piece, Text};
pub use value::{AttrSet, Choice, Closure, Kind, Partial, Rest, Slot, Value, Why};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::hir::{ExprId, Name, ScopeId};
use crate::source::{FileId, Span};
use arena::Arena;

/// An expression of a file.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Site {
    pub file: FileId,
    pub expr: ExprId,
}

/// A delayed value.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ThunkId(u32);

impl ThunkId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A recorded call of a symbol.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct CallId(u32);

/// What makes a delayed value.
#[derive(Clone, Debug)]
enum Thunk {
    /// An expression in its environment.
    Expr(Site, EnvId),
    /// A function applied to an argument, at a place.
    Apply(ThunkId, ThunkId, Option<Site>),
    /// An attribute of another value, named at a place.
    Select(ThunkId, Name, Option<Span>),
    /// `left // right`.
    Update(ThunkId, ThunkId),
    /// The same as another.
    Same(ThunkId),
    /// Definitions of an option, merged.
    Merge(Arc<merge::Merge>),
    /// Being evaluated.
    Busy,
    /// Evaluated, and the expression that was.
    Done(Value, Option<(Site, EnvId)>),
}

/// What a delayed value will come from, or is by now.
#[derive(Debug)]
pub enum Delayed<'e> {
    /// It was evaluated.
    Known(&'e Value),
    /// It is an expression in an environment.
    Expression(Site, EnvId),
    /// It is a function applied to an argument.
    Application(ThunkId, ThunkId),
    /// It is an attribute of another.
    Selection(ThunkId, Name),
    /// It is `left // right`.
    Update(ThunkId, ThunkId),
    /// Definitions of an option make it.
    Merged,
    /// It is being evaluated.
    Busy,
}

/// A call of something outside the tree, as it was met.
#[derive(Clone, Debug)]
pub struct Call {
    /// The application, where it is written in the tree.
    pub site: Option<Site>,
    /// The environment of the application.
    pub env: EnvId,
    /// What was called.
    pub function: Arc<Symbol>,
    /// With what.
    pub argument: ThunkId,
}

/// Evaluates the files of one program. Answers are kept: asking twice costs nothing. A copy goes on
/// from all that is known.
#[derive(Clone)]
pub struct Evaluator<'p> {
    program: Program<'p>,
    limits: Limits,
    thunks: Arena<Thunk>,
    frames: Arena<Frame>,
    /// The frame that a `let`, recursive set or `with` opens in an environment.
    opened: FxHashMap<(EnvId, FileId, ScopeId), EnvId>,
    /// The frames that each function of the tree was called with.
    applied: FxHashMap<Site, Vec<EnvId>>,
    imported: FxHashMap<FileId, ThunkId>,
    /// The files that importing a path reads, by the text of the path.
    imported_files: FxHashMap<OsString, Option<FileId>>,
    calls: Vec<Call>,
    call_ids: FxHashMap<(Site, EnvId), CallId>,
    /// The set of all builtins, once it was asked for.
    builtins: Option<Value>,
    /// What stands in `mkIf`, `mkMerge` and the like to tell which it is.
    wrappers: Vec<(&'static str, ThunkId)>,
    /// Values that stand for folders of flakes: what `self` and path inputs lead to.
    flake_roots: FxHashMap<FileId, PathBuf>,
    /// The sets that `readDir` gives: trees that import whole folders ask for each again and again.
    folders: FxHashMap<PathBuf, Value>,
    patterns: primitives::Patterns,
    reads: Reads,
    likeness: likeness::Likeness<'p>,
    mute: mute::Mute<'p>,
    /// Functions and sets know the names that they went through.
    keeps_ways: bool,
    steps_left: u64,
    depth: u32,
    /// The expression that evaluation came to last.
    at: Option<Site>,
    /// Where it went no further: the first place of each file and limit.
    given_up: BTreeMap<(FileId, Limit), Site>,
}

impl<'p> Evaluator<'p> {
    /// An evaluator of `program` that knows nothing yet.
    pub fn new(program: Program<'p>, limits: Limits) -> Evaluator<'p> {
        Evaluator {
            program,
            limits,
            thunks: Arena::default(),
            frames: Arena::with(Frame::root()),
            opened: FxHashMap::default(),
            applied: FxHashMap::default(),
            imported: FxHashMap::default(),
            imported_files: FxHashMap::default(),
            calls: Vec::new(),
            call_ids: FxHashMap::default(),
            builtins: None,
            wrappers: Vec::new(),
            flake_roots: FxHashMap::default(),
            folders: FxHashMap::default(),
            patterns: primitives::Patterns::default(),
            reads: Reads::default(),
            likeness: likeness::Likeness::default(),
            mute: mute::Mute::default(),
            keeps_ways: true,
            steps_left: limits.steps,
            depth: 0,
            at: None,
            given_up: BTreeMap::new(),
        }
    }

    /// What is evaluated.
    pub fn program(&self) -> Program<'p> {
        self.program
    }

    /// Whether functions and sets know the names that they went through, as other values always do: only
    /// who is shown the way asks for it, and most names are of these.
    pub fn keep_ways(&mut self, keeps_ways: bool) {
        self.keeps_ways = keeps_ways;
    }

    /// Gives the next query its full number of steps.
    pub fn refuel(&mut self) {
        self.program.tree.check_wanted();
        self.steps_left = self.limits.steps;
    }

    /// Says that evaluation goes no further here, for `limit`.
    pub fn give_up(&mut self, limit: Limit) {
        if let Some(site) = self.at {
            self.given_up.entry((site.file, limit)).or_insert(site);
        }
    }

    /// Where evaluation went no further since that was last asked: the first place of each file and
    /// limit.
    pub fn take_given_up(&mut self) -> Vec<GivenUp> {
        let taken = std::mem::take(&mut self.given_up).into_iter();
        let told = taken.filter_map(|((_, limit), site)| {
            Some(self.limits.given_up(limit, self.program.span(site)?))
        });
        told.collect()
    }

    /// What `thunk` is, if that is known already.
    pub fn peek(&self, thunk: ThunkId) -> Option<&Value> {
        match &self.thunks[thunk.index()] {
            Thunk::Done(value, _) => Some(value),
            Thunk::Same(other) => self.peek(*other),
            _ => None,
        }
    }

    /// What `thunk` will come from, without evaluating it.
    pub fn delayed_by(&self, thunk: ThunkId) -> Delayed<'_> {
        match &self.thunks[thunk.index()] {
            Thunk::Done(value, _) => Delayed::Known(value),
            Thunk::Expr(site, env) => Delayed::Expression(*site, *env),
            Thunk::Apply(function, argument, _) => Delayed::Application(*function, *argument),
            Thunk::Select(base, name, _) => Delayed::Selection(*base, *name),
            Thunk::Update(left, right) => Delayed::Update(*left, *right),
            Thunk::Same(other) => self.delayed_by(*other),
            Thunk::Merge(_) => Delayed::Merged,
            Thunk::Busy => Delayed::Busy,
        }
    }

    /// The calls of symbols met so far.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The call `id`.
    pub fn call(&self, id: CallId) -> &Call {
        &self.calls[id.0 as usize]
    }

    /// The call that the application at `site` made in `env`.
    pub fn call_at(&self, site: Site, env: EnvId) -> Option<CallId> {
        self.call_ids.get(&(site, env)).copied()
    }

    /// The expression that gives a delayed value, where one does by itself.
    pub fn expression_of(&self, thunk: ThunkId) -> Option<(Site, EnvId)> {
        match &self.thunks[thunk.index()] {
            Thunk::Expr(site, env) => Some((*site, *env)),
            Thunk::Done(_, from) => *from,
            Thunk::Same(other) => self.expression_of(*other),
            _ => None,
        }
    }

    /// The ids of the calls from the `from`th on.
    pub fn calls_from(&self, from: usize) -> impl Iterator<Item = CallId> + use<> {
        let ids = from..self.calls.len();
        ids.map(|index| CallId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The frames that the function at `lambda` was called with.
    pub fn applications(&self, lambda: Site) -> &[EnvId] {
        self.applied.get(&lambda).map_or(&[], Vec::as_slice)
    }

    /// How many frames there are.
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Whether the function at `lambda` was called when there were `frames` frames already.
    pub fn is_called_since(&self, lambda: Site, frames: usize) -> bool {
        self.applications(lambda).iter().any(|env| env.index() >= frames)
    }

    /// The frame `env`.
    pub fn frame(&self, env: EnvId) -> &Frame {
        &self.frames[env.index()]
    }

    /// Tells where the flake lies whose outputs `file` computes, so that `${self}/x` is found.
    pub fn set_flake_root(&mut self, file: FileId, folder: PathBuf) {
        self.flake_roots.insert(file, folder);
    }

    /// A value that is known already.
    pub fn done(&mut self, value: Value) -> ThunkId {
        self.delay(Thunk::Done(value, None))
    }

    /// The symbol of `root`, as a delayed value.
    pub fn symbol(&mut self, root: Root) -> ThunkId {
        self.done(Value::bare(Kind::Symbol(Symbol::root(root))))
    }

    /// `site`, delayed in `env`.
    pub fn delayed(&mut self, site: Site, env: EnvId) -> ThunkId {
        self.delay(Thunk::Expr(site, env))
    }

    /// `function argument`, delayed.
    pub fn application(&mut self, function: ThunkId, argument: ThunkId) -> ThunkId {
        self.delay(Thunk::Apply(function, argument, None))
    }

    /// `base.name`, delayed.
    pub fn selection(&mut self, base: ThunkId, name: Name) -> ThunkId {
        self.delay(Thunk::Select(base, name, None))
    }

    /// `left // right`, delayed.
    pub fn updated(&mut self, left: ThunkId, right: ThunkId) -> ThunkId {
        self.delay(Thunk::Update(left, right))
    }

    /// A delayed value that [`Evaluator::define`] gives its meaning later: how a value can refer to
    /// itself.
    pub fn placeholder(&mut self) -> ThunkId {
        self.delay(Thunk::Busy)
    }

    /// Makes `placeholder` the same as `meaning`.
    pub fn define(&mut self, placeholder: ThunkId, meaning: ThunkId) {
        self.thunks[placeholder.index()] = Thunk::Same(meaning);
    }

    /// Whether no more may be remembered.
    fn is_full(&self) -> bool {
        self.thunks.len().saturating_add(self.frames.len()) > self.limits.values
    }

    fn delay(&mut self, thunk: Thunk) -> ThunkId {
        let id = ThunkId(u32::try_from(self.thunks.len()).unwrap_or(u32::MAX));
        self.thunks.push(thunk);
        id
    }
}

#[cfg(test)]
mod tests;
