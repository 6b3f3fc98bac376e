//! The names that hardware profiles go by where a call or a setting stands, so that what is hard-coded there can be
//! said by the profile.

use super::Collector;
use crate::eval::{EnvId, Kind, Site, ThunkId};
use crate::facts::{Change, ProfileName, ValueFact, ValueKind};
use crate::hir::{DefinitionValue, Expr, ExprId, File, Name, ScopeKind};
use crate::source::{FileId, Span};

/// What flags for a machine's own CPU say. Looking at every name around every call would make the
/// evaluation ask for what nobody else needs.
const OF_THE_MACHINE: &str = "native";

/// A name in view, and where that is.
struct InView {
    name: Name,
    value: ThunkId,
    within: Span,
}

impl Collector<'_, '_> {
    /// The names in view of `site` that stand for a profile, if one of `changes` says anything of the
    /// machine that builds.
    pub(super) fn profile_names(
        &mut self,
        hir: &File,
        site: Site,
        env: EnvId,
        changes: &[Change],
    ) -> Vec<ProfileName> {
        let inner = changes.iter().flat_map(|change| &change.inner);
        if !changes.iter().chain(inner).any(|change| is_of_the_machine(&change.value)) {
            return Vec::new();
        }
        self.profiles_in_view(hir, site.file, env)
    }

    /// The names in view that stand for a profile where the delayed value is written.
    pub(super) fn profile_names_at(&mut self, thunk: ThunkId) -> Vec<ProfileName> {
        let Some((site, env)) = self.evaluator.expression_of(thunk) else { return Vec::new() };
        match self.evaluator.program().file(site.file) {
            Some(hir) => self.profiles_in_view(hir, site.file, env),
            None => Vec::new(),
        }
    }

    fn profiles_in_view(&mut self, hir: &File, file: FileId, env: EnvId) -> Vec<ProfileName> {
        let mut found = Vec::new();
        for InView { name, value, within } in self.in_view(hir, file, env) {
            if let Some(profile) = self.profile_at(value) {
                found.push(ProfileName { name: name.to_string(), profile, within });
            }
        }
        found
    }

    /// Parameters, and what a `let` binds to another name, innermost first, without those that are
    /// hidden by another of the same name.
    fn in_view(&self, hir: &File, file: FileId, env: EnvId) -> Vec<InView> {
        let mut found: Vec<InView> = Vec::new();
        let mut hidden: Vec<Name> = Vec::new();
        let mut next = Some(env);
        while let Some(env) = next {
            let frame = self.evaluator.frame(env);
            let scope = hir.scope(frame.scope);
            let owner = match scope.kind {
                ScopeKind::Lambda(owner) | ScopeKind::Let(owner) => Some(owner),
                _ => None,
            };
            for (name, value) in scope.names().iter().zip(frame.slots()) {
                if hidden.contains(name) {
                    continue;
                }
                hidden.push(*name);
                if let Some(owner) = owner.filter(|owner| is_plain(hir, *owner, *name)) {
                    let within = Span::new(file, hir.range(owner));
                    found.push(InView { name: *name, value: *value, within });
                }
            }
            next = frame.parent;
        }
        found
    }

    /// The file of the profile that the value is.
    fn profile_at(&mut self, value: ThunkId) -> Option<FileId> {
        let value = self.evaluator.force(value);
        matches!(value.kind, Kind::Attrs(_)).then_some(())?;
        let parallelism = self.evaluator.select_path(&value, &["build", "parallelism"])?;
        let is_profile = ["maxJobs", "maxCores"]
            .iter()
            .any(|name| self.evaluator.select_path(&parallelism, &[name]).is_some());
        value.origin.literal().map(|span| span.file).filter(|_| is_profile)
    }
}

/// Whether `name`, which `owner` binds, is a parameter or another name for something.
fn is_plain(hir: &File, owner: ExprId, name: Name) -> bool {
    let Expr::Let { attrs, .. } = hir.expr(owner) else { return true };
    attrs.get(name).is_some_and(|definition| match definition.value {
        DefinitionValue::Expr(value) => {
            matches!(hir.expr(value), Expr::Variable(_) | Expr::Select { .. })
        }
        _ => false,
    })
}

fn is_of_the_machine(value: &ValueFact) -> bool {
    match &value.kind {
        ValueKind::Str(text) | ValueKind::PartialStr(text) => text.contains(OF_THE_MACHINE),
        ValueKind::List(items) | ValueKind::Choice(items) => items.iter().any(is_of_the_machine),
        _ => false,
    }
}
