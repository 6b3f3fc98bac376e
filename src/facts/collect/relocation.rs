//! What was found in a tree, told of the same tree with more files or fewer. Files go by their place in
//! the tree's list, so all that is said of a file behind a new one is to be said of the next number.
//!
//! Every field of every fact is named here, and the types decide what holds a file: a fact that gets
//! another field does not compile until it is named, too.

use std::hash::Hash;

use rustc_hash::FxHashSet;
use text_size::TextRange;
use thin_vec::ThinVec;

use super::context::{InOverlay, Surroundings};
use super::fragment::{
    CallReport, Candidate, Decision, FoundOverride, Fragment, Occasion, Operation, Part, Rank,
    Sighting, TextUse, Told,
};
use super::unit::Unit;
use crate::eval::{GivenUp, Limit, Reads, Site};
use crate::facts::value::Way;
use crate::facts::{
    AppliesTo, Call, Change, Configuration, Context, DerivationRead, DerivationSite, Flake,
    FlakeInput, HostProfile, InputOverride, Installed, LockedNixpkgs, LookupPath, Method,
    ModuleKind, NixConfigValue, OutputRead, OverlayEntry, OverrideSite, Package, PackageSetOption,
    Priority, ProfileName, Read, ReadOf, Redefinition, Reference, Setting, SettingPlace,
    StringArithmetic, Unpinned, UnpinnedFetch, ValueFact, ValueKind,
};
use crate::hir::{ExprId, Name};
use crate::source::{FileId, Span, Tree};

/// Where the files of one tree stand in the list of another, and the other way round.
pub(super) struct Relocation {
    after: Vec<Option<FileId>>,
    before: Vec<Option<FileId>>,
}

/// A file that the other tree does not have.
#[derive(Debug)]
pub(super) struct Gone;

impl Relocation {
    /// From the list of `before` to that of `after`; none where both are one list.
    pub fn between(before: &Tree, after: &Tree) -> Option<Relocation> {
        let has_same_path =
            |(one, other): (&FileId, &FileId)| before.path(*one) == after.path(*other);
        let (old, new) = (before.files(), after.files());
        let is_same = before.is_listed_as(after)
            || old.len() == new.len() && old.iter().zip(new).all(has_same_path);
        (!is_same)
            .then(|| Relocation { after: places(before, after), before: places(after, before) })
    }

    /// The file that was `before`.
    pub fn after(&self, before: FileId) -> Option<FileId> {
        self.after.get(before.index()).copied().flatten()
    }

    /// The file that is `after` now.
    pub fn before(&self, after: FileId) -> Option<FileId> {
        self.before.get(after.index()).copied().flatten()
    }
}

/// Where each file of `one` is in `other`, which is not where a link in its place leads.
fn places(one: &Tree, other: &Tree) -> Vec<Option<FileId>> {
    let place = |file: &FileId| {
        let path = one.path(*file);
        other.file_at(path).filter(|found| other.path(*found) == path)
    };
    one.files().iter().map(place).collect()
}

/// What speaks of files.
pub(super) trait Relocate {
    /// Lets it speak of the same files in the other tree. Half done where one of them is gone: then
    /// it is of no use.
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone>;
}

/// What speaks of no file.
macro_rules! speak_of_no_file {
    ($($plain:ty),* $(,)?) => { $(
        impl Relocate for $plain {
            fn relocate(&mut self, _: &Relocation) -> Result<(), Gone> {
                Ok(())
            }
        }
    )* };
}

/// What speaks of the files that its fields speak of.
macro_rules! speak_by_their_fields {
    ($($name:ident { $($field:ident),* $(,)? })*) => { $(
        impl Relocate for $name {
            fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
                let $name { $($field),* } = self;
                $($field.relocate(to)?;)*
                Ok(())
            }
        }
    )* };
}

impl Relocate for FileId {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        *self = to.after(*self).ok_or(Gone)?;
        Ok(())
    }
}

impl<T: Relocate> Relocate for Option<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        self.iter_mut().try_for_each(|it| it.relocate(to))
    }
}

impl<T: Relocate> Relocate for Vec<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        self.iter_mut().try_for_each(|it| it.relocate(to))
    }
}

impl<T: Relocate> Relocate for ThinVec<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        self.iter_mut().try_for_each(|it| it.relocate(to))
    }
}

impl<T: Relocate> Relocate for Box<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        (**self).relocate(to)
    }
}

impl<T: Relocate, U: Relocate> Relocate for (T, U) {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        self.0.relocate(to)?;
        self.1.relocate(to)
    }
}

impl<T: Relocate + Eq + Hash> Relocate for FxHashSet<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        let relocated = |mut it: T| it.relocate(to).map(|()| it);
        *self = std::mem::take(self).into_iter().map(relocated).collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl Relocate for Reads {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        self.files_mut().relocate(to)
    }
}

impl<T: Relocate> Relocate for Sighting<T> {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        let Sighting { site, rank, fact } = self;
        site.relocate(to)?;
        rank.relocate(to)?;
        fact.relocate(to)
    }
}

impl Relocate for Unit {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        match self {
            Unit::Profile(file)
            | Unit::Declaration(file)
            | Unit::Names(file)
            | Unit::Configurations(file, _)
            | Unit::Outputs(file)
            | Unit::Entry(file)
            | Unit::File(file) => file.relocate(to),
        }
    }
}

impl Relocate for Occasion {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        match self {
            Occasion::Root => Ok(()),
            Occasion::LooseModule(file, _) => file.relocate(to),
            Occasion::LooseOverlay(site, _) => site.relocate(to),
        }
    }
}

impl Relocate for ValueKind {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        match self {
            ValueKind::List(values) | ValueKind::Choice(values) => values.relocate(to),
            ValueKind::Null
            | ValueKind::Bool(_)
            | ValueKind::Int(_)
            | ValueKind::Float(_)
            | ValueKind::Str(_)
            | ValueKind::PartialStr(_)
            | ValueKind::Set
            | ValueKind::Function
            | ValueKind::Path(_)
            | ValueKind::Package(_)
            | ValueKind::Unknown(_)
            | ValueKind::Unasked => Ok(()),
        }
    }
}

impl Relocate for Context {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        match self {
            Context::OverlayEntry { name: _, definition }
            | Context::Binding { name: _, definition } => definition.relocate(to),
            Context::ListElement { option: _ }
            | Context::OptionValue { option: _ }
            | Context::Other => Ok(()),
        }
    }
}

impl Relocate for Unpinned {
    fn relocate(&mut self, to: &Relocation) -> Result<(), Gone> {
        match self {
            Unpinned::NothingGiven(_) => Ok(()),
            Unpinned::Branch(_, place) => place.relocate(to),
        }
    }
}

speak_of_no_file! {
    bool, i64, f64, u64, usize, String, &'static str, ExprId, Name, TextRange, Rank, Candidate,
    Limit, Package, AppliesTo, LockedNixpkgs, Method, ModuleKind,
    OutputRead, Priority, ReadOf, Reference, SettingPlace,
}

speak_by_their_fields! {
    Span { file, range }
    Site { file, expr }
    GivenUp { limit, place, at, is_most }
    Fragment {
        reads, given_up, reached, configurations, parts, calls, operations, text_uses, fetches,
        lookups, derivation_reads, applied_modules, decisions, names,
    }
    Decision { function, is_applied }
    Part { occasion, told, modules, overlays }
    Told {
        overlay_entries, redefinitions, package_set_options, installed, settings, configurations,
        profiles, flakes,
    }
    CallReport { site, rank, candidate, reached, resolved, overrides, derivations, surroundings }
    Surroundings { otherwise, overlay }
    InOverlay { inner, entry }
    FoundOverride { override_site, is_final }
    Operation { site, fact }
    TextUse { site, place, literal }
    ValueFact { kind, place, literal, way }
    Way { sources, through }
    Call {
        span, used_at, argument, literal, old_name, context, module, condition, is_aside, profiles,
    }
    ProfileName { name, profile, within }
    OverrideSite { call, method, package, base, chained, changes, open }
    DerivationSite { call, builder, builder_text, name, attributes, open }
    Change {
        name, key, definition, value, is_identity, is_of_set, uses_old, optional, reads, needs,
        inner, inner_open,
    }
    Read { what, place }
    OverlayEntry {
        name, key, definition, alias_of, redefines, from_previous, is_of_nixpkgs, conditional,
        applies_to, extends,
    }
    Redefinition { path, key, definition, overrides, conditional, applies_to }
    PackageSetOption { path, key, value, conditional, applies_to }
    Installed { package, changed, place, option, conditional, host }
    Setting {
        path, key, definition, value, calls, priority, condition, place, host, profiles,
    }
    Configuration { host, kind, flake, modules }
    HostProfile { file, hostname, max_jobs, max_cores, values }
    StringArithmetic {
        place, operator, operand, text, literal, number, condition, other_uses,
    }
    UnpinnedFetch { fetcher, place, unpinned }
    DerivationRead { function, place, output, condition }
    LookupPath { path, place }
    Flake { file, inputs, is_locked, nixpkgs, computed_settings }
    FlakeInput { name, key, url, reference, is_flake, follows, overrides, packages }
    InputOverride { name, follows, key, definition }
    NixConfigValue { name, place, value }
}
