//! Settings of Nix, by who may set them.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::{Basis, Evidence};
use super::table::row;

/// Settings that the daemon does not take from every user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RestrictedSettings {
    /// The settings.
    pub names: Vec<String>,
    /// It takes them from no client at all, not even from trusted users.
    #[serde(default)]
    pub always: bool,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(RestrictedSettings, named by names);

impl Knowledge {
    /// What is known of a setting that the daemon does not take from every user.
    #[must_use]
    pub fn restricted_setting(&self, name: &str) -> Option<&RestrictedSettings> {
        self.restricted_settings.get(&[name])
    }
}

/// The features of a machine that builds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SystemFeatures {
    /// Those of NixOS, where nothing sets others.
    pub defaults: Vec<String>,
    /// The one that heavy packages ask for.
    pub heavy: String,
    /// What stands before an architecture in the feature that everything built for it asks for.
    pub architecture: String,
    /// Architectures that packages do not ask for: platforms have them by default.
    #[serde(default)]
    pub usual: Vec<String>,
    /// From when on NixOS merges a plain list with its own, in seconds since 1970.
    pub merged_since: i64,
    /// The first release that does.
    pub merged_release: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl SystemFeatures {
    /// Where this is known from, and how well.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

/// Where Nix builds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildFolder {
    /// Where older releases of Nix build.
    pub before: String,
    /// A nixpkgs from before this, in seconds since 1970, has only such a Nix.
    pub in_tmp_before: i64,
    /// A nixpkgs from after this, in seconds since 1970, has no such Nix by default.
    pub on_disk_since: i64,
    /// The first release of NixOS of which this holds.
    pub on_disk_release: String,
    /// Folders that are always in memory.
    pub memory: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl BuildFolder {
    /// Where this is known from, and how well.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}
