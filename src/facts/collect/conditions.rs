//! Whether a place is reached: the `if`s, `mkIf`s and `optional`s around it, decided where they can be.

use super::Collector;
use crate::eval::{EnvId, Kind, Site, Value};
use crate::hir::{Attrs, DefinitionValue, Expr, ExprId, File, ScopeId};
use crate::source::Span;

/// Callers of callers are looked at to this depth.
const MAX_CALLERS: u32 = 6;

/// What the conditions around a place say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It is reached, perhaps only under a condition that cannot be decided.
    Reached(Option<Span>),
    /// A condition that is decided keeps it from being reached.
    Dead,
}

/// Functions of nixpkgs' library whose first argument decides about the second.
const CONDITIONALS: &[&str] = &["mkIf", "optional", "optionals", "optionalAttrs", "optionalString"];

impl Collector<'_, '_> {
    /// Whether the expression at `site` is reached in `env`.
    pub(super) fn reach(&mut self, site: Site, env: EnvId) -> Reach {
        self.reach_within(site, env, 0)
    }

    fn reach_within(&mut self, site: Site, env: EnvId, depth: u32) -> Reach {
        let Some(hir) = self.evaluator.program().file(site.file) else {
            return Reach::Reached(None);
        };
        let mut undecided = None;
        let mut child = site.expr;
        let mut env = env;
        let mut scope = hir.scope_of(site.expr);
        for ancestor in hir.ancestors(site.expr) {
            let outer = hir.scope_of(ancestor);
            if let Expr::Lambda(_) = hir.expr(ancestor)
                && let Some((caller, caller_env)) = self.evaluator.frame(env).caller
                && depth < MAX_CALLERS
            {
                match self.reach_within(caller, caller_env, depth + 1) {
                    Reach::Dead => return Reach::Dead,
                    Reach::Reached(condition) => undecided = undecided.or(condition),
                }
            }
            env = self.leave(hir, env, scope, outer);
            scope = outer;
            match self.decide(hir, site, ancestor, child, env) {
                Some(Ok(true)) | None => {}
                Some(Ok(false)) => return Reach::Dead,
                Some(Err(condition)) => undecided = undecided.or(condition),
            }
            child = ancestor;
        }
        Reach::Reached(undecided)
    }

    /// The environment of the outer scope, from that of the inner.
    fn leave(&self, hir: &File, mut env: EnvId, mut inner: ScopeId, outer: ScopeId) -> EnvId {
        while inner != outer {
            let Some(parent) = hir.scope(inner).parent else { break };
            inner = parent;
            env = self.evaluator.frame(env).parent.unwrap_or(EnvId::ROOT);
        }
        env
    }

    /// Whether `ancestor` lets its part `child` be reached; `None` where it decides nothing.
    fn decide(
        &mut self,
        hir: &File,
        site: Site,
        ancestor: ExprId,
        child: ExprId,
        env: EnvId,
    ) -> Option<Result<bool, Option<Span>>> {
        let at = |expr: ExprId| Site { file: site.file, expr };
        match hir.expr(ancestor) {
            Expr::If { condition, then, otherwise } if child == *then || child == *otherwise => {
                let value = self.evaluator.evaluate(at(*condition), env);
                let place = self.evaluator.program().span(at(*condition));
                Some(match value.as_bool() {
                    Some(decided) => Ok(decided == (child == *then)),
                    None => Err(place),
                })
            }
            Expr::Apply { function, argument } if child == *argument => {
                let Expr::Apply { function: head, argument: condition } = hir.expr(*function)
                else {
                    return None;
                };
                if !self.is_conditional(hir, site, *head, env) {
                    return None;
                }
                let value = self.evaluator.evaluate(at(*condition), env);
                let place = self.evaluator.program().span(at(*condition));
                Some(value.as_bool().ok_or(place))
            }
            Expr::Attrs(attrs) => self.is_switched_on(hir, site, attrs, child, env).map(Ok),
            _ => None,
        }
    }

    /// What `enable` says of the `package` beside it: an option that is off installs none.
    fn is_switched_on(
        &mut self,
        hir: &File,
        site: Site,
        attrs: &Attrs,
        child: ExprId,
        env: EnvId,
    ) -> Option<bool> {
        let (_, definition) = hir.definition_of(child)?;
        if definition.name != "package" {
            return None;
        }
        let DefinitionValue::Expr(enable) = attrs.get("enable".into())?.value else { return None };
        self.evaluator.evaluate(Site { file: site.file, expr: enable }, env).as_bool()
    }

    fn is_conditional(&mut self, hir: &File, site: Site, head: ExprId, env: EnvId) -> bool {
        if !matches!(hir.expr(head), Expr::Variable(_) | Expr::Select { .. }) {
            return false;
        }
        let value: Value = self.evaluator.evaluate(Site { file: site.file, expr: head }, env);
        matches!(&value.kind, Kind::Primitive(partial) if CONDITIONALS.contains(&partial.primitive.name))
    }
}
