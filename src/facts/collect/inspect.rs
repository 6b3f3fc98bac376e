//! What one expression is: the question behind `frugix trace` and an editor's hover.

use text_size::TextSize;

use super::Collector;
use crate::eval::{EnvId, Hop, Origin, Program, Site, Value};
use crate::facts::ValueFact;
use crate::hir::{DefinitionValue, Expr, ExprId, File};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span};

/// An expression is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 16;

/// At most this many uses of a literal are found.
const MAX_USES: usize = 64;

/// What is known of the expression at a place.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// The expression.
    pub span: Option<Span>,
    /// Its values: one for each way in which the tree evaluates it that gives a different answer.
    pub values: Vec<Traced>,
    /// Where the tree uses a value that is written at the place, when one is.
    pub uses: Vec<Span>,
}

/// One value and the way it took.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The value.
    pub value: ValueFact,
    /// Its way, from the place of the question back to where it is written.
    pub steps: Vec<Step>,
    /// The call of the function around the expression that leads to this value.
    pub called_from: Option<Span>,
}

/// One step of a value's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is named or selected here.
    Named(Span),
    /// It is computed here from others.
    Computed(Span),
    /// It is written here.
    Written(Span),
}

impl Step {
    /// The place.
    pub fn span(self) -> Span {
        match self {
            Step::Named(span) | Step::Computed(span) | Step::Written(span) => span,
        }
    }
}

/// What the expression at `offset` of `file` is, in every way that the tree evaluates it.
pub fn inspect(
    program: Program<'_>,
    knowledge: &Knowledge,
    file: FileId,
    offset: TextSize,
) -> Inspection {
    let Some(hir) = program.file(file) else { return Inspection::default() };
    let Some(expr) = expression_at(hir, offset) else { return Inspection::default() };
    let mut collector = Collector::new(program, knowledge);
    collector.evaluate_roots();
    collector.evaluate_unreached_modules();
    collector.apply_unreached_overlays();
    let site = Site { file, expr };
    let span = program.span(site);
    let mut inspection = Inspection { span, ..Inspection::default() };
    for env in collector.environments(site, MAX_ENVIRONMENTS) {
        collector.evaluator.refuel();
        let value = collector.evaluator.evaluate(site, env);
        let traced = collector.traced(&value, env);
        if !inspection.values.iter().any(|known| known.value.kind == traced.value.kind) {
            inspection.values.push(traced);
        }
    }
    if let Some(span) = span.filter(|_| is_written(hir, expr)) {
        inspection.uses = collector.uses_of(span);
    }
    inspection
}

impl Collector<'_, '_> {
    fn traced(&mut self, value: &Value, env: EnvId) -> Traced {
        let called_from = self.evaluator.frame(env).caller;
        let called_from = called_from.and_then(|(site, _)| self.evaluator.program().span(site));
        Traced { value: self.freeze_value(value, 0), steps: steps(&value.origin), called_from }
    }

    /// The names and selections in the tree whose value is written at `literal`.
    fn uses_of(&mut self, literal: Span) -> Vec<Span> {
        let mut uses = Vec::new();
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                if !matches!(hir.expr(expr), Expr::Select { .. } | Expr::Variable(_)) {
                    continue;
                }
                let site = Site { file, expr };
                self.evaluator.refuel();
                let used = self.environments(site, 2).into_iter().any(|env| {
                    self.evaluator.evaluate(site, env).origin.literals().contains(&literal)
                });
                if used {
                    uses.extend(self.evaluator.program().span(site));
                }
                if uses.len() >= MAX_USES {
                    return uses;
                }
            }
        }
        uses
    }
}

/// The way from a value's use back to where it is written.
fn steps(origin: &Origin) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut next = Some(origin);
    while let Some(origin) = next {
        next = match origin.hop() {
            None => None,
            Some(Hop::Written(at)) => {
                steps.push(Step::Written(*at));
                None
            }
            Some(Hop::Named { at, from }) => {
                steps.push(Step::Named(*at));
                Some(from)
            }
            Some(Hop::Computed { at, from }) => {
                steps.push(Step::Computed(*at));
                from.first()
            }
        };
    }
    steps
}

/// The innermost expression at `offset`; on the name of a definition, the definition's value.
fn expression_at(hir: &File, offset: TextSize) -> Option<ExprId> {
    let on_name = hir.expr_ids().find_map(|expr| {
        let attrs = hir.attrs_of(expr)?;
        attrs.definitions.iter().find_map(|definition| match definition.value {
            DefinitionValue::Expr(value) if definition.key.contains_inclusive(offset) => {
                Some(value)
            }
            _ => None,
        })
    });
    let innermost = || {
        hir.expr_ids()
            .filter(|expr| hir.range(*expr).contains_inclusive(offset))
            .min_by_key(|expr| hir.range(*expr).len())
    };
    on_name.or_else(innermost)
}

/// Whether an expression is a literal that other places use.
fn is_written(hir: &File, expr: ExprId) -> bool {
    matches!(hir.expr(expr), Expr::Int(_) | Expr::Float(_) | Expr::Str(_))
        || matches!(hir.expr(expr), Expr::Variable(variable) if matches!(variable.name().as_str(), "true" | "false" | "null"))
}
