//! What is known of a list that is put together of known and unknown parts.

use super::Collector;
use crate::eval::{Kind, Site, ThunkId};
use crate::hir::{Binary, Expr};

/// Parts in parts are followed to this depth.
const MAX_DEPTH: u32 = 64;

impl Collector<'_, '_> {
    /// The elements of a list, as far as its parts are known.
    pub(super) fn known_items(&mut self, list: ThunkId, depth: u32) -> Vec<ThunkId> {
        let parts = match self.evaluator.force(list).kind {
            Kind::List(items) => return items.to_vec(),
            Kind::Choice(choice) => vec![choice.then, choice.otherwise],
            _ => self.concatenated(list),
        };
        let parts = parts.into_iter().filter(|_| depth < MAX_DEPTH);
        parts.flat_map(|part| self.known_items(part, depth + 1)).collect()
    }

    /// The two sides of `a ++ b`: one of them may be known where the whole list is not.
    pub(super) fn concatenated(&mut self, list: ThunkId) -> Vec<ThunkId> {
        let Some((site, env)) = self.evaluator.expression_of(list) else { return Vec::new() };
        let Some(hir) = self.evaluator.program().file(site.file) else { return Vec::new() };
        match hir.expr(site.expr) {
            Expr::Binary { operator: Binary::Concat, left, right } => [*left, *right]
                .map(|expr| self.evaluator.delayed(Site { expr, ..site }, env))
                .to_vec(),
            _ => Vec::new(),
        }
    }
}
