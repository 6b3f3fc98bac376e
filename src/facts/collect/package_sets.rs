//! What package sets are made with: the arguments of `import nixpkgs { … }`.

use super::Collector;
use crate::eval::{AttrSet, Kind, Slot};
use crate::facts::{AppliesTo, PackageSetOption};

/// The arguments that are looked into.
const ARGUMENTS: [&str; 3] = ["config", "localSystem", "crossSystem"];

/// Sets in them are looked into to this depth.
const MAX_DEPTH: usize = 4;

impl Collector<'_, '_> {
    /// Keeps what nixpkgs is called with.
    pub(super) fn collect_package_set(&mut self, arguments: &AttrSet) {
        for name in ARGUMENTS {
            if let Some(slot) = arguments.get(name.into()).copied() {
                self.collect_package_set_option(&slot, &[], false);
            }
        }
    }

    fn collect_package_set_option(&mut self, slot: &Slot, above: &[&str], conditional: bool) {
        if !self.takes_definition() {
            return;
        }
        let path: Vec<&str> = above.iter().copied().chain([slot.name.as_str()]).collect();
        let conditional = conditional || slot.optional;
        let value = self.evaluator.force(slot.value);
        match &value.kind {
            Kind::Attrs(set) if path.len() < MAX_DEPTH => {
                for slot in set.clone().slots() {
                    self.collect_package_set_option(slot, &path, conditional);
                }
            }
            _ => {
                let applies_to = self.applications.applying.clone();
                self.keep_package_set_option(slot, &path, conditional, applies_to);
            }
        }
    }

    /// Keeps the package set that a configuration is given.
    pub(super) fn collect_given_packages(&mut self, packages: &Slot) {
        self.keep_package_set_option(packages, &["pkgs"], false, AppliesTo::Configurations);
    }

    fn keep_package_set_option(
        &mut self,
        slot: &Slot,
        path: &[&str],
        conditional: bool,
        applies_to: AppliesTo,
    ) {
        let Some(key) = slot.key else { return };
        let value = self.freeze(slot.value);
        let path = path.iter().map(ToString::to_string).collect();
        let option = PackageSetOption { path, key, value, conditional, applies_to };
        self.facts.package_set_options.push(option);
    }
}

/// Sorts what was collected, each option once, with the most that its package set is for.
pub(super) fn settle(options: &mut Vec<PackageSetOption>) {
    options.sort_by(|a, b| {
        let place = |one: &PackageSetOption| one.key.sort_key();
        (place(a), &a.path, &b.applies_to).cmp(&(place(b), &b.path, &a.applies_to))
    });
    options.dedup_by(|later, earlier| later.key == earlier.key && later.path == earlier.path);
}
