//! Lowering: one walk over a file's tree.

mod literals;
mod sets;

use rnix::SyntaxKind;
use rnix::ast::{BinOpKind, UnaryOpKind};
use rustc_hash::FxHashSet;
use text_size::TextRange;

use super::attrs::{RawKey, RawSet, raw_keys, without_parentheses};
use super::expr::{Binary, Expr, ExprId, Field, Key, Lambda, PathAnchor, Unary, Variable};
use super::scope::{Scope, ScopeId, ScopeKind};
use super::variables::is_global;
use super::{File, Name};
use crate::syntax::{DepthLimit, Node, Parsed, Tree};

/// Lowers a parsed file. Never fails: what cannot be understood becomes [`Expr::Missing`].
pub fn lower(parsed: &Parsed) -> File {
    lower_tree(&parsed.tree())
}

/// Parses and lowers `text`, if it has no mistakes and nests within `limit`.
pub fn lower_text(text: &str, limit: DepthLimit) -> Option<File> {
    Tree::of_text(text, limit).map(|tree| lower_tree(&tree))
}

/// Lowers a file by its tree.
pub fn lower_tree(tree: &Tree<'_>) -> File {
    let root = tree.root();
    let mut lowering = Lowering {
        exprs: Vec::new(),
        ranges: Vec::new(),
        expr_scopes: Vec::new(),
        scopes: vec![Scope::new(None, ScopeKind::Root, Vec::new())],
        scope: ScopeId::ROOT,
        mentions: FxHashSet::default(),
    };
    let root = lowering.expr(root.expression(), root.range());
    lowering.finish(root)
}

struct Lowering {
    exprs: Vec<Expr>,
    ranges: Vec<TextRange>,
    expr_scopes: Vec<ScopeId>,
    scopes: Vec<Scope>,
    scope: ScopeId,
    mentions: FxHashSet<Name>,
}

impl Lowering {
    fn finish(self, root: ExprId) -> File {
        let mut parents = vec![None; self.exprs.len()].into_boxed_slice();
        for (index, expr) in self.exprs.iter().enumerate() {
            expr.for_each_part(&mut |part| parents[part.index()] = Some(ExprId::from_index(index)));
        }
        let scopes = with_owners(self.scopes, &self.exprs);
        let mut mentions: Box<[Name]> = self.mentions.into_iter().collect();
        mentions.sort_unstable_by_key(|name| name.rank());
        File {
            exprs: self.exprs.into(),
            ranges: self.ranges.into(),
            parents,
            expr_scopes: self.expr_scopes.into(),
            scopes: scopes.into(),
            root,
            mentions,
        }
    }

    fn add(&mut self, expr: Expr, range: TextRange) -> ExprId {
        let id = ExprId::from_index(self.exprs.len());
        self.exprs.push(expr);
        self.ranges.push(range);
        self.expr_scopes.push(self.scope);
        id
    }

    fn mention(&mut self, name: Name) -> Name {
        self.mentions.insert(name);
        name
    }

    /// Lowers `expr`, or a hole at `around` where the text has none.
    fn expr(&mut self, expr: Option<Node<'_>>, around: TextRange) -> ExprId {
        let Some(expr) = expr.map(without_parentheses) else {
            return self.add(Expr::Missing, around);
        };
        let lowered = self.expr_kind(expr);
        self.add(lowered, expr.range())
    }

    fn expr_kind(&mut self, expr: Node<'_>) -> Expr {
        let range = expr.range();
        match expr.kind() {
            SyntaxKind::NODE_LITERAL => literals::number_or_address(expr),
            SyntaxKind::NODE_STRING => self.string(expr),
            SyntaxKind::NODE_PATH_REL => self.path(expr, PathAnchor::Relative),
            SyntaxKind::NODE_PATH_ABS => self.path(expr, PathAnchor::Absolute),
            SyntaxKind::NODE_PATH_HOME => self.path(expr, PathAnchor::Home),
            SyntaxKind::NODE_PATH_SEARCH => self.path(expr, PathAnchor::Search),
            SyntaxKind::NODE_IDENT => {
                let name = Name::new(expr.text());
                Expr::Variable(self.resolve(name))
            }
            SyntaxKind::NODE_LIST => {
                Expr::List(expr.expressions().map(|item| self.expr(Some(item), range)).collect())
            }
            SyntaxKind::NODE_ATTR_SET => {
                let set = RawSet::of_set(expr);
                Expr::Attrs(Box::new(self.set(set)))
            }
            SyntaxKind::NODE_LEGACY_LET => self.legacy_let(expr),
            SyntaxKind::NODE_LET_IN => self.let_in(expr),
            SyntaxKind::NODE_WITH => self.with(expr),
            SyntaxKind::NODE_SELECT => {
                let mut parts = expr.expressions();
                Expr::Select {
                    base: self.expr(parts.next(), range),
                    path: self.attrpath(expr.child(SyntaxKind::NODE_ATTRPATH)),
                    default: parts.next().map(|default| self.expr(Some(default), range)),
                }
            }
            SyntaxKind::NODE_HAS_ATTR => Expr::Has {
                base: self.expr(expr.expression(), range),
                path: self.attrpath(expr.child(SyntaxKind::NODE_ATTRPATH)),
            },
            SyntaxKind::NODE_IF_ELSE => {
                let mut parts = expr.expressions();
                Expr::If {
                    condition: self.expr(parts.next(), range),
                    then: self.expr(parts.next(), range),
                    otherwise: self.expr(parts.next(), range),
                }
            }
            SyntaxKind::NODE_ASSERT => {
                let mut parts = expr.expressions();
                Expr::Assert {
                    condition: self.expr(parts.next(), range),
                    body: self.expr(parts.next(), range),
                }
            }
            SyntaxKind::NODE_BIN_OP => self.binary(expr),
            SyntaxKind::NODE_UNARY_OP => {
                let operand = self.expr(expr.expression(), range);
                match expr.tokens().find_map(|token| UnaryOpKind::from_kind(token.kind())) {
                    Some(UnaryOpKind::Invert) => Expr::Unary { operator: Unary::Not, operand },
                    Some(UnaryOpKind::Negate) => Expr::Unary { operator: Unary::Negate, operand },
                    None => Expr::Missing,
                }
            }
            SyntaxKind::NODE_APPLY => {
                let mut parts = expr.expressions();
                Expr::Apply {
                    function: self.expr(parts.next(), range),
                    argument: self.expr(parts.next(), range),
                }
            }
            SyntaxKind::NODE_LAMBDA => self.lambda(expr),
            SyntaxKind::NODE_CUR_POS => Expr::CurrentPosition,
            _ => Expr::Missing,
        }
    }

    fn attrpath(&mut self, path: Option<Node<'_>>) -> Box<[Key]> {
        let keys = path.map(|path| raw_keys(path).collect::<Vec<_>>());
        keys.into_iter().flatten().map(|key| self.key(key)).collect()
    }

    fn key(&mut self, key: RawKey<'_>) -> Key {
        match key {
            RawKey::Name(name, range) => Key::Name(self.mention(name), range),
            RawKey::Dynamic(node) => Key::Dynamic(self.dynamic_key(node)),
        }
    }

    fn dynamic_key(&mut self, node: Node<'_>) -> ExprId {
        match node.kind() {
            SyntaxKind::NODE_STRING => self.expr(Some(node), node.range()),
            _ => self.expr(node.expression(), node.range()),
        }
    }

    fn binary(&mut self, operation: Node<'_>) -> Expr {
        let range = operation.range();
        let mut operands = operation.expressions();
        let left = self.expr(operands.next(), range);
        let right = self.expr(operands.next(), range);
        let operator = operation.tokens().find_map(|token| BinOpKind::from_kind(token.kind()));
        let operator = match operator {
            Some(BinOpKind::Concat) => Binary::Concat,
            Some(BinOpKind::Update) => Binary::Update,
            Some(BinOpKind::Add) => Binary::Add,
            Some(BinOpKind::Sub) => Binary::Subtract,
            Some(BinOpKind::Mul) => Binary::Multiply,
            Some(BinOpKind::Div) => Binary::Divide,
            Some(BinOpKind::And) => Binary::And,
            Some(BinOpKind::Or) => Binary::Or,
            Some(BinOpKind::Implication) => Binary::Implies,
            Some(BinOpKind::Equal) => Binary::Equal,
            Some(BinOpKind::NotEqual) => Binary::NotEqual,
            Some(BinOpKind::Less) => Binary::Less,
            Some(BinOpKind::LessOrEq) => Binary::LessOrEqual,
            Some(BinOpKind::More) => Binary::More,
            Some(BinOpKind::MoreOrEq) => Binary::MoreOrEqual,
            Some(BinOpKind::PipeRight) => return Expr::Apply { function: right, argument: left },
            Some(BinOpKind::PipeLeft) => return Expr::Apply { function: left, argument: right },
            None => return Expr::Missing,
        };
        Expr::Binary { operator, left, right }
    }

    fn legacy_let(&mut self, set: Node<'_>) -> Expr {
        let range = set.range();
        let definitions = RawSet::of(set, true);
        let attrs = Expr::Attrs(Box::new(self.set(definitions)));
        let base = self.add(attrs, range);
        let body = Key::Name(Name::new("body"), range);
        Expr::Select { base, path: Box::new([body]), default: None }
    }

    fn let_in(&mut self, let_in: Node<'_>) -> Expr {
        let outer = self.scope;
        let definitions = RawSet::of(let_in, true);
        let attrs = self.set_with(definitions, ScopeKind::Let);
        self.scope = attrs.scope.unwrap_or(outer);
        let body = self.expr(let_in.expression(), let_in.range());
        self.scope = outer;
        Expr::Let { attrs: Box::new(attrs), body }
    }

    fn with(&mut self, with: Node<'_>) -> Expr {
        let range = with.range();
        let mut parts = with.expressions();
        let namespace = self.expr(parts.next(), range);
        let outer = self.scope;
        let scope = self.open(Vec::new(), ScopeKind::With);
        let body = self.expr(parts.next(), range);
        self.scope = outer;
        Expr::With { namespace, scope, body }
    }

    fn lambda(&mut self, lambda: Node<'_>) -> Expr {
        let is_parameter = |node: &Node<'_>| {
            matches!(node.kind(), SyntaxKind::NODE_IDENT_PARAM | SyntaxKind::NODE_PATTERN)
        };
        let parameter = lambda.children().find(is_parameter);
        let (binder, fields, ellipsis) = match parameter {
            Some(pattern) if pattern.kind() == SyntaxKind::NODE_PATTERN => (
                pattern.child(SyntaxKind::NODE_PAT_BIND).and_then(|bind| self.ident_of(bind)),
                Some(fields_of(pattern)),
                pattern.has_token(SyntaxKind::TOKEN_ELLIPSIS),
            ),
            Some(parameter) => (self.ident_of(parameter), None, false),
            None => (None, None, true),
        };
        let mut names = Vec::new();
        for field in fields.iter().flatten() {
            names.push(self.ident_of(*field).map_or(Name::new(""), |(name, _)| name));
        }
        names.extend(binder.map(|(name, _)| name));
        if has_twice(&names) {
            // Nix refuses a parameter that is declared twice.
            return Expr::Missing;
        }
        let outer = self.scope;
        let scope = self.open(names, ScopeKind::Lambda);
        let fields =
            fields.map(|fields| fields.into_iter().map(|field| self.field(field)).collect());
        let body = self.expr(lambda.expression(), lambda.range());
        self.scope = outer;
        Expr::Lambda(Box::new(Lambda { scope, binder, fields, ellipsis, body }))
    }

    fn field(&mut self, field: Node<'_>) -> Field {
        let (name, range) = self.ident_of(field).unwrap_or((Name::new(""), field.range()));
        // The name is an expression too.
        let default = field.expressions().nth(1).map(|default| self.expr(Some(default), range));
        Field { name: self.mention(name), range, default }
    }

    /// The identifier among the parts of `node`.
    fn ident_of(&mut self, node: Node<'_>) -> Option<(Name, TextRange)> {
        let ident = node.child(SyntaxKind::NODE_IDENT)?;
        Some((Name::new(ident.text()), ident.range()))
    }

    /// Opens a scope; its owner is filled in at the end.
    fn open(&mut self, names: Vec<Name>, kind: fn(ExprId) -> ScopeKind) -> ScopeId {
        let id = ScopeId::from_index(self.scopes.len());
        let kind = kind(ExprId::from_index(self.exprs.len()));
        self.scopes.push(Scope::new(Some(self.scope), kind, names));
        self.scope = id;
        id
    }

    fn resolve(&mut self, name: Name) -> Variable {
        self.mention(name);
        let mut withs = Vec::new();
        let mut depth = 0;
        let mut next = Some(self.scope);
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            if let Some(slot) = scope.slot(name) {
                return Variable::Local { name, depth, slot };
            }
            match scope.kind {
                ScopeKind::Root => break,
                ScopeKind::With(_) => withs.push(depth),
                _ => {}
            }
            depth += 1;
            next = scope.parent;
        }
        if is_global(name) {
            Variable::Builtin(name)
        } else {
            Variable::Dynamic { name, withs: withs.into() }
        }
    }
}

/// A scope opens before the expression that owns it has an id, for parts come before wholes.
fn with_owners(mut scopes: Vec<Scope>, exprs: &[Expr]) -> Vec<Scope> {
    for (index, expr) in exprs.iter().enumerate() {
        let id = ExprId::from_index(index);
        let owned = match expr {
            Expr::Lambda(lambda) => Some((lambda.scope, ScopeKind::Lambda(id))),
            Expr::With { scope, .. } => Some((*scope, ScopeKind::With(id))),
            Expr::Let { attrs, .. } => attrs.scope.map(|scope| (scope, ScopeKind::Let(id))),
            Expr::Attrs(attrs) => attrs.scope.map(|scope| (scope, ScopeKind::Recursive(id))),
            _ => None,
        };
        if let Some((scope, kind)) = owned {
            scopes[scope.index()].kind = kind;
        }
    }
    scopes
}

/// The fields of `{ a, b ? 1, … }`.
fn fields_of(pattern: Node<'_>) -> Vec<Node<'_>> {
    pattern.children().filter(|field| field.kind() == SyntaxKind::NODE_PAT_ENTRY).collect()
}

fn has_twice(names: &[Name]) -> bool {
    /// So many are compared with each other without further ado.
    const FEW: usize = 16;
    if names.len() > FEW {
        return names.iter().collect::<FxHashSet<_>>().len() < names.len();
    }
    names.iter().enumerate().any(|(index, name)| names[..index].contains(name))
}
