//! Overrides and derivations: the two ways in which a tree changes what is built.

use thin_vec::ThinVec;

use super::package::Package;
use super::read::Read;
use super::settings::ModuleKind;
use super::value::ValueFact;
use crate::hir::Name;
use crate::source::{FileId, Span};

/// What overrides and derivations have in common: a call, where it stands, and what around it
/// decides whether and how it counts.
#[derive(Debug, Clone)]
pub struct Call {
    /// The whole application, without parentheses around it.
    pub span: Span,
    /// Where it is used, when it stands in a helper function: the call of the helper.
    pub used_at: Option<Span>,
    /// The argument, without parentheses around it.
    pub argument: Span,
    /// The attribute set literal that gives the changes or attributes, where there is one: in the
    /// argument itself, or in the body of the function that is the argument.
    pub literal: Option<Span>,
    /// The name of the parameter that holds the old attributes (`old` in `old: { … }`, `prev` in
    /// `final: prev: { … }`), and the functions' last parameter where it stands in the text.
    pub old_name: Option<String>,
    /// What the call is part of.
    pub context: Context,
    /// What kind of module it stands in.
    pub module: ModuleKind,
    /// It happens only under this condition, which cannot be decided.
    pub condition: Option<Span>,
    /// It stands in a package's `passthru`: whoever builds the package builds nothing of it.
    pub is_aside: bool,
    /// The names that hardware profiles go by there, innermost first. Looked for only where the call
    /// gives something that hangs on the machine that builds.
    pub profiles: Vec<ProfileName>,
}

/// A name that stands for a hardware profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileName {
    /// The name.
    pub name: String,
    /// The file of the profile.
    pub profile: FileId,
    /// Where the name is in view, unless something inside binds it anew.
    pub within: Span,
}

impl Call {
    /// Where a finding about the call is reported: the use of a helper, else the call itself.
    pub fn reported_at(&self) -> Span {
        self.used_at.unwrap_or(self.span)
    }
}

/// What a call is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// The value of an overlay's attribute.
    OverlayEntry { name: String, definition: Span },
    /// An element of a list that is an option's value (`home.packages`), with the dotted option.
    ListElement { option: String },
    /// An option's value.
    OptionValue { option: String },
    /// A name in a `let` or another set.
    Binding { name: String, definition: Span },
    /// Anything else.
    Other,
}

/// One override of one package.
#[derive(Debug, Clone)]
pub struct OverrideSite {
    /// The call.
    pub call: Call,
    /// Which method.
    pub method: Method,
    /// The package, other overrides on it taken away; `None` where it cannot be followed.
    pub package: Option<Package>,
    /// The text of what is overridden: `pkgs.brave` in `pkgs.brave.override { }`.
    pub base: Span,
    /// What is overridden is itself an override written in the tree.
    pub chained: bool,
    /// The changes, by name.
    pub changes: Vec<Change>,
    /// There are, or may be, changes that are not in the list.
    pub open: bool,
}

impl OverrideSite {
    /// Whether a condition that cannot be decided leaves open that it happens, or changes anything.
    pub fn is_conditional(&self) -> bool {
        let is_optional = |change: &Change| change.optional;
        self.call.condition.is_some()
            || !self.changes.is_empty() && self.changes.iter().all(is_optional)
    }
}

/// A method that changes a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `.override`: other arguments for the package's function.
    Override,
    /// `.overrideAttrs` and `.overrideDerivation`: other attributes for the derivation.
    OverrideAttrs,
    /// `.overridePythonAttrs`: other arguments for the Python builder.
    OverridePythonAttrs,
}

/// One attribute or argument that a call gives.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name.
    pub name: Name,
    /// Where the name is written.
    pub key: Option<Span>,
    /// The whole definition with its semicolon.
    pub definition: Option<Span>,
    /// The value.
    pub value: ValueFact,
    /// It is the old value unchanged: `x = old.x`.
    pub is_identity: bool,
    /// It is the attribute of this very name of a package set, or of something unknown that may be one:
    /// what `callPackage` gives anyway, or gave before this set was changed.
    pub is_of_set: bool,
    /// The new value is made from the old one.
    pub uses_old: bool,
    /// It may be missing, by a condition that cannot be decided.
    pub optional: bool,
    /// What it is made of that changes with the configuration itself.
    pub reads: ThinVec<Read>,
    /// The packages of the finished set, and the tree's own, that the value names for certain.
    pub needs: ThinVec<Package>,
    /// For `meta`, `env` and `passthru`: the attributes inside.
    pub inner: ThinVec<Change>,
    /// `inner` is not all: the set is extended from something, or not wholly known.
    pub inner_open: bool,
}

impl Change {
    /// The attribute `name` inside.
    pub fn inner(&self, name: &str) -> Option<&Change> {
        self.inner.iter().find(|change| change.name == name)
    }
}

impl OverrideSite {
    /// The change of `name`.
    pub fn change(&self, name: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.name == name)
    }
}

/// One call of a function that makes a derivation.
#[derive(Debug, Clone)]
pub struct DerivationSite {
    /// The call.
    pub call: Call,
    /// The path of the builder, without the package set: `["rustPlatform", "buildRustPackage"]`.
    pub builder: ThinVec<Name>,
    /// The builder as the text calls it.
    pub builder_text: Span,
    /// `pname`, else `name`, where it is known.
    pub name: Option<String>,
    /// The attributes, by name.
    pub attributes: Vec<Change>,
    /// There are, or may be, attributes that are not in the list.
    pub open: bool,
}

impl DerivationSite {
    /// The path of the builder, as tables look it up.
    pub fn builder_path(&self) -> Vec<&'static str> {
        self.builder.iter().map(|name| name.as_str()).collect()
    }

    /// The attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&Change> {
        self.attributes.iter().find(|change| change.name == name)
    }
}
