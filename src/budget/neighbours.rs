//! What overlays change beside a package, and it may be built with.
//!
//! Which packages of nixpkgs are built with which, only nixpkgs knows. But what is certain to leave the
//! cache for something else leaves it whatever its own override does, and who takes that override for the
//! reason would be misled. So messages name what else is changed, and leave the rest to a dry run.

use super::concern::Judge;
use super::kinds;
use super::work::{self, Work};
use crate::facts::{Origin, OverrideSite, Package, Redefinition};
use crate::knowledge::{PackageClass, Tier};

/// So many names stand in a message.
const MAX_NAMES: usize = 2;

impl<'a> Judge<'a> {
    /// Other attributes that overlays make other derivations of, and that the package of `site` may be
    /// built with: those that much of nixpkgs is built with first, then those of its own scope.
    pub fn neighbours(&self, site: &OverrideSite) -> Vec<&'a Redefinition> {
        let Some(package) = site.package.as_ref().filter(|it| it.origin == Origin::Stock) else {
            return Vec::new();
        };
        let all = self.facts.redefinitions.iter().filter(|other| other.is_shared());
        let mut found: Vec<&Redefinition> = Vec::new();
        for other in all.filter(|other| other.path.last() != package.path.last()) {
            let is_known = found.iter().any(|known| known.path.last() == other.path.last());
            if !is_known && self.is_used_by_others(other) && self.is_changed(other) {
                found.push(other);
            }
        }
        found.sort_by_key(|other| {
            let tier = self.tier(other);
            (tier.is_none(), tier, !is_beside(other, package))
        });
        found
    }

    /// Whether `package` may well be built with `other`: much of nixpkgs is, or it is of one scope with
    /// it.
    pub fn is_likely(&self, other: &Redefinition, package: &Package) -> bool {
        self.tier(other).is_some() || is_beside(other, package)
    }

    /// How much of nixpkgs is built with `other`, whichever versions are the default ones.
    fn tier(&self, other: &Redefinition) -> Option<Tier> {
        let path = path_of(other);
        let row = self.knowledge.tier(&path).filter(|row| !row.only_if_default(&path));
        row.map(|row| row.tier)
    }

    /// Whether others may be built with it: with a browser, a vendor's binary or a fetcher hardly
    /// anything is.
    fn is_used_by_others(&self, other: &Redefinition) -> bool {
        let path = path_of(other);
        let row = self.knowledge.package(&path);
        self.knowledge.browser(&path).is_none()
            && self.knowledge.builder(&path).is_none()
            && self.knowledge.harmless.get(&path).is_none()
            && row.is_none_or(|row| row.class == PackageClass::Compiled && !row.wraps)
    }

    fn is_changed(&self, other: &Redefinition) -> bool {
        let changes = |site: &OverrideSite| {
            let work = work::work_of_override(self.knowledge, self.facts, site);
            other.is_made_by(site)
                && !matches!(work, Work::Nothing | Work::Metadata)
                && !kinds::is_for_unusual_platform(self.tree, site)
        };
        let mut at = other.overrides.iter().flat_map(|span| self.facts.overrides_at(*span));
        // What takes the place of a package may as well be the tree's own, under a new name.
        let is_of_nixpkgs = || {
            let row = self.knowledge.package(&path_of(other));
            self.knowledge.tier(&path_of(other)).is_some() || row.is_some_and(|row| row.stock)
        };
        at.any(changes) || other.overrides.is_empty() && is_of_nixpkgs()
    }
}

/// Their names in a sentence: `a`, `a or b`, `a, b or 3 others`.
pub fn listed(neighbours: &[&Redefinition]) -> String {
    let mut names: Vec<String> =
        neighbours.iter().take(MAX_NAMES).map(|other| other.path.join(".")).collect();
    match neighbours.len().saturating_sub(MAX_NAMES) {
        0 => {}
        1 => names.push("one other".to_owned()),
        more => names.push(format!("{more} others")),
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Whether both are of one scope, such as Python's packages.
fn is_beside(other: &Redefinition, package: &Package) -> bool {
    let scope = |path: &[String]| path.split_last().map(|(_, scope)| scope.to_vec());
    other.path.len() > 1 && scope(&other.path) == scope(&package.path)
}

fn path_of(other: &Redefinition) -> Vec<&str> {
    other.path.iter().map(String::as_str).collect()
}
