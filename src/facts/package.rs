//! Which package a symbol is, and whether a binary cache can have it.

use std::fmt;

use crate::eval::{PackageSet, Root, Symbol};

/// A package and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Package {
    /// Where it is from.
    pub origin: Origin,
    /// Its attribute path, without the package set: `["python3Packages", "torch"]`. For an input's
    /// package, what follows the system. Empty for a derivation of the tree's own.
    pub path: Vec<String>,
}

/// Where a package is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The tree's nixpkgs: a binary cache has it as it is.
    Stock,
    /// Another nixpkgs, by the name of its input or binding.
    OtherNixpkgs(String),
    /// A flake input's own package.
    Input(String),
    /// A derivation that the tree itself writes.
    Own,
    /// It cannot be told.
    Unknown,
}

/// Methods that give the same package with changes.
pub(super) const METHODS: &[&str] =
    &["override", "overrideAttrs", "overridePythonAttrs", "overrideDerivation", "overrideAttrs'"];

/// Stands, in a symbol's path, for the attributes that a package had before an override.
pub(super) const OLD_ATTRIBUTES: &str = "oldAttributes";

/// Whether `name` is a method that changes a package.
pub(super) fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

impl Package {
    /// A package of the tree's own nixpkgs.
    pub fn stock(path: &[&str]) -> Package {
        Package { origin: Origin::Stock, path: path.iter().map(|&name| name.to_owned()).collect() }
    }

    /// Its path as the knowledge tables look it up.
    pub fn lookup_path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Whether it is an attribute of a nixpkgs, which a binary cache has as it is.
    pub fn is_stock(&self) -> bool {
        matches!(self.origin, Origin::Stock | Origin::OtherNixpkgs(_))
    }

    /// Its dotted path: how a message calls it.
    pub fn name(&self) -> String {
        match (&self.origin, self.path.as_slice()) {
            (Origin::Input(input), [] | [_]) if self.path.iter().all(|name| name == "default") => {
                input.clone()
            }
            _ => self.path.join("."),
        }
    }

    /// What package `symbol` is, overrides taken away; `None` where it is none that can be named.
    pub(super) fn of(symbol: &Symbol) -> Option<Package> {
        match symbol {
            Symbol::Call(function, _) => match &**function {
                Symbol::Select(base, method) if is_method(method.as_str()) => Package::of(base),
                _ => None,
            },
            _ => {
                let (root, names) = symbol.path()?;
                let path: Vec<String> = names.iter().map(ToString::to_string).collect();
                Package::at(root, path)
            }
        }
    }

    fn at(root: &Root, path: Vec<String>) -> Option<Package> {
        let inside_a_package = path.iter().any(|name| name == OLD_ATTRIBUTES);
        if path.is_empty() || inside_a_package {
            return None;
        }
        let origin = match root {
            Root::Packages(PackageSet::Main | PackageSet::Previous) => Origin::Stock,
            Root::Packages(PackageSet::Other(name)) => Origin::OtherNixpkgs(name.to_string()),
            Root::Input(input) => {
                let origin = Origin::Input(input.to_string());
                let is_set =
                    matches!(path[0].as_str(), "packages" | "legacyPackages" | "defaultPackage");
                let path = if is_set { path.into_iter().skip(2).collect() } else { path };
                return Some(Package { origin, path });
            }
            Root::Parameter(..) => Origin::Unknown,
            _ => return None,
        };
        Some(Package { origin, path })
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
