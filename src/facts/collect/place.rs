//! Which expression stands at a place of a file.

use std::cmp::Reverse;

use text_size::{TextRange, TextSize};

use crate::facts::Place;
use crate::hir::{Definition, DefinitionValue, Expr, ExprId, File, Name};

/// What can be asked for its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// An expression.
    Expr(ExprId),
    /// The `name` of `inherit (source) name;`.
    Inherited { source: ExprId, name: Name, key: TextRange },
    /// A function's parameter, by its slot.
    Parameter { body: ExprId, slot: usize, name: TextRange },
}

impl Target {
    /// The text that is asked for.
    pub fn range(self, hir: &File) -> TextRange {
        match self {
            Target::Expr(expr) => hir.range(expr),
            Target::Inherited { key, .. } => key,
            Target::Parameter { name, .. } => name,
        }
    }

    /// The expression in whose environments the answer is found.
    pub fn evaluated(self) -> ExprId {
        match self {
            Target::Expr(expr) | Target::Inherited { source: expr, .. } => expr,
            Target::Parameter { body, .. } => body,
        }
    }
}

/// What stands at `place`.
pub(super) fn target_at(hir: &File, place: Place) -> Option<Target> {
    match place {
        Place::At(offset) => {
            let here = TextRange::at(offset, 1.into());
            first_in(hir, here).or_else(|| target_at(hir, Place::Under(offset)))
        }
        Place::Under(offset) => named_at(hir, offset).or_else(|| innermost_at(hir, offset)),
        Place::FirstIn(range) => first_in(hir, range),
    }
}

/// What the name means that a definition or a parameter has at `offset`.
fn named_at(hir: &File, offset: TextSize) -> Option<Target> {
    let defined = hir.expr_ids().find_map(|owner| {
        let definitions = hir.attrs_of(owner)?.definitions.iter();
        let mut at = definitions.filter(|definition| definition.key.contains_inclusive(offset));
        at.find_map(|definition| match definition.value {
            DefinitionValue::Expr(value) => Some(Target::Expr(value)),
            // The name is an expression of its own.
            DefinitionValue::Inherit(_) => None,
            DefinitionValue::InheritFrom(_) => inherited(hir, owner, definition),
        })
    });
    let parameter =
        |(target, name): (Target, TextRange)| name.contains_inclusive(offset).then_some(target);
    defined.or_else(|| hir.expr_ids().flat_map(|expr| parameters(hir, expr)).find_map(parameter))
}

fn inherited(hir: &File, owner: ExprId, definition: &Definition) -> Option<Target> {
    let DefinitionValue::InheritFrom(index) = definition.value else { return None };
    let source = *hir.attrs_of(owner)?.sources.get(index as usize)?;
    Some(Target::Inherited { source, name: definition.name, key: definition.key })
}

/// The parameters of a function, with their names' places.
fn parameters(hir: &File, expr: ExprId) -> Vec<(Target, TextRange)> {
    let Expr::Lambda(lambda) = hir.expr(expr) else { return Vec::new() };
    let fields = lambda.fields.iter().flatten().map(|field| field.range);
    let names = fields.chain(lambda.binder.map(|(_, range)| range));
    let target = |slot, name| Target::Parameter { body: lambda.body, slot, name };
    names.enumerate().map(|(slot, name)| (target(slot, name), name)).collect()
}

fn innermost_at(hir: &File, offset: TextSize) -> Option<Target> {
    hir.expr_ids()
        .filter(|expr| hir.range(*expr).contains_inclusive(offset))
        .min_by_key(|expr| (!hir.range(*expr).contains(offset), hir.range(*expr).len()))
        .map(Target::Expr)
}

fn first_in(hir: &File, range: TextRange) -> Option<Target> {
    let begins = |target: &Target| {
        let start = target.range(hir).start();
        range.start() <= start && start < range.end()
    };
    let expressions = hir.expr_ids().filter(|expr| !is_made_by_dots(hir, *expr)).map(Target::Expr);
    let parameters =
        hir.expr_ids().flat_map(|expr| parameters(hir, expr)).map(|(target, _)| target);
    let inherited = hir.expr_ids().flat_map(|owner| {
        let definitions = hir.attrs_of(owner).map_or(&[][..], |attrs| &attrs.definitions);
        definitions.iter().filter_map(move |definition| inherited(hir, owner, definition))
    });
    expressions.chain(parameters).chain(inherited).filter(begins).min_by_key(|target| {
        let range = target.range(hir);
        // `x` of `x: …` says more than the function does.
        let is_parameter = matches!(target, Target::Parameter { .. });
        (range.start(), !is_parameter, Reverse(range.len()))
    })
}

/// Whether `expr` is the set `a` of `a.b = 1;`, which nobody wrote as an expression.
fn is_made_by_dots(hir: &File, expr: ExprId) -> bool {
    let Expr::Attrs(_) = hir.expr(expr) else { return false };
    let start = hir.range(expr).start();
    let Some(attrs) = hir.parent(expr).and_then(|parent| hir.attrs_of(parent)) else {
        return false;
    };
    let key = hir.definition_of(expr).map(|(_, definition)| definition.key).or_else(|| {
        let dynamic = attrs.dynamic.iter().find(|dynamic| dynamic.value == expr)?;
        Some(hir.range(dynamic.name))
    });
    key.is_some_and(|key| start <= key.start())
}
