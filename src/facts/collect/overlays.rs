//! Overlays: applied to symbolic package sets, wherever the tree brings them in.

use super::Collector;
use super::context::is_previous_name;
use super::fragment::Occasion;
use crate::eval::{EnvId, Kind, PackageSet, Root, Site, Symbol, ThunkId, Value};
use crate::facts::{OverlayEntry, Package};
use crate::hir::{Expr, ExprId, File};
use crate::source::FileId;

/// At most this many frames of one overlay are applied.
const MAX_FRAMES: usize = 8;

impl Collector<'_, '_> {
    /// Applies each overlay of a list.
    pub(super) fn apply_overlay_list(&mut self, list: ThunkId) {
        let list = self.evaluator.force(list);
        match &list.kind {
            Kind::List(items) => {
                for item in items.clone().iter() {
                    let overlay = self.evaluator.force(*item);
                    self.apply_overlay(&overlay);
                }
            }
            Kind::Choice(choice) => {
                let sides = [choice.then, choice.otherwise];
                for side in sides {
                    self.apply_overlay_list(side);
                }
            }
            _ => {}
        }
    }

    /// Applies one overlay, and keeps what it defines.
    pub(super) fn apply_overlay(&mut self, overlay: &Value) {
        let overlay = match &overlay.kind {
            Kind::Path(path) => self.evaluator.import_path(path),
            _ => overlay.clone(),
        };
        let mut frame = None;
        if let Kind::Lambda(closure) = &overlay.kind {
            let site = Site { file: closure.file, expr: closure.expr };
            if !self.overlay_frames.insert((site, closure.env)) {
                self.applied_again((site, closure.env));
                return;
            }
            frame = Some((site, closure.env));
        }
        let finished = self.symbol(Root::Packages(PackageSet::Main));
        let previous = self.symbol(Root::Packages(PackageSet::Previous));
        let partial = self.evaluator.apply(&overlay, finished, None, EnvId::ROOT);
        if let Kind::Lambda(closure) = &partial.kind {
            self.note_overlay(Site { file: closure.file, expr: closure.expr });
        }
        let entries = self.evaluator.apply(&partial, previous, None, EnvId::ROOT);
        self.defining(frame, |this| {
            this.record_overlay_entries(&entries);
            this.record_redefinitions(&entries);
        });
    }

    pub(super) fn record_overlay_entries(&mut self, entries: &Value) {
        let Some(set) = entries.as_attrs().cloned() else { return };
        for slot in set.slots() {
            let value = self.evaluator.force(slot.value);
            let (Some(key), Some(definition)) = (slot.key, slot.definition) else { continue };
            let symbol = value.as_symbol().filter(|symbol| symbol.path().is_some());
            let alias_of = symbol
                .filter(|_| self.is_plain_reference(slot.value))
                .and_then(|symbol| Package::of(symbol));
            let from_previous = symbol.is_some_and(|symbol| is_from_previous(symbol));
            let name = slot.name.to_string();
            let redefines = self.redefines(&value, &name);
            let entry = OverlayEntry {
                extends: extends_previous(&value),
                name,
                key,
                definition,
                alias_of,
                redefines,
                from_previous,
                is_of_nixpkgs: value.as_symbol().is_some(),
                conditional: slot.optional,
                applies_to: self.applications.applying.clone(),
            };
            self.facts.overlay_entries.push(entry);
        }
    }

    /// Whether a value is written as a name or selection, or inherited: not chosen by a condition.
    fn is_plain_reference(&self, thunk: ThunkId) -> bool {
        let Some((site, _)) = self.evaluator.expression_of(thunk) else { return true };
        let Some(hir) = self.evaluator.program().file(site.file) else { return false };
        matches!(hir.expr(site.expr), Expr::Select { default: None, .. } | Expr::Variable(_))
    }

    /// Whether a value is made from the package `name` of the layer below, as far as can be told.
    fn redefines(&mut self, value: &Value, name: &str) -> bool {
        match &value.kind {
            Kind::Symbol(symbol) => {
                let symbol = symbol.clone();
                matches!(&*symbol, Symbol::Call(..))
                    && self
                        .derived_package(&symbol)
                        .is_some_and(|found| found.package.path == [name])
            }
            Kind::Choice(choice) => {
                let (then, otherwise) = (choice.then, choice.otherwise);
                [then, otherwise].into_iter().any(|side| {
                    let side = self.evaluator.force(side);
                    self.redefines(&side, name)
                })
            }
            _ => false,
        }
    }

    /// Overlays in `file` that no root brought in: functions of two parameters called as overlays'
    /// are.
    pub(super) fn apply_loose_overlays(&mut self, file: FileId) {
        let Some(outline) = self.basis.outline(file) else { return };
        for expr in &outline.overlays {
            self.apply_loose_overlay(Site { file, expr: *expr });
        }
    }

    fn apply_loose_overlay(&mut self, site: Site) {
        let Some(hir) = self.evaluator.program().file(site.file) else { return };
        let Expr::Lambda(outer) = hir.expr(site.expr) else { return };
        let inner = Site { file: site.file, expr: outer.body };
        if self.overlays.contains(&inner) {
            return;
        }
        self.evaluator.refuel();
        for env in self.own_environments(site, MAX_FRAMES) {
            let overlay = self.evaluator.evaluate(site, env);
            self.apply_overlay(&overlay);
            let rank = self.rank(site.file, env);
            self.close_part(Occasion::LooseOverlay(inner, rank));
        }
    }
}

/// The functions in a file that look like overlays.
pub(super) fn overlays_in(hir: &File) -> Vec<ExprId> {
    hir.expr_ids().filter(|expr| looks_like_overlay(hir, *expr)).collect()
}

fn is_from_previous(symbol: &Symbol) -> bool {
    matches!(symbol.path(), Some((Root::Packages(PackageSet::Previous), _)))
}

/// `prev.x // { … }`, `prev.x.extend (…)` and the like.
fn extends_previous(value: &Value) -> bool {
    let mut symbol = match &value.kind {
        Kind::Attrs(set) => match set.rest.as_ref().and_then(|rest| rest.base.as_deref()) {
            Some(base) => return is_from_previous(base),
            None => return false,
        },
        Kind::Symbol(symbol) => &**symbol,
        _ => return false,
    };
    while let Symbol::Call(function, _) = symbol {
        symbol = &**function;
    }
    match symbol {
        Symbol::Select(base, method) => {
            matches!(method.as_str(), "extend" | "overrideScope" | "overrideScope'")
                && is_from_previous(base)
        }
        _ => false,
    }
}

/// `final: prev: { … }`, unless it is given to something that takes other functions of this form.
fn looks_like_overlay(hir: &File, expr: ExprId) -> bool {
    let Expr::Lambda(outer) = hir.expr(expr) else { return false };
    let Expr::Lambda(inner) = hir.expr(outer.body) else { return false };
    let named_so = outer.is_simple()
        && inner.is_simple()
        && inner.binder.is_some_and(|(name, _)| is_previous_name(name.as_str()));
    named_so && !is_argument_of_method(hir, expr) && !is_scope_override(hir, expr)
}

fn is_argument_of_method(hir: &File, expr: ExprId) -> bool {
    let Some(parent) = hir.parent(expr) else { return false };
    match hir.expr(parent) {
        Expr::Apply { function, argument } if *argument == expr => match hir.expr(*function) {
            Expr::Select { path, .. } => path.last().is_some_and(|key| match key {
                crate::hir::Key::Name(name, _) => {
                    !matches!(name.as_str(), "extend" | "appendOverlays" | "composeExtensions")
                }
                crate::hir::Key::Dynamic(_) => true,
            }),
            _ => false,
        },
        _ => false,
    }
}

/// `packageOverrides` of an interpreter and `overrides` of a scope take functions of that scope.
fn is_scope_override(hir: &File, expr: ExprId) -> bool {
    hir.definition_of(expr).is_some_and(|(_, definition)| {
        matches!(definition.name.as_str(), "packageOverrides" | "overrides")
    })
}
