//! The rule `browser-args-conflict`.

use rustc_hash::FxHashSet;

use super::option;
use super::replaced::{ARGUMENTS, Replaced, replaced};
use crate::declare_rule;
use crate::facts::{Change, OverrideSite, Setting};
use crate::knowledge::Row;
use crate::lint::edits::defined_value;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::syntax::{Node, SyntaxKind};

declare_rule! {
    /// # What it flags
    ///
    /// A browser's package that is overridden with command line arguments, where home-manager's option
    /// for them is set as well: `programs.brave.package = pkgs.brave.override { commandLineArgs = …; }`
    /// beside `programs.brave.commandLineArgs`.
    ///
    /// # Why it matters
    ///
    /// The module gives the option's arguments to the package by overriding it once more, and the last
    /// override counts: those of the first are gone, and nothing says so.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.brave = {
    ///     enable = true;
    ///     package = pkgs.brave.override { commandLineArgs = "--use-gl=desktop"; };
    ///     commandLineArgs = [ "--force-dark-mode" ];
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.brave = {
    ///     enable = true;
    ///     package = pkgs.brave;
    ///     commandLineArgs = [ "--use-gl=desktop" "--force-dark-mode" ];
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It puts the override's arguments before those of the option, which keep the last word, and takes
    /// them out of the override; where nothing else is overridden, the plain package stays. It is
    /// unsafe: arguments that had no effect get one.
    ///
    /// # When it stays silent
    ///
    /// - The option is not set for the same configuration, or is an empty list.
    /// - The override changes other things, which the module's own leaves alone.
    /// - The browser is installed beside the module, as an element of `home.packages`.
    ///
    /// # Sources
    ///
    /// home-manager, `modules/programs/chromium.nix`: `finalPackage` is the package, overridden with
    /// `commandLineArgs` where the option is not empty. Which modules do so stands in
    /// `rules/knowledge/browsers.toml`.
    pub struct BrowserArgsConflict {
        id: "browser-args-conflict",
        group: Override,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for BrowserArgsConflict {
    fn meta(&self) -> &'static RuleMeta {
        const { &BrowserArgsConflict::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        let mut seen = FxHashSet::default();
        for replaced in replaced(cx) {
            let diagnostic = report(cx, &replaced);
            if seen.insert(diagnostic.span) {
                found.push(diagnostic);
            }
        }
        cx.report_all(found);
    }
}

fn report(cx: &TreeContext<'_>, replaced: &Replaced<'_>) -> Diagnostic {
    let Replaced { site, change, option, browser, module, conditional } = replaced;
    let place = site.call.used_at.or(change.key).unwrap_or(site.call.span);
    let proviso = if *conditional { ", if its condition holds" } else { "" };
    let set = format!("{}.{ARGUMENTS}", module.path);
    let message = format!("these `{ARGUMENTS}` are lost: `{set}` replaces them{proviso}");
    let found = Diagnostic::new(&BrowserArgsConflict::META, place, message)
        .note(format!(
            "The module overrides the package with the option's arguments, and the last override counts \
             ({})",
            browser.evidence()
        ))
        .related(option.key, "the option is set here");
    let title = format!("Put them into `{set}`");
    found.fix(Fix::unsafe_or_shown(
        title,
        "arguments that had no effect so far get one",
        merged(cx, site, change, option),
    ))
}

/// The edits that move the override's arguments to the front of the option's list.
fn merged(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    change: &Change,
    option: &Setting,
) -> Option<Vec<FixEdit>> {
    if site.call.used_at.is_some() || site.chained || site.call.literal.is_none() {
        return None;
    }
    let target = cx.edited(option.value.place?.file)?;
    let list = target.node(option.value.place?)?;
    let first = list.children().next().filter(|_| list.kind() == SyntaxKind::NODE_LIST)?;
    let file = cx.edited(change.definition?.file)?;
    let value = defined_value(file.node(change.definition?)?)?;
    let elements = option::elements_of(value)?;
    let has_names = elements.iter().copied().any(mentions_names);
    let has_comments = elements.iter().map(|element| element.text()).collect::<String>();
    let comments = value.text().matches('#').count();
    if has_names || comments > has_comments.matches('#').count() {
        return None;
    }
    let start = first.range().start();
    let own_line = target.slice(list.range()).contains('\n');
    let gap = match own_line {
        true => format!("\n{}", target.indentation(start)),
        false => " ".to_owned(),
    };
    let text: String = elements.iter().map(|element| format!("{}{gap}", element.text())).collect();
    let place = target.span(first.range());
    let mut edits = vec![FixEdit::insert_before(place, text)];
    let is_only = !site.open && site.changes.iter().all(|other| other.name == ARGUMENTS);
    if is_only {
        let base = file.slice(site.base.range).to_owned();
        edits.extend(file.replace(site.call.span, &base)?);
    } else {
        edits.extend(file.remove_definition(change.definition?)?);
    }
    Some(edits)
}

/// Whether `element` holds names, which may mean something else where it goes.
fn mentions_names(element: Node<'_>) -> bool {
    element.descendants().any(|node| node.kind() == SyntaxKind::NODE_IDENT)
}
