//! Each file lowered once into an arena: expressions by id, interned names, variables resolved to
//! their scopes, and the range of text that each came from.
//!
//! Attribute sets come out as Nix's own parser makes them, with dotted and repeated definitions
//! merged. A [`File`] holds no syntax nodes and no file id: it is `Send + Sync`, and it is as good
//! for an unchanged text in the next analysis.

mod attrs;
mod expr;
mod lazy;
mod lower;
mod name;
mod scope;
mod variables;

pub use expr::{
    Attrs, Binary, Definition, DefinitionValue, Dynamic, Expr, ExprId, Field, Key, Lambda, Path,
    PathAnchor, StrPart, Unary, Variable,
};
pub use lazy::LazyFile;
pub use lower::{lower, lower_text, lower_tree};
pub use name::Name;
pub(crate) use name::name;
pub use scope::{Scope, ScopeId, ScopeKind};

use text_size::TextRange;

/// One lowered file.
#[derive(Debug)]
pub struct File {
    exprs: Box<[Expr]>,
    ranges: Box<[TextRange]>,
    parents: Box<[Option<ExprId>]>,
    expr_scopes: Box<[ScopeId]>,
    scopes: Box<[Scope]>,
    root: ExprId,
    /// By their rank.
    mentions: Box<[Name]>,
}

impl File {
    /// The file's expression.
    pub fn root(&self) -> ExprId {
        self.root
    }

    /// The expression `id`.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }

    /// The text that `id` was lowered from, without parentheses around it.
    pub fn range(&self, id: ExprId) -> TextRange {
        self.ranges[id.index()]
    }

    /// The expression that `id` is a direct part of.
    pub fn parent(&self, id: ExprId) -> Option<ExprId> {
        self.parents[id.index()]
    }

    /// `id`'s parent, its parent's parent, and so on.
    pub fn ancestors(&self, id: ExprId) -> impl Iterator<Item = ExprId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// The innermost scope that `id` stands in.
    pub fn scope_of(&self, id: ExprId) -> ScopeId {
        self.expr_scopes[id.index()]
    }

    /// The scope `id`.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// Every expression, in the order of lowering (parts before wholes).
    pub fn expr_ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..self.exprs.len()).map(ExprId::from_index)
    }

    /// Whether `name` stands anywhere in the file as a variable, an attribute or a definition.
    pub fn mentions(&self, name: Name) -> bool {
        let from = self.mentions.partition_point(|known| known.rank() < name.rank());
        let same = self.mentions[from..].iter().take_while(|known| known.rank() == name.rank());
        same.into_iter().any(|known| *known == name)
    }

    /// Every name that stands in the file as a variable, an attribute or a definition.
    pub fn mentioned(&self) -> impl Iterator<Item = Name> + '_ {
        self.mentions.iter().copied()
    }

    /// The definition whose value is `id`, and the set that holds it.
    pub fn definition_of(&self, id: ExprId) -> Option<(ExprId, &Definition)> {
        let parent = self.parent(id)?;
        let attrs = self.attrs_of(parent)?;
        let definition = attrs.definitions.iter().find(
            |definition| matches!(definition.value, DefinitionValue::Expr(value) if value == id),
        )?;
        Some((parent, definition))
    }

    /// The definitions of an attribute set or a `let`.
    pub fn attrs_of(&self, id: ExprId) -> Option<&Attrs> {
        match self.expr(id) {
            Expr::Attrs(attrs) | Expr::Let { attrs, .. } => Some(attrs),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
