//! The packages that configurations install: those in lists of packages, and options that are one.

use super::Collector;
use super::callee::called_name;
use super::module::ModuleContext;
use super::redefinitions::packages_of;
use crate::eval::{CallId, EnvId, Kind, Site, Symbol, ThunkId, Value};
use crate::facts::Installed;
use crate::facts::package::is_method;
use crate::hir::{Binary, Expr, Name};
use crate::source::Span;

/// Lists in lists, and what joins them, are followed to this depth.
const MAX_DEPTH: u32 = 24;

/// What is common to the packages of one option.
struct InstalledBy<'c> {
    name: String,
    context: &'c ModuleContext,
    conditional: bool,
}

impl InstalledBy<'_> {
    fn conditionally(&self) -> InstalledBy<'_> {
        InstalledBy { name: self.name.clone(), context: self.context, conditional: true }
    }
}

impl Collector<'_, '_> {
    /// Keeps the packages that the value of the option at `path` installs.
    pub(super) fn collect_installed(
        &mut self,
        thunk: ThunkId,
        path: &[&str],
        conditional: bool,
        context: &ModuleContext,
    ) {
        if !installs(path) {
            return;
        }
        let option = InstalledBy { name: path.join("."), context, conditional };
        match self.evaluator.expression_of(thunk) {
            Some((site, env)) => self.install_expression(site, env, &option, 0),
            None => {
                let value = self.evaluator.force(thunk);
                self.install_value(&value, None, &option, 0);
            }
        }
    }

    /// The packages of an expression, where evaluation knows nothing of the whole: one list of
    /// several may be unknown, or hang on a condition.
    fn install_expression(&mut self, site: Site, env: EnvId, option: &InstalledBy<'_>, depth: u32) {
        let Some(hir) = self.evaluator.program().file(site.file) else { return };
        if depth > MAX_DEPTH {
            return;
        }
        let at = |expr| Site { file: site.file, expr };
        match hir.expr(site.expr) {
            Expr::List(items) => {
                for item in items {
                    let value = self.evaluator.evaluate(at(*item), env);
                    let place = self.evaluator.program().span(at(*item));
                    self.install_value(&value, place, option, depth + 1);
                }
            }
            Expr::Binary { operator: Binary::Concat, left, right } => {
                self.install_expression(at(*left), env, option, depth + 1);
                self.install_expression(at(*right), env, option, depth + 1);
            }
            Expr::With { scope, body, .. } => {
                let inner = self.evaluator.open(site.file, *scope, env);
                self.install_expression(at(*body), inner, option, depth + 1);
            }
            Expr::Let { attrs, body } => {
                let inner =
                    attrs.scope.map_or(env, |scope| self.evaluator.open(site.file, scope, env));
                self.install_expression(at(*body), inner, option, depth + 1);
            }
            Expr::Apply { function, argument } => {
                let condition = match hir.expr(*function) {
                    Expr::Apply { function: head, argument: condition } => {
                        let name = called_name(hir, *head);
                        name.filter(|name| *name == "optionals").map(|_| *condition)
                    }
                    _ => None,
                };
                match condition {
                    Some(condition) => {
                        let decided = self.evaluator.evaluate(at(condition), env).as_bool();
                        match decided {
                            Some(true) => {
                                self.install_expression(at(*argument), env, option, depth + 1)
                            }
                            Some(false) => {}
                            None => {
                                let option = option.conditionally();
                                self.install_expression(at(*argument), env, &option, depth + 1);
                            }
                        }
                    }
                    None => self.install_evaluated(site, env, option, depth),
                }
            }
            _ => self.install_evaluated(site, env, option, depth),
        }
    }

    fn install_evaluated(&mut self, site: Site, env: EnvId, option: &InstalledBy<'_>, depth: u32) {
        let value = self.evaluator.evaluate(site, env);
        let place = self.evaluator.program().span(site);
        self.install_value(&value, place, option, depth + 1);
    }

    fn install_value(
        &mut self,
        value: &Value,
        place: Option<Span>,
        option: &InstalledBy<'_>,
        depth: u32,
    ) {
        if depth > MAX_DEPTH || !self.takes_definition() {
            return;
        }
        match &value.kind {
            Kind::List(items) => {
                for item in items.clone().iter() {
                    let place = self
                        .evaluator
                        .expression_of(*item)
                        .and_then(|(site, _)| self.evaluator.program().span(site));
                    let value = self.evaluator.force(*item);
                    self.install_value(&value, place, option, depth + 1);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    self.install_value(&side, place, &option.conditionally(), depth + 1);
                }
            }
            Kind::Symbol(symbol) => {
                let symbol = symbol.clone();
                let Some(place) = place else { return };
                self.install_parts(&symbol, place, option, depth);
                let package = self.derived_package(&symbol).map(|found| found.package);
                let Some(package) = package.filter(|package| !package.path.is_empty()) else {
                    return;
                };
                self.facts.installed.push(Installed {
                    package,
                    changed: symbol.path().is_none(),
                    place,
                    option: option.name.clone(),
                    conditional: option.conditional,
                    host: option.context.host.clone(),
                });
            }
            _ => {}
        }
    }
}

impl Collector<'_, '_> {
    /// `wrapFirefox pkgs.firefox-unwrapped { }` and the like install what they are given.
    fn install_parts(
        &mut self,
        symbol: &Symbol,
        place: Span,
        option: &InstalledBy<'_>,
        depth: u32,
    ) {
        let Symbol::Call(function, call) = symbol else { return };
        if let Symbol::Select(interpreter, name) = &**function
            && *name == "withPackages"
        {
            self.install_environment(interpreter, *call, place, option, depth);
            return;
        }
        if !matches!(&**function, Symbol::Select(_, name) if is_method(name.as_str())) {
            let argument = self.evaluator.call(*call).argument;
            let argument = self.evaluator.force(argument);
            if argument.as_symbol().is_some_and(|given| given.path().is_some()) {
                self.install_value(&argument, Some(place), option, depth + 1);
            }
        }
        self.install_parts(function, place, option, depth);
    }
}

impl Collector<'_, '_> {
    /// `python3.withPackages (ps: [ ps.requests ])` installs what the function gives.
    fn install_environment(
        &mut self,
        interpreter: &Symbol,
        call: CallId,
        place: Span,
        option: &InstalledBy<'_>,
        depth: u32,
    ) {
        let Some((root, names)) = interpreter.path() else { return };
        let path: Vec<String> = names.iter().map(ToString::to_string).collect();
        let packages = packages_of(&path);
        if packages == path {
            return;
        }
        let root = Symbol::root(root.clone());
        let set = packages.iter().fold(root, |set, name| Symbol::select(&set, Name::new(name)));
        let set = self.evaluator.done(Value::bare(Kind::Symbol(set)));
        let function = self.evaluator.call(call).argument;
        let function = self.evaluator.force(function);
        let chosen = self.evaluator.apply(&function, set, None, EnvId::ROOT);
        if chosen.as_list().is_some() {
            self.install_value(&chosen, Some(place), option, depth + 1);
        }
    }
}

/// Options whose packages end up in a profile or run as a service.
fn installs(path: &[&str]) -> bool {
    matches!(
        path,
        ["home", "packages"]
            | ["environment", "systemPackages"]
            | ["users", "users", _, "packages"]
            | ["fonts", "packages"]
            | ["programs" | "services", .., "package"]
    )
}
