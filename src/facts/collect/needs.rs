//! Which packages an attribute names, so that they are built before what has the attribute.

use super::Collector;
use crate::eval::{Kind, PackageSet, Piece, Root, Symbol, ThunkId, Value};
use crate::facts::{Origin, Package};

/// Lists are looked at to this depth.
const MAX_DEPTH: u32 = 4;

/// An attribute names at most this many.
const MAX_PACKAGES: usize = 256;

impl Collector<'_, '_> {
    /// The packages of the finished set, and the tree's own, that `thunk` names for certain: alone,
    /// in lists, in text.
    pub(super) fn needs(&mut self, thunk: ThunkId) -> Vec<Package> {
        let value = self.evaluator.force(thunk);
        let mut found = Vec::new();
        self.add_needs(&value, 0, &mut found);
        found
    }

    fn add_needs(&mut self, value: &Value, depth: u32, found: &mut Vec<Package>) {
        if depth > MAX_DEPTH || found.len() >= MAX_PACKAGES {
            return;
        }
        match &value.kind {
            Kind::Symbol(symbol) => {
                let package = self.needed(symbol);
                found.extend(package.filter(|package| !found.contains(package)));
            }
            Kind::List(items) => {
                for item in items.clone().iter() {
                    let item = self.evaluator.force(*item);
                    self.add_needs(&item, depth + 1, found);
                }
            }
            Kind::Str(text) => {
                for piece in &text.clone().pieces {
                    if let Piece::Hole(value) = piece {
                        self.add_needs(value, depth + 1, found);
                    }
                }
            }
            _ => {}
        }
    }

    /// The package that `symbol` is as it stands. One with an override around it is another build,
    /// and one of the layer below an overlay is not what the overlay makes of it.
    fn needed(&mut self, symbol: &std::sync::Arc<Symbol>) -> Option<Package> {
        match &**symbol {
            Symbol::Call(..) => {
                let is_built = self.is_builder_call(symbol);
                let found = self.derived_package(symbol).map(|found| found.package);
                found.filter(|package| is_built && package.origin == Origin::Own)
            }
            _ => match symbol.path() {
                Some((Root::Packages(PackageSet::Main), _)) => {
                    self.derived_package(symbol).map(|found| found.package)
                }
                _ => None,
            },
        }
    }

    fn is_builder_call(&self, symbol: &Symbol) -> bool {
        matches!(symbol, Symbol::Call(function, _) if self.is_builder(function))
    }
}
