//! The calls that a value comes out of, wherever they are written: its own, and those of what they are
//! given.

use std::sync::Arc;

use super::Collector;
use crate::eval::{Kind, Symbol, ThunkId};
use crate::source::Span;

/// Calls in what calls are given are followed to this depth.
const MAX_DEPTH: u32 = 6;

impl Collector<'_, '_> {
    /// The calls that make the value of `thunk`, as far as they can be followed.
    pub(super) fn calls_behind(&mut self, thunk: ThunkId) -> Vec<Span> {
        let mut found = Vec::new();
        self.add_calls(thunk, MAX_DEPTH, &mut found);
        found
    }

    fn add_calls(&mut self, thunk: ThunkId, depth: u32, found: &mut Vec<Span>) {
        if depth == 0 {
            return;
        }
        match self.evaluator.force(thunk).kind {
            Kind::Symbol(symbol) => self.add_calls_of(&symbol, depth, found),
            Kind::Choice(choice) => {
                self.add_calls(choice.then, depth - 1, found);
                self.add_calls(choice.otherwise, depth - 1, found);
            }
            _ => {}
        }
    }

    fn add_calls_of(&mut self, symbol: &Arc<Symbol>, depth: u32, found: &mut Vec<Span>) {
        let mut next = Some(symbol.clone());
        while let Some(symbol) = next {
            next = match &*symbol {
                Symbol::Call(function, id) => {
                    let call = self.evaluator.call(*id);
                    let (site, argument) = (call.site, call.argument);
                    let span = site.and_then(|site| self.evaluator.program().span(site));
                    found.extend(span);
                    self.add_calls(argument, depth - 1, found);
                    Some(function.clone())
                }
                Symbol::Select(base, _) => Some(base.clone()),
                _ => None,
            };
        }
    }
}
