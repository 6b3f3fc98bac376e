//! How tightly expressions bind, and how tightly their surroundings want them to.

use rnix::ast::{BinOpKind, UnaryOpKind};

use crate::syntax::{DepthLimit, Node, SyntaxKind, Tree};

/// How tightly an expression binds, loosest first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    /// `x: …`, `let`, `if`, `with`, `assert`: reaches as far right as it can.
    Open,
    /// Operators, by Nix's own table.
    Pipe,
    Implication,
    Or,
    And,
    Equality,
    Order,
    Update,
    Not,
    Sum,
    Product,
    Concatenation,
    HasAttribute,
    Negation,
    /// `f x`.
    Application,
    /// `a.b`, `a.b or c`.
    Selection,
    /// Names, literals, sets, lists, whatever stands in parentheses.
    Atom,
}

/// `with`, without needless parentheses of its own and with those it needs where `place` stands.
pub(super) fn fitted(with: &str, place: Node<'_>) -> Option<String> {
    let tree = Tree::of_text(with, DepthLimit::USUAL)?;
    let bare = inside_parentheses(&tree, tree.root().first_child()?);
    let wanted = wanted_at(place)?;
    let fits = tightness(bare)? >= wanted || is_plain_base(bare, place);
    let text = bare.text();
    Some(if fits { text.to_owned() } else { format!("({text})") })
}

/// Whether ` // …` after `node` takes all of it.
pub(super) fn binds_tighter_than_update(node: Node<'_>) -> bool {
    tightness(node).is_some_and(|tightness| tightness >= Tightness::Update)
}

/// Whether an update may stand where `node` stands without parentheses around it.
pub(super) fn update_fits(node: Node<'_>) -> Option<bool> {
    Some(wanted_at(node)? <= Tightness::Update)
}

/// Whether any expression, a function too, may stand where `node` stands.
pub(super) fn takes_any(node: Node<'_>) -> Option<bool> {
    Some(wanted_at(node)? == Tightness::Open)
}

/// What stands inside parentheses that hold nothing else, not even a comment.
fn inside_parentheses<'t>(tree: &Tree<'_>, node: Node<'t>) -> Node<'t> {
    let comments = |node: Node<'_>| tree.comments_in(node.range()).count();
    let mut inside = node;
    while inside.kind() == SyntaxKind::NODE_PAREN
        && let Some(child) = inside.first_child()
    {
        if comments(inside) > comments(child) {
            break;
        }
        inside = child;
    }
    inside
}

fn tightness(node: Node<'_>) -> Option<Tightness> {
    use SyntaxKind::*;
    Some(match node.kind() {
        NODE_LAMBDA | NODE_LET_IN | NODE_IF_ELSE | NODE_WITH | NODE_ASSERT => Tightness::Open,
        NODE_BIN_OP => operator_tightness(operator(node, BinOpKind::from_kind)?),
        NODE_UNARY_OP => match operator(node, UnaryOpKind::from_kind)? {
            UnaryOpKind::Invert => Tightness::Not,
            UnaryOpKind::Negate => Tightness::Negation,
        },
        NODE_HAS_ATTR => Tightness::HasAttribute,
        NODE_APPLY => Tightness::Application,
        NODE_SELECT => Tightness::Selection,
        NODE_ATTR_SET | NODE_CUR_POS | NODE_IDENT | NODE_LEGACY_LET | NODE_LIST | NODE_LITERAL
        | NODE_PAREN | NODE_PATH_ABS | NODE_PATH_HOME | NODE_PATH_REL | NODE_PATH_SEARCH
        | NODE_STRING => Tightness::Atom,
        _ => return None,
    })
}

/// The operator of an operation.
fn operator<K>(operation: Node<'_>, of_kind: impl Fn(SyntaxKind) -> Option<K>) -> Option<K> {
    operation.tokens().find_map(|token| of_kind(token.kind()))
}

fn operator_tightness(operator: BinOpKind) -> Tightness {
    match operator {
        BinOpKind::Concat => Tightness::Concatenation,
        BinOpKind::Update => Tightness::Update,
        BinOpKind::Add | BinOpKind::Sub => Tightness::Sum,
        BinOpKind::Mul | BinOpKind::Div => Tightness::Product,
        BinOpKind::And => Tightness::And,
        BinOpKind::Equal | BinOpKind::NotEqual => Tightness::Equality,
        BinOpKind::Implication => Tightness::Implication,
        BinOpKind::Less | BinOpKind::LessOrEq | BinOpKind::More | BinOpKind::MoreOrEq => {
            Tightness::Order
        }
        BinOpKind::Or => Tightness::Or,
        BinOpKind::PipeRight | BinOpKind::PipeLeft => Tightness::Pipe,
    }
}

/// The loosest expression that may stand where `node` stands. `None` where no expression does.
fn wanted_at(node: Node<'_>) -> Option<Tightness> {
    use SyntaxKind::*;
    let parent = node.parent()?;
    let is_first = parent.first_child() == Some(node);
    Some(match parent.kind() {
        NODE_ROOT | NODE_PAREN | NODE_INTERPOL | NODE_DYNAMIC | NODE_INHERIT_FROM | NODE_LET_IN
        | NODE_IF_ELSE | NODE_WITH | NODE_ASSERT => Tightness::Open,
        NODE_LAMBDA | NODE_ATTRPATH_VALUE | NODE_PAT_ENTRY if !is_first => Tightness::Open,
        NODE_LIST => Tightness::Selection,
        NODE_APPLY if is_first => Tightness::Application,
        NODE_APPLY => Tightness::Selection,
        NODE_SELECT if is_first => Tightness::Atom,
        NODE_SELECT => Tightness::Selection,
        NODE_HAS_ATTR if is_first => Tightness::Negation,
        NODE_UNARY_OP => tightness(parent)?,
        // One more than the operator's own: whichever side it groups to, the meaning stays.
        NODE_BIN_OP => match tightness(parent)? {
            Tightness::Pipe => Tightness::Implication,
            Tightness::Implication => Tightness::Or,
            Tightness::Or => Tightness::And,
            Tightness::And => Tightness::Equality,
            Tightness::Equality => Tightness::Order,
            Tightness::Order => Tightness::Update,
            Tightness::Update => Tightness::Not,
            Tightness::Sum => Tightness::Product,
            Tightness::Product => Tightness::Concatenation,
            _ => Tightness::HasAttribute,
        },
        _ => return None,
    })
}

/// `a.b` in place of the `x` in `x.c`: reads as one selection, and means the same.
fn is_plain_base(node: Node<'_>, place: Node<'_>) -> bool {
    let has_default = |select: Node<'_>| select.expressions().nth(1).is_some();
    place.parent().is_some_and(|parent| parent.kind() == SyntaxKind::NODE_SELECT)
        && node.kind() == SyntaxKind::NODE_SELECT
        && !has_default(node)
}
