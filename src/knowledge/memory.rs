//! What builds take in memory.

use serde::Deserialize;

use super::evidence::{Basis, Range};
use super::name::NamePattern;
use super::table::row;

/// What a build of a language takes, where nothing is known of the package.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LanguageMemory {
    /// The language as the other tables name it.
    pub language: String,
    /// Others with the same figures.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Names among `nativeBuildInputs` that tell the language.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Attributes that tell it of a package that no table knows.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// How many processes run, where the number of cores makes no difference.
    pub processes: Option<u32>,
    /// What one process takes on average, in GiB.
    pub process_gib: f64,
    /// Whether a link of a whole program ends the build.
    pub links: bool,
    /// Whether anything is compiled at all, and not only checked and put in its place.
    #[serde(default = "yes")]
    pub compiles: bool,
    /// Hours on four cores with eight threads.
    pub hours: Range,
    /// What part of that is spread over the processes; the rest is done by one alone.
    pub spread: f64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

fn yes() -> bool {
    true
}

impl LanguageMemory {
    /// Whether `input`, a dotted attribute path, tells that something is built in this language.
    #[must_use]
    pub fn is_told_by(&self, input: &str) -> bool {
        let path: Vec<&str> = input.split('.').collect();
        self.inputs.iter().any(|name| NamePattern::new(name).matches(&path))
    }
}

impl LanguageMemory {
    /// Whether the attribute `name` tells that something is built in this language.
    #[must_use]
    pub fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|pattern| NamePattern::new(pattern).matches(&[name]))
    }
}

row!(LanguageMemory, named language, and by aliases);

/// Optimisation at link time.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lto {
    /// None across crates or objects.
    #[default]
    Off,
    /// In parallel, from summaries.
    Thin,
    /// Of the whole program as one.
    Fat,
}

/// Who links.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linker {
    /// The compiler's own choice, GNU ld as a rule.
    #[default]
    Default,
    /// mold.
    Mold,
}

/// What a link takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LinkMemory {
    /// Optimisation at link time.
    pub lto: Lto,
    /// Who links.
    pub linker: Linker,
    /// For a project of ordinary size, in GiB.
    pub gib: f64,
    /// For a package that builds for more than an hour, in GiB.
    pub heavy_gib: f64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// What is known of one package's build besides its peak.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackageMemory {
    /// The package as the table of packages names it.
    pub attr: String,
    /// The argument of `.override` that must be on.
    pub argument: Option<String>,
    /// Each of these must stand in the attributes.
    #[serde(default)]
    pub flags: Vec<String>,
    /// What one process takes on average, in GiB.
    pub process_gib: Option<f64>,
    /// What the link takes, in GiB.
    pub link_gib: Option<f64>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// How a plain `mkDerivation` runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StdenvBuild {
    /// Among `nativeBuildInputs`, they let it run more than one process at a time.
    pub parallel_inputs: Vec<String>,
    /// Tools that take every thread of the machine when a build phase does not tell them otherwise.
    pub greedy: Vec<String>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// How hours change with the number of processes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scaling {
    /// How many processes the hours of every table are for.
    pub processes: f64,
    /// Where the shares of the languages are known from.
    pub source: String,
    /// How well they are known.
    pub basis: Basis,
}

impl Scaling {
    /// What hours in the tables are multiplied with where `processes` run and `spread` of the work
    /// is spread over them (Amdahl's law).
    #[must_use]
    pub fn factor(&self, spread: f64, processes: u64) -> f64 {
        let time = |count: f64| (1.0 - spread) + spread / count.max(1.0);
        time(processes as f64) / time(self.processes)
    }
}

/// What NixOS makes of `zramSwap`, and what it comes to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Zram {
    /// The size where nothing is said, in hundredths of the memory.
    pub memory_percent: u64,
    /// How many times smaller what lies in it is expected to be.
    pub ratio: f64,
    /// Where this is known from.
    pub source: String,
    /// How well it is known.
    pub basis: Basis,
}

/// The figures of the model of memory.
#[derive(Clone, Debug)]
pub struct Memory {
    /// By language.
    pub languages: super::Table<LanguageMemory>,
    /// How a plain `mkDerivation` runs.
    pub stdenv: StdenvBuild,
    /// How hours change with the number of processes.
    pub scaling: Scaling,
    /// Compressed swap.
    pub zram: Zram,
    /// By kind of link.
    pub links: Vec<LinkMemory>,
    /// By package, the most particular first.
    pub packages: Vec<PackageMemory>,
}

impl Memory {
    /// What a build in `language` takes.
    #[must_use]
    pub fn language(&self, language: &str) -> Option<&LanguageMemory> {
        self.languages.get(&[language])
    }

    /// The language that these inputs, dotted attribute paths, tell.
    #[must_use]
    pub fn language_of(&self, inputs: &[&str]) -> Option<&LanguageMemory> {
        let tells = |row: &&LanguageMemory| inputs.iter().any(|input| row.is_told_by(input));
        self.languages.rows().iter().find(tells)
    }

    /// What a link takes; a linker without a row of its own counts as any other.
    #[must_use]
    pub fn link(&self, lto: Lto, linker: Linker) -> Option<&LinkMemory> {
        let with = |linker: Linker| {
            self.links.iter().find(move |row| row.lto == lto && row.linker == linker)
        };
        with(linker).or_else(|| with(Linker::Default))
    }

    /// What is known of the package `attr`, built with these arguments on, and with attributes in
    /// which `has_flag` finds a text.
    #[must_use]
    pub fn package(
        &self,
        attr: &str,
        arguments: &[&str],
        has_flag: impl Fn(&str) -> bool,
    ) -> Option<&PackageMemory> {
        self.packages.iter().find(|row| {
            row.attr == attr
                && row.argument.as_deref().is_none_or(|name| arguments.contains(&name))
                && row.flags.iter().all(|flag| has_flag(flag))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Knowledge;
    use super::*;

    fn memory() -> &'static Memory {
        &Knowledge::builtin().memory
    }

    #[test]
    fn every_language_of_the_other_tables_has_figures() {
        let known = Knowledge::builtin();
        let packages = known.packages.rows().iter().map(|row| &row.language);
        for language in packages.chain(known.builders.rows().iter().map(|row| &row.language)) {
            assert!(memory().language(language).is_some(), "{language}");
        }
        for row in memory().languages.rows() {
            assert!(row.process_gib > 0.0 && row.hours.low <= row.hours.high, "{}", row.language);
            assert!((0.0..1.0).contains(&row.spread), "{}", row.language);
            assert!(row.source.len() > 1, "{}", row.language);
        }
    }

    #[test]
    fn every_kind_of_link_has_figures() {
        for lto in [Lto::Off, Lto::Thin, Lto::Fat] {
            for linker in [Linker::Default, Linker::Mold] {
                let row = memory().link(lto, linker).expect("a row");
                assert!(0.0 < row.gib && row.gib <= row.heavy_gib, "{lto:?} {linker:?}");
            }
        }
        let mold = memory().link(Lto::Off, Linker::Mold).map(|row| row.heavy_gib);
        assert!(mold < memory().link(Lto::Off, Linker::Default).map(|row| row.heavy_gib));
    }

    #[test]
    fn hours_are_those_of_the_tables_with_as_many_processes() {
        let scaling = &memory().scaling;
        let factor =
            |spread: f64, processes: u64| (scaling.factor(spread, processes) * 100.0).round();
        assert_eq!(factor(0.9, 8), 100.0);
        assert_eq!(factor(0.0, 1), 100.0);
        assert_eq!(factor(0.9, 1), 471.0);
        assert!(factor(0.9, 4) > 100.0 && factor(0.9, 16) < 100.0);
        assert!(scaling.factor(0.9, u64::MAX).is_finite() && scaling.factor(0.9, 0).is_finite());
    }

    #[test]
    fn inputs_tell_the_language() {
        let language = |inputs: &[&str]| memory().language_of(inputs).map(|row| &*row.language);
        assert_eq!(language(&["pkg-config", "cargo"]), Some("rust"));
        assert_eq!(language(&["bun", "makeWrapper"]), Some("npm"));
        assert_eq!(language(&["pnpm_10"]), Some("npm"));
        assert_eq!(language(&["cmake", "cudaPackages.cuda_nvcc"]), Some("cuda"));
        assert_eq!(language(&["makeWrapper"]), None);
    }

    #[test]
    fn the_most_particular_row_of_a_package_answers() {
        let process = |arguments: &[&str], text: &str| {
            memory()
                .package("onnxruntime", arguments, |flag| text.contains(flag))
                .and_then(|row| row.process_gib)
        };
        let flags = "-DCMAKE_CUDA_ARCHITECTURES=52 -Donnxruntime_USE_FLASH_ATTENTION=OFF";
        assert!(process(&["cudaSupport"], flags).is_some());
        assert_eq!(process(&["cudaSupport"], ""), None);
        assert_eq!(process(&[], flags), None);
        for row in &memory().packages {
            let path: Vec<&str> = row.attr.split('.').collect();
            assert!(Knowledge::builtin().package(&path).is_some(), "{}", row.attr);
        }
    }
}
