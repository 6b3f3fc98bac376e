//! Values that are mute: evaluating them calls no function in which anything worth a look stands.
//!
//! Whether a value is mute is found out without evaluating it, from what its expression looks up. Where
//! that leads to what is not known yet, it is not mute.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::summary::{Summarise, Summary};
use super::{Delayed, EnvId, Evaluator, Kind, Site, ThunkId, Value};
use crate::hir::{Expr, Name, StrPart, Variable};
use crate::source::FileId;

/// Values that lead to values are followed to this depth.
const MAX_DEPTH: u32 = 200;

/// No more elements or attributes of one value are followed.
const MAX_PARTS: usize = 256;

/// What was found out of values and expressions.
#[derive(Clone, Default)]
pub(super) struct Mute<'p> {
    /// What stands in expressions; where nobody knows, nothing is mute.
    summaries: Option<&'p dyn Summarise>,
    known: FxHashMap<Site, Arc<Summary>>,
    /// Whether they tell anything; those that are being looked at do not.
    thunks: FxHashMap<ThunkId, bool>,
    expressions: FxHashMap<(Site, EnvId), bool>,
    /// The names of which it was asked whether they lead to a function worth a call.
    asked: FxHashSet<Name>,
    /// How many times around what is evaluated it is asked whether it can be.
    trying: u32,
}

impl<'p> Evaluator<'p> {
    /// From now on, what is evaluated for nothing but to fail is left as it is where it is mute.
    pub fn leave_mute(&mut self, summaries: &'p dyn Summarise) {
        self.mute.summaries = Some(summaries);
    }

    /// The names of which it was asked whether they lead to a function worth a call.
    pub fn names_asked_for_calls(&self) -> &FxHashSet<Name> {
        &self.mute.asked
    }

    /// Whether `thunk` need not be evaluated, if only whether it can be hangs on that: of a configuration
    /// that Nix evaluates it can.
    pub(super) fn is_idle(&mut self, thunk: ThunkId) -> bool {
        self.mute.summaries.is_some() && self.mute.trying == 0 && !self.tells(thunk)
    }

    /// Does `work`, whose failing is no failing.
    pub(super) fn trying<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.mute.trying += 1;
        let done = work(self);
        self.mute.trying -= 1;
        done
    }

    /// Whether evaluating `thunk`, and what lies in it, may show what nothing else does.
    pub fn tells(&mut self, thunk: ThunkId) -> bool {
        self.tells_within(thunk, 0)
    }

    fn tells_within(&mut self, thunk: ThunkId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        match self.delayed_by(thunk) {
            Delayed::Known(value) if !is_made_of_others(value) => return false,
            Delayed::Merged | Delayed::Busy => return false,
            Delayed::Expression(site, _) if self.is_literal(site) => return false,
            _ => {}
        }
        match self.mute.thunks.entry(thunk) {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(unknown) => unknown.insert(false),
        };
        let deeper = depth + 1;
        let tells = match self.delayed_by(thunk) {
            Delayed::Known(value) => {
                let value = value.clone();
                self.value_tells(&value, deeper)
            }
            Delayed::Expression(site, env) => self.expression_tells(site, env, deeper),
            Delayed::Application(one, other) | Delayed::Update(one, other) => {
                self.tells_within(one, deeper) || self.tells_within(other, deeper)
            }
            Delayed::Selection(base, name) => self.selected_tells(base, &[name], deeper),
            Delayed::Merged | Delayed::Busy => false,
        };
        if tells {
            self.mute.thunks.insert(thunk, true);
        }
        tells
    }

    /// Whether an expression is a number, or text and nothing else.
    fn is_literal(&self, site: Site) -> bool {
        let is_text = |part: &StrPart| matches!(part, StrPart::Text(_));
        match self.program.file(site.file).map(|hir| hir.expr(site.expr)) {
            Some(Expr::Int(_) | Expr::Float(_)) => true,
            Some(Expr::Str(parts)) => parts.iter().all(is_text),
            _ => false,
        }
    }

    fn value_tells(&mut self, value: &Value, depth: u32) -> bool {
        let parts: Vec<ThunkId> = match &value.kind {
            Kind::Lambda(closure) => {
                let site = Site { file: closure.file, expr: closure.expr };
                return self.expression_tells(site, closure.env, depth);
            }
            Kind::Primitive(partial) if partial.primitive.name == "import" => return true,
            Kind::Primitive(partial) => partial.arguments.to_vec(),
            Kind::List(items) => items.to_vec(),
            // Of a library or of inputs, what is used of it is selected.
            Kind::Attrs(set) if set.rest.is_some() => return false,
            Kind::Attrs(set) => set.slots().iter().map(|slot| slot.value).collect(),
            Kind::Choice(choice) => vec![choice.then, choice.otherwise],
            _ => return false,
        };
        parts.len() > MAX_PARTS || parts.into_iter().any(|part| self.tells_within(part, depth))
    }

    fn expression_tells(&mut self, site: Site, env: EnvId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        match self.mute.expressions.entry((site, env)) {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(unknown) => unknown.insert(false),
        };
        let tells = match self.summary(site) {
            Some(summary) => self.summary_tells(&summary, site.file, env, depth + 1),
            None => false,
        };
        if tells {
            self.mute.expressions.insert((site, env), true);
        }
        tells
    }

    fn summary_tells(&mut self, summary: &Summary, file: FileId, env: EnvId, depth: u32) -> bool {
        summary.tells
            || summary.imports.iter().any(|path| self.import_tells(file, path, depth))
            || summary.looks_up.iter().any(|name| {
                let thunk = self.local(env, name.depth, name.slot);
                thunk.is_some_and(|thunk| self.selected_tells(thunk, &name.path, depth))
            })
    }

    fn import_tells(&mut self, from: FileId, path: &str, depth: u32) -> bool {
        let Some(file) = self.imported_from(from, path) else { return false };
        self.note(file);
        let Some(hir) = self.program.file(file) else { return false };
        self.expression_tells(Site { file, expr: hir.root() }, EnvId::ROOT, depth)
    }

    /// Whether what `path` selects from `base` tells anything.
    fn selected_tells(&mut self, base: ThunkId, path: &[Name], depth: u32) -> bool {
        let mut thunk = base;
        for (index, name) in path.iter().enumerate() {
            match self.delayed_by(thunk) {
                Delayed::Known(Value { kind: Kind::Attrs(set), .. }) => match set.get(*name) {
                    Some(slot) => thunk = slot.value,
                    None => return self.are_telling(&path[index..]),
                },
                Delayed::Known(Value { kind: Kind::Choice(_), .. }) => break,
                Delayed::Known(_) | Delayed::Merged | Delayed::Busy => {
                    return self.are_telling(&path[index..]);
                }
                _ if self.is_import(thunk) => {
                    // What others select from it, they have evaluated by then.
                    self.force(thunk);
                    return self.selected_tells(thunk, &path[index..], depth);
                }
                _ => return self.are_telling(&path[index..]) || self.tells_within(thunk, depth),
            }
        }
        self.tells_within(thunk, depth)
    }

    /// Whether `thunk` is what a file gives, perhaps with arguments, and was not asked for yet.
    fn is_import(&self, thunk: ThunkId) -> bool {
        let Delayed::Expression(site, _) = self.delayed_by(thunk) else { return false };
        let Some(hir) = self.program.file(site.file) else { return false };
        let mut expr = hir.expr(site.expr);
        let mut is_applied = false;
        while let Expr::Apply { function, .. } = expr {
            (expr, is_applied) = (hir.expr(*function), true);
        }
        is_applied && matches!(expr, Expr::Variable(Variable::Builtin(name)) if *name == "import")
    }

    /// Whether a function worth a call may be had by one of these names.
    fn are_telling(&mut self, names: &[Name]) -> bool {
        let Some(summaries) = self.mute.summaries else { return true };
        let asked = &mut self.mute.asked;
        names.iter().any(|name| summaries.is_telling(*name, asked))
    }

    fn summary(&mut self, site: Site) -> Option<Arc<Summary>> {
        if let Some(known) = self.mute.known.get(&site) {
            return Some(Arc::clone(known));
        }
        let hir = self.program.file(site.file)?;
        let summary = self.mute.summaries?.summary(hir, site);
        self.mute.asked.extend(&summary.asked);
        self.mute.known.insert(site, Arc::clone(&summary));
        Some(summary)
    }
}

/// Whether there are values in `value` that are perhaps not evaluated yet.
fn is_made_of_others(value: &Value) -> bool {
    match &value.kind {
        Kind::List(items) => !items.is_empty(),
        Kind::Attrs(set) => set.rest.is_none() && !set.slots().is_empty(),
        Kind::Lambda(_) | Kind::Primitive(_) | Kind::Choice(_) => true,
        _ => false,
    }
}
