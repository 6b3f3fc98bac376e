//! What would otherwise be searched for in all facts, once for each fact: by package, by name, by
//! place, by option. Made at the first question.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{
    Change, Configuration, Context, DerivationSite, Facts, OverrideSite, Package, Setting,
};
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
    /// By where they are used: the call of a helper, else their own.
    used: Vec<usize>,
    /// Those that are bound to a name.
    bound: FxHashMap<String, Vec<usize>>,
    /// The overrides, and derivations, that the definition at a place changes: by place.
    written: Vec<Changed>,
    /// By place.
    derivations: Vec<usize>,
    /// The first of each name.
    named: FxHashMap<String, usize>,
    /// By the words of the option, joined.
    settings: FxHashMap<String, Vec<usize>>,
    /// By the files of their modules.
    configurations: FxHashMap<FileId, Vec<usize>>,
}

/// One change, by where it stands in the lists of [`Facts`].
#[derive(Debug, Clone, Copy)]
enum Changed {
    Override(u32, u32),
    Derivation(u32, u32),
}

impl Lookup {
    fn of(facts: &Facts) -> Lookup {
        let of_overrides = facts.overrides.iter().map(|site| site.changes.len());
        let of_derivations = facts.derivations.iter().map(|site| site.attributes.len());
        let written = Vec::with_capacity(of_overrides.chain(of_derivations).sum());
        let mut lookup = Lookup { written, ..Lookup::default() };
        for (index, site) in facts.overrides.iter().enumerate() {
            lookup.overrides.entry(site.package.clone()).or_default().push(index);
            if let Some(name) = bound_name(&site.call.context) {
                lookup.bound.entry(name.to_owned()).or_default().push(index);
            }
            lookup.note(&site.changes, |nth| Changed::Override(number(index), nth));
        }
        lookup.used = (0..facts.overrides.len()).collect();
        lookup.used.sort_by_key(|index| facts.overrides[*index].call.reported_at().sort_key());
        for (index, site) in facts.derivations.iter().enumerate() {
            for name in site.name.as_deref().into_iter().chain(bound_name(&site.call.context)) {
                lookup.named.entry(name.to_owned()).or_insert(index);
            }
            lookup.note(&site.attributes, |nth| Changed::Derivation(number(index), nth));
        }
        lookup.written.sort_by_key(|changed| changed.written(facts).map(|it| it.sort_key()));
        lookup.derivations = (0..facts.derivations.len()).collect();
        lookup.derivations.sort_by_key(|index| facts.derivations[*index].call.span.sort_key());
        for (index, setting) in facts.settings.iter().enumerate() {
            lookup.settings.entry(setting.path.join(".")).or_default().push(index);
        }
        for (index, configuration) in facts.configurations.iter().enumerate() {
            for file in &configuration.modules {
                lookup.configurations.entry(*file).or_default().push(index);
            }
        }
        lookup
    }

    /// Notes those of `changes` that are written somewhere, by what they are called by their place.
    fn note(&mut self, changes: &[Change], called: impl Fn(u32) -> Changed) {
        let is_written = |(_, change): &(usize, &Change)| change.definition.is_some();
        let written = changes.iter().enumerate().filter(is_written);
        self.written.extend(written.map(|(nth, _)| called(number(nth))));
    }
}

impl Changed {
    /// The override, where it is one, and the change.
    fn of(self, facts: &Facts) -> (Option<&OverrideSite>, &Change) {
        match self {
            Changed::Override(index, nth) => {
                let site = &facts.overrides[index as usize];
                (Some(site), &site.changes[nth as usize])
            }
            Changed::Derivation(index, nth) => {
                (None, &facts.derivations[index as usize].attributes[nth as usize])
            }
        }
    }

    /// Where it is written.
    fn written(self, facts: &Facts) -> Option<Span> {
        self.of(facts).1.definition
    }
}

/// A place in a list. No list is longer: each thing in it is written in one of the files, whose text is
/// counted so.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
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

    /// The overrides that are used inside `place`, by where that is.
    pub fn overrides_in(&self, place: Span) -> impl Iterator<Item = &OverrideSite> {
        let used = |index: usize| self.overrides[index].call.reported_at();
        inside(&self.lookup().used, used, place).map(|index| &self.overrides[index])
    }

    /// The override at exactly `call`, once for each package that it is applied to.
    pub fn overrides_at(&self, call: Span) -> impl Iterator<Item = &OverrideSite> {
        let by_place = &self.overrides;
        let from = by_place.partition_point(|it| it.call.span.sort_key() < call.sort_key());
        by_place[from..].iter().take_while(move |it| it.call.span == call)
    }

    /// The overrides of which the result is bound to `name`, by place.
    pub fn overrides_bound_to<'f>(
        &'f self,
        name: &str,
    ) -> impl Iterator<Item = &'f OverrideSite> + use<'f> {
        let found = self.lookup().bound.get(name);
        found.into_iter().flatten().map(|index| &self.overrides[*index])
    }

    /// What the definition at exactly `definition` changes: with each override its change, and
    /// without one the attributes of derivations.
    pub fn changes_written_at(
        &self,
        definition: Span,
    ) -> impl Iterator<Item = (Option<&OverrideSite>, &Change)> {
        let written = &self.lookup().written;
        let key = |changed: &Changed| changed.written(self).map(|it| it.sort_key());
        let from = written.partition_point(|it| key(it) < Some(definition.sort_key()));
        let here = written[from..].iter().map(|changed| changed.of(self));
        here.take_while(move |(_, change)| change.definition == Some(definition))
    }

    /// The first derivation that stands inside `place`.
    pub fn derivation_in(&self, place: Span) -> Option<&DerivationSite> {
        let span = |index: usize| self.derivations[index].call.span;
        let found = inside(&self.lookup().derivations, span, place).next()?;
        Some(&self.derivations[found])
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

    /// The configurations that have `file` as a module.
    pub fn configurations_with(&self, file: FileId) -> impl Iterator<Item = &Configuration> {
        let found = self.lookup().configurations.get(&file);
        found.into_iter().flatten().map(|index| &self.configurations[*index])
    }

    /// The settings of which the last name is written in `file`, by place.
    pub fn settings_in(&self, file: FileId) -> &[Setting] {
        let from = self.settings.partition_point(|setting| setting.key.file < file);
        let count = self.settings[from..].partition_point(|setting| setting.key.file == file);
        &self.settings[from..from + count]
    }
}

/// Those of `sorted`, which are in the order of their spans, of which the span lies in `place`.
fn inside(
    sorted: &[usize],
    span: impl Fn(usize) -> Span + Copy,
    place: Span,
) -> impl Iterator<Item = usize> {
    let key = |span: Span| (span.file, span.range.start());
    let from = sorted.partition_point(|index| key(span(*index)) < key(place));
    sorted[from..]
        .iter()
        .copied()
        .take_while(move |index| {
            let span = span(*index);
            span.file == place.file && span.range.start() <= place.range.end()
        })
        .filter(move |index| place.range.contains_range(span(*index).range))
}
