//! How it shows that a configuration uses a package that is not named in it.

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;

/// What a heavy package is installed by, other than by its own name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstalledAs {
    /// The attribute path of what is compiled, dotted.
    pub attr: String,
    /// Packages that are made of it.
    pub packages: Vec<String>,
    /// Programs that install one of these when `programs.NAME.enable` is set, in any kind of module.
    #[serde(default)]
    pub programs: Vec<String>,
    /// The same, in home-manager only.
    #[serde(default)]
    pub home_programs: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(InstalledAs, named attr);

impl InstalledAs {
    /// Whether the package at `path` is it, or is made of it.
    #[must_use]
    pub fn is_installed_by(&self, path: &[&str]) -> bool {
        std::iter::once(&self.attr)
            .chain(&self.packages)
            .any(|name| super::name::NamePattern::new(name).matches(path))
    }
}
