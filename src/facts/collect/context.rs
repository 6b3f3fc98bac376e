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

/// What an expression is part of, whichever functions turn out to be overlays.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub otherwise: Context,
    pub overlay: Option<Box<InOverlay>>,
}

/// What an expression is part of, if the function with the inner function `inner` is an overlay.
#[derive(Clone)]
pub(super) struct InOverlay {
    pub inner: Site,
    pub entry: Context,
}

impl Surroundings {
    /// What it is part of, where the functions at `overlays` are overlays.
    pub fn among(&self, overlays: &FxHashSet<Site>) -> Context {
        let entry = self.overlay.as_ref().filter(|it| overlays.contains(&it.inner));
        entry.map_or(&self.otherwise, |it| &it.entry).clone()
    }

    /// Those of the expression at `site`.
    pub fn of(hir: &File, site: Site) -> Surroundings {
        let mut overlay = None;
        let otherwise = context_of(hir, site, &mut overlay);
        Surroundings { otherwise, overlay }
    }
}

/// What the expression at `site` is part of, but for an `overlay` that it may be in.
fn context_of(hir: &File, site: Site, overlay: &mut Option<Box<InOverlay>>) -> Context {
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
                if names.is_empty() && !in_list {
                    *overlay = function_of_body(hir, site, ancestor).map(|inner| {
                        let entry = Context::OverlayEntry { name: name.clone(), definition };
                        Box::new(InOverlay { inner, entry })
                    });
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

/// The function that gives `set`, if one does.
fn function_of_body(hir: &File, site: Site, set: ExprId) -> Option<Site> {
    let mut child = set;
    for ancestor in hir.ancestors(set) {
        match hir.expr(ancestor) {
            Expr::Let { body, .. } | Expr::With { body, .. } if *body == child => child = ancestor,
            Expr::Lambda(_) => return Some(Site { file: site.file, expr: ancestor }),
            _ => return None,
        }
    }
    None
}
