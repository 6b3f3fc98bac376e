//! Attributes, their names, and the fields of functions.

use rnix::SyntaxKind::*;

use super::states::{Next, What};
use super::{Build, Recognizer};

impl<B: Build> Recognizer<'_, B> {
    /// The definitions of a set or `let`, from any of them on.
    pub(super) fn definitions(&mut self) -> Option<Next> {
        match (self.peek()?, self.top()?) {
            (TOKEN_R_BRACE, What::Set) => self.closes(TOKEN_R_BRACE, Next::AtomEnd),
            (TOKEN_IN, What::Let) => self.goes_on_with(TOKEN_IN, What::Body),
            (TOKEN_INHERIT, _) => {
                self.begins(NODE_INHERIT, What::Inherited, Next::Inherited)?;
                match self.peek()? {
                    TOKEN_L_PAREN => self.begins(NODE_INHERIT_FROM, What::Source, Next::Expression),
                    _ => Some(Next::Inherited),
                }
            }
            _ => {
                self.begin(NODE_ATTRPATH_VALUE);
                self.begin(NODE_ATTRPATH);
                self.opened(What::Names, Next::Name)
            }
        }
    }

    /// The names behind `inherit`, from any of them on.
    pub(super) fn inherited(&mut self) -> Option<Next> {
        match self.peek()? {
            TOKEN_SEMICOLON => self.closes(TOKEN_SEMICOLON, Next::Definitions),
            _ => Some(Next::Name),
        }
    }

    pub(super) fn name(&mut self) -> Option<Next> {
        match self.peek()? {
            TOKEN_IDENT | TOKEN_OR => {
                self.leaf(NODE_IDENT);
                Some(Next::NameEnd)
            }
            TOKEN_STRING_START => self.begins(NODE_STRING, What::TextOfName, Next::Text),
            TOKEN_INTERPOL_START => self.begins(NODE_DYNAMIC, What::DynamicName, Next::Expression),
            _ => None,
        }
    }

    pub(super) fn name_end(&mut self) -> Option<Next> {
        let what = self.top()?;
        if what == What::Inherited {
            return Some(Next::Inherited);
        }
        if self.take(TOKEN_DOT).is_some() {
            return Some(Next::Name);
        }
        self.end_of_node();
        match what {
            What::Selection if self.take(TOKEN_OR).is_some() => {
                self.opened(What::Alternative, Next::Atom)
            }
            What::Selection => {
                self.end();
                Some(Next::ArgumentEnd)
            }
            What::Question => {
                self.end();
                Some(Next::OperandEnd)
            }
            What::Names => {
                self.take(TOKEN_ASSIGN)?;
                self.opened(What::Value, Next::Expression)
            }
            _ => None,
        }
    }

    /// Whether the parser takes the `{` that comes next for that of a function.
    pub(super) fn is_pattern(&self) -> bool {
        matches!(
            (self.ahead(1), self.ahead(2)),
            (Some(TOKEN_IDENT), Some(TOKEN_COMMA | TOKEN_QUESTION | TOKEN_R_BRACE))
                | (Some(TOKEN_ELLIPSIS), Some(TOKEN_R_BRACE))
                | (Some(TOKEN_R_BRACE), Some(TOKEN_COLON | TOKEN_AT))
        )
    }

    /// `x: …`
    pub(super) fn simple_function(&mut self) -> Option<Next> {
        self.begin(NODE_LAMBDA);
        self.begin(NODE_IDENT_PARAM);
        self.leaf(NODE_IDENT);
        self.end();
        self.take(TOKEN_COLON)?;
        self.opened(What::Body, Next::Expression)
    }

    /// `x@{ … }: …`
    pub(super) fn named_pattern(&mut self) -> Option<Next> {
        self.begin(NODE_LAMBDA);
        self.begin(NODE_PATTERN);
        self.begin(NODE_PAT_BIND);
        self.leaf(NODE_IDENT);
        self.take(TOKEN_AT)?;
        self.end();
        self.take(TOKEN_L_BRACE)?;
        self.opened(What::Pattern { is_named: true }, Next::Fields)
    }

    /// `{ … }: …` and `{ … }@x: …`
    pub(super) fn pattern(&mut self) -> Option<Next> {
        self.begin(NODE_LAMBDA);
        self.begins(NODE_PATTERN, What::Pattern { is_named: false }, Next::Fields)
    }

    /// The fields of a function, from any of them on.
    pub(super) fn fields(&mut self) -> Option<Next> {
        match self.peek()? {
            TOKEN_R_BRACE => {
                self.at += 1;
                Some(Next::PatternEnd)
            }
            TOKEN_ELLIPSIS => {
                self.leaf_as_it_is();
                self.take(TOKEN_R_BRACE).map(|()| Next::PatternEnd)
            }
            TOKEN_IDENT => {
                self.begin(NODE_PAT_ENTRY);
                self.leaf(NODE_IDENT);
                self.opened(What::Default, Next::Expression)?;
                match self.take(TOKEN_QUESTION) {
                    Some(()) => Some(Next::Expression),
                    None => {
                        self.end_of_node();
                        Some(Next::FieldEnd)
                    }
                }
            }
            _ => None,
        }
    }

    pub(super) fn field_end(&mut self) -> Option<Next> {
        match self.take(TOKEN_COMMA) {
            Some(()) => Some(Next::Fields),
            None => self.take(TOKEN_R_BRACE).map(|()| Next::PatternEnd),
        }
    }

    pub(super) fn pattern_end(&mut self) -> Option<Next> {
        let What::Pattern { is_named } = self.top()? else { return None };
        if !is_named && self.peek() == Some(TOKEN_AT) {
            self.begin(NODE_PAT_BIND);
            self.at += 1;
            if self.peek()? != TOKEN_IDENT {
                return None;
            }
            self.leaf(NODE_IDENT);
            self.end();
        }
        self.end();
        self.goes_on_with(TOKEN_COLON, What::Body)
    }
}
