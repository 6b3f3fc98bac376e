//! Numbers that hardware profiles hold as text, where they are computed with.

use rustc_hash::FxHashSet;

use super::Collector;
use super::conditions::Reach;
use super::fragment::{Operation, TextUse};
use crate::eval::{EnvId, Kind, Site, Value};
use crate::facts::{HostProfile, StringArithmetic, ValueFact, ValueKind};
use crate::hir::{Binary, Expr, ExprId, File};
use crate::source::{FileId, Span};

/// An operation is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 4;

impl Collector<'_, '_> {
    /// Looks at every operation in `file` on text of profiles that could be a number, and at every
    /// other use of that text.
    pub(super) fn collect_arithmetic(&mut self, file: FileId) {
        let Some(hir) = self.evaluator.program().file(file) else { return };
        if !self.reads_number_in_text() {
            return;
        }
        for expr in hir.expr_ids() {
            let site = Site { file, expr };
            let operation = self.operation(hir, site);
            self.operations.extend(operation);
            if is_looked_up(hir, expr) {
                self.collect_text_uses(hir, site);
            }
        }
    }

    /// Whether any text that could be a number stands in what was read.
    fn reads_number_in_text(&self) -> bool {
        let read = self.evaluator.reads().files();
        self.basis.numbers_in_text.iter().any(|literal| read.contains(&literal.file))
    }

    fn operation(&mut self, hir: &File, site: Site) -> Option<Operation> {
        let Expr::Binary { operator, left, right } = hir.expr(site.expr) else { return None };
        let operator = symbol(*operator)?;
        if !is_looked_up(hir, *left) && !is_looked_up(hir, *right) {
            return None;
        }
        self.evaluator.refuel();
        for env in self.own_environments(site, MAX_ENVIRONMENTS) {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            for (text, number) in [(*left, *right), (*right, *left)] {
                let operand = Site { file: site.file, expr: text };
                let value = self.evaluator.evaluate(operand, env);
                let literal = self.number_in_text(&value);
                let (Some(text), Some(literal)) = (value.as_str(), literal) else { continue };
                let other = Site { file: site.file, expr: number };
                let Some(number) = number_of(&self.evaluator.evaluate(other, env)) else {
                    continue;
                };
                let program = self.evaluator.program();
                let fact = StringArithmetic {
                    place: program.span(site)?,
                    operator,
                    operand: program.span(operand)?,
                    text: text.to_owned(),
                    literal,
                    number,
                    condition,
                    other_uses: Vec::new(),
                };
                return Some(Operation { site, fact });
            }
        }
        None
    }

    /// The text of a profile that `value` is, where it could be a number.
    fn number_in_text(&self, value: &Value) -> Option<Span> {
        value.origin.literal().filter(|literal| self.basis.numbers_in_text.contains(literal))
    }

    /// Keeps what the name or selection at `site` gives to something other than an operation on
    /// numbers or `toString`, which take a number as well.
    fn collect_text_uses(&mut self, hir: &File, site: Site) {
        self.evaluator.refuel();
        for env in self.own_environments(site, MAX_ENVIRONMENTS) {
            let value = self.evaluator.evaluate(site, env);
            let Some(literal) = self.number_in_text(&value) else { continue };
            if self.takes_number(hir, site, env) {
                continue;
            }
            let Some(place) = self.evaluator.program().span(site) else { continue };
            self.text_uses.push(TextUse { site, place, literal });
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

/// The text in profiles that could be numbers, where it is written.
pub(super) fn numbers_in_text<'f>(
    profiles: impl IntoIterator<Item = &'f HostProfile>,
) -> FxHashSet<Span> {
    let values = profiles.into_iter().flat_map(|profile| &profile.values);
    let number = |(_, value): &(String, ValueFact)| match &value.kind {
        ValueKind::Str(text) if text.trim().parse::<f64>().is_ok() => value.literal,
        _ => None,
    };
    values.filter_map(number).collect()
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
