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
    /// Where each name is, once there are many.
    by_name: FxHashMap<Name, usize>,
}

/// Up to this many names are searched one by one.
const SMALL: usize = 16;

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
    InheritFrom(u32),
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
        ast::Attr::Ident(ident) => RawKey::Name(name_of(ident), range),
        // `${"a"}` is as good as `"a"` to Nix.
        ast::Attr::Dynamic(dynamic) => match dynamic.expr().map(without_parentheses) {
            Some(ast::Expr::Str(string)) => string_key(&string, dynamic.syntax(), range),
            _ => RawKey::Dynamic(dynamic.syntax().clone()),
        },
        ast::Attr::Str(string) => string_key(string, string.syntax(), range),
    }
}

fn string_key(string: &ast::Str, node: &SyntaxNode, range: TextRange) -> RawKey {
    match string_parts(string.syntax()).as_slice() {
        [] => RawKey::Name(Name::new(""), range),
        [StringPart::Text(text)] => RawKey::Name(Name::new(text), range),
        _ => RawKey::Dynamic(node.clone()),
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
            count(&self.sources) - 1
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

    /// Defines `keys.0.keys.1…` as `value`. The sets on the way may be there already; the last name
    /// may not, but for a set that is given another set.
    fn define_path(
        &mut self,
        mut keys: impl ExactSizeIterator<Item = RawKey>,
        range: TextRange,
        value: RawValue,
    ) {
        let Some(key) = keys.next() else { return };
        match key {
            RawKey::Name(name, key) if keys.len() == 0 => {
                self.insert(RawEntry { name, key, range, value });
            }
            RawKey::Name(name, key) => {
                if let Some(inner) = self.inner_set(name, key, range) {
                    inner.define_path_boxed(Box::new(keys), range, value);
                }
            }
            RawKey::Dynamic(_) if keys.len() == 0 => self.dynamic.push((key, value)),
            RawKey::Dynamic(_) => {
                let mut inner = RawSet::new(false, range);
                inner.define_path_boxed(Box::new(keys), range, value);
                self.dynamic.push((key, RawValue::Set(Box::new(inner))));
            }
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

    /// The set that `name` is defined as, made where it is not; `None` where it is something else.
    fn inner_set(&mut self, name: Name, key: TextRange, range: TextRange) -> Option<&mut RawSet> {
        let index = match self.position(name) {
            Some(index) => index,
            None => {
                let value = RawValue::Set(Box::new(RawSet::new(false, range)));
                self.insert(RawEntry { name, key, range, value });
                self.entries.len() - 1
            }
        };
        let value = &mut self.entries[index].value;
        if !matches!(value, RawValue::Set(_)) {
            *value = RawValue::Conflict;
        }
        match value {
            RawValue::Set(set) => Some(set),
            _ => None,
        }
    }

    fn insert(&mut self, entry: RawEntry) {
        let Some(index) = self.position(entry.name) else {
            self.push(entry);
            return;
        };
        let present = &mut self.entries[index];
        match (&mut present.value, entry.value) {
            (RawValue::Set(present), RawValue::Set(more)) => present.merge(*more),
            (value, _) => *value = RawValue::Conflict,
        }
    }

    fn push(&mut self, entry: RawEntry) {
        if self.entries.len() >= SMALL {
            if self.by_name.is_empty() {
                let known = self.entries.iter().enumerate();
                self.by_name = known.map(|(index, entry)| (entry.name, index)).collect();
            }
            self.by_name.insert(entry.name, self.entries.len());
        }
        self.entries.push(entry);
    }

    fn position(&self, name: Name) -> Option<usize> {
        match self.by_name.is_empty() {
            true => self.entries.iter().position(|entry| entry.name == name),
            false => self.by_name.get(&name).copied(),
        }
    }

    /// Adds the definitions of a set to those of another. Nix merges no deeper than this: no name
    /// may be in both.
    fn merge(&mut self, other: RawSet) {
        let offset = count(&self.sources);
        self.sources.extend(other.sources);
        self.dynamic.extend(other.dynamic);
        for mut entry in other.entries {
            if let RawValue::InheritFrom(source) = &mut entry.value {
                *source += offset;
            }
            match self.position(entry.name) {
                Some(index) => self.entries[index].value = RawValue::Conflict,
                None => self.insert(entry),
            }
        }
    }
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// The name that `ident` is.
pub(super) fn name_of(ident: &ast::Ident) -> Name {
    let token = ident.syntax().first_token();
    token.map_or_else(|| Name::new(""), |token| Name::new(token.text()))
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
