//! The variables and flags that are meant to bound a build, and which builder heeds them.

use serde::Deserialize;

use super::Knowledge;
use super::evidence::{Basis, Evidence};

/// What becomes of a knob.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnobEffect {
    /// It bounds the build.
    Limits,
    /// Nothing reads it.
    Ignored,
    /// Something sets it to another value before it is read.
    Overwritten,
    /// The build fails.
    Breaks,
}

/// What a knob is meant to bound.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnobBounds {
    /// How many processes run at once.
    Processes,
    /// How much memory a process takes.
    Memory,
}

/// Where a knob stands.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnobPlace {
    /// Among the attributes of a derivation, or in its `env`.
    #[default]
    Derivation,
    /// Among the variables of a session or a service.
    Environment,
}

/// One variable or flag, and its effect where it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Knob {
    /// The attribute or variable.
    pub name: String,
    /// Others of the same effect.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The beginnings of the elements the row is about, where the attribute is a list of flags;
    /// none where the whole value is the number.
    #[serde(default)]
    pub flags: Vec<String>,
    /// The builders it holds for, as the table of builders names them; none for every other.
    #[serde(default)]
    pub builders: Vec<String>,
    /// The packages it holds for, as the table of packages names them; none for every other.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Where it stands.
    #[serde(default)]
    pub place: KnobPlace,
    /// What becomes of it.
    pub effect: KnobEffect,
    /// What it is meant to bound.
    pub bounds: KnobBounds,
    /// It holds where one of these is among `nativeBuildInputs`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// It holds where none of these is.
    #[serde(default)]
    pub refuses: Vec<String>,
    /// It holds where none of these attributes is set.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The setting, attribute or variable that decides.
    pub instead: String,
    /// How a message says it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// What is known of the build that a knob stands in.
pub trait KnobSite {
    /// Its builder, by the path it is called by; `None` where that is not known.
    fn builder(&self) -> Option<Vec<&str>>;
    /// The package it is, or is an override of.
    fn package(&self) -> Option<Vec<&str>>;
    /// Whether `input`, a dotted attribute path, is among its `nativeBuildInputs`; `None` where that
    /// cannot be told.
    fn has_input(&self, input: &str) -> Option<bool>;
    /// Whether it sets the attribute `name`; `None` where that cannot be told.
    fn sets(&self, name: &str) -> Option<bool>;
}

impl Knob {
    /// Every name it answers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The number that `flag` states, as text: `4` of `-j4` and of `--jobs=4`, empty for a flag that
    /// states it in the next element; `None` where the row is about other flags.
    #[must_use]
    pub fn stated_by<'f>(&self, flag: &'f str) -> Option<&'f str> {
        let rest = |start: &String| {
            let rest = flag.strip_prefix(start.as_str())?;
            let long = start.starts_with("--");
            match rest.strip_prefix('=') {
                Some(number) => Some(number),
                None if rest.is_empty() => Some(rest),
                None => (!long && rest.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest),
            }
        };
        self.flags.iter().find_map(rest)
    }

    /// Where it is known from.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { source: &self.source, basis: self.basis }
    }

    /// How particular the row is.
    fn rank(&self) -> (bool, bool) {
        (!self.packages.is_empty(), !self.builders.is_empty())
    }

    fn holds(&self, knowledge: &Knowledge, site: &dyn KnobSite) -> bool {
        let conditions = Conditions {
            builders: &self.builders,
            packages: &self.packages,
            needs: &self.needs,
            refuses: &self.refuses,
            unless: &self.unless,
        };
        conditions.hold(knowledge, site)
    }
}

/// What a row asks of the build that it is about; empty lists ask nothing.
pub(super) struct Conditions<'k> {
    /// One of these builds it.
    pub(super) builders: &'k [String],
    /// It is one of these packages.
    pub(super) packages: &'k [String],
    /// One of these is among its inputs.
    pub(super) needs: &'k [String],
    /// None of these is.
    pub(super) refuses: &'k [String],
    /// None of these attributes is set.
    pub(super) unless: &'k [String],
}

impl Conditions<'_> {
    /// Whether they hold at `site`, all that they ask for being known.
    pub(super) fn hold(&self, knowledge: &Knowledge, site: &dyn KnobSite) -> bool {
        let is_builder = || {
            let path = site.builder()?;
            let name = knowledge.builder(&path)?.name.as_str();
            Some(self.builders.iter().any(|builder| builder == name))
        };
        let is_package = || {
            let path = site.package()?;
            let attr = knowledge.package(&path)?.attr.as_str();
            Some(self.packages.iter().any(|package| package == attr))
        };
        let has = |input: &String| site.has_input(input);
        (self.builders.is_empty() || is_builder() == Some(true))
            && (self.packages.is_empty() || is_package() == Some(true))
            && (self.needs.is_empty() || self.needs.iter().any(|input| has(input) == Some(true)))
            && self.refuses.iter().all(|input| has(input) == Some(false))
            && self.unless.iter().all(|name| site.sets(name) == Some(false))
    }
}

impl Knowledge {
    /// What becomes of `name`, an attribute or variable of the build at `site`, for each kind of
    /// flags that it may hold: the most particular rows first. Empty where nothing is known for sure.
    pub fn knobs_at<'k>(&'k self, name: &str, site: &dyn KnobSite) -> Vec<&'k Knob> {
        let mut found: Vec<&Knob> = self
            .knobs
            .iter()
            .filter(|knob| knob.place == KnobPlace::Derivation)
            .filter(|knob| knob.names().any(|own| own == name) && knob.holds(self, site))
            .collect();
        found.sort_by_key(|knob| std::cmp::Reverse(knob.rank()));
        found
    }

    /// What becomes of `name`, a variable of a session or a service.
    #[must_use]
    pub fn environment_knob(&self, name: &str) -> Option<&Knob> {
        self.knobs
            .iter()
            .filter(|knob| knob.place == KnobPlace::Environment)
            .find(|knob| knob.names().any(|own| own == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Site {
        builder: Option<&'static str>,
        package: Option<Vec<&'static str>>,
        inputs: Option<&'static [&'static str]>,
        set: &'static [&'static str],
    }

    impl KnobSite for Site {
        fn builder(&self) -> Option<Vec<&str>> {
            self.builder.map(|builder| vec![builder])
        }
        fn package(&self) -> Option<Vec<&str>> {
            self.package.clone()
        }
        fn has_input(&self, input: &str) -> Option<bool> {
            self.inputs.map(|inputs| inputs.contains(&input))
        }
        fn sets(&self, name: &str) -> Option<bool> {
            Some(self.set.contains(&name))
        }
    }

    const NOTHING: Site = Site { builder: None, package: None, inputs: Some(&[]), set: &[] };

    fn effects(name: &str, site: &Site) -> Vec<KnobEffect> {
        let knobs = Knowledge::builtin().knobs_at(name, site);
        knobs.iter().map(|knob| knob.effect).collect()
    }

    #[test]
    fn cargo_build_jobs_is_for_those_who_read_it() {
        let of = |builder| Site { builder: Some(builder), ..NOTHING };
        assert_eq!(effects("CARGO_BUILD_JOBS", &of("buildRustPackage")), [KnobEffect::Ignored]);
        assert_eq!(effects("CARGO_BUILD_JOBS", &of("buildPackage")), [KnobEffect::Limits]);
        assert_eq!(effects("CARGO_BUILD_JOBS", &of("mkDerivation")), []);
        let own = Site { set: &["buildPhase"], ..of("buildRustPackage") };
        assert_eq!(effects("CARGO_BUILD_JOBS", &own), []);
        let hook = Site { inputs: Some(&["rustPlatform.cargoBuildHook"]), ..of("mkDerivation") };
        assert_eq!(effects("CARGO_BUILD_JOBS", &hook), [KnobEffect::Ignored]);
    }

    #[test]
    fn a_flag_counts_where_its_tool_builds() {
        let with = |inputs| Site { builder: Some("mkDerivation"), inputs, ..NOTHING };
        assert_eq!(effects("ninjaFlags", &with(Some(&["ninja"]))), [KnobEffect::Limits]);
        assert_eq!(effects("ninjaFlags", &with(Some(&["cmake"]))), [KnobEffect::Ignored]);
        assert_eq!(effects("ninjaFlags", &with(None)), []);
        assert_eq!(effects("makeFlags", &with(Some(&["cmake"]))), [KnobEffect::Limits]);
        assert_eq!(effects("makeFlags", &with(Some(&["ninja"]))), [KnobEffect::Ignored]);
        let parallel = effects("CMAKE_BUILD_PARALLEL_LEVEL", &with(Some(&["cmake"])));
        assert_eq!(parallel, [KnobEffect::Overwritten]);
    }

    #[test]
    fn a_flag_that_is_passed_already_breaks_the_build() {
        let site = Site { builder: Some("buildRustPackage"), ..NOTHING };
        let knobs = Knowledge::builtin().knobs_at("cargoBuildFlags", &site);
        let stated =
            |flag| knobs.iter().find_map(|knob| Some((knob.effect, knob.stated_by(flag)?)));
        assert_eq!(stated("-j2"), Some((KnobEffect::Breaks, "2")));
        assert_eq!(stated("--jobs=2"), Some((KnobEffect::Breaks, "2")));
        assert_eq!(stated("--release"), Some((KnobEffect::Breaks, "")));
        assert_eq!(stated("--package=jobs"), None);
        assert_eq!(stated("--releases"), None);
        assert_eq!(stated("-just"), None);
    }

    #[test]
    fn a_package_of_its_own_habits_is_known() {
        let torch = Site { package: Some(vec!["python3Packages", "torch"]), ..NOTHING };
        assert_eq!(effects("MAX_JOBS", &torch), [KnobEffect::Overwritten]);
        assert_eq!(effects("MAX_JOBS", &NOTHING), []);
    }

    #[test]
    fn sessions_reach_no_build() {
        let known = Knowledge::builtin();
        let ignored = |name| known.environment_knob(name).map(|knob| knob.effect);
        assert_eq!(ignored("NIX_BUILD_CORES"), Some(KnobEffect::Ignored));
        assert_eq!(ignored("EDITOR"), None);
        assert_eq!(effects("NIX_BUILD_CORES", &NOTHING), [KnobEffect::Limits]);
    }

    #[test]
    fn what_the_rows_name_is_known() {
        let known = Knowledge::builtin();
        for knob in &known.knobs {
            for builder in &knob.builders {
                let path: Vec<&str> = builder.split('.').collect();
                let name = known.builder(&path).map(|row| row.name.as_str());
                assert_eq!(name, Some(builder.as_str()), "{}", knob.name);
            }
            for package in &knob.packages {
                let path: Vec<&str> = package.split('.').collect();
                let attr = known.package(&path).map(|row| row.attr.as_str());
                assert_eq!(attr, Some(package.as_str()), "{}", knob.name);
            }
            assert!(knob.source.len() > 1 && knob.why.len() > 1, "{}", knob.name);
        }
    }
}
