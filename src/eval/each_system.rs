//! `eachDefaultSystem` and `eachSystem` of flake-utils. What they give for a system stays unknown, but not
//! which attributes there are: those that their function gives. So what stands beside them in a flake
//! (`{ nixosConfigurations = …; } // eachDefaultSystem (system: { packages = …; })`) is not in doubt.

use std::sync::Arc;

use super::symbol::Symbol;
use super::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value};
use crate::hir::{Attrs, Expr, ExprId, File};

impl Evaluator<'_> {
    /// What `made` is, the call of `function` with `argument`, if that is one of these functions and
    /// the attributes are written where its own function is.
    pub(super) fn each_system(
        &mut self,
        made: &Arc<Symbol>,
        function: &Symbol,
        argument: ThunkId,
    ) -> Option<Value> {
        let is_for_each = match function {
            Symbol::Select(_, name) => *name == "eachDefaultSystem",
            Symbol::Call(function, _) => {
                matches!(&**function, Symbol::Select(_, name) if *name == "eachSystem")
            }
            Symbol::Root(_) => false,
        };
        if !is_for_each {
            return None;
        }
        let given = self.force(argument);
        let Kind::Lambda(closure) = &given.kind else { return None };
        let hir = self.program.file(closure.file)?;
        let Expr::Lambda(lambda) = hir.expr(closure.expr) else { return None };
        let attributes = written_attributes(hir, lambda.body)?;
        let names = attributes.definitions.iter().map(|definition| definition.name);
        let slots = names.map(|name| {
            let value = Value::bare(Kind::Symbol(Symbol::select(made, name)));
            Slot::new(name, self.done(value))
        });
        let slots = slots.collect();
        Some(Value::attrs(AttrSet::new(slots)))
    }
}

/// The set that an expression is, whatever is evaluated, if all its names are written.
fn written_attributes(hir: &File, mut expr: ExprId) -> Option<&Attrs> {
    loop {
        match hir.expr(expr) {
            Expr::Let { body, .. } | Expr::With { body, .. } | Expr::Assert { body, .. } => {
                expr = *body;
            }
            Expr::Attrs(attrs) => return attrs.dynamic.is_empty().then_some(attrs),
            _ => return None,
        }
    }
}
