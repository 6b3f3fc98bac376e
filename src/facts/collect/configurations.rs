//! Configurations: their modules, evaluated with the arguments that the tree gives them.

use std::path::{Path, PathBuf};

use super::flakes::{host_of, module_argument};
use super::{Collector, Steps};
use crate::eval::{AttrSet, CallId, EnvId, Kind, Rest, Root, Site, Slot, ThunkId, Value, Why};
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
    /// There may be other arguments.
    pub open: bool,
    /// home-manager modules that NixOS modules bring in, with their users' names.
    pub users: Vec<(ThunkId, Option<PathBuf>)>,
    /// `home-manager.extraSpecialArgs`.
    pub user_arguments: Vec<Slot>,
}

impl ModuleContext {
    pub fn new(kind: ModuleKind, host: Option<String>) -> ModuleContext {
        let open = host.is_none();
        ModuleContext {
            kind,
            host,
            arguments: Vec::new(),
            open,
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
        for special in ["specialArgs", "extraSpecialArgs"] {
            if let Some(slot) = set.get(special.into()) {
                context.open |=
                    self.add_arguments(slot.value, &mut |slots| context.arguments.extend(slots));
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
        self.evaluate_users(context);
        self.follow_calls();
    }

    /// Hands the attributes of `arguments` on; tells whether there may be others.
    fn add_arguments(&mut self, arguments: ThunkId, add: &mut dyn FnMut(Vec<Slot>)) -> bool {
        let arguments = self.evaluator.force(arguments);
        match arguments.as_attrs() {
            Some(set) => {
                add(set.slots().to_vec());
                set.rest.is_some()
            }
            None => true,
        }
    }

    /// home-manager's modules inside a NixOS configuration.
    fn evaluate_users(&mut self, system: ModuleContext) {
        if system.users.is_empty() {
            return;
        }
        let mut context = ModuleContext::new(ModuleKind::HomeManager, system.host);
        context.open = system.open;
        context.arguments.extend(system.user_arguments);
        context.arguments.extend(system.arguments.iter().filter(|slot| slot.name == "pkgs"));
        for (module, folder) in system.users {
            self.evaluate_module(module, folder.as_deref(), &mut context, 0);
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
                    self.evaluate_module(*item, None, context, depth);
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

    fn evaluate_module(
        &mut self,
        module: ThunkId,
        folder: Option<&Path>,
        context: &mut ModuleContext,
        depth: u32,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        let value = self.evaluator.force(module);
        if let Kind::Choice(choice) = &value.kind {
            for side in [choice.then, choice.otherwise] {
                self.evaluate_module(side, folder, context, depth + 1);
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
        self.steps = Steps { left: Steps::PER_MODULE };
        self.walk_module(&set, context);
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
                None => match module_argument(self, field.name) {
                    Some(value) => value,
                    None => self.missing_argument(file, field.name),
                },
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
                if let Some(value) = module_argument(self, name.into()) {
                    slots.push(Slot::new(name.into(), value));
                }
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

    /// An argument that nothing visible gives: `_module.args` may.
    fn missing_argument(&mut self, file: FileId, name: Name) -> ThunkId {
        let root = match name.as_str() {
            "inputs" => Root::Inputs,
            _ => Root::Parameter(file, name),
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
    context.host.as_ref().map(|host| format!("{host} {:?}", context.kind))
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
