//! What is known of nixpkgs: the tables of `rules/knowledge`, typed and found by name.
//!
//! The tables are embedded and parsed once ([`Knowledge::builtin`]); a user's configuration may add
//! rows, correct them or take them out, which [`Knowledge::of`] does in a clone. Every row carries its source and its
//! [`Basis`], and no figure that a person could want to correct stands in code.
//!
//! Names in the tables are dotted attribute paths, looked up without the package set they are taken
//! from: `["python3Packages", "torch"]` whether the text says `pkgs.` or `prev.` before it. In a
//! name `#` is a version number and `*` any text, neither reaching over a dot.

mod additions;
mod advice;
mod attribute;
mod browser;
mod builder;
mod cache;
mod change;
mod defaults;
mod evidence;
mod fetcher;
mod flags;
mod ignored;
mod input;
mod knob;
mod load;
mod memory;
mod name;
mod package;
mod reading;
mod recipe;
mod setting;
mod table;
mod tier;
mod timeout;
mod uncached;
mod upstream;
mod value;
mod victim;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

pub use advice::{Advice, CodegenUnits, Connections, Gain, LtoBuild, NodeHeap, ZramAdvice};
pub use attribute::{CompileSign, LanguageSign};
pub use browser::{
    Alternative, Browser, Engine, EngineFamily, HomeManagerModule, Quote, Reach, SkippedAttributes,
    Structure,
};
pub use builder::{Attribute, Attributes, Builder, BuilderClass, NoCompile};
pub use cache::{Cache, CacheServer, ReachedBy, cache_address, key_name};
pub use change::{AttributeChange, ChangeKind, OverridingOption};
pub use defaults::{KnownDefault, PackageDefaults};
pub use evidence::{Basis, Evidence, Known, Range};
pub use fetcher::{FetchNames, Fetching};
pub use flags::{FlagVariable, NativeFlag};
pub use ignored::IgnoredAttribute;
pub use input::CachedInput;
pub use knob::{Knob, KnobBounds, KnobEffect, KnobPlace, KnobSite};
pub use load::KnowledgeError;
pub use memory::{
    LanguageMemory, LinkMemory, Linker, Lto, Memory, PackageMemory, Scaling, StdenvBuild, Zram,
};
pub use package::{Cost, Package, PackageClass, Variant};
pub use reading::{FunctionOf, Generator, PackageNames, Reader, Reading};
pub use recipe::Recipe;
pub use setting::{BuildFolder, RestrictedSettings, SystemFeatures};
pub use table::{Row, Table};
pub use tier::{
    ConfigEffect, ConfigOption, Drags, Harmless, MassRebuild, PlatformAttribute, Tier, VariantSet,
};
pub use timeout::{ChosenBy, LanguageTimeout, Limit, TimeoutAdvice, TimeoutLimits};
pub use uncached::{CompilingOption, UncachedPackage, UsedBy};
pub use upstream::Upstream;
pub use value::{DefaultValue, SpecialValue};
pub use victim::InstalledAs;

/// Every table.
#[derive(Clone, Debug)]
pub struct Knowledge {
    /// Browsers and Electron applications.
    pub browsers: Table<Browser>,
    /// Attributes that wrappers of browsers have no use for.
    pub skipped: Table<SkippedAttributes>,
    /// What their engines take to compile.
    pub engines: Table<Engine>,
    /// What packages take to build.
    pub packages: Table<Package>,
    /// Known defaults of packages' arguments.
    pub defaults: Table<PackageDefaults>,
    /// Functions that make derivations, found by the end of their path.
    pub builders: Table<Builder>,
    /// Binary caches, found by the address after the scheme.
    pub caches: Table<Cache>,
    /// Services that serve a machine's own store.
    pub cache_servers: Table<CacheServer>,
    /// Options that show that others may reach what a machine serves.
    pub reached_by: Table<ReachedBy>,
    /// Functions that fetch.
    pub fetching: Fetching,
    /// Flakes that have a cache of their own.
    pub cached_inputs: Table<CachedInput>,
    /// Settings that the daemon does not take from every user.
    pub restricted_settings: Table<RestrictedSettings>,
    /// The features of a machine that builds.
    pub system_features: SystemFeatures,
    /// Where Nix builds.
    pub build_folder: BuildFolder,
    /// Attributes that keep a derivation from compiling.
    pub no_compile: Vec<NoCompile>,
    /// Attributes of a derivation of stdenv's own function that show nothing of a compilation.
    pub no_sign: Vec<NoCompile>,
    /// Attributes of which a change shows that something is compiled.
    pub compile_signs: Table<CompileSign>,
    /// Attributes and inputs that show the language of what is compiled.
    pub language_signs: Table<LanguageSign>,
    /// Variables that hold flags of compilers.
    pub flag_variables: Table<FlagVariable>,
    /// What a change of an attribute is about.
    pub changes: Table<AttributeChange>,
    /// Options of which the module overrides the package that it is given.
    pub overriding_options: Table<OverridingOption>,
    /// Variables and flags that are meant to bound a build.
    pub knobs: Vec<Knob>,
    /// What is read while Nix evaluates.
    pub reading: Reading,
    /// Attributes that nothing in a build heeds.
    pub ignored: Vec<IgnoredAttribute>,
    /// How nixpkgs builds packages.
    pub recipes: Table<Recipe>,
    /// What nixpkgs itself gives packages.
    pub upstream: Table<Upstream>,
    /// What builds take in memory.
    pub memory: Memory,
    /// What advice weighs.
    pub advice: Advice,
    /// Timeouts by language.
    pub timeouts: Table<LanguageTimeout>,
    /// The bounds of every timeout, and the settings'.
    pub limits: TimeoutLimits,
    /// Attributes that much of nixpkgs depends on.
    pub mass_rebuild: Table<MassRebuild>,
    /// Attributes that a heavy package depends on.
    pub drags: Table<Drags>,
    /// What heavy packages are installed by.
    pub installed_as: Table<InstalledAs>,
    /// Attributes that only look like a mass rebuild.
    pub harmless: Table<Harmless>,
    /// Options of nixpkgs' `config`.
    pub config_options: Table<ConfigOption>,
    /// Attributes of the platform that packages are built for.
    pub platform_attributes: Table<PlatformAttribute>,
    /// Sets of nixpkgs in which every package is built another way.
    pub variant_sets: Table<VariantSet>,
    /// Options after which a package is compiled.
    pub compiling_options: Table<CompilingOption>,
    /// Packages that cache.nixos.org never has.
    pub never_cached: Table<UncachedPackage>,
}

static BUILTIN: LazyLock<Arc<Knowledge>> = LazyLock::new(|| match load::embedded() {
    Ok(knowledge) => Arc::new(knowledge),
    // The tables are part of the program, and a test parses them: this is no input's doing.
    Err(error) => unreachable!("{error}"),
});

impl Knowledge {
    /// The built-in tables, parsed at the first call.
    #[must_use]
    pub fn builtin() -> &'static Knowledge {
        &BUILTIN
    }

    /// The built-in tables, to be kept.
    fn shared() -> Arc<Knowledge> {
        Arc::clone(&BUILTIN)
    }

    /// The browser or Electron application of exactly this path.
    #[must_use]
    pub fn browser(&self, path: &[&str]) -> Option<&Browser> {
        self.browsers.get(path)
    }

    /// The engine that compiling this browser compiles; none for a repacked one.
    #[must_use]
    pub fn engine(&self, browser: &Browser) -> Option<&Engine> {
        self.engines.get(&[browser.engine.as_deref()?])
    }

    /// What is known of the attribute being of no use to wrappers of browsers.
    #[must_use]
    pub fn skipped_by_wrappers(&self, attribute: &str) -> Option<&SkippedAttributes> {
        self.skipped.get(&[attribute])
    }

    /// The package of exactly this path, or, for one that nixpkgs lacks, of this name.
    #[must_use]
    pub fn package(&self, path: &[&str]) -> Option<&Package> {
        self.packages.get(path)
    }

    /// The builder that this path ends in.
    #[must_use]
    pub fn builder(&self, path: &[&str]) -> Option<&Builder> {
        self.builders.get_by_end(path)
    }

    /// Why a derivation with these attributes compiles nothing, whatever its builder.
    #[must_use]
    pub fn compiles_nothing(&self, given: &impl Attributes) -> Option<&NoCompile> {
        self.no_compile.iter().find(|row| row.applies(given))
    }

    /// Why nothing shows that a derivation of stdenv's own function, with these attributes, compiles
    /// anything. It may, where its source has a makefile.
    #[must_use]
    pub fn shows_no_compiling(&self, given: &impl Attributes) -> Option<&NoCompile> {
        self.no_sign.iter().find(|row| row.applies(given))
    }

    /// The default that an argument of the package at this path is known to have.
    #[must_use]
    pub fn default_of(&self, package: &[&str], argument: &str) -> Option<KnownDefault<'_>> {
        let listed = self
            .defaults
            .get(package)
            .and_then(|row| Some((row.arguments.get(argument)?, row.evidence())));
        let engine = || {
            self.browser(package)
                .and_then(|row| Some((row.engine_defaults.get(argument)?, row.evidence())))
        };
        let (value, evidence) = listed.or_else(engine)?;
        Some(KnownDefault { value, evidence })
    }

    /// What a change of this attribute shows of what the derivation compiles.
    #[must_use]
    pub fn compile_sign(&self, attribute: &str) -> Option<&CompileSign> {
        self.compile_signs.get(&[attribute])
    }

    /// What is known of the variable `name` that holds flags of compilers.
    #[must_use]
    pub fn flag_variable(&self, name: &str) -> Option<&FlagVariable> {
        self.flag_variables.get(&[name])
    }

    /// What a change of this attribute is about; `None` for one that no row names, such as a flag.
    #[must_use]
    pub fn change_kind(&self, attribute: &str) -> Option<ChangeKind> {
        self.changes.get(&[attribute]).map(|row| row.kind)
    }

    /// Whether the module of the dotted `option` overrides the package that it is given.
    #[must_use]
    pub fn overrides_its_package(&self, option: &str) -> bool {
        let path: Vec<&str> = option.split('.').collect();
        self.overriding_options.get(&path).is_some()
    }

    /// Whether the input of this last name serves nothing but what `kind` is about.
    #[must_use]
    pub fn is_tool_for(&self, kind: ChangeKind, input: &str) -> bool {
        let rows = self.changes.rows().iter().filter(|row| row.kind == kind);
        rows.flat_map(|row| &row.tools).any(|tool| tool == input)
    }

    /// The timeout to recommend for a build: by the package (its path, or the name a custom one
    /// goes by) with those of its arguments that are on, else by a browser's engine, else by the
    /// language of the package, else by this `language`, else the fallback.
    #[must_use]
    pub fn timeout_for(
        &self,
        package: &[&str],
        arguments: &[&str],
        language: Option<&str>,
    ) -> TimeoutAdvice<'_> {
        let known = self.package(package);
        let by_package = known.and_then(|row| {
            Some(TimeoutAdvice {
                seconds: row.timeout_with(arguments)?,
                chosen_by: ChosenBy::Package(&row.attr),
                evidence: row.evidence(),
            })
        });
        let by_engine = || {
            let engine = self.engine(self.browser(package)?)?;
            Some(TimeoutAdvice {
                seconds: engine.timeout,
                chosen_by: ChosenBy::Engine(&engine.title),
                evidence: engine.evidence(),
            })
        };
        let by_language = || {
            let language = known.map(|row| row.language.as_str()).or(language)?;
            let row = self.timeouts.get(&[language])?;
            Some(TimeoutAdvice {
                seconds: row.seconds,
                chosen_by: ChosenBy::Language(&row.language),
                evidence: row.evidence(),
            })
        };
        by_package.or_else(by_engine).or_else(by_language).unwrap_or_else(|| TimeoutAdvice {
            seconds: self.limits.fallback.seconds,
            chosen_by: ChosenBy::Fallback,
            evidence: self.limits.fallback.evidence(),
        })
    }

    /// The language that these attributes and inputs of a derivation show. Of several, the one that
    /// takes longest.
    #[must_use]
    pub fn language_shown<'n>(&self, names: impl Iterator<Item = &'n str>) -> Option<&str> {
        names
            .filter_map(|name| self.language_signs.get(&[name.rsplit('.').next().unwrap_or(name)]))
            .max_by_key(|row| self.timeouts.get(&[&row.language]).map(|timeout| timeout.seconds))
            .map(|row| row.language.as_str())
    }

    /// How much of nixpkgs a change of this attribute rebuilds.
    #[must_use]
    pub fn tier(&self, path: &[&str]) -> Option<&MassRebuild> {
        self.mass_rebuild.get(path)
    }

    /// Which heavy packages a change of this attribute compiles, though few depend on it.
    #[must_use]
    pub fn drags(&self, path: &[&str]) -> Option<&Drags> {
        self.drags.get(path)
    }

    /// What is known of an option below nixpkgs' `config`.
    #[must_use]
    pub fn config_option(&self, path: &[&str]) -> Option<&ConfigOption> {
        self.config_options.get(path)
    }
}
