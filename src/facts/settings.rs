//! Settings: definitions of options in modules, lines of nix.conf, and hardware profiles.

use super::override_site::ProfileName;
use super::value::ValueFact;
use crate::source::{FileId, Span};

/// What kind of module a definition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ModuleKind {
    /// NixOS: the machine's own configuration.
    Nixos,
    /// home-manager: a user's.
    HomeManager,
    /// nix-darwin.
    Darwin,
    /// It cannot be told, or it is no module.
    #[default]
    Unknown,
}

/// One definition of an option, or one line of nix.conf.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The option's path. A line `max-jobs = 4` of nix.conf and `nixConfig.max-jobs` are
    /// `["nix", "settings", "max-jobs"]` too; [`Setting::place`] tells them apart.
    pub path: Vec<String>,
    /// Where the last name is written; for a line of nix.conf, the string it stands in.
    pub key: Span,
    /// The whole definition with its semicolon, where it has one of its own.
    pub definition: Option<Span>,
    /// The value, without `mkDefault` and the like around it.
    pub value: ValueFact,
    /// The calls that make the value, where it matters what makes it (`boot.kernelPackages`).
    pub calls: Vec<Span>,
    /// How strongly it is defined.
    pub priority: Priority,
    /// It holds only under this condition, which cannot be decided.
    pub condition: Option<Span>,
    /// Where it is defined.
    pub place: SettingPlace,
    /// The configuration it belongs to (`shoshin` of `nixosConfigurations.shoshin`); `None` for a
    /// module that no configuration of the tree imports.
    pub host: Option<String>,
    /// The names that hardware profiles go by where the value stands, innermost first. Looked for
    /// only where it is a number that bounds parallelism.
    pub profiles: Vec<ProfileName>,
}

/// Where a setting is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettingPlace {
    /// A module's option.
    Module(ModuleKind),
    /// A flake's `nixConfig`.
    FlakeNixConfig,
    /// The text of a nix.conf.
    NixConf(ModuleKind),
}

/// A definition's priority: lower wins (`mkForce` 50, plain 100, `mkDefault` 1000).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Priority(pub i64);

impl Priority {
    /// A plain definition.
    pub const PLAIN: Priority = Priority(100);
    /// `mkDefault`.
    pub const DEFAULT: Priority = Priority(1000);
}

/// A configuration of the tree: a machine's, or a user's on it.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Whose it is, as [`Setting::host`] names it.
    pub host: String,
    /// What kind of modules make it up.
    pub kind: ModuleKind,
    /// The flake that has it among its outputs.
    pub flake: Option<FileId>,
    /// The files of its modules, sorted.
    pub modules: Vec<FileId>,
}

/// A file that describes a machine: a plain set with `build.parallelism`.
#[derive(Debug, Clone)]
pub struct HostProfile {
    /// The file.
    pub file: FileId,
    /// `system.hostname`.
    pub hostname: Option<String>,
    /// `build.parallelism.maxJobs`.
    pub max_jobs: Option<ValueFact>,
    /// `build.parallelism.maxCores`.
    pub max_cores: Option<ValueFact>,
    /// Every attribute of the profile that is a number, a string or a Boolean, with its dotted path.
    pub values: Vec<(String, ValueFact)>,
}

impl HostProfile {
    /// The value at the dotted `path`.
    pub fn value(&self, path: &str) -> Option<&ValueFact> {
        self.values.iter().find(|(name, _)| name == path).map(|(_, value)| value)
    }
}
