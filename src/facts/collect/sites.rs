//! The calls in the text: each looked at in every environment that leads to it.

use std::sync::Arc;

use thin_vec::ThinVec;

use super::Collector;
use super::callee::{called, names_of, overridden};
use super::conditions::Reach;
use super::context::Surroundings;
use super::fragment::{CallReport, Candidate, FoundOverride};
use crate::eval::{self, CallId, EnvId, Kind, PackageSet, Root, Site, Symbol, Value};
use crate::facts::package::{OLD_ATTRIBUTES, is_method};
use crate::facts::{
    Call, Context, DerivationSite, Method, ModuleKind, Origin, OverrideSite, Package,
};
use crate::hir::{Expr, ExprId, File, Key, Name};
use crate::source::{FileId, Span};

/// A call is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 24;

/// Attributes of a package that are there without its being built.
const BEFORE_IT_IS_BUILT: &[&str] =
    &["configfile", "meta", "name", "patches", "pname", "src", "version"];

/// The package that a value is made from.
pub(super) struct Derived {
    pub package: Package,
    /// It is that of the finished package set, which may be what an overlay binds to its name.
    pub is_final: bool,
}

impl Collector<'_, '_> {
    /// Looks at every call in `file` that may be an override or make a derivation.
    pub(super) fn scan_calls(&mut self, file: FileId) {
        let Some(hir) = self.evaluator.program().file(file) else { return };
        let Some(outline) = self.basis.outline(file) else { return };
        for (expr, candidate) in &outline.calls {
            self.look_at(hir, Site { file, expr: *expr }, *candidate);
        }
    }

    fn look_at(&mut self, hir: &File, site: Site, candidate: Candidate) {
        self.evaluator.refuel();
        let envs = self.own_environments(site, MAX_ENVIRONMENTS);
        let Some(rank) = envs.iter().map(|env| self.rank(site.file, *env)).max() else { return };
        let mut report = CallReport::new(site, rank, candidate);
        for env in envs {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            report.reached = true;
            self.evaluator.evaluate(site, env);
            let Some(call) = self.evaluator.call_at(site, env) else { continue };
            report.resolved |= self.keep_call(hir, call, condition, &mut report);
        }
        report.overrides.shrink_to_fit();
        report.derivations.shrink_to_fit();
        let is_any = !report.overrides.is_empty() || !report.derivations.is_empty();
        report.surroundings = is_any.then(|| Surroundings::of(hir, site));
        self.calls.push(report);
    }

    /// Keeps what a call is. True where it is wholly understood.
    fn keep_call(
        &mut self,
        hir: &File,
        id: CallId,
        condition: Option<Span>,
        report: &mut CallReport,
    ) -> bool {
        let call = self.evaluator.call(id).clone();
        match &*call.function {
            Symbol::Select(base, method) if is_method(method.as_str()) => {
                let method = match method.as_str() {
                    "override" => Method::Override,
                    "overridePythonAttrs" => Method::OverridePythonAttrs,
                    _ => Method::OverrideAttrs,
                };
                // `buildGoModule.override { … }` adapts a builder, not a package.
                if self.builder_path(base).is_some_and(|(_, arguments)| arguments == 0) {
                    return true;
                }
                self.keep_override(hir, &call, &base.clone(), method, condition, report)
            }
            _ => self.keep_derivation(hir, &call, condition, report),
        }
    }

    fn keep_override(
        &mut self,
        hir: &File,
        call: &eval::Call,
        base: &Arc<Symbol>,
        method: Method,
        condition: Option<Span>,
        report: &mut CallReport,
    ) -> bool {
        let site = report.site;
        let found = self.derived_package(base);
        let is_final = found.as_ref().is_some_and(|found| found.is_final);
        let package = found.map(|found| found.package);
        let used_at = self.use_of_helper(hir, site, call.env);
        let Some(span) = self.evaluator.program().span(site) else { return false };
        let understood = package.as_ref().is_some_and(|package| package.origin != Origin::Unknown);
        if !self.sites_seen.insert((span, used_at, package.clone(), is_final)) {
            return understood;
        }
        let argument = self.evaluator.force(call.argument);
        let old = Symbol::select(base, Name::new(OLD_ATTRIBUTES));
        let given = self.given(&argument, &old);
        if method == Method::Override {
            self.apply_scope_overrides(base, &argument);
        }
        let chained = matches!(&**base, Symbol::Call(function, _)
            if matches!(&**function, Symbol::Select(_, name) if is_method(name.as_str())));
        let literal = given.literal;
        let old_name = given.old_name.clone();
        let profiles = self.profile_names(hir, site, call.env, &given.changes);
        let call = self.call_fact(hir, site, span, used_at, literal, old_name, condition);
        let call = Call { profiles, ..call };
        let base = overridden(hir, site).unwrap_or(span);
        let understood = understood && !given.open;
        let override_site = OverrideSite {
            call,
            method,
            package,
            base,
            chained,
            changes: given.changes,
            open: given.open,
        };
        report.overrides.push(FoundOverride { override_site, is_final });
        understood
    }

    /// `packageOverrides` and `overrides` are functions of the scope that is overridden.
    fn apply_scope_overrides(&mut self, base: &Arc<Symbol>, argument: &Value) {
        let Some(set) = argument.as_attrs().cloned() else { return };
        let scope = match base.last_name() {
            Some(name) if name.as_str().starts_with("python") => {
                Symbol::select(base, Name::new("pkgs"))
            }
            _ => base.clone(),
        };
        for name in ["packageOverrides", "overrides"] {
            let Some(slot) = set.get(name.into()) else { continue };
            let mut function = self.evaluator.force(slot.value);
            for _ in 0..2 {
                if !matches!(function.kind, Kind::Lambda(_)) {
                    break;
                }
                let packages = self.evaluator.done(Value::bare(Kind::Symbol(scope.clone())));
                function = self.evaluator.apply(&function, packages, None, EnvId::ROOT);
            }
            self.force_within(&function, 2);
        }
    }

    fn keep_derivation(
        &mut self,
        hir: &File,
        call: &eval::Call,
        condition: Option<Span>,
        report: &mut CallReport,
    ) -> bool {
        let site = report.site;
        let Some((builder, _)) = self.builder_path(&call.function) else {
            return false;
        };
        if !self.is_builder(&call.function) {
            return true;
        }
        let Some(span) = self.evaluator.program().span(site) else { return false };
        if !self.sites_seen.insert((span, None, None, false)) {
            return true;
        }
        let argument = self.evaluator.force(call.argument);
        let finished = Symbol::root(Root::Parameter(site.file, Name::new("finalAttrs")));
        let given = self.given(&argument, &finished);
        let text_of = |name: &str| {
            given
                .changes
                .iter()
                .find(|change| change.name == name)
                .and_then(|change| change.value.as_str())
        };
        let name = text_of("pname").or_else(|| text_of("name")).map(str::to_owned);
        let open = given.open;
        let profiles = self.profile_names(hir, site, call.env, &given.changes);
        let call = self.call_fact(hir, site, span, None, given.literal, given.old_name, condition);
        let call = Call { profiles, ..call };
        let builder_text = called(hir, site).unwrap_or(span);
        report.derivations.push(DerivationSite {
            call,
            builder,
            builder_text,
            name,
            attributes: given.changes,
            open,
        });
        !open
    }

    /// What overrides and derivations have in common, but for what all units together tell.
    #[allow(clippy::too_many_arguments)]
    fn call_fact(
        &self,
        hir: &File,
        site: Site,
        span: Span,
        used_at: Option<Span>,
        literal: Option<Span>,
        old_name: Option<String>,
        condition: Option<Span>,
    ) -> Call {
        let argument = match hir.expr(site.expr) {
            Expr::Apply { argument, .. } => Span::new(site.file, hir.range(*argument)),
            _ => span,
        };
        Call {
            span,
            used_at,
            argument,
            literal,
            old_name,
            context: Context::Other,
            module: ModuleKind::Unknown,
            condition,
            is_aside: is_aside(hir, site.expr) || is_only_asked(hir, site.expr),
            profiles: Vec::new(),
        }
    }

    /// The package that a symbol is; for a derivation of the tree, its name.
    pub(super) fn derived_package(&mut self, symbol: &Arc<Symbol>) -> Option<Derived> {
        if let Some(package) = Package::of(symbol) {
            let is_final =
                !matches!(symbol.path(), Some((Root::Packages(PackageSet::Previous), _)));
            return Some(Derived { package, is_final });
        }
        match &**symbol {
            Symbol::Call(function, call) => match &**function {
                Symbol::Select(base, method) if is_method(method.as_str()) => {
                    self.derived_package(&base.clone())
                }
                _ => {
                    self.builder_path(function)?;
                    let path = self.derivation_name(*call).into_iter().collect();
                    let package = Package { origin: Origin::Own, path };
                    Some(Derived { package, is_final: true })
                }
            },
            _ => None,
        }
    }

    fn derivation_name(&mut self, call: CallId) -> Option<String> {
        let argument = self.evaluator.call(call).argument;
        let argument = self.evaluator.force(argument);
        ["pname", "name"].iter().find_map(|name| {
            let value = self.evaluator.select_path(&argument, &[name])?;
            value.as_str().map(str::to_owned)
        })
    }

    /// Whether a call of `symbol` makes a derivation.
    pub(super) fn is_builder(&self, symbol: &Symbol) -> bool {
        let Some((builder, arguments_before)) = self.builder_path(symbol) else { return false };
        let names: Vec<&str> = builder.iter().map(|name| name.as_str()).collect();
        let row = self.basis.knowledge.builder(&names);
        row.and_then(|row| row.attributes_at) == Some(arguments_before)
    }

    /// The path of a builder, and how many arguments it was given before; `None` for what is none.
    pub(super) fn builder_path(&self, symbol: &Symbol) -> Option<(ThinVec<Name>, u8)> {
        let mut before = 0;
        let mut symbol = symbol;
        while let Symbol::Call(function, _) = symbol {
            symbol = match &**function {
                Symbol::Select(base, method) if *method == "override" => base,
                _ => {
                    before += 1;
                    function
                }
            };
        }
        let path = names_of(symbol);
        let names: Vec<&str> = path.iter().map(|name| name.as_str()).collect();
        self.basis.knowledge.builder(&names).map(|_| (path, before))
    }
}

/// Whether `expr` stands in a `passthru`: only who asks for it by name evaluates or builds it.
pub(super) fn is_aside(hir: &File, expr: ExprId) -> bool {
    let mut around = std::iter::once(expr).chain(hir.ancestors(expr));
    around.any(|part| {
        hir.definition_of(part).is_some_and(|(_, definition)| definition.name == "passthru")
    })
}

/// Whether nothing is wanted of the package that the call at `expr` gives but what is there before it is
/// built: `(linux.override { … }).configfile`.
fn is_only_asked(hir: &File, mut expr: ExprId) -> bool {
    while let Some(parent) = hir.parent(expr) {
        match hir.expr(parent) {
            Expr::Select { base, path, .. } if *base == expr => match path.first() {
                Some(Key::Name(name, _)) if BEFORE_IT_IS_BUILT.contains(&name.as_str()) => {
                    return true;
                }
                Some(Key::Name(name, _)) if is_method(name.as_str()) => expr = parent,
                _ => return false,
            },
            Expr::Apply { function, .. } if *function == expr => expr = parent,
            _ => return false,
        }
    }
    false
}
