//! Attributes that tell what a derivation does.

use serde::Deserialize;

use super::evidence::{Basis, Evidence};
use super::table::Row;

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

impl Row for CompileSign {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}

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

impl Row for LanguageSign {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }
}
