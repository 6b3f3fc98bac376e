//! What would otherwise be searched for in all facts, once for each fact: by package, by name, by
//! place, by option. Made at the first question.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Context, DerivationSite, Facts, OverrideSite, Package, Setting};
use crate::source::{FileId, Span};

/// The lookup of some facts, once it was asked. A copy of the facts begins without one, for it may be
/// changed.
#[derive(Debug, Default)]
pub(super) struct Found(OnceLock<Lookup>);

impl Clone for Found {
    fn clone(&self) -> Found {
        Found::default()
    }
}

/// Where things stand in the lists of [`Facts`], which do not change once it is made.
#[derive(Debug, Default)]
struct Lookup {
    overrides: FxHashMap<Option<Package>, Vec<usize>>,
    /// By place.
    derivations: Vec<usize>,
    /// The first of each name.
    named: FxHashMap<String, usize>,
    /// By the words of the option, joined.
    settings: FxHashMap<String, Vec<usize>>,
}

impl Lookup {
    fn of(facts: &Facts) -> Lookup {
        let mut lookup = Lookup::default();
        for (index, site) in facts.overrides.iter().enumerate() {
            lookup.overrides.entry(site.package.clone()).or_default().push(index);
        }
        for (index, site) in facts.derivations.iter().enumerate() {
            for name in site.name.as_deref().into_iter().chain(bound_name(&site.call.context)) {
                lookup.named.entry(name.to_owned()).or_insert(index);
            }
        }
        lookup.derivations = (0..facts.derivations.len()).collect();
        lookup.derivations.sort_by_key(|index| facts.derivations[*index].call.span.sort_key());
        for (index, setting) in facts.settings.iter().enumerate() {
            lookup.settings.entry(setting.path.join(".")).or_default().push(index);
        }
        lookup
    }
}

fn bound_name(context: &Context) -> Option<&str> {
    match context {
        Context::OverlayEntry { name, .. } | Context::Binding { name, .. } => Some(name),
        _ => None,
    }
}

impl Facts {
    fn lookup(&self) -> &Lookup {
        self.lookup.0.get_or_init(|| Lookup::of(self))
    }

    /// The overrides of a package, by place; of `None`, those of which the package is not known.
    pub fn overrides_of(&self, package: Option<&Package>) -> impl Iterator<Item = &OverrideSite> {
        let found = self.lookup().overrides.get(&package.cloned());
        found.into_iter().flatten().map(|index| &self.overrides[*index])
    }

    /// The first derivation that stands inside `place`.
    pub fn derivation_in(&self, place: Span) -> Option<&DerivationSite> {
        let by_place = &self.lookup().derivations;
        let span = |index: &usize| self.derivations[*index].call.span;
        let from = by_place.partition_point(|index| span(index).sort_key() < place.sort_key());
        let is_there = |index: &&usize| {
            let span = span(index);
            span.file == place.file && span.range.start() <= place.range.end()
        };
        let inside = |index: &&usize| place.range.contains_range(span(index).range);
        let found = by_place[from..].iter().take_while(is_there).find(inside)?;
        Some(&self.derivations[*found])
    }

    /// The first derivation that calls itself `name`, or is bound to it.
    pub fn derivation_named(&self, name: &str) -> Option<&DerivationSite> {
        self.lookup().named.get(name).map(|index| &self.derivations[*index])
    }

    /// The settings at the dotted option `path` (`nix.settings.max-jobs`), by place.
    pub fn settings_at<'f, 'p>(
        &'f self,
        path: &'p [&'p str],
    ) -> impl Iterator<Item = &'f Setting> + use<'f, 'p> {
        let found = self.lookup().settings.get(&path.join("."));
        let found = found.into_iter().flatten().map(|index| &self.settings[*index]);
        found.filter(move |setting| setting.path.iter().eq(path))
    }

    /// The settings of which the last name is written in `file`, by place.
    pub fn settings_in(&self, file: FileId) -> &[Setting] {
        let from = self.settings.partition_point(|setting| setting.key.file < file);
        let count = self.settings[from..].partition_point(|setting| setting.key.file == file);
        &self.settings[from..from + count]
    }
}
