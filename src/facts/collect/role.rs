//! What a thing outside the tree is that is no package as it is found there: a function of one, an
//! attribute of one, what a function of nixpkgs makes for the tree.

use std::sync::Arc;

use super::Collector;
use crate::eval::Symbol;
use crate::facts::package::is_method;
use crate::facts::{Origin, Role};

/// Attributes that packages have, and that are no packages.
const ATTRIBUTES: &[&str] = &[
    "version", "pname", "name", "meta", "src", "passthru", "outPath", "drvPath", "outputs",
    "system", "dev", "lib", "bin", "out", "man", "doc", "data",
];

/// Functions that give a set of packages, each changed or made by what they are given.
const MAKERS_OF_SETS: &[&str] = &[
    "linuxPackagesFor",
    "packagesFor",
    "extend",
    "overrideScope",
    "overrideScope'",
    "appendOverlays",
    "makeScope",
];

/// Functions that call a file with the packages that it names.
const CALLERS: &[&str] = &["callPackage", "callPackages", "newScope"];

impl Collector<'_, '_> {
    /// What `symbol` is; `None` for a package as it is found, and where it cannot be told.
    pub(super) fn role_of(&mut self, symbol: &Arc<Symbol>) -> Option<Role> {
        match &**symbol {
            Symbol::Root(_) => None,
            Symbol::Call(function, _) => {
                let by = written(function);
                if is_one_of(function, MAKERS_OF_SETS) {
                    return Some(Role::Packages { by, path: Vec::new() });
                }
                self.builder_path(function)?;
                Some(Role::Made { by })
            }
            Symbol::Select(..) => self
                .part_of_made_set(symbol)
                .or_else(|| self.function(symbol))
                .or_else(|| self.attribute(symbol)),
        }
    }

    /// Something of a set of packages that a function makes.
    fn part_of_made_set(&self, symbol: &Arc<Symbol>) -> Option<Role> {
        let mut path = Vec::new();
        let mut within = symbol;
        while let Symbol::Select(base, name) = &**within {
            path.insert(0, name.to_string());
            within = base;
        }
        let Symbol::Call(function, _) = &**within else { return None };
        let by = written(function);
        is_one_of(function, MAKERS_OF_SETS).then_some(Role::Packages { by, path })
    }

    /// A function of a package, or of a package set.
    fn function(&mut self, symbol: &Arc<Symbol>) -> Option<Role> {
        let Symbol::Select(base, name) = &**symbol else { return None };
        if is_method(name.as_str()) {
            let of = self.package_of(base).filter(|of| of.origin != Origin::Unknown)?;
            return Some(Role::Method { of, name: name.to_string() });
        }
        let is_known = is_one_of(symbol, MAKERS_OF_SETS)
            || is_one_of(symbol, CALLERS)
            || self.builder_path(symbol).is_some();
        // A name alone says nothing of what is handed to a function.
        let is_of_packages = self.package_of(symbol).is_some_and(|it| it.origin != Origin::Unknown);
        (is_known && is_of_packages).then(|| Role::Function { name: written(symbol) })
    }

    /// An attribute of a package that is none itself.
    fn attribute(&mut self, symbol: &Arc<Symbol>) -> Option<Role> {
        let mut names = Vec::new();
        let mut within = symbol;
        while let Symbol::Select(base, name) = &**within {
            names.insert(0, name.as_str());
            if ATTRIBUTES.contains(&name.as_str())
                && let Some(of) = self.package_of(base).filter(|of| of.origin != Origin::Unknown)
            {
                return Some(Role::Attribute { of, name: names.join(".") });
            }
            within = base;
        }
        None
    }
}

fn is_one_of(function: &Symbol, names: &[&str]) -> bool {
    function.last_name().is_some_and(|name| names.contains(&name.as_str()))
}

/// How the function is named, without the arguments that it was given before.
fn written(mut function: &Symbol) -> String {
    while let Symbol::Call(inner, _) = function {
        function = inner;
    }
    function.to_string()
}
