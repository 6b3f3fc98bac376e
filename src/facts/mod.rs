//! What the tree says about building, frozen: overrides, derivations, overlays, settings and host
//! profiles, as plain data that every tree rule reads and nothing else.
//!
//! [`collect`] drives the evaluator from the tree's roots (flakes, else entry files) and then over
//! every call that no root reached, and keeps what it learned without the evaluator.

mod arithmetic;
mod collect;
mod derivation_read;
mod fetches;
mod inputs;
mod inspection;
mod lookup;
mod override_site;
mod package;
mod package_set;
mod read;
mod redefinition;
mod settings;
mod substituters;
mod value;

pub use arithmetic::StringArithmetic;
pub use collect::{Ahead, Session, Words, Work, collect, inspect};
pub use derivation_read::{DerivationRead, OutputRead};
pub use fetches::{LookupPath, Unpinned, UnpinnedFetch};
pub use inputs::{
    Flake, FlakeInput, InputOverride, LockedNixpkgs, NixConfigValue, Reference, release_of,
};
pub use inspection::{How, Inspection, OnlyIf, Place, Role, Step, Traced};
pub use override_site::{Call, Change, Context, DerivationSite, Method, OverrideSite, ProfileName};
pub use package::{Origin, Package};
pub use package_set::PackageSetOption;
pub use read::{Read, ReadOf};
pub use redefinition::{AppliesTo, Installed, Redefinition};
pub use settings::{Configuration, HostProfile, ModuleKind, Priority, Setting, SettingPlace};
pub use substituters::{CacheElement, CacheList, CacheSetting, Written};
pub use value::{ValueFact, ValueKind};

use crate::eval::GivenUp;
use crate::source::Span;
use lookup::Found;

/// What the tree says about building: plain data, free to share between threads.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Every `.override`, `.overrideAttrs` and the like, once for each package it is applied to,
    /// sorted by place.
    pub overrides: Vec<OverrideSite>,
    /// Every call of a function that makes a derivation, sorted by place.
    pub derivations: Vec<DerivationSite>,
    /// The attributes that overlays define, sorted by place.
    pub overlay_entries: Vec<OverlayEntry>,
    /// The attributes of nixpkgs that overlays define anew, scopes looked into, sorted by place.
    pub redefinitions: Vec<Redefinition>,
    /// What package sets are made with, sorted by place.
    pub package_set_options: Vec<PackageSetOption>,
    /// The packages that configurations install, sorted by place.
    pub installed: Vec<Installed>,
    /// Definitions of options, and lines of nix.conf, sorted by place.
    pub settings: Vec<Setting>,
    /// The configurations that the modules make up, in the order they were met.
    pub configurations: Vec<Configuration>,
    /// Hardware profiles, recognised by their shape, sorted by place.
    pub profiles: Vec<HostProfile>,
    /// Text of profiles that is computed with, in the order of the files.
    pub string_arithmetic: Vec<StringArithmetic>,
    /// Fetches that may give something else tomorrow, sorted by place.
    pub unpinned_fetches: Vec<UnpinnedFetch>,
    /// What is read out of derivations while Nix evaluates, sorted by place.
    pub derivation_reads: Vec<DerivationRead>,
    /// Lookup paths in what flakes evaluate, sorted by place.
    pub lookup_paths: Vec<LookupPath>,
    /// The flakes of the tree, those nearest its root first.
    pub flakes: Vec<Flake>,
    /// The names of the public keys that stand in the tree's text, sorted; `…` for one of which the
    /// name is computed.
    pub public_keys: Vec<String>,
    /// The public keys themselves, those of which the name is computed apart, sorted.
    pub public_key_texts: Vec<String>,
    /// What could not be followed.
    pub coverage: Coverage,
    /// Where evaluation went no further, sorted by place: once for each file and limit.
    pub given_up: Vec<GivenUp>,
    lookup: Found,
}

/// An attribute of an overlay.
#[derive(Debug, Clone)]
pub struct OverlayEntry {
    /// The attribute's name.
    pub name: String,
    /// Where the name is written.
    pub key: Span,
    /// The whole definition with its semicolon; for `inherit (prev) x;` the name alone.
    pub definition: Span,
    /// What it is bound to, when it is nothing but a package: `x = prev.x;`.
    pub alias_of: Option<Package>,
    /// The value is an override of the package of the same name from the layer below.
    pub redefines: bool,
    /// The value comes from the layer below the overlay, not from the finished package set.
    pub from_previous: bool,
    /// The value is something of nixpkgs, or what a function of nixpkgs makes.
    pub is_of_nixpkgs: bool,
    /// It may be missing, by a condition that cannot be decided.
    pub conditional: bool,
    /// What the overlay is applied to.
    pub applies_to: AppliesTo,
    /// The value is a set of the layer below with more in it, or with some of it changed: what else
    /// is in it is as it was.
    pub extends: bool,
}

/// How many calls were met, and how many could not be understood.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Overrides in the text.
    pub overrides: usize,
    /// Those of which the package or the changes could not be followed.
    pub overrides_unresolved: usize,
    /// Derivations in the text.
    pub derivations: usize,
    /// Those of which the attributes could not be followed.
    pub derivations_unresolved: usize,
}

impl Facts {
    /// What any attribute of the tree's overrides and derivations is made of that changes with the
    /// configuration itself.
    pub fn reads(&self) -> impl Iterator<Item = &Read> {
        let overrides = self.overrides.iter().flat_map(|site| &site.changes);
        let derivations = self.derivations.iter().flat_map(|site| &site.attributes);
        let all = overrides.chain(derivations);
        all.flat_map(|change| std::iter::once(change).chain(&change.inner))
            .flat_map(|change| &change.reads)
    }
}

#[cfg(test)]
mod tests;
