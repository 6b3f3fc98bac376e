//! Changes that are meant for the engine of a browser and reach only the wrapper around it, which has no
//! use for them.

use crate::facts::{Change, Method, OverrideSite, Package, ValueKind};
use crate::knowledge::{Browser, Knowledge, Structure};
use crate::source::Tree;

/// The changes of `site` that are lost.
pub fn changes<'s>(tree: &Tree, knowledge: &Knowledge, site: &'s OverrideSite) -> Vec<&'s Change> {
    let is_lost = |change: &&Change| !change.is_identity && is_lost(tree, knowledge, site, change);
    site.changes.iter().filter(is_lost).collect()
}

/// The package of nixpkgs that `site` is of, where it is the wrapper of a browser.
pub fn wrapper_of<'a>(
    knowledge: &'a Knowledge,
    site: &'a OverrideSite,
) -> Option<(&'a Package, &'a Browser)> {
    let package = site.package.as_ref().filter(|package| package.is_stock())?;
    let browser = knowledge.browser(&package.lookup_path())?;
    (browser.structure == Structure::Wrapper).then_some((package, browser))
}

/// Whether `site` is of a wrapper, and `change` one that it does not use.
pub fn is_lost(tree: &Tree, knowledge: &Knowledge, site: &OverrideSite, change: &Change) -> bool {
    let Some((_, browser)) = wrapper_of(knowledge, site) else { return false };
    match site.method {
        Method::Override => browser.ignored_arguments.iter().any(|name| change.name == *name),
        _ => {
            knowledge.skipped_by_wrappers(&change.name).is_some()
                && keeps_build_command(site)
                && !is_named(tree, site, &change.name)
        }
    }
}

/// Whether the wrapper is still made by one command.
fn keeps_build_command(site: &OverrideSite) -> bool {
    let Some(command) = site.change("buildCommand") else { return !site.open };
    let is_text = matches!(command.value.kind, ValueKind::Str(_) | ValueKind::PartialStr(_));
    command.uses_old || is_text
}

/// Whether a text of the override names the variable, or runs the hook.
fn is_named(tree: &Tree, site: &OverrideSite, name: &str) -> bool {
    let argument = site.call.argument;
    let forms = [format!("${name}"), format!("${{{name}"), format!("runHook {name}")];
    let runs = |text: &str| {
        forms.iter().any(|form| text.contains(form.as_str()))
            || text.lines().any(|line| line.trim() == name)
    };
    tree.source(argument.file).is_ok_and(|source| runs(source.slice(argument.range)))
}
