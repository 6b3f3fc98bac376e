//! What the calls of a tree make Nix build: nothing, seconds of wrapping, or a compilation.
//!
//! Rules of several groups ask this; the tables of `rules/knowledge` answer.

use crate::facts::{
    Call, Change, Context, DerivationSite, Facts, Method, Origin, OverrideSite, Package, ValueFact,
    ValueKind,
};
use crate::knowledge::{
    Attribute, Attributes, BuilderClass, DefaultValue, Knowledge, Reach, SpecialValue, Structure,
};
use crate::source::{FileId, Span, Tree};

/// What a call makes Nix build.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// The same derivation as without it.
    Nothing,
    /// The same derivation with other metadata.
    Metadata,
    /// A wrapper, an unpacked binary, a text: seconds to minutes, and nothing is compiled.
    Cheap,
    /// Something is compiled.
    Compiles,
    /// It cannot be told.
    Unclear,
}

/// What `site` makes Nix build.
pub fn work_of_override(knowledge: &Knowledge, facts: &Facts, site: &OverrideSite) -> Work {
    let Some(package) = &site.package else { return Work::Unclear };
    if changes_nothing(site) {
        return Work::Nothing;
    }
    if changes_only_metadata(site) {
        return Work::Metadata;
    }
    let given = Given { attributes: &site.changes, is_whole: false };
    if site.method != Method::Override && knowledge.compiles_nothing(&given).is_some() {
        return Work::Cheap;
    }
    match &package.origin {
        Origin::Stock | Origin::OtherNixpkgs(_) => work_of_stock(knowledge, site, package),
        Origin::Input(input) if is_unpacked(knowledge, input, package) => Work::Cheap,
        Origin::Input(input) if is_compiled(knowledge, input, site, package) => Work::Compiles,
        Origin::Input(_) => Work::Unclear,
        Origin::Own => own_derivation(facts, site)
            .map_or(Work::Unclear, |derivation| work_of_derivation(knowledge, derivation)),
        Origin::Unknown => Work::Unclear,
    }
}

/// What `site` makes Nix build.
pub fn work_of_derivation(knowledge: &Knowledge, site: &DerivationSite) -> Work {
    let path = site.builder_path();
    let given = Given { attributes: &site.attributes, is_whole: true };
    let Some(builder) = knowledge.builder(&path) else { return Work::Unclear };
    let shows_nothing = || builder.is_generic() && knowledge.shows_no_compiling(&given).is_some();
    match builder.class {
        BuilderClass::Trivial | BuilderClass::Fetch => Work::Cheap,
        BuilderClass::Compiles if knowledge.compiles_nothing(&given).is_some() => Work::Cheap,
        BuilderClass::Compiles if shows_nothing() => Work::Unclear,
        BuilderClass::Compiles => Work::Compiles,
    }
}

/// Whether the override gives back the very package it is of.
pub fn changes_nothing(site: &OverrideSite) -> bool {
    !site.open && site.changes.iter().all(|change| change.is_identity)
}

/// Whether the override leaves the derivation and its hash alone: it changes `meta`, `passthru` and
/// `pos`, and of `meta` not `mainProgram`, which stdenv puts into the derivation.
pub fn changes_only_metadata(site: &OverrideSite) -> bool {
    let is_metadata = |change: &Change| match change.name.as_str() {
        "passthru" | "pos" => true,
        "meta" => keeps_main_program(change),
        _ => change.is_identity,
    };
    site.method != Method::Override && !site.open && site.changes.iter().all(is_metadata)
}

fn keeps_main_program(meta: &Change) -> bool {
    let is_kept = |program: &Change| program.is_identity;
    meta.is_identity || (meta.uses_old && meta.inner("mainProgram").is_none_or(is_kept))
}

fn work_of_stock(knowledge: &Knowledge, site: &OverrideSite, package: &Package) -> Work {
    let path = package.lookup_path();
    if knowledge.browser(&path).is_some() {
        return match browser_reach(knowledge, site) {
            Reach::Engine => Work::Compiles,
            Reach::Nowhere if !site.changes.iter().all(|it| is_default(knowledge, package, it)) => {
                Work::Unclear
            }
            Reach::Wrapper | Reach::Nowhere => Work::Cheap,
            Reach::Unknown => Work::Unclear,
        };
    }
    if let Some(row) = knowledge.package(&path) {
        let is_named = |change: &Change| row.cheap_arguments.iter().any(|it| change.name == *it);
        let is_cheap = |change: &Change| change.is_identity || is_named(change);
        let leaves_it = site.method == Method::Override
            && !site.open
            && !site.changes.is_empty()
            && site.changes.iter().all(is_cheap);
        let reaches_wrapper = row.wraps && site.method != Method::Override;
        let compiles = row.class.compiles() && !leaves_it && !reaches_wrapper;
        return if compiles { Work::Compiles } else { Work::Cheap };
    }
    if knowledge.builder(&path).is_some() {
        // `buildGoModule.override` adapts a function; what it is called with is another matter.
        return Work::Cheap;
    }
    if shows_compiling(knowledge, site) { Work::Compiles } else { Work::Unclear }
}

/// Whether the override changes what only something that is compiled has.
fn shows_compiling(knowledge: &Knowledge, site: &OverrideSite) -> bool {
    let shows = |change: &Change| {
        !change.is_identity && knowledge.compile_sign(&change.name).is_some()
            || change.name == "env"
                && change.inner.iter().any(|inner| knowledge.compile_sign(&inner.name).is_some())
    };
    site.method == Method::OverrideAttrs && site.changes.iter().any(shows)
}

/// How far into a browser the override reaches: to its wrapper, or to its compiled engine.
pub fn browser_reach(knowledge: &Knowledge, site: &OverrideSite) -> Reach {
    let Some(package) = &site.package else { return Reach::Unknown };
    let Some(browser) = knowledge.browser(&package.lookup_path()) else { return Reach::Unknown };
    match (browser.structure, site.method) {
        (Structure::Repack, _) => Reach::Wrapper,
        (Structure::Engine | Structure::EngineBuilder, Method::Override) => {
            let may_be = |change: &Change| may_be_default(knowledge, package, change);
            let nothing = !site.open && site.changes.iter().all(may_be);
            if nothing { Reach::Nowhere } else { Reach::Engine }
        }
        (Structure::Engine | Structure::EngineBuilder, _) => Reach::Engine,
        (Structure::Wrapper, Method::Override) => {
            let reaches: Vec<Reach> = site
                .changes
                .iter()
                .filter(|change| !may_be_default(knowledge, package, change))
                .map(|change| browser.reach_of(&change.name))
                .collect();
            if reaches.contains(&Reach::Engine) {
                Reach::Engine
            } else if !browser.engine_arguments.is_empty()
                && (site.open || reaches.contains(&Reach::Unknown))
            {
                Reach::Unknown
            } else {
                Reach::Wrapper
            }
        }
        (Structure::Wrapper, _) => Reach::Wrapper,
    }
}

/// Whether the argument is given the value that it is known to have anyway.
pub fn is_default(knowledge: &Knowledge, package: &Package, change: &Change) -> bool {
    change.is_identity
        || knowledge
            .default_of(&package.lookup_path(), &change.name)
            .is_some_and(|default| literal(&change.value).as_ref() == Some(default.value))
}

/// Whether the argument is given the value that it has anyway, or may be: the attribute of its own name
/// of a package set. Who gives it mostly undoes what the tree changes about that attribute, so that a
/// cache has the package after all.
pub fn may_be_default(knowledge: &Knowledge, package: &Package, change: &Change) -> bool {
    change.is_of_set || is_default(knowledge, package, change)
}

/// Whether a value turns on what it is given to: `true`, or the name of one of several ways.
pub fn is_on(value: &ValueFact) -> bool {
    match &value.kind {
        ValueKind::Bool(on) => *on,
        ValueKind::Str(_) => true,
        _ => false,
    }
}

/// `value` as the tables write values; `None` where it is not known or has no such form.
pub fn literal(value: &ValueFact) -> Option<DefaultValue> {
    Some(match &value.kind {
        ValueKind::Null => DefaultValue::Special { nix: SpecialValue::Null },
        ValueKind::Bool(value) => DefaultValue::Bool(*value),
        ValueKind::Int(value) => DefaultValue::Int(*value),
        ValueKind::Str(value) => DefaultValue::String(value.clone()),
        ValueKind::List(items) => {
            DefaultValue::List(items.iter().map(literal).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// What a call gives. Of an override it is not the whole: inputs that it adds say little.
struct Given<'a> {
    attributes: &'a [Change],
    is_whole: bool,
}

impl Attributes for Given<'_> {
    fn attribute(&self, name: &str) -> Attribute {
        match self.attributes.iter().find(|change| change.name == name) {
            None => Attribute::Absent,
            Some(change) if change.optional => Attribute::Unknown,
            Some(change) => literal(&change.value).map_or(Attribute::Unknown, Attribute::Literal),
        }
    }

    fn has_input(&self, name: &str) -> bool {
        let is_it = |value: &ValueFact| package_name(value) == Some(name);
        let holds = |change: &Change| match &change.value.kind {
            ValueKind::List(items) => items.iter().any(is_it),
            _ => false,
        };
        self.is_whole && self.inputs().any(holds)
    }

    fn has_no_input_but(&self, names: &[String]) -> bool {
        let is_one = |value: &ValueFact| {
            package_name(value).is_some_and(|name| names.iter().any(|listed| listed == name))
        };
        let holds_only = |change: &Change| match &change.value.kind {
            ValueKind::List(items) => items.iter().all(is_one),
            _ => false,
        };
        self.is_whole && self.inputs().all(holds_only)
    }
}

impl<'a> Given<'a> {
    fn inputs(&self) -> impl Iterator<Item = &'a Change> {
        const ATTRIBUTES: [&str; 4] = [
            "nativeBuildInputs",
            "buildInputs",
            "propagatedBuildInputs",
            "propagatedNativeBuildInputs",
        ];
        self.attributes.iter().filter(|change| ATTRIBUTES.contains(&change.name.as_str()))
    }
}

/// The last name of the package that `value` is.
fn package_name(value: &ValueFact) -> Option<&str> {
    match &value.kind {
        ValueKind::Package(package) => package.path.last().map(String::as_str),
        _ => None,
    }
}

/// Whether the package of a flake's own is known to be compiled: by its name, or the input's.
fn is_compiled(knowledge: &Knowledge, input: &str, site: &OverrideSite, package: &Package) -> bool {
    let path = package.lookup_path();
    let is_known = |path: &[&str]| {
        knowledge.browser(path).is_some()
            || knowledge.package(path).is_some_and(|row| row.class.compiles())
            || knowledge.recipe(path).is_some()
    };
    is_known(&path)
        || matches!(path.as_slice(), [] | ["default"]) && is_known(&[input])
        || shows_compiling(knowledge, site)
}

fn is_unpacked(knowledge: &Knowledge, input: &str, package: &Package) -> bool {
    let path = package.lookup_path();
    let unpacked = |path: &[&str]| {
        knowledge.browser(path).is_some_and(|row| row.structure == Structure::Repack)
            || knowledge.package(path).is_some_and(|row| !row.class.compiles())
    };
    unpacked(&path) || unpacked(&[input])
}

/// The derivation of the tree itself that `site` changes.
pub fn own_derivation<'f>(facts: &'f Facts, site: &OverrideSite) -> Option<&'f DerivationSite> {
    let name = site.package.as_ref().and_then(|package| package.path.last());
    facts.derivation_in(site.base).or_else(|| facts.derivation_named(name?))
}

/// The overrides that `site` is chained onto: those that stand in what it is applied to, else every
/// other one of the package, for one of them it must be.
pub fn inner_overrides<'f>(facts: &'f Facts, site: &OverrideSite) -> Vec<&'f OverrideSite> {
    if !site.chained {
        return Vec::new();
    }
    let all = facts.overrides_of(site.package.as_ref());
    let others: Vec<&OverrideSite> = all.filter(|inner| !std::ptr::eq(*inner, site)).collect();
    let inside: Vec<&OverrideSite> =
        others.iter().copied().filter(|inner| is_inside(inner, site)).collect();
    if inside.is_empty() {
        return others.into_iter().filter(|inner| !inner.chained).collect();
    }
    inside
}

/// Whether `site` is what another override of the tree is chained onto.
pub fn is_chained_onto(facts: &Facts, site: &OverrideSite) -> bool {
    outer_overrides(facts, site).next().is_some()
}

/// The overrides that are chained onto `site`.
pub fn outer_overrides<'f>(
    facts: &'f Facts,
    site: &'f OverrideSite,
) -> impl Iterator<Item = &'f OverrideSite> {
    facts.overrides_of(site.package.as_ref()).filter(move |outer| {
        outer.chained
            && inner_overrides(facts, outer).iter().any(|inner| std::ptr::eq(*inner, site))
    })
}

fn is_inside(inner: &OverrideSite, outer: &OverrideSite) -> bool {
    let uses = [Some(inner.call.span), inner.call.used_at];
    let within = |outer: Span| uses.iter().flatten().any(|place| contains(outer, *place));
    if within(outer.base) {
        return true;
    }
    match (inner.call.used_at, outer.call.used_at) {
        (Some(inner_use), Some(outer_use)) if inner_use == outer_use => !inner.chained,
        (_, Some(outer_use)) => within(outer_use),
        (_, None) => false,
    }
}

/// Where a helper is used that makes the override, be it one that is given what another helper made.
pub fn used_at(facts: &Facts, site: &OverrideSite) -> Option<Span> {
    site.call.used_at.or_else(|| {
        inner_overrides(facts, site)
            .into_iter()
            .filter(|inner| !contains(site.base, inner.call.span))
            .find_map(|inner| inner.call.used_at.filter(|used| !contains(site.base, *used)))
    })
}

/// Whether `inner` lies in `outer`.
pub fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.range.contains_range(inner.range)
}

/// Whether a file lies there for others to begin with, and nothing of it is built as it is.
pub fn is_template(tree: &Tree, file: FileId) -> bool {
    const FOLDERS: [&str; 2] = ["templates", "template"];
    let folders = tree.path(file).components().rev().skip(1);
    let mut names = folders.filter_map(|part| part.as_os_str().to_str());
    names.any(|name| FOLDERS.contains(&name))
}

/// How a message calls the package of `site`.
pub fn name_of(site: &OverrideSite) -> String {
    let named = site.package.as_ref().map(Package::name).filter(|name| !name.is_empty());
    named.or_else(|| bound_name(&site.call).map(str::to_owned)).unwrap_or_else(|| "it".to_owned())
}

/// The name that the call's result is bound to.
pub fn bound_name(call: &Call) -> Option<&str> {
    match &call.context {
        Context::OverlayEntry { name, .. } | Context::Binding { name, .. } => Some(name),
        _ => None,
    }
}
