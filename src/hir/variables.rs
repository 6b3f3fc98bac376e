//! Which names Nix itself binds everywhere.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::Name;

/// The names that need no `builtins.` before them (`EvalState::createBaseEnv`); each builtin also
/// answers to its name with two underscores before it.
const GLOBALS: &[&str] = &[
    "abort",
    "baseNameOf",
    "break",
    "builtins",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

static GLOBAL_NAMES: LazyLock<FxHashSet<Name>> =
    LazyLock::new(|| GLOBALS.iter().map(|name| Name::new(name)).collect());

pub(super) fn is_global(name: Name) -> bool {
    GLOBAL_NAMES.contains(&name) || name.as_str().starts_with("__")
}
