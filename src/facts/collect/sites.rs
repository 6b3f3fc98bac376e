//! The calls in the text: each looked at in every environment that leads to it.

use std::sync::Arc;

use super::Collector;
use super::callee::{called, called_name, names_of, overridden};
use super::conditions::Reach;
use crate::eval::{self, CallId, EnvId, Kind, PackageSet, Root, Site, Symbol, Value};
use crate::facts::package::{OLD_ATTRIBUTES, is_method};
use crate::facts::{Call, DerivationSite, Method, Origin, OverlayEntry, OverrideSite, Package};
use crate::hir::{Expr, ExprId, File, Name};
use crate::source::Span;

/// A call is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 24;

/// What a call in the text looks like before it is evaluated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Candidate {
    Override,
    Builder,
}

impl Collector<'_, '_> {
    /// Looks at every call in the tree that may be an override or make a derivation.
    pub(super) fn scan_calls(&mut self) {
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            let named =
                |names: &rustc_hash::FxHashSet<Name>| names.iter().any(|name| hir.mentions(*name));
            let has_family = || hir.mentioned().any(|name| self.is_of_family(name));
            if !named(&self.names.methods) && !named(&self.names.builders) && !has_family() {
                continue;
            }
            let mut candidates: Vec<(ExprId, Candidate)> = hir
                .expr_ids()
                .filter_map(|expr| Some((expr, self.candidate(hir, expr)?)))
                .collect();
            // Wholes before parts: an outer call binds the parameters that inner ones stand under.
            candidates.reverse();
            for (expr, candidate) in candidates {
                self.look_at(hir, Site { file, expr }, candidate);
            }
        }
    }

    fn candidate(&self, hir: &File, expr: ExprId) -> Option<Candidate> {
        let Expr::Apply { function, .. } = hir.expr(expr) else { return None };
        let name = called_name(hir, *function)?;
        if self.names.methods.contains(&name) {
            Some(Candidate::Override)
        } else if self.names.builders.contains(&name) || self.is_of_family(name) {
            Some(Candidate::Builder)
        } else {
            None
        }
    }

    /// Whether `name` is a builder of which there is one for each version: `buildGo124Module`.
    fn is_of_family(&self, name: Name) -> bool {
        let text = name.as_str();
        self.names.families.iter().any(|prefix| text.starts_with(prefix.as_str()))
            && self.knowledge.builder(&[text]).is_some_and(|row| row.attributes_at.is_some())
    }

    fn look_at(&mut self, hir: &File, site: Site, candidate: Candidate) {
        self.evaluator.refuel();
        let mut resolved = false;
        let mut reached = false;
        for env in self.environments(site, MAX_ENVIRONMENTS) {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            reached = true;
            self.evaluator.evaluate(site, env);
            let Some(call) = self.evaluator.call_at(site, env) else { continue };
            resolved |= self.keep_call(hir, site, call, condition);
        }
        let coverage = &mut self.facts.coverage;
        let (total, unresolved) = match candidate {
            Candidate::Override => (&mut coverage.overrides, &mut coverage.overrides_unresolved),
            Candidate::Builder => (&mut coverage.derivations, &mut coverage.derivations_unresolved),
        };
        *total += 1;
        *unresolved += usize::from(reached && !resolved);
    }

    /// Keeps what a call is. True where it is wholly understood.
    fn keep_call(&mut self, hir: &File, site: Site, id: CallId, condition: Option<Span>) -> bool {
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
                self.keep_override(hir, site, &call, &base.clone(), method, condition)
            }
            _ => self.keep_derivation(hir, site, &call, condition),
        }
    }

    fn keep_override(
        &mut self,
        hir: &File,
        site: Site,
        call: &eval::Call,
        base: &Arc<Symbol>,
        method: Method,
        condition: Option<Span>,
    ) -> bool {
        let package = self.derived_package(base);
        let used_at = self.use_of_helper(hir, site, call.env);
        let Some(span) = self.evaluator.program().span(site) else { return false };
        let understood = package.as_ref().is_some_and(|package| package.origin != Origin::Unknown);
        if !self.sites_seen.insert((span, used_at, package.clone())) {
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
        let call = self.call_fact(hir, site, span, used_at, literal, old_name, condition);
        let base = overridden(hir, site).unwrap_or(span);
        let understood = understood && !given.open;
        self.facts.overrides.push(OverrideSite {
            call,
            method,
            package,
            base,
            chained,
            changes: given.changes,
            open: given.open,
        });
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
        site: Site,
        call: &eval::Call,
        condition: Option<Span>,
    ) -> bool {
        let Some((builder, _)) = self.builder_path(&call.function) else {
            return false;
        };
        if !self.is_builder(&call.function) {
            return true;
        }
        let Some(span) = self.evaluator.program().span(site) else { return false };
        if !self.sites_seen.insert((span, None, None)) {
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
        let call = self.call_fact(hir, site, span, None, given.literal, given.old_name, condition);
        let builder_text = called(hir, site).unwrap_or(span);
        self.facts.derivations.push(DerivationSite {
            call,
            builder,
            builder_text,
            name,
            attributes: given.changes,
            open,
        });
        !open
    }

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
            context: self.context_of(hir, site),
            module: self.module_of(site),
            condition,
        }
    }

    /// The package that a symbol is; for a derivation of the tree, its name.
    pub(super) fn derived_package(&mut self, symbol: &Arc<Symbol>) -> Option<Package> {
        if let Some(package) = Package::of(symbol) {
            let below = matches!(symbol.path(), Some((Root::Packages(PackageSet::Previous), _)));
            return Some(if below { package } else { self.with_origin(package) });
        }
        match &**symbol {
            Symbol::Call(function, call) => match &**function {
                Symbol::Select(base, method) if is_method(method.as_str()) => {
                    self.derived_package(&base.clone())
                }
                _ => {
                    self.builder_path(function)?;
                    let path = self.derivation_name(*call).into_iter().collect();
                    Some(Package { origin: Origin::Own, path })
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

    /// A name that an overlay of the tree binds to something else is no package of nixpkgs; of a set
    /// that it extends, nobody knows which packages are.
    fn with_origin(&self, package: Package) -> Package {
        let is_bound = |entry: &&OverlayEntry| {
            package.path.first() == Some(&entry.name) && !entry.redefines && !entry.from_previous
        };
        if package.origin != Origin::Stock {
            return package;
        }
        match self.facts.overlay_entries.iter().find(is_bound) {
            None => package,
            Some(entry) if entry.extends => Package { origin: Origin::Unknown, ..package },
            Some(_) => Package { origin: Origin::Own, ..package },
        }
    }

    /// Whether a call of `symbol` makes a derivation.
    pub(super) fn is_builder(&self, symbol: &Symbol) -> bool {
        let Some((builder, arguments_before)) = self.builder_path(symbol) else { return false };
        let names: Vec<&str> = builder.iter().map(String::as_str).collect();
        let row = self.knowledge.builder(&names);
        row.and_then(|row| row.attributes_at) == Some(arguments_before)
    }

    /// The path of a builder, and how many arguments it was given before; `None` for what is none.
    fn builder_path(&self, symbol: &Symbol) -> Option<(Vec<String>, u8)> {
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
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        self.knowledge.builder(&names).map(|_| (path, before))
    }
}
