//! What overlays that define attributes of nixpkgs anew really change, and for whom.

use crate::budget::kinds;
use crate::facts::{AppliesTo, Method, OverrideSite, Package, Redefinition};
use crate::lint::edits::EditedFile;
use crate::lint::{Diagnostic, FixEdit, Severity, TreeContext};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::SyntaxKind;

/// A redefinition after which the package is another derivation.
pub(super) struct Redefined<'a> {
    /// The redefinition.
    pub(super) site: &'a Redefinition,
    /// The overrides that change it; none where another derivation takes its place.
    pub(super) changes: Vec<&'a OverrideSite>,
    /// It is another derivation, whatever is not known.
    pub(super) is_certain: bool,
}

/// The redefinitions that change a derivation of the configurations' packages, or of whoever applies
/// the overlay. A package set of its own is nobody else's.
pub(super) fn redefined<'a>(cx: &TreeContext<'a>) -> Vec<Redefined<'a>> {
    let redefinitions = cx.facts.redefinitions.iter();
    redefinitions
        .filter(|site| site.is_shared())
        .filter_map(|site| of(cx, site))
        .filter(|redefined| redefined.is_certain || !is_for_another_platform(cx, redefined))
        .collect()
}

fn of<'a>(cx: &TreeContext<'a>, site: &'a Redefinition) -> Option<Redefined<'a>> {
    let is_builder = cx.knowledge.builder(&path_of(site)).is_some();
    if site.overrides.is_empty() || is_builder {
        let is_certain = !site.conditional;
        return Some(Redefined { site, changes: Vec::new(), is_certain });
    }
    let sites = site.overrides.iter().filter_map(|span| override_at(cx, site, *span));
    let changes: Vec<&OverrideSite> = sites.filter(|change| changes_hash(cx, change)).collect();
    let is_certain = site.is_certain(&changes);
    (!changes.is_empty()).then_some(Redefined { site, changes, is_certain })
}

/// The override at `span` as it is applied to the package of `site`.
fn override_at<'a>(
    cx: &TreeContext<'a>,
    site: &Redefinition,
    span: Span,
) -> Option<&'a OverrideSite> {
    let at = || cx.facts.overrides_at(span);
    at().find(|change| site.is_made_by(change)).or_else(|| at().next())
}

fn changes_hash(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    let all_defaults = || {
        let package = site.package.as_ref();
        let is_default = |package: &Package| {
            site.changes.iter().all(|change| work::may_be_default(cx.knowledge, package, change))
        };
        site.method == Method::Override && !site.open && package.is_some_and(is_default)
    };
    !work::changes_nothing(site) && !work::changes_only_metadata(site) && !all_defaults()
}

/// Whether it hangs on a condition that asks for a platform unlike most.
fn is_for_another_platform(cx: &TreeContext<'_>, redefined: &Redefined<'_>) -> bool {
    let definition = redefined.site.definition;
    let Some(file) = cx.edited(definition.file) else { return false };
    kinds::asks_for_unusual_platform(file.slice(definition.range))
        || conditions_around(&file, definition).any(kinds::asks_for_unusual_platform)
}

/// The text of what decides whether the definition is there: the functions and conditions that it
/// stands under, up to the overlay's own function.
fn conditions_around(file: &EditedFile, definition: Span) -> impl Iterator<Item = &str> {
    let node = file.node(definition);
    let outer = node.into_iter().flat_map(|node| node.ancestors().skip(1));
    outer
        .take_while(|node| node.kind() != SyntaxKind::NODE_LAMBDA)
        .filter(|node| matches!(node.kind(), SyntaxKind::NODE_APPLY | SyntaxKind::NODE_IF_ELSE))
        .filter_map(|node| Some(node.first_child()?.text()))
}

/// The path as the tables look it up.
pub(super) fn path_of(site: &Redefinition) -> Vec<&str> {
    site.path.iter().map(String::as_str).collect()
}

impl Redefined<'_> {
    /// How a message calls the package.
    pub(super) fn name(&self) -> String {
        self.site.path.join(".")
    }

    /// The names of what the overrides give.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.changes
            .iter()
            .flat_map(|site| &site.changes)
            .filter(|change| !change.is_identity)
            .map(|change| change.name.as_str())
    }

    /// "where this overlay is applied, " for one that the tree is not seen to apply.
    pub(super) fn proviso(&self) -> &'static str {
        match self.site.applies_to {
            AppliesTo::Configurations => "",
            _ => "where this overlay is applied, ",
        }
    }

    /// ", if its condition holds" for what hangs on one.
    pub(super) fn condition(&self) -> &'static str {
        if self.is_certain { "" } else { ", if its condition holds" }
    }

    /// It holds for the packages that the tree's configurations use, whatever is not known.
    pub(super) fn is_theirs(&self) -> bool {
        self.is_certain && self.site.applies_to == AppliesTo::Configurations
    }

    /// Error for what is certain, else a warning.
    pub(super) fn severity(&self) -> Severity {
        if self.is_theirs() { Severity::Error } else { Severity::Warning }
    }

    /// Adds where the overrides are written that stand elsewhere, in a helper.
    pub(super) fn with_helpers(&self, found: Diagnostic) -> Diagnostic {
        let elsewhere = self
            .changes
            .iter()
            .filter(|change| !work::contains(self.site.definition, change.call.span));
        elsewhere.fold(found, |found, change| {
            found.related(change.call.span, "by this override in a helper")
        })
    }

    /// The same under a name of its own.
    pub(super) fn renamed(&self) -> Option<(String, Vec<FixEdit>)> {
        let name = match self.site.path.as_slice() {
            [name] => format!("{name}-custom"),
            _ => return None,
        };
        let edits = vec![FixEdit::replace(self.site.key, name.clone())];
        Some((name, edits))
    }
}
