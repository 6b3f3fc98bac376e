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

/// Whether every configuration that the package of `file` may be for has all its packages built here,
/// whatever a cache has: for a CPU of their own, or by another compiler.
pub(in crate::rules) fn builds_all(cx: &TreeContext<'_>, file: FileId) -> bool {
    let chosen = chosen(cx);
    let rebuilding: Vec<&Chosen<'_>> =
        chosen.iter().filter(|option| rebuilds_all(cx, option)).collect();
    // What stands beside such an option mostly hangs on it, or on the same condition.
    if rebuilding.is_empty() || rebuilding.iter().any(|option| option.key.file == file) {
        return !rebuilding.is_empty();
    }
    let has = |configuration: &&Configuration| configuration.modules.contains(&file);
    let all = &cx.facts.configurations;
    let mut concerned: Vec<&Configuration> = all.iter().filter(has).collect();
    if concerned.is_empty() {
        concerned = all.iter().collect();
    }
    let is_rebuilt = |it: &&Configuration| rebuilding.iter().any(|option| option.is_of(cx, it));
    concerned.iter().all(is_rebuilt)
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
    fn is_of(&self, cx: &TreeContext<'_>, configuration: &Configuration) -> bool {
        let Some(kind) = self.kind else { return true };
        let takes_the_system_s = || {
            let mut global = cx.facts.settings_at(&["home-manager", "useGlobalPkgs"]);
            configuration.kind == ModuleKind::HomeManager
                && global.any(|it| it.host == self.host.map(str::to_owned))
        };
        self.host.is_none_or(|host| host == configuration.host)
            && (kind == configuration.kind || takes_the_system_s())
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
    let is_global = |other: &Setting| {
        is_at(other, "home-manager.useGlobalPkgs")
            && other.value.as_bool() == Some(true)
            && (setting.host.is_none() || other.host.is_none() || setting.host == other.host)
    };
    setting.place == SettingPlace::Module(ModuleKind::HomeManager)
        && facts.settings.iter().any(is_global)
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
