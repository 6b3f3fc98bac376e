//! Flakes: what `flake.nix` declares, joined with what `flake.lock` holds and the tree uses.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use serde_json::Value as Json;
use text_size::TextRange;

use super::Collector;
use crate::eval::{Site, Slot, Value};
use crate::facts::{Flake, FlakeInput, InputOverride, LockedNixpkgs, NixConfigValue, Reference};
use crate::hir::{DefinitionValue, Expr, ExprId, File, Key, StrPart, Variable};
use crate::source::{FileId, Span, Tree};

/// A lock file with more nodes than this is not looked at.
const MAX_NODES: usize = 10_000;

/// The outputs of a flake that hold packages.
pub(super) const PACKAGES: [&str; 3] = ["packages", "legacyPackages", "defaultPackage"];

impl Collector<'_, '_> {
    /// Keeps what a flake declares.
    pub(super) fn collect_flake(&mut self, file: FileId) {
        self.evaluator.refuel();
        let value = self.evaluator.import_file(file);
        if value.as_attrs().is_none_or(|set| set.get("outputs".into()).is_none()) {
            return;
        }
        let lock = self.tree().path(file).with_file_name("flake.lock");
        let flake = Flake {
            file,
            inputs: self.declared_inputs(&value),
            is_locked: self.evaluator.entry(&lock).is_some(),
            nixpkgs: self.locked_nixpkgs(&lock),
            computed_settings: self.computed_settings(file),
        };
        self.facts.flakes.push(flake);
    }

    /// The nixpkgs in a lock file, each by the shortest way to it.
    fn locked_nixpkgs(&mut self, lock: &Path) -> Vec<LockedNixpkgs> {
        let text = self.evaluator.read_text(lock).ok();
        let lock = text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
        lock.as_ref().map_or(Vec::new(), nixpkgs_in)
    }

    fn declared_inputs(&mut self, flake: &Value) -> Vec<FlakeInput> {
        let declared = self.evaluator.select_path(flake, &["inputs"]);
        let slots: Vec<Slot> = declared
            .iter()
            .filter_map(Value::as_attrs)
            .flat_map(|set| set.slots().to_vec())
            .collect();
        slots.iter().filter_map(|slot| self.declared_input(slot)).collect()
    }

    fn declared_input(&mut self, slot: &Slot) -> Option<FlakeInput> {
        let value = self.evaluator.force(slot.value);
        let set = value.as_attrs().cloned();
        let url = match &set {
            None => Some(self.freeze(slot.value)),
            Some(set) => set.get("url".into()).copied().map(|slot| self.freeze(slot.value)),
        };
        let mut text = |name: &str| {
            let field = self.evaluator.select_path(&value, &[name])?;
            field.as_str().map(str::to_owned)
        };
        let name = text("rev").or_else(|| text("ref"));
        let is_of_github = text("type").as_deref() == Some("github");
        let (owner, repository) = (text("owner"), text("repo"));
        let reference = match url.as_ref().and_then(|url| url.as_str()) {
            Some(url) => Reference::parse(url)
                .map(|reference| Reference { name: name.or(reference.name), ..reference }),
            None => owner
                .zip(repository)
                .filter(|_| is_of_github)
                .map(|(owner, repository)| Reference { owner, repository, name }),
        };
        let follows = text("follows");
        let flake = self.evaluator.select_path(&value, &["flake"]);
        let inner = self.evaluator.select_path(&value, &["inputs"]);
        let inner = inner.iter().filter_map(Value::as_attrs).flat_map(|set| set.slots().to_vec());
        let inner: Vec<Slot> = inner.collect();
        Some(FlakeInput {
            name: slot.name.to_string(),
            key: slot.key?,
            url,
            reference,
            is_flake: flake.is_none_or(|flake| flake.as_bool() != Some(false)),
            follows,
            overrides: inner.iter().filter_map(|slot| self.input_override(slot)).collect(),
            packages: Vec::new(),
        })
    }

    fn input_override(&mut self, slot: &Slot) -> Option<InputOverride> {
        let value = self.evaluator.force(slot.value);
        let follows = *value.as_attrs()?.get("follows".into())?;
        let target = self.evaluator.force(follows.value);
        Some(InputOverride {
            name: slot.name.to_string(),
            follows: target.as_str()?.to_owned(),
            key: follows.key?,
            definition: follows.definition,
        })
    }

    /// The values of `nixConfig` that Nix would have to compute, which it refuses.
    fn computed_settings(&mut self, file: FileId) -> Vec<NixConfigValue> {
        let mut found = Vec::new();
        let Some(hir) = self.evaluator.program().file(file) else { return found };
        let Some(config) = nix_config(hir) else { return found };
        let Expr::Attrs(settings) = hir.expr(config) else {
            found.extend(self.computed(file, None, config));
            return found;
        };
        for definition in &settings.definitions {
            if let DefinitionValue::Expr(expr) = definition.value
                && is_computed(hir, expr)
            {
                found.extend(self.computed(file, Some(definition.name.to_string()), expr));
            }
        }
        found
    }

    fn computed(
        &mut self,
        file: FileId,
        name: Option<String>,
        expr: ExprId,
    ) -> Option<NixConfigValue> {
        let place = self.evaluator.program().span(Site { file, expr })?;
        let flake = self.evaluator.import_file(file);
        let path: Vec<&str> = std::iter::once("nixConfig").chain(name.as_deref()).collect();
        let value = self.evaluator.select_path(&flake, &path);
        let value = value.map(|value| self.freeze_value(&value, 0)).unwrap_or_default();
        Some(NixConfigValue { name, place, value })
    }
}

/// Where a file takes packages of something that may be an input, `inputs.x.packages.…` or
/// `x.packages.…`, and the name of that.
pub(super) fn uses_of_inputs_in(hir: &File) -> Vec<(String, TextRange)> {
    let of = |expr| Some((input_of_packages(hir, expr)?, hir.range(expr)));
    hir.expr_ids().filter_map(of).collect()
}

/// Gives a use of packages of `input` to the flakes that have such an input, and the file in their
/// folder.
pub(super) fn add_use_of_input(flakes: &mut [Flake], tree: &Tree, input: &str, place: Span) {
    for flake in flakes {
        let folder = tree.path(flake.file).parent().unwrap_or(Path::new(""));
        if tree.path(place.file).starts_with(folder) {
            let inputs = flake.inputs.iter_mut().filter(|known| input == known.name);
            inputs.for_each(|known| known.packages.push(place));
        }
    }
}

/// The name before `packages` in a selection.
fn input_of_packages(hir: &File, expr: ExprId) -> Option<String> {
    let Expr::Select { base, path, .. } = hir.expr(expr) else { return None };
    let first = match hir.expr(*base) {
        Expr::Variable(variable) => Some(variable.name()),
        _ => None,
    };
    let names = path.iter().map(|key| match key {
        Key::Name(name, _) => Some(*name),
        Key::Dynamic(_) => None,
    });
    let names: Vec<_> = std::iter::once(first).chain(names).collect();
    names.windows(2).find_map(|pair| match pair {
        [Some(input), Some(output)] if PACKAGES.contains(&output.as_str()) => {
            Some(input.to_string())
        }
        _ => None,
    })
}

fn nix_config(hir: &File) -> Option<ExprId> {
    let Expr::Attrs(flake) = hir.expr(hir.root()) else { return None };
    match flake.get("nixConfig".into())?.value {
        DefinitionValue::Expr(value) => Some(value),
        _ => None,
    }
}

/// Whether Nix would have to compute `expr`. A name of the set itself may be known already, and is left
/// alone.
fn is_computed(hir: &File, expr: ExprId) -> bool {
    match hir.expr(expr) {
        Expr::Missing | Expr::Int(_) | Expr::Float(_) | Expr::Attrs(_) | Expr::Lambda(_) => false,
        Expr::Str(parts) => has_hole(parts),
        Expr::Path(path) => has_hole(&path.parts),
        Expr::Variable(Variable::Local { .. } | Variable::Builtin(_)) => false,
        Expr::List(items) => items.iter().any(|item| is_computed(hir, *item)),
        _ => true,
    }
}

fn has_hole(parts: &[StrPart]) -> bool {
    parts.iter().any(|part| matches!(part, StrPart::Hole(_)))
}

fn nixpkgs_in(lock: &Json) -> Vec<LockedNixpkgs> {
    let Some(nodes) = lock["nodes"].as_object().filter(|nodes| nodes.len() <= MAX_NODES) else {
        return Vec::new();
    };
    let root = lock["root"].as_str().unwrap_or("root");
    let mut seen = BTreeSet::from([root]);
    let mut pending = VecDeque::from([(root, Vec::new())]);
    let mut found = Vec::new();
    while let Some((name, path)) = pending.pop_front() {
        let Some(node) = nodes.get(name) else { continue };
        if !path.is_empty() && is_nixpkgs(node) {
            found.push(LockedNixpkgs {
                path: path.clone(),
                last_modified: node["locked"]["lastModified"].as_i64(),
                reference: node["original"]["ref"].as_str().map(str::to_owned),
            });
        }
        for (input, target) in node["inputs"].as_object().into_iter().flatten() {
            // A list is a way to a node that another input has.
            if let Some(target) = target.as_str().filter(|target| seen.insert(target)) {
                let path = path.iter().cloned().chain([input.clone()]).collect();
                pending.push_back((target, path));
            }
        }
    }
    found
}

fn is_nixpkgs(node: &Json) -> bool {
    let is = |key: &str, expected: &str| {
        node["locked"][key].as_str().is_some_and(|text| text.eq_ignore_ascii_case(expected))
    };
    // Its library alone is a folder of it.
    is("repo", "nixpkgs") && is("owner", "NixOS") && node["locked"]["dir"].is_null()
}
