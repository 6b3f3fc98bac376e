//! Option definitions: a module's body, walked through what wraps them.

use smallvec::SmallVec;

use super::Collector;
use super::module::{ModuleContext, is_reserved};
use crate::eval::{AttrSet, Kind, Slot, ThunkId, Value};
use crate::facts::{AppliesTo, ModuleKind, Priority, Setting, SettingPlace};
use crate::hir::{Name, name};
use crate::source::Span;

/// Definitions nested deeper than this are not looked at.
const MAX_DEPTH: usize = 12;

/// One definition on its way through `mkIf`, `mkDefault` and sets.
#[derive(Clone)]
pub(super) struct Walk {
    /// Few are longer.
    path: SmallVec<[&'static str; 4]>,
    pub(super) key: Option<Span>,
    definition: Option<Span>,
    pub(super) priority: Priority,
    pub(super) condition: Option<Span>,
}

impl Collector<'_, '_> {
    /// Walks the definitions of a module's body.
    pub(super) fn walk_module(&mut self, body: &AttrSet, context: &mut ModuleContext) {
        let walk = Walk {
            path: SmallVec::new(),
            key: None,
            definition: None,
            priority: Priority::PLAIN,
            condition: None,
        };
        // A module may be one `mkIf` as a whole.
        if self.walk_wrapped(body, &walk, context) {
            return;
        }
        if let Some(config) = body.get(name!("config")) {
            self.walk_thunk(config.value, &walk, context);
        }
        for slot in body.slots() {
            if is_reserved(slot.name.as_str()) {
                continue;
            }
            self.walk_slot(slot, &walk, context);
        }
    }

    fn walk_slot(&mut self, slot: &Slot, outer: &Walk, context: &mut ModuleContext) {
        let mut walk = outer.clone();
        walk.path.push(slot.name.as_str());
        walk.key = slot.key.or(outer.key);
        if slot.optional {
            // Of `{ … } // optionalAttrs c { … }`: what it hangs on is told by the set.
            walk.condition = walk.condition.or(outer.key).or(slot.key);
        }
        walk.definition = slot.definition;
        self.walk_thunk(slot.value, &walk, context);
    }

    fn walk_thunk(&mut self, thunk: ThunkId, walk: &Walk, context: &mut ModuleContext) {
        if !context.is_walked(&walk.path) {
            return;
        }
        if walk.path.len() > MAX_DEPTH
            || !self.takes_definition()
            || is_left_alone(&walk.path)
            || self.is_mute(thunk, &walk.path)
        {
            return;
        }
        if self.collect_users(thunk, walk, context)
            || self.evaluate_defined_module(thunk, &walk.path)
        {
            return;
        }
        let value = self.evaluator.force(thunk);
        if value.as_attrs().is_none() {
            self.collect_installed(thunk, &walk.path, walk.condition.is_some(), context);
        }
        match &value.kind {
            Kind::Attrs(set) => {
                let set = set.clone();
                if self.walk_wrapped(&set, walk, context) {
                    return;
                }
                self.collect_overlays(walk, &value, thunk);
                for slot in set.slots() {
                    self.walk_slot(slot, walk, context);
                }
            }
            Kind::Choice(choice) if choice.condition.is_some() || walk.path.len() < 3 => {
                let mut inner = walk.clone();
                inner.condition = choice.condition.or(walk.condition);
                if self.is_kept(&walk.path)
                    && !self.is_set(choice.then)
                    && !self.is_set(choice.otherwise)
                {
                    self.record(thunk, walk, context);
                    return;
                }
                for side in [choice.then, choice.otherwise] {
                    self.walk_thunk(side, &inner, context);
                }
            }
            _ => {
                self.record(thunk, walk, context);
                self.collect_overlays(walk, &value, thunk);
                self.force_within(&value, 2);
            }
        }
    }

    fn is_set(&mut self, thunk: ThunkId) -> bool {
        self.evaluator.force(thunk).as_attrs().is_some()
    }

    /// Goes through `mkIf`, `mkMerge`, `mkOverride` and `mkOrder`. False for a plain set.
    fn walk_wrapped(&mut self, set: &AttrSet, walk: &Walk, context: &mut ModuleContext) -> bool {
        let Some(mark) = set.get(name!("_type")) else { return false };
        let mark = self.evaluator.force(mark.value);
        let field = |name: Name| set.get(name).map(|slot| slot.value);
        match mark.as_str() {
            Some("if") => {
                let (Some(condition), Some(content)) =
                    (field(name!("condition")), field(name!("content")))
                else {
                    return true;
                };
                let decided = self.evaluator.force(condition);
                let mut inner = walk.clone();
                match decided.as_bool() {
                    Some(false) => return true,
                    Some(true) => {}
                    None => inner.condition = walk.condition.or(self.place_of(condition)),
                }
                self.walk_thunk(content, &inner, context);
            }
            Some("override") => {
                let Some(content) = field(name!("content")) else { return true };
                let priority = field(name!("priority")).map(|thunk| self.evaluator.force(thunk));
                let mut inner = walk.clone();
                if let Some(priority) = priority.as_ref().and_then(Value::as_int) {
                    inner.priority = Priority(priority);
                }
                self.walk_thunk(content, &inner, context);
            }
            Some("order") => {
                if let Some(content) = field(name!("content")) {
                    self.walk_thunk(content, walk, context);
                }
            }
            Some("merge") => {
                let Some(contents) = field(name!("contents")) else { return true };
                let contents = self.evaluator.force(contents);
                for item in contents.as_list().cloned().iter().flat_map(|items| items.iter()) {
                    self.walk_thunk(*item, walk, context);
                }
            }
            _ => return false,
        }
        true
    }

    fn place_of(&self, thunk: ThunkId) -> Option<Span> {
        let (site, _) = self.evaluator.expression_of(thunk)?;
        self.evaluator.program().span(site)
    }

    /// Keeps a definition that is a setting.
    fn record(&mut self, thunk: ThunkId, walk: &Walk, context: &ModuleContext) {
        let is_kept = self.is_kept(&walk.path);
        if self.collect_nix_conf(thunk, &walk.path, walk.condition, context)
            || !is_kept && !may_share_a_number(&walk.path)
        {
            return;
        }
        let Some(key) = walk.key else { return };
        if *walk.path == ["nix", "buildMachines"] {
            self.collect_build_machines(thunk, walk, context);
        }
        let value = self.freeze(thunk);
        if !is_kept && value.as_int().is_none() {
            return;
        }
        let options = self.basis.knowledge.compiling_options.rows();
        let is_made = |option: &str| is_option(option, &walk.path);
        let matters = options.iter().any(|row| row.made_by.is_some() && is_made(&row.option));
        let calls = if matters { self.calls_behind(thunk) } else { Vec::new() };
        let profiles = match bounds_parallelism(&walk.path) && value.as_int().is_some() {
            true => self.profile_names_at(thunk),
            false => Vec::new(),
        };
        self.facts.settings.push(Setting {
            calls,
            path: canonical(&walk.path),
            key,
            definition: walk.definition,
            value,
            priority: walk.priority,
            condition: walk.condition,
            place: SettingPlace::Module(context.kind),
            host: context.host.clone(),
            profiles,
        });
    }

    /// Whether the definitions of the option at `path` are kept.
    fn is_kept(&self, path: &[&str]) -> bool {
        let mut that_compile = self.basis.knowledge.options_that_compile();
        is_setting(path) || that_compile.any(|option| is_option(option, path))
    }

    fn collect_overlays(&mut self, walk: &Walk, value: &Value, thunk: ThunkId) {
        match walk.path.as_slice() {
            ["nixpkgs", "overlays"] => {
                self.applying(AppliesTo::Configurations, |this| this.apply_overlay_list(thunk));
            }
            ["nixpkgs", "config"] => {
                self.applying(AppliesTo::Configurations, |this| {
                    this.apply_package_overrides(value)
                });
            }
            _ => {}
        }
    }

    /// Keeps the home-manager modules that a NixOS module brings in, and their arguments.
    fn collect_users(&mut self, thunk: ThunkId, walk: &Walk, context: &mut ModuleContext) -> bool {
        if context.kind == ModuleKind::HomeManager {
            return false;
        }
        match walk.path.as_slice() {
            ["home-manager", "users", user] => {
                context.users.push((Some((*user).to_owned()), thunk));
                true
            }
            ["home-manager", "sharedModules"] => {
                let items = self.known_items(thunk, 0);
                context.users.extend(items.into_iter().map(|item| (None, item)));
                true
            }
            ["home-manager", "extraSpecialArgs"] => {
                let arguments = self.evaluator.force(thunk);
                if let Some(set) = arguments.as_attrs() {
                    context.user_arguments.extend(set.slots());
                }
                true
            }
            _ => false,
        }
    }
}

/// Options of programs are kept where they are numbers: it may be the number that limits builds, too.
pub(super) fn may_share_a_number(path: &[&str]) -> bool {
    matches!(path, ["programs", _, _])
}

/// Whether `path` is that of `option`, whose names are joined by dots.
fn is_option(option: &str, path: &[&str]) -> bool {
    // Few begin alike.
    path.first().is_some_and(|first| option.starts_with(first))
        && option.split('.').eq(path.iter().copied())
}

/// Determinate Nix' module writes nix.conf from an option of its own.
fn canonical(path: &[&str]) -> Vec<String> {
    let (options, rest): (&[&str], _) = match path {
        ["determinateNix", "customSettings", rest @ ..] => (&["nix", "settings"], rest),
        _ => (&[], path),
    };
    options.iter().chain(rest).map(ToString::to_string).collect()
}

/// Options of which the definitions are kept.
fn is_setting(path: &[&str]) -> bool {
    match path {
        ["nix", "settings", _]
        | ["determinateNix", "customSettings", _]
        | ["zramSwap", _]
        | [
            "nixpkgs",
            "config" | "hostPlatform" | "buildPlatform" | "localSystem" | "crossSystem" | "pkgs",
            ..,
        ]
        | ["home-manager", "useGlobalPkgs"] => true,
        ["nix", option] => *option != "settings",
        ["programs", "ccache", _] | ["programs", _, "enable" | "package" | "commandLineArgs"] => {
            true
        }
        ["systemd", "services", "nix-daemon", "serviceConfig", _] => true,
        ["boot", "tmp", _] | ["networking", "hostName"] | ["home", "username"] => true,
        ["boot", "kernelPackages"] => true,
        // Where builds lie.
        ["boot", "tmpOnTmpfs"] | ["fileSystems", "/" | "/tmp", "fsType"] => true,
        ["systemd", "services", "nix-daemon", "environment", "TMPDIR"] => true,
        // What serves the machine's store, and hands it on.
        ["services", "nix-serve" | "harmonia", ..] | ["networking", "firewall", _] => true,
        [
            "services",
            "caddy" | "cloudflared" | "haproxy" | "nginx" | "tailscale" | "traefik",
            "enable",
        ] => true,
        ["hardware", "facter", "reportPath"] | ["facter", "reportPath"] => true,
        // Variables that are meant for builds, and reach none.
        ["home", "sessionVariables", _] | ["environment", "variables" | "sessionVariables", _] => {
            true
        }
        _ => false,
    }
}

/// Options that a number of a hardware profile may be written for.
fn bounds_parallelism(path: &[&str]) -> bool {
    matches!(path, ["nix", "settings", "max-jobs" | "cores"] | ["nix", "maxJobs" | "buildCores"])
}

/// Module arguments lead to whole flakes: nothing is defined in them.
fn is_left_alone(path: &[&str]) -> bool {
    matches!(path.first(), Some(&("_module" | "specialArgs" | "extraSpecialArgs")))
}
