//! Operators, and how strongly they bind.

use rnix::SyntaxKind::{self, *};

use super::states::{Next, What};
use super::{Build, Recognizer};

/// How strongly an operator binds what stands beside it, from the loosest on. Arguments bind stronger
/// than any.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `<|`
    PipeLeft,
    /// `|>`
    PipeRight,
    /// `->`
    Implication,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`, `!=`
    Equality,
    /// `<`, `<=`, `>`, `>=`
    Comparison,
    /// `//`
    Update,
    /// `!` before an operand.
    Inversion,
    /// `+`, `-`
    Sum,
    /// `*`, `/`
    Product,
    /// `++`
    Concatenation,
    /// `?`
    Question,
    /// `-` before an operand.
    Negation,
}

/// What is done with operators of one strength beside each other.
#[derive(PartialEq, Eq)]
enum Beside {
    /// The first binds first.
    Left,
    /// The last binds first.
    Right,
    /// They may not stand beside each other.
    Refused,
}

impl Strength {
    /// That of an operator between operands.
    fn of(operator: SyntaxKind) -> Option<Strength> {
        Some(match operator {
            TOKEN_PIPE_LEFT => Strength::PipeLeft,
            TOKEN_PIPE_RIGHT => Strength::PipeRight,
            TOKEN_IMPLICATION => Strength::Implication,
            TOKEN_OR_OR => Strength::Or,
            TOKEN_AND_AND => Strength::And,
            TOKEN_EQUAL | TOKEN_NOT_EQUAL => Strength::Equality,
            TOKEN_LESS | TOKEN_LESS_OR_EQ | TOKEN_MORE | TOKEN_MORE_OR_EQ => Strength::Comparison,
            TOKEN_UPDATE => Strength::Update,
            TOKEN_ADD | TOKEN_SUB => Strength::Sum,
            TOKEN_MUL | TOKEN_DIV => Strength::Product,
            TOKEN_CONCAT => Strength::Concatenation,
            TOKEN_QUESTION => Strength::Question,
            _ => return None,
        })
    }

    fn beside(self) -> Beside {
        match self {
            Strength::Equality | Strength::Comparison => Beside::Refused,
            Strength::PipeLeft
            | Strength::Implication
            | Strength::Update
            | Strength::Concatenation => Beside::Right,
            _ => Beside::Left,
        }
    }
}

impl<B: Build> Recognizer<'_, B> {
    /// An operand and what stands before it; `!` may not stand behind what binds stronger.
    pub(super) fn operand(&mut self, may_be_inverted: bool) -> Option<Next> {
        let strength = match self.peek()? {
            TOKEN_INVERT if may_be_inverted => Strength::Inversion,
            TOKEN_SUB => Strength::Negation,
            _ => return Some(Next::Atom),
        };
        self.begin(NODE_UNARY_OP);
        self.leaf_as_it_is();
        let may_be_inverted = strength == Strength::Inversion;
        self.opened(What::Operator(strength), Next::Operand { may_be_inverted })
    }

    /// Behind an operand: an operator, or the end of the expression.
    pub(super) fn operand_end(&mut self) -> Option<Next> {
        let Some(strength) = self.peek().and_then(Strength::of) else {
            return Some(Next::ExpressionEnd);
        };
        self.end_stronger(strength)?;
        if strength == Strength::Question {
            self.build.wrap(NODE_HAS_ATTR);
            self.at += 1;
            self.begin(NODE_ATTRPATH);
            return self.opened(What::Question, Next::Name);
        }
        self.build.wrap(NODE_BIN_OP);
        self.leaf_as_it_is();
        let may_be_inverted = strength <= Strength::Update;
        self.opened(What::Operator(strength), Next::Operand { may_be_inverted })
    }

    /// Ends the operations that an operator of this strength has for its left operand; none if one of
    /// them may not stand beside it.
    fn end_stronger(&mut self, strength: Strength) -> Option<()> {
        while let Some(What::Operator(before)) = self.top() {
            if before < strength {
                break;
            }
            if before == strength {
                match strength.beside() {
                    Beside::Left => {}
                    Beside::Right => break,
                    Beside::Refused => return None,
                }
            }
            self.end_of_node();
        }
        Some(())
    }

    /// Ends all operations of an expression.
    pub(super) fn end_operation(&mut self) {
        while let Some(What::Operator(_)) = self.top() {
            self.end_of_node();
        }
        self.open.pop();
    }
}
