//! The rule `browser-wrapper-override`.

use super::option;
use crate::declare_rule;
use crate::facts::{Context, Method, ModuleKind, OverrideSite, Package};
use crate::knowledge::{Browser, Structure};
use crate::lint::edits::EditedFile;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::{SyntaxKind, SyntaxNode};

declare_rule! {
    /// # What it flags
    ///
    /// In a home-manager module, an override of a browser that only gives it command line arguments
    /// or other things for which home-manager has an option.
    ///
    /// # Why it matters
    ///
    /// Nothing is compiled, neither for Brave, which is unpacked, nor for Chromium, of which only the
    /// wrapper is made anew: it is a matter of seconds. But the option says the same in one place,
    /// takes a list instead of a string, and can be added to by other modules; an override of the
    /// package is lost as soon as the option is set as well.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     pkgs.fd
    ///     (pkgs.brave.override { commandLineArgs = "--force-dark-mode"; })
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
    ///     pkgs.fd
    ///   ];
    ///
    ///   programs.brave = {
    ///     enable = true;
    ///     commandLineArgs = [ "--force-dark-mode" ];
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the package out of `home.packages` and turns the option on. A string becomes a list of
    /// one element, so that the browser gets the very same bytes; a list stays as it is, also one that
    /// was joined with spaces. It is unsafe, for it moves a setting from one option to another. It is
    /// offered where the module's attribute set is written out and nothing in the tree sets the option
    /// yet.
    ///
    /// # When it stays silent
    ///
    /// Outside of home-manager modules: NixOS has no such options. Where other arguments are given
    /// too. Where the browser is used inside a string, such as a script that starts it. With
    /// `forbid-overrides = true` under `[browsers]` in `frugix.toml` it is a warning.
    ///
    /// # Sources
    ///
    /// home-manager, `modules/programs/chromium.nix`: the option overrides the package with its
    /// elements joined by spaces. Which option takes which argument stands in
    /// `rules/knowledge/browsers.toml`.
    pub struct BrowserWrapperOverride {
        id: "browser-wrapper-override",
        group: Override,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for BrowserWrapperOverride {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> =
            cx.facts.overrides.iter().filter_map(|site| of_override(cx, site)).collect();
        for diagnostic in found {
            cx.report(diagnostic);
        }
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let package = site.package.as_ref().filter(|package| package.is_stock())?;
    let browser = cx.knowledge.browser(&package.lookup_path())?;
    let is_option = |name: &str| browser.home_manager_option(name).is_some();
    let only_options = site.method == Method::Override
        && !site.open
        && site.changes.iter().all(|change| is_option(&change.name));
    if !only_options
        || work::changes_nothing(site)
        || site.call.module != ModuleKind::HomeManager
        || !is_installed(cx, site)
    {
        return None;
    }
    Some(report(cx, site, package, browser))
}

fn report(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    browser: &Browser,
) -> Diagnostic {
    let name = package.name();
    let options: Vec<String> = site
        .changes
        .iter()
        .filter_map(|change| browser.home_manager_option(&change.name))
        .map(|option| format!("`{option}`"))
        .collect();
    let message = format!("home-manager says this override of {name} as {}", options.join(" and "));
    let cost = match browser.structure {
        Structure::Repack => format!("Nothing is compiled: {name} is a vendor's binary, unpacked"),
        _ => format!("Nothing is compiled: only the wrapper of {name} is made anew"),
    };
    let forbidden = cx.config.browsers.forbid_overrides;
    let mut found =
        Diagnostic::new(&BrowserWrapperOverride::META, site.call.reported_at(), message)
            .note(format!("{cost}; it is a matter of style"));
    if forbidden {
        found = found
            .severity(Severity::Warning)
            .note("frugix.toml forbids overrides of browsers (`forbid-overrides`)");
    }
    if site.call.used_at.is_some() {
        found = found.related(site.call.span, "by this override in a helper");
    }
    let fix = option::as_option(cx, site, browser).map(|edits| {
        let why = "it moves the setting to another option, which also installs the browser";
        Fix::unsafe_because(format!("Use {}", options.join(" and ")), why, edits)
    });
    match fix {
        Some(fix) => found.fix(fix),
        None => {
            found.fix(Fix::suggestion(format!("Set {} instead", options.join(" and ")), Vec::new()))
        }
    }
}

/// Whether the browser may end up among the installed packages: it is not only named in a string.
fn is_installed(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    let place = site.call.reported_at();
    let Some(file) = EditedFile::open(cx.tree, place.file) else { return false };
    let Some(node) = file.node(place) else { return false };
    if is_in_string(&node) {
        return false;
    }
    match (&site.call.context, site.call.used_at) {
        (Context::Binding { name, definition }, None) => names_outside(&file, *definition, name),
        _ => true,
    }
}

/// Whether `name` is used anywhere outside of strings, or nowhere at all.
fn names_outside(file: &EditedFile, definition: Span, name: &str) -> bool {
    let Some(definition) = file.node(definition) else { return true };
    let Some(scope) = definition.parent() else { return true };
    let uses: Vec<SyntaxNode> = scope
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::NODE_IDENT && node.text() == name)
        .filter(|node| !definition.text_range().contains_range(node.text_range()))
        .collect();
    uses.is_empty() || uses.iter().any(|node| !is_in_string(node))
}

fn is_in_string(node: &SyntaxNode) -> bool {
    node.ancestors().any(|node| node.kind() == SyntaxKind::NODE_INTERPOL)
}
