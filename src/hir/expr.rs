//! The expressions of a lowered file.

use std::num::NonZeroU32;

use text_size::TextRange;

use super::{Name, ScopeId};

/// An expression of a [`File`](super::File): one more than its position, so that an optional one
/// takes no more room.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExprId(NonZeroU32);

impl ExprId {
    pub(super) fn from_index(index: usize) -> ExprId {
        ExprId(one_more(index))
    }

    /// Its position in its file's arena.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// `index` as an id holds it. A file is never as long as to have so many of anything.
pub(super) fn one_more(index: usize) -> NonZeroU32 {
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    NonZeroU32::MIN.saturating_add(index)
}

/// An expression, its parts by id. There are more of these than of anything else, and all are kept:
/// what only few of them have lies in a box.
#[derive(Debug)]
pub enum Expr {
    /// A syntax error stands here, or a definition that Nix refuses.
    Missing,
    /// `1`; `None` where the number does not fit 64 bits.
    Int(Option<i64>),
    /// `1.5`.
    Float(f64),
    /// `"…"`, `''…''`, or a bare URI.
    Str(Box<[StrPart]>),
    /// `./x`, `/x`, `~/x`, `<x>`.
    Path(Box<Path>),
    /// A name.
    Variable(Variable),
    /// `[ … ]`.
    List(Box<[ExprId]>),
    /// `{ … }` and `rec { … }`, and the inner sets that dotted definitions make.
    Attrs(Box<Attrs>),
    /// `let … in body`.
    Let { attrs: Box<Attrs>, body: ExprId },
    /// `with namespace; body`.
    With { namespace: ExprId, scope: ScopeId, body: ExprId },
    /// `base.path` and `base.path or default`.
    Select { base: ExprId, path: Box<[Key]>, default: Option<ExprId> },
    /// `base ? path`.
    Has { base: ExprId, path: Box<[Key]> },
    /// `if condition then then else otherwise`.
    If { condition: ExprId, then: ExprId, otherwise: ExprId },
    /// `assert condition; body`.
    Assert { condition: ExprId, body: ExprId },
    /// `left op right`.
    Binary { operator: Binary, left: ExprId, right: ExprId },
    /// `-x`, `!x`.
    Unary { operator: Unary, operand: ExprId },
    /// `function argument`; pipes are lowered to it too.
    Apply { function: ExprId, argument: ExprId },
    /// `parameter: body`.
    Lambda(Box<Lambda>),
    /// `__curPos`.
    CurrentPosition,
}

/// A piece of a string or path.
#[derive(Debug)]
pub enum StrPart {
    /// Text.
    Text(Box<str>),
    /// `${ }`.
    Hole(ExprId),
}

/// A path literal.
#[derive(Debug)]
pub struct Path {
    /// What it starts from.
    pub anchor: PathAnchor,
    /// Its pieces as written (`./` included); for [`PathAnchor::Search`] without the brackets.
    pub parts: Box<[StrPart]>,
}

/// What a path literal starts from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PathAnchor {
    /// The folder of the file.
    Relative,
    /// The root of the file system.
    Absolute,
    /// The home folder.
    Home,
    /// `NIX_PATH`.
    Search,
}

/// What a name refers to, found by the scopes of its file.
#[derive(Clone, Debug)]
pub enum Variable {
    /// A slot of a frame, `depth` frames up.
    Local { name: Name, depth: u32, slot: u32 },
    /// One of Nix's own names (`import`, `true`, `builtins` …).
    Builtin(Name),
    /// Nothing binds it but perhaps one of the `with`s around it, given as frames up, innermost
    /// first; none where it is free.
    Dynamic { name: Name, withs: Box<[u32]> },
}

impl Variable {
    /// The name as written.
    pub fn name(&self) -> Name {
        match self {
            Variable::Local { name, .. }
            | Variable::Builtin(name)
            | Variable::Dynamic { name, .. } => *name,
        }
    }
}

/// An attribute name in a selection.
#[derive(Debug)]
pub enum Key {
    /// `a`, `"a"`.
    Name(Name, TextRange),
    /// `${e}`, `"a${e}"`.
    Dynamic(ExprId),
}

/// The definitions of an attribute set or a `let`.
#[derive(Debug, Default)]
pub struct Attrs {
    /// The scope that the definitions see, where they see each other.
    pub scope: Option<ScopeId>,
    /// In the order of the text, each name once.
    pub definitions: Box<[Definition]>,
    /// The `x` of each `inherit (x) …`.
    pub sources: Box<[ExprId]>,
    /// `${name} = value;`.
    pub dynamic: Box<[Dynamic]>,
}

impl Attrs {
    /// The definition of `name`.
    pub fn get(&self, name: Name) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.name == name)
    }
}

/// One name of an attribute set.
#[derive(Debug)]
pub struct Definition {
    /// The name.
    pub name: Name,
    /// Where the name is written.
    pub key: TextRange,
    /// The whole definition with its semicolon; for `inherit`, the name alone; for a set that
    /// several dotted definitions share, the first of them.
    pub range: TextRange,
    /// Its value.
    pub value: DefinitionValue,
}

/// Where a definition's value comes from.
#[derive(Debug)]
pub enum DefinitionValue {
    /// `name = e;`.
    Expr(ExprId),
    /// `inherit name;`, looked up outside the set; an expression of its own.
    Inherit(ExprId),
    /// `inherit (source) name;`, an index into [`Attrs::sources`].
    InheritFrom(u32),
}

/// A definition whose name is computed.
#[derive(Debug)]
pub struct Dynamic {
    /// The name's expression.
    pub name: ExprId,
    /// The value.
    pub value: ExprId,
}

/// A function.
#[derive(Debug)]
pub struct Lambda {
    /// The scope of its body.
    pub scope: ScopeId,
    /// `x` of `x: …`, `args` of `{ … }@args: …`.
    pub binder: Option<(Name, TextRange)>,
    /// The names of `{ a, b ? c, … }: …`; `None` for `x: …`.
    pub fields: Option<Box<[Field]>>,
    /// The pattern ends in `...`.
    pub ellipsis: bool,
    /// What the function gives.
    pub body: ExprId,
}

impl Lambda {
    /// How many slots its frame has: the fields, then the binder.
    pub fn slots(&self) -> usize {
        self.fields.as_ref().map_or(0, |fields| fields.len()) + usize::from(self.binder.is_some())
    }

    /// Whether it takes its argument by name: `x: …`.
    pub fn is_simple(&self) -> bool {
        self.fields.is_none()
    }

    /// The field `name` of its pattern.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.as_ref()?.iter().find(|field| field.name == name)
    }
}

/// One name of a pattern.
#[derive(Debug)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// Where it is written.
    pub range: TextRange,
    /// What it is when the caller leaves it out.
    pub default: Option<ExprId>,
}

/// An operator of two operands. Pipes are applications.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Binary {
    Concat,
    Update,
    Add,
    Subtract,
    Multiply,
    Divide,
    And,
    Or,
    Implies,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// An operator of one operand.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Unary {
    Not,
    Negate,
}

impl Expr {
    /// Calls `visit` with each direct part.
    pub fn for_each_part(&self, visit: &mut impl FnMut(ExprId)) {
        match self {
            Expr::Missing
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Variable(_)
            | Expr::CurrentPosition => {}
            Expr::Str(parts) => visit_holes(parts, visit),
            Expr::Path(path) => visit_holes(&path.parts, visit),
            Expr::List(items) => items.iter().for_each(|item| visit(*item)),
            Expr::Attrs(attrs) => attrs.for_each_part(visit),
            Expr::Let { attrs, body } => {
                attrs.for_each_part(visit);
                visit(*body);
            }
            Expr::With { namespace, body, .. } => {
                [namespace, body].into_iter().for_each(|id| visit(*id))
            }
            Expr::Select { base, path, default } => {
                visit(*base);
                visit_keys(path, visit);
                default.iter().for_each(|id| visit(*id));
            }
            Expr::Has { base, path } => {
                visit(*base);
                visit_keys(path, visit);
            }
            Expr::If { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|id| visit(*id));
            }
            Expr::Assert { condition, body } => {
                [condition, body].into_iter().for_each(|id| visit(*id))
            }
            Expr::Binary { left, right, .. } => [left, right].into_iter().for_each(|id| visit(*id)),
            Expr::Unary { operand, .. } => visit(*operand),
            Expr::Apply { function, argument } => {
                [function, argument].into_iter().for_each(|id| visit(*id))
            }
            Expr::Lambda(lambda) => {
                let defaults = lambda.fields.iter().flatten().filter_map(|field| field.default);
                defaults.chain([lambda.body]).for_each(visit);
            }
        }
    }
}

impl Attrs {
    fn for_each_part(&self, visit: &mut impl FnMut(ExprId)) {
        self.sources.iter().for_each(|source| visit(*source));
        for definition in &self.definitions {
            match definition.value {
                DefinitionValue::Expr(id) | DefinitionValue::Inherit(id) => visit(id),
                DefinitionValue::InheritFrom(_) => {}
            }
        }
        for dynamic in &self.dynamic {
            visit(dynamic.name);
            visit(dynamic.value);
        }
    }
}

fn visit_holes(parts: &[StrPart], visit: &mut impl FnMut(ExprId)) {
    for part in parts {
        if let StrPart::Hole(id) = part {
            visit(*id);
        }
    }
}

fn visit_keys(path: &[Key], visit: &mut impl FnMut(ExprId)) {
    for key in path {
        if let Key::Dynamic(id) = key {
            visit(*id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of 100,000 files has tens of millions of these.
    #[test]
    fn what_there_is_most_of_stays_small() {
        assert_eq!(size_of::<Expr>(), 32);
        assert_eq!(size_of::<Option<ExprId>>(), 4);
        assert_eq!(size_of::<Definition>(), 32);
        assert_eq!(size_of::<Key>(), 16);
    }
}
