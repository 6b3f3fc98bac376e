//! One build as its attributes describe it: what the tables ask of it.

use thin_vec::ThinVec;

use super::build::Figure;
use super::work;
use crate::config::Bytes;
use crate::facts::{Change, Package, ValueFact, ValueKind};
use crate::hir::Name;
use crate::knowledge::{Basis, KnobSite, Linker, Lto};
use crate::source::{Span, Tree};

/// A build and what is known of it.
pub(super) struct BuildSite<'a> {
    pub(super) tree: &'a Tree,
    /// The path of its builder.
    pub(super) builder: Option<ThinVec<Name>>,
    /// The package that it is, as the table of packages names it.
    pub(super) package: Option<String>,
    /// Its attributes or changes; of two of one name the first counts.
    pub(super) attributes: Vec<&'a Change>,
    /// There is a derivation below whose attributes are not known.
    pub(super) is_override: bool,
    /// There may be attributes that are not in the list.
    pub(super) open: bool,
    /// What the package below has among `nativeBuildInputs`, where that is known.
    pub(super) native_inputs: Option<Vec<String>>,
}

impl<'a> BuildSite<'a> {
    /// The attribute `name`.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a Change> {
        self.attributes.iter().copied().find(|change| change.name == name)
    }

    /// Every attribute and every variable of `env`, those that hide others first.
    pub(super) fn variables(&self) -> Vec<&'a Change> {
        let mut found: Vec<&Change> = Vec::new();
        let inner = self.attributes.iter().filter(|change| change.name == "env");
        let all = self.attributes.iter().copied().chain(inner.flat_map(|env| &env.inner));
        for change in all {
            if !change.is_identity && !found.iter().any(|known| known.name == change.name) {
                found.push(change);
            }
        }
        found
    }

    /// The arguments or attributes that are turned on.
    pub(super) fn arguments_on(&self) -> Vec<String> {
        let on = self.attributes.iter().filter(|change| work::is_on(&change.value));
        on.map(|change| change.name.to_string()).collect()
    }

    /// The inputs that are known by name, as dotted paths.
    pub(super) fn known_inputs(&self) -> Vec<String> {
        let mut inputs = Vec::new();
        for name in ["nativeBuildInputs", "buildInputs"] {
            if let Some(change) = self.attribute(name) {
                packages(&change.value, &mut inputs);
            }
        }
        inputs
    }

    /// The packages that it is made of, as far as its attributes name them.
    pub(super) fn needs(&self) -> Vec<Package> {
        let is_hashed = |change: &&&Change| {
            !change.optional && !matches!(change.name.as_str(), "meta" | "passthru" | "pos")
        };
        let changes = self.attributes.iter().filter(is_hashed);
        let inner =
            changes.clone().filter(|change| change.name == "env").flat_map(|env| &env.inner);
        let certain = inner.filter(|change| !change.optional).flat_map(|change| &change.needs);
        changes.flat_map(|change| &change.needs).chain(certain).cloned().collect()
    }

    /// Whether `builder` is stdenv's own, which says nothing of the language.
    pub(super) fn is_plain(&self, builder: &str) -> bool {
        builder == "mkDerivation" || builder == "derivation"
    }

    /// Whether `text` stands in what the attributes are written or known as.
    pub(super) fn has_text(&self, text: &str) -> bool {
        self.variables().into_iter().any(|change| {
            self.written(change).is_some_and(|written| written.contains(text))
                || strings(&change.value).iter().any(|string| string.contains(text))
        })
    }

    fn written(&self, change: &Change) -> Option<String> {
        let Span { file, range } = change.definition?;
        Some(self.tree.source(file).ok()?.slice(range).to_owned())
    }

    /// Optimisation at link time, as far as variables and flags say.
    pub(super) fn lto(&self) -> Lto {
        let mut found = Lto::Off;
        for change in self.variables() {
            let says = match change.name.as_str() {
                "CARGO_PROFILE_RELEASE_LTO" => match change.value.as_str() {
                    Some("fat" | "true") => Lto::Fat,
                    Some("thin") => Lto::Thin,
                    _ => Lto::Off,
                },
                "ltoSupport" | "enableLTO" if change.value.as_bool() == Some(true) => Lto::Fat,
                "RUSTFLAGS" | "NIX_CFLAGS_COMPILE" | "NIX_CFLAGS_LINK" | "NIX_LDFLAGS"
                | "CFLAGS" | "CXXFLAGS" | "LDFLAGS" => strings(&change.value)
                    .iter()
                    .map(|flags| lto_of(flags))
                    .max_by_key(|lto| *lto as u8)
                    .unwrap_or_default(),
                _ => Lto::Off,
            };
            if says as u8 > found as u8 {
                found = says;
            }
        }
        found
    }

    /// Who links, as far as flags say.
    pub(super) fn linker(&self) -> Linker {
        match self.has_text("fuse-ld=mold") || self.has_text("useMoldLinker") {
            true => Linker::Mold,
            false => Linker::Default,
        }
    }

    /// The heap that Node is told to keep to, which is what it takes at worst.
    pub(super) fn heap(&self) -> Option<Figure> {
        let options = self.variables().into_iter().find(|change| change.name == "NODE_OPTIONS")?;
        let text = options.value.as_str()?;
        let mebibytes = ["--max-old-space-size=", "--max_old_space_size="]
            .iter()
            .find_map(|flag| text.split_whitespace().find_map(|word| word.strip_prefix(flag)))?;
        let bytes = Bytes::mebibytes(mebibytes.parse().ok()?);
        Some(Figure {
            bytes,
            low: bytes,
            basis: Basis::Documented,
            source: "the V8 heap that NODE_OPTIONS allows".to_owned(),
        })
    }
}

fn lto_of(flags: &str) -> Lto {
    let has = |parts: &[&str]| parts.iter().any(|part| flags.contains(part));
    if has(&["lto=thin"]) {
        Lto::Thin
    } else if has(&["lto=fat", "-flto", "-Clto=true", "-C lto=true"]) {
        Lto::Fat
    } else {
        Lto::Off
    }
}

/// The packages in a value, as dotted paths.
fn packages(value: &ValueFact, into: &mut Vec<String>) {
    match &value.kind {
        ValueKind::Package(package) => into.push(package.path.join(".")),
        ValueKind::List(values) | ValueKind::Choice(values) => {
            values.iter().for_each(|value| packages(value, into));
        }
        _ => {}
    }
}

/// The strings in a value.
pub(super) fn strings(value: &ValueFact) -> Vec<&str> {
    match &value.kind {
        ValueKind::Str(text) | ValueKind::PartialStr(text) => vec![text],
        ValueKind::List(values) | ValueKind::Choice(values) => {
            values.iter().flat_map(strings).collect()
        }
        _ => Vec::new(),
    }
}

impl KnobSite for BuildSite<'_> {
    fn builder(&self) -> Option<Vec<&str>> {
        Some(self.builder.as_ref()?.iter().map(|name| name.as_str()).collect())
    }

    fn package(&self) -> Option<Vec<&str>> {
        Some(self.package.as_ref()?.split('.').collect())
    }

    fn has_input(&self, input: &str) -> Option<bool> {
        let below = || match (&self.native_inputs, self.is_override || self.open) {
            (Some(inputs), _) => Some(inputs.iter().any(|known| known == input)),
            (None, false) => Some(false),
            (None, true) => None,
        };
        let Some(change) = self.attribute("nativeBuildInputs") else { return below() };
        let mut known = Vec::new();
        packages(&change.value, &mut known);
        let is_it = |name: &String| name == input || name.ends_with(&format!(".{input}"));
        if known.iter().any(is_it) {
            return Some(true);
        }
        let last = input.rsplit('.').next().unwrap_or(input);
        let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-');
        let written = self.written(change)?;
        if written.split(|char| !is_part(char)).any(|word| word == last) {
            return None;
        }
        match (change.uses_old, &change.value.kind) {
            (false, ValueKind::List(_)) => Some(false),
            (true, _) => below(),
            _ => None,
        }
    }

    fn sets(&self, name: &str) -> Option<bool> {
        match self.attribute(name) {
            Some(change) => Some(!change.is_identity),
            // What an override leaves alone is as nixpkgs' builder has it, for all that is known.
            None if self.open && !self.is_override => None,
            None => Some(false),
        }
    }
}
