//! Facts in order, each once, and what only all of them together say: what the overlays of the tree
//! make of the names of packages, and which settings belong to a host.

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::{package_sets, redefinitions};
use crate::facts::{Change, Facts, Origin, Package, Setting};
use crate::source::FileId;

impl Facts {
    /// Brings what was found into order, each thing once.
    pub(super) fn settle(&mut self, own: &OwnNames) {
        self.overrides
            .sort_by_key(|site| (site.call.span.sort_key(), site.call.reported_at().sort_key()));
        self.derivations.sort_by_key(|site| site.call.span.sort_key());
        redefinitions::settle(&mut self.redefinitions);
        package_sets::settle(&mut self.package_set_options);
        self.profiles.sort_by_key(|profile| profile.file);
        self.settle_installed(own);
        self.settle_settings();
    }

    /// Each entry once, with the most that its overlay is applied to.
    pub(super) fn settle_overlay_entries(&mut self) {
        self.overlay_entries.sort_by(|a, b| {
            (a.key.sort_key(), &b.applies_to).cmp(&(b.key.sort_key(), &a.applies_to))
        });
        self.overlay_entries.dedup_by_key(|entry| entry.key);
    }

    /// What is installed for certain before what only perhaps is.
    fn settle_installed(&mut self, own: &OwnNames) {
        for one in &mut self.installed {
            settle_origin(&mut one.package, true, own);
        }
        self.installed.sort_by(|one, other| {
            let (place, other_place) = (one.place.sort_key(), other.place.sort_key());
            (place, &one.host, one.conditional).cmp(&(other_place, &other.host, other.conditional))
        });
        self.installed.dedup_by(|later, earlier| {
            (later.place, &later.host) == (earlier.place, &earlier.host)
                && later.package == earlier.package
        });
    }

    fn settle_settings(&mut self) {
        self.settings.sort_by(|one, other| setting_key(one).cmp(&setting_key(other)));
        self.settings.dedup_by(|later, earlier| setting_key(later) == setting_key(earlier));
        // A module of a configuration was perhaps looked at by itself as well. What was found there
        // stands before what was found in the configurations.
        let pairs = self.settings.windows(2);
        let is_followed = pairs.map(|pair| is_same_definition(&pair[0], &pair[1]));
        let is_followed: Vec<bool> = is_followed.chain([false]).collect();
        let mut is_followed = is_followed.into_iter();
        self.settings.retain(|setting| {
            let is_followed = is_followed.next().unwrap_or(false);
            setting.host.is_some() || !is_followed
        });
    }
}

fn setting_key(setting: &Setting) -> ((FileId, u32, u32), &[String], Option<&str>) {
    (setting.key.sort_key(), &setting.path, setting.host.as_deref())
}

fn is_same_definition(one: &Setting, other: &Setting) -> bool {
    one.key == other.key && one.path == other.path
}

/// The names that overlays bind to something other than the package of that name, and whether it is a
/// set of nixpkgs with more in it.
pub(super) type OwnNames = FxHashMap<String, bool>;

/// The names that the overlays of a tree make their own.
pub(super) fn names_of_own(facts: &Facts) -> OwnNames {
    let mut own = OwnNames::default();
    let entries = facts.overlay_entries.iter();
    for entry in entries.filter(|entry| !entry.redefines && !entry.from_previous) {
        own.entry(entry.name.clone()).or_insert(entry.extends);
    }
    own
}

/// A name that an overlay of the tree binds to something else is no package of nixpkgs; of a set that
/// it extends, nobody knows which packages are.
pub(super) fn settle_origin(package: &mut Package, is_final: bool, own: &OwnNames) {
    if !is_final || package.origin != Origin::Stock {
        return;
    }
    match package.path.first().and_then(|name| own.get(name)) {
        None => {}
        Some(true) => package.origin = Origin::Unknown,
        Some(false) => package.origin = Origin::Own,
    }
}

/// The same for the packages that an attribute names, each once.
pub(super) fn settle_needs(change: &mut Change, own: &OwnNames) {
    let mut needs = ThinVec::with_capacity(change.needs.len());
    for mut package in std::mem::take(&mut change.needs) {
        settle_origin(&mut package, true, own);
        if !needs.contains(&package) {
            needs.push(package);
        }
    }
    change.needs = needs;
    change.inner.iter_mut().for_each(|inner| settle_needs(inner, own));
}
