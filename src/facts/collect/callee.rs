//! What is called: the name in the text, the place it is written, and the names that lead to a symbol.

use thin_vec::ThinVec;

use super::unbound::scope_up;
use crate::eval::{Root, Site, Symbol};
use crate::facts::package::is_method;
use crate::hir::{DefinitionValue, Expr, ExprId, File, Key, Name, ScopeKind, Variable};
use crate::source::Span;

/// The names selected to reach a symbol, from the last call or root on.
pub(super) fn names_of(mut symbol: &Symbol) -> ThinVec<Name> {
    let mut names = ThinVec::new();
    loop {
        match symbol {
            Symbol::Select(base, name) => {
                names.push(*name);
                symbol = base;
            }
            Symbol::Root(Root::Parameter(_, name) | Root::Input(name)) => {
                names.push(*name);
                break;
            }
            Symbol::Root(_) | Symbol::Call(..) => break,
        }
    }
    names.reverse();
    names
}

/// The name by which something is called, through a local alias of it.
pub(super) fn called_name(hir: &File, function: ExprId) -> Option<Name> {
    match hir.expr(function) {
        Expr::Select { path, .. } => match path.last()? {
            Key::Name(name, _) => Some(*name),
            Key::Dynamic(_) => None,
        },
        Expr::Variable(Variable::Local { name, depth, .. }) => {
            let scope = scope_up(hir, hir.scope_of(function), *depth)?;
            let alias = match hir.scope(scope).kind {
                ScopeKind::Let(owner) | ScopeKind::Recursive(owner) => {
                    hir.attrs_of(owner).and_then(|attrs| attrs.get(*name)).map(|found| &found.value)
                }
                _ => None,
            };
            match alias {
                Some(DefinitionValue::Expr(value)) => match hir.expr(*value) {
                    Expr::Select { path, .. } => match path.last()? {
                        Key::Name(name, _) => Some(*name),
                        Key::Dynamic(_) => None,
                    },
                    _ => Some(*name),
                },
                _ => Some(*name),
            }
        }
        Expr::Variable(variable) => Some(variable.name()),
        // `f a b` is found by the name of `f`, `(b.override { }) { }` by that of `b`.
        Expr::Apply { function, .. } => match hir.expr(*function) {
            Expr::Select { base, path, .. } if is_override_key(path.last()) => {
                match path.iter().rev().nth(1) {
                    Some(Key::Name(name, _)) => Some(*name),
                    Some(Key::Dynamic(_)) => None,
                    None => called_name(hir, *base),
                }
            }
            _ => called_name(hir, *function),
        },
        _ => None,
    }
}

fn is_override_key(key: Option<&Key>) -> bool {
    matches!(key, Some(Key::Name(name, _)) if is_method(name.as_str()))
}

/// The text of what is overridden.
pub(super) fn overridden(hir: &File, site: Site) -> Option<Span> {
    let Expr::Apply { function, .. } = hir.expr(site.expr) else { return None };
    let Expr::Select { base, path, .. } = hir.expr(*function) else { return None };
    // `pkgs.brave.override`: everything before the method's dot.
    let start = hir.range(*base).start();
    let end = match path.iter().rev().nth(1) {
        Some(Key::Name(_, range)) => range.end(),
        Some(Key::Dynamic(expr)) => hir.range(*expr).end(),
        None => hir.range(*base).end(),
    };
    Some(Span::new(site.file, text_size::TextRange::new(start, end)))
}

/// The text of what is called.
pub(super) fn called(hir: &File, site: Site) -> Option<Span> {
    match hir.expr(site.expr) {
        Expr::Apply { function, .. } => Some(Span::new(site.file, hir.range(*function))),
        _ => None,
    }
}

/// Whether `function` is a function of Nix, not one of nixpkgs with its name.
pub(super) fn is_builtin(hir: &File, function: ExprId) -> bool {
    match hir.expr(function) {
        Expr::Variable(Variable::Builtin(_)) => true,
        Expr::Select { base, path, .. } if path.len() == 1 => matches!(
            hir.expr(*base),
            Expr::Variable(Variable::Builtin(name)) if *name == "builtins"
        ),
        _ => false,
    }
}
