//! Selection: attributes of sets and symbols, `or`, `?`, and names that only a `with` can bind.

use std::sync::Arc;

use super::primitives;
use super::symbol::{PackageSet, Root, Symbol};
use super::value::Choice;
use super::{EnvId, Evaluator, Kind, Site, Thunk, ThunkId, Value, Why};
use crate::hir::{ExprId, Key, Name};
use crate::source::{FileId, Span};

/// Stands in a symbol's path for a name that is computed and not known.
const ANY_NAME: &str = "*";

/// What selecting an attribute gives.
enum Selected {
    Value(Value),
    /// The attribute is not there.
    Absent,
    /// It may be there: what it would be.
    Perhaps(Value),
}

impl<'p> Evaluator<'p> {
    /// `base.name`; absent attributes are errors.
    pub fn select(&mut self, base: &Value, name: Name) -> Value {
        match self.attribute(base, name) {
            Selected::Value(value) | Selected::Perhaps(value) => value,
            Selected::Absent => absent(base, name),
        }
    }

    /// The attributes along `path` from `base`, where each of them is known to be there.
    pub fn select_path(&mut self, base: &Value, path: &[&str]) -> Option<Value> {
        let mut value = base.clone();
        for name in path {
            value = match self.attribute(&value, Name::new(name)) {
                Selected::Value(next) => next,
                Selected::Absent | Selected::Perhaps(_) => return None,
            };
        }
        Some(value)
    }

    fn attribute(&mut self, base: &Value, name: Name) -> Selected {
        match &base.kind {
            Kind::Attrs(set) => match (set.get(name), &set.rest) {
                (Some(slot), _) if slot.optional => Selected::Perhaps(self.force(slot.value)),
                (Some(slot), _) => Selected::Value(self.force(slot.value)),
                (None, None) => Selected::Absent,
                (None, Some(rest)) => match &rest.base {
                    Some(symbol) => Selected::Perhaps(self.symbol_attribute(symbol, name)),
                    None => Selected::Perhaps(Value::unknown(rest.why.clone())),
                },
            },
            Kind::Symbol(symbol) => Selected::Perhaps(self.symbol_attribute(symbol, name)),
            Kind::Choice(choice) => {
                let choice = choice.clone();
                let pick = |evaluator: &mut Self, of: ThunkId| {
                    evaluator.delay(Thunk::Select(of, name, None))
                };
                let then = pick(self, choice.then);
                let otherwise = pick(self, choice.otherwise);
                let condition = choice.condition;
                Selected::Perhaps(Value::bare(Kind::Choice(
                    Choice { condition, then, otherwise }.into(),
                )))
            }
            Kind::Unknown(why) => Selected::Perhaps(Value::unknown(why.clone())),
            _ => Selected::Absent,
        }
    }

    fn symbol_attribute(&mut self, symbol: &Arc<Symbol>, name: Name) -> Value {
        if symbol.is_far() {
            return Value::unknown(Why::NotFollowed("so long a chain".into()));
        }
        match &**symbol {
            Symbol::Root(Root::Lib) => match primitives::library(name) {
                Some(primitive) => Value::bare(primitive),
                None if primitives::is_library_section(name) => {
                    Value::bare(Kind::Symbol(symbol.clone()))
                }
                None => Value::bare(Kind::Symbol(Symbol::select(symbol, name))),
            },
            Symbol::Root(Root::Inputs) => {
                Value::bare(Kind::Symbol(Symbol::root(Root::Input(name))))
            }
            _ => Value::bare(Kind::Symbol(canonical(Symbol::select(symbol, name)))),
        }
    }

    pub(super) fn selection_expr(
        &mut self,
        site: Site,
        base: ExprId,
        path: &'p [Key],
        default: Option<ExprId>,
        env: EnvId,
        here: Span,
    ) -> Value {
        let mut value = self.evaluate_part(site.file, base, env);
        let mut certain = true;
        for key in path {
            let name = match self.key(site.file, key, env) {
                Ok(name) => name,
                // `packages.${system}` is a symbol whatever the system is.
                Err(_) if value.as_symbol().is_some() => Name::new(ANY_NAME),
                Err(why) => return Value::unknown(why),
            };
            if matches!(&value.kind, Kind::Unknown(why) if why.is_final()) {
                return value;
            }
            let origin = value.origin.clone();
            match self.attribute(&value, name) {
                Selected::Value(next) => value = next,
                Selected::Perhaps(next) => {
                    value = next;
                    certain = false;
                }
                Selected::Absent => {
                    return match default {
                        Some(default) if certain => self.evaluate_part(site.file, default, env),
                        Some(default) => {
                            self.perhaps(Value::unknown(Why::Undecided), default, site.file, env)
                        }
                        None => absent(&value, name),
                    };
                }
            }
            if value.origin.hop().is_none() {
                value.origin = origin;
            }
        }
        let value = self.named(value, here);
        match default {
            Some(default) if !certain => self.perhaps(value, default, site.file, env),
            _ => value,
        }
    }

    /// `value`, if it is there, else `default`.
    fn perhaps(&mut self, value: Value, default: ExprId, file: FileId, env: EnvId) -> Value {
        if matches!(&value.kind, Kind::Unknown(why) if why.is_transient()) {
            return value;
        }
        let then = self.done(value);
        let otherwise = self.part(file, default, env);
        Value::bare(Kind::Choice(Choice { condition: None, then, otherwise }.into()))
    }

    pub(super) fn has_expr(
        &mut self,
        file: FileId,
        base: ExprId,
        path: &'p [Key],
        env: EnvId,
    ) -> Value {
        let mut value = self.evaluate_part(file, base, env);
        let origin = value.origin.clone();
        for key in path {
            let name = match self.key(file, key, env) {
                Ok(name) => name,
                Err(why) => return Value::unknown(why),
            };
            match self.attribute(&value, name) {
                Selected::Value(next) => value = next,
                Selected::Absent => return Value::new(Kind::Bool(false), origin),
                Selected::Perhaps(next) => return Value::unknown(next.why()),
            }
        }
        Value::new(Kind::Bool(true), origin)
    }

    /// Whether `set` has the attribute `name`; `None` when it cannot be told.
    pub fn has_attribute(&mut self, set: &Value, name: Name) -> Option<bool> {
        match &set.kind {
            Kind::Attrs(attrs) => match (attrs.get(name), &attrs.rest) {
                (Some(slot), _) if slot.optional => None,
                (Some(_), _) => Some(true),
                (None, None) => Some(false),
                (None, Some(_)) => None,
            },
            Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => None,
            _ => Some(false),
        }
    }

    fn key(&mut self, file: FileId, key: &Key, env: EnvId) -> Result<Name, Why> {
        match key {
            Key::Name(name, _) => Ok(*name),
            Key::Dynamic(expr) => {
                let value = self.evaluate_part(file, *expr, env);
                value.as_str().map(Name::new).ok_or_else(|| value.why())
            }
        }
    }

    /// The meaning of a name that only the `with`s around it can bind, innermost first.
    ///
    /// A set that is not known may or may not have the name: where that leaves two candidates, the
    /// answer is unknown.
    pub(super) fn lookup_in_namespaces(&mut self, name: Name, namespaces: &[Value]) -> Value {
        let library_name = primitives::is_library_name(name);
        let in_library = library_name && namespaces.iter().any(is_library);
        let mut candidates = Vec::new();
        for namespace in namespaces {
            match &namespace.kind {
                _ if is_types(namespace) => {
                    if primitives::is_type_name(name) {
                        candidates.push(namespace);
                        break;
                    }
                }
                Kind::Attrs(_) if primitives::is_builtins(namespace) => {
                    if primitives::is_builtin(name) {
                        candidates.push(namespace);
                        break;
                    }
                }
                Kind::Attrs(_) if is_library(namespace) => {
                    if library_name || self.has_attribute(namespace, name) == Some(true) {
                        candidates.push(namespace);
                        break;
                    }
                }
                Kind::Attrs(_) => match self.has_attribute(namespace, name) {
                    Some(true) => {
                        candidates.push(namespace);
                        break;
                    }
                    Some(false) => {}
                    None => candidates.push(namespace),
                },
                _ if is_library(namespace) => {
                    if library_name {
                        candidates.push(namespace);
                        break;
                    }
                }
                Kind::Symbol(symbol) if in_library && is_packages(symbol) => {}
                // Nix looks into the innermost first, and needs it for that.
                Kind::Unknown(why) if why.is_final() && candidates.is_empty() => {
                    return namespace.clone();
                }
                _ => candidates.push(namespace),
            }
        }
        match candidates.as_slice() {
            [] => match namespaces.iter().find(|namespace| is_library(namespace)) {
                Some(library) => self.select(library, name),
                None if self.is_in_none(name, namespaces) => {
                    Value::error(format!("nothing binds `{name}`"))
                }
                None => Value::unknown(Why::Free(name)),
            },
            [only] => self.select(only, name),
            _ => Value::unknown(Why::Undecided),
        }
    }
}

impl Evaluator<'_> {
    /// Whether there are namespaces, and each is known to have nothing of that name.
    fn is_in_none(&mut self, name: Name, namespaces: &[Value]) -> bool {
        let lacks = |namespace: &Value| {
            matches!(namespace.kind, Kind::Attrs(_))
                && !primitives::is_builtins(namespace)
                && self.has_attribute(namespace, name) == Some(false)
        };
        !namespaces.is_empty() && namespaces.iter().all(lacks)
    }
}

/// nixpkgs' library, as it is or extended.
fn is_library(value: &Value) -> bool {
    let symbol = match &value.kind {
        Kind::Symbol(symbol) => Some(symbol),
        Kind::Attrs(set) => set.rest.as_ref().and_then(|rest| rest.base.as_ref()),
        _ => None,
    };
    symbol.is_some_and(|symbol| **symbol == Symbol::Root(Root::Lib))
}

/// `lib.types`.
fn is_types(value: &Value) -> bool {
    matches!(value.as_symbol().map(|symbol| &**symbol), Some(Symbol::Select(base, name))
        if **base == Symbol::Root(Root::Lib) && *name == "types")
}

fn is_packages(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Root(Root::Packages(_)))
}

fn absent(base: &Value, name: Name) -> Value {
    match base.kind {
        Kind::Attrs(_) => Value::error(format!("attribute `{name}` is missing")),
        _ => Value::error(format!("{} has no attribute `{name}`", base.type_name())),
    }
}

/// The one symbol for what has several ways to it.
fn canonical(symbol: Arc<Symbol>) -> Arc<Symbol> {
    let Symbol::Select(base, name) = &*symbol else { return symbol };
    match (&**base, name.as_str()) {
        (Symbol::Root(Root::Packages(_) | Root::SearchPath(_)), "lib") => Symbol::root(Root::Lib),
        (Symbol::Root(Root::Input(input)), "lib") if is_nixpkgs(*input) => Symbol::root(Root::Lib),
        (Symbol::Root(Root::Packages(set)), "pkgs" | "__splicedPackages" | "buildPackages") => {
            Symbol::root(Root::Packages(set.clone()))
        }
        (Symbol::Select(input, packages), _) if *packages == "legacyPackages" => match &**input {
            Symbol::Root(Root::Input(input)) => Symbol::root(Root::Packages(package_set(*input))),
            _ => symbol,
        },
        _ => symbol,
    }
}

/// Whether an input of this name is nixpkgs: the names people give it.
pub(super) fn is_nixpkgs(input: Name) -> bool {
    input.as_str().contains("nixpkgs")
}

/// The package set that the nixpkgs input `input` gives.
pub(super) fn package_set(input: Name) -> PackageSet {
    if input == "nixpkgs" { PackageSet::Main } else { PackageSet::Other(input) }
}
