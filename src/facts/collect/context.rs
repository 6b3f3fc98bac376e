//! What a call is part of: an overlay's attribute, a package list, an option, a binding.

use rustc_hash::FxHashSet;

use crate::eval::Site;
use crate::facts::Context;
use crate::hir::{Expr, ExprId, File};
use crate::source::Span;

/// Names that overlays give the layer below them.
pub(super) fn is_previous_name(name: &str) -> bool {
    PREVIOUS_NAMES.contains(&name)
}

/// All of these names.
pub(super) const PREVIOUS_NAMES: [&str; 6] =
    ["prev", "super", "_prev", "previous", "_super", "pkgsPrev"];

/// Names that overlays give the finished package set.
pub(super) fn is_final_name(name: &str) -> bool {
    matches!(name, "final" | "self" | "_final" | "_" | "_self" | "this")
}

/// What the expression at `site` is part of, where the functions at `overlays` are overlays.
pub(super) fn context_of(hir: &File, site: Site, overlays: &FxHashSet<Site>) -> Context {
    let mut child = site.expr;
    let mut names: Vec<String> = Vec::new();
    let mut in_list = false;
    for ancestor in hir.ancestors(site.expr) {
        match hir.expr(ancestor) {
            Expr::List(_) if names.is_empty() => in_list = true,
            Expr::Let { body, .. } if *body == child => {}
            Expr::Attrs(_) | Expr::Let { .. } => {
                let Some((_, definition)) = hir.definition_of(child) else {
                    return Context::Other;
                };
                let name = definition.name.to_string();
                let definition = Span::new(site.file, definition.range);
                if names.is_empty() && !in_list && is_overlay_body(hir, site, ancestor, overlays) {
                    return Context::OverlayEntry { name, definition };
                }
                if matches!(hir.expr(ancestor), Expr::Let { .. }) {
                    return if names.is_empty() && !in_list {
                        Context::Binding { name, definition }
                    } else {
                        Context::Other
                    };
                }
                names.push(name);
            }
            Expr::Lambda(_) | Expr::Str(_) => break,
            _ => {}
        }
        child = ancestor;
    }
    names.reverse();
    if names.first().is_some_and(|name| name == "config") {
        names.remove(0);
    }
    match (names.is_empty(), in_list) {
        (true, _) => Context::Other,
        (false, true) => Context::ListElement { option: names.join(".") },
        (false, false) => Context::OptionValue { option: names.join(".") },
    }
}

/// Whether `set` is what the function of one of `overlays` gives.
fn is_overlay_body(hir: &File, site: Site, set: ExprId, overlays: &FxHashSet<Site>) -> bool {
    let mut child = set;
    for ancestor in hir.ancestors(set) {
        match hir.expr(ancestor) {
            Expr::Let { body, .. } | Expr::With { body, .. } if *body == child => child = ancestor,
            Expr::Lambda(_) => {
                return overlays.contains(&Site { file: site.file, expr: ancestor });
            }
            _ => return false,
        }
    }
    false
}
