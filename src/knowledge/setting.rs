//! Settings of Nix, by who may set them.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::{Basis, Evidence};
use super::table::Row;

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

impl Row for RestrictedSettings {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

impl Knowledge {
    /// What is known of a setting that the daemon does not take from every user.
    #[must_use]
    pub fn restricted_setting(&self, name: &str) -> Option<&RestrictedSettings> {
        self.restricted_settings.get(&[name])
    }
}
