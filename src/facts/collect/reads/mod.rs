//! What attributes are made of that changes with the configuration itself: each value followed from
//! the attribute back through names, calls and operators, each in the environment it has there.

mod source;

use rustc_hash::FxHashSet;

use super::Collector;
use super::unbound::scope_up;
use crate::eval::{AttrSet, EnvId, Kind, Root, Site, Symbol, ThunkId, Value};
use crate::facts::{Read, ReadOf};
use crate::hir::{
    DefinitionValue, Expr, ExprId, File, Key, Name, ScopeId, ScopeKind, StrPart, Variable,
};

/// A value is followed through at most this many expressions.
const MAX_EXPRESSIONS: usize = 200;

/// Attributes of a flake that a commit or an edit changes.
const OF_COMMITS: [&str; 8] = [
    "rev",
    "shortRev",
    "dirtyRev",
    "dirtyShortRev",
    "revCount",
    "lastModified",
    "lastModifiedDate",
    "narHash",
];

/// Attributes that hold a source.
const SOURCES: [&str; 1] = ["src"];

/// Attributes that are no part of a derivation.
const METADATA: [&str; 3] = ["meta", "passthru", "pos"];

impl Collector<'_, '_> {
    /// What the attribute `name` with this value is made of.
    pub(super) fn reads(&mut self, name: Name, value: ThunkId) -> Vec<Read> {
        let name = name.as_str();
        if METADATA.contains(&name) {
            return Vec::new();
        }
        if SOURCES.contains(&name) {
            return self.source(value).into_iter().collect();
        }
        let mut walk = Walk {
            collector: self,
            found: Vec::new(),
            seen: FxHashSet::default(),
            left: MAX_EXPRESSIONS,
        };
        walk.follow_thunk(value);
        walk.found
    }
}

/// One value that is being followed.
struct Walk<'w, 'p, 'k> {
    collector: &'w mut Collector<'p, 'k>,
    found: Vec<Read>,
    seen: FxHashSet<(Site, EnvId)>,
    left: usize,
}

impl Walk<'_, '_, '_> {
    fn follow_thunk(&mut self, thunk: ThunkId) {
        self.collector.evaluator.force(thunk);
        if let Some((site, env)) = self.collector.evaluator.expression_of(thunk) {
            self.follow(site, env);
        }
    }

    fn found(&mut self, what: ReadOf, site: Site) {
        let Some(place) = self.collector.evaluator.program().span(site) else { return };
        let read = Read { what, place };
        if !self.found.contains(&read) {
            self.found.push(read);
        }
    }

    fn follow(&mut self, site: Site, env: EnvId) {
        let Some(hir) = self.collector.evaluator.program().file(site.file) else { return };
        if self.left == 0 || !self.seen.insert((site, env)) {
            return;
        }
        self.left -= 1;
        let part = |expr: ExprId| Site { file: site.file, expr };
        match hir.expr(site.expr) {
            Expr::Str(parts) => self.follow_holes(site, parts, env),
            Expr::Path(path) => self.follow_holes(site, &path.parts, env),
            Expr::List(items) => items.iter().for_each(|item| self.follow(part(*item), env)),
            Expr::Variable(variable) => self.follow_variable(hir, site, variable, env),
            Expr::Let { attrs, body } => {
                let inner = attrs
                    .scope
                    .map_or(env, |scope| self.collector.evaluator.open(site.file, scope, env));
                self.follow(part(*body), inner);
            }
            Expr::With { scope, body, .. } => {
                let inner = self.collector.evaluator.open(site.file, *scope, env);
                self.follow(part(*body), inner);
            }
            Expr::Assert { body, .. } => self.follow(part(*body), env),
            Expr::Select { base, path, default } => {
                self.follow_selection(hir, site, *base, path, env);
                if let Some(default) = default {
                    self.follow(part(*default), env);
                }
            }
            Expr::If { condition, then, otherwise } => {
                let decided = self.collector.evaluator.evaluate(part(*condition), env).as_bool();
                if decided != Some(false) {
                    self.follow(part(*then), env);
                }
                if decided != Some(true) {
                    self.follow(part(*otherwise), env);
                }
            }
            Expr::Binary { left, right, .. } => {
                self.follow(part(*left), env);
                self.follow(part(*right), env);
            }
            Expr::Unary { operand, .. } => self.follow(part(*operand), env),
            Expr::Apply { function, argument } => {
                self.follow_call(site, part(*function), part(*argument), env);
            }
            // A set in an attribute is looked at attribute by attribute, a function not at all.
            Expr::Attrs(_)
            | Expr::Lambda(_)
            | Expr::Has { .. }
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Missing
            | Expr::CurrentPosition => {}
        }
    }

    fn follow_holes(&mut self, site: Site, parts: &[StrPart], env: EnvId) {
        for part in parts {
            if let StrPart::Hole(expr) = part {
                self.follow(Site { file: site.file, expr: *expr }, env);
            }
        }
    }

    fn follow_variable(&mut self, hir: &File, site: Site, variable: &Variable, env: EnvId) {
        match variable {
            Variable::Builtin(name) if *name == "__currentTime" => self.found(ReadOf::Time, site),
            Variable::Local { depth, slot, .. } => {
                let scope = scope_up(hir, hir.scope_of(site.expr), *depth);
                let inherited = scope.and_then(|scope| inherited(hir, scope, *slot));
                if let Some((source, name)) = inherited {
                    let source = Site { file: site.file, expr: source };
                    let frame = frame_up(self.collector, env, *depth);
                    let base = frame.map(|frame| self.collector.evaluator.evaluate(source, frame));
                    return base.iter().for_each(|base| self.attribute(base, name, site));
                }
                if let Some(thunk) = local(self.collector, env, *depth, *slot) {
                    self.follow_thunk(thunk);
                }
            }
            Variable::Builtin(_) | Variable::Dynamic { .. } => {}
        }
    }

    fn follow_selection(&mut self, hir: &File, site: Site, base: ExprId, path: &[Key], env: EnvId) {
        let is_builtins = matches!(hir.expr(base), Expr::Variable(Variable::Builtin(name)) if *name == "builtins");
        if is_builtins && matches!(path, [Key::Name(name, _)] if *name == "currentTime") {
            return self.found(ReadOf::Time, site);
        }
        let mut value =
            self.collector.evaluator.evaluate(Site { file: site.file, expr: base }, env);
        let Some((last, before)) = path.split_last() else { return };
        for key in before {
            let Some(name) = self.name_of(site, key, env) else { return };
            value = self.collector.evaluator.select(&value, name);
        }
        if let Some(name) = self.name_of(site, last, env) {
            self.attribute(&value, name, site);
        }
    }

    fn name_of(&mut self, site: Site, key: &Key, env: EnvId) -> Option<Name> {
        match key {
            Key::Name(name, _) => Some(*name),
            Key::Dynamic(expr) => {
                let site = Site { file: site.file, expr: *expr };
                self.collector.evaluator.evaluate(site, env).as_str().map(Name::new)
            }
        }
    }

    /// The attribute `name` of `base`, taken at `site`.
    fn attribute(&mut self, base: &Value, name: Name, site: Site) {
        if let Some(slot) = base.as_attrs().and_then(|set| set.get(name).copied()) {
            self.follow_thunk(slot.value);
        } else if OF_COMMITS.contains(&name.as_str()) && is_flake(base) {
            self.found(ReadOf::Commit(format!("self.{name}")), site);
        }
    }

    fn follow_call(&mut self, site: Site, function: Site, argument: Site, env: EnvId) {
        let callee = self.collector.evaluator.evaluate(function, env);
        match &callee.kind {
            Kind::Lambda(closure) => {
                let lambda = Site { file: closure.file, expr: closure.expr };
                if let Some((body, frame)) = self.body_called(lambda, site, env) {
                    self.follow(body, frame);
                }
            }
            Kind::Primitive(partial) if partial.primitive.name != "import" => {
                for given in partial.arguments.clone() {
                    self.follow_thunk(given);
                }
                self.follow(argument, env);
            }
            // What Nix and its library make of their arguments depends on them.
            Kind::Symbol(symbol) if is_of_library(symbol) => {
                self.follow(function, env);
                self.follow(argument, env);
            }
            Kind::Unknown(_) if self.is_builtin(function) => self.follow(argument, env),
            _ => {}
        }
    }

    fn is_builtin(&self, function: Site) -> bool {
        let Some(hir) = self.collector.evaluator.program().file(function.file) else {
            return false;
        };
        match hir.expr(function.expr) {
            Expr::Variable(Variable::Builtin(_)) => true,
            Expr::Select { base, .. } => {
                matches!(hir.expr(*base), Expr::Variable(Variable::Builtin(_)))
            }
            _ => false,
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
}

fn frame_up(collector: &Collector<'_, '_>, mut env: EnvId, depth: u32) -> Option<EnvId> {
    for _ in 0..depth {
        env = collector.evaluator.frame(env).parent?;
    }
    Some(env)
}

fn local(collector: &Collector<'_, '_>, env: EnvId, depth: u32, slot: u32) -> Option<ThunkId> {
    let frame = frame_up(collector, env, depth)?;
    collector.evaluator.frame(frame).slots().get(slot as usize).copied()
}

/// The source and name, where the slot is `inherit (source) name;`.
fn inherited(hir: &File, scope: ScopeId, slot: u32) -> Option<(ExprId, Name)> {
    let (ScopeKind::Let(owner) | ScopeKind::Recursive(owner)) = hir.scope(scope).kind else {
        return None;
    };
    let attrs = hir.attrs_of(owner)?;
    let definition = attrs.definitions.get(slot as usize)?;
    let DefinitionValue::InheritFrom(index) = definition.value else { return None };
    Some((*attrs.sources.get(index as usize)?, definition.name))
}

/// Whether a symbol is of nixpkgs' library, or what a function of it gives.
fn is_of_library(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Root(root) => *root == Root::Lib,
        Symbol::Select(base, _) | Symbol::Call(base, _) => is_of_library(base),
    }
}

/// Whether a value is a flake of the tree, or what it calls its `sourceInfo`.
fn is_flake(value: &Value) -> bool {
    match &value.kind {
        Kind::Attrs(set) => is_flake_set(set),
        Kind::Symbol(symbol) => is_flake_symbol(symbol),
        _ => false,
    }
}

fn is_flake_symbol(symbol: &Symbol) -> bool {
    let Some((root, names)) = symbol.path() else { return false };
    let is_whole = matches!(names.as_slice(), [] | [_])
        && names.iter().all(|name| name.as_str() == "sourceInfo");
    let is_self = match root {
        Root::Own(_) => true,
        Root::Input(name) | Root::Parameter(_, name) => name.as_str() == "self",
        _ => false,
    };
    is_whole && is_self
}

/// A flake has inputs and a place that no text of it defines.
fn is_flake_set(set: &AttrSet) -> bool {
    let is_given = |name: &str| set.get(name.into()).is_some_and(|slot| slot.key.is_none());
    is_given("inputs") && is_given("outPath")
}
