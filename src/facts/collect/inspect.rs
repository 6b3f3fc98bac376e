//! What one place of the tree is: its values with their ways, why they are not known, and who uses
//! what is written there.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::entries::{alone, entries};
use super::fragment::Occasion;
use super::merging::merge;
use super::outline::outlines_of;
use super::place::{Target, target_at};
use super::settling::{names_of_own, settle_origin};
use super::sites::Derived;
use super::summary::Telling;
use super::unit::{Unit, evaluate_file};
use super::way::Way;
use super::{Basis, Collector};
use crate::eval::{EnvId, Kind, Program, Root, Site, Symbol, ThunkId, Value};
use crate::facts::{
    How, Inspection, OnlyIf, Origin, Package, Place, Role, Step, Traced, ValueFact, ValueKind,
};
use crate::hir::{Expr, ExprId, File, ScopeKind};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span};

/// An expression is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 16;

/// So many elements of a list that a call gives are evaluated to see what it calls.
const MAX_ITEMS: usize = 64;

/// So many of `mkIf`, `mkDefault` and the like around each other are taken off.
const MAX_WRAPPERS: usize = 8;

/// Choices in choices are followed to this depth.
const MAX_CHOICES: u32 = 3;

/// What stands at `place` of `file`, in every way that the tree evaluates it.
pub fn inspect(
    program: Program<'_>,
    knowledge: &Knowledge,
    file: FileId,
    place: Place,
) -> Inspection {
    let Some(hir) = program.file(file) else { return Inspection::default() };
    let Some(target) = target_at(hir, place) else { return Inspection::default() };
    let outlines = outlines_of(program, knowledge, |_, _| None);
    let basis = Basis {
        knowledge,
        outlines: &outlines,
        numbers_in_text: &FxHashSet::default(),
        telling: &Telling::unasked(),
        bringing: &Telling::unasked(),
        is_thorough: true,
    };
    // All in one evaluator: the question may be of any of it.
    let mut collector = Collector::new(program, program.limits(), &basis);
    collector.evaluator.keep_ways(true);
    collector.evaluate_roots();
    for entry in lone_entries(program, &basis) {
        collector.evaluate_entry(entry);
    }
    collector.close_part(Occasion::Root);
    collector.look_into(program.tree().files());
    // An override tells, where the package is asked for, that it is not what nixpkgs has.
    let mut fragment = collector.take_fragment();
    let calls = std::mem::take(&mut fragment.calls);
    collector.together = merge(program.tree(), &basis, &[&fragment], calls);
    let span = Span::new(file, target.range(hir));
    let values = collector.values(hir, file, target);
    let uses = match target {
        Target::Expr(expr) => collector.uses_of(hir, Site { file, expr }),
        _ => Vec::new(),
    };
    Inspection { span: Some(span), values, uses }
}

/// The modules that configurations begin with where there is no flake, as far as they count.
fn lone_entries(program: Program<'_>, basis: &Basis<'_>) -> Vec<FileId> {
    let reached =
        |entry: FileId| (entry, evaluate_file(Unit::Entry(entry), program, basis).reached);
    let entries: Vec<(FileId, Vec<FileId>)> =
        entries(program.tree(), basis.outlines).map(reached).collect();
    let lone = alone(entries, |(_, reached)| reached).into_iter();
    lone.filter(|(_, reached)| !reached.is_empty()).map(|(entry, _)| entry).collect()
}

/// The value of an option, without what wraps it.
struct Unwrapped {
    value: Value,
    priority: Option<i64>,
    only_if: Vec<OnlyIf>,
}

impl Collector<'_, '_> {
    fn values(&mut self, hir: &File, file: FileId, target: Target) -> Vec<Traced> {
        let site = Site { file, expr: target.evaluated() };
        self.call_around(hir, site);
        let mut values: Vec<Traced> = Vec::new();
        for env in self.environments(site, MAX_ENVIRONMENTS) {
            self.evaluator.refuel();
            let (value, steps) = match target {
                Target::Expr(_) => {
                    let value = self.evaluator.evaluate(site, env);
                    (value, Way::new(self).of_expression(site, env))
                }
                Target::Inherited { name, key, .. } => {
                    let source = self.evaluator.evaluate(site, env);
                    let value = self.evaluator.select(&source, name);
                    let key = Span::new(file, key);
                    (value, Way::new(self).of_inherited(site, env, name, key))
                }
                Target::Parameter { slot, .. } => {
                    let slots = self.evaluator.frame(env).slots();
                    let Some(thunk) = slots.get(slot).copied() else { continue };
                    (self.evaluator.force(thunk), Way::new(self).of_thunk(thunk))
                }
            };
            let mut traced = self.traced(&value, steps, 0);
            if !traced.reasons.is_empty() && hangs_on_parameters(&value) {
                traced.uncalled = self.uncalled(hir, file, env);
            }
            let called_from = self.called_from(env);
            let known = values.iter_mut().find(|known| {
                known.value.kind == traced.value.kind
                    && known.reasons == traced.reasons
                    && written(known) == written(&traced)
            });
            let known = match known {
                Some(known) => known,
                None => {
                    values.push(traced);
                    let last = values.len() - 1;
                    &mut values[last]
                }
            };
            known.called_from.extend(called_from);
        }
        for value in &mut values {
            value.called_from.sort_by_key(Span::sort_key);
            value.called_from.dedup();
        }
        values
    }

    /// Evaluates the calls that `site` stands in, so that a function that is called where it is
    /// written, or given to `map` there, is called.
    fn call_around(&mut self, hir: &File, site: Site) {
        let is_call = |expr: &ExprId| matches!(hir.expr(*expr), Expr::Apply { .. });
        let mut calls: Vec<ExprId> = hir.ancestors(site.expr).filter(is_call).collect();
        while let Some(expr) = calls.pop() {
            let call = Site { file: site.file, expr };
            for env in self.environments(call, MAX_ENVIRONMENTS) {
                self.evaluator.refuel();
                let value = self.evaluator.evaluate(call, env);
                for item in value.as_list().iter().flat_map(|items| items.iter()).take(MAX_ITEMS) {
                    self.evaluator.force(*item);
                }
            }
        }
    }

    fn traced(&mut self, value: &Value, steps: Vec<Step>, depth: u32) -> Traced {
        let Unwrapped { value, priority, only_if } = self.unwrapped(value.clone());
        let value = &value;
        let mut traced = Traced {
            value: self.freeze_value(value, 0),
            attributes: attributes(value),
            reasons: self.reasons(value),
            steps,
            priority,
            only_if,
            ..Traced::default()
        };
        match &value.kind {
            Kind::Symbol(symbol) => self.add_role(&mut traced, symbol),
            Kind::List(items) => self.name_packages(&mut traced.value, items),
            Kind::Choice(choice) => {
                traced.condition = choice.condition;
                if depth < MAX_CHOICES {
                    for thunk in [choice.then, choice.otherwise] {
                        let alternative = self.traced_thunk(thunk, depth + 1);
                        traced.alternatives.push(alternative);
                    }
                }
            }
            _ => {}
        }
        traced
    }

    /// Says what a thing outside the tree is.
    fn add_role(&mut self, traced: &mut Traced, symbol: &Arc<Symbol>) {
        traced.role = self.role_of(symbol);
        traced.value.kind = match (&traced.role, self.package_of(symbol)) {
            (Some(Role::Method { .. } | Role::Function { .. }), _) => {
                traced.reasons.clear();
                ValueKind::Function
            }
            (Some(Role::Packages { path, .. }), _) if path.is_empty() => {
                traced.reasons.clear();
                ValueKind::Set
            }
            (Some(Role::Attribute { of, .. }), _) => {
                traced.reasons = vec![format!("it is decided where {} is made", of.name())];
                ValueKind::Unknown(traced.reasons.join("; "))
            }
            (_, Some(package)) if package.origin != Origin::Unknown => {
                traced.overridden_at = self.overrides_of(&package);
                traced.reasons.clear();
                ValueKind::Package(Box::new(package))
            }
            _ => ValueKind::Unknown(traced.reasons.join("; ")),
        };
    }

    /// Names the packages among the elements of a list that calls of the tree make.
    fn name_packages(&mut self, list: &mut ValueFact, items: &[ThunkId]) {
        let ValueKind::List(facts) = &mut list.kind else { return };
        if facts.len() != items.len() {
            return;
        }
        for (fact, item) in facts.iter_mut().zip(items) {
            let value = self.evaluator.force(*item);
            let package = value.as_symbol().and_then(|symbol| self.package_of(&symbol.clone()));
            if let Some(package) = package.filter(|package| package.origin != Origin::Unknown) {
                fact.kind = ValueKind::Package(Box::new(package));
            }
        }
    }

    /// What an option is set to, where `mkIf`, `mkDefault`, `mkForce` and the like say whether and
    /// how firmly.
    fn unwrapped(&mut self, mut value: Value) -> Unwrapped {
        let mut priority = None;
        let mut only_if = Vec::new();
        for _ in 0..MAX_WRAPPERS {
            let Some(set) = value.as_attrs().cloned() else { break };
            let slot = |name: &str| set.get(name.into()).map(|slot| slot.value);
            let mark = slot("_type").map(|mark| self.evaluator.force(mark));
            match mark.as_ref().and_then(Value::as_str) {
                Some("override") => {
                    let given = slot("priority").map(|given| self.evaluator.force(given));
                    priority = priority.or(given.and_then(|given| given.as_int()));
                }
                Some("if") => only_if.extend(slot("condition").and_then(|it| self.only_if(it))),
                Some("order") => {}
                _ => break,
            }
            let Some(content) = slot("content") else { break };
            value = self.evaluator.force(content);
        }
        Unwrapped { value, priority, only_if }
    }

    /// A condition, unless it is known to hold.
    fn only_if(&mut self, condition: ThunkId) -> Option<OnlyIf> {
        let holds = self.evaluator.force(condition).as_bool();
        let from = self.evaluator.expression_of(condition);
        let span = from.and_then(|(site, _)| self.evaluator.program().span(site));
        (holds != Some(true)).then_some(OnlyIf { span, is_open: holds.is_none() })
    }

    fn traced_thunk(&mut self, thunk: ThunkId, depth: u32) -> Traced {
        let value = self.evaluator.force(thunk);
        let steps = Way::new(self).of_thunk(thunk);
        self.traced(&value, steps, depth)
    }

    /// The nearest call of a function around what is evaluated in `env`.
    fn called_from(&self, env: EnvId) -> Option<Span> {
        let mut frames = std::iter::successors(Some(env), |env| self.evaluator.frame(*env).parent);
        let (site, _) = frames.find_map(|frame| self.evaluator.frame(frame).caller)?;
        self.evaluator.program().span(site)
    }

    /// A function of `file` around what is evaluated in `env` that nothing calls.
    fn uncalled(&self, hir: &File, file: FileId, env: EnvId) -> Option<Span> {
        let mut frames = std::iter::successors(Some(env), |env| self.evaluator.frame(*env).parent);
        let frame = frames.find(|frame| self.evaluator.frame(*frame).symbolic)?;
        match hir.scope(self.evaluator.frame(frame).scope).kind {
            ScopeKind::Lambda(lambda) => Some(Span::new(file, hir.range(lambda))),
            _ => None,
        }
    }

    /// The package that `symbol` is, with what the tree's overlays say of its name.
    pub(super) fn package_of(&mut self, symbol: &Arc<Symbol>) -> Option<Package> {
        let Derived { mut package, is_final } = self.derived_package(symbol)?;
        settle_origin(&mut package, is_final, &names_of_own(&self.together));
        Some(package)
    }

    /// Where the tree overrides `package`.
    fn overrides_of(&self, package: &Package) -> Vec<Span> {
        // What has no name cannot be told from others that have none.
        if package.path.is_empty() && package.origin == Origin::Own {
            return Vec::new();
        }
        let sites = self.together.overrides.iter();
        let of_package = sites.filter(|site| site.package.as_ref() == Some(package));
        let mut places: Vec<Span> = of_package.map(|site| site.call.reported_at()).collect();
        places.sort_by_key(Span::sort_key);
        places.dedup();
        places
    }
}

/// Whether it may be that more would be known if the functions around it were called. What is
/// outside the tree stays there, unless it is a parameter or what becomes of one.
fn hangs_on_parameters(value: &Value) -> bool {
    let Some(symbol) = value.as_symbol() else { return true };
    let mut within = symbol;
    loop {
        within = match &**within {
            Symbol::Root(root) => return matches!(root, Root::Parameter(..)),
            Symbol::Select(base, _) | Symbol::Call(base, _) => base,
        };
    }
}

/// Where a value is written: two that are equal and stand in two places are told apart.
fn written(traced: &Traced) -> Vec<Span> {
    let steps = traced.steps.iter().filter(|step| step.how == How::Written);
    steps.map(|step| step.span).collect()
}

fn attributes(value: &Value) -> Vec<String> {
    let slots = value.as_attrs().map_or(&[][..], |set| set.slots());
    let mut names: Vec<String> = slots.iter().map(|slot| slot.name.to_string()).collect();
    names.sort();
    names
}
