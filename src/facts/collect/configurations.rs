//! Configurations: their modules, evaluated with the arguments that the tree gives them.

use std::path::Path;
use std::sync::Arc;

use super::definitions::is_reserved;
use super::flakes::host_of;
use super::{Collector, Steps};
use crate::eval::{
    AttrSet, CallId, EnvId, Kind, PackageSet, Rest, Root, Site, Slot, Symbol, ThunkId, Value, Why,
};
use crate::facts::ModuleKind;
use crate::hir::{Expr, Lambda, Name};
use crate::source::{EntryKind, FileId};

/// Modules import each other up to this depth.
const MAX_DEPTH: u32 = 64;

/// What the modules of one configuration share.
pub(super) struct ModuleContext {
    pub kind: ModuleKind,
    /// The configuration's name.
    pub host: Option<String>,
    /// `specialArgs`, `extraSpecialArgs`, and `pkgs` where it is given.
    pub arguments: Vec<Slot>,
    /// The merged configuration, which modules read; `None` where the modules that make it up are
    /// not known together.
    config: Option<ThunkId>,
    /// What the modules of the configuration give.
    bodies: Vec<Arc<AttrSet>>,
    /// The user, for home-manager's modules in a NixOS configuration.
    user: Option<String>,
    /// home-manager modules that NixOS modules bring in, with their users' names; none for a module
    /// of every user.
    pub users: Vec<(Option<String>, ThunkId)>,
    /// `home-manager.extraSpecialArgs`.
    pub user_arguments: Vec<Slot>,
}

impl ModuleContext {
    pub fn new(kind: ModuleKind, host: Option<String>) -> ModuleContext {
        ModuleContext {
            kind,
            host,
            arguments: Vec::new(),
            config: None,
            bodies: Vec::new(),
            user: None,
            users: Vec::new(),
            user_arguments: Vec::new(),
        }
    }
}

impl Collector<'_, '_> {
    /// Evaluates the modules of the configuration that `call` makes.
    pub(super) fn configure(&mut self, call: CallId, kind: ModuleKind, name: &str) {
        let function = self.evaluator.call(call).function.last_name();
        let kind = match function.map(Name::as_str) {
            Some("homeManagerConfiguration") => ModuleKind::HomeManager,
            Some("nixosSystem") => ModuleKind::Nixos,
            Some("darwinSystem") => ModuleKind::Darwin,
            _ if name.is_empty() => return,
            _ => kind,
        };
        if !self.configurations.insert(call) {
            return;
        }
        let argument = self.evaluator.call(call).argument;
        let argument = self.evaluator.force(argument);
        let Some(set) = argument.as_attrs().cloned() else { return };
        let mut context = ModuleContext::new(kind, host_of(name));
        context.config = Some(self.evaluator.placeholder());
        for special in ["specialArgs", "extraSpecialArgs"] {
            if let Some(slot) = set.get(special.into()) {
                let arguments = self.evaluator.force(slot.value);
                context.arguments.extend(arguments.as_attrs().iter().flat_map(|set| set.slots()));
            }
        }
        if let Some(packages) = set.get("pkgs".into()) {
            context.arguments.push(*packages);
            // Its overlays count even where no module asks for a package.
            self.evaluator.force(packages.value);
        }
        if let Some(modules) = set.get("modules".into()) {
            self.evaluate_module_list(modules.value, &mut context, 0);
        }
        self.finish_configuration(context);
        self.follow_calls();
    }

    /// Merges what the modules of a configuration give, and walks their definitions.
    fn finish_configuration(&mut self, mut context: ModuleContext) {
        let bodies = std::mem::take(&mut context.bodies);
        if let Some(config) = context.config {
            let definitions = bodies.iter().flat_map(|body| self.body_definitions(body)).collect();
            let options = |body: &Arc<AttrSet>| body.get("options".into()).map(|slot| slot.value);
            let declarations = bodies.iter().filter_map(options).collect();
            let merged =
                self.evaluator.merged(definitions, declarations, Symbol::root(Root::Config));
            self.evaluator.define(config, merged);
        }
        for body in &bodies {
            self.evaluator.refuel();
            self.steps = Steps { left: Steps::PER_MODULE };
            self.walk_module(body, &mut context);
        }
        self.evaluate_users(context);
    }

    /// The definitions in a module's body: its `config`, and what stands beside it.
    fn body_definitions(&mut self, body: &AttrSet) -> Vec<ThunkId> {
        let config = body.get("config".into()).map(|slot| slot.value);
        let beside: Vec<Slot> =
            body.slots().iter().filter(|slot| !is_reserved(slot.name.as_str())).copied().collect();
        let beside = (!beside.is_empty()).then(|| {
            let mut set = AttrSet::new(beside);
            set.rest = body.rest.clone();
            self.evaluator.done(Value::attrs(set))
        });
        config.into_iter().chain(beside).collect()
    }

    /// home-manager's modules inside a NixOS configuration.
    fn evaluate_users(&mut self, system: ModuleContext) {
        for (user, module) in system.users.iter().filter(|(user, _)| user.is_some()) {
            let mut context = ModuleContext::new(ModuleKind::HomeManager, system.host.clone());
            context.config = Some(self.evaluator.placeholder());
            context.user = user.clone();
            context.arguments.extend(&system.user_arguments);
            context.arguments.extend(system.arguments.iter().filter(|slot| slot.name == "pkgs"));
            context
                .arguments
                .extend(system.config.map(|config| Slot::new("osConfig".into(), config)));
            self.evaluate_module(*module, &mut context, 0);
            for (_, shared) in system.users.iter().filter(|(user, _)| user.is_none()) {
                self.evaluate_module(*shared, &mut context, 0);
            }
            self.finish_configuration(context);
        }
    }

    pub(super) fn evaluate_module_list(
        &mut self,
        list: ThunkId,
        context: &mut ModuleContext,
        depth: u32,
    ) {
        let list = self.evaluator.force(list);
        match &list.kind {
            Kind::List(items) => {
                for item in items.clone().iter() {
                    self.evaluate_module(*item, context, depth);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    self.evaluate_module_list(side, context, depth);
                }
            }
            _ => {}
        }
    }

    fn evaluate_module(&mut self, module: ThunkId, context: &mut ModuleContext, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let value = self.evaluator.force(module);
        if let Kind::Choice(choice) = &value.kind {
            for side in [choice.then, choice.otherwise] {
                self.evaluate_module(side, context, depth + 1);
            }
            return;
        }
        if matches!(value.kind, Kind::Path(_) | Kind::Str(_)) {
            if let Some(path) = self.evaluator.as_path(&value) {
                self.evaluate_module_file(&path, context, depth);
            }
            return;
        }
        self.evaluate_module_value(&value, context, depth);
    }

    fn evaluate_module_file(&mut self, path: &Path, context: &mut ModuleContext, depth: u32) {
        let tree = self.tree();
        let is_folder = tree.entry(path) == Some(EntryKind::Directory);
        let file =
            if is_folder { tree.file_at(&path.join("default.nix")) } else { tree.file_at(path) };
        let Some(file) = file else { return };
        if !self.modules.insert((file, module_key(context))) {
            return;
        }
        self.module_kinds.entry(file).or_insert(context.kind);
        self.evaluator.refuel();
        let value = self.evaluator.import_file(file);
        self.evaluate_module_value(&value, context, depth);
    }

    /// A module that another kind of module defines: flake-parts' `flake.modules.nixos.name` and the
    /// like. False where `path` names none.
    pub(super) fn evaluate_defined_module(&mut self, thunk: ThunkId, path: &[String]) -> bool {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let kind = match path.as_slice() {
            ["flake", "modules", class, _] | ["configurations", class, _, "module"] => match *class
            {
                "nixos" => ModuleKind::Nixos,
                "homeManager" | "home" => ModuleKind::HomeManager,
                "darwin" => ModuleKind::Darwin,
                _ => ModuleKind::Unknown,
            },
            ["flake", "nixosModules", _] => ModuleKind::Nixos,
            ["flake", "homeModules" | "homeManagerModules", _] => ModuleKind::HomeManager,
            ["flake", "darwinModules", _] => ModuleKind::Darwin,
            _ => return false,
        };
        let mut context = ModuleContext::new(kind, None);
        if let ["configurations", _, host, _] = path.as_slice() {
            context.host = Some((*host).to_owned());
        }
        let value = self.evaluator.force(thunk);
        self.evaluate_module_value(&value, &mut context, 1);
        true
    }

    fn evaluate_module_value(&mut self, value: &Value, context: &mut ModuleContext, depth: u32) {
        let body = match &value.kind {
            Kind::Lambda(closure) => {
                let Some(hir) = self.evaluator.program().file(closure.file) else { return };
                let Expr::Lambda(lambda) = hir.expr(closure.expr) else { return };
                let argument = self.module_arguments(closure.file, lambda, context);
                self.evaluator.apply(value, argument, None, EnvId::ROOT)
            }
            _ => value.clone(),
        };
        let Some(set) = body.as_attrs().cloned() else {
            self.force_within(&body, 3);
            return;
        };
        if context.config.is_some() {
            context.bodies.push(set.clone());
        } else {
            self.steps = Steps { left: Steps::PER_MODULE };
            self.walk_module(&set, context);
        }
        if let Some(imports) = set.get("imports".into()) {
            self.evaluate_module_list(imports.value, context, depth + 1);
        }
    }

    /// The arguments of a module's function: the configuration's, and symbols for what every module
    /// gets.
    fn module_arguments(
        &mut self,
        file: FileId,
        lambda: &Lambda,
        context: &ModuleContext,
    ) -> ThunkId {
        let mut slots = Vec::new();
        for field in lambda.fields.iter().flatten() {
            let given = context.arguments.iter().rev().find(|slot| slot.name == field.name);
            let value = match given {
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

    /// Modules that no configuration imports: files that look like one and set something of
    /// interest.
    pub(super) fn evaluate_unreached_modules(&mut self) {
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            if self.module_kinds.contains_key(&file) || !worth_evaluating(hir) {
                continue;
            }
            let Some(kind) = unreached_module_kind(hir) else { continue };
            self.module_kinds.insert(file, kind);
            self.evaluator.refuel();
            let mut context = ModuleContext::new(kind, None);
            let body = Site { file, expr: innermost_body(hir, hir.root()) };
            let Some(env) = self.environments(body, 1).first().copied() else { continue };
            self.modules.insert((file, module_key(&context)));
            let body = self.evaluator.evaluate(body, env);
            if let Some(set) = body.as_attrs().cloned() {
                self.steps = Steps { left: Steps::PER_MODULE };
                self.walk_module(&set, &mut context);
            }
            self.follow_calls();
        }
    }
}

fn module_key(context: &ModuleContext) -> Option<String> {
    let user = context.user.as_deref().unwrap_or_default();
    context.host.as_ref().map(|host| format!("{host} {:?} {user}", context.kind))
}

/// What a function of functions gives in the end.
fn innermost_body(hir: &crate::hir::File, mut expr: crate::hir::ExprId) -> crate::hir::ExprId {
    while let Expr::Lambda(lambda) = hir.expr(expr) {
        expr = lambda.body;
    }
    expr
}

/// Whether a file that nothing imports sets anything that facts are made of.
fn worth_evaluating(hir: &crate::hir::File) -> bool {
    [
        "settings",
        "customSettings",
        "maxJobs",
        "buildCores",
        "extraOptions",
        "packageOverrides",
        "overlays",
        ".config/nix/nix.conf",
        "nix/nix.conf",
    ]
    .iter()
    .chain(["override", "overrideAttrs", "zramSwap"].iter())
    .any(|name| hir.mentions(Name::new(name)))
}

/// What kind of module a file looks like: one that takes modules' arguments, or a set of options.
/// `None` for what is no module.
fn unreached_module_kind(hir: &crate::hir::File) -> Option<ModuleKind> {
    let mut expr = hir.root();
    let mut takes_module_arguments = false;
    while let Expr::Lambda(lambda) = hir.expr(expr) {
        takes_module_arguments |= lambda.ellipsis
            || lambda.field("config").is_some()
            || lambda.field("options").is_some();
        expr = lambda.body;
    }
    let mut kind = None;
    let mut sets_options = false;
    loop {
        expr = match hir.expr(expr) {
            Expr::Let { body, .. } | Expr::With { body, .. } | Expr::Assert { body, .. } => *body,
            Expr::Attrs(attrs) => {
                for definition in &attrs.definitions {
                    kind = kind.or(kind_by_option(definition.name.as_str()));
                    sets_options |= is_option_root(definition.name.as_str());
                }
                if let Some((_, config)) = config_of(hir, attrs) {
                    for definition in &config.definitions {
                        kind = kind.or(kind_by_option(definition.name.as_str()));
                    }
                }
                break;
            }
            _ => return None,
        };
    }
    match (kind, takes_module_arguments || sets_options) {
        (Some(kind), _) => Some(kind),
        (None, true) => Some(ModuleKind::Unknown),
        (None, false) => None,
    }
}

fn config_of<'f>(
    hir: &'f crate::hir::File,
    attrs: &'f crate::hir::Attrs,
) -> Option<(crate::hir::ExprId, &'f crate::hir::Attrs)> {
    match attrs.get("config".into())?.value {
        crate::hir::DefinitionValue::Expr(value) => Some((value, hir.attrs_of(value)?)),
        _ => None,
    }
}

/// Names that options of every kind of configuration start with.
fn is_option_root(name: &str) -> bool {
    matches!(
        name,
        "nix"
            | "nixpkgs"
            | "programs"
            | "services"
            | "system"
            | "systemd"
            | "imports"
            | "flake"
            | "configurations"
    )
}

/// The options that only one kind of configuration has.
fn kind_by_option(name: &str) -> Option<ModuleKind> {
    match name {
        "home" | "xdg" | "dconf" | "gtk" | "wayland" | "xsession" => Some(ModuleKind::HomeManager),
        "boot" | "environment" | "users" | "hardware" | "fileSystems" | "networking"
        | "zramSwap" | "security" | "virtualisation" => Some(ModuleKind::Nixos),
        "homebrew" | "launchd" => Some(ModuleKind::Darwin),
        _ => None,
    }
}
