//! The rule `browser-override-ignored`.

use super::cost;
use crate::budget::lost;
use crate::declare_rule;
use crate::facts::{Change, Method, OverrideSite, Package, Setting, ValueFact, ValueKind};
use crate::knowledge::{Browser, Row};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::work;
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A change that is meant for a browser's engine and never gets there: `patches`, flags or phases
    /// for `chromium.overrideAttrs`, a `stdenv` for `chromium.override`, and `chromium` among the
    /// packages that ccache is to compile.
    ///
    /// # Why it matters
    ///
    /// What goes by the name of `chromium`, `firefox` or `electron` is a wrapper: a script made by
    /// one `buildCommand`, around an engine that is compiled elsewhere. A wrapper has no phases. The
    /// change is part of its hash and of nothing else, so that whoever wrote it waits for an effect
    /// that does not come.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.chromium.overrideAttrs (old: {
    ///       patches = (old.patches or [ ]) ++ [ ./no-signin.patch ];
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     pkgs.chromium
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes out what has no effect; where nothing else is overridden, the plain package stays. It
    /// is unsafe: what the change was for is left undone, as it was. It is only described where the
    /// same lines change another package too, for which they count: in a helper that is used for
    /// several, or attributes that several overrides share.
    ///
    /// # When it stays silent
    ///
    /// - The attribute reaches the wrapper, such as `buildCommand`, `makeWrapperArgs` or `meta`.
    /// - The `buildCommand` is taken away, or runs the phase itself.
    /// - The engine itself is overridden (`firefox-unwrapped`): `browser-source-build` tells of that.
    /// - The browser is a vendor's binary, which is unpacked in phases.
    ///
    /// # Sources
    ///
    /// - nixpkgs, `pkgs/stdenv/generic/setup.sh`: with a `buildCommand` no phase runs.
    /// - nixpkgs, `pkgs/applications/networking/browsers/chromium/default.nix`: `stdenv` is taken and
    ///   then made anew from LLVM.
    /// - nixpkgs, `nixos/modules/programs/ccache.nix`: each name is overridden with another `stdenv`.
    /// - Which attributes belong to phases stands in `rules/knowledge/browsers.toml`.
    pub struct BrowserOverrideIgnored {
        id: "browser-override-ignored",
        group: Override,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// The argument that says what compiles.
const STDENV: &str = "stdenv";

/// The option of NixOS with the names of what ccache is to compile.
const CCACHE: [&str; 3] = ["programs", "ccache", "packageNames"];

impl Rule for BrowserOverrideIgnored {
    fn meta(&self) -> &'static RuleMeta {
        const { &BrowserOverrideIgnored::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let overrides = cx.facts.overrides.iter().filter_map(|site| of_override(cx, site));
        let options = cx.facts.settings_at(&CCACHE).flat_map(|setting| of_ccache(cx, setting));
        let mut found: Vec<Diagnostic> = Vec::new();
        for diagnostic in overrides.chain(options) {
            found.push(diagnostic);
        }
        cx.report_once_a_place(found);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let (package, browser) = lost::wrapper_of(cx.knowledge, site)?;
    let lost = lost::changes(cx.tree, cx.knowledge, site);
    let first = *lost.first()?;
    let name = package.name();
    let names: Vec<String> = lost.iter().map(|change| format!("`{}`", change.name)).collect();
    let (has, reason) = match (lost.len(), site.method) {
        (1, Method::Override) => ("has", ignored_argument(&name)),
        (1, _) => ("has", skipped(&name)),
        (_, Method::Override) => ("have", ignored_argument(&name)),
        (_, _) => ("have", skipped(&name)),
    };
    let conditional = lost.iter().all(|change| change.optional);
    let proviso = match conditional {
        true => ", if the condition holds",
        false => cost::proviso(site),
    };
    let message = format!("{} {has} no effect: {reason}{proviso}", names.join(" and "));
    let (place, helper) = match cost::at(cx, site) {
        (place, None) => (first.key.unwrap_or(place), None),
        in_helper => in_helper,
    };
    let found = Diagnostic::new(&BrowserOverrideIgnored::META, place, message);
    let found = cost::with_helper(with_engine(cx, found, browser, &first.name), helper);
    let title = format!("Remove {}", names.join(" and "));
    Some(found.fix(Fix::unsafe_or_shown(
        title,
        "what the change was for is left undone, as it was",
        removed(cx, site, package, &lost),
    )))
}

fn ignored_argument(name: &str) -> String {
    format!("{name} takes it, and compiles its engine with one of its own")
}

fn skipped(name: &str) -> String {
    format!("{name} is a wrapper around its engine, and is made without phases")
}

fn with_engine(
    cx: &TreeContext<'_>,
    found: Diagnostic,
    browser: &Browser,
    change: &str,
) -> Diagnostic {
    let evidence =
        cx.knowledge.skipped_by_wrappers(change).map_or(browser.evidence(), Row::evidence);
    let found = found.note(format!("Read in {} ({})", evidence.source, evidence.basis));
    match cx.knowledge.engine(browser) {
        Some(engine) => found.note(format!(
            "Only a change of the engine itself would count, and compiling {} takes {} hours on four \
             cores ({})",
            engine.title, engine.hours, engine.basis
        )),
        None => found,
    }
}

/// The edits that take out what is lost; `None` where the same text counts for another package.
fn removed(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    lost: &[&Change],
) -> Option<Vec<FixEdit>> {
    if lost.iter().any(|change| counts_elsewhere(cx, change)) {
        return None;
    }
    let stays = |change: &Change| !lost.iter().any(|one| std::ptr::eq(*one, change));
    let is_chained = site.chained || work::is_chained_onto(cx.facts, site);
    let is_all = !site.open && !site.changes.iter().any(stays);
    if is_all && !is_chained && !package.path.is_empty() {
        return cost::plain_package(cx, site);
    }
    let definitions: Option<Vec<Span>> = lost.iter().map(|change| change.definition).collect();
    let file = cx.edited(site.call.literal?.file)?;
    file.remove_definitions(definitions?)
}

/// Whether the definition of `change` also says what another override, or a derivation of the tree,
/// is made of, and may count there.
fn counts_elsewhere(cx: &TreeContext<'_>, change: &Change) -> bool {
    let Some(definition) = change.definition else { return false };
    let counts = |site: Option<&OverrideSite>, change: &Change| {
        site.is_none_or(|site| !lost::is_lost(cx.tree, cx.knowledge, site, change))
    };
    cx.facts.changes_written_at(definition).any(|(site, change)| counts(site, change))
}

/// The browsers among the packages that ccache is to compile.
fn of_ccache(cx: &TreeContext<'_>, setting: &Setting) -> Vec<Diagnostic> {
    let ValueKind::List(items) = &setting.value.kind else { return Vec::new() };
    items.iter().filter_map(|item| of_name(cx, setting, item)).collect()
}

fn of_name(cx: &TreeContext<'_>, setting: &Setting, item: &ValueFact) -> Option<Diagnostic> {
    let name = item.as_str()?;
    let browser = cx.knowledge.browser(&[name])?;
    if !browser.ignored_arguments.iter().any(|argument| argument == STDENV) {
        return None;
    }
    let place = item.place.or(item.literal)?;
    let proviso = if setting.condition.is_some() { ", if the condition holds" } else { "" };
    let message = format!(
        "ccache never gets to {name}: it is a wrapper around its engine, which takes no `stdenv` from \
         outside{proviso}"
    );
    let found = Diagnostic::new(&BrowserOverrideIgnored::META, place, message);
    let found = with_engine(cx, found, browser, STDENV);
    let title = format!("Take {name} out of the list");
    let edits = cx.edited(place.file).and_then(|file| file.remove_element(place, ""));
    Some(found.fix(Fix::unsafe_or_shown(
        title,
        "what the change was for is left undone, as it was",
        edits,
    )))
}
