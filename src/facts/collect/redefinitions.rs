//! What overlays define anew, scopes such as `qt6` and Python's package sets looked into.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Collector;
use crate::eval::{
    self, AttrSet, CallId, EnvId, Kind, PackageSet, Root, Site, Slot, Symbol, Value,
};
use crate::facts::package::{OLD_ATTRIBUTES, is_method};
use crate::facts::{AppliesTo, Facts, OverlayEntry, Redefinition};
use crate::hir::{Expr, ExprId, File, Name};
use crate::source::Span;

/// Scopes in scopes are looked into to this depth.
const MAX_DEPTH: u32 = 3;

/// Arguments of a scope's `.override` that are functions of the scope and leave itself alone.
const SCOPE_ARGUMENTS: &[&str] = &["packageOverrides", "overrides", "self"];

/// Methods of a scope that take such a function as their argument.
const SCOPE_METHODS: &[&str] = &["overrideScope", "overrideScope'", "extend"];

/// Functions for every version of Python, in a list.
const PYTHON_EXTENSIONS: &str = "pythonPackagesExtensions";

/// An overlay's function in the environment it was made in.
pub(super) type OverlayFrame = (Site, EnvId);

/// What overlays were applied to so far.
#[derive(Clone, Default)]
pub(super) struct Applications {
    /// What the overlay being applied is applied to.
    pub applying: AppliesTo,
    /// What each overlay defined, for when it is met again.
    defined: FxHashMap<OverlayFrame, Defined>,
}

/// What an overlay defined: its entries, and those that define something anew.
#[derive(Clone)]
struct Defined {
    /// Which part of what was found they are in.
    part: usize,
    entries: Range<usize>,
    redefinitions: Range<usize>,
}

/// Where in nixpkgs a definition stands, while scopes are looked into.
struct Scope<'s> {
    /// The path of the scope; empty for nixpkgs itself.
    path: &'s [String],
    /// The scope as it was.
    previous: Arc<Symbol>,
    conditional: bool,
    depth: u32,
}

impl Collector<'_, '_> {
    /// Applies overlays by `apply`, to `applies_to`.
    pub(super) fn applying(&mut self, applies_to: AppliesTo, apply: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.applications.applying, applies_to);
        apply(self);
        self.applications.applying = outer;
    }

    /// Keeps what an overlay whose body is `entries` defines anew.
    pub(super) fn record_redefinitions(&mut self, entries: &Value) {
        let previous = Symbol::root(Root::Packages(PackageSet::Previous));
        let scope = Scope { path: &[], previous, conditional: false, depth: 0 };
        self.redefine_entries(entries, &scope);
    }

    /// Keeps by `record` what the overlay of `frame` defines, and remembers which facts that made.
    pub(super) fn defining(&mut self, frame: Option<OverlayFrame>, record: impl FnOnce(&mut Self)) {
        let lengths = |facts: &Facts| (facts.overlay_entries.len(), facts.redefinitions.len());
        let before = lengths(&self.facts);
        record(self);
        let after = lengths(&self.facts);
        if let Some(frame) = frame {
            let defined = Defined {
                part: self.parts.len(),
                entries: before.0..after.0,
                redefinitions: before.1..after.1,
            };
            self.applications.defined.insert(frame, defined);
        }
    }

    /// An overlay that was applied before is applied to something else as well.
    pub(super) fn applied_again(&mut self, frame: OverlayFrame) {
        let Some(defined) = self.applications.defined.get(&frame).cloned() else { return };
        let now = &self.applications.applying;
        let Facts { overlay_entries, redefinitions, .. } = &mut self.facts;
        let (entries, redefinitions): (&mut [OverlayEntry], &mut [Redefinition]) =
            match self.parts.get_mut(defined.part).map(|closed| closed.told.as_deref_mut()) {
                Some(Some(told)) => (&mut told.overlay_entries, &mut told.redefinitions),
                Some(None) => return,
                None => (overlay_entries, redefinitions),
            };
        let entries = entries.get_mut(defined.entries).into_iter().flatten();
        let redefinitions = redefinitions.get_mut(defined.redefinitions).into_iter().flatten();
        let applied = entries
            .map(|entry| &mut entry.applies_to)
            .chain(redefinitions.map(|redefinition| &mut redefinition.applies_to));
        applied.filter(|before| *now > **before).for_each(|before| *before = now.clone());
    }

    fn redefine_entries(&mut self, entries: &Value, scope: &Scope<'_>) {
        match &entries.kind {
            Kind::Attrs(set) => {
                for slot in set.clone().slots() {
                    self.redefine_slot(slot, scope);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    self.redefine_entries(&side, &scope.conditionally());
                }
            }
            _ => {}
        }
    }

    fn redefine_slot(&mut self, slot: &Slot, scope: &Scope<'_>) {
        let (Some(key), Some(definition)) = (slot.key, slot.definition) else { return };
        let mut path = scope.path.to_vec();
        path.push(slot.name.to_string());
        if scope.path.is_empty() && slot.name == PYTHON_EXTENSIONS {
            self.redefine_for_every_python(definition);
            return;
        }
        let previous = Symbol::select(&scope.previous, slot.name);
        let scope = Scope {
            path: &path,
            previous,
            conditional: scope.conditional || slot.optional,
            depth: scope.depth + 1,
        };
        let value = self.evaluator.force(slot.value);
        self.redefine_value(&value, key, definition, &scope);
    }

    fn redefine_value(&mut self, value: &Value, key: Span, definition: Span, scope: &Scope<'_>) {
        match &value.kind {
            Kind::Symbol(symbol) => {
                let symbol = symbol.clone();
                self.redefine_symbol(&symbol, key, definition, scope);
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    self.redefine_value(&side, key, definition, &scope.conditionally());
                }
            }
            Kind::Attrs(set) if scope.depth < MAX_DEPTH && extends(set, &scope.previous) => {
                let set = set.clone();
                self.redefine_entries(&Value::bare(Kind::Attrs(set)), scope);
            }
            _ => {}
        }
    }

    fn redefine_symbol(
        &mut self,
        symbol: &Arc<Symbol>,
        key: Span,
        definition: Span,
        scope: &Scope<'_>,
    ) {
        let Symbol::Call(function, call) = &**symbol else { return };
        let mut overrides = Vec::new();
        let made_anew = match self.overridden(symbol, &mut overrides) {
            Some(base) if base == scope.previous => false,
            // The override of another package under this name, as an alias of another would be.
            Some(_) => return,
            None => match &**function {
                Symbol::Select(base, method)
                    if *base == scope.previous && SCOPE_METHODS.contains(&method.as_str()) =>
                {
                    let argument = self.evaluator.call(*call).argument;
                    let function = self.evaluator.force(argument);
                    self.redefine_scope(&function, scope);
                    return;
                }
                _ => self.is_derivation_call(function),
            },
        };
        if made_anew {
            overrides.clear();
        } else if overrides.is_empty() || self.only_overrides_scope(symbol, scope) {
            return;
        }
        self.facts.redefinitions.push(Redefinition {
            path: scope.path.to_vec(),
            key,
            definition,
            overrides,
            conditional: scope.conditional,
            applies_to: self.applications.applying.clone(),
        });
    }

    /// What is overridden in the end, where `symbol` is nothing but overrides; they are added to
    /// `overrides`, outermost first.
    fn overridden(&self, symbol: &Arc<Symbol>, overrides: &mut Vec<Span>) -> Option<Arc<Symbol>> {
        match &**symbol {
            Symbol::Call(function, call) => match &**function {
                Symbol::Select(base, method) if is_method(method.as_str()) => {
                    let site = self.evaluator.call(*call).site;
                    let place = site.and_then(|site| self.evaluator.program().span(site));
                    overrides.extend(place);
                    self.overridden(base, overrides)
                }
                _ => None,
            },
            _ => Some(symbol.clone()),
        }
    }

    /// A call of something of nixpkgs that makes a derivation: a builder, or `callPackage`.
    fn is_derivation_call(&self, function: &Symbol) -> bool {
        self.is_builder(function)
            || matches!(function, Symbol::Call(inner, _)
                if inner.last_name().is_some_and(|name| name == "callPackage"))
    }

    /// `python3.override { packageOverrides = …; }` changes the set of packages and not Python: the
    /// functions in it are looked into. False where there is another argument.
    fn only_overrides_scope(&mut self, symbol: &Arc<Symbol>, scope: &Scope<'_>) -> bool {
        let Symbol::Call(function, call) = &**symbol else { return false };
        let is_override = matches!(&**function, Symbol::Select(_, method) if *method == "override");
        let argument = self.argument_set(*call);
        let Some(set) = argument.filter(|_| is_override) else { return false };
        let mut only = set.rest.is_none();
        for slot in set.slots() {
            only &= SCOPE_ARGUMENTS.contains(&slot.name.as_str());
            if slot.name == "packageOverrides" || slot.name == "overrides" {
                let function = self.evaluator.force(slot.value);
                self.redefine_scope(&function, scope);
            }
        }
        only
    }

    /// What a call gives, as a set or as a function of the old arguments.
    fn argument_set(&mut self, call: CallId) -> Option<Arc<AttrSet>> {
        let eval::Call { argument, function, .. } = self.evaluator.call(call).clone();
        let mut argument = self.evaluator.force(argument);
        if matches!(argument.kind, Kind::Lambda(_)) {
            let old = Symbol::select(&function, Name::new(OLD_ATTRIBUTES));
            let old = self.evaluator.done(Value::bare(Kind::Symbol(old)));
            argument = self.evaluator.apply(&argument, old, None, EnvId::ROOT);
        }
        argument.as_attrs().cloned()
    }

    /// What a function of a scope, `final: prev: { … }`, defines in it.
    fn redefine_scope(&mut self, function: &Value, scope: &Scope<'_>) {
        if scope.depth >= MAX_DEPTH {
            return;
        }
        let path = packages_of(scope.path);
        let main = Symbol::root(Root::Packages(PackageSet::Main));
        let below = Symbol::root(Root::Packages(PackageSet::Previous));
        let at = |root: &Arc<Symbol>| {
            path.iter().fold(root.clone(), |set, name| Symbol::select(&set, Name::new(name)))
        };
        let previous = at(&below);
        let finished = self.evaluator.done(Value::bare(Kind::Symbol(at(&main))));
        let before = self.evaluator.done(Value::bare(Kind::Symbol(previous.clone())));
        self.own_overlay(function);
        let partial = self.evaluator.apply(function, finished, None, EnvId::ROOT);
        self.own_overlay(&partial);
        let entries = self.evaluator.apply(&partial, before, None, EnvId::ROOT);
        let inner =
            Scope { path: &path, previous, conditional: scope.conditional, depth: scope.depth };
        self.redefine_entries(&entries, &inner);
    }

    /// A function of a scope is no overlay of nixpkgs, whatever its parameters are called.
    fn own_overlay(&mut self, function: &Value) {
        if let Kind::Lambda(closure) = &function.kind {
            self.note_overlay(Site { file: closure.file, expr: closure.expr });
        }
    }

    /// The functions in `pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [ … ]`.
    fn redefine_for_every_python(&mut self, definition: Span) {
        let Some(hir) = self.evaluator.program().file(definition.file) else { return };
        let path = ["python3".to_owned()];
        let previous = Symbol::root(Root::Packages(PackageSet::Previous));
        let scope = Scope { path: &path, previous, conditional: false, depth: 1 };
        for expr in hir.expr_ids().filter(|expr| is_extension(hir, *expr, definition)) {
            let site = Site { file: definition.file, expr };
            for env in self.environments(site, 1) {
                let function = self.evaluator.evaluate(site, env);
                self.redefine_scope(&function, &scope);
            }
        }
    }
}

impl Scope<'_> {
    fn conditionally(&self) -> Scope<'_> {
        Scope {
            path: self.path,
            previous: self.previous.clone(),
            conditional: true,
            depth: self.depth,
        }
    }
}

/// `prev.xorg // { … }` for `prev.xorg`.
fn extends(set: &AttrSet, previous: &Arc<Symbol>) -> bool {
    set.rest.as_ref().is_some_and(|rest| rest.base.as_ref() == Some(previous))
}

/// The set that holds a scope's packages: that of an interpreter bears another name.
pub(super) fn packages_of(path: &[String]) -> Vec<String> {
    match path {
        [python] if python.starts_with("python") && !python.ends_with("Packages") => {
            vec![format!("{python}Packages")]
        }
        _ => path.to_vec(),
    }
}

/// A function of two parameters, an element of a list in `definition`.
fn is_extension(hir: &File, expr: ExprId, definition: Span) -> bool {
    let Expr::Lambda(outer) = hir.expr(expr) else { return false };
    let is_inner = matches!(hir.expr(outer.body), Expr::Lambda(inner) if inner.is_simple());
    let in_list = hir.parent(expr).is_some_and(|parent| matches!(hir.expr(parent), Expr::List(_)));
    is_inner && in_list && definition.range.contains_range(hir.range(expr))
}

/// Sorts what was collected, each redefinition once, with the most that it is applied to.
pub(super) fn settle(redefinitions: &mut Vec<Redefinition>) {
    redefinitions.sort_by(|a, b| {
        let place = |one: &Redefinition| one.key.sort_key();
        (place(a), &a.path, &b.applies_to).cmp(&(place(b), &b.path, &a.applies_to))
    });
    redefinitions.dedup_by(|later, earlier| {
        let same = later.key == earlier.key && later.path == earlier.path;
        if same {
            // It is redefined for certain where either side of a condition does it.
            earlier.conditional &= later.conditional;
        }
        same
    });
}
