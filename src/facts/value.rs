//! Values without their evaluator: what a fact needs of one.

use crate::source::Span;

/// A value as far as it is known, and where it comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueFact {
    /// What it is.
    pub kind: ValueKind,
    /// The expression that gives the value at the place of use.
    pub place: Option<Span>,
    /// The one literal that is the value, wherever it stands; editing it edits the value. `None`
    /// where the value is computed from others.
    pub literal: Option<Span>,
    /// What that literal does not tell of where the value comes from.
    pub(super) way: Option<Box<Way>>,
}

/// Where a value comes from, if it did not come straight from its literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    pub sources: Vec<Span>,
    pub through: Vec<Span>,
}

/// What a frozen value is.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ValueKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A string of which every piece is known.
    Str(String),
    /// A string with unknown pieces, which stand here as `…`.
    PartialStr(String),
    List(Vec<ValueFact>),
    /// An attribute set; its attributes are facts of their own where they matter.
    Set,
    Function,
    /// A path of the tree, relative to its root.
    Path(String),
    /// A package.
    Package(Box<super::Package>),
    /// One of several values, by a condition that cannot be decided.
    Choice(Vec<ValueFact>),
    /// Not known, and why.
    Unknown(String),
    /// Nothing was asked.
    #[default]
    Unasked,
}

impl ValueFact {
    /// A value that `literal`, if it is one, and all of `sources` made, by way of the places `through`.
    pub fn new(
        kind: ValueKind,
        literal: Option<Span>,
        sources: Vec<Span>,
        through: Vec<Span>,
    ) -> ValueFact {
        let is_straight = sources == literal.as_slice() && through.is_empty();
        let way = (!is_straight).then(|| Box::new(Way { sources, through }));
        ValueFact { kind, place: None, literal, way }
    }

    /// Every literal that the value depends on.
    pub fn sources(&self) -> &[Span] {
        self.way.as_ref().map_or(self.literal.as_slice(), |way| &way.sources)
    }

    /// The places it was named at on its way, from its use back to the literal.
    pub fn through(&self) -> &[Span] {
        self.way.as_ref().map_or(&[], |way| &way.through)
    }

    /// The number, when it is a known integer.
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            ValueKind::Int(int) => Some(int),
            _ => None,
        }
    }

    /// The text, when it is a wholly known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The truth, when it is a known Boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            ValueKind::Bool(bool) => Some(bool),
            _ => None,
        }
    }

    /// Whether anything is left open about it.
    pub fn is_known(&self) -> bool {
        match &self.kind {
            ValueKind::Unknown(_)
            | ValueKind::Choice(_)
            | ValueKind::PartialStr(_)
            | ValueKind::Unasked => false,
            ValueKind::List(items) => items.iter().all(ValueFact::is_known),
            _ => true,
        }
    }
}
