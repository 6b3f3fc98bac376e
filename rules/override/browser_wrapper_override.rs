//! The rule `browser-wrapper-override`.

use std::cell::LazyCell;

use rustc_hash::{FxHashMap, FxHashSet};
use text_size::TextRange;

use super::option::{self, Written};
use super::replaced::replaced;
use crate::declare_rule;
use crate::facts::{Context, Method, ModuleKind, OverrideSite, Package};
use crate::knowledge::{Browser, Structure};
use crate::lint::edits::EditedFile;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::work;
use crate::source::{FileId, Span};
use crate::syntax::{Node, SyntaxKind};

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
    /// too. Where the browser is used inside a string, such as a script that starts it. Where the
    /// arguments are lost to the option, of which `browser-args-conflict` tells. With
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
        let lost = replaced(cx).into_iter().map(|it| it.site.call.span);
        let lost: FxHashSet<Span> = lost.collect();
        let written = LazyCell::new(|| Written::in_tree(cx));
        let mut names = None;
        let mut found: Vec<Diagnostic> = Vec::new();
        for site in cx.facts.overrides.iter().filter(|site| !lost.contains(&site.call.span)) {
            let Some((package, browser)) = of_options(cx, site) else { continue };
            if is_installed(cx, site, &mut names) {
                found.push(report(cx, site, package, browser, &written));
            }
        }
        cx.report_all(found);
    }
}

/// The browser of which `site` gives nothing but what home-manager has options for.
fn of_options<'a>(
    cx: &TreeContext<'a>,
    site: &'a OverrideSite,
) -> Option<(&'a Package, &'a Browser)> {
    let package = site.package.as_ref().filter(|package| package.is_stock())?;
    let browser = cx.knowledge.browser(&package.lookup_path())?;
    let is_option = |name: &str| browser.home_manager_option(name).is_some();
    let only_options = site.method == Method::Override
        && !site.open
        && site.changes.iter().all(|change| is_option(&change.name))
        && !work::changes_nothing(site);
    (only_options && site.call.module == ModuleKind::HomeManager).then_some((package, browser))
}

fn report(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    browser: &Browser,
    written: &Written,
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
    let fix = option::as_option(cx, written, site, browser).map(|edits| {
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
/// `names` are those of the file that was last looked at.
fn is_installed(cx: &TreeContext<'_>, site: &OverrideSite, names: &mut Option<Names>) -> bool {
    let place = site.call.reported_at();
    let Some(file) = cx.edited(place.file) else { return false };
    let Some(node) = file.node(place) else { return false };
    if is_in_string(node) {
        return false;
    }
    match (&site.call.context, site.call.used_at) {
        (Context::Binding { name, definition }, None) => {
            let known = names.take().filter(|names| names.file == place.file);
            let names = names.insert(known.unwrap_or_else(|| Names::of(place.file, &file)));
            names.is_used_outside(&file, *definition, name)
        }
        _ => true,
    }
}

/// Where the names of one file stand, and whether that is in a string.
struct Names {
    file: FileId,
    places: FxHashMap<String, Vec<(TextRange, bool)>>,
}

impl Names {
    fn of(file: FileId, edited: &EditedFile) -> Names {
        let mut places: FxHashMap<String, Vec<(TextRange, bool)>> = FxHashMap::default();
        for node in edited.names() {
            let place = (node.range(), is_in_string(node));
            places.entry(node.text().to_owned()).or_default().push(place);
        }
        Names { file, places }
    }

    /// Whether `name` is used, where its `definition` reaches, anywhere outside of strings, or nowhere
    /// at all.
    fn is_used_outside(&self, file: &EditedFile, definition: Span, name: &str) -> bool {
        let scope = file.node(definition).and_then(|node| node.parent());
        let Some(scope) = scope.map(Node::range) else { return true };
        let is_use = |range: TextRange| {
            scope.contains_range(range) && !definition.range.contains_range(range)
        };
        let all = self.places.get(name).into_iter().flatten();
        let mut uses = all.filter(|(range, _)| is_use(*range)).peekable();
        uses.peek().is_none() || uses.any(|(_, is_in_string)| !is_in_string)
    }
}

fn is_in_string(node: Node<'_>) -> bool {
    node.ancestors().any(|node| node.kind() == SyntaxKind::NODE_INTERPOL)
}
