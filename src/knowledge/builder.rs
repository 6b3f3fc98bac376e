//! The functions that make derivations, and the attributes that keep one from compiling.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::evidence::{Basis, Evidence, Known};
use super::table::row;
use super::value::DefaultValue;

/// What a builder's derivation does.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuilderClass {
    /// Compiles or runs a build, minutes to hours.
    Compiles,
    /// Writes text, links, copies, wraps.
    Trivial,
    /// A fixed-output download: what comes out is named by its hash.
    Fetch,
}

/// A function that makes a derivation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Builder {
    /// The last attributes of its path, dotted: `buildRustPackage`, `haskellPackages.mkDerivation`.
    pub name: String,
    /// Others of the same shape.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Compiles, trivial or fetch.
    pub class: BuilderClass,
    /// The language it builds, as `timeouts.toml` names it.
    pub language: String,
    /// The package whose cost is that of whatever it makes, where it makes one thing alone.
    pub makes: Option<String>,
    /// Which of its curried arguments holds the derivation's attributes, from 0; none when no
    /// argument does.
    pub attributes_at: Option<u8>,
    /// Whether an attribute that the builder does not know enters the derivation, and so its hash.
    pub forwards_unknown: Known,
    /// Whether it takes a `meta` and keeps it out of the derivation.
    #[serde(default = "yes")]
    pub takes_meta: bool,
    /// Whether it is a function in a set the user made (`crane`'s `buildPackage`), so that the name
    /// alone proves less than a name of nixpkgs.
    #[serde(default)]
    pub third_party: bool,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl Builder {
    /// Whether it is stdenv's own function, which builds whatever its phases say and adds no inputs.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.name == "mkDerivation"
    }
}

row!(Builder, named name, and by aliases);

fn yes() -> bool {
    true
}

/// What is known of an attribute of a derivation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attribute {
    /// It is not set.
    Absent,
    /// It is set to this literal.
    Literal(DefaultValue),
    /// It is set to something that evaluation does not know.
    Unknown,
}

/// The attributes of a derivation, as far as they are known.
pub trait Attributes {
    /// What is known of the attribute `name`.
    fn attribute(&self, name: &str) -> Attribute;
    /// Whether the package `name` is known to be among the inputs.
    fn has_input(&self, name: &str) -> bool;
    /// Whether all inputs are known, and each of them is one of `names`.
    fn has_no_input_but(&self, names: &[String]) -> bool;
}

/// Attributes that together say that nothing is compiled, or that nothing shows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoCompile {
    /// Each of these has this value.
    #[serde(default)]
    pub set: BTreeMap<String, DefaultValue>,
    /// Each of these is present, whatever its value.
    #[serde(default)]
    pub present: Vec<String>,
    /// None of these is present.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Each of these packages is among the inputs.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// No other package than these is among the inputs.
    pub inputs_within: Option<Vec<String>>,
    /// How a message says it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl NoCompile {
    /// Whether a derivation with these attributes is of this kind.
    pub fn applies(&self, given: &impl Attributes) -> bool {
        let holds = |(name, value): (&String, &DefaultValue)| {
            given.attribute(name) == Attribute::Literal(value.clone())
        };
        self.set.iter().all(holds)
            && self.present.iter().all(|name| given.attribute(name) != Attribute::Absent)
            && self.absent.iter().all(|name| given.attribute(name) == Attribute::Absent)
            && self.inputs.iter().all(|name| given.has_input(name))
            && self.inputs_within.as_ref().is_none_or(|names| given.has_no_input_but(names))
    }

    /// Where the row is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}
