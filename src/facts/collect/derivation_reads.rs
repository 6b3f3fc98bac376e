//! Imports, files and folders out of derivations: what Nix has to build before it can evaluate on.

use std::sync::Arc;

use super::Collector;
use super::callee::{called_name, is_builtin, names_of};
use super::conditions::Reach;
use super::fragment::Sighting;
use super::sites::is_aside;
use super::unbound::application_head;
use crate::eval::{EnvId, Kind, Piece, Root, Site, Symbol, ThunkId, Value};
use crate::facts::package::is_method;
use crate::facts::{DerivationRead, OutputRead, Package};
use crate::hir::{Binary, Expr, ExprId, File, Name};
use crate::knowledge::{BuilderClass, FunctionOf, Knowledge, Row as _};
use crate::source::{FileId, Span};

/// A call is looked at in at most this many environments.
const MAX_ENVIRONMENTS: usize = 8;

/// An output is followed through at most this many overrides, selections and sources.
const MAX_STEPS: u32 = 12;

/// Attributes of a derivation that are its outputs.
const OUTPUTS: [&str; 8] = ["out", "outPath", "bin", "dev", "lib", "man", "doc", "share"];

impl Collector<'_, '_> {
    /// Keeps what is read out of derivations in `file`.
    pub(super) fn collect_derivation_reads(&mut self, file: FileId) {
        let Some(hir) = self.evaluator.program().file(file) else { return };
        let Some(outline) = self.basis.outline(file) else { return };
        for expr in &outline.derivation_reads {
            if is_aside(hir, *expr) {
                continue;
            }
            let site = Site { file, expr: *expr };
            let envs = self.own_environments(site, MAX_ENVIRONMENTS);
            let rank = envs.iter().map(|env| self.rank(file, *env)).max();
            let Some(rank) = rank else { continue };
            let fact = self.derivation_read(hir, site);
            self.derivation_reads.push(Sighting { site, rank, fact });
        }
    }

    fn derivation_read(&mut self, hir: &File, site: Site) -> Option<DerivationRead> {
        let Expr::Apply { function, argument } = hir.expr(site.expr) else { return None };
        let head = application_head(hir, *function);
        let name = called_name(hir, head)?;
        let knowledge = self.basis.knowledge;
        if knowledge.reading.generators.get(&[name.as_str()]).is_some() {
            return self.generated(hir, site, head, name);
        }
        let row = knowledge.reading.readers.get(&[name.as_str()])?;
        if arguments_before(hir, *function) != row.argument {
            return None;
        }
        self.evaluator.refuel();
        for env in self.environments(site, MAX_ENVIRONMENTS) {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            if !self.is_function_of(hir, Site { expr: head, ..site }, env, name, row.of) {
                continue;
            }
            let argument = Site { expr: *argument, ..site };
            let read = self.evaluator.delayed(argument, env);
            let found = match &row.attribute {
                None => Some((read, Span::new(site.file, hir.range(site.expr)))),
                Some(path) => self.attribute_at(read, path),
            };
            let Some((read, place)) = found else { continue };
            let value = self.beginning(read);
            let Some(output) = self.output_of(&value, env, hir, MAX_STEPS) else { continue };
            return Some(DerivationRead { function: name.to_string(), place, output, condition });
        }
        None
    }

    /// A call of a function that imports what it has built.
    fn generated(
        &mut self,
        hir: &File,
        site: Site,
        head: ExprId,
        name: Name,
    ) -> Option<DerivationRead> {
        // The innermost of the curried applications stands for the call.
        if !matches!(hir.expr(site.expr), Expr::Apply { function, .. } if *function == head) {
            return None;
        }
        self.evaluator.refuel();
        for env in self.environments(site, MAX_ENVIRONMENTS) {
            let Reach::Reached(condition) = self.reach(site, env) else { continue };
            let head = Site { expr: head, ..site };
            if !self.is_function_of(hir, head, env, name, FunctionOf::Nixpkgs) {
                continue;
            }
            let place = Span::new(site.file, hir.range(site.expr));
            let output = OutputRead::Generated;
            return Some(DerivationRead { function: name.to_string(), place, output, condition });
        }
        None
    }

    /// Whether what `head` gives is the function of this name that is meant.
    fn is_function_of(
        &mut self,
        hir: &File,
        head: Site,
        env: EnvId,
        name: Name,
        of: FunctionOf,
    ) -> bool {
        let value = self.evaluator.evaluate(head, env);
        match (&value.kind, of) {
            (Kind::Primitive(partial), FunctionOf::Nix | FunctionOf::Lib) => {
                name == partial.primitive.name
            }
            (Kind::Symbol(symbol), FunctionOf::Nix | FunctionOf::Lib) => {
                symbol.last_name() == Some(name) && matches!(symbol.path(), Some((Root::Lib, _)))
            }
            (Kind::Symbol(symbol), FunctionOf::Nixpkgs) => {
                symbol.last_name() == Some(name)
                    && !matches!(symbol.path(), Some((Root::Lib | Root::Config, _)))
            }
            (_, FunctionOf::Nix) => is_builtin(hir, head.expr),
            _ => false,
        }
    }

    /// The attribute at the dotted `path`, and where its value is written.
    fn attribute_at(&mut self, set: ThunkId, path: &str) -> Option<(ThunkId, Span)> {
        let mut thunk = set;
        let mut key = None;
        for name in path.split('.') {
            let value = self.evaluator.force(thunk);
            let slot = *value.as_attrs()?.get(name.into())?;
            thunk = slot.value;
            key = slot.key.or(key);
        }
        let written = self.evaluator.expression_of(thunk);
        let place = written.and_then(|(site, _)| self.evaluator.program().span(site)).or(key)?;
        Some((thunk, place))
    }

    /// The value of `thunk`, or what a path that is put together with `+` begins with.
    fn beginning(&mut self, thunk: ThunkId) -> Value {
        let value = self.evaluator.force(thunk);
        let Kind::Unknown(_) = value.kind else { return value };
        let Some((site, env)) = self.evaluator.expression_of(thunk) else { return value };
        let Some(hir) = self.evaluator.program().file(site.file) else { return value };
        let mut first = site.expr;
        while let Expr::Binary { operator: Binary::Add, left, .. } = hir.expr(first) {
            first = *left;
        }
        if first == site.expr {
            return value;
        }
        self.evaluator.evaluate(Site { expr: first, ..site }, env)
    }

    /// The derivation that has to be built before `value` can be read.
    fn output_of(
        &mut self,
        value: &Value,
        env: EnvId,
        hir: &File,
        steps: u32,
    ) -> Option<OutputRead> {
        match &value.kind {
            Kind::Symbol(symbol) => self.output(&symbol.clone(), env, hir, steps),
            Kind::Str(text) => match text.pieces.first()? {
                Piece::Hole(start) => self.output_of(&start.clone(), env, hir, steps),
                Piece::Text(_) => None,
            },
            _ => None,
        }
    }

    fn output(
        &mut self,
        symbol: &Arc<Symbol>,
        env: EnvId,
        hir: &File,
        steps: u32,
    ) -> Option<OutputRead> {
        let steps = steps.checked_sub(1)?;
        match &**symbol {
            Symbol::Select(base, name) if OUTPUTS.contains(&name.as_str()) => {
                self.output(base, env, hir, steps)
            }
            Symbol::Select(base, name) if *name == "src" => match &**base {
                Symbol::Call(..) => self.source_of_call(base, env, hir, steps),
                _ => match self.package_output(base, env, hir)? {
                    OutputRead::Package(package) => Some(OutputRead::SourceOf(package)),
                    _ => None,
                },
            },
            Symbol::Call(function, _) => match &**function {
                Symbol::Select(base, method) if is_method(method.as_str()) => {
                    self.output(base, env, hir, steps)
                }
                _ => self.call_output(function),
            },
            _ => self.package_output(symbol, env, hir),
        }
    }

    /// The source of a derivation of the tree, which may well be a folder or an input.
    fn source_of_call(
        &mut self,
        call: &Symbol,
        env: EnvId,
        hir: &File,
        steps: u32,
    ) -> Option<OutputRead> {
        let Symbol::Call(function, id) = call else { return None };
        if function.last_name().is_some_and(|name| is_method(name.as_str())) {
            return None;
        }
        self.call_output(function)?;
        let argument = self.evaluator.call(*id).argument;
        let given = self.evaluator.force(argument);
        let source = given.as_attrs()?.get("src".into())?.value;
        let source = self.evaluator.force(source);
        self.output_of(&source, env, hir, steps)
    }

    /// What a call of `function` makes, where that is a function of nixpkgs that makes derivations.
    fn call_output(&self, function: &Symbol) -> Option<OutputRead> {
        let mut symbol = function;
        while let Symbol::Call(inner, _) = symbol {
            symbol = match &**inner {
                Symbol::Select(base, method) if *method == "override" => base,
                _ => inner,
            };
        }
        if matches!(symbol.path(), Some((Root::Lib | Root::Config, _))) {
            return None;
        }
        let path = names_of(symbol);
        let names: Vec<&str> = path.iter().map(|name| name.as_str()).collect();
        let name = (*names.last()?).to_owned();
        // `pkgs.formats.json { }` gives a set with `generate`.
        if name == "generate" && is_format(symbol) {
            return Some(OutputRead::Made(name));
        }
        let row = self.basis.knowledge.builder(&names).filter(|row| !row.third_party)?;
        Some(match row.class {
            BuilderClass::Fetch => OutputRead::Fetched(name),
            BuilderClass::Compiles | BuilderClass::Trivial => OutputRead::Made(name),
        })
    }

    /// A package of nixpkgs or of an input that is there by its name.
    fn package_output(&mut self, symbol: &Symbol, env: EnvId, hir: &File) -> Option<OutputRead> {
        let (root, names) = symbol.path()?;
        let package = Package::of(symbol)?;
        let path = package.lookup_path();
        match root {
            Root::Packages(_) => {
                let is_guessed =
                    names.len() == 1 && self.is_parameter_nobody_gives(hir, env, symbol);
                let is_package = self.basis.knowledge.reading.is_derivation(&path);
                (is_package && !is_guessed).then_some(OutputRead::Package(package))
            }
            Root::Input(_) => {
                let set = names.first()?.as_str();
                let is_package = match set {
                    "packages" | "defaultPackage" => path.len() <= 1,
                    "legacyPackages" => self.basis.knowledge.reading.is_derivation(&path),
                    _ => false,
                };
                // `packages.${system}` is a set of packages.
                let is_whole = set == "defaultPackage" || !path.is_empty();
                (is_package && is_whole && names.len() > 1).then_some(OutputRead::Package(package))
            }
            _ => None,
        }
    }

    /// Whether the package is nothing but the name of a parameter of a function that nobody calls.
    fn is_parameter_nobody_gives(&mut self, hir: &File, env: EnvId, symbol: &Symbol) -> bool {
        let mut next = Some(env);
        while let Some(env) = next {
            let frame = self.evaluator.frame(env);
            next = frame.parent;
            if !frame.symbolic {
                continue;
            }
            let is_field =
                symbol.last_name().is_some_and(|name| hir.scope(frame.scope).slot(name).is_some());
            if is_field {
                return true;
            }
        }
        false
    }
}

/// The names of all that reads files, and of what makes them: without one of them, a file has no such
/// call.
pub(super) fn words(knowledge: &Knowledge) -> impl Iterator<Item = &str> {
    let (readers, generators) = (&knowledge.reading.readers, &knowledge.reading.generators);
    let names = readers.rows().iter().flat_map(|row| row.names());
    names.chain(generators.rows().iter().flat_map(|row| row.names()))
}

/// The calls in a file that may read what a derivation makes.
pub(super) fn derivation_reads_in(hir: &File, knowledge: &Knowledge) -> Vec<ExprId> {
    let (readers, generators) = (&knowledge.reading.readers, &knowledge.reading.generators);
    let is_read = |expr: &ExprId| {
        let Expr::Apply { function, .. } = hir.expr(*expr) else { return false };
        called_name(hir, application_head(hir, *function)).is_some_and(|name| {
            let path = [name.as_str()];
            readers.get(&path).is_some() || generators.get(&path).is_some()
        })
    };
    hir.expr_ids().filter(is_read).collect()
}

/// Whether `symbol` is the function `generate` of one of nixpkgs' formats.
fn is_format(symbol: &Symbol) -> bool {
    let Symbol::Select(base, _) = symbol else { return false };
    let Symbol::Call(function, _) = &**base else { return false };
    match function.path() {
        Some((Root::Packages(_), names)) => names.first().is_some_and(|name| *name == "formats"),
        _ => false,
    }
}

/// How many arguments were given before.
fn arguments_before(hir: &File, mut function: ExprId) -> u8 {
    let mut before = 0u8;
    while let Expr::Apply { function: inner, .. } = hir.expr(function) {
        before = before.saturating_add(1);
        function = *inner;
    }
    before
}
