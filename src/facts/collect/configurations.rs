//! Configurations: their modules, evaluated with the arguments that the tree gives them.

use std::path::Path;
use std::sync::Arc;

use super::Collector;
use super::flakes::host_of;
use super::fragment::Decision;
use super::module::{ModuleContext, Walked, is_reserved};
use crate::eval::{
    AttrSet, CallId, Defined, EnvId, Given, Kind, Rest, Root, Site, Slot, Symbol, ThunkId, Value,
    Why,
};
use crate::facts::{Configuration, ModuleKind};
use crate::hir::{Expr, Name, name};
use crate::source::FileId;

/// Modules import each other up to this depth.
const MAX_DEPTH: u32 = 64;

impl Collector<'_, '_> {
    /// Evaluates the modules of a configuration that was met, unless an output names it.
    pub(super) fn configure_unnamed(&mut self, call: CallId, kind: ModuleKind) {
        if !self.configurations.contains(&call) && !self.is_named(call) {
            self.configure(call, None, kind);
        }
    }

    /// Evaluates the modules of the configuration that `call` makes; `named` is its name, and the
    /// flake that has it among its outputs.
    pub(super) fn configure(
        &mut self,
        call: CallId,
        named: Option<(Name, FileId)>,
        kind: ModuleKind,
    ) {
        let (name, flake) = named.unzip();
        let kind = match self.kind_made_by(call) {
            Some(kind) => kind,
            None if name.is_none() => return,
            None => kind,
        };
        if !self.configurations.insert(call) {
            return;
        }
        let argument = self.evaluator.call(call).argument;
        let argument = self.evaluator.force(argument);
        let Some(set) = argument.as_attrs().cloned() else { return };
        let host = name.and_then(|name| host_of(name.as_str()));
        let mut context = ModuleContext::new(kind, host);
        context.flake = flake;
        context.config = Some(self.evaluator.placeholder());
        for special in ["specialArgs", "extraSpecialArgs"] {
            if let Some(slot) = set.get(special.into()) {
                let arguments = self.evaluator.force(slot.value);
                context.arguments.extend(arguments.as_attrs().iter().flat_map(|set| set.slots()));
            }
        }
        if let Some(packages) = set.get("pkgs".into()) {
            context.arguments.push(*packages);
            self.collect_given_packages(packages);
            // Its overlays count even where no module asks for a package.
            self.evaluator.force(packages.value);
        }
        if let Some(modules) = set.get("modules".into()) {
            self.evaluate_module_list(modules.value, &mut context, 0);
        }
        self.merge_configuration(&mut context);
        self.walk_configuration(context);
        self.follow_calls();
    }

    /// Evaluates the configuration that begins with the module `file`. False where it is all of it.
    pub(super) fn evaluate_entry(&mut self, file: FileId) -> bool {
        let kind = match self.tree().path(file).file_name().is_some_and(|name| name == "home.nix") {
            true => ModuleKind::HomeManager,
            false => ModuleKind::Nixos,
        };
        let kind = self.basis.outline(file).and_then(|outline| outline.module).unwrap_or(kind);
        let mut context = ModuleContext::new(kind, None);
        context.config = Some(self.evaluator.placeholder());
        self.evaluate_module_in(file, &mut context, 0);
        if context.files.len() < 2 {
            return false;
        }
        self.merge_configuration(&mut context);
        self.walk_configuration(context);
        self.follow_calls();
        true
    }

    /// Merges what the modules of a configuration give.
    pub(super) fn merge_configuration(&mut self, context: &mut ModuleContext) {
        let Some(config) = context.config else { return };
        if matches!(context.kind, ModuleKind::Nixos | ModuleKind::Darwin) {
            context.user_configs = Some(self.evaluator.placeholder());
        }
        let users = context.user_configs;
        let given = users.map(|value| Given { path: &["home-manager", "users"], value });
        let bodies = &context.bodies;
        let mut definitions = Vec::new();
        for number in context.order.numbers() {
            let is_open = context.order.is_open(number);
            let values = bodies.get(number).map(|body| self.body_definitions(body));
            let defined = values.into_iter().flatten().map(|value| Defined { value, is_open });
            definitions.extend(defined);
        }
        let options = |body: &Arc<AttrSet>| body.get(name!("options")).map(|slot| slot.value);
        let declarations = bodies.iter().filter_map(options).collect();
        let fallback = Symbol::root(Root::Config);
        let merged = self.evaluator.merged(definitions, declarations, fallback, given);
        self.evaluator.define(config, merged);
    }

    /// Walks the definitions of a configuration that is merged: first who its users are, for the
    /// rest may read their configurations.
    pub(super) fn walk_configuration(&mut self, mut context: ModuleContext) {
        self.record_configuration(&mut context);
        let bodies = std::mem::take(&mut context.bodies);
        let users = match context.user_configs {
            Some(place) => {
                context.walked = Walked::Users;
                let numbers = context.order.numbers();
                let in_order: Vec<_> =
                    numbers.into_iter().filter_map(|number| bodies.get(number).cloned()).collect();
                self.walk_bodies(&in_order, &mut context);
                context.walked = Walked::AllButUsers;
                self.merge_users(place, &context)
            }
            None => Vec::new(),
        };
        self.walk_bodies(&bodies, &mut context);
        for user in users {
            self.walk_configuration(user);
        }
    }

    fn walk_bodies(&mut self, bodies: &[Arc<AttrSet>], context: &mut ModuleContext) {
        for body in bodies {
            self.evaluator.refuel();
            self.begin_definitions();
            self.walk_module(body, context);
        }
    }

    /// Keeps whose configuration it is, and the files that it is made of.
    fn record_configuration(&mut self, context: &mut ModuleContext) {
        let mut modules = std::mem::take(&mut context.files);
        modules.sort_unstable();
        modules.dedup();
        if let Some(host) = context.host.clone() {
            let (kind, flake) = (context.kind, context.flake);
            self.facts.configurations.push(Configuration { host, kind, flake, modules });
        }
    }

    /// The definitions in a module's body: its `config`, and what stands beside it.
    pub(super) fn body_definitions(&mut self, body: &AttrSet) -> Vec<ThunkId> {
        let config = body.get(name!("config")).map(|slot| slot.value);
        let beside: Vec<Slot> =
            body.slots().iter().filter(|slot| !is_reserved(slot.name.as_str())).copied().collect();
        let beside = (!beside.is_empty()).then(|| {
            let mut set = AttrSet::new(beside);
            set.rest = body.rest.clone();
            self.evaluator.done(Value::attrs(set))
        });
        config.into_iter().chain(beside).collect()
    }

    /// Merges the configurations of home-manager inside that of a system, and makes `place` what
    /// the system reads of them.
    fn merge_users(&mut self, place: ThunkId, system: &ModuleContext) -> Vec<ModuleContext> {
        let mut users: Vec<ModuleContext> = Vec::new();
        for name in system.users.iter().filter_map(|(name, _)| name.as_ref()) {
            if users.iter().any(|user| user.user.as_ref() == Some(name)) {
                continue;
            }
            let mut user = ModuleContext::new(ModuleKind::HomeManager, system.host.clone());
            user.config = Some(self.evaluator.placeholder());
            user.flake = system.flake;
            user.user = Some(name.clone());
            user.arguments.extend(&system.user_arguments);
            user.arguments.extend(system.arguments.iter().filter(|slot| slot.name == "pkgs"));
            let config = system.config.map(|config| Slot::new("osConfig".into(), config));
            user.arguments.extend(config);
            users.push(user);
        }
        let config_of =
            |user: &ModuleContext| Some(Slot::new(user.user.as_deref()?.into(), user.config?));
        let configs = users.iter().filter_map(config_of).collect();
        let option = Symbol::select(&Symbol::root(Root::Config), "home-manager".into());
        let option = Symbol::select(&option, "users".into());
        let rest = Rest { why: Why::Beyond(option.clone()), base: Some(option) };
        let configs = self.evaluator.done(Value::attrs(AttrSet::open(configs, rest)));
        self.evaluator.define(place, configs);
        for user in &mut users {
            let is_theirs =
                |of: &Option<String>| of.is_none() || of.as_deref() == user.user.as_deref();
            let modules = system.users.iter().filter(|(of, _)| is_theirs(of));
            let modules: Vec<ThunkId> = modules.map(|(_, module)| *module).collect();
            for module in modules {
                self.evaluate_module(module, user, 0);
            }
            self.merge_configuration(user);
        }
        users
    }

    pub(super) fn evaluate_module_list(
        &mut self,
        thunk: ThunkId,
        context: &mut ModuleContext,
        depth: u32,
    ) {
        let list = self.evaluator.force(thunk);
        match &list.kind {
            Kind::List(items) => {
                for item in items.clone().iter() {
                    self.evaluate_module(*item, context, depth);
                }
            }
            Kind::Choice(choice) => {
                context.order.begin_condition();
                for side in [choice.then, choice.otherwise] {
                    self.evaluate_module_list(side, context, depth);
                }
                context.order.end_condition();
            }
            _ if depth < MAX_DEPTH => {
                for part in self.concatenated(thunk) {
                    self.evaluate_module_list(part, context, depth + 1);
                }
            }
            _ => {}
        }
    }

    pub(super) fn evaluate_module(
        &mut self,
        module: ThunkId,
        context: &mut ModuleContext,
        depth: u32,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        let value = self.evaluator.force(module);
        if let Kind::Choice(choice) = &value.kind {
            context.order.begin_condition();
            for side in [choice.then, choice.otherwise] {
                self.evaluate_module(side, context, depth + 1);
            }
            context.order.end_condition();
            return;
        }
        if matches!(value.kind, Kind::Path(_) | Kind::Str(_)) {
            if let Some(path) = self.evaluator.as_path(&value) {
                self.evaluate_module_file(&path, context, depth);
            }
            return;
        }
        if let Some(files) = value.as_symbol().and_then(|symbol| self.imported_tree(symbol)) {
            for file in files {
                self.evaluate_module_in(file, context, depth + 1);
            }
            return;
        }
        self.evaluate_module_value(&value, None, context, depth);
    }

    fn evaluate_module_file(&mut self, path: &Path, context: &mut ModuleContext, depth: u32) {
        let Some(file) = self.evaluator.imported_file(path) else { return };
        self.evaluate_module_in(file, context, depth);
    }

    fn evaluate_module_in(&mut self, file: FileId, context: &mut ModuleContext, depth: u32) {
        if !self.modules.insert((file, context.key())) {
            context.order.meet_again(file);
            return;
        }
        self.note_module(file, context.kind);
        context.files.push(file);
        self.evaluator.refuel();
        let value = self.evaluator.import_file(file);
        self.evaluate_module_value(&value, Some(file), context, depth);
    }

    /// A module that another kind of module defines: flake-parts' `flake.modules.nixos.name` and the
    /// like, and what an aspect of den is to each kind of configuration. False where `path` names none.
    pub(super) fn evaluate_defined_module(&mut self, thunk: ThunkId, path: &[&str]) -> bool {
        let outputs = ["nixosModules", "homeModules", "homeManagerModules", "darwinModules"];
        if let ["flake", output, _] = path
            && outputs.contains(output)
            && self.is_set_of_functions(thunk)
        {
            return false;
        }
        let kind = match path {
            ["flake", "modules", class, _] | ["configurations", class, _, "module"] => match *class
            {
                "nixos" => ModuleKind::Nixos,
                "homeManager" | "home" => ModuleKind::HomeManager,
                "darwin" => ModuleKind::Darwin,
                _ => ModuleKind::Unknown,
            },
            ["flake", "nixosModules", _] | ["flake", "nixosModules", _, _] => ModuleKind::Nixos,
            ["flake", "homeModules" | "homeManagerModules", _]
            | ["flake", "homeModules" | "homeManagerModules", _, _] => ModuleKind::HomeManager,
            ["flake", "darwinModules", _] | ["flake", "darwinModules", _, _] => ModuleKind::Darwin,
            ["den", "aspects", _, .., class] | ["den", "default", class] => match *class {
                "nixos" => ModuleKind::Nixos,
                "homeManager" => ModuleKind::HomeManager,
                "darwin" => ModuleKind::Darwin,
                // NixOS and nix-darwin.
                "os" => ModuleKind::Unknown,
                _ => return false,
            },
            _ => return false,
        };
        let value = self.evaluator.force(thunk);
        if self.is_in_configuration(&value) {
            return true;
        }
        let mut context = ModuleContext::new(kind, None);
        if let ["configurations", _, host, _] = path {
            context.host = Some((*host).to_owned());
        }
        self.evaluate_module_value(&value, None, &mut context, 1);
        true
    }

    /// Whether a configuration has the module, as this unit or another knows.
    fn is_in_configuration(&mut self, module: &Value) -> bool {
        let Kind::Lambda(closure) = &module.kind else { return false };
        let function = Site { file: closure.file, expr: closure.expr };
        if !self.evaluator.applications(function).is_empty() {
            return true;
        }
        let holds = self.applied_elsewhere.contains(&function);
        self.decisions.push(Decision { function, is_applied: holds });
        holds
    }

    /// Whether a value groups modules under names: a set of nothing but functions.
    fn is_set_of_functions(&mut self, thunk: ThunkId) -> bool {
        let value = self.evaluator.force(thunk);
        value.as_attrs().is_some_and(|set| {
            let is_function =
                |slot: &Slot| matches!(self.evaluator.force(slot.value).kind, Kind::Lambda(_));
            !set.slots().is_empty() && set.slots().iter().all(is_function)
        })
    }

    /// Evaluates a module; `file` is the one that it is all of.
    fn evaluate_module_value(
        &mut self,
        value: &Value,
        file: Option<FileId>,
        context: &mut ModuleContext,
        depth: u32,
    ) {
        let body = match &value.kind {
            Kind::Lambda(closure) => {
                let Some(hir) = self.evaluator.program().file(closure.file) else { return };
                let Expr::Lambda(lambda) = hir.expr(closure.expr) else { return };
                self.applied_modules.insert(Site { file: closure.file, expr: closure.expr });
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
            self.begin_definitions();
            self.walk_module(&set, context);
        }
        let around = context.order.enter(file);
        if let Some(imports) = set.get(name!("imports")) {
            self.evaluate_module_list(imports.value, context, depth + 1);
        }
        context.order.leave(around);
    }
}
