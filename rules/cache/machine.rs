//! Options of one machine that hang on each other.

use super::served::is_at;
use crate::facts::{Setting, ValueFact, ValueKind};
use crate::lint::TreeContext;

/// Whether an option is true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// It is not, or nothing sets it.
    No,
    /// By a condition, or a value, that cannot be decided.
    Perhaps,
    /// It is.
    Yes,
}

/// Whether the option at the dotted `path` is true on the machine of `setting`.
pub(super) fn holds(cx: &TreeContext<'_>, setting: &Setting, path: &str) -> Holds {
    let all = beside(cx, setting, path);
    let Some(strongest) = all.iter().map(|setting| setting.priority).min() else {
        return Holds::No;
    };
    let in_force = all.iter().filter(|setting| setting.priority == strongest);
    in_force
        .map(|setting| of_value(&setting.value, setting.condition.is_some()))
        .max()
        .unwrap_or(Holds::No)
}

fn of_value(value: &ValueFact, is_conditional: bool) -> Holds {
    match value.kind {
        ValueKind::Bool(true) if !is_conditional => Holds::Yes,
        ValueKind::Bool(false) => Holds::No,
        _ => Holds::Perhaps,
    }
}

/// The definitions of the option at the dotted `path` on the machine of `setting`.
pub(super) fn beside<'f>(cx: &TreeContext<'f>, setting: &Setting, path: &str) -> Vec<&'f Setting> {
    let is_beside = |other: &&Setting| is_at(other, path) && other.host == setting.host;
    cx.facts.settings.iter().filter(is_beside).collect()
}

/// "where this module is imported, " for a module that no configuration of the tree is seen to import.
pub(super) fn proviso(cx: &TreeContext<'_>, setting: &Setting) -> &'static str {
    match setting.host.is_some() || cx.facts.configurations.is_empty() {
        true => "",
        false => "where this module is imported, ",
    }
}
