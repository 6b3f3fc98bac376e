//! What the recognizer has open, and what it expects next.

/// What is waiting for its end.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Operands and operators, with the comparisons that stand on this side of any operator that binds
    /// less: there may be one of each kind.
    Operation { is_compared: bool, is_equated: bool },
    /// `( )`.
    Parentheses,
    /// `[ ]`.
    List,
    /// `{ }`.
    Set,
    /// `let in`.
    Let,
    /// `" "` or `'' ''`.
    Text,
    /// `${ }` in a text.
    Hole,
    /// `${ }` for a name.
    DynamicName,
    /// The names behind `.`.
    Selection,
    /// The names behind `?`.
    Question,
    /// The names before `=`.
    Names,
    /// The value of an attribute.
    Value,
    /// The names behind `inherit`.
    Inherited,
    /// `( )` behind `inherit`.
    Source,
    /// `{ }` of a function; behind `@` there is a name already.
    Pattern { is_named: bool },
    /// What a field is where it is not given.
    Default,
    /// What stands between `if` and `then`.
    Condition,
    /// What stands between `then` and `else`.
    Consequence,
    /// What stands between `with` or `assert` and `;`.
    Statement,
}

/// What is expected, or what has ended.
#[derive(Copy, Clone)]
pub(super) enum Next {
    Expression,
    /// An operand behind an operator; `!` binds less than some.
    Operand {
        may_be_inverted: bool,
    },
    Atom,
    AtomEnd,
    /// An atom has ended, and all that was selected from it.
    ArgumentEnd,
    /// An operand has ended, and takes no argument any more.
    OperandEnd,
    ExpressionEnd,
    Elements,
    Text,
    Definitions,
    Inherited,
    Name,
    NameEnd,
    Fields,
    FieldEnd,
    PatternEnd,
    /// The outermost expression has ended.
    End,
}

/// An operation at its beginning.
pub(super) const OPERATION: What = What::Operation { is_compared: false, is_equated: false };
