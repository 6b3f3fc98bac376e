//! Merging the definitions of an attribute set as Nix's parser does: `a.b = 1; a.c = 2;` and
//! `a = { b = 1; }; a.c = 2;` are one set `a`.

use rnix::ast::{self, HasEntry};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::ast::AstNode as _;
use rustc_hash::FxHashMap;
use text_size::TextRange;

use super::Name;
use crate::syntax::{StringPart, string_parts};

/// A set of definitions before its values are lowered.
#[derive(Default)]
pub(super) struct RawSet {
    pub recursive: bool,
    pub range: TextRange,
    pub entries: Vec<RawEntry>,
    pub sources: Vec<Option<ast::Expr>>,
    pub dynamic: Vec<(RawKey, RawValue)>,
    by_name: FxHashMap<Name, usize>,
}

pub(super) struct RawEntry {
    pub name: Name,
    pub key: TextRange,
    pub range: TextRange,
    pub value: RawValue,
}

pub(super) enum RawValue {
    Expr(Option<ast::Expr>),
    Set(Box<RawSet>),
    Inherit(TextRange),
    InheritFrom(usize),
    /// Defined twice in a way that Nix refuses.
    Conflict,
}

/// An attribute name as written.
pub(super) enum RawKey {
    Name(Name, TextRange),
    Dynamic(SyntaxNode),
}

pub(super) fn raw_key(attr: &ast::Attr) -> RawKey {
    let range = attr.syntax().text_range();
    match attr {
        ast::Attr::Ident(ident) => {
            RawKey::Name(Name::new(&ident.syntax().text().to_string()), range)
        }
        ast::Attr::Dynamic(dynamic) => RawKey::Dynamic(dynamic.syntax().clone()),
        ast::Attr::Str(string) => match string_parts(string.syntax()).as_slice() {
            [] => RawKey::Name(Name::new(""), range),
            [StringPart::Text(text)] => RawKey::Name(Name::new(text), range),
            _ => RawKey::Dynamic(string.syntax().clone()),
        },
    }
}

impl RawSet {
    pub fn new(recursive: bool, range: TextRange) -> RawSet {
        RawSet { recursive, range, ..RawSet::default() }
    }

    /// The definitions of an attribute set or `let`.
    pub fn of(node: &impl HasEntry, recursive: bool) -> RawSet {
        let mut set = RawSet::new(recursive, node.syntax().text_range());
        set.extend(node);
        set
    }

    fn extend(&mut self, node: &impl HasEntry) {
        for entry in node.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => self.inherit(&inherit),
                ast::Entry::AttrpathValue(definition) => self.define(&definition),
            }
        }
    }

    fn inherit(&mut self, inherit: &ast::Inherit) {
        let source = inherit.from().map(|from| {
            self.sources.push(from.expr());
            self.sources.len() - 1
        });
        for attr in inherit.attrs() {
            let RawKey::Name(name, range) = raw_key(&attr) else { continue };
            let value = source.map_or(RawValue::Inherit(range), RawValue::InheritFrom);
            self.insert(RawEntry { name, key: range, range, value });
        }
    }

    fn define(&mut self, definition: &ast::AttrpathValue) {
        let range = definition.syntax().text_range();
        let keys: Vec<RawKey> = definition
            .attrpath()
            .iter()
            .flat_map(ast::Attrpath::attrs)
            .map(|attr| raw_key(&attr))
            .collect();
        let value = match definition.value().map(without_parentheses) {
            Some(ast::Expr::AttrSet(set)) => {
                let recursive = set.rec_token().is_some();
                RawValue::Set(Box::new(RawSet::of(&set, recursive)))
            }
            other => RawValue::Expr(other),
        };
        self.define_path(keys.into_iter(), range, value);
    }

    fn define_path(
        &mut self,
        mut keys: impl Iterator<Item = RawKey> + ExactSizeIterator,
        range: TextRange,
        value: RawValue,
    ) {
        let Some(key) = keys.next() else { return };
        let value = if keys.len() == 0 {
            value
        } else {
            let mut inner = RawSet::new(false, range);
            inner.define_path_boxed(Box::new(keys), range, value);
            RawValue::Set(Box::new(inner))
        };
        match key {
            RawKey::Name(name, key) => self.insert(RawEntry { name, key, range, value }),
            RawKey::Dynamic(_) => self.dynamic.push((key, value)),
        }
    }

    /// Breaks the growth of iterator types through recursion.
    fn define_path_boxed(
        &mut self,
        keys: Box<dyn ExactSizeIterator<Item = RawKey> + '_>,
        range: TextRange,
        value: RawValue,
    ) {
        self.define_path(keys, range, value);
    }

    fn insert(&mut self, entry: RawEntry) {
        let Some(index) = self.by_name.get(&entry.name) else {
            self.by_name.insert(entry.name, self.entries.len());
            self.entries.push(entry);
            return;
        };
        let present = &mut self.entries[*index];
        match (&mut present.value, entry.value) {
            (RawValue::Set(present), RawValue::Set(more)) => present.merge(*more),
            (value, _) => *value = RawValue::Conflict,
        }
    }

    fn merge(&mut self, other: RawSet) {
        let offset = self.sources.len();
        self.sources.extend(other.sources);
        self.dynamic.extend(other.dynamic);
        for mut entry in other.entries {
            if let RawValue::InheritFrom(source) = &mut entry.value {
                *source += offset;
            }
            self.insert(entry);
        }
    }
}

/// `expr` without the parentheses around it.
pub(super) fn without_parentheses(mut expr: ast::Expr) -> ast::Expr {
    while let ast::Expr::Paren(paren) = &expr {
        match paren.expr() {
            Some(inner) => expr = inner,
            None => break,
        }
    }
    expr
}

/// The first expression inside `node`, for `${ }`.
pub(super) fn inner_expr(node: &SyntaxNode) -> Option<ast::Expr> {
    node.children().find_map(ast::Expr::cast)
}

/// The text of the path tokens and the holes of a path node, in order.
pub(super) fn path_pieces(node: &SyntaxNode) -> Vec<Result<String, Option<ast::Expr>>> {
    node.children_with_tokens()
        .filter_map(|element| match element {
            NodeOrToken::Token(token) => Some(Ok(token.text().to_owned())),
            NodeOrToken::Node(node) if node.kind() == SyntaxKind::NODE_INTERPOL => {
                Some(Err(inner_expr(&node)))
            }
            NodeOrToken::Node(_) => None,
        })
        .collect()
}
