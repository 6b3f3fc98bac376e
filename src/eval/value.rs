//! Values: what evaluation knows, and how far it knows it.

use std::path::PathBuf;
use std::sync::Arc;

use thin_vec::ThinVec;

use super::origin::Origin;
use super::primitives::Primitive;
use super::symbol::Symbol;
use super::text::Text;
use super::{EnvId, ThunkId};
use crate::hir::{ExprId, Name};
use crate::source::{FileId, Span};

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// The text that made it.
    pub origin: Origin,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<Text>),
    /// A path inside the tree, relative to its root.
    Path(Arc<PathBuf>),
    List(Arc<[ThunkId]>),
    Attrs(Arc<AttrSet>),
    Lambda(Closure),
    /// One of Nix's or nixpkgs' pure functions, with the arguments it has so far.
    Primitive(Partial),
    /// Something outside the tree, known by how it is reached: a package, an input, an option.
    Symbol(Arc<Symbol>),
    /// One of two values, by a condition that cannot be decided.
    Choice(Arc<Choice>),
    /// Not known.
    Unknown(Why),
}

/// An attribute set.
#[derive(Debug, Default, Clone)]
pub struct AttrSet {
    /// Sorted by name.
    slots: Vec<Slot>,
    /// There may be other attributes too, and where they would come from.
    pub rest: Option<Rest>,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    pub name: Name,
    pub value: ThunkId,
    /// Where its name is written.
    pub key: Option<Span>,
    /// Its whole definition.
    pub definition: Option<Span>,
    /// It may be missing, by a condition that cannot be decided.
    pub optional: bool,
}

/// What the unknown part of an attribute set is made of.
#[derive(Debug, Clone)]
pub struct Rest {
    /// Why it is not known.
    pub why: Why,
    /// What the other attributes are selected from.
    pub base: Option<Arc<Symbol>>,
}

/// A function written in the tree.
#[derive(Copy, Clone, Debug)]
pub struct Closure {
    pub file: FileId,
    /// The lambda.
    pub expr: ExprId,
    pub env: EnvId,
}

/// A primitive and its first arguments.
#[derive(Clone, Debug)]
pub struct Partial {
    pub primitive: &'static Primitive,
    pub arguments: ThinVec<ThunkId>,
}

/// An undecided `if`.
#[derive(Debug)]
pub struct Choice {
    /// The condition, where it is written.
    pub condition: Option<Span>,
    pub then: ThunkId,
    pub otherwise: ThunkId,
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nix would refuse to evaluate it.
    Error(Arc<str>),
    /// The same, but by `throw` or an assertion: `tryEval` catches it.
    Thrown(Arc<str>),
    /// A file that is not in the tree, or cannot be read.
    NotInTree(Arc<str>),
    /// A function or builtin that frugix does not follow.
    NotFollowed(Arc<str>),
    /// It depends on something outside the tree.
    Outside(Arc<str>),
    /// It depends on this, which lies outside the tree.
    Beyond(Arc<Symbol>),
    /// Nothing binds this name.
    Free(Name),
    /// It needs itself.
    Cycle,
    /// A limit on steps or depth was reached.
    Limit,
    /// It is larger than any value that is followed.
    TooLarge,
    /// A syntax error stands there.
    Syntax,
    /// One of several values, which cannot be told apart here.
    Undecided,
}

impl Why {
    /// A later question may be answered differently.
    pub fn is_transient(&self) -> bool {
        *self == Why::Limit
    }

    /// Nix would refuse it.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Why::Error(_) | Why::Thrown(_))
    }

    /// Whatever needs the value cannot be evaluated either: Nix would refuse it, or a limit was
    /// reached.
    pub fn is_final(&self) -> bool {
        self.is_refusal() || matches!(self, Why::Limit | Why::TooLarge)
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Error(message) | Why::Thrown(message) => {
                write!(f, "Nix would refuse it: {message}")
            }
            Why::NotInTree(path) => write!(f, "{path} is not in the tree"),
            Why::NotFollowed(what) => write!(f, "{what} is not followed"),
            Why::Outside(what) => write!(f, "it depends on {what}, outside the tree"),
            Why::Beyond(what) => write!(f, "it depends on {what}, outside the tree"),
            Why::Free(name) => write!(f, "nothing binds `{name}`"),
            Why::Cycle => f.write_str("it depends on itself"),
            Why::Limit => f.write_str("a limit on evaluation was reached"),
            Why::TooLarge => f.write_str("it is too large to be followed"),
            Why::Syntax => f.write_str("a syntax error stands there"),
            Why::Undecided => f.write_str("it depends on a condition that cannot be decided"),
        }
    }
}

impl Value {
    /// A value made at `origin`.
    pub fn new(kind: Kind, origin: Origin) -> Value {
        Value { kind, origin }
    }

    /// A value that no text made.
    pub fn bare(kind: Kind) -> Value {
        Value { kind, origin: Origin::none() }
    }

    /// Not known, because of `why`.
    pub fn unknown(why: Why) -> Value {
        Value::bare(Kind::Unknown(why))
    }

    /// Nix would refuse this, with `message`.
    pub fn error(message: impl Into<Arc<str>>) -> Value {
        Value::unknown(Why::Error(message.into()))
    }

    /// Nix would refuse this with `message`, and `tryEval` would catch it.
    pub(super) fn thrown(message: impl Into<Arc<str>>) -> Value {
        Value::unknown(Why::Thrown(message.into()))
    }

    /// A boolean.
    pub fn bool(value: bool) -> Value {
        Value::bare(Kind::Bool(value))
    }

    /// A string.
    pub fn str(text: impl Into<String>) -> Value {
        Value::bare(Kind::Str(Arc::new(Text::plain(text))))
    }

    /// A list.
    pub fn list(items: impl Into<Arc<[ThunkId]>>) -> Value {
        Value::bare(Kind::List(items.into()))
    }

    /// An attribute set.
    pub fn attrs(set: AttrSet) -> Value {
        Value::bare(Kind::Attrs(Arc::new(set)))
    }

    /// The whole text of a string without holes.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => text.as_plain(),
            _ => None,
        }
    }

    /// The number, when it is an integer.
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(int) => Some(int),
            _ => None,
        }
    }

    /// The truth, when it is a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(bool) => Some(bool),
            _ => None,
        }
    }

    /// The set, when it is one.
    pub fn as_attrs(&self) -> Option<&Arc<AttrSet>> {
        match &self.kind {
            Kind::Attrs(set) => Some(set),
            _ => None,
        }
    }

    /// The elements, when it is a list.
    pub fn as_list(&self) -> Option<&Arc<[ThunkId]>> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// What stands for it, when it lies outside the tree.
    pub fn as_symbol(&self) -> Option<&Arc<Symbol>> {
        match &self.kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// Whether Nix could give anything for it: a symbol, an undecided or an unknown value.
    pub fn is_undetermined(&self) -> bool {
        matches!(self.kind, Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_))
    }

    /// Why it is not known, or a general answer.
    pub fn why(&self) -> Why {
        match &self.kind {
            Kind::Unknown(why) => why.clone(),
            Kind::Symbol(symbol) => Why::Beyond(symbol.clone()),
            _ => Why::Undecided,
        }
    }

    /// What Nix calls its type, in a sentence.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a Boolean",
            Kind::Int(_) => "an integer",
            Kind::Float(_) => "a float",
            Kind::Str(_) => "a string",
            Kind::Path(_) => "a path",
            Kind::List(_) => "a list",
            Kind::Attrs(_) => "a set",
            Kind::Lambda(_) | Kind::Primitive(_) => "a function",
            Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => "an unknown value",
        }
    }
}

/// A set of no more is searched from the start.
const FEW_SLOTS: usize = 24;

impl AttrSet {
    /// A set of `slots`, sorted here. Of two with one name the last counts.
    pub fn new(mut slots: Vec<Slot>) -> AttrSet {
        if !slots.is_sorted_by(|one, other| one.name < other.name) {
            slots.reverse();
            slots.sort_by_key(|slot| slot.name);
            slots.dedup_by_key(|slot| slot.name);
        }
        AttrSet { slots, rest: None }
    }

    /// The same, with a rest that is not known.
    pub fn open(slots: Vec<Slot>, rest: Rest) -> AttrSet {
        AttrSet { rest: Some(rest), ..AttrSet::new(slots) }
    }

    /// The attribute `name`.
    pub fn get(&self, name: Name) -> Option<&Slot> {
        // Whether names are the same is seen without reading them; which is first is not.
        if self.slots.len() <= FEW_SLOTS {
            return self.slots.iter().find(|slot| slot.name == name);
        }
        let found = self.slots.binary_search_by(|slot| slot.name.cmp(&name));
        found.ok().map(|index| &self.slots[index])
    }

    /// The attributes, sorted by name.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Every attribute is known to be there, and there are no others.
    pub fn is_exact(&self) -> bool {
        self.rest.is_none() && self.slots.iter().all(|slot| !slot.optional)
    }
}

impl Slot {
    /// An attribute that no text defines.
    pub fn new(name: Name, value: ThunkId) -> Slot {
        Slot { name, value, key: None, definition: None, optional: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Frame, Thunk};

    /// A large tree has a million of them.
    #[test]
    fn what_there_is_most_of_stays_small() {
        assert_eq!(size_of::<Thunk>(), 56);
        assert_eq!(size_of::<Frame>(), 40);
        assert_eq!(size_of::<Slot>(), 40);
        assert_eq!(size_of::<Option<Span>>(), 12);
    }
}
