//! What the recognizer tells of the constructs that it recognizes, for whoever wants to make something
//! of them.

use rnix::SyntaxKind;
use text_size::{TextRange, TextSize};

/// Makes something of nodes and tokens, told in the order in which the parser would add them to a tree.
pub(in crate::syntax) trait Build {
    /// A node begins.
    fn begin(&mut self, kind: SyntaxKind, start: TextSize);

    /// A node begins that the latest finished part is the first part of.
    fn wrap(&mut self, kind: SyntaxKind);

    /// A token, or a node that is but one token.
    fn leaf(&mut self, kind: SyntaxKind, range: TextRange);

    /// The node that began last ends.
    fn end(&mut self, end: TextSize);
}

/// Nothing is made of them.
pub(in crate::syntax) struct Nothing;

impl Build for Nothing {
    fn begin(&mut self, _: SyntaxKind, _: TextSize) {}
    fn wrap(&mut self, _: SyntaxKind) {}
    fn leaf(&mut self, _: SyntaxKind, _: TextRange) {}
    fn end(&mut self, _: TextSize) {}
}
