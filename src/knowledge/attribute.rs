//! Attributes that tell what a derivation does.

use serde::Deserialize;

use super::evidence::Basis;
use super::table::row;

/// Attributes of which a change shows that the derivation compiles something.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CompileSign {
    /// The attribute.
    pub name: String,
    /// Others that show the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it shows, as a message says it.
    pub shows: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(CompileSign, named name, and by aliases);

/// Attributes and inputs that show in which language a derivation is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LanguageSign {
    /// The language, as `timeouts.toml` names it.
    pub language: String,
    /// The attributes, and the last names of the inputs.
    pub names: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(LanguageSign, named by names);
