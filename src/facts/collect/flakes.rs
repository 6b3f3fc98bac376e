//! The roots of a tree: its flakes, evaluated with symbolic inputs.

use std::path::{Path, PathBuf};

use super::Collector;
use super::fragment::Occasion;
use super::named_configurations::CONFIGURATIONS;
use crate::eval::{AttrSet, EnvId, Kind, Rest, Root, Slot, Symbol, ThunkId, Value, Why};
use crate::facts::{ModuleKind, Priority, Setting, SettingPlace};
use crate::hir::Name;
use crate::source::{EntryKind, FileId, Tree};

/// How deep outputs are walked: `packages.x86_64-linux.name.attribute`.
const OUTPUT_DEPTH: u32 = 4;

/// A tree with more flakes than this is looked at file by file.
const MAX_FLAKES: usize = 64;

/// The flakes of a tree that are evaluated, those nearest its root first.
pub(super) fn flakes_in(tree: &Tree) -> Vec<FileId> {
    let mut flakes = every_flake(tree);
    flakes.truncate(MAX_FLAKES);
    flakes
}

/// The flakes of a tree, those nearest its root first.
pub(super) fn every_flake(tree: &Tree) -> Vec<FileId> {
    let is_flake = |file: &FileId| tree.path(*file).file_name().is_some_and(|it| it == "flake.nix");
    let mut flakes: Vec<FileId> = tree.files().iter().copied().filter(is_flake).collect();
    flakes.sort_by_key(|file| tree.path(*file).components().count());
    flakes
}

impl Collector<'_, '_> {
    /// Evaluates the flakes of the tree, and their configurations.
    pub(super) fn evaluate_roots(&mut self) {
        for flake in flakes_in(self.tree()) {
            for (output, name) in self.open_flake(flake) {
                self.evaluate_configuration(flake, output, name);
            }
            self.evaluate_outputs(flake);
        }
        self.close_part(Occasion::Root);
    }

    /// Evaluates a flake as far as its configurations are known by output and name. What they are,
    /// and what else the flake gives, is not asked for yet.
    pub(super) fn open_flake(&mut self, flake: FileId) -> Vec<(&'static str, Name)> {
        self.evaluator.refuel();
        let Some(outputs) = self.flake(flake) else { return Vec::new() };
        let outputs = self.evaluator.force(outputs);
        let mut configurations = Vec::new();
        for (output, _) in CONFIGURATIONS {
            let slots = self.configuration_slots(&outputs, output);
            configurations.extend(slots.into_iter().map(|slot| (output, slot.name)));
        }
        configurations
    }

    /// Evaluates what a flake gives, but for its configurations.
    pub(super) fn evaluate_outputs(&mut self, flake: FileId) {
        self.evaluator.refuel();
        self.collect_nix_config(flake);
        if let Some(outputs) = self.flake(flake) {
            let outputs = self.evaluator.force(outputs);
            self.force_configurations(&outputs);
            self.walk_outputs(&outputs);
        }
        self.walk_flake_modules();
        self.follow_calls();
    }

    /// Evaluates one configuration of a flake.
    pub(super) fn evaluate_configuration(
        &mut self,
        flake: FileId,
        output: &'static str,
        name: Name,
    ) {
        self.evaluator.refuel();
        let Some(outputs) = self.flake(flake) else { return };
        let outputs = self.evaluator.force(outputs);
        let slots = self.configuration_slots(&outputs, output);
        let Some(slot) = slots.into_iter().find(|slot| slot.name == name) else { return };
        let Some((_, kind)) = CONFIGURATIONS.iter().find(|(known, _)| *known == output) else {
            return;
        };
        let configuration = self.evaluator.force(slot.value);
        let calls = self.configuration_calls(&configuration);
        if self.shared.is_some() {
            // What is called on the way to it, the unit of the outputs follows for all of them.
            self.calls_seen = self.evaluator.calls().len();
        }
        if let Some(call) = calls.last().copied() {
            self.configure(call, Some((name, flake)), *kind);
        }
        self.follow_calls();
    }

    /// What `self` is in the flake of `file`: its outputs, and where it lies.
    fn flake(&mut self, file: FileId) -> Option<ThunkId> {
        if let Some(flake) = self.flakes.get(&file) {
            return Some(*flake);
        }
        let folder = self.tree().path(file).parent().unwrap_or(Path::new("")).to_path_buf();
        self.evaluator.set_flake_root(file, folder.clone());
        let this = self.evaluator.placeholder();
        self.flakes.insert(file, this);
        let flake = self.evaluator.import_file(file);
        let outputs = flake.as_attrs()?.get("outputs".into())?.value;
        let inputs = self.flake_inputs(&flake, this, &folder);
        let arguments = self.evaluator.done(inputs);
        let outputs = self.evaluator.application(outputs, arguments);
        let place = self.evaluator.done(Value::bare(Kind::Path(folder.into())));
        let slots = vec![
            Slot::new("outPath".into(), place),
            Slot::new("inputs".into(), arguments),
            Slot::new("outputs".into(), outputs),
        ];
        let rest = Rest {
            why: Why::Outside("the flake".into()),
            base: Some(Symbol::root(Root::Own(file))),
        };
        let around = self.evaluator.done(Value::attrs(AttrSet::open(slots.clone(), rest)));
        let meaning = self.evaluator.updated(around, outputs);
        self.evaluator.define(this, meaning);
        if let Some(outputs) = self.flake_parts(outputs, this, arguments) {
            let slots = slots.into_iter().filter(|slot| slot.name != "outputs");
            let slots = slots.chain([Slot::new("outputs".into(), outputs)]).collect();
            let around = self.evaluator.done(Value::attrs(AttrSet::new(slots)));
            let meaning = self.evaluator.updated(outputs, around);
            self.evaluator.define(this, meaning);
        }
        Some(this)
    }

    /// The argument of `outputs`: `self`, the flakes of this tree among the inputs, and symbols for
    /// the others.
    fn flake_inputs(&mut self, flake: &Value, this: ThunkId, folder: &Path) -> Value {
        let mut slots = vec![Slot::new("self".into(), this)];
        let declared = self.evaluator.select_path(flake, &["inputs"]);
        for slot in declared.iter().filter_map(Value::as_attrs).flat_map(|set| set.slots().to_vec())
        {
            let local = self.local_flake(slot.value, folder);
            let value = local.unwrap_or_else(|| self.symbol(Root::Input(slot.name)));
            slots.push(Slot::new(slot.name, value));
        }
        let rest =
            Rest { why: Why::Outside("an input".into()), base: Some(Symbol::root(Root::Inputs)) };
        Value::attrs(AttrSet::open(slots, rest))
    }

    /// The flake of this tree that an input's `path:` address names.
    fn local_flake(&mut self, input: ThunkId, folder: &Path) -> Option<ThunkId> {
        let input = self.evaluator.force(input);
        let url = match input.as_str() {
            Some(url) => url.to_owned(),
            None => self.evaluator.select_path(&input, &["url"])?.as_str()?.to_owned(),
        };
        let relative = url.strip_prefix("path:").unwrap_or(&url);
        if !relative.starts_with('.') {
            return None;
        }
        let folder = resolve(folder, relative)?;
        let is_folder = folder.as_os_str().is_empty()
            || self.evaluator.entry(&folder) == Some(EntryKind::Directory);
        let file = is_folder.then(|| self.evaluator.file_at(&folder.join("flake.nix"))).flatten();
        file.and_then(|file| self.flake(file))
    }

    fn walk_outputs(&mut self, outputs: &Value) {
        let Some(set) = outputs.as_attrs().cloned() else { return };
        for slot in set.slots() {
            if CONFIGURATIONS.iter().any(|(name, _)| slot.name == *name) {
                continue;
            }
            let output = self.evaluator.force(slot.value);
            match slot.name.as_str() {
                "overlays" => self.walk_overlays(&output),
                "overlay" => self.apply_overlay(&output),
                "nixosModules" | "nixosModule" | "homeModules" | "homeManagerModules"
                | "darwinModules" | "modules" | "lib" | "inputs" | "outputs" | "outPath" => {}
                _ => self.force_within(&output, OUTPUT_DEPTH),
            }
        }
        self.follow_calls();
    }

    fn walk_overlays(&mut self, overlays: &Value) {
        for slot in overlays.as_attrs().iter().flat_map(|set| set.slots().to_vec()) {
            let overlay = self.evaluator.force(slot.value);
            self.apply_overlay(&overlay);
        }
    }

    /// Evaluates what lies in a set, so that the calls in it are met.
    pub(super) fn force_within(&mut self, value: &Value, depth: u32) {
        if depth == 0 || !self.takes_definition() {
            return;
        }
        match &value.kind {
            Kind::Attrs(set) => {
                for slot in set.clone().slots() {
                    let inner = self.evaluator.force(slot.value);
                    self.force_within(&inner, depth - 1);
                }
            }
            Kind::List(items) => {
                for item in items.clone().iter() {
                    let inner = self.evaluator.force(*item);
                    self.force_within(&inner, depth - 1);
                }
            }
            Kind::Choice(choice) => {
                for side in [choice.then, choice.otherwise] {
                    let inner = self.evaluator.force(side);
                    self.force_within(&inner, depth - 1);
                }
            }
            _ => {}
        }
    }

    fn collect_nix_config(&mut self, file: FileId) {
        let flake = self.evaluator.import_file(file);
        let Some(config) = self.evaluator.select_path(&flake, &["nixConfig"]) else { return };
        for slot in config.as_attrs().iter().flat_map(|set| set.slots().to_vec()) {
            let Some(key) = slot.key else { continue };
            let value = self.freeze(slot.value);
            self.facts.settings.push(Setting {
                calls: Vec::new(),
                profiles: Vec::new(),
                path: vec!["nix".into(), "settings".into(), slot.name.to_string()],
                key,
                definition: slot.definition,
                value,
                priority: Priority::PLAIN,
                condition: None,
                place: SettingPlace::FlakeNixConfig,
                host: None,
            });
        }
    }

    /// Looks at what the calls met since last time bring with them: overlays, configurations.
    pub(super) fn follow_calls(&mut self) {
        while self.calls_seen < self.evaluator.calls().len() {
            let ids: Vec<_> = self.evaluator.calls_from(self.calls_seen).collect();
            self.calls_seen = self.evaluator.calls().len();
            for id in ids {
                let call = self.evaluator.call(id).clone();
                match &*call.function {
                    Symbol::Root(Root::Nixpkgs(_)) => {
                        let purpose = self.purpose_of(call.site);
                        self.applying(purpose, |this| this.instantiate_nixpkgs(call.argument));
                    }
                    Symbol::Select(base, method) => match method.as_str() {
                        "extend" if is_package_set(base) => {
                            let overlay = self.evaluator.force(call.argument);
                            let purpose = self.purpose_of(call.site);
                            self.applying(purpose, |this| this.apply_overlay(&overlay));
                        }
                        "appendOverlays" => {
                            let purpose = self.purpose_of(call.site);
                            self.applying(purpose, |this| this.apply_overlay_list(call.argument));
                        }
                        "homeManagerConfiguration" => {
                            self.configure_unnamed(id, ModuleKind::HomeManager);
                        }
                        "nixosSystem" => self.configure_unnamed(id, ModuleKind::Nixos),
                        "darwinSystem" => self.configure_unnamed(id, ModuleKind::Darwin),
                        _ => {}
                    },
                    _ => {}
                }
            }
        }
    }

    fn instantiate_nixpkgs(&mut self, argument: ThunkId) {
        let argument = self.evaluator.force(argument);
        let Some(set) = argument.as_attrs().cloned() else { return };
        self.collect_package_set(&set);
        if let Some(overlays) = set.get("overlays".into()) {
            self.apply_overlay_list(overlays.value);
        }
        if let Some(config) = set.get("config".into()) {
            let config = self.evaluator.force(config.value);
            self.apply_package_overrides(&config);
        }
    }

    /// `config.packageOverrides = pkgs: { … }`, an overlay by another name.
    pub(super) fn apply_package_overrides(&mut self, config: &Value) {
        let Some(overrides) = self.evaluator.select_path(config, &["packageOverrides"]) else {
            return;
        };
        let packages = self.symbol(Root::Packages(crate::eval::PackageSet::Previous));
        let entries = self.evaluator.apply(&overrides, packages, None, EnvId::ROOT);
        self.record_overlay_entries(&entries);
        self.record_redefinitions(&entries);
    }
}

fn is_package_set(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Root(Root::Packages(_)))
}

/// `folder/relative`, if it stays inside the tree.
fn resolve(folder: &Path, relative: &str) -> Option<PathBuf> {
    let mut resolved = folder.to_path_buf();
    for part in relative.split('?').next()?.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if !resolved.pop() {
                    return None;
                }
            }
            name => resolved.push(name),
        }
    }
    Some(resolved)
}

/// The name of a configuration or profile without what some put before it: `me@shoshin`.
pub(super) fn host_of(configuration: &str) -> Option<String> {
    let host = configuration.rsplit('@').next().unwrap_or(configuration);
    (!host.is_empty()).then(|| host.to_owned())
}
