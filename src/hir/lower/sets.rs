//! Lowering the definitions of attribute sets and `let`s.

use text_size::TextRange;

use super::Lowering;
use crate::hir::attrs::{RawSet, RawValue};
use crate::hir::expr::{Attrs, Definition, DefinitionValue, Dynamic, Expr, ExprId, Key};
use crate::hir::scope::ScopeKind;

impl Lowering {
    pub(super) fn set(&mut self, raw: RawSet<'_>) -> Attrs {
        self.set_with(raw, ScopeKind::Recursive)
    }

    pub(super) fn set_with(&mut self, raw: RawSet<'_>, kind: fn(ExprId) -> ScopeKind) -> Attrs {
        let outer = self.scope;
        let scope = raw.recursive.then(|| {
            let names = raw.entries.iter().map(|entry| entry.name).collect();
            self.open(names, kind)
        });
        let sources = raw.sources.into_iter().map(|source| self.expr(source, raw.range)).collect();
        let mut definitions = Vec::with_capacity(raw.entries.len());
        for entry in raw.entries {
            self.mention(entry.name);
            let value = match entry.value {
                RawValue::Inherit(range) => {
                    let inner = std::mem::replace(&mut self.scope, outer);
                    let variable = Expr::Variable(self.resolve(entry.name));
                    let variable = self.add(variable, range);
                    self.scope = inner;
                    DefinitionValue::Inherit(variable)
                }
                RawValue::InheritFrom(source) => DefinitionValue::InheritFrom(source),
                other => DefinitionValue::Expr(self.raw_value(other, entry.range)),
            };
            definitions.push(Definition {
                name: entry.name,
                key: entry.key,
                range: entry.range,
                value,
            });
        }
        let dynamic = raw
            .dynamic
            .into_iter()
            .map(|(key, value)| {
                let name = match self.key(key) {
                    Key::Dynamic(name) => name,
                    Key::Name(_, range) => self.add(Expr::Missing, range),
                };
                Dynamic { name, value: self.raw_value(value, raw.range) }
            })
            .collect();
        self.scope = outer;
        Attrs { scope, definitions: definitions.into(), sources, dynamic }
    }

    fn raw_value(&mut self, value: RawValue<'_>, around: TextRange) -> ExprId {
        match value {
            RawValue::Expr(expr) => self.expr(expr, around),
            RawValue::Set(set) => {
                let range = set.range;
                let attrs = Expr::Attrs(Box::new(self.set(*set)));
                self.add(attrs, range)
            }
            RawValue::Inherit(_) | RawValue::InheritFrom(_) | RawValue::Conflict => {
                self.add(Expr::Missing, around)
            }
        }
    }
}
