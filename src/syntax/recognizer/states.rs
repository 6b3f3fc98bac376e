//! What the recognizer has open, and what it expects next.

use super::operators::Strength;

/// What is waiting for its end.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Operands and operators.
    Operation,
    /// An operator of this strength, and behind it its last operand.
    Operator(Strength),
    /// A function and the argument behind it.
    Application,
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
    /// The same for a name.
    TextOfName,
    /// A path with holes.
    Path,
    /// `${ }` in a text or a path.
    Hole,
    /// `${ }` for a name.
    DynamicName,
    /// The names behind `.`.
    Selection,
    /// What stands behind `or`.
    Alternative,
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
    /// The expression that something ends with: `x: …`, `let … in …`, `with x; …`.
    Body,
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
    /// More of a path, or nothing more.
    Path,
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
