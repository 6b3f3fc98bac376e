//! Attributes of nixpkgs that overlays define anew, and what the overlays are applied to: what
//! decides how much a change of one package rebuilds.

use super::override_site::OverrideSite;
use crate::source::Span;

/// An attribute of nixpkgs that an overlay makes from what it was, or replaces by a derivation.
#[derive(Debug, Clone)]
pub struct Redefinition {
    /// Its path in the package set. `["qt6", "qtbase"]` where a scope is overridden; packages of
    /// Python's sets stand under `python3Packages` or the name of the version's own set.
    pub path: Vec<String>,
    /// Where the name is written.
    pub key: Span,
    /// The whole definition with its semicolon.
    pub definition: Span,
    /// The overrides that make it, outermost first. Empty where another derivation takes its place.
    pub overrides: Vec<Span>,
    /// It may stay what it was, by a condition that cannot be decided.
    pub conditional: bool,
    /// What the overlay is applied to.
    pub applies_to: AppliesTo,
}

/// What an overlay or a setting of nixpkgs is applied to. Of several, the greatest counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum AppliesTo {
    /// Nothing in the tree that could be followed: whoever uses it.
    #[default]
    Unknown,
    /// A package set of its own, bound to this name.
    Separate(String),
    /// The packages of the tree's configurations.
    Configurations,
}

/// A package of nixpkgs that a configuration installs, as it is or with changes.
#[derive(Debug, Clone)]
pub struct Installed {
    /// The package, overrides taken away.
    pub package: super::Package,
    /// It is changed by overrides.
    pub changed: bool,
    /// Where it is named.
    pub place: Span,
    /// The dotted option that it is installed by.
    pub option: String,
    /// It may be left out, by a condition that cannot be decided.
    pub conditional: bool,
    /// The configuration it belongs to; `None` for a module that no configuration of the tree
    /// imports.
    pub host: Option<String>,
}

impl Redefinition {
    /// Whether it is of a package set that others use: not of one under a name of its own.
    pub fn is_shared(&self) -> bool {
        !matches!(self.applies_to, AppliesTo::Separate(_))
    }

    /// Whether it is another derivation for certain, by what `changes` of it change.
    pub fn is_certain(&self, changes: &[&OverrideSite]) -> bool {
        let surely = |change: &&OverrideSite| {
            change.call.condition.is_none() && change.changes.iter().any(|one| !one.optional)
        };
        !self.conditional && changes.iter().any(surely)
    }

    /// Whether `site` is one of the overrides that make it what it is: that of this package, where a
    /// helper is used for several.
    pub fn is_made_by(&self, site: &OverrideSite) -> bool {
        let is_here = |used: Span| {
            used.file == self.definition.file && self.definition.range.contains_range(used.range)
        };
        self.overrides.contains(&site.call.span)
            && site.call.used_at.is_none_or(is_here)
            && site.package.as_ref().is_some_and(|package| package.path.last() == self.path.last())
    }
}
