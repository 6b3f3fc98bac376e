//! Attributes that a build carries along and nothing in it heeds.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::{Basis, Evidence};
use super::knob::{Conditions, KnobSite};
use super::value::DefaultValue;

/// One attribute, or several of a kind, and the builds in which nothing heeds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IgnoredAttribute {
    /// The attribute or variable.
    pub name: String,
    /// Others of the same kind.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The values of which it holds; none where it holds of all.
    #[serde(default)]
    pub values: Vec<DefaultValue>,
    /// The builders it holds for, as the table of builders names them; none for every one.
    #[serde(default)]
    pub builders: Vec<String>,
    /// It holds where one of these is among the inputs.
    #[serde(default)]
    pub needs: Vec<String>,
    /// It holds where none of these attributes is set.
    #[serde(default)]
    pub unless: Vec<String>,
    /// How a message says it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl IgnoredAttribute {
    /// Every name it answers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }

    fn is_of(&self, value: Option<&DefaultValue>) -> bool {
        self.values.is_empty() || value.is_some_and(|value| self.values.contains(value))
    }

    fn holds(&self, knowledge: &Knowledge, site: &dyn KnobSite) -> bool {
        let conditions = Conditions {
            builders: &self.builders,
            packages: &[],
            needs: &self.needs,
            refuses: &[],
            unless: &self.unless,
        };
        conditions.hold(knowledge, site)
    }
}

impl Knowledge {
    /// What is known of the attribute `name` of the build at `site` being ignored there. `value` is
    /// what it is set to, where that is known.
    pub fn ignored_at(
        &self,
        name: &str,
        value: Option<&DefaultValue>,
        site: &dyn KnobSite,
    ) -> Option<&IgnoredAttribute> {
        let is_named = |row: &&IgnoredAttribute| row.names().any(|own| own == name);
        self.ignored.iter().filter(is_named).find(|row| row.is_of(value) && row.holds(self, site))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Site {
        builder: &'static str,
        inputs: &'static [&'static str],
        set: &'static [&'static str],
    }

    impl KnobSite for Site {
        fn builder(&self) -> Option<Vec<&str>> {
            Some(vec![self.builder])
        }
        fn package(&self) -> Option<Vec<&str>> {
            None
        }
        fn has_input(&self, input: &str) -> Option<bool> {
            Some(self.inputs.contains(&input))
        }
        fn sets(&self, name: &str) -> Option<bool> {
            Some(self.set.contains(&name))
        }
    }

    const PLAIN: Site = Site { builder: "mkDerivation", inputs: &[], set: &[] };

    fn is_ignored(name: &str, value: DefaultValue, site: &Site) -> bool {
        Knowledge::builtin().ignored_at(name, Some(&value), site).is_some()
    }

    #[test]
    fn a_row_holds_for_its_values_builders_and_inputs() {
        let on = || DefaultValue::Bool(true);
        let rust = Site { builder: "buildRustPackage", ..PLAIN };
        let ninja = Site { inputs: &["ninja"], ..PLAIN };
        assert!(is_ignored("NIX_CXXFLAGS_COMPILE", DefaultValue::String("-O3".into()), &PLAIN));
        assert!(!is_ignored("NIX_CFLAGS_COMPILE", DefaultValue::String("-O3".into()), &PLAIN));
        assert!(is_ignored("CARGO_INCREMENTAL", DefaultValue::Int(0), &rust));
        assert!(!is_ignored("CARGO_INCREMENTAL", DefaultValue::Int(1), &rust));
        assert!(!is_ignored("CARGO_INCREMENTAL", DefaultValue::Int(0), &PLAIN));
        assert!(is_ignored("enableParallelBuilding", on(), &rust));
        assert!(is_ignored("enableParallelBuilding", on(), &ninja));
        assert!(!is_ignored("enableParallelBuilding", on(), &PLAIN));
        let own_phase = Site { set: &["buildPhase"], ..ninja };
        assert!(!is_ignored("enableParallelBuilding", on(), &own_phase));
    }

    #[test]
    fn the_rows_name_known_builders_and_say_why() {
        let known = Knowledge::builtin();
        for row in &known.ignored {
            for builder in &row.builders {
                let path: Vec<&str> = builder.split('.').collect();
                let name = known.builder(&path).map(|row| row.name.as_str());
                assert_eq!(name, Some(builder.as_str()), "{}", row.name);
            }
            assert!(row.source.len() > 1 && row.why.len() > 1, "{}", row.name);
        }
    }
}
