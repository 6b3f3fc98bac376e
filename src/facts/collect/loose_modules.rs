//! Modules that no configuration of the tree imports, as far as can be told: each is looked at alone.

use super::Collector;
use super::callee::called_name;
use super::fragment::Occasion;
use super::module::ModuleContext;
use crate::eval::{Defined, Root, Site, Symbol, ThunkId, Value, Why};
use crate::facts::ModuleKind;
use crate::hir::{Attrs, DefinitionValue, Expr, ExprId, File};
use crate::knowledge::Knowledge;
use crate::source::FileId;

impl Collector<'_, '_> {
    /// Evaluates a module that no configuration imports: a file that looks like one and sets
    /// something of interest.
    pub(super) fn evaluate_loose_module(&mut self, file: FileId) {
        let Some(hir) = self.evaluator.program().file(file) else { return };
        let Some(kind) = self.basis.outline(file).and_then(|outline| outline.module) else {
            return;
        };
        if self.module_kinds.contains_key(&file) {
            return;
        }
        self.evaluator.refuel();
        let mut context = ModuleContext::new(kind, None);
        let body = Site { file, expr: innermost_body(hir, hir.root()) };
        if !self.answers_for(body) {
            return;
        }
        let config = self.evaluator.placeholder();
        self.unbound.configs.insert(file, config);
        let Some(env) = self.environments(body, 1).first().copied() else {
            self.define_own_config(config, &Value::unknown(Why::Undecided));
            return;
        };
        self.note_module(file, kind);
        self.modules.insert((file, context.key()));
        let rank = self.rank(file, env);
        let body = self.evaluator.evaluate(body, env);
        self.define_own_config(config, &body);
        if let Some(set) = body.as_attrs().cloned() {
            self.begin_definitions();
            self.walk_module(&set, &mut context);
        }
        self.follow_calls();
        self.close_part(Occasion::LooseModule(file, rank));
    }
}

impl Collector<'_, '_> {
    /// Makes `config` what the module alone defines of it. What it declares is left out: another
    /// module is there to set it.
    fn define_own_config(&mut self, config: ThunkId, body: &Value) {
        let definitions = body.as_attrs().map(|set| self.body_definitions(&set.clone()));
        let fallback = Symbol::root(Root::Config);
        let defined = |value| Defined { value, is_open: false };
        let definitions = definitions.unwrap_or_default().into_iter().map(defined).collect();
        let merged = self.evaluator.merged(definitions, Vec::new(), fallback, None);
        self.evaluator.define(config, merged);
    }
}

/// Names of which all stand in a module that sets anything that facts are made of, in one of these
/// groups.
pub(super) fn words(knowledge: &Knowledge) -> impl Iterator<Item = Vec<&str>> {
    let options = knowledge.options_that_compile();
    let options = options.map(|option| option.split('.').collect());
    options.chain(WORDS.iter().map(|names| names.to_vec()))
}

/// What a function of functions gives in the end.
fn innermost_body(hir: &File, mut expr: ExprId) -> ExprId {
    while let Expr::Lambda(lambda) = hir.expr(expr) {
        expr = lambda.body;
    }
    expr
}

/// Such names, whatever tables say.
const WORDS: [&[&str]; 25] = [
    &["nix", "settings"],
    &["customSettings"],
    &["maxJobs"],
    &["buildCores"],
    &["nix", "extraOptions"],
    &["packageOverrides"],
    &["overlays"],
    &[".config/nix/nix.conf"],
    &["nix/nix.conf"],
    &["NIX_BUILD_CORES"],
    &["nix-daemon"],
    &["hostName"],
    &["facter"],
    &["useTmpfs"],
    &["tmpfsSize"],
    &["cudaSupport"],
    &["rocmSupport"],
    &["replaceStdenv"],
    &["nixpkgs", "hostPlatform"],
    &["nixpkgs", "crossSystem"],
    &["permittedInsecurePackages"],
    &["packageNames"],
    &["override"],
    &["overrideAttrs"],
    &["zramSwap"],
];

/// What kind of module a file looks like: one that takes modules' arguments, or a set of options.
/// `None` for what is no module.
pub(super) fn module_kind(hir: &File) -> Option<ModuleKind> {
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
                    kind = with_option(kind, definition.name.as_str());
                    sets_options |= is_option_root(definition.name.as_str());
                }
                if let Some((_, config)) = config_of(hir, attrs) {
                    for definition in &config.definitions {
                        kind = with_option(kind, definition.name.as_str());
                        sets_options |= is_option_root(definition.name.as_str());
                    }
                }
                break;
            }
            // All that it sets hangs on one condition.
            Expr::Apply { function, argument } if takes_module_arguments => {
                let name = called_name(hir, *function)?;
                if name != "mkIf" {
                    return None;
                }
                *argument
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

fn config_of<'f>(hir: &'f File, attrs: &'f Attrs) -> Option<(ExprId, &'f Attrs)> {
    match attrs.get("config".into())?.value {
        DefinitionValue::Expr(value) => Some((value, hir.attrs_of(value)?)),
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

/// The kind of a module that also sets the option `name`: not known where its options are of several
/// kinds, of which a tree may have made some itself.
fn with_option(kind: Option<ModuleKind>, name: &str) -> Option<ModuleKind> {
    match (kind, kind_by_option(name)) {
        (Some(kind), Some(other)) if kind != other => Some(ModuleKind::Unknown),
        (kind, other) => kind.or(other),
    }
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
