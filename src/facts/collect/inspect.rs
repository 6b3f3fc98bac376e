//! What one place of the tree is: its values with their ways, why they are not known, and who uses
//! what is written there.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::merging::merge;
use super::outline::outlines_of;
use super::place::{Target, target_at};
use super::settling::{names_of_own, settle_origin};
use super::sites::Derived;
use super::way::Way;
use super::{Basis, Collector};
use crate::eval::{EnvId, Kind, Piece, Program, Root, Site, Symbol, ThunkId, Value, Why};
use crate::facts::{How, Inspection, OnlyIf, Origin, Package, Place, Step, Traced, ValueKind};
use crate::hir::{DefinitionValue, Expr, ExprId, File, ScopeKind};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span};

/// An expression is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 16;

/// So many elements of a list that a call gives are evaluated to see what it calls.
const MAX_ITEMS: usize = 64;

/// At most this many uses of a literal are found.
const MAX_USES: usize = 64;

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
    let basis = Basis { knowledge, outlines: &outlines, numbers_in_text: &FxHashSet::default() };
    // All in one evaluator: the question may be of any of it.
    let mut collector = Collector::new(program, program.limits(), &basis);
    collector.evaluate_roots();
    collector.look_into(program.tree().files());
    // An override tells, where the package is asked for, that it is not what nixpkgs has.
    let fragment = collector.take_fragment();
    collector.together = merge(program, &basis, &[&fragment]);
    let span = Span::new(file, target.range(hir));
    let values = collector.values(hir, file, target);
    let uses = match target {
        Target::Expr(expr) if is_written(hir, expr) => collector.uses_of(span),
        _ => Vec::new(),
    };
    Inspection { span: Some(span), values, uses }
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
            if !traced.reasons.is_empty() {
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
            Kind::Symbol(symbol) => match self.package_of(&symbol.clone()) {
                Some(package) if package.origin != Origin::Unknown => {
                    traced.overridden_at = self.overrides_of(&package);
                    traced.value.kind = ValueKind::Package(package);
                    traced.reasons.clear();
                }
                _ => traced.value.kind = ValueKind::Unknown(traced.reasons.join("; ")),
            },
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
    fn package_of(&mut self, symbol: &Arc<Symbol>) -> Option<Package> {
        let Derived { mut package, is_final } = self.derived_package(symbol)?;
        settle_origin(&mut package, is_final, &names_of_own(&self.together));
        Some(package)
    }

    /// Where the tree overrides `package`.
    fn overrides_of(&self, package: &Package) -> Vec<Span> {
        let sites = self.together.overrides.iter();
        let of_package = sites.filter(|site| site.package.as_ref() == Some(package));
        let mut places: Vec<Span> = of_package.map(|site| site.call.reported_at()).collect();
        places.sort_by_key(Span::sort_key);
        places.dedup();
        places
    }

    /// The names and selections in the tree whose value is written at `literal`.
    fn uses_of(&mut self, literal: Span) -> Vec<Span> {
        let mut uses = Vec::new();
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                match hir.expr(expr) {
                    Expr::Select { .. } | Expr::Variable(_) => {
                        let site = Site { file, expr };
                        let used = self.comes_from(site, literal, |value, _| value);
                        uses.extend(used.then(|| Span::new(file, hir.range(expr))));
                    }
                    Expr::Attrs(attrs) | Expr::Let { attrs, .. } => {
                        for definition in &attrs.definitions {
                            let DefinitionValue::InheritFrom(index) = definition.value else {
                                continue;
                            };
                            let Some(source) = attrs.sources.get(index as usize) else { continue };
                            let site = Site { file, expr: *source };
                            let used = self.comes_from(site, literal, |source, collector| {
                                collector.evaluator.select(&source, definition.name)
                            });
                            uses.extend(used.then(|| Span::new(file, definition.key)));
                        }
                    }
                    _ => {}
                }
                if uses.len() >= MAX_USES {
                    break;
                }
            }
        }
        uses.retain(|span| *span != literal);
        uses.sort_by_key(Span::sort_key);
        uses.dedup();
        uses.truncate(MAX_USES);
        uses
    }

    /// Whether something that the value at `site`, or what `part` takes of it, depends on is
    /// written at `literal`.
    fn comes_from(
        &mut self,
        site: Site,
        literal: Span,
        part: impl Fn(Value, &mut Self) -> Value,
    ) -> bool {
        self.evaluator.refuel();
        self.environments(site, 2).into_iter().any(|env| {
            let value = self.evaluator.evaluate(site, env);
            part(value, self).origin.literals().contains(&literal)
        })
    }

    /// Why `value`, or a part of it, is not known.
    fn reasons(&mut self, value: &Value) -> Vec<String> {
        let mut reasons = match &value.kind {
            Kind::Unknown(why) => vec![why.to_string()],
            Kind::Choice(_) => vec![Why::Undecided.to_string()],
            Kind::Symbol(symbol) => vec![reason(symbol)],
            Kind::Str(text) => {
                let holes = text.pieces.iter().filter_map(|piece| match piece {
                    Piece::Hole(value) => Some(value.clone()),
                    Piece::Text(_) => None,
                });
                holes.collect::<Vec<_>>().iter().flat_map(|hole| self.reasons(hole)).collect()
            }
            Kind::Attrs(set) => {
                let rest = set.rest.iter();
                rest.map(|rest| format!("it may have other attributes: {}", rest.why)).collect()
            }
            _ => Vec::new(),
        };
        let mut seen = Vec::new();
        reasons.retain(|reason| {
            let is_new = !seen.contains(reason);
            seen.push(reason.clone());
            is_new
        });
        reasons
    }
}

/// Why what `symbol` stands for is not known.
fn reason(symbol: &Arc<Symbol>) -> String {
    let Some((root, names)) = symbol.path() else {
        return match &**symbol {
            Symbol::Call(function, _) => {
                format!("it is what `{function}` gives, which lies outside the tree")
            }
            _ => Why::Outside(symbol.to_string().into()).to_string(),
        };
    };
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    match (root, names.as_slice()) {
        (Root::Config, [_, ..]) => format!(
            "no module seen beside this one sets the option `{}`; NixOS or home-manager decide it",
            names.join("."),
        ),
        (Root::Config, []) => "it is the whole configuration, most of which NixOS or home-manager \
             decide"
            .to_owned(),
        (Root::Parameter(_, name), _) => {
            format!("nothing is seen to give the parameter `{name}` a value")
        }
        (Root::Input(name), []) => format!("it is the flake input `{name}`, outside the tree"),
        (Root::Inputs, _) => "it is the inputs of the flake, outside the tree".to_owned(),
        (Root::Packages(_), []) => "it is the package set of nixpkgs, outside the tree".to_owned(),
        (Root::Nixpkgs(_), []) => "it is the function that nixpkgs is, outside the tree".to_owned(),
        (Root::Lib, []) => "it is the library of nixpkgs, outside the tree".to_owned(),
        (Root::Lib, [..]) => format!("`lib.{}` is not followed", names.join(".")),
        (Root::SearchPath(name), []) => {
            format!("`<{name}>` is looked up by Nix when it runs, outside the tree")
        }
        _ => Why::Outside(symbol.to_string().into()).to_string(),
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

/// Whether an expression is a literal that other places use.
fn is_written(hir: &File, expr: ExprId) -> bool {
    match hir.expr(expr) {
        Expr::Int(_) | Expr::Float(_) | Expr::Str(_) => true,
        Expr::Variable(variable) => {
            matches!(variable.name().as_str(), "true" | "false" | "null")
        }
        _ => false,
    }
}
