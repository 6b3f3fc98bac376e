//! What the package sets of a tree are made with, wherever it is written: the option `nixpkgs` of
//! modules, and the arguments of `import nixpkgs { … }`.

use super::served::is_at;
use crate::facts::{
    AppliesTo, Configuration, Facts, ModuleKind, PackageSetOption, Setting, SettingPlace,
    ValueFact, ValueKind,
};
use crate::lint::TreeContext;
use crate::source::{FileId, Span};

/// One option that is set.
pub(super) struct Chosen<'f> {
    /// Its path: `["config", "cudaSupport"]`, `["hostPlatform", "gcc", "arch"]`.
    pub(super) path: Vec<&'f str>,
    /// Where the last name is written.
    pub(super) key: Span,
    /// The value.
    pub(super) value: &'f ValueFact,
    /// It holds only under a condition that cannot be decided.
    pub(super) is_conditional: bool,
    /// Whose packages it is about.
    pub(super) reach: Reach,
    /// The configuration that it belongs to.
    pub(super) host: Option<&'f str>,
    /// What kind of module sets it; none for a package set that is made by itself.
    kind: Option<ModuleKind>,
}

/// Whose packages an option is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those of the tree's configurations.
    Theirs,
    /// Those of whoever uses this: a module, or a package set.
    Perhaps(&'static str),
}

impl Reach {
    /// Whose packages are meant by what applies to this; `None` for a set of its own.
    pub(super) fn of(applies_to: &AppliesTo) -> Option<Reach> {
        match applies_to {
            AppliesTo::Configurations => Some(Reach::Theirs),
            AppliesTo::Unknown => Some(Reach::Perhaps("where this package set is used, ")),
            AppliesTo::Separate(_) => None,
        }
    }

    /// How a message begins that is about it.
    pub(super) fn proviso(self) -> &'static str {
        match self {
            Reach::Theirs => "",
            Reach::Perhaps(proviso) => proviso,
        }
    }
}

/// Every option that is set for packages of the tree.
pub(super) fn chosen<'f>(cx: &TreeContext<'f>) -> Vec<Chosen<'f>> {
    let facts = cx.facts;
    let of_modules = facts.settings.iter().filter_map(|setting| of_module(facts, setting));
    let of_sets = facts.package_set_options.iter().filter_map(of_package_set);
    of_modules.chain(of_sets).collect()
}

/// The options of a tree that have all packages of a configuration built here, whatever a cache has: for
/// a CPU of their own, or by another compiler.
pub(in crate::rules) struct Rebuilding<'f>(Vec<Chosen<'f>>);

impl<'f> Rebuilding<'f> {
    /// Those of the tree.
    pub(in crate::rules) fn of(cx: &TreeContext<'f>) -> Rebuilding<'f> {
        let mut chosen = chosen(cx);
        chosen.retain(|option| rebuilds_all(cx, option));
        Rebuilding(chosen)
    }

    /// Whether every configuration that a package of `file` may be for is built so.
    pub(in crate::rules) fn reach(&self, cx: &TreeContext<'_>, file: FileId) -> bool {
        // What stands beside such an option mostly hangs on it, or on the same condition.
        if self.0.is_empty() || self.0.iter().any(|option| option.key.file == file) {
            return !self.0.is_empty();
        }
        let is_rebuilt =
            |it: &&Configuration| self.0.iter().any(|option| option.is_of(cx.facts, it));
        let mut concerned = cx.facts.configurations_with(file).peekable();
        match concerned.peek() {
            Some(_) => concerned.all(|it| is_rebuilt(&it)),
            None => cx.facts.configurations.iter().all(|it| is_rebuilt(&it)),
        }
    }
}

fn rebuilds_all(cx: &TreeContext<'_>, option: &Chosen<'_>) -> bool {
    let is_of_all = match option.path.as_slice() {
        ["hostPlatform" | "localSystem", path @ ..] => {
            cx.knowledge.platform_attributes.get(path).is_some()
        }
        path => *path == ["config", "replaceStdenv"],
    };
    is_of_all && !matches!(option.value.kind, ValueKind::Null | ValueKind::Bool(false))
}

impl Chosen<'_> {
    /// Whether the packages of a configuration are made with it.
    fn is_of(&self, facts: &Facts, configuration: &Configuration) -> bool {
        let Some(kind) = self.kind else { return true };
        let is_its = || {
            kind == configuration.kind
                || configuration.kind == ModuleKind::HomeManager
                    && takes_the_system_s(facts, self.host)
        };
        self.host.is_none_or(|host| host == configuration.host) && is_its()
    }
}

fn of_module<'f>(facts: &'f Facts, setting: &'f Setting) -> Option<Chosen<'f>> {
    let (first, path) = setting.path.split_first()?;
    if first != "nixpkgs" || is_left_unread(facts, setting) {
        return None;
    }
    let is_used = setting.host.is_some() || facts.configurations.is_empty();
    let reach =
        if is_used { Reach::Theirs } else { Reach::Perhaps("where this module is imported, ") };
    Some(Chosen {
        path: path.iter().map(String::as_str).collect(),
        key: setting.key,
        value: &setting.value,
        is_conditional: setting.condition.is_some(),
        reach,
        host: setting.host.as_deref(),
        kind: match setting.place {
            SettingPlace::Module(kind) => Some(kind),
            _ => None,
        },
    })
}

/// Whether it is home-manager's, which takes its packages from the system.
fn is_left_unread(facts: &Facts, setting: &Setting) -> bool {
    setting.place == SettingPlace::Module(ModuleKind::HomeManager)
        && takes_the_system_s(facts, setting.host.as_deref())
}

/// Whether home-manager takes its packages from the system on `host`, or on any where none is named.
fn takes_the_system_s(facts: &Facts, host: Option<&str>) -> bool {
    let is_global = |other: &Setting| {
        is_at(other, "home-manager.useGlobalPkgs")
            && other.value.as_bool() == Some(true)
            && (host.is_none() || other.host.is_none() || host == other.host.as_deref())
    };
    facts.settings.iter().any(is_global)
}

fn of_package_set(option: &PackageSetOption) -> Option<Chosen<'_>> {
    Some(Chosen {
        path: option.path.iter().map(String::as_str).collect(),
        key: option.key,
        value: &option.value,
        is_conditional: option.conditional,
        reach: Reach::of(&option.applies_to)?,
        host: None,
        kind: None,
    })
}
