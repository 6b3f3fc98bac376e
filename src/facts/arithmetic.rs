//! Text that is computed with.

use crate::source::Span;

/// A comparison or computation of which one side is text from a hardware profile and the other a
/// number: evaluation fails there.
#[derive(Debug, Clone, PartialEq)]
pub struct StringArithmetic {
    /// The whole operation.
    pub place: Span,
    /// The operator as it is written: `<=`.
    pub operator: &'static str,
    /// The operand that is text.
    pub operand: Span,
    /// The text.
    pub text: String,
    /// Where it is written.
    pub literal: Span,
    /// The number on the other side.
    pub number: String,
    /// It is reached only under this condition, which cannot be decided.
    pub condition: Option<Span>,
    /// The uses of the literal for which a number would not do, as far as the tree shows.
    pub other_uses: Vec<Span>,
}
