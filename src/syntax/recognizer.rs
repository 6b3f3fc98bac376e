//! Whether a text is an expression, by the kinds of its tokens: for files of which nothing else is asked,
//! and to make the tree of the others, faster than the parser does.
//!
//! It is careful: what it takes for an expression, the parser has nothing to say against, and makes the
//! same tree of. What is rarely written (`let { }`, `or` as a name) it leaves to the parser to judge.

mod build;
mod operators;
mod sets;
mod states;
#[cfg(test)]
mod tests;

use rnix::SyntaxKind::{self, *};
use text_size::TextSize;

pub(super) use build::{Build, Nothing};
use states::{Next, What};

use super::lexeme::Lexeme;

/// The parser refuses expressions that lie deeper inside each other than a little more than this.
const MOST_INSIDE: u32 = 500;

/// What looks like a name, and is an expression of its own kind.
const CURRENT_POSITION: &str = "__curPos";

/// Tells `build` of all that the expression is made of that `lexemes`, the tokens of `text`, are; none
/// if they may be no expression.
pub(super) fn recognize<B: Build>(text: &str, lexemes: &[Lexeme], build: B) -> Option<B> {
    let mut recognizer = Recognizer { text, lexemes, at: 0, open: Vec::new(), inside: 0, build };
    let mut next = Next::Expression;
    loop {
        match recognizer.step(next)? {
            Next::End => {
                return (recognizer.at == lexemes.len()).then_some(recognizer.build);
            }
            step => next = step,
        }
    }
}

struct Recognizer<'t, B> {
    text: &'t str,
    lexemes: &'t [Lexeme],
    at: usize,
    open: Vec<Open>,
    /// How many expressions are being read, each inside the one before.
    inside: u32,
    build: B,
}

/// What is open, and how many expressions were being read when it was opened.
struct Open {
    what: What,
    inside: u32,
}

impl<B: Build> Recognizer<'_, B> {
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
            Next::Elements => self.elements(),
            Next::Text => self.text(),
            Next::Path => self.path(),
            Next::Definitions => self.definitions(),
            Next::Inherited => self.inherited(),
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
        self.lexemes.get(self.at + count).map(|lexeme| lexeme.kind)
    }

    /// Takes the next token, if it is of this kind.
    fn take(&mut self, kind: SyntaxKind) -> Option<()> {
        (self.peek()? == kind).then(|| self.at += 1)
    }

    /// Takes the next token, as a part of the tree of this kind.
    fn leaf(&mut self, kind: SyntaxKind) {
        if let Some(lexeme) = self.lexemes.get(self.at) {
            self.build.leaf(kind, lexeme.range);
            self.at += 1;
        }
    }

    /// Takes the next token, as a token of the tree.
    fn leaf_as_it_is(&mut self) {
        if let Some(kind) = self.peek() {
            self.leaf(kind);
        }
    }

    /// A node begins with the next token.
    fn begin(&mut self, kind: SyntaxKind) {
        let start = self.lexemes.get(self.at).map(|lexeme| lexeme.range.start());
        self.build.begin(kind, start.unwrap_or_default());
    }

    /// A node begins with the next token, which is taken.
    fn begins(&mut self, kind: SyntaxKind, what: What, next: Next) -> Option<Next> {
        self.begin(kind);
        self.at += 1;
        self.opened(what, next)
    }

    /// A node has ended with the last token.
    fn end(&mut self) {
        self.build.end(self.end_of_last());
    }

    fn end_of_last(&self) -> TextSize {
        let last = self.at.checked_sub(1).and_then(|last| self.lexemes.get(last));
        last.map(|lexeme| lexeme.range.end()).unwrap_or_default()
    }

    fn top(&self) -> Option<What> {
        self.open.last().map(|open| open.what)
    }

    fn opened(&mut self, what: What, next: Next) -> Option<Next> {
        self.open.push(Open { what, inside: self.inside });
        Some(next)
    }

    /// What was opened last has ended, and a node with it.
    fn end_of_node(&mut self) {
        self.end();
        if let Some(open) = self.open.pop() {
            self.inside = open.inside;
        }
    }

    /// What was opened last ends with a token of this kind, and a node with it.
    fn closes(&mut self, kind: SyntaxKind, next: Next) -> Option<Next> {
        self.take(kind)?;
        self.end_of_node();
        Some(next)
    }

    /// Behind a token of this kind, another expression belongs to what was opened last.
    fn goes_on_with(&mut self, kind: SyntaxKind, what: What) -> Option<Next> {
        self.take(kind)?;
        let open = self.open.last_mut()?;
        open.what = what;
        self.inside = open.inside;
        Some(Next::Expression)
    }

    fn expression(&mut self) -> Option<Next> {
        self.inside += 1;
        if self.inside > MOST_INSIDE {
            return None;
        }
        match (self.peek()?, self.ahead(1)) {
            (TOKEN_LET, Some(TOKEN_L_BRACE)) => None,
            (TOKEN_LET, _) => self.begins(NODE_LET_IN, What::Let, Next::Definitions),
            (TOKEN_WITH, _) => self.begins(NODE_WITH, What::Statement, Next::Expression),
            (TOKEN_ASSERT, _) => self.begins(NODE_ASSERT, What::Statement, Next::Expression),
            (TOKEN_IF, _) => self.begins(NODE_IF_ELSE, What::Condition, Next::Expression),
            (TOKEN_IDENT, Some(TOKEN_COLON)) => self.simple_function(),
            (TOKEN_IDENT, Some(TOKEN_AT)) => self.named_pattern(),
            (TOKEN_L_BRACE, _) if self.is_pattern() => self.pattern(),
            _ => self.opened(What::Operation, Next::Operand { may_be_inverted: true }),
        }
    }

    /// An expression has ended: what was it?
    fn expression_end(&mut self) -> Option<Next> {
        if !matches!(self.top(), Some(What::Operation | What::Operator(_))) {
            return None;
        }
        self.end_operation();
        while self.top() == Some(What::Body) {
            self.end_of_node();
        }
        match self.top() {
            None => Some(Next::End),
            Some(What::Parentheses) => self.closes(TOKEN_R_PAREN, Next::AtomEnd),
            Some(What::Hole) => {
                self.closes(TOKEN_INTERPOL_END, Next::Text)?;
                Some(if self.top() == Some(What::Path) { Next::Path } else { Next::Text })
            }
            Some(What::DynamicName) => self.closes(TOKEN_INTERPOL_END, Next::NameEnd),
            Some(What::Value) => self.closes(TOKEN_SEMICOLON, Next::Definitions),
            Some(What::Source) => self.closes(TOKEN_R_PAREN, Next::Inherited),
            Some(What::Default) => {
                self.end_of_node();
                Some(Next::FieldEnd)
            }
            Some(What::Condition) => self.goes_on_with(TOKEN_THEN, What::Consequence),
            Some(What::Consequence) => self.goes_on_with(TOKEN_ELSE, What::Body),
            Some(What::Statement) => self.goes_on_with(TOKEN_SEMICOLON, What::Body),
            _ => None,
        }
    }

    fn atom(&mut self) -> Option<Next> {
        match self.peek()? {
            TOKEN_IDENT => self.variable(),
            TOKEN_STRING_START => self.begins(NODE_STRING, What::Text, Next::Text),
            TOKEN_L_PAREN => self.begins(NODE_PAREN, What::Parentheses, Next::Expression),
            TOKEN_L_BRACK => self.begins(NODE_LIST, What::List, Next::Elements),
            TOKEN_L_BRACE if self.is_pattern() => None,
            TOKEN_L_BRACE => self.begins(NODE_ATTR_SET, What::Set, Next::Definitions),
            TOKEN_REC => {
                self.begin(NODE_ATTR_SET);
                self.leaf_as_it_is();
                self.take(TOKEN_L_BRACE)?;
                self.opened(What::Set, Next::Definitions)
            }
            TOKEN_PATH_ABS => self.begins_path(NODE_PATH_ABS),
            TOKEN_PATH_HOME => self.begins_path(NODE_PATH_HOME),
            TOKEN_PATH_REL => self.begins_path(NODE_PATH_REL),
            TOKEN_PATH_SEARCH => self.one_token(NODE_PATH_SEARCH),
            TOKEN_INTEGER | TOKEN_FLOAT | TOKEN_URI => self.one_token(NODE_LITERAL),
            _ => None,
        }
    }

    fn variable(&mut self) -> Option<Next> {
        if matches!(self.ahead(1), Some(TOKEN_COLON | TOKEN_AT)) {
            return None;
        }
        let range = self.lexemes.get(self.at)?.range;
        let is_position = usize::from(range.len()) == CURRENT_POSITION.len()
            && self.text.get(range.start().into()..range.end().into()) == Some(CURRENT_POSITION);
        self.leaf(if is_position { NODE_CUR_POS } else { NODE_IDENT });
        Some(Next::AtomEnd)
    }

    /// A node of one token that tells something.
    fn one_token(&mut self, kind: SyntaxKind) -> Option<Next> {
        self.begin(kind);
        self.leaf_as_it_is();
        self.end();
        Some(Next::AtomEnd)
    }

    fn begins_path(&mut self, kind: SyntaxKind) -> Option<Next> {
        self.begin(kind);
        self.leaf_as_it_is();
        if self.peek() != Some(TOKEN_INTERPOL_START) {
            self.end();
            return Some(Next::AtomEnd);
        }
        // The parser takes one behind white space for a hole of the path, too, and Nix does not.
        let is_hole = self.is_next_adjacent();
        is_hole.then(|| self.opened(What::Path, Next::Path))?
    }

    fn path(&mut self) -> Option<Next> {
        match self.peek() {
            Some(TOKEN_INTERPOL_START) if self.is_next_adjacent() => {
                self.begins(NODE_INTERPOL, What::Hole, Next::Expression)
            }
            Some(TOKEN_PATH_ABS | TOKEN_PATH_HOME | TOKEN_PATH_REL) if self.is_next_adjacent() => {
                self.leaf_as_it_is();
                Some(Next::Path)
            }
            _ => {
                self.end_of_node();
                Some(Next::AtomEnd)
            }
        }
    }

    /// Whether nothing stands between the last token and the next.
    fn is_next_adjacent(&self) -> bool {
        let next = self.lexemes.get(self.at);
        next.is_some_and(|next| next.range.start() == self.end_of_last())
    }

    fn text(&mut self) -> Option<Next> {
        match (self.peek()?, self.top()?) {
            (TOKEN_STRING_CONTENT, _) => {
                self.leaf_as_it_is();
                Some(Next::Text)
            }
            (TOKEN_INTERPOL_START, _) => self.begins(NODE_INTERPOL, What::Hole, Next::Expression),
            (TOKEN_STRING_END, What::Text) => self.closes(TOKEN_STRING_END, Next::AtomEnd),
            (TOKEN_STRING_END, What::TextOfName) => self.closes(TOKEN_STRING_END, Next::NameEnd),
            _ => None,
        }
    }

    fn elements(&mut self) -> Option<Next> {
        match self.peek()? {
            TOKEN_R_BRACK => self.closes(TOKEN_R_BRACK, Next::AtomEnd),
            _ => Some(Next::Atom),
        }
    }

    fn atom_end(&mut self) -> Option<Next> {
        match self.peek() {
            Some(TOKEN_DOT) => {
                self.build.wrap(NODE_SELECT);
                self.at += 1;
                self.begin(NODE_ATTRPATH);
                self.opened(What::Selection, Next::Name)
            }
            Some(TOKEN_OR) => None,
            _ => Some(Next::ArgumentEnd),
        }
    }

    fn argument_end(&mut self) -> Option<Next> {
        match self.top()? {
            What::Alternative | What::Application => {
                self.end_of_node();
                Some(Next::ArgumentEnd)
            }
            What::List => Some(Next::Elements),
            _ if self.peek().is_some_and(SyntaxKind::is_fn_arg) => {
                self.build.wrap(NODE_APPLY);
                self.opened(What::Application, Next::Atom)
            }
            _ => Some(Next::OperandEnd),
        }
    }
}
