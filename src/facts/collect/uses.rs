//! Where an override in a helper function is used: the call that gives the helper its package.

use super::Collector;
use super::unbound::{outermost_lambda, scope_up};
use crate::eval::{EnvId, Site};
use crate::hir::{Expr, ExprId, File, ScopeKind, Variable};
use crate::source::Span;

/// Helpers in helpers are followed to this depth.
const MAX_HELPERS: u32 = 6;

impl Collector<'_, '_> {
    /// The call of the helper function whose parameter is overridden at `site`: where the override
    /// is used.
    pub(super) fn use_of_helper(&self, hir: &File, site: Site, env: EnvId) -> Option<Span> {
        let Expr::Apply { function, .. } = hir.expr(site.expr) else { return None };
        let Expr::Select { base, path, .. } = hir.expr(*function) else { return None };
        // `pkgs.brave.override` overrides no parameter, though `pkgs` may be one.
        if path.len() > 1 {
            return None;
        }
        self.helper_call(hir, *base, env, 0)
    }

    /// Where the function is called of which `expr` is a parameter.
    fn helper_call(&self, hir: &File, expr: ExprId, env: EnvId, depth: u32) -> Option<Span> {
        if depth > MAX_HELPERS {
            return None;
        }
        let expr = match hir.expr(expr) {
            // An override of an override of the parameter.
            Expr::Apply { function, argument } => match hir.expr(*function) {
                Expr::Select { base, path, .. } if path.len() == 1 => {
                    return self.helper_call(hir, *base, env, depth + 1);
                }
                // What another helper made of the parameter.
                Expr::Variable(_) => return self.helper_call(hir, *argument, env, depth + 1),
                _ => return None,
            },
            _ => expr,
        };
        let Expr::Variable(Variable::Local { depth: up, .. }) = hir.expr(expr) else { return None };
        let scope = scope_up(hir, hir.scope_of(expr), *up)?;
        let ScopeKind::Lambda(lambda) = hir.scope(scope).kind else { return None };
        // A file's own parameters are no helper's: the override is the file's.
        if outermost_lambda(hir, lambda) == hir.root() {
            return None;
        }
        let mut frame = env;
        for _ in 0..*up {
            frame = self.evaluator.frame(frame).parent?;
        }
        let (caller, caller_env) = self.evaluator.frame(frame).caller?;
        let caller_hir = self.evaluator.program().file(caller.file)?;
        if let Expr::Apply { argument, .. } = caller_hir.expr(caller.expr)
            && let Some(outer) = self.helper_call(caller_hir, *argument, caller_env, depth + 1)
        {
            return Some(outer);
        }
        self.evaluator
            .program()
            .span(Site { file: caller.file, expr: whole_application(caller_hir, caller.expr) })
    }
}

/// `f a b` for its part `f a`.
fn whole_application(hir: &File, mut expr: ExprId) -> ExprId {
    while let Some(parent) = hir.parent(expr) {
        match hir.expr(parent) {
            Expr::Apply { function, .. } if *function == expr => expr = parent,
            _ => break,
        }
    }
    expr
}
