//! How much of nixpkgs a change of one attribute rebuilds.

use std::fmt;

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;
use super::value::DefaultValue;

/// How many packages depend on an attribute.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Deserialize)]
pub enum Tier {
    /// In the closure of stdenv, or feeding it: practically everything.
    S,
    /// More than 5,000 packages.
    A,
    /// 1,001 to 5,000 packages.
    B,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Tier::S => "S",
            Tier::A => "A",
            Tier::B => "B",
        })
    }
}

/// Attributes of one tier.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MassRebuild {
    /// S, A or B.
    pub tier: Tier,
    /// Attribute paths, dotted.
    pub attrs: Vec<String>,
    /// Attributes of one version, which are of this tier only where the unversioned name is that
    /// version: to be said with "if this is your nixpkgs' default".
    #[serde(default)]
    pub if_default: Vec<String>,
    /// What is rebuilt, as the end of a sentence: "every Go package".
    pub rebuilds: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(MassRebuild => |row| row.attrs.iter().chain(&row.if_default).map(String::as_str));

impl MassRebuild {
    /// Whether this attribute is of this tier only if it is its nixpkgs' default version.
    #[must_use]
    pub fn only_if_default(&self, path: &[&str]) -> bool {
        let named = |names: &[String]| {
            names.iter().any(|name| super::name::NamePattern::new(name).matches(path))
        };
        named(&self.if_default) && !named(&self.attrs)
    }
}

/// Attributes with few dependents of which one is heavy.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Drags {
    /// Attribute paths, dotted.
    pub attrs: Vec<String>,
    /// When not any change does, the arguments that do.
    #[serde(default)]
    pub only_arguments: Vec<String>,
    /// The heavy attributes that are compiled with it.
    pub victims: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Drags, named by attrs);

/// Attributes that look like a mass rebuild and are none.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Harmless {
    /// Attribute paths, dotted.
    pub attrs: Vec<String>,
    /// Why.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(Harmless, named by attrs);

/// What an option of nixpkgs' `config` rebuilds.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigEffect {
    /// Most packages.
    MassRebuild,
    /// The packages that read it.
    SomeRebuild,
    /// None.
    None,
}

/// An option of nixpkgs' `config`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigOption {
    /// Option paths below `nixpkgs.config`, dotted.
    pub options: Vec<String>,
    /// The value that leaves everything as it is.
    #[serde(default = "off")]
    pub default: DefaultValue,
    /// What setting one to other than its default rebuilds.
    pub effect: ConfigEffect,
    /// As the end of a sentence.
    pub rebuilds: Option<String>,
    /// Heavy attributes among what is rebuilt.
    #[serde(default)]
    pub victims: Vec<String>,
    /// Caches that build this ([`Cache::builds`](super::Cache::builds)) have what is rebuilt.
    pub built_for: Option<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

fn off() -> DefaultValue {
    DefaultValue::Bool(false)
}

row!(ConfigOption, named by options);

/// Attributes of the platform that packages are built for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlatformAttribute {
    /// Paths below `hostPlatform`, dotted.
    pub attrs: Vec<String>,
    /// What setting one rebuilds, as the end of a sentence.
    pub rebuilds: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(PlatformAttribute, named by attrs);

/// Sets of nixpkgs in which every package is built another way.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VariantSet {
    /// Their attribute paths, dotted.
    pub names: Vec<String>,
    /// What using one instead of the plain set rebuilds, as the end of a sentence.
    pub rebuilds: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(VariantSet, named by names);
