//! Lowering: one walk over a file's tree.

mod sets;

use rnix::SyntaxKind;
use rnix::ast::{self, BinOpKind, LiteralKind, UnaryOpKind};
use rowan::ast::AstNode as _;
use rustc_hash::FxHashSet;
use text_size::TextRange;

use super::attrs::{
    RawKey, RawSet, inner_expr, name_of, path_pieces, raw_key, without_parentheses,
};
use super::expr::{
    Binary, Expr, ExprId, Field, Key, Lambda, Path, PathAnchor, StrPart, Unary, Variable,
};
use super::scope::{Scope, ScopeId, ScopeKind};
use super::variables::is_global;
use super::{File, Name};
use crate::syntax::{Parsed, StringPart, string_parts};

/// Lowers a parsed file. Never fails: what cannot be understood becomes [`Expr::Missing`].
pub fn lower(parsed: &Parsed) -> File {
    let root = parsed.root();
    let mut lowering = Lowering {
        exprs: Vec::new(),
        ranges: Vec::new(),
        expr_scopes: Vec::new(),
        scopes: vec![Scope::new(None, ScopeKind::Root, Vec::new())],
        scope: ScopeId::ROOT,
        mentions: FxHashSet::default(),
    };
    let root = lowering.expr(root.expr(), root.syntax().text_range());
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
    fn expr(&mut self, expr: Option<ast::Expr>, around: TextRange) -> ExprId {
        let Some(expr) = expr.map(without_parentheses) else {
            return self.add(Expr::Missing, around);
        };
        let range = expr.syntax().text_range();
        let lowered = self.expr_kind(expr, range);
        self.add(lowered, range)
    }

    fn expr_kind(&mut self, expr: ast::Expr, range: TextRange) -> Expr {
        match expr {
            ast::Expr::Literal(literal) => lower_literal(&literal),
            ast::Expr::Str(string) => self.string(&string),
            ast::Expr::PathRel(path) => self.path(path.syntax(), PathAnchor::Relative),
            ast::Expr::PathAbs(path) => self.path(path.syntax(), PathAnchor::Absolute),
            ast::Expr::PathHome(path) => self.path(path.syntax(), PathAnchor::Home),
            ast::Expr::PathSearch(path) => self.path(path.syntax(), PathAnchor::Search),
            ast::Expr::Ident(ident) => Expr::Variable(self.resolve(name_of(&ident))),
            ast::Expr::List(list) => {
                Expr::List(list.items().map(|item| self.expr(Some(item), range)).collect())
            }
            ast::Expr::AttrSet(set) => {
                let recursive = set.rec_token().is_some();
                Expr::Attrs(Box::new(self.set(RawSet::of(&set, recursive))))
            }
            ast::Expr::LegacyLet(set) => self.legacy_let(&set, range),
            ast::Expr::LetIn(let_in) => self.let_in(&let_in, range),
            ast::Expr::With(with) => self.with(&with, range),
            ast::Expr::Select(select) => Expr::Select {
                base: self.expr(select.expr(), range),
                path: self.attrpath(select.attrpath()),
                default: select.default_expr().map(|default| self.expr(Some(default), range)),
            },
            ast::Expr::HasAttr(has) => Expr::Has {
                base: self.expr(has.expr(), range),
                path: self.attrpath(has.attrpath()),
            },
            ast::Expr::IfElse(if_else) => Expr::If {
                condition: self.expr(if_else.condition(), range),
                then: self.expr(if_else.body(), range),
                otherwise: self.expr(if_else.else_body(), range),
            },
            ast::Expr::Assert(assert) => Expr::Assert {
                condition: self.expr(assert.condition(), range),
                body: self.expr(assert.body(), range),
            },
            ast::Expr::BinOp(operation) => self.binary(&operation, range),
            ast::Expr::UnaryOp(operation) => {
                let operand = self.expr(operation.expr(), range);
                match operation.operator() {
                    Some(UnaryOpKind::Invert) => Expr::Unary { operator: Unary::Not, operand },
                    Some(UnaryOpKind::Negate) => Expr::Unary { operator: Unary::Negate, operand },
                    None => Expr::Missing,
                }
            }
            ast::Expr::Apply(apply) => Expr::Apply {
                function: self.expr(apply.lambda(), range),
                argument: self.expr(apply.argument(), range),
            },
            ast::Expr::Lambda(lambda) => self.lambda(&lambda, range),
            ast::Expr::CurPos(_) => Expr::CurrentPosition,
            ast::Expr::Paren(_) | ast::Expr::Root(_) | ast::Expr::Error(_) => Expr::Missing,
        }
    }

    fn string(&mut self, string: &ast::Str) -> Expr {
        let range = string.syntax().text_range();
        let parts = string_parts(string.syntax())
            .into_iter()
            .map(|part| match part {
                StringPart::Text(text) => StrPart::Text(text.into()),
                StringPart::Hole(node) => {
                    StrPart::Hole(self.expr(node.and_then(ast::Expr::cast), range))
                }
            })
            .collect();
        Expr::Str(parts)
    }

    fn path(&mut self, node: &rnix::SyntaxNode, anchor: PathAnchor) -> Expr {
        let range = node.text_range();
        let parts = path_pieces(node)
            .into_iter()
            .map(|piece| match piece {
                Ok(text) if anchor == PathAnchor::Search => {
                    StrPart::Text(text.trim_matches(['<', '>']).into())
                }
                Ok(text) => StrPart::Text(text.into()),
                Err(hole) => StrPart::Hole(self.expr(hole, range)),
            })
            .collect();
        Expr::Path(Box::new(Path { anchor, parts }))
    }

    fn attrpath(&mut self, path: Option<ast::Attrpath>) -> Box<[Key]> {
        path.iter().flat_map(ast::Attrpath::attrs).map(|attr| self.key(raw_key(&attr))).collect()
    }

    fn key(&mut self, key: RawKey) -> Key {
        match key {
            RawKey::Name(name, range) => Key::Name(self.mention(name), range),
            RawKey::Dynamic(node) => Key::Dynamic(self.dynamic_key(&node)),
        }
    }

    fn dynamic_key(&mut self, node: &rnix::SyntaxNode) -> ExprId {
        match node.kind() {
            SyntaxKind::NODE_STRING => self.expr(ast::Expr::cast(node.clone()), node.text_range()),
            _ => self.expr(inner_expr(node), node.text_range()),
        }
    }

    fn binary(&mut self, operation: &ast::BinOp, range: TextRange) -> Expr {
        let left = self.expr(operation.lhs(), range);
        let right = self.expr(operation.rhs(), range);
        let operator = match operation.operator() {
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

    fn legacy_let(&mut self, set: &ast::LegacyLet, range: TextRange) -> Expr {
        let attrs = Expr::Attrs(Box::new(self.set(RawSet::of(set, true))));
        let base = self.add(attrs, range);
        let body = Key::Name(Name::new("body"), range);
        Expr::Select { base, path: Box::new([body]), default: None }
    }

    fn let_in(&mut self, let_in: &ast::LetIn, range: TextRange) -> Expr {
        let outer = self.scope;
        let attrs = self.set_with(RawSet::of(let_in, true), ScopeKind::Let);
        self.scope = attrs.scope.unwrap_or(outer);
        let body = self.expr(let_in.body(), range);
        self.scope = outer;
        Expr::Let { attrs: Box::new(attrs), body }
    }

    fn with(&mut self, with: &ast::With, range: TextRange) -> Expr {
        let namespace = self.expr(with.namespace(), range);
        let outer = self.scope;
        let scope = self.open(Vec::new(), ScopeKind::With);
        let body = self.expr(with.body(), range);
        self.scope = outer;
        Expr::With { namespace, scope, body }
    }

    fn lambda(&mut self, lambda: &ast::Lambda, range: TextRange) -> Expr {
        let (binder, fields, ellipsis) = match lambda.param() {
            Some(ast::Param::IdentParam(param)) => {
                (param.ident().map(|ident| named(&ident)), None, false)
            }
            Some(ast::Param::Pattern(pattern)) => (
                pattern.pat_bind().and_then(|bind| bind.ident()).map(|ident| named(&ident)),
                Some(pattern.pat_entries().collect::<Vec<_>>()),
                pattern.ellipsis_token().is_some(),
            ),
            None => (None, None, true),
        };
        let names: Vec<Name> = fields
            .iter()
            .flatten()
            .map(|field| field.ident().map_or(Name::new(""), |ident| named(&ident).0))
            .chain(binder.map(|(name, _)| name))
            .collect();
        if names.iter().collect::<FxHashSet<_>>().len() < names.len() {
            // Nix refuses a parameter that is declared twice.
            return Expr::Missing;
        }
        let outer = self.scope;
        let scope = self.open(names, ScopeKind::Lambda);
        let fields = fields.map(|fields| fields.iter().map(|field| self.field(field)).collect());
        let body = self.expr(lambda.body(), range);
        self.scope = outer;
        Expr::Lambda(Box::new(Lambda { scope, binder, fields, ellipsis, body }))
    }

    fn field(&mut self, field: &ast::PatEntry) -> Field {
        let (name, range) = field
            .ident()
            .map_or((Name::new(""), field.syntax().text_range()), |ident| named(&ident));
        let default = field.default().map(|default| self.expr(Some(default), range));
        Field { name: self.mention(name), range, default }
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

fn named(ident: &ast::Ident) -> (Name, TextRange) {
    (name_of(ident), ident.syntax().text_range())
}

fn lower_literal(literal: &ast::Literal) -> Expr {
    match literal.kind() {
        LiteralKind::Integer(integer) => Expr::Int(integer.value().ok()),
        LiteralKind::Float(float) => float.value().map_or(Expr::Missing, Expr::Float),
        LiteralKind::Uri(uri) => {
            let text = rnix::ast::AstToken::syntax(&uri).text().into();
            Expr::Str(Box::new([StrPart::Text(text)]))
        }
    }
}
