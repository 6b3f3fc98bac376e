//! What a module sees: the arguments of its configuration, and what its body may hold.

use std::sync::Arc;

use super::Collector;
use super::module_order::ModuleOrder;
use crate::eval::{AttrSet, Kind, PackageSet, Rest, Root, Slot, ThunkId, Value, Why};
use crate::facts::ModuleKind;
use crate::hir::{Lambda, Name};
use crate::source::FileId;

/// What the modules of one configuration share.
#[derive(Clone)]
pub(super) struct ModuleContext {
    pub kind: ModuleKind,
    /// The configuration's name.
    pub host: Option<String>,
    /// The flake that has it among its outputs.
    pub flake: Option<FileId>,
    /// The files of its modules.
    pub files: Vec<FileId>,
    /// `specialArgs`, `extraSpecialArgs`, and `pkgs` where it is given.
    pub arguments: Vec<Slot>,
    /// The merged configuration, which modules read; `None` where the modules that make it up are
    /// not known together.
    pub config: Option<ThunkId>,
    /// What the modules of the configuration give.
    pub bodies: Vec<Arc<AttrSet>>,
    /// Which of these modules import which, by their place in `bodies`.
    pub order: ModuleOrder,
    /// The user, for home-manager's modules in a NixOS configuration.
    pub user: Option<String>,
    /// home-manager modules that NixOS modules bring in, with their users' names; none for a module
    /// of every user.
    pub users: Vec<(Option<String>, ThunkId)>,
    /// `home-manager.extraSpecialArgs`.
    pub user_arguments: Vec<Slot>,
    /// What `config.home-manager.users` is, once the users are known.
    pub user_configs: Option<ThunkId>,
    /// Which definitions are walked.
    pub walked: Walked,
}

/// Which definitions of a module are walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    All,
    /// Those of `home-manager`, which say who the users of a system are.
    Users,
    /// The others.
    AllButUsers,
    /// Those of a flake that is made of modules, but for its outputs: they are looked at as outputs.
    AllButOutputs,
}

impl ModuleContext {
    pub fn new(kind: ModuleKind, host: Option<String>) -> ModuleContext {
        ModuleContext {
            kind,
            host,
            flake: None,
            files: Vec::new(),
            arguments: Vec::new(),
            config: None,
            bodies: Vec::new(),
            order: ModuleOrder::default(),
            user: None,
            users: Vec::new(),
            user_arguments: Vec::new(),
            user_configs: None,
            walked: Walked::All,
        }
    }

    /// Whether the definitions of the options below `path` are walked now.
    pub fn is_walked(&self, path: &[&str]) -> bool {
        let is_users = || path.first() == Some(&"home-manager");
        match self.walked {
            Walked::All => true,
            Walked::Users => path.is_empty() || is_users(),
            Walked::AllButUsers => !is_users(),
            Walked::AllButOutputs => !is_output(path),
        }
    }

    /// What tells the configuration from others in which the same file is a module.
    pub fn key(&self) -> Option<String> {
        let user = self.user.as_deref().unwrap_or_default();
        self.host.as_ref().map(|host| format!("{host} {:?} {user}", self.kind))
    }
}

/// Whether a flake's output stands at `path` that is no set of modules.
fn is_output(path: &[&str]) -> bool {
    match path {
        ["flake", output, ..] => *output != "modules" && !output.ends_with("Modules"),
        _ => false,
    }
}

/// Names of a module's body that are no options.
pub(super) fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "config"
            | "imports"
            | "options"
            | "_file"
            | "key"
            | "meta"
            | "disabledModules"
            | "freeformType"
    )
}

impl Collector<'_, '_> {
    /// The arguments of a module's function: the configuration's, and symbols for what every module
    /// gets.
    pub(super) fn module_arguments(
        &mut self,
        file: FileId,
        lambda: &Lambda,
        context: &ModuleContext,
    ) -> ThunkId {
        let mut slots = Vec::new();
        for field in lambda.fields.iter().flatten() {
            let given = context.arguments.iter().rev().find(|slot| slot.name == field.name);
            let value = match given {
                Some(slot) if field.name == "lib" => self.library(slot.value),
                Some(slot) => slot.value,
                None => self.module_argument(file, field.name, context),
            };
            slots.push(Slot::new(field.name, value));
        }
        if lambda.binder.is_some() {
            for slot in &context.arguments {
                if !slots.iter().any(|present| present.name == slot.name) {
                    slots.push(*slot);
                }
            }
            for name in ["lib", "pkgs", "config", "options"] {
                if slots.iter().any(|present| present.name == name) {
                    continue;
                }
                let value = self.module_argument(file, name.into(), context);
                slots.push(Slot::new(name.into(), value));
            }
        }
        let rest = Rest { why: Why::Outside("a module argument".into()), base: None };
        let is_pattern = lambda.fields.is_some();
        let set = if is_pattern && lambda.binder.is_none() {
            AttrSet::new(slots)
        } else {
            AttrSet::open(slots, rest)
        };
        self.evaluator.done(Value::attrs(set))
    }

    /// The library that a configuration gives its modules. One that cannot be followed is nixpkgs'
    /// with additions, for modules need no less.
    fn library(&mut self, given: ThunkId) -> ThunkId {
        match self.evaluator.force(given).kind {
            Kind::Symbol(_) | Kind::Unknown(_) | Kind::Choice(_) => self.symbol(Root::Lib),
            _ => given,
        }
    }

    /// What every module gets, and what `_module.args` may give.
    fn module_argument(&mut self, file: FileId, name: Name, context: &ModuleContext) -> ThunkId {
        let root = match name.as_str() {
            "lib" => Root::Lib,
            "pkgs" => Root::Packages(PackageSet::Main),
            "config" => match context.config {
                Some(config) => return config,
                None => Root::Config,
            },
            "options" => Root::Options,
            "inputs" => Root::Inputs,
            _ => match context.config {
                Some(config) => {
                    let module = self.evaluator.selection(config, "_module".into());
                    let arguments = self.evaluator.selection(module, "args".into());
                    return self.evaluator.selection(arguments, name);
                }
                None => Root::Parameter(file, name),
            },
        };
        self.symbol(root)
    }
}
