//! What the package sets are for that a tree makes, by the names it gives them.

use super::Collector;
use crate::eval::Site;
use crate::facts::AppliesTo;
use crate::hir::{Expr, ExprId, File};

impl Collector<'_, '_> {
    /// What the package set is for that the call at `site` makes, by the name it is given.
    pub(super) fn purpose_of(&self, site: Option<Site>) -> AppliesTo {
        let Some(site) = site else { return AppliesTo::Unknown };
        let Some(hir) = self.evaluator.program().file(site.file) else {
            return AppliesTo::Unknown;
        };
        let stem = || Some(self.tree().path(site.file).file_stem()?.to_str()?.to_owned());
        let name = binding_name(hir, site.expr).or_else(stem);
        match name {
            Some(name) if is_main_set(&name) && is_given_in_module(hir, site.expr) => {
                AppliesTo::Separate(name)
            }
            Some(name) if is_main_set(&name) => AppliesTo::Configurations,
            Some(name) if name != "flake" && name != "default" => AppliesTo::Separate(name),
            _ => AppliesTo::Unknown,
        }
    }
}

/// The name that an expression's value is bound to; names of systems do not count.
fn binding_name(hir: &File, expr: ExprId) -> Option<String> {
    let mut child = expr;
    for ancestor in hir.ancestors(expr) {
        if let Some((_, definition)) = hir.definition_of(child) {
            let name = definition.name.as_str();
            if !name.contains("-linux") && !name.contains("-darwin") {
                return Some(name.to_owned());
            }
        }
        child = ancestor;
    }
    None
}

/// Whether the value of `expr` is given to a function by a module (`import ./kernel.nix { pkgs = …; }`): a
/// module has its packages, and gives others to what shall not have these.
fn is_given_in_module(hir: &File, expr: ExprId) -> bool {
    let Some((set, _)) = hir.definition_of(expr) else { return false };
    let is_argument = hir.parent(set).is_some_and(
        |parent| matches!(hir.expr(parent), Expr::Apply { argument, .. } if *argument == set),
    );
    let is_module = |around: ExprId| {
        let Expr::Lambda(lambda) = hir.expr(around) else { return false };
        let fields = lambda.fields.as_deref().unwrap_or_default();
        let takes = |name: &str| fields.iter().any(|field| field.name == name);
        takes("config") && (takes("lib") || takes("pkgs"))
    };
    is_argument && hir.ancestors(set).any(is_module)
}

/// Names that trees give the packages of their configurations.
fn is_main_set(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rest = ["nixpkgs", "legacypackages", "mkpkgs", "genpkgs", "importpkgs", "pkgs"]
        .iter()
        .find_map(|start| name.strip_prefix(start));
    rest.is_some_and(|rest| {
        rest.is_empty() || rest == "'" || rest.starts_with("for") || rest.starts_with("by")
    })
}
