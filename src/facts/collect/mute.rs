//! Values that are mute: no fact is made of the option that they define, and evaluating them would call
//! no function in which anything worth a look stands. They are left as they are. Many an option is text
//! that is computed at length, and that only the program reads for which it is meant.
//!
//! Whether a value is mute is found out without evaluating it, from what its expression looks up. Where
//! that leads to what is not known yet, it is not mute.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Collector;
use super::callee::called_name;
use super::definitions::may_share_a_number;
use super::unbound::application_head;
use crate::eval::{Delayed, EnvId, Kind, Site, Summary, ThunkId, Value};
use crate::hir::{Expr, Name};
use crate::source::FileId;

/// Values that lead to values are followed to this depth.
const MAX_DEPTH: u32 = 200;

/// No more elements or attributes of one value are followed.
const MAX_PARTS: usize = 256;

/// What was found out of values and expressions.
#[derive(Clone, Default)]
pub(super) struct Mute {
    summaries: FxHashMap<Site, Arc<Summary>>,
    /// Whether they tell anything; those that are being looked at do not.
    thunks: FxHashMap<ThunkId, bool>,
    expressions: FxHashMap<(Site, EnvId), bool>,
    /// The names of which it was asked whether they lead to a function worth a call.
    pub names: FxHashSet<Name>,
}

impl Collector<'_, '_> {
    /// Whether the value of the option at `path` need not be evaluated.
    pub(super) fn is_mute(&mut self, thunk: ThunkId, path: &[&str]) -> bool {
        self.basis.is_selective()
            && is_of_no_interest(path)
            && !self.may_compile(path)
            && !(may_share_a_number(path) && self.may_be_number(thunk))
            && !self.tells(thunk, 0)
    }

    /// Whether `path` leads to an option that may have something compiled.
    fn may_compile(&self, path: &[&str]) -> bool {
        let leads_to = |option: &str| {
            // Few begin alike.
            path.first().is_some_and(|first| option.starts_with(first)) && {
                let mut names = option.split('.');
                path.iter().all(|name| names.next() == Some(name))
            }
        };
        self.basis.knowledge.options_that_compile().any(leads_to)
    }

    /// Whether evaluating `thunk`, and what lies in it, may show what nothing else does.
    fn tells(&mut self, thunk: ThunkId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        if let Some(known) = self.mute.thunks.get(&thunk) {
            return *known;
        }
        self.mute.thunks.insert(thunk, false);
        let deeper = depth + 1;
        let tells = match self.evaluator.delayed_by(thunk) {
            Delayed::Known(value) => {
                let value = value.clone();
                self.value_tells(&value, deeper)
            }
            Delayed::Expression(site, env) => self.expression_tells(site, env, deeper),
            Delayed::Application(one, other) | Delayed::Update(one, other) => {
                self.tells(one, deeper) || self.tells(other, deeper)
            }
            Delayed::Selection(base, name) => self.selected_tells(base, &[name], deeper),
            Delayed::Merged | Delayed::Busy => false,
        };
        self.mute.thunks.insert(thunk, tells);
        tells
    }

    fn value_tells(&mut self, value: &Value, depth: u32) -> bool {
        let parts: Vec<ThunkId> = match &value.kind {
            Kind::Lambda(closure) => {
                let site = Site { file: closure.file, expr: closure.expr };
                return self.expression_tells(site, closure.env, depth);
            }
            Kind::Primitive(partial) if partial.primitive.name == "import" => return true,
            Kind::Primitive(partial) => partial.arguments.to_vec(),
            Kind::List(items) => items.to_vec(),
            // Of a library or of inputs, what is used of it is selected.
            Kind::Attrs(set) if set.rest.is_some() => return false,
            Kind::Attrs(set) => set.slots().iter().map(|slot| slot.value).collect(),
            Kind::Choice(choice) => vec![choice.then, choice.otherwise],
            _ => return false,
        };
        parts.len() > MAX_PARTS || parts.into_iter().any(|part| self.tells(part, depth))
    }

    fn expression_tells(&mut self, site: Site, env: EnvId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        if let Some(known) = self.mute.expressions.get(&(site, env)) {
            return *known;
        }
        self.mute.expressions.insert((site, env), false);
        let tells = match self.summary(site) {
            Some(summary) => self.summary_tells(&summary, site.file, env, depth + 1),
            None => false,
        };
        self.mute.expressions.insert((site, env), tells);
        tells
    }

    fn summary_tells(&mut self, summary: &Summary, file: FileId, env: EnvId, depth: u32) -> bool {
        summary.tells
            || summary.imports.iter().any(|path| self.import_tells(file, path, depth))
            || summary.looks_up.iter().any(|name| {
                let thunk = self.evaluator.local(env, name.depth, name.slot);
                thunk.is_some_and(|thunk| self.selected_tells(thunk, &name.path, depth))
            })
    }

    fn import_tells(&mut self, from: FileId, path: &str, depth: u32) -> bool {
        let Some(file) = self.evaluator.imported_from(from, path) else { return false };
        self.evaluator.note(file);
        let Some(hir) = self.evaluator.program().file(file) else { return false };
        self.expression_tells(Site { file, expr: hir.root() }, EnvId::ROOT, depth)
    }

    /// Whether what `path` selects from `base` tells anything.
    fn selected_tells(&mut self, base: ThunkId, path: &[Name], depth: u32) -> bool {
        let mut thunk = base;
        for (index, name) in path.iter().enumerate() {
            match self.evaluator.delayed_by(thunk) {
                Delayed::Known(Value { kind: Kind::Attrs(set), .. }) => match set.get(*name) {
                    Some(slot) => thunk = slot.value,
                    None => return self.are_telling(&path[index..]),
                },
                Delayed::Known(Value { kind: Kind::Choice(_), .. }) => break,
                Delayed::Known(_) | Delayed::Merged | Delayed::Busy => {
                    return self.are_telling(&path[index..]);
                }
                _ if self.is_import(thunk) => {
                    // What others select from it, they have evaluated by then.
                    self.evaluator.force(thunk);
                    return self.selected_tells(thunk, &path[index..], depth);
                }
                _ => return self.are_telling(&path[index..]) || self.tells(thunk, depth),
            }
        }
        self.tells(thunk, depth)
    }

    /// Whether `thunk` is what a file gives, perhaps with arguments, and was not asked for yet.
    fn is_import(&self, thunk: ThunkId) -> bool {
        let Delayed::Expression(site, _) = self.evaluator.delayed_by(thunk) else { return false };
        let Some(hir) = self.evaluator.program().file(site.file) else { return false };
        let is_applied = matches!(hir.expr(site.expr), Expr::Apply { .. });
        is_applied
            && called_name(hir, application_head(hir, site.expr))
                .is_some_and(|name| name == "import")
    }

    /// Whether a function worth a call may be had by one of these names.
    fn are_telling(&mut self, names: &[Name]) -> bool {
        let (known, asked) = (&self.basis.telling.names, &mut self.mute.names);
        names.iter().any(|name| known.contain(*name, asked))
    }

    fn summary(&mut self, site: Site) -> Option<Arc<Summary>> {
        if let Some(known) = self.mute.summaries.get(&site) {
            return Some(Arc::clone(known));
        }
        let hir = self.evaluator.program().file(site.file)?;
        let outline = self.basis.outline(site.file);
        let summary = self.basis.telling.summary_in(hir, outline, site);
        self.mute.names.extend(&summary.asked);
        self.mute.summaries.insert(site, Arc::clone(&summary));
        Some(summary)
    }
}

/// Whether no fact is made of any option at `path` or below it, but for those that a set of its own
/// would hold.
fn is_of_no_interest(path: &[&str]) -> bool {
    let is_nix_conf = |name: &str| name.ends_with("nix.conf");
    match path {
        [] | ["programs" | "services" | "systemd" | "home" | "xdg" | "environment"] => false,
        // Below these, every definition may be kept.
        [
            "nix" | "determinateNix" | "nixpkgs" | "zramSwap" | "boot" | "networking" | "hardware"
            | "facter" | "fileSystems" | "fonts" | "users" | "home-manager" | "flake"
            | "configurations" | "perSystem" | "_module" | "specialArgs" | "extraSpecialArgs",
            ..,
        ] => false,
        ["programs" | "services", .., "package"]
        | ["programs" | "services", _, "enable" | "commandLineArgs"]
        | ["programs", "ccache", ..]
        | ["services", "nix-serve" | "harmonia", ..] => false,
        ["programs" | "services", ..] => path.len() > 2,
        ["systemd", "services"] | ["systemd", "services", "nix-daemon", ..] => false,
        ["home", "packages" | "sessionVariables" | "username", ..] => false,
        ["home", "file"] | ["xdg", "configFile"] | ["environment", "etc"] => false,
        ["home", "file", name, ..]
        | ["xdg", "configFile", name, ..]
        | ["environment", "etc", name, ..] => !is_nix_conf(name),
        ["environment", "systemPackages" | "variables" | "sessionVariables", ..] => false,
        _ => true,
    }
}
