//! The attributes that a call gives: what an override changes, what a derivation is made of.

use std::sync::Arc;

use thin_vec::ThinVec;

use super::Collector;
use crate::eval::{AttrSet, EnvId, Kind, PackageSet, Root, Slot, Symbol, Value};
use crate::facts::Change;
use crate::hir::{Expr, ExprId, File, Name};
use crate::source::Span;

/// Sets of which the attributes inside are facts too.
const NESTED: &[&str] = &["meta", "env", "passthru"];

/// Functions that give a set are called with at most this many arguments.
const MAX_PARAMETERS: usize = 2;

/// What an argument gives.
#[derive(Default)]
pub(super) struct Given {
    pub changes: Vec<Change>,
    pub open: bool,
    pub literal: Option<Span>,
    pub old_name: Option<String>,
}

impl Collector<'_, '_> {
    /// What `argument` gives, called with `old` where it is a function of the old attributes.
    pub(super) fn given(&mut self, argument: &Value, old: &Arc<Symbol>) -> Given {
        let mut given = Given { literal: self.set_literal(argument), ..Given::default() };
        given.old_name = self.last_parameter(argument);
        let mut value = argument.clone();
        for _ in 0..MAX_PARAMETERS {
            if !matches!(value.kind, Kind::Lambda(_)) {
                break;
            }
            let old = self.evaluator.done(Value::bare(Kind::Symbol(old.clone())));
            value = self.evaluator.apply(&value, old, None, EnvId::ROOT);
        }
        self.add_changes(&value, old, false, &mut given);
        given.changes.shrink_to_fit();
        given
    }

    fn add_changes(&mut self, value: &Value, old: &Arc<Symbol>, optional: bool, given: &mut Given) {
        match &value.kind {
            Kind::Attrs(set) => {
                given.open |= is_open(set, old);
                for slot in set.clone().slots() {
                    let mut change = self.change(slot, old, given.old_name.as_deref());
                    change.optional |= optional;
                    given.changes.push(change);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    self.add_changes(&side, old, true, given);
                }
            }
            // The old attributes as they are.
            Kind::Symbol(symbol) if symbol == old => {}
            _ => given.open = true,
        }
    }

    fn change(&mut self, slot: &Slot, old: &Arc<Symbol>, old_name: Option<&str>) -> Change {
        let value = self.evaluator.force(slot.value);
        let previous = Symbol::select(old, slot.name);
        let is_identity = value.as_symbol() == Some(&previous);
        let uses_old = is_identity || self.mentions_old(slot, old_name);
        let mut inner = Inner::default();
        if NESTED.contains(&slot.name.as_str()) {
            self.add_inner(&value, &previous, old_name, &mut inner);
        }
        Change {
            inner_open: inner.open,
            inner: inner.into_changes(),
            is_identity,
            uses_old,
            ..self.plain_change(slot, old, old_name)
        }
    }

    /// The attributes inside a nested set. `(old.env or { }) // { … }` is one of two sets: what both
    /// have is certain.
    fn add_inner(
        &mut self,
        value: &Value,
        previous: &Arc<Symbol>,
        old_name: Option<&str>,
        inner: &mut Inner,
    ) {
        match &value.kind {
            Kind::Attrs(set) => {
                inner.open |= set.rest.is_some();
                inner.alternatives += 1;
                for slot in set.clone().slots() {
                    let change = self.plain_change(slot, previous, old_name);
                    inner.found.push(change);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    self.add_inner(&side, previous, old_name, inner);
                }
            }
            Kind::Symbol(_) | Kind::Unknown(_) => {
                inner.open = true;
                inner.alternatives += 1;
            }
            _ => {}
        }
    }

    fn plain_change(&mut self, slot: &Slot, old: &Arc<Symbol>, old_name: Option<&str>) -> Change {
        let value = self.evaluator.force(slot.value);
        let is_identity = value.as_symbol() == Some(&Symbol::select(old, slot.name));
        Change {
            name: slot.name,
            key: slot.key,
            definition: slot.definition,
            value: self.freeze(slot.value),
            is_identity,
            is_of_set: value.as_symbol().is_some_and(|symbol| is_of_set(symbol, slot.name)),
            uses_old: is_identity || self.mentions_old(slot, old_name),
            optional: slot.optional,
            reads: self.reads(slot.name, slot.value).into(),
            needs: self.needs(slot.value).into(),
            inner: ThinVec::new(),
            inner_open: false,
        }
    }

    /// Whether the text of the attribute's value names the old attributes.
    fn mentions_old(&self, slot: &Slot, old_name: Option<&str>) -> bool {
        let Some(old_name) = old_name.map(Name::new) else { return false };
        let Some((site, _)) = self.evaluator.expression_of(slot.value) else { return false };
        let Some(hir) = self.evaluator.program().file(site.file) else { return false };
        let range = hir.range(site.expr);
        hir.expr_ids().any(|expr| match hir.expr(expr) {
            Expr::Variable(variable) => {
                variable.name() == old_name && range.contains_range(hir.range(expr))
            }
            _ => false,
        })
    }

    /// The set literal that a value is, or that a function's body is.
    fn set_literal(&self, value: &Value) -> Option<Span> {
        match &value.kind {
            Kind::Lambda(closure) => {
                let hir = self.evaluator.program().file(closure.file)?;
                let body = innermost_body(hir, closure.expr);
                matches!(hir.expr(body), Expr::Attrs(_))
                    .then(|| Span::new(closure.file, hir.range(body)))
            }
            Kind::Attrs(_) => value.origin.literal().filter(|span| self.is_set_literal(*span)),
            _ => None,
        }
    }

    fn is_set_literal(&self, span: Span) -> bool {
        let source = self.evaluator.source(span.file);
        source.is_some_and(|source| {
            let text = source.slice(span.range);
            text.starts_with('{') || text.starts_with("rec")
        })
    }

    /// The name of the last parameter of a function: what holds the old attributes.
    fn last_parameter(&self, value: &Value) -> Option<String> {
        let Kind::Lambda(closure) = &value.kind else { return None };
        let hir = self.evaluator.program().file(closure.file)?;
        let mut expr = closure.expr;
        let mut name = None;
        while let Expr::Lambda(lambda) = hir.expr(expr) {
            name = lambda.binder.map(|(name, _)| name.to_string());
            expr = lambda.body;
        }
        name
    }
}

/// The attributes inside a nested set, as its alternatives have them.
#[derive(Default)]
struct Inner {
    found: Vec<Change>,
    alternatives: usize,
    open: bool,
}

impl Inner {
    /// Each attribute once; optional where not every alternative has it.
    fn into_changes(self) -> ThinVec<Change> {
        let mut changes = ThinVec::<Change>::new();
        for change in &self.found {
            if changes.iter().any(|present| present.name == change.name) {
                continue;
            }
            let times = self.found.iter().filter(|other| other.name == change.name).count();
            let optional = change.optional || times < self.alternatives;
            changes.push(Change { optional, ..change.clone() });
        }
        changes.shrink_to_fit();
        changes
    }
}

/// What a function gives in the end, through its parameters, `let`s and `with`s.
fn innermost_body(hir: &File, mut expr: ExprId) -> ExprId {
    loop {
        expr = match hir.expr(expr) {
            Expr::Lambda(lambda) => lambda.body,
            Expr::Let { body, .. } | Expr::With { body, .. } | Expr::Assert { body, .. } => *body,
            _ => return expr,
        };
    }
}

/// Whether `symbol` is the attribute `name` of the tree's own nixpkgs or of a parameter that nothing
/// is seen to give a value.
fn is_of_set(symbol: &Symbol, name: Name) -> bool {
    let is_set = |root: &Root| {
        matches!(
            root,
            Root::Packages(PackageSet::Main | PackageSet::Previous) | Root::Parameter(..)
        )
    };
    symbol.path().is_some_and(|(root, names)| is_set(root) && names == [name])
}

/// Whether there may be attributes beyond those of the set; the old ones left as they are do not
/// count.
fn is_open(set: &AttrSet, old: &Arc<Symbol>) -> bool {
    set.rest.as_ref().is_some_and(|rest| rest.base.as_ref() != Some(old))
}
