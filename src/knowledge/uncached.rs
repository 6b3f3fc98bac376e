//! What is compiled with no override to see: by an option, or because no cache ever has it.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::Basis;
use super::table::row;
use super::value::DefaultValue;

/// An option after which a package is compiled.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CompilingOption {
    /// The option, dotted.
    pub option: String,
    /// The value after which nothing is.
    #[serde(default = "off")]
    pub default: DefaultValue,
    /// It counts where this option is true.
    pub only_if: Option<String>,
    /// The package, as its row of `packages.toml` is called.
    pub package: Option<String>,
    /// The value is a list of names of packages.
    #[serde(default)]
    pub names_packages: bool,
    /// It counts where a call of this builder stands in the value.
    pub made_by: Option<String>,
    /// What is compiled, as the end of a sentence.
    pub compiles: String,
    /// What to do instead, as a sentence.
    pub instead: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// A package that cache.nixos.org never has.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UncachedPackage {
    /// Its attribute paths, dotted.
    pub attrs: Vec<String>,
    /// Why, as what follows its name in a sentence.
    pub why: String,
    /// Caches that build this ([`Cache::builds`](super::Cache::builds)) have it still.
    pub built_for: Option<String>,
    /// Options that use it.
    #[serde(default)]
    pub options: Vec<UsedBy>,
    /// How the names begin, with versions, under which it is permitted though insecure.
    #[serde(default)]
    pub insecure: Vec<String>,
    /// The row of `packages.toml` that has its cost.
    pub cost: String,
    /// The argument that is on in it.
    pub with: Option<String>,
    /// What to do instead, as a sentence.
    pub instead: Option<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// An option that uses a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UsedBy {
    /// The option, dotted.
    pub option: String,
    /// The value that uses it; `true` where none is given.
    pub value: Option<DefaultValue>,
    /// It counts where this option is true.
    pub only_if: Option<String>,
    /// The option that gives another package instead.
    pub unless: Option<String>,
}

fn off() -> DefaultValue {
    DefaultValue::Bool(false)
}

row!(CompilingOption, named option);

row!(UncachedPackage, named by attrs);

impl Knowledge {
    /// The options, dotted, by which something is compiled or used that no cache has.
    pub fn options_that_compile(&self) -> impl Iterator<Item = &str> {
        let compiling = self
            .compiling_options
            .rows()
            .iter()
            .flat_map(|row| std::iter::once(&row.option).chain(&row.only_if));
        let used = self.never_cached.rows().iter().flat_map(|row| &row.options);
        let used =
            used.flat_map(|by| std::iter::once(&by.option).chain(&by.only_if).chain(&by.unless));
        compiling.chain(used).map(String::as_str)
    }

    /// The row of a package that is permitted under this name, though marked insecure.
    #[must_use]
    pub fn insecure(&self, name: &str) -> Option<&UncachedPackage> {
        let begins =
            |row: &&UncachedPackage| row.insecure.iter().any(|start| name.starts_with(start));
        self.never_cached.rows().iter().find(begins)
    }
}
