//! Browsers and Electron applications: what of them would be compiled, and by which argument.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::evidence::{Basis, Known, Range};
use super::table::row;
use super::value::DefaultValue;

/// How a package of this table is put together.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Structure {
    /// A cheap wrapper over a compiled engine: its `overrideAttrs` never reaches the engine.
    Wrapper,
    /// The compiled engine itself: any change of it compiles hours of C++ or Rust.
    Engine,
    /// A function that compiles an engine from what it is given.
    EngineBuilder,
    /// A vendor's binary, unpacked and patched: nothing of it is ever compiled.
    Repack,
}

/// Where an argument of `.override` ends up.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash)]
pub enum Reach {
    /// The wrapper or the unpacking: seconds.
    Wrapper,
    /// The compiled engine: hours.
    Engine,
    /// Nowhere: the function takes it and does not use it.
    Nowhere,
    /// In neither list: to be said with "if".
    Unknown,
}

/// Attributes that a wrapper has no use for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SkippedAttributes {
    /// The attributes.
    pub names: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

row!(SkippedAttributes, named by names);

/// One browser or Electron application.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Browser {
    /// The attribute path in nixpkgs, dotted, or a family of them.
    pub attr: String,
    /// Other attributes of the same shape.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Wrapper, engine or repack.
    pub structure: Structure,
    /// The name of the [`Engine`] that would be compiled; none for a repack.
    pub engine: Option<String>,
    /// Arguments that only the wrapper takes. A repack needs none listed: all of its are.
    #[serde(default)]
    pub wrapper_arguments: Vec<String>,
    /// Arguments that reach the engine.
    #[serde(default)]
    pub engine_arguments: Vec<String>,
    /// Arguments that the function takes and does not use.
    #[serde(default)]
    pub ignored_arguments: Vec<String>,
    /// The engine's arguments of which the default is known.
    #[serde(default)]
    pub engine_defaults: BTreeMap<String, DefaultValue>,
    /// The home-manager module that says the same as an override.
    pub home_manager: Option<HomeManagerModule>,
    /// What to use instead of compiling it.
    pub alternative: Option<Alternative>,
    /// Whether it may be unfree, and so in no public cache.
    #[serde(default)]
    pub unfree: bool,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

impl Browser {
    /// Where an argument given to `.override` ends up.
    #[must_use]
    pub fn reach_of(&self, argument: &str) -> Reach {
        let listed = |list: &[String]| list.iter().any(|name| name == argument);
        match self.structure {
            Structure::Repack => Reach::Wrapper,
            Structure::Engine | Structure::EngineBuilder => Reach::Engine,
            Structure::Wrapper if listed(&self.engine_arguments) => Reach::Engine,
            Structure::Wrapper if listed(&self.wrapper_arguments) => Reach::Wrapper,
            Structure::Wrapper if listed(&self.ignored_arguments) => Reach::Nowhere,
            Structure::Wrapper => Reach::Unknown,
        }
    }

    /// The home-manager option that takes the place of this argument of `.override`, dotted
    /// (`programs.brave.commandLineArgs`).
    #[must_use]
    pub fn home_manager_option(&self, argument: &str) -> Option<String> {
        let module = self.home_manager.as_ref()?;
        let option = module.options.get(argument)?;
        Some(format!("{}.{option}", module.path))
    }
}

row!(Browser, named attr, and by aliases);

/// A home-manager module, and which of its options take an override's arguments.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HomeManagerModule {
    /// The option path, dotted: `programs.chromium`.
    pub path: String,
    /// From an argument of `.override` to the option below `path`.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// What spares the compilation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alternative {
    /// Attributes that are a vendor's binary of the same or a near program.
    #[serde(default)]
    pub binaries: Vec<String>,
    /// Whether a public cache has the unchanged package.
    #[serde(default)]
    pub cached: Known,
    /// Anything else to say of it, such as another cache.
    pub note: Option<String>,
}

/// The browsers that an engine belongs to.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineFamily {
    /// Chromium, what is built of it, and Electron.
    Chromium,
    /// Firefox, Thunderbird and what is built of them.
    Firefox,
    /// Any other.
    Other,
}

/// A compiled engine and what compiling it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Engine {
    /// What [`Browser::engine`] calls it.
    pub name: String,
    /// How a message calls it.
    pub title: String,
    /// Which browsers it belongs to.
    pub family: EngineFamily,
    /// Hours on four cores with eight threads.
    pub hours: Range,
    /// Seconds to allow a build: what the build farm allows where that is known, else more than the
    /// hours.
    pub timeout: u64,
    /// Peak memory with all of them, in GiB.
    pub memory_gib: Range,
    /// A documented figure to quote beside the estimate.
    pub quote: Option<Quote>,
    /// Where the figures are known from.
    pub source: String,
    /// How well they are known.
    pub basis: Basis,
}

row!(Engine, named name);

/// A documented anchor: words or a figure that stand in a source, to be quoted as such.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quote {
    /// What stands there.
    pub text: String,
    /// Where it stands.
    pub source: String,
    /// Whether it is a maintainer's statement or a measurement reported there.
    pub basis: Basis,
}
