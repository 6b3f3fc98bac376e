//! The rule `needless-override`.

use super::cost::is_of_several;
use crate::declare_rule;
use crate::facts::{Change, Method, Origin, OverlayEntry, OverrideSite, Package};
use crate::lint::edits::EditedFile;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::made::is_template;
use crate::rules::work;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// An override that changes nothing: without arguments, with the old value of each attribute,
    /// or with a value that the argument is known to have anyway; and an overlay's attribute that
    /// is the package it was before.
    ///
    /// # Why it matters
    ///
    /// It compiles nothing, for the package stays the same to the last bit. But it reads as if it did
    /// something, and whoever looks for what makes a machine compile has to look at it too.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.fd.overrideAttrs (_: { }))
    ///     pkgs.bat
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
    ///     pkgs.bat
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// An empty override, and one of old values, becomes the plain package; an overlay's attribute
    /// that changes nothing goes. Both are safe: the derivation stays the same. An argument with its
    /// known default is taken out as an unsafe fix, for defaults move between releases of nixpkgs.
    ///
    /// # When it stays silent
    ///
    /// - An argument may be given after all, by a condition that cannot be decided, or because the
    ///   arguments are computed.
    /// - A known default comes from an option or a profile, which may say something else elsewhere.
    /// - It is an alias, which binds a package to another name.
    /// - The file lies in a folder of templates, for others to begin with.
    ///
    /// # Sources
    ///
    /// nixpkgs, `lib/customisation.nix`: `override` calls the package's function again with the new
    /// arguments merged over the old ones. The defaults are those of `rules/knowledge/defaults.toml`
    /// and `browsers.toml`, each with the file and commit it was read in.
    pub struct NeedlessOverride {
        id: "needless-override",
        group: Override,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for NeedlessOverride {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let overrides = cx.facts.overrides.iter().flat_map(|site| of_override(cx, site));
        let entries = cx.facts.overlay_entries.iter().filter_map(|entry| of_entry(cx, entry));
        let found: Vec<Diagnostic> = overrides.chain(entries).collect();
        cx.report_all(found);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Vec<Diagnostic> {
    let Some(package) = &site.package else { return Vec::new() };
    if is_template(cx, site.call.span.file) {
        return Vec::new();
    }
    if work::changes_nothing(site) {
        let found = is_said(cx, site).then(|| without_change(cx, site));
        return found.into_iter().collect();
    }
    // Of another nixpkgs the defaults may be others.
    if site.method != Method::Override || package.origin != Origin::Stock {
        return Vec::new();
    }
    let is_default = |change: &&Change| {
        !change.optional
            && !change.is_identity
            && is_written(change)
            && work::is_default(cx.knowledge, package, change)
    };
    let defaults: Vec<&Change> = site.changes.iter().filter(is_default).collect();
    let all = !site.open
        && site
            .changes
            .iter()
            .all(|change| change.is_identity || defaults.iter().any(|d| std::ptr::eq(*d, change)));
    match defaults.as_slice() {
        [] => Vec::new(),
        [first, ..] if all => vec![all_defaults(cx, site, package, first)],
        some => some.iter().map(|change| one_default(cx, site, package, change)).collect(),
    }
}

/// Whether the text says that nothing changes. Arguments that are computed may be others where the
/// package around is overridden in its turn.
fn is_said(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    if !site.changes.is_empty() || site.call.literal.is_some() {
        return true;
    }
    let argument = cx
        .edited(site.call.argument.file)
        .and_then(|file| Some(file.node(site.call.argument)?.kind()));
    matches!(argument, Some(SyntaxKind::NODE_ATTR_SET | SyntaxKind::NODE_LAMBDA))
}

/// Whether the value stands where the argument is given. One that an option or a profile gives is
/// there to be another elsewhere.
fn is_written(change: &Change) -> bool {
    change
        .value
        .literal
        .zip(change.definition)
        .is_some_and(|(literal, definition)| work::contains(definition, literal))
}

fn without_change(cx: &TreeContext<'_>, site: &OverrideSite) -> Diagnostic {
    let name = work::name_of(site);
    let message = match site.changes.is_empty() {
        true => format!("this override of {name} is empty: it is {name} as it was"),
        false => format!("this override gives {name} the values that it has already"),
    };
    let fix = plain_package(cx, site).map(|edits| Fix::safe(format!("Use {name} as it is"), edits));
    with_helper(Diagnostic::new(&NeedlessOverride::META, site.call.reported_at(), message), site)
        .fixes(fix)
}

fn all_defaults(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    first: &Change,
) -> Diagnostic {
    let name = package.name();
    let message = match site.changes.len() {
        1 => format!(
            "`{}` is what {name} has by default: the override changes nothing",
            shown(cx, package, first)
        ),
        _ => format!("these are the defaults of {name}: the override changes nothing"),
    };
    let fix = plain_package(cx, site)
        .filter(|_| site.call.used_at.is_none() && !is_of_several(cx, site))
        .map(|edits| Fix::unsafe_because(format!("Use {name} as it is"), MOVING, edits));
    let found = Diagnostic::new(&NeedlessOverride::META, site.call.reported_at(), message)
        .note(default_source(cx, package, first));
    with_helper(found, site).fixes(fix)
}

fn one_default(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    package: &Package,
    change: &Change,
) -> Diagnostic {
    let name = package.name();
    let place = site.call.used_at.or(change.key).unwrap_or(site.call.span);
    let message = format!("`{}` is what {name} has by default", shown(cx, package, change));
    let is_own = site.call.used_at.is_none() && !is_of_several(cx, site);
    let edits = change
        .definition
        .filter(|_| is_own)
        .and_then(|definition| cx.edited(definition.file)?.remove_definition(definition));
    let fix = edits.map(|edits| {
        Fix::unsafe_because(format!("Leave `{}` at its default", change.name), MOVING, edits)
    });
    let found = Diagnostic::new(&NeedlessOverride::META, place, message)
        .note(default_source(cx, package, change));
    with_helper(found, site).fixes(fix)
}

const MOVING: &str = "a default may move with a release of nixpkgs, and the package with it";

fn of_entry(cx: &TreeContext<'_>, entry: &OverlayEntry) -> Option<Diagnostic> {
    let package = entry.alias_of.as_ref()?;
    let is_itself = entry.from_previous
        && package.origin == Origin::Stock
        && matches!(package.path.as_slice(), [only] if *only == entry.name);
    if !is_itself {
        return None;
    }
    let file = cx.edited(entry.definition.file)?;
    if !is_written_plainly(&file, entry) {
        return None;
    }
    let message = format!("this overlay binds {0} to the {0} it already is", entry.name);
    let edits = file.remove_definition(entry.definition);
    let title = format!("Leave {} out of the overlay", entry.name);
    Some(
        Diagnostic::new(&NeedlessOverride::META, entry.key, message)
            .fixes(edits.map(|edits| Fix::safe(title, edits))),
    )
}

/// A name or a selection and nothing else: no condition was decided on the way.
fn is_written_plainly(file: &EditedFile, entry: &OverlayEntry) -> bool {
    let Some(node) = file.node(entry.definition) else { return false };
    if node.kind() != SyntaxKind::NODE_ATTRPATH_VALUE {
        return true;
    }
    let value = node.last_child().map(|value| value.kind());
    matches!(value, Some(SyntaxKind::NODE_SELECT | SyntaxKind::NODE_IDENT | SyntaxKind::NODE_PAREN))
}

/// What is overridden, in place of the override.
fn plain_package(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Vec<FixEdit>> {
    let file = cx.edited(site.call.span.file)?;
    let base = file.slice(site.base.range).to_owned();
    (site.base.file == site.call.span.file && site.base != site.call.span)
        .then(|| file.replace(site.call.span, &base))?
}

fn with_helper(found: Diagnostic, site: &OverrideSite) -> Diagnostic {
    match site.call.used_at {
        Some(_) => found.related(site.call.span, "by this override in a helper"),
        None => found,
    }
}

fn shown(cx: &TreeContext<'_>, package: &Package, change: &Change) -> String {
    let default = cx.knowledge.default_of(&package.lookup_path(), &change.name);
    match default {
        Some(default) => format!("{} = {}", change.name, default.value),
        None => change.name.to_string(),
    }
}

fn default_source(cx: &TreeContext<'_>, package: &Package, change: &Change) -> String {
    let default = cx.knowledge.default_of(&package.lookup_path(), &change.name);
    let evidence = default.map(|default| default.evidence.to_string()).unwrap_or_default();
    format!("The default is {evidence}")
}
