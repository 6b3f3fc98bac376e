//! Several definitions of one option, joined as its type says.
//!
//! Nix takes the definitions of the modules that others import before theirs, those of the last import
//! first; `mkBefore`, `mkAfter` and `mkOrder` sort what that leaves. Only options that the tree declares
//! are joined: of those that NixOS or home-manager declare, they may have definitions of their own, and
//! no more is known than that several equal numbers are that number.

use super::declared::Type;
use super::strings::Joined;
use super::symbol::{Root, Symbol};
use super::{Evaluator, Hop, Kind, Origin, ThunkId, Value, Why};
use crate::hir::{Name, name};

/// The order of a plain definition (`lib.defaultOrderPriority`).
pub(super) const DEFAULT_ORDER: i64 = 1000;

/// Types in types are looked at to this depth.
const MAX_DEPTH: u32 = 8;

/// Types of which one of several equal definitions is the value, and whose values are nothing but
/// what is written.
const PLAIN: &[&str] = &[
    "str",
    "singleLineStr",
    "nonEmptyStr",
    "passwdEntry",
    "int",
    "float",
    "number",
    "port",
    "bool",
    "path",
    "pathInStore",
    "package",
    "shellPackage",
    "raw",
    "unspecified",
    "anything",
];

/// A definition that counts.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub value: Value,
    /// Lower comes first.
    pub order: i64,
    /// It cannot be told whether its module is imported.
    pub is_open: bool,
}

/// How definitions of a type are joined.
enum Joining {
    /// Lists are laid behind each other; without `mkIf` and the like among their elements.
    Lists,
    /// Texts are, with this between them.
    Texts(String),
    /// They must be equal.
    Equal,
    /// As their values are: lists and texts are laid behind each other.
    ByValue,
}

impl Evaluator<'_> {
    /// What the definitions of `option` come to. Without a `type_`, the tree does not declare it.
    pub(super) fn join_definitions(
        &mut self,
        option: &Symbol,
        mut definitions: Vec<Definition>,
        type_: Option<Type>,
    ) -> Value {
        let Some(type_) = type_ else {
            if let Some(value) = self.equal_scalars(&definitions) {
                return value;
            }
            let what = format!(
                "what `{option}` comes to, which others may define beside the {} definitions here,",
                definitions.len()
            );
            return Value::unknown(Why::NotFollowed(what.into()));
        };
        if definitions.iter().any(|definition| definition.is_open) {
            return Value::unknown(Why::Undecided);
        }
        definitions.sort_by_key(|definition| definition.order);
        let joining = match type_ {
            Type::Given(type_) => self.joining(type_, 0),
            Type::Unspecified => Some(Joining::ByValue),
            Type::Unknown => None,
        };
        let joined = joining.and_then(|joining| match joining {
            Joining::Lists => self.joined_lists(&definitions),
            Joining::Texts(between) => self.joined_texts(&definitions, &between),
            Joining::Equal => self.equal_values(&definitions),
            Joining::ByValue => self.joined_by_value(&definitions),
        });
        joined.unwrap_or_else(|| {
            let what =
                format!("how the type of `{option}` joins its {} definitions", definitions.len());
            Value::unknown(Why::NotFollowed(what.into()))
        })
    }

    /// The number, Boolean or null that all definitions are. Whatever the type, several that are equal
    /// come to one (`mergeEqualOption`, `mergeDefaultOption`, `nullOr` in nixpkgs' library), while text
    /// and lists may come to more.
    fn equal_scalars(&mut self, definitions: &[Definition]) -> Option<Value> {
        let is_scalar = |one: &Definition| {
            matches!(one.value.kind, Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) | Kind::Null)
        };
        let is_there = definitions.iter().any(|one| !one.is_open);
        let all = is_there && definitions.iter().all(is_scalar);
        all.then(|| self.equal_values(definitions)).flatten()
    }

    /// How a type joins definitions; `None` where that cannot be told.
    fn joining(&mut self, type_: ThunkId, depth: u32) -> Option<Joining> {
        let value = self.force(type_);
        let symbol = value.as_symbol().filter(|_| depth < MAX_DEPTH)?.clone();
        if let Some(name) = name_of_type(&symbol) {
            return match name.as_str() {
                "lines" => Some(Joining::Texts("\n".to_owned())),
                "commas" => Some(Joining::Texts(",".to_owned())),
                "envVar" => Some(Joining::Texts(":".to_owned())),
                "unspecified" => Some(Joining::ByValue),
                "raw" => None,
                name if PLAIN.contains(&name) => Some(Joining::Equal),
                _ => None,
            };
        }
        let Symbol::Call(function, call) = &*symbol else { return None };
        let argument = self.call(*call).argument;
        match name_of_type(function)?.as_str() {
            "listOf" | "nonEmptyListOf" if self.is_plain(argument, depth + 1) => {
                Some(Joining::Lists)
            }
            "separatedString" => Some(Joining::Texts(self.force(argument).as_str()?.to_owned())),
            "nullOr" => self.joining(argument, depth + 1),
            "enum" | "strMatching" => Some(Joining::Equal),
            _ => None,
        }
    }

    /// Whether values of the type are what is written, and no part of them is merged or made.
    fn is_plain(&mut self, type_: ThunkId, depth: u32) -> bool {
        let value = self.force(type_);
        let Some(symbol) = value.as_symbol().filter(|_| depth < MAX_DEPTH).cloned() else {
            return false;
        };
        if let Some(name) = name_of_type(&symbol) {
            return PLAIN.contains(&name.as_str()) || matches!(name.as_str(), "lines" | "attrs");
        }
        let Symbol::Call(function, call) = &*symbol else { return false };
        let argument = self.call(*call).argument;
        if let Symbol::Call(outer, first) = &**function {
            let first = self.call(*first).argument;
            let is_either = name_of_type(outer).is_some_and(|name| name == "either");
            return is_either
                && self.is_plain(first, depth + 1)
                && self.is_plain(argument, depth + 1);
        }
        match name_of_type(function).as_ref().map(|name| name.as_str()) {
            Some("enum" | "strMatching") => true,
            Some("nullOr" | "listOf") => self.is_plain(argument, depth + 1),
            _ => false,
        }
    }

    fn joined_lists(&mut self, definitions: &[Definition]) -> Option<Value> {
        let mut items: Vec<ThunkId> = Vec::new();
        for definition in definitions {
            for item in definition.value.as_list()?.iter() {
                // `mkIf` and the like around an element are taken off by others than us.
                let value = self.force(*item);
                if value.as_attrs().is_some_and(|set| set.get(name!("_type")).is_some()) {
                    return None;
                }
                items.push(*item);
            }
            self.can_hold(items.len()).ok()?;
        }
        Some(Value::new(Kind::List(items.into()), origin(definitions)))
    }

    fn joined_texts(&mut self, definitions: &[Definition], between: &str) -> Option<Value> {
        let between = super::Text::plain(between);
        let mut joined = Joined::default();
        for (index, definition) in definitions.iter().enumerate() {
            let Kind::Str(text) = &definition.value.kind else { return None };
            if index > 0 {
                joined.push(self, &between).ok()?;
            }
            joined.push(self, text).ok()?;
        }
        Some(Value::new(Kind::Str(joined.finish().into()), origin(definitions)))
    }

    fn equal_values(&mut self, definitions: &[Definition]) -> Option<Value> {
        let (first, others) = definitions.split_first()?;
        for other in others {
            let equal = self.equal(&first.value, &other.value);
            equal.ok().filter(|equal| *equal)?;
        }
        Some(first.value.clone())
    }

    fn joined_by_value(&mut self, definitions: &[Definition]) -> Option<Value> {
        let all = |is: fn(&Kind) -> bool| definitions.iter().all(|one| is(&one.value.kind));
        if all(|kind| matches!(kind, Kind::List(_))) {
            self.joined_lists(definitions)
        } else if all(|kind| matches!(kind, Kind::Str(_))) {
            self.joined_texts(definitions, "")
        } else {
            None
        }
    }
}

/// `str` of `lib.types.str`.
fn name_of_type(symbol: &Symbol) -> Option<Name> {
    let (root, names) = symbol.path()?;
    match (root, names.as_slice()) {
        (Root::Lib, [types, name]) if *types == "types" => Some(*name),
        _ => None,
    }
}

/// What the joined value is made of.
fn origin(definitions: &[Definition]) -> Origin {
    let origins: Vec<Origin> = definitions.iter().map(|one| one.value.origin.clone()).collect();
    let place = origins.iter().find_map(Origin::hop).map(Hop::place);
    place.map_or_else(Origin::none, |at| Origin::computed(at, origins))
}
