//! What nixpkgs itself gives packages: what an override takes the place of.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::Basis;
use super::table::row;

/// The attributes that the expression of some packages sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Upstream {
    /// The attribute paths in nixpkgs, dotted.
    pub packages: Vec<String>,
    /// Those that are not empty on x86_64-linux with default arguments.
    pub attributes: Vec<String>,
    /// The variables in its `env` that are not empty.
    #[serde(default)]
    pub env: Vec<String>,
    /// The variables in its `env` that are.
    #[serde(default)]
    pub empty_env: Vec<String>,
    /// The expression, at its commit.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl Upstream {
    /// Whether the attribute `name` of the derivation is set, to something that is not empty.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute == name)
            || name == "env" && !self.env.is_empty()
    }

    /// Whether the variable `name` of `env` is set, to something that is not empty.
    #[must_use]
    pub fn sets_variable(&self, name: &str) -> bool {
        self.env.iter().any(|variable| variable == name)
    }

    /// Whether the variable `name` is in `env` at all.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        self.sets_variable(name) || self.empty_env.iter().any(|variable| variable == name)
    }
}

row!(Upstream, named by packages);

impl Knowledge {
    /// What nixpkgs gives the package of exactly this path; `None` where nobody has looked.
    #[must_use]
    pub fn upstream(&self, package: &[&str]) -> Option<&Upstream> {
        self.upstream.get(package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_does_not_name_is_not_set() {
        let of = |path: &[&str]| Knowledge::builtin().upstream(path);
        let sqlite = of(&["sqlite"]).expect("a row");
        assert!(sqlite.sets("configureFlags") && sqlite.sets("env"));
        assert!(sqlite.sets_variable("NIX_CFLAGS_COMPILE") && !sqlite.sets("NIX_CFLAGS_COMPILE"));
        assert!(!sqlite.sets("patches"));
        let jemalloc = of(&["jemalloc"]).expect("a row");
        assert!(jemalloc.has_variable("NIX_CFLAGS_COMPILE") && !jemalloc.sets("env"));
        assert!(of(&["python313Packages", "torch"]).is_some());
        assert!(of(&["hello"]).is_none());
    }
}
