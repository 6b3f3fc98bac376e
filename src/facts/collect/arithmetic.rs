//! Numbers that hardware profiles hold as text, where they are computed with.

use rustc_hash::FxHashSet;

use super::Collector;
use super::conditions::Reach;
use crate::eval::{EnvId, Kind, Site, Value};
use crate::facts::{StringArithmetic, ValueKind};
use crate::hir::{Binary, Expr, ExprId, File};
use crate::source::Span;

/// An operation is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 4;

impl Collector<'_, '_> {
    /// Looks at every operation on numbers, where a profile has text that could be one.
    pub(super) fn collect_arithmetic(&mut self) {
        let profiles = &self.facts.profiles;
        let values = profiles.iter().flat_map(|profile| &profile.values);
        let stringly: FxHashSet<Span> = values
            .filter_map(|(_, value)| match &value.kind {
                ValueKind::Str(text) if text.trim().parse::<f64>().is_ok() => value.literal,
                _ => None,
            })
            .collect();
        if stringly.is_empty() {
            return;
        }
        let mut found: Vec<StringArithmetic> = Vec::new();
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                let operation = self.operation(hir, Site { file, expr }, &stringly);
                let operation = operation.filter(|new| {
                    !found.iter().any(|old| old.place == new.place && old.literal == new.literal)
                });
                found.extend(operation);
            }
        }
        let literals: FxHashSet<Span> = found.iter().map(|one| one.literal).collect();
        if !literals.is_empty() {
            self.add_other_uses(&literals, &mut found);
        }
        self.facts.string_arithmetic = found;
    }

    fn operation(
        &mut self,
        hir: &File,
        site: Site,
        stringly: &FxHashSet<Span>,
    ) -> Option<StringArithmetic> {
        let Expr::Binary { operator, left, right } = hir.expr(site.expr) else { return None };
        let operator = symbol(*operator)?;
        if !is_looked_up(hir, *left) && !is_looked_up(hir, *right) {
            return None;
        }
        self.evaluator.refuel();
        for env in self.environments(site, MAX_ENVIRONMENTS) {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            for (text, number) in [(*left, *right), (*right, *left)] {
                let operand = Site { file: site.file, expr: text };
                let value = self.evaluator.evaluate(operand, env);
                let literal = value.origin.literal().filter(|literal| stringly.contains(literal));
                let (Some(text), Some(literal)) = (value.as_str(), literal) else { continue };
                let other = Site { file: site.file, expr: number };
                let Some(number) = number_of(&self.evaluator.evaluate(other, env)) else {
                    continue;
                };
                let program = self.evaluator.program();
                return Some(StringArithmetic {
                    place: program.span(site)?,
                    operator,
                    operand: program.span(operand)?,
                    text: text.to_owned(),
                    literal,
                    number,
                    condition,
                    other_uses: Vec::new(),
                });
            }
        }
        None
    }

    /// Notes the names and selections that give one of `literals` to something other than an
    /// operation on numbers or `toString`, which take a number as well.
    fn add_other_uses(&mut self, literals: &FxHashSet<Span>, found: &mut [StringArithmetic]) {
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                if !is_looked_up(hir, expr) {
                    continue;
                }
                let site = Site { file, expr };
                self.evaluator.refuel();
                for env in self.environments(site, MAX_ENVIRONMENTS) {
                    let literal = self.evaluator.evaluate(site, env).origin.literal();
                    let Some(literal) = literal.filter(|literal| literals.contains(literal)) else {
                        continue;
                    };
                    if self.takes_number(hir, site, env) {
                        continue;
                    }
                    let Some(place) = self.evaluator.program().span(site) else { continue };
                    for one in found.iter_mut().filter(|one| one.literal == literal) {
                        if !one.other_uses.contains(&place) {
                            one.other_uses.push(place);
                        }
                    }
                }
            }
        }
    }

    /// Whether a number would do where the value of `site` goes.
    fn takes_number(&mut self, hir: &File, site: Site, env: EnvId) -> bool {
        let Some(parent) = hir.parent(site.expr) else { return false };
        match hir.expr(parent) {
            Expr::Binary { operator, left, right } => {
                let other = if *left == site.expr { *right } else { *left };
                let is_equality = matches!(operator, Binary::Equal | Binary::NotEqual);
                if symbol(*operator).is_none() && !is_equality {
                    return false;
                }
                let other = Site { file: site.file, expr: other };
                number_of(&self.evaluator.evaluate(other, env)).is_some()
            }
            // What the name is bound to is looked at where the name is used.
            Expr::Let { body, .. } => *body != site.expr,
            Expr::Apply { function, argument } if *argument == site.expr => {
                let function = Site { file: site.file, expr: *function };
                let value = self.evaluator.evaluate(function, env);
                matches!(&value.kind, Kind::Primitive(partial) if partial.primitive.name == "toString")
            }
            _ => false,
        }
    }
}

/// The operator, where it fails with text on one side and a number on the other.
fn symbol(operator: Binary) -> Option<&'static str> {
    Some(match operator {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "*",
        Binary::Divide => "/",
        Binary::Less => "<",
        Binary::LessOrEqual => "<=",
        Binary::More => ">",
        Binary::MoreOrEqual => ">=",
        _ => return None,
    })
}

fn is_looked_up(hir: &File, expr: ExprId) -> bool {
    matches!(hir.expr(expr), Expr::Select { .. } | Expr::Variable(_))
}

fn number_of(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Int(int) => Some(int.to_string()),
        Kind::Float(float) => Some(float.to_string()),
        _ => None,
    }
}
