//! Whether a text is an expression, by the kinds of its tokens and with no tree: for the many files of
//! which nothing else is asked, a tree would take most of the time.
//!
//! It is careful: what it takes for an expression, the parser has nothing to say against. What is
//! rarely written (`let { }`, paths with holes, `or` as a name) it leaves to the parser to judge.

mod states;
#[cfg(test)]
mod tests;

use rnix::SyntaxKind::{self, *};

use states::{Next, OPERATION, What};

/// The parser refuses expressions that lie deeper inside each other than a little more than this.
const MOST_INSIDE: u32 = 500;

/// Whether `tokens`, the kinds of those that are neither white space nor comments, are an expression
/// for sure.
pub(super) fn is_expression(tokens: &[SyntaxKind]) -> bool {
    let mut recognizer = Recognizer { tokens, at: 0, open: Vec::new(), inside: 0 };
    let mut next = Next::Expression;
    loop {
        match recognizer.step(next) {
            Some(Next::End) => return recognizer.at == tokens.len(),
            Some(step) => next = step,
            None => return false,
        }
    }
}

struct Recognizer<'t> {
    tokens: &'t [SyntaxKind],
    at: usize,
    open: Vec<Open>,
    /// How many expressions are being read, each inside the one before.
    inside: u32,
}

/// What is open, and how many expressions were being read when it was opened.
struct Open {
    what: What,
    inside: u32,
}

impl Recognizer<'_> {
    /// One step; none if it cannot be taken.
    fn step(&mut self, next: Next) -> Option<Next> {
        match next {
            Next::Expression => self.expression(),
            Next::Operand { may_be_inverted } => self.operand(may_be_inverted),
            Next::Atom => self.atom(),
            Next::AtomEnd => self.atom_end(),
            Next::ArgumentEnd => self.argument_end(),
            Next::OperandEnd => self.operand_end(),
            Next::ExpressionEnd => self.expression_end(),
            Next::Elements => Some(match self.take(TOKEN_R_BRACK) {
                Some(()) => self.closed(Next::AtomEnd),
                None => Next::Atom,
            }),
            Next::Text => self.text(),
            Next::Definitions => self.definitions(),
            Next::Inherited => Some(match self.take(TOKEN_SEMICOLON) {
                Some(()) => self.closed(Next::Definitions),
                None => Next::Name,
            }),
            Next::Name => self.name(),
            Next::NameEnd => self.name_end(),
            Next::Fields => self.fields(),
            Next::FieldEnd => self.field_end(),
            Next::PatternEnd => self.pattern_end(),
            Next::End => None,
        }
    }

    fn peek(&self) -> Option<SyntaxKind> {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> Option<SyntaxKind> {
        self.tokens.get(self.at + count).copied()
    }

    /// Takes the next token, if it is of this kind.
    fn take(&mut self, kind: SyntaxKind) -> Option<()> {
        (self.peek()? == kind).then(|| self.at += 1)
    }

    fn top(&self) -> Option<What> {
        self.open.last().map(|open| open.what)
    }

    fn opened(&mut self, what: What, next: Next) -> Option<Next> {
        self.open.push(Open { what, inside: self.inside });
        Some(next)
    }

    /// What was opened last has ended.
    fn closed(&mut self, next: Next) -> Next {
        if let Some(open) = self.open.pop() {
            self.inside = open.inside;
        }
        next
    }

    /// What was opened last ends with a token of this kind.
    fn closes(&mut self, kind: SyntaxKind, next: Next) -> Option<Next> {
        self.take(kind)?;
        Some(self.closed(next))
    }

    fn expression(&mut self) -> Option<Next> {
        self.inside += 1;
        if self.inside > MOST_INSIDE {
            return None;
        }
        let begins = |recognizer: &mut Self, what, next| {
            recognizer.at += 1;
            recognizer.opened(what, next)
        };
        match (self.peek()?, self.ahead(1)) {
            (TOKEN_LET, Some(TOKEN_L_BRACE)) => None,
            (TOKEN_LET, _) => begins(self, What::Let, Next::Definitions),
            (TOKEN_WITH | TOKEN_ASSERT, _) => begins(self, What::Statement, Next::Expression),
            (TOKEN_IF, _) => begins(self, What::Condition, Next::Expression),
            (TOKEN_IDENT, Some(TOKEN_COLON)) => {
                self.at += 2;
                Some(Next::Expression)
            }
            (TOKEN_IDENT, Some(TOKEN_AT)) => {
                self.at += 2;
                self.take(TOKEN_L_BRACE)?;
                self.opened(What::Pattern { is_named: true }, Next::Fields)
            }
            (TOKEN_L_BRACE, _) if self.is_pattern() => {
                begins(self, What::Pattern { is_named: false }, Next::Fields)
            }
            _ => self.opened(OPERATION, Next::Operand { may_be_inverted: true }),
        }
    }

    /// Whether the parser takes the `{` that comes next for that of a function.
    fn is_pattern(&self) -> bool {
        matches!(
            (self.ahead(1), self.ahead(2)),
            (Some(TOKEN_IDENT), Some(TOKEN_COMMA | TOKEN_QUESTION | TOKEN_R_BRACE))
                | (Some(TOKEN_ELLIPSIS), Some(TOKEN_R_BRACE))
                | (Some(TOKEN_R_BRACE), Some(TOKEN_COLON | TOKEN_AT))
        )
    }

    fn operand(&mut self, may_be_inverted: bool) -> Option<Next> {
        match self.peek()? {
            TOKEN_INVERT if may_be_inverted => {
                self.at += 1;
                Some(Next::Operand { may_be_inverted: true })
            }
            TOKEN_SUB => {
                self.at += 1;
                Some(Next::Operand { may_be_inverted: false })
            }
            _ => Some(Next::Atom),
        }
    }

    fn atom(&mut self) -> Option<Next> {
        let kind = self.peek()?;
        let is_function = match kind {
            TOKEN_IDENT => matches!(self.ahead(1), Some(TOKEN_COLON | TOKEN_AT)),
            TOKEN_L_BRACE => self.is_pattern(),
            _ => false,
        };
        if is_function {
            return None;
        }
        self.at += 1;
        match kind {
            TOKEN_IDENT => Some(Next::AtomEnd),
            TOKEN_STRING_START => self.opened(What::Text, Next::Text),
            TOKEN_L_PAREN => self.opened(What::Parentheses, Next::Expression),
            TOKEN_L_BRACK => self.opened(What::List, Next::Elements),
            TOKEN_L_BRACE => self.opened(What::Set, Next::Definitions),
            TOKEN_REC => {
                self.take(TOKEN_L_BRACE)?;
                self.opened(What::Set, Next::Definitions)
            }
            kind if kind.is_literal() => {
                // A path may have holes.
                (self.peek() != Some(TOKEN_INTERPOL_START)).then_some(Next::AtomEnd)
            }
            _ => None,
        }
    }

    fn atom_end(&mut self) -> Option<Next> {
        match self.peek() {
            Some(TOKEN_DOT) => {
                self.at += 1;
                self.opened(What::Selection, Next::Name)
            }
            Some(TOKEN_OR) => None,
            _ => Some(Next::ArgumentEnd),
        }
    }

    fn argument_end(&mut self) -> Option<Next> {
        if self.top() == Some(What::List) {
            return Some(Next::Elements);
        }
        match self.peek() {
            Some(kind) if kind.is_fn_arg() => Some(Next::Atom),
            _ => Some(Next::OperandEnd),
        }
    }

    /// Behind an operand: an operator, or the end of the expression.
    fn operand_end(&mut self) -> Option<Next> {
        let Some(Open { what: What::Operation { is_compared, is_equated }, .. }) =
            self.open.last_mut()
        else {
            return None;
        };
        let Some(kind) = self.tokens.get(self.at) else { return Some(Next::ExpressionEnd) };
        let may_be_inverted = match kind {
            TOKEN_QUESTION => {
                self.at += 1;
                return self.opened(What::Question, Next::Name);
            }
            TOKEN_CONCAT | TOKEN_MUL | TOKEN_DIV | TOKEN_ADD | TOKEN_SUB => false,
            TOKEN_UPDATE => true,
            TOKEN_LESS | TOKEN_LESS_OR_EQ | TOKEN_MORE | TOKEN_MORE_OR_EQ => {
                if std::mem::replace(is_compared, true) {
                    return None;
                }
                true
            }
            TOKEN_EQUAL | TOKEN_NOT_EQUAL => {
                if std::mem::replace(is_equated, true) {
                    return None;
                }
                *is_compared = false;
                true
            }
            TOKEN_AND_AND | TOKEN_OR_OR | TOKEN_IMPLICATION | TOKEN_PIPE_LEFT
            | TOKEN_PIPE_RIGHT => {
                (*is_compared, *is_equated) = (false, false);
                true
            }
            _ => return Some(Next::ExpressionEnd),
        };
        self.at += 1;
        Some(Next::Operand { may_be_inverted })
    }

    /// An expression has ended: what was it?
    fn expression_end(&mut self) -> Option<Next> {
        self.open.pop();
        match self.top() {
            None => Some(Next::End),
            Some(What::Parentheses) => self.closes(TOKEN_R_PAREN, Next::AtomEnd),
            Some(What::Hole) => self.closes(TOKEN_INTERPOL_END, Next::Text),
            Some(What::DynamicName) => self.closes(TOKEN_INTERPOL_END, Next::NameEnd),
            Some(What::Value) => self.closes(TOKEN_SEMICOLON, Next::Definitions),
            Some(What::Source) => self.closes(TOKEN_R_PAREN, Next::Inherited),
            Some(What::Default) => Some(self.closed(Next::FieldEnd)),
            Some(What::Condition) => {
                self.closes(TOKEN_THEN, Next::Expression)?;
                self.opened(What::Consequence, Next::Expression)
            }
            Some(What::Consequence) => self.closes(TOKEN_ELSE, Next::Expression),
            Some(What::Statement) => self.closes(TOKEN_SEMICOLON, Next::Expression),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<Next> {
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            TOKEN_STRING_CONTENT => Some(Next::Text),
            TOKEN_INTERPOL_START => self.opened(What::Hole, Next::Expression),
            TOKEN_STRING_END => {
                self.open.pop();
                Some(match self.top() {
                    Some(What::Operation { .. } | What::List) => Next::AtomEnd,
                    _ => Next::NameEnd,
                })
            }
            _ => None,
        }
    }

    fn definitions(&mut self) -> Option<Next> {
        match (self.peek()?, self.top()?) {
            (TOKEN_R_BRACE, What::Set) => self.closes(TOKEN_R_BRACE, Next::AtomEnd),
            (TOKEN_IN, What::Let) => self.closes(TOKEN_IN, Next::Expression),
            (TOKEN_INHERIT, _) => {
                self.at += 1;
                self.opened(What::Inherited, Next::Inherited)?;
                match self.take(TOKEN_L_PAREN) {
                    Some(()) => self.opened(What::Source, Next::Expression),
                    None => Some(Next::Inherited),
                }
            }
            _ => self.opened(What::Names, Next::Name),
        }
    }

    fn name(&mut self) -> Option<Next> {
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            TOKEN_IDENT | TOKEN_OR => Some(Next::NameEnd),
            TOKEN_STRING_START => self.opened(What::Text, Next::Text),
            TOKEN_INTERPOL_START => self.opened(What::DynamicName, Next::Expression),
            _ => None,
        }
    }

    fn name_end(&mut self) -> Option<Next> {
        let what = self.top()?;
        if what == What::Inherited {
            return Some(Next::Inherited);
        }
        if self.take(TOKEN_DOT).is_some() {
            return Some(Next::Name);
        }
        self.open.pop();
        match what {
            What::Selection => Some(match self.take(TOKEN_OR) {
                Some(()) => Next::Atom,
                None => Next::ArgumentEnd,
            }),
            What::Question => Some(Next::OperandEnd),
            What::Names => {
                self.take(TOKEN_ASSIGN)?;
                self.opened(What::Value, Next::Expression)
            }
            _ => None,
        }
    }

    /// The fields of a function, from any of them on.
    fn fields(&mut self) -> Option<Next> {
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            TOKEN_R_BRACE => Some(Next::PatternEnd),
            TOKEN_ELLIPSIS => self.take(TOKEN_R_BRACE).map(|()| Next::PatternEnd),
            TOKEN_IDENT => match self.take(TOKEN_QUESTION) {
                Some(()) => self.opened(What::Default, Next::Expression),
                None => Some(Next::FieldEnd),
            },
            _ => None,
        }
    }

    fn field_end(&mut self) -> Option<Next> {
        match self.take(TOKEN_COMMA) {
            Some(()) => Some(Next::Fields),
            None => self.take(TOKEN_R_BRACE).map(|()| Next::PatternEnd),
        }
    }

    fn pattern_end(&mut self) -> Option<Next> {
        let What::Pattern { is_named } = self.top()? else { return None };
        if !is_named && self.take(TOKEN_AT).is_some() {
            self.take(TOKEN_IDENT)?;
        }
        self.closes(TOKEN_COLON, Next::Expression)
    }
}
