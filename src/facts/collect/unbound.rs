//! Parameters of functions that no root of the tree calls.
//!
//! First the calls that the function's own file makes are evaluated. Where there are none, the
//! parameters are symbols by their names, as modules, overlays and packages name them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Collector;
use super::context::{is_final_name, is_previous_name};
use super::fragment::Rank;
use crate::eval::{
    AttrSet, EnvId, Evaluator, PackageSet, Rest, Root, Site, Slot, Symbol, ThunkId, Value, Why,
};
use crate::hir::{Expr, ExprId, File, Lambda, Name, ScopeId, Variable};
use crate::source::FileId;

/// At most this many calls of a function are looked at.
const MAX_CALLERS: usize = 48;

/// Where each file calls its own functions, and which functions are being bound.
#[derive(Clone, Default)]
pub(super) struct Unbound {
    callers: FxHashMap<FileId, Callers>,
    /// What `config` is in modules that no configuration imports.
    pub configs: FxHashMap<FileId, ThunkId>,
    binding: FxHashSet<Site>,
}

/// For each name that a file binds, the applications of it.
type Callers = FxHashMap<(ScopeId, u32), Vec<ExprId>>;

impl<'p> Collector<'p, '_> {
    /// The environments of `site`: those of the calls that lead to it, else symbolic ones.
    pub(super) fn environments(&mut self, site: Site, most: usize) -> Vec<EnvId> {
        let Collector { evaluator, unbound, breadth, .. } = self;
        environments(evaluator, unbound, site, most * *breadth)
    }

    /// The same, where what stands at `site` is this unit's to tell.
    pub(super) fn own_environments(&mut self, site: Site, most: usize) -> Vec<EnvId> {
        if self.answers_for(site) { self.environments(site, most) } else { Vec::new() }
    }

    /// Whether what stands at `site` is this unit's to tell. Of files that only happen to be read it
    /// tells what it calls, and of those that it shares with another unit what it calls itself.
    pub(super) fn answers_for(&self, site: Site) -> bool {
        if self.only_called && !self.is_called(site) {
            return false;
        }
        let Some(shared) = &self.shared else { return true };
        !shared.files.contains(&site.file)
            || self
                .functions_around(site)
                .any(|function| self.evaluator.is_called_since(function, shared.frames))
    }

    /// Whether something calls the outermost function around `site`.
    fn is_called(&self, site: Site) -> bool {
        self.functions_around(site).last().is_some_and(|outermost| {
            let frames = self.evaluator.applications(outermost);
            frames.iter().any(|frame| !self.evaluator.frame(*frame).symbolic)
        })
    }

    /// The functions around `site`, from the innermost on.
    fn functions_around(&self, site: Site) -> impl Iterator<Item = Site> {
        let hir = self.evaluator.program().file(site.file);
        let around = hir.into_iter().flat_map(move |hir| {
            let is_function = |expr: &ExprId| matches!(hir.expr(*expr), Expr::Lambda(_));
            hir.ancestors(site.expr).filter(is_function)
        });
        around.map(move |expr| Site { file: site.file, expr })
    }

    /// How well the functions around `env` are known.
    pub(super) fn rank(&self, file: FileId, env: EnvId) -> Rank {
        let frames = std::iter::successors(Some(env), |env| self.evaluator.frame(*env).parent);
        let functions = frames.filter(|env| self.evaluator.lambda_of(file, *env).is_some());
        Rank::new(functions.map(|env| !self.evaluator.frame(env).symbolic))
    }
}

fn environments<'p>(
    evaluator: &mut Evaluator<'p>,
    unbound: &mut Unbound,
    site: Site,
    most: usize,
) -> Vec<EnvId> {
    evaluator.environments(site, most, &mut |evaluator, lambda, env| {
        bind(evaluator, unbound, lambda, env)
    })
}

/// Frames for the function at `lambda` in `env`.
fn bind<'p>(
    evaluator: &mut Evaluator<'p>,
    unbound: &mut Unbound,
    lambda: Site,
    env: EnvId,
) -> Vec<EnvId> {
    if unbound.binding.insert(lambda) {
        call_own_callers(evaluator, unbound, lambda);
        unbound.binding.remove(&lambda);
        let inside = |frame: &&EnvId| evaluator.frame(**frame).parent == Some(env);
        let called: Vec<EnvId> =
            evaluator.applications(lambda).iter().filter(inside).copied().collect();
        if !called.is_empty() {
            return called;
        }
    }
    let config = unbound.configs.get(&lambda.file).copied();
    let argument = symbolic_argument(evaluator, lambda, config);
    argument
        .and_then(|argument| evaluator.bind_unbound(lambda, env, argument))
        .into_iter()
        .collect()
}

/// Evaluates the calls that the function's own file makes of it.
fn call_own_callers<'p>(evaluator: &mut Evaluator<'p>, unbound: &mut Unbound, lambda: Site) {
    let Some(hir) = evaluator.program().file(lambda.file) else { return };
    let outermost = outermost_lambda(hir, lambda.expr);
    let Some((set, definition)) = hir.definition_of(outermost) else { return };
    let Some(scope) = hir.attrs_of(set).and_then(|attrs| attrs.scope) else { return };
    let Some(slot) = hir.scope(scope).slot(definition.name) else { return };
    let callers = unbound.callers.entry(lambda.file).or_insert_with(|| find_callers(hir));
    let callers: Vec<ExprId> =
        callers.get(&(scope, slot)).into_iter().flatten().take(MAX_CALLERS).copied().collect();
    for expr in callers {
        let caller = Site { file: lambda.file, expr };
        for env in environments(evaluator, unbound, caller, 4) {
            evaluator.evaluate(caller, env);
        }
    }
}

/// The first function of `a: b: …`, for any of them.
pub(super) fn outermost_lambda(hir: &File, expr: ExprId) -> ExprId {
    let mut outermost = expr;
    for ancestor in hir.ancestors(expr) {
        match hir.expr(ancestor) {
            Expr::Lambda(lambda) if lambda.body == outermost => outermost = ancestor,
            _ => break,
        }
    }
    outermost
}

fn find_callers(hir: &File) -> Callers {
    let mut callers = Callers::default();
    for id in hir.expr_ids() {
        let Expr::Apply { .. } = hir.expr(id) else { continue };
        let is_partial = hir.parent(id).is_some_and(
            |parent| matches!(hir.expr(parent), Expr::Apply { function, .. } if *function == id),
        );
        if is_partial {
            continue;
        }
        let head = application_head(hir, id);
        if let Expr::Variable(Variable::Local { depth, slot, .. }) = hir.expr(head)
            && let Some(scope) = scope_up(hir, hir.scope_of(head), *depth)
        {
            callers.entry((scope, *slot)).or_default().push(id);
        }
    }
    callers
}

/// What is called in `f a b`.
pub(super) fn application_head(hir: &File, mut expr: ExprId) -> ExprId {
    while let Expr::Apply { function, .. } = hir.expr(expr) {
        expr = *function;
    }
    expr
}

/// The scope `depth` scopes up.
pub(super) fn scope_up(hir: &File, mut scope: ScopeId, depth: u32) -> Option<ScopeId> {
    for _ in 0..depth {
        scope = hir.scope(scope).parent?;
    }
    Some(scope)
}

fn symbolic_argument(
    evaluator: &mut Evaluator<'_>,
    lambda: Site,
    config: Option<ThunkId>,
) -> Option<ThunkId> {
    let hir = evaluator.program().file(lambda.file)?;
    let Expr::Lambda(function) = hir.expr(lambda.expr) else { return None };
    if function.is_simple() {
        let (name, _) = function.binder?;
        let root = simple_parameter(hir, lambda, function, name);
        return Some(evaluator.symbol(root));
    }
    let from_packages = lambda.expr == hir.root() && is_package_function(function);
    let mut slots = Vec::new();
    for field in function.fields.iter().flatten() {
        let value = match config.filter(|_| field.name == "config") {
            Some(config) => config,
            None => {
                let symbol = field_symbol(lambda.file, field.name, from_packages);
                evaluator.done(Value::bare(crate::eval::Kind::Symbol(symbol)))
            }
        };
        slots.push(Slot::new(field.name, value));
    }
    let rest = Rest { why: Why::Outside("its caller".into()), base: None };
    Some(evaluator.done(Value::attrs(AttrSet::open(slots, rest))))
}

fn simple_parameter(hir: &File, lambda: Site, function: &Lambda, name: Name) -> Root {
    let overlay_first = matches!(hir.expr(function.body), Expr::Lambda(inner)
        if inner.is_simple() && inner.binder.is_some_and(|(name, _)| is_previous_name(name.as_str())));
    let overlay_second = is_previous_name(name.as_str())
        && hir.parent(lambda.expr).is_some_and(
            |parent| matches!(hir.expr(parent), Expr::Lambda(outer) if outer.is_simple()),
        );
    match name.as_str() {
        "pkgs" => Root::Packages(PackageSet::Main),
        "lib" => Root::Lib,
        "inputs" => Root::Inputs,
        _ if overlay_second => Root::Packages(PackageSet::Previous),
        text if overlay_first && is_final_name(text) => Root::Packages(PackageSet::Main),
        _ => Root::Parameter(lambda.file, name),
    }
}

/// A file that `callPackage` is meant for: it takes packages, not `pkgs`.
fn is_package_function(function: &Lambda) -> bool {
    let has = |name: &str| function.field(name).is_some();
    let module_like =
        ["config", "options", "pkgs", "inputs", "self", "modulesPath"].iter().any(|name| has(name));
    let takes_packages = function.fields.iter().flatten().any(|field| {
        let name = field.name.as_str();
        name == "stdenv"
            || name == "stdenvNoCC"
            || name == "callPackage"
            || name.starts_with("fetch")
            || name.starts_with("build")
            || name.ends_with("Platform")
            || name.ends_with("Packages")
    });
    takes_packages && !module_like
}

fn field_symbol(file: FileId, name: Name, from_packages: bool) -> std::sync::Arc<Symbol> {
    let root = match name.as_str() {
        "pkgs" => Root::Packages(PackageSet::Main),
        "lib" => Root::Lib,
        "config" => Root::Config,
        "options" => Root::Options,
        "inputs" => Root::Inputs,
        "final" => Root::Packages(PackageSet::Main),
        "prev" | "super" => Root::Packages(PackageSet::Previous),
        "nixpkgs" => Root::Input(name),
        _ if from_packages => {
            return Symbol::select(&Symbol::root(Root::Packages(PackageSet::Main)), name);
        }
        _ => Root::Parameter(file, name),
    };
    Symbol::root(root)
}
