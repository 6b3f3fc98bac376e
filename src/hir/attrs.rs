//! Merging the definitions of an attribute set as Nix's parser does: `a.b = 1; a.c = 2;` and
//! `a = { b = 1; }; a.c = 2;` are one set `a`.

use rnix::{NodeOrToken, SyntaxKind};
use rustc_hash::FxHashMap;
use text_size::TextRange;

use super::Name;
use crate::syntax::{Node, StringPart, string_parts};

/// A set of definitions before its values are lowered.
#[derive(Default)]
pub(super) struct RawSet<'t> {
    pub recursive: bool,
    pub range: TextRange,
    pub entries: Vec<RawEntry<'t>>,
    pub sources: Vec<Option<Node<'t>>>,
    pub dynamic: Vec<(RawKey<'t>, RawValue<'t>)>,
    /// Where each name is, once there are many.
    by_name: FxHashMap<Name, usize>,
}

/// Up to this many names are searched one by one.
const SMALL: usize = 16;

pub(super) struct RawEntry<'t> {
    pub name: Name,
    pub key: TextRange,
    pub range: TextRange,
    pub value: RawValue<'t>,
}

pub(super) enum RawValue<'t> {
    Expr(Option<Node<'t>>),
    Set(Box<RawSet<'t>>),
    Inherit(TextRange),
    InheritFrom(u32),
    /// Defined twice in a way that Nix refuses.
    Conflict,
}

/// An attribute name as written.
pub(super) enum RawKey<'t> {
    Name(Name, TextRange),
    /// A string with holes, or `${ }`.
    Dynamic(Node<'t>),
}

/// The names of an attribute path, or of those that are inherited.
pub(super) fn raw_keys(path: Node<'_>) -> impl Iterator<Item = RawKey<'_>> {
    path.children().filter_map(raw_key)
}

/// The name that `key` is; none for what is no name.
fn raw_key(key: Node<'_>) -> Option<RawKey<'_>> {
    let range = key.range();
    Some(match key.kind() {
        SyntaxKind::NODE_IDENT => RawKey::Name(Name::new(key.text()), range),
        // `${"a"}` is as good as `"a"` to Nix.
        SyntaxKind::NODE_DYNAMIC => match key.expression().map(without_parentheses) {
            Some(string) if string.kind() == SyntaxKind::NODE_STRING => {
                string_key(string, key, range)
            }
            _ => RawKey::Dynamic(key),
        },
        SyntaxKind::NODE_STRING => string_key(key, key, range),
        _ => return None,
    })
}

fn string_key<'t>(string: Node<'t>, key: Node<'t>, range: TextRange) -> RawKey<'t> {
    match string_parts(string).as_slice() {
        [] => RawKey::Name(Name::new(""), range),
        [StringPart::Text(text)] => RawKey::Name(Name::new(text), range),
        _ => RawKey::Dynamic(key),
    }
}

impl<'t> RawSet<'t> {
    pub fn new(recursive: bool, range: TextRange) -> RawSet<'t> {
        RawSet { recursive, range, ..RawSet::default() }
    }

    /// The definitions of an attribute set.
    pub fn of_set(set: Node<'t>) -> RawSet<'t> {
        RawSet::of(set, set.has_token(SyntaxKind::TOKEN_REC))
    }

    /// The definitions of an attribute set or `let`.
    pub fn of(node: Node<'t>, recursive: bool) -> RawSet<'t> {
        let mut set = RawSet::new(recursive, node.range());
        for entry in node.children() {
            match entry.kind() {
                SyntaxKind::NODE_INHERIT => set.inherit(entry),
                SyntaxKind::NODE_ATTRPATH_VALUE => set.define(entry),
                _ => {}
            }
        }
        set
    }

    fn inherit(&mut self, inherit: Node<'t>) {
        let source = inherit.child(SyntaxKind::NODE_INHERIT_FROM).map(|from| {
            self.sources.push(from.expression());
            count(&self.sources) - 1
        });
        for key in raw_keys(inherit) {
            let RawKey::Name(name, range) = key else { continue };
            let value = source.map_or(RawValue::Inherit(range), RawValue::InheritFrom);
            self.insert(RawEntry { name, key: range, range, value });
        }
    }

    fn define(&mut self, definition: Node<'t>) {
        let range = definition.range();
        let path = definition.child(SyntaxKind::NODE_ATTRPATH);
        let keys: Vec<RawKey<'t>> =
            path.into_iter().flat_map(|path| raw_keys(path).collect::<Vec<_>>()).collect();
        let value = match definition.expression().map(without_parentheses) {
            Some(set) if set.kind() == SyntaxKind::NODE_ATTR_SET => {
                RawValue::Set(Box::new(RawSet::of_set(set)))
            }
            other => RawValue::Expr(other),
        };
        self.define_path(keys.into_iter(), range, value);
    }

    /// Defines `keys.0.keys.1…` as `value`. The sets on the way may be there already; the last name
    /// may not, but for a set that is given another set.
    fn define_path(
        &mut self,
        mut keys: impl ExactSizeIterator<Item = RawKey<'t>>,
        range: TextRange,
        value: RawValue<'t>,
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
        keys: Box<dyn ExactSizeIterator<Item = RawKey<'t>> + '_>,
        range: TextRange,
        value: RawValue<'t>,
    ) {
        self.define_path(keys, range, value);
    }

    /// The set that `name` is defined as, made where it is not; `None` where it is something else.
    fn inner_set(
        &mut self,
        name: Name,
        key: TextRange,
        range: TextRange,
    ) -> Option<&mut RawSet<'t>> {
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

    fn insert(&mut self, entry: RawEntry<'t>) {
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

    fn push(&mut self, entry: RawEntry<'t>) {
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

    /// Adds the definitions of a set to those of another, and those of the sets in both to each other,
    /// as Nix does since 2.26 (`addAttr` in its parser-state.hh), 2.24.12 and 2.25.4. Before, it let no
    /// name be in both.
    fn merge(&mut self, other: RawSet<'t>) {
        let offset = count(&self.sources);
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

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// `expr` without the parentheses around it.
pub(super) fn without_parentheses(mut expr: Node<'_>) -> Node<'_> {
    while expr.kind() == SyntaxKind::NODE_PAREN {
        match expr.expression() {
            Some(inner) => expr = inner,
            None => break,
        }
    }
    expr
}

/// The text of the path tokens and the holes of a path node, in order.
pub(super) fn path_pieces(node: Node<'_>) -> impl Iterator<Item = Result<&str, Option<Node<'_>>>> {
    node.elements().filter_map(|element| match element {
        NodeOrToken::Token(token) => Some(Ok(token.text())),
        NodeOrToken::Node(node) if node.kind() == SyntaxKind::NODE_INTERPOL => {
            Some(Err(node.expression()))
        }
        NodeOrToken::Node(_) => None,
    })
}
