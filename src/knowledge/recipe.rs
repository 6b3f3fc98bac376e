//! How nixpkgs builds a package.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::Basis;
use super::table::row;

/// What builds some packages, and with what at hand.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// The attribute paths in nixpkgs, dotted, or names of flake inputs.
    pub packages: Vec<String>,
    /// The builder, as the table of builders names it.
    pub builder: String,
    /// All of its `nativeBuildInputs`, on every platform and with every argument; none where that is
    /// not known.
    pub native_inputs: Option<Vec<String>>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Recipe, named by packages);

impl Knowledge {
    /// How the package of exactly this path is built.
    #[must_use]
    pub fn recipe(&self, package: &[&str]) -> Option<&Recipe> {
        self.recipes.get(package)
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::table::Row as _;

    use super::*;

    #[test]
    fn builders_of_recipes_are_known() {
        let known = Knowledge::builtin();
        for recipe in known.recipes.rows() {
            let path: Vec<&str> = recipe.builder.split('.').collect();
            let builder = known.builder(&path).map(|builder| builder.name.as_str());
            assert_eq!(builder, Some(recipe.builder.as_str()));
            assert!(recipe.names().all(|package| !package.is_empty()), "{}", recipe.source);
        }
        assert!(known.recipe(&["brave-search-mcp"]).is_none());
    }
}
