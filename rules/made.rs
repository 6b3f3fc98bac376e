//! The calls of a tree that give a derivation its attributes, and what builds it.

use std::sync::Arc;

use crate::facts::{
    Call, Change, Context, DerivationSite, Facts, Method, Origin, OverrideSite, Package,
};
use crate::knowledge::{Builder, KnobSite, Knowledge, Recipe};
use crate::lint::TreeContext;
use crate::rules::inputs::Inputs;
use crate::rules::work::{self, Work};
use crate::source::FileId;

/// Commands that read the variables of cargo.
const COMMANDS: [&str; 7] = [
    "cargo build",
    "cargo run",
    "cargo rustc",
    "cargo test",
    "cargo install",
    "cargo xtask",
    "maturin build",
];

/// A call that gives a derivation attributes.
pub struct Made<'a> {
    /// The call.
    pub call: &'a Call,
    /// How a message calls what it makes.
    pub name: Arc<str>,
    /// What builds it, where that is known.
    pub builder: Option<&'a Builder>,
    /// It changes a package that is made elsewhere.
    pub is_override: bool,
    /// What the call gives.
    pub attributes: &'a [Change],
    /// It may give more than that.
    pub open: bool,
    /// What is overridden.
    pub package: Option<&'a Package>,
    /// What it overrides gives too, where the tree itself writes that.
    below: Vec<&'a [Change]>,
    /// What it makes Nix build.
    pub work: Work,
    /// Its inputs.
    inputs: Arc<Inputs>,
}

/// What takes long to find out about a call, and is found out once for all rules.
struct Reckoned {
    subject: Subject,
    name: Arc<str>,
    /// By its place among the rows of the table.
    builder: Option<usize>,
    below: Box<[Subject]>,
    work: Work,
    inputs: Arc<Inputs>,
}

/// A call, by its place in the list of facts.
#[derive(Clone, Copy)]
enum Subject {
    Derivation(usize),
    Override(usize),
}

impl Subject {
    fn call(self, facts: &Facts) -> Option<&Call> {
        match self {
            Subject::Derivation(index) => facts.derivations.get(index).map(|site| &site.call),
            Subject::Override(index) => facts.overrides.get(index).map(|site| &site.call),
        }
    }

    fn attributes(self, facts: &Facts) -> Option<&[Change]> {
        match self {
            Subject::Derivation(index) => Some(&facts.derivations.get(index)?.attributes),
            Subject::Override(index) => Some(&facts.overrides.get(index)?.changes),
        }
    }

    fn of_derivation(site: &DerivationSite, facts: &Facts) -> Option<Subject> {
        let is_it = |other: &DerivationSite| std::ptr::eq(other, site);
        place_in(&facts.derivations, |site| &site.call, &site.call, is_it).map(Subject::Derivation)
    }

    fn of_override(site: &OverrideSite, facts: &Facts) -> Option<Subject> {
        let is_it = |other: &OverrideSite| std::ptr::eq(other, site);
        place_in(&facts.overrides, |site| &site.call, &site.call, is_it).map(Subject::Override)
    }
}

/// Where in `sites`, which are in the order of their calls, the one with `call` stands.
fn place_in<T>(
    sites: &[T],
    call_of: impl Fn(&T) -> &Call,
    call: &Call,
    is_it: impl Fn(&T) -> bool,
) -> Option<usize> {
    let key = |call: &Call| call.span.sort_key();
    let from = sites.partition_point(|site| key(call_of(site)) < key(call));
    let here = sites.get(from..)?.iter().position(is_it)?;
    Some(from + here)
}

/// All of them, in the order of the places that they are reported at.
struct All(Vec<Reckoned>);

impl All {
    fn of(cx: &TreeContext<'_>) -> All {
        let derivations = cx.facts.derivations.iter().enumerate();
        let overrides = cx.facts.overrides.iter().enumerate();
        let overrides = overrides.filter(|(_, site)| site.method != Method::Override);
        let mut all: Vec<Reckoned> = derivations
            .map(|(index, site)| derivation(cx, index, site))
            .chain(overrides.map(|(index, site)| override_of(cx, index, site)))
            .collect();
        let place = |one: &Reckoned| Some(one.subject.call(cx.facts)?.reported_at().sort_key());
        all.sort_by_key(place);
        All(all)
    }
}

/// Every call of a builder, and every override of a derivation's attributes.
pub fn made<'a>(cx: &TreeContext<'a>) -> impl Iterator<Item = Made<'a>> + use<'a> {
    let all = cx.once(|| All::of(cx));
    let (facts, knowledge) = (cx.facts, cx.knowledge);
    (0..all.0.len()).filter_map(move |index| all.0[index].made(facts, knowledge))
}

impl Reckoned {
    fn made<'a>(&self, facts: &'a Facts, knowledge: &'a Knowledge) -> Option<Made<'a>> {
        let site = match self.subject {
            Subject::Override(index) => Some(facts.overrides.get(index)?),
            Subject::Derivation(_) => None,
        };
        let open = match self.subject {
            Subject::Override(index) => facts.overrides.get(index)?.open,
            Subject::Derivation(index) => facts.derivations.get(index)?.open,
        };
        Some(Made {
            call: self.subject.call(facts)?,
            name: Arc::clone(&self.name),
            builder: self.builder.and_then(|row| knowledge.builders.rows().get(row)),
            is_override: site.is_some(),
            attributes: self.subject.attributes(facts)?,
            open,
            package: site.and_then(|site| site.package.as_ref()),
            below: self.below.iter().filter_map(|subject| subject.attributes(facts)).collect(),
            work: self.work,
            inputs: Arc::clone(&self.inputs),
        })
    }
}

fn derivation(cx: &TreeContext<'_>, index: usize, site: &DerivationSite) -> Reckoned {
    let name = site.name.as_deref().or(work::bound_name(&site.call)).unwrap_or("this derivation");
    Reckoned {
        subject: Subject::Derivation(index),
        name: name.into(),
        builder: row_of(cx, builder_of(cx, site)),
        below: Box::default(),
        work: work::work_of_derivation(cx.knowledge, site),
        inputs: inputs_of(cx, site).into(),
    }
}

fn override_of(cx: &TreeContext<'_>, index: usize, site: &OverrideSite) -> Reckoned {
    let package = site.package.as_ref();
    let is_stock = package.is_some_and(Package::is_stock);
    let own = work::own_derivation(cx.facts, site).filter(|_| !is_stock);
    let inner = work::inner_overrides(cx.facts, site);
    let inner: Vec<&OverrideSite> =
        inner.into_iter().filter(|inner| inner.method != Method::Override).collect();
    let recipe = package.and_then(|package| recipe_of(cx, package));
    let (builder, inputs) = match (own, recipe) {
        (Some(own), _) => (builder_of(cx, own), inputs_of(cx, own)),
        (None, Some(recipe)) => {
            let path: Vec<&str> = recipe.builder.split('.').collect();
            let inputs = recipe.native_inputs.as_deref().map_or(Inputs::open(), Inputs::exactly);
            (cx.knowledge.builder(&path), inputs)
        }
        (None, None) => (None, Inputs::open()),
    };
    let changed = inner.iter().map(|inner| inner.changes.as_slice()).chain([&*site.changes]);
    let inputs = changed.fold(inputs, |inputs, changes| inputs.changed_by(cx, changes));
    let below = inner.into_iter().filter_map(|inner| Subject::of_override(inner, cx.facts));
    let below = below.chain(own.and_then(|own| Subject::of_derivation(own, cx.facts)));
    Reckoned {
        subject: Subject::Override(index),
        name: work::name_of(site).into(),
        builder: row_of(cx, builder),
        below: below.collect(),
        work: work::work_of_override(cx.knowledge, cx.facts, site),
        inputs: inputs.into(),
    }
}

/// The place of a builder among the rows of the table.
fn row_of(cx: &TreeContext<'_>, builder: Option<&Builder>) -> Option<usize> {
    let builder = builder?;
    cx.knowledge.builders.rows().iter().position(|row| std::ptr::eq(row, builder))
}

/// How `package` is built. A flake's own package goes by the name of the input.
fn recipe_of<'a>(cx: &TreeContext<'a>, package: &Package) -> Option<&'a Recipe> {
    let path = package.lookup_path();
    match &package.origin {
        Origin::Stock | Origin::OtherNixpkgs(_) => cx.knowledge.recipe(&path),
        Origin::Input(input) if matches!(path.as_slice(), [] | ["default"]) => {
            cx.knowledge.recipe(&[input])
        }
        Origin::Input(_) | Origin::Own | Origin::Unknown => None,
    }
}

/// What the derivation's call gives; a builder other than stdenv's own may add to it.
fn inputs_of(cx: &TreeContext<'_>, site: &DerivationSite) -> Inputs {
    let is_generic = builder_of(cx, site).is_some_and(Builder::is_generic);
    let none = if is_generic && !site.open { Inputs::default() } else { Inputs::open() };
    none.changed_by(cx, &site.attributes)
}

fn builder_of<'a>(cx: &TreeContext<'a>, site: &DerivationSite) -> Option<&'a Builder> {
    let path = site.builder_path();
    cx.knowledge.builder(&path)
}

impl<'a> Made<'a> {
    /// The attribute `name` that the call itself gives.
    pub fn own(&self, name: &str) -> Option<&'a Change> {
        self.attributes.iter().find(|change| change.name == name && !change.is_identity)
    }

    /// The attribute `name` that the call or, in the tree, what it overrides gives.
    pub fn attribute(&self, name: &str) -> Option<&'a Change> {
        self.levels().flatten().find(|change| change.name == name && !change.is_identity)
    }

    /// What the call gives, then what that which it overrides gives, where the tree writes that.
    pub fn levels(&self) -> impl Iterator<Item = &'a [Change]> {
        std::iter::once(self.attributes).chain(self.below.iter().copied())
    }

    /// Whether the text of the call makes something of its variable `name`: it names it again, or
    /// runs cargo, which reads its variables wherever no flag says otherwise.
    pub fn uses_variable(&self, cx: &TreeContext<'_>, name: &str) -> bool {
        let Ok(source) = cx.tree.source(self.call.span.file) else { return false };
        let text = source.slice(self.call.span.range);
        let variable = [format!("${name}"), format!("${{{name}"), format!("finalAttrs.{name}")];
        let runs_cargo = name.starts_with("CARGO_")
            && text.lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with('#') && COMMANDS.iter().any(|run| line.contains(run))
            });
        runs_cargo || variable.iter().any(|variable| text.contains(variable.as_str()))
    }

    /// The language it is written in: that of its builder, and for stdenv's own function, which
    /// builds any, what its attributes and inputs show.
    pub fn language(&self, cx: &TreeContext<'a>) -> Option<&'a str> {
        let builder = self.builder?;
        if !builder.is_generic() {
            return Some(&builder.language);
        }
        let attributes = self.levels().flatten().map(|change| change.name.as_str());
        cx.knowledge.language_shown(attributes.chain(self.inputs.names()))
    }

    /// Whether it is an environment to work in, which nobody installs: what `mkShell` makes, what
    /// stands among a flake's `devShells` or in a `shell.nix`, and what stdenv's own function makes
    /// of nothing.
    pub fn is_dev_shell(&self, cx: &TreeContext<'_>) -> bool {
        let path = cx.tree.path(self.call.span.file);
        let is_for_shells = path.file_name().is_some_and(|name| name == "shell.nix");
        let by_builder = self.builder.is_some_and(|builder| builder.name == "mkShell");
        let option = match &self.call.context {
            Context::OptionValue { option } | Context::ListElement { option } => option.as_str(),
            _ => "",
        };
        let is_output = option.split('.').any(|name| matches!(name, "devShells" | "devShell"));
        by_builder || is_output || is_for_shells || self.has_nothing_to_build()
    }

    /// Whether it lies there for others to begin with, and is built nowhere as it is.
    pub fn is_template(&self, cx: &TreeContext<'_>) -> bool {
        is_template(cx, self.call.span.file)
    }

    fn has_nothing_to_build(&self) -> bool {
        const SOURCES: [&str; 6] =
            ["src", "srcs", "unpackPhase", "dontUnpack", "buildCommand", "buildPhase"];
        let is_generic = self.builder.is_some_and(Builder::is_generic);
        let has_one = SOURCES.iter().any(|name| self.attribute(name).is_some());
        is_generic && !self.is_override && !self.open && !has_one
    }
}

/// Whether a file lies there for others to begin with.
pub fn is_template(cx: &TreeContext<'_>, file: FileId) -> bool {
    work::is_template(cx.tree, file)
}

impl KnobSite for Made<'_> {
    fn builder(&self) -> Option<Vec<&str>> {
        Some(self.builder?.name.split('.').collect())
    }

    fn package(&self) -> Option<Vec<&str>> {
        Some(self.package?.lookup_path())
    }

    fn has_input(&self, input: &str) -> Option<bool> {
        self.inputs.has(input)
    }

    fn sets(&self, name: &str) -> Option<bool> {
        match self.attribute(name) {
            Some(change) => (!change.optional).then_some(true),
            None => (!self.open).then_some(false),
        }
    }
}
