//! Reads the embedded tables.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::advice::Advice;
use super::attribute::{CompileSign, LanguageSign};
use super::browser::{Browser, Engine, SkippedAttributes};
use super::builder::{Builder, NoCompile};
use super::cache::{Cache, CacheServer, ReachedBy};
use super::change::{AttributeChange, OverridingOption};
use super::defaults::PackageDefaults;
use super::fetcher::{FetchNames, Fetching};
use super::flags::FlagVariable;
use super::ignored::IgnoredAttribute;
use super::input::CachedInput;
use super::knob::Knob;
use super::memory::{
    LanguageMemory, LinkMemory, Memory, PackageMemory, Scaling, StdenvBuild, Zram,
};
use super::package::Package;
use super::reading::{Generator, PackageNames, Reader, Reading};
use super::recipe::Recipe;
use super::setting::{BuildFolder, RestrictedSettings, SystemFeatures};
use super::tier::{ConfigOption, Drags, Harmless, MassRebuild, PlatformAttribute, VariantSet};
use super::timeout::{LanguageTimeout, TimeoutLimits};
use super::uncached::{CompilingOption, UncachedPackage};
use super::upstream::Upstream;
use super::victim::InstalledAs;
use super::{Knowledge, Row, Table};

/// A table that is not of the form it should have.
#[derive(Debug, thiserror::Error)]
#[error("the table {table}.toml is malformed; correct it there: {error}")]
pub struct KnowledgeError {
    table: &'static str,
    error: toml::de::Error,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Browsers {
    engine: Vec<Engine>,
    skipped: Vec<SkippedAttributes>,
    browser: Vec<Browser>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packages {
    package: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    package: Vec<PackageDefaults>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Builders {
    builder: Vec<Builder>,
    no_compile: Vec<NoCompile>,
    no_sign: Vec<NoCompile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Caches {
    cache: Vec<Cache>,
    server: Vec<CacheServer>,
    reached_by: Vec<ReachedBy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fetchers {
    builtin: Vec<FetchNames>,
    fetcher: Vec<FetchNames>,
    branch: Vec<FetchNames>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    input: Vec<CachedInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    restricted: Vec<RestrictedSettings>,
    system_features: SystemFeatures,
    build_dir: BuildFolder,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Attributes {
    compile_sign: Vec<CompileSign>,
    language_sign: Vec<LanguageSign>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Changes {
    change: Vec<AttributeChange>,
    overriding_option: Vec<OverridingOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flags {
    flags: Vec<FlagVariable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Knobs {
    knob: Vec<Knob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Readings {
    reader: Vec<Reader>,
    generator: Vec<Generator>,
    package_set: Vec<PackageNames>,
    no_derivation: Vec<PackageNames>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamAttributes {
    upstream: Vec<Upstream>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ignored {
    ignored: Vec<IgnoredAttribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipes {
    recipe: Vec<Recipe>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Memories {
    language: Vec<LanguageMemory>,
    stdenv: StdenvBuild,
    zram: Zram,
    scaling: Scaling,
    link: Vec<LinkMemory>,
    package: Vec<PackageMemory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeouts {
    limits: TimeoutLimits,
    language: Vec<LanguageTimeout>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct MassRebuilds {
    attribute: Vec<MassRebuild>,
    drags: Vec<Drags>,
    installed_as: Vec<InstalledAs>,
    harmless: Vec<Harmless>,
    config: Vec<ConfigOption>,
    platform: Vec<PlatformAttribute>,
    package_set: Vec<VariantSet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uncached {
    option: Vec<CompilingOption>,
    package: Vec<UncachedPackage>,
}

/// The embedded tables: their names without the ending, and their texts.
pub(super) const TEXTS: [(&str, &str); 21] = [
    ("advice", include_str!("../../rules/knowledge/advice.toml")),
    ("attributes", include_str!("../../rules/knowledge/attributes.toml")),
    ("browsers", include_str!("../../rules/knowledge/browsers.toml")),
    ("builders", include_str!("../../rules/knowledge/builders.toml")),
    ("caches", include_str!("../../rules/knowledge/caches.toml")),
    ("changes", include_str!("../../rules/knowledge/changes.toml")),
    ("defaults", include_str!("../../rules/knowledge/defaults.toml")),
    ("fetchers", include_str!("../../rules/knowledge/fetchers.toml")),
    ("flags", include_str!("../../rules/knowledge/flags.toml")),
    ("ignored", include_str!("../../rules/knowledge/ignored.toml")),
    ("inputs", include_str!("../../rules/knowledge/inputs.toml")),
    ("knobs", include_str!("../../rules/knowledge/knobs.toml")),
    ("mass-rebuild", include_str!("../../rules/knowledge/mass-rebuild.toml")),
    ("memory", include_str!("../../rules/knowledge/memory.toml")),
    ("packages", include_str!("../../rules/knowledge/packages.toml")),
    ("reading", include_str!("../../rules/knowledge/reading.toml")),
    ("recipes", include_str!("../../rules/knowledge/recipes.toml")),
    ("settings", include_str!("../../rules/knowledge/settings.toml")),
    ("timeouts", include_str!("../../rules/knowledge/timeouts.toml")),
    ("uncached", include_str!("../../rules/knowledge/uncached.toml")),
    ("upstream", include_str!("../../rules/knowledge/upstream.toml")),
];

/// Parses every embedded table.
pub(super) fn embedded() -> Result<Knowledge, KnowledgeError> {
    let browsers: Browsers = parse(text("browsers"))?;
    let packages: Packages = parse(text("packages"))?;
    let defaults: Defaults = parse(text("defaults"))?;
    let builders: Builders = parse(text("builders"))?;
    let caches: Caches = parse(text("caches"))?;
    let fetchers: Fetchers = parse(text("fetchers"))?;
    let inputs: Inputs = parse(text("inputs"))?;
    let settings: Settings = parse(text("settings"))?;
    let attributes: Attributes = parse(text("attributes"))?;
    let flags: Flags = parse(text("flags"))?;
    let changes: Changes = parse(text("changes"))?;
    let knobs: Knobs = parse(text("knobs"))?;
    let reading: Readings = parse(text("reading"))?;
    let upstream: UpstreamAttributes = parse(text("upstream"))?;
    let ignored: Ignored = parse(text("ignored"))?;
    let recipes: Recipes = parse(text("recipes"))?;
    let memory: Memories = parse(text("memory"))?;
    let advice: Advice = parse(text("advice"))?;
    let timeouts: Timeouts = parse(text("timeouts"))?;
    let mass: MassRebuilds = parse(text("mass-rebuild"))?;
    let uncached: Uncached = parse(text("uncached"))?;
    Ok(Knowledge {
        advice,
        browsers: table(browsers.browser),
        engines: table(browsers.engine),
        skipped: table(browsers.skipped),
        packages: table(packages.package),
        defaults: table(defaults.package),
        builders: table(builders.builder),
        caches: table(caches.cache),
        cache_servers: table(caches.server),
        reached_by: table(caches.reached_by),
        fetching: Fetching {
            builtins: table(fetchers.builtin),
            fetchers: table(fetchers.fetcher),
            branches: table(fetchers.branch),
        },
        cached_inputs: table(inputs.input),
        restricted_settings: table(settings.restricted),
        system_features: settings.system_features,
        build_folder: settings.build_dir,
        no_compile: builders.no_compile,
        no_sign: builders.no_sign,
        compile_signs: table(attributes.compile_sign),
        language_signs: table(attributes.language_sign),
        flag_variables: table(flags.flags),
        changes: table(changes.change),
        overriding_options: table(changes.overriding_option),
        knobs: knobs.knob,
        reading: Reading {
            readers: table(reading.reader),
            generators: table(reading.generator),
            package_sets: table(reading.package_set),
            no_derivations: table(reading.no_derivation),
        },
        ignored: ignored.ignored,
        recipes: table(recipes.recipe),
        upstream: table(upstream.upstream),
        memory: Memory {
            languages: table(memory.language),
            stdenv: memory.stdenv,
            zram: memory.zram,
            scaling: memory.scaling,
            links: memory.link,
            packages: memory.package,
        },
        timeouts: table(timeouts.language),
        limits: timeouts.limits,
        mass_rebuild: table(mass.attribute),
        drags: table(mass.drags),
        installed_as: table(mass.installed_as),
        harmless: table(mass.harmless),
        config_options: table(mass.config),
        platform_attributes: table(mass.platform),
        variant_sets: table(mass.package_set),
        compiling_options: table(uncached.option),
        never_cached: table(uncached.package),
    })
}

fn table<R: Row>(rows: Vec<R>) -> Table<R> {
    rows.into_iter().collect()
}

/// The embedded table of this name, and what it is called.
fn text(table: &'static str) -> (&'static str, &'static str) {
    let text = TEXTS.iter().find(|(name, _)| *name == table);
    (table, text.map_or("", |(_, text)| text))
}

fn parse<T: DeserializeOwned>((table, text): (&'static str, &str)) -> Result<T, KnowledgeError> {
    toml::from_str(text).map_err(|error| KnowledgeError { table, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_table() {
        let error = parse::<Packages>(("packages", "[[package]]\nattr = 1")).err();
        assert!(error.is_some_and(|error| error.to_string().contains("packages.toml")));
    }

    #[test]
    fn a_misspelt_column_is_an_error() {
        let text =
            "[[language]]\nlanguage = \"c\"\nsecond = 1\nsource = \"\"\nbasis = \"estimate\"";
        assert!(parse::<Timeouts>(("timeouts", text)).is_err());
    }
}
