//! Where the tree uses what is written at a place.

use super::Collector;
use crate::eval::{Site, Value};
use crate::hir::{DefinitionValue, Expr, ExprId, File};
use crate::source::Span;

/// At most this many uses of a literal are found.
const MAX_USES: usize = 64;

impl Collector<'_, '_> {
    /// The names and selections in the tree whose value is what is written at `site`, or a list that
    /// it is an element of.
    pub(super) fn uses_of(&mut self, hir: &File, site: Site) -> Vec<Span> {
        if !is_written(hir, site.expr) {
            return Vec::new();
        }
        let written = std::iter::once(site.expr).chain(lists_around(hir, site.expr));
        let literals: Vec<Span> =
            written.map(|expr| Span::new(site.file, hir.range(expr))).collect();
        let literals = &*literals;
        let mut uses = Vec::new();
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                match hir.expr(expr) {
                    Expr::Select { .. } | Expr::Variable(_) => {
                        let site = Site { file, expr };
                        let used = self.comes_from(site, literals, |value, _| value);
                        uses.extend(used.then(|| Span::new(file, hir.range(expr))));
                    }
                    Expr::Attrs(attrs) | Expr::Let { attrs, .. } => {
                        for definition in &attrs.definitions {
                            let DefinitionValue::InheritFrom(index) = definition.value else {
                                continue;
                            };
                            let Some(source) = attrs.sources.get(index as usize) else { continue };
                            let site = Site { file, expr: *source };
                            let used = self.comes_from(site, literals, |source, collector| {
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
        uses.retain(|span| !literals.contains(span));
        uses.sort_by_key(Span::sort_key);
        uses.dedup();
        uses.truncate(MAX_USES);
        uses
    }

    /// Whether something that the value at `site`, or what `part` takes of it, depends on is
    /// written at one of `literals`.
    fn comes_from(
        &mut self,
        site: Site,
        literals: &[Span],
        part: impl Fn(Value, &mut Self) -> Value,
    ) -> bool {
        self.evaluator.refuel();
        self.environments(site, 2).into_iter().any(|env| {
            let value = self.evaluator.evaluate(site, env);
            let found = part(value, self).origin.literals();
            found.iter().any(|literal| literals.contains(literal))
        })
    }
}

/// Whether an expression is a literal that other places use.
fn is_written(hir: &File, expr: ExprId) -> bool {
    match hir.expr(expr) {
        Expr::Int(_) | Expr::Float(_) | Expr::Str(_) | Expr::List(_) => true,
        Expr::Variable(variable) => {
            matches!(variable.name().as_str(), "true" | "false" | "null")
        }
        _ => false,
    }
}

/// The lists that an expression is an element of, the innermost first.
fn lists_around(hir: &File, expr: ExprId) -> impl Iterator<Item = ExprId> {
    hir.ancestors(expr).take_while(|around| matches!(hir.expr(*around), Expr::List(_)))
}
