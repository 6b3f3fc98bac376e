//! Ways through calls: of functions of the tree, of Nix's own, and of what lies outside.

use super::{Goal, Way};
use crate::eval::{EnvId, Kind, Partial, Site, Symbol, Value};
use crate::facts::How;
use crate::facts::collect::callee::overridden;
use crate::facts::package::is_method;
use crate::hir::{Expr, ExprId, File};
use crate::source::FileId;

impl Way<'_, '_, '_> {
    pub(super) fn follow_call(
        &mut self,
        hir: &File,
        site: Site,
        function: ExprId,
        argument: ExprId,
        env: EnvId,
        goal: Goal,
    ) {
        let callee = Site { file: site.file, expr: function };
        let callee_value = self.collector.evaluator.evaluate(callee, env);
        match &callee_value.kind {
            Kind::Lambda(closure) => {
                let lambda = Site { file: closure.file, expr: closure.expr };
                if let Some((body, frame)) = self.body_called(lambda, site, env) {
                    self.follow(body, frame, goal);
                }
                self.step_at(How::Called, site);
            }
            Kind::Primitive(partial) => {
                let argument = Site { file: site.file, expr: argument };
                self.follow_primitive(site, &partial.clone(), argument, env, goal);
            }
            Kind::Symbol(symbol) => {
                let symbol = symbol.clone();
                self.follow_symbol_call(hir, site, function, &symbol, env);
            }
            _ => {
                let value = self.collector.evaluator.evaluate(site, env);
                self.follow_origin(&value.origin, goal);
                self.step_at(How::Called, site);
            }
        }
    }

    /// The body of the function at `lambda`, in the frame of its call at `site` in `env`.
    fn body_called(&mut self, lambda: Site, site: Site, env: EnvId) -> Option<(Site, EnvId)> {
        let evaluator = &mut self.collector.evaluator;
        evaluator.evaluate(site, env);
        let is_call = |frame: &&EnvId| evaluator.frame(**frame).caller == Some((site, env));
        let frame = *evaluator.applications(lambda).iter().rev().find(is_call)?;
        match evaluator.program().file(lambda.file)?.expr(lambda.expr) {
            Expr::Lambda(function) => {
                Some((Site { file: lambda.file, expr: function.body }, frame))
            }
            _ => None,
        }
    }

    fn follow_primitive(
        &mut self,
        site: Site,
        partial: &Partial,
        argument: Site,
        env: EnvId,
        goal: Goal,
    ) {
        let value = self.collector.evaluator.evaluate(argument, env);
        if partial.primitive.name == "import" {
            if let Some(file) = self.imported(&value) {
                let root = self.collector.evaluator.program().file(file).map(File::root);
                if let Some(expr) = root {
                    self.follow(Site { file, expr }, EnvId::ROOT, goal);
                }
            }
            return self.step_at(How::Imported, site);
        }
        for given in partial.arguments.clone() {
            let value = self.collector.evaluator.force(given);
            if is_material(&value) {
                self.follow_thunk(given, goal);
            }
        }
        if is_material(&value) {
            self.follow(argument, env, goal);
        }
        let result = self.collector.evaluator.evaluate(site, env);
        self.follow_origin(&result.origin, goal);
        self.step_at(How::Computed, site);
    }

    /// The file of the tree that importing `value` reads.
    fn imported(&mut self, value: &Value) -> Option<FileId> {
        let path = self.collector.evaluator.as_path(value)?;
        self.collector.evaluator.imported_file(&path)
    }

    /// A call of something outside the tree: an override, a builder, or anything else.
    fn follow_symbol_call(
        &mut self,
        hir: &File,
        site: Site,
        function: ExprId,
        symbol: &Symbol,
        env: EnvId,
    ) {
        if matches!(symbol, Symbol::Select(_, method) if is_method(method.as_str())) {
            if let Expr::Select { base, path, .. } = hir.expr(function) {
                let base = Site { file: site.file, expr: *base };
                if path.len() == 1 {
                    self.follow_base(base, env, Goal::Value);
                } else {
                    self.follow_base(base, env, Goal::Container);
                    self.step(How::Named, overridden(hir, site));
                }
            }
            return self.step_at(How::Overridden, site);
        }
        let how = match self.collector.is_builder(symbol) {
            true => How::Built,
            false => How::Called,
        };
        self.step_at(how, site);
    }
}

/// Whether a value given to one of Nix's own functions is what the result is made of, and not how
/// it is made.
fn is_material(value: &Value) -> bool {
    !matches!(value.kind, Kind::Lambda(_) | Kind::Primitive(_) | Kind::Attrs(_))
}
