//! What a change of an attribute is about.

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;

/// What an attribute decides about a package.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Whether its tests run at all.
    Check,
    /// Which of its tests run, and how.
    CheckDetail,
    /// How its finished programs are started, and their desktop files.
    Wrapper,
    /// A phase after the compilation: what its text does decides.
    Hook,
    /// What is changed in its source.
    Patch,
    /// Which source it is made of.
    Version,
    /// What it is made with.
    Dependencies,
}

/// Attributes that decide about the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AttributeChange {
    /// What they decide.
    pub kind: ChangeKind,
    /// The attributes.
    pub names: Vec<String>,
    /// The last names of inputs that serve nothing else.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(AttributeChange, named by names);

/// Options of which the module overrides the package that it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OverridingOption {
    /// The options, dotted.
    pub names: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(OverridingOption, named by names);
