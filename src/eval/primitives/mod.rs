//! The pure functions of Nix and of nixpkgs' library that evaluation follows.
//!
//! A primitive gives a known answer only where real Nix would give the same; arguments that are
//! not known give an unknown answer. Impure builtins are not here, and so stay unknown.

mod alternatives;
mod folders;
mod further;
mod hashes;
mod json;
mod lists;
mod modules;
mod names;
mod patterns;
mod sets;
mod sorting;
mod system;
mod text;
mod toml;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::machine::BYTES_A_STEP;
use super::value::Partial;
use super::{AttrSet, Evaluator, Kind, Rest, Slot, ThunkId, Value, Why};
use crate::hir::Name;
use crate::source::Span;

use names::{LIBRARY_NAME_SET, OTHER_BUILTIN_SET};
pub(super) use names::{is_library_section, is_type_name};
pub(super) use patterns::Patterns;

/// A step pays for a look at this many elements or attributes.
const PARTS_A_STEP: usize = 8;

/// A function implemented here.
pub struct Primitive {
    /// Its name in `builtins` or `lib`.
    pub name: &'static str,
    /// How many arguments it takes one after the other.
    pub arity: usize,
    /// Its meaning.
    pub run: Run,
}

/// What a primitive does with its arguments. There are always as many as its arity.
pub type Run = for<'e, 'p> fn(&'e mut Evaluator<'p>, &[ThunkId]) -> Value;

impl std::fmt::Debug for Primitive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}>", self.name)
    }
}

type Table = FxHashMap<Name, &'static Primitive>;

static BUILTINS: LazyLock<Table> = LazyLock::new(|| {
    [
        lists::BUILTINS,
        sets::BUILTINS,
        text::BUILTINS,
        json::BUILTINS,
        toml::BUILTINS,
        hashes::BUILTINS,
        patterns::BUILTINS,
        system::BUILTINS,
    ]
    .into_iter()
    .flat_map(table)
    .collect()
});

static LIBRARY: LazyLock<Table> = LazyLock::new(|| {
    // nixpkgs' library re-exports most builtins under their names.
    let builtins = BUILTINS.iter().map(|(name, primitive)| (*name, *primitive));
    let library =
        [folders::LIBRARY, lists::LIBRARY, sets::LIBRARY, text::LIBRARY, modules::LIBRARY]
            .into_iter()
            .chain([further::LIBRARY]);
    builtins.chain(library.flat_map(table)).collect()
});

/// Why an attribute of `builtins` may be there that is not known here.
const NOT_FOLLOWED: &str = "this builtin";

fn table(primitives: &'static [Primitive]) -> impl Iterator<Item = (Name, &'static Primitive)> {
    primitives.iter().map(|primitive| (Name::new(primitive.name), primitive))
}

fn function(primitive: &'static Primitive) -> Kind {
    Kind::Primitive(Partial { primitive, arguments: ThinVec::new() })
}

/// The function `name` of nixpkgs' library.
pub(super) fn library(name: Name) -> Option<Kind> {
    LIBRARY.get(&name).map(|primitive| function(primitive))
}

/// Whether nixpkgs' library has `name`, as far as is known here.
pub(super) fn is_library_name(name: Name) -> bool {
    LIBRARY.contains_key(&name) || LIBRARY_NAME_SET.contains(&name)
}

/// Whether a value is `builtins`.
pub(super) fn is_builtins(value: &Value) -> bool {
    value
        .as_attrs()
        .and_then(|set| set.rest.as_ref())
        .is_some_and(|rest| matches!(&rest.why, Why::NotFollowed(what) if **what == *NOT_FOLLOWED))
}

/// Whether Nix has a builtin `name`, as far as is known here.
pub(super) fn is_builtin(name: Name) -> bool {
    let is_constant = matches!(name.as_str(), "true" | "false" | "null");
    is_constant || BUILTINS.contains_key(&name) || OTHER_BUILTIN_SET.contains(&name)
}

impl<'p> Evaluator<'p> {
    /// The meaning of one of Nix's own names.
    pub(super) fn builtin(&mut self, name: Name, here: Span) -> Value {
        let kind = match name.as_str() {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            "builtins" => return self.builtins(),
            text => {
                let name = Name::new(text.strip_prefix("__").unwrap_or(text));
                match BUILTINS.get(&name) {
                    Some(primitive) => function(primitive),
                    None => Kind::Unknown(Why::NotFollowed(format!("`{name}`").into())),
                }
            }
        };
        Value::new(kind, super::Origin::written(here))
    }

    /// The set of all builtins, made once: some functions ask for it at every call.
    fn builtins(&mut self) -> Value {
        if let Some(known) = &self.builtins {
            return known.clone();
        }
        let made = self.make_builtins();
        self.builtins.insert(made).clone()
    }

    fn make_builtins(&mut self) -> Value {
        let mut slots: Vec<Slot> = Vec::with_capacity(BUILTINS.len() + 3);
        for (name, primitive) in BUILTINS.iter() {
            let value = self.done(Value::bare(function(primitive)));
            slots.push(Slot::new(*name, value));
        }
        for (name, kind) in
            [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)]
        {
            let value = self.done(Value::bare(kind));
            slots.push(Slot::new(Name::new(name), value));
        }
        let rest = Rest { why: Why::NotFollowed(NOT_FOLLOWED.into()), base: None };
        Value::attrs(AttrSet::open(slots, rest))
    }

    /// The elements of a list.
    fn list_of(&mut self, thunk: ThunkId) -> Result<std::sync::Arc<[ThunkId]>, Value> {
        let value = self.force(thunk);
        match value.as_list() {
            Some(items) => {
                self.spend(items.len() / PARTS_A_STEP).map_err(Value::unknown)?;
                Ok(items.clone())
            }
            None => Err(expected(&value, "a list")),
        }
    }

    /// The attributes of a set.
    fn set_of(&mut self, thunk: ThunkId) -> Result<std::sync::Arc<AttrSet>, Value> {
        let value = self.force(thunk);
        match value.as_attrs() {
            Some(set) => {
                self.spend(set.slots().len() / PARTS_A_STEP).map_err(Value::unknown)?;
                Ok(set.clone())
            }
            None => Err(expected(&value, "a set")),
        }
    }

    /// The attributes of a set that is wholly known.
    fn exact_set_of(&mut self, thunk: ThunkId) -> Result<std::sync::Arc<AttrSet>, Value> {
        let set = self.set_of(thunk)?;
        if set.is_exact() { Ok(set) } else { Err(Value::unknown(Why::Undecided)) }
    }

    /// The text of a string without holes.
    fn text_of(&mut self, thunk: ThunkId) -> Result<String, Value> {
        let value = self.force(thunk);
        match value.as_str() {
            Some(text) => {
                self.spend(text.len() / BYTES_A_STEP).map_err(Value::unknown)?;
                Ok(text.to_owned())
            }
            None => Err(expected(&value, "a string")),
        }
    }

    fn int_of(&mut self, thunk: ThunkId) -> Result<i64, Value> {
        let value = self.force(thunk);
        value.as_int().ok_or_else(|| expected(&value, "an integer"))
    }

    /// `function argument`, evaluated.
    fn call1(&mut self, function: ThunkId, argument: ThunkId) -> Value {
        let function = self.force(function);
        self.apply(&function, argument, None, super::EnvId::ROOT)
    }

    /// `function first second`, evaluated.
    fn call2(&mut self, function: ThunkId, first: ThunkId, second: ThunkId) -> Value {
        let partial = self.call1(function, first);
        self.apply(&partial, second, None, super::EnvId::ROOT)
    }

    /// `function first second`, delayed.
    fn delayed_call2(&mut self, function: ThunkId, first: ThunkId, second: ThunkId) -> ThunkId {
        let partial = self.application(function, first);
        self.application(partial, second)
    }

    /// A condition: known, or the reason why not.
    fn condition(&mut self, value: &Value) -> Result<bool, Value> {
        value.as_bool().ok_or_else(|| expected(value, "a Boolean"))
    }

    fn string_thunk(&mut self, text: &str) -> ThunkId {
        self.done(Value::str(text))
    }
}

/// What an argument that is not `wanted` gives.
fn expected(value: &Value, wanted: &str) -> Value {
    if value.is_undetermined() || matches!(value.kind, Kind::Str(_)) && wanted == "a string" {
        Value::unknown(value.why())
    } else {
        Value::error(format!("{wanted} was expected, not {}", value.type_name()))
    }
}

/// The value inside, known or not.
fn either(result: Result<Value, Value>) -> Value {
    match result {
        Ok(value) | Err(value) => value,
    }
}

/// Declares a table of primitives.
macro_rules! primitives {
    ($($name:literal $arity:literal => $run:expr;)*) => {
        &[$($crate::eval::primitives::Primitive {
            name: $name,
            arity: $arity,
            run: |evaluator, arguments| $crate::eval::primitives::either(($run)(evaluator, arguments)),
        }),*]
    };
}
use primitives;
