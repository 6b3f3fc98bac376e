//! Environments: chains of frames, one for each scope that an expression stands in.

use std::num::NonZeroU32;

use super::{Evaluator, Site, Thunk, ThunkId};
use crate::hir::{Attrs, Definition, DefinitionValue, Expr, ExprId, Name, ScopeId, ScopeKind};
use crate::source::{FileId, Span};

/// An environment: its innermost frame, which leads to the others. One more than the position of that,
/// so that one that may be missing takes no more room.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct EnvId(NonZeroU32);

impl EnvId {
    /// The environment that sees only Nix's own names.
    pub const ROOT: EnvId = EnvId(NonZeroU32::MIN);

    pub(super) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// One frame: the values of one scope's names.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The frame around it.
    pub parent: Option<EnvId>,
    /// The scope it is a frame of.
    pub scope: ScopeId,
    /// Where the function was called, for the frame of a function.
    pub caller: Option<(Site, EnvId)>,
    /// The parameters are not bound by any call that the tree makes.
    pub symbolic: bool,
    pub(super) slots: Box<[ThunkId]>,
}

impl Frame {
    pub(super) fn root() -> Frame {
        Frame {
            parent: None,
            scope: ScopeId::ROOT,
            caller: None,
            symbolic: false,
            slots: Box::default(),
        }
    }

    /// The values of the scope's names, by slot.
    pub fn slots(&self) -> &[ThunkId] {
        &self.slots
    }
}

impl<'p> Evaluator<'p> {
    pub(super) fn push_frame(&mut self, frame: Frame) -> EnvId {
        let index = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        let id = EnvId(NonZeroU32::MIN.saturating_add(index));
        self.frames.push(frame);
        id
    }

    /// The value of a slot, `depth` frames up from `env`.
    pub fn local(&self, env: EnvId, depth: u32, slot: u32) -> Option<ThunkId> {
        let frame = &self.frames[self.frame_up(env, depth)?.index()];
        frame.slots.get(slot as usize).copied()
    }

    fn frame_up(&self, mut env: EnvId, depth: u32) -> Option<EnvId> {
        for _ in 0..depth {
            env = self.frames[env.index()].parent?;
        }
        Some(env)
    }

    /// The frame that a `let`, recursive set or `with` opens in `env`; the same at every call, so
    /// that its values are evaluated once.
    pub fn open(&mut self, file: FileId, scope: ScopeId, env: EnvId) -> EnvId {
        if let Some(opened) = self.opened.get(&(env, file, scope)) {
            return *opened;
        }
        let opened = self.push_frame(Frame {
            parent: Some(env),
            scope,
            caller: None,
            symbolic: false,
            slots: Box::default(),
        });
        self.opened.insert((env, file, scope), opened);
        let slots = self.scope_slots(file, scope, env, opened);
        self.frames[opened.index()].slots = slots.into();
        opened
    }

    fn scope_slots(
        &mut self,
        file: FileId,
        scope: ScopeId,
        outer: EnvId,
        inner: EnvId,
    ) -> Vec<ThunkId> {
        let Some(hir) = self.program.file(file) else { return Vec::new() };
        match hir.scope(scope).kind {
            ScopeKind::Let(owner) | ScopeKind::Recursive(owner) => match hir.attrs_of(owner) {
                Some(attrs) => {
                    let thunks = self.definition_thunks(file, attrs, outer, inner);
                    thunks.map(|(_, thunk)| thunk).collect()
                }
                None => Vec::new(),
            },
            ScopeKind::With(owner) => match hir.expr(owner) {
                Expr::With { namespace, .. } => {
                    vec![self.delayed(Site { file, expr: *namespace }, outer)]
                }
                _ => Vec::new(),
            },
            ScopeKind::Root | ScopeKind::Lambda(_) => Vec::new(),
        }
    }

    /// The definitions of a set in their order, with a delayed value for each.
    pub(super) fn definition_thunks(
        &mut self,
        file: FileId,
        attrs: &'p Attrs,
        outer: EnvId,
        inner: EnvId,
    ) -> impl ExactSizeIterator<Item = (&'p Definition, ThunkId)> {
        let sources: Vec<ThunkId> = attrs
            .sources
            .iter()
            .map(|source| self.delayed(Site { file, expr: *source }, inner))
            .collect();
        attrs.definitions.iter().map(move |definition| {
            (definition, self.definition_thunk(file, definition, &sources, outer, inner))
        })
    }

    fn definition_thunk(
        &mut self,
        file: FileId,
        definition: &Definition,
        sources: &[ThunkId],
        outer: EnvId,
        inner: EnvId,
    ) -> ThunkId {
        match definition.value {
            DefinitionValue::Expr(expr) => self.delayed(Site { file, expr }, inner),
            DefinitionValue::Inherit(expr) => self.delayed(Site { file, expr }, outer),
            DefinitionValue::InheritFrom(source) => {
                let at = Span::new(file, definition.key);
                self.delay(Thunk::Select(sources[source as usize], definition.name, Some(at)))
            }
        }
    }

    /// Every environment that the expression at `site` was or would be evaluated in: one a call of
    /// the functions around it, at most `most`. A function that nothing calls gets parameters from
    /// `unbound`.
    pub fn environments(
        &mut self,
        site: Site,
        most: usize,
        unbound: &mut dyn FnMut(&mut Evaluator<'p>, Site, EnvId) -> Vec<EnvId>,
    ) -> Vec<EnvId> {
        self.note(site.file);
        match self.program.file(site.file) {
            Some(hir) => self.scope_environments(site.file, hir.scope_of(site.expr), most, unbound),
            None => Vec::new(),
        }
    }

    fn scope_environments(
        &mut self,
        file: FileId,
        scope: ScopeId,
        most: usize,
        unbound: &mut dyn FnMut(&mut Evaluator<'p>, Site, EnvId) -> Vec<EnvId>,
    ) -> Vec<EnvId> {
        let Some(hir) = self.program.file(file) else { return Vec::new() };
        let Some(parent) = hir.scope(scope).parent else { return vec![EnvId::ROOT] };
        let outer = self.scope_environments(file, parent, most, unbound);
        match hir.scope(scope).kind {
            ScopeKind::Lambda(expr) => {
                self.lambda_environments(Site { file, expr }, &outer, most, unbound)
            }
            _ => outer.into_iter().map(|env| self.open(file, scope, env)).collect(),
        }
    }

    fn lambda_environments(
        &mut self,
        lambda: Site,
        outer: &[EnvId],
        most: usize,
        unbound: &mut dyn FnMut(&mut Evaluator<'p>, Site, EnvId) -> Vec<EnvId>,
    ) -> Vec<EnvId> {
        let called = |evaluator: &Evaluator<'p>| -> Vec<EnvId> {
            let inside = |env: &&EnvId| {
                evaluator.frame(**env).parent.is_some_and(|parent| outer.contains(&parent))
            };
            evaluator.applications(lambda).iter().filter(inside).take(most).copied().collect()
        };
        let mut envs = called(self);
        if envs.is_empty() {
            for env in outer.iter().take(most) {
                envs.extend(unbound(self, lambda, *env));
            }
            envs.truncate(most);
        }
        envs
    }

    /// The value that `name` has in the frame `env` itself.
    pub fn bound_in(&self, file: FileId, env: EnvId, name: Name) -> Option<ThunkId> {
        let frame = self.frame(env);
        let slot = self.program.file(file)?.scope(frame.scope).slot(name)?;
        frame.slots.get(slot as usize).copied()
    }

    /// The expression that opened the scope of `env`, when it is a function.
    pub fn lambda_of(&self, file: FileId, env: EnvId) -> Option<ExprId> {
        match self.program.file(file)?.scope(self.frame(env).scope).kind {
            ScopeKind::Lambda(expr) => Some(expr),
            _ => None,
        }
    }
}
