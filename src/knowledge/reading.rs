//! Functions that read what has to be there while Nix evaluates.

use serde::Deserialize;

use super::Table;
use super::evidence::Basis;
use super::table::row;

/// Whose a function is.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionOf {
    /// Nix' own.
    Nix,
    /// Of nixpkgs' library.
    Lib,
    /// Of a set of packages.
    Nixpkgs,
}

/// Functions that read a file or folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reader {
    /// Their last names.
    pub names: Vec<String>,
    /// Whose they are.
    pub of: FunctionOf,
    /// Which of the curried arguments names what is read, from 0.
    #[serde(default)]
    pub argument: u8,
    /// The attribute of that argument, dotted; none where it is the argument itself.
    pub attribute: Option<String>,
    /// What spares the reading of what is fetched or built, as the end of a sentence, where the function
    /// has a way of its own.
    pub instead: Option<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Reader, named by names);

/// Functions that import what they have built themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Generator {
    /// Their last names.
    pub names: Vec<String>,
    /// What spares it, as the end of a sentence.
    pub instead: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Generator, named by names);

/// Attributes of nixpkgs of one sort.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackageNames {
    /// Their paths.
    pub names: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(PackageNames, named by names);

/// What is known of reading while Nix evaluates.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Functions that read.
    pub readers: Table<Reader>,
    /// Functions that import what they have built.
    pub generators: Table<Generator>,
    /// Attributes that hold packages.
    pub package_sets: Table<PackageNames>,
    /// Attributes beside packages that are none.
    pub no_derivations: Table<PackageNames>,
}

impl Reading {
    /// Whether the attribute of nixpkgs at this path is a derivation, as far as its name tells.
    #[must_use]
    pub fn is_derivation(&self, path: &[&str]) -> bool {
        match path {
            [] => false,
            [name] => self.no_derivations.get(&[name]).is_none() && !self.is_set(path),
            [set @ .., _] => self.is_set(set),
        }
    }

    fn is_set(&self, path: &[&str]) -> bool {
        self.package_sets.get(path).is_some()
    }
}
