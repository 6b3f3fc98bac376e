//! The way of a value, from where it is written to where it is asked for: through names, sets,
//! calls, imports and chosen branches, each in the environment that it was evaluated in.

mod calls;

use rustc_hash::FxHashSet;

use super::Collector;
use super::unbound::scope_up;
use crate::eval::{EnvId, Hop, Kind, Origin, Site, Symbol, ThunkId};
use crate::facts::{How, Step};
use crate::hir::{
    DefinitionValue, Expr, ExprId, File, Key, Name, ScopeId, ScopeKind, StrPart, Variable,
};
use crate::source::Span;

/// A way is followed through at most this many expressions.
const MAX_EXPRESSIONS: usize = 120;

/// A way that is being followed.
pub(super) struct Way<'w, 'p, 'k> {
    collector: &'w mut Collector<'p, 'k>,
    steps: Vec<Step>,
    seen: FxHashSet<(Site, EnvId)>,
    left: usize,
}

/// What is looked for at the end of a way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// The value itself.
    Value,
    /// The set that the value is selected from: what it was passed through counts, the text of the
    /// whole set does not.
    Container,
}

impl<'w, 'p, 'k> Way<'w, 'p, 'k> {
    pub fn new(collector: &'w mut Collector<'p, 'k>) -> Way<'w, 'p, 'k> {
        Way { collector, steps: Vec::new(), seen: FxHashSet::default(), left: MAX_EXPRESSIONS }
    }

    /// The way to what the expression at `site` is in `env`.
    pub fn of_expression(mut self, site: Site, env: EnvId) -> Vec<Step> {
        self.follow(site, env, Goal::Value);
        self.steps
    }

    /// The way to a delayed value.
    pub fn of_thunk(mut self, thunk: ThunkId) -> Vec<Step> {
        self.follow_thunk(thunk, Goal::Value);
        self.steps
    }

    /// The way to what `inherit (source) name;` binds, its name standing at `key`.
    pub fn of_inherited(mut self, source: Site, env: EnvId, name: Name, key: Span) -> Vec<Step> {
        self.follow_inherited(source, env, name, key, Goal::Value);
        self.steps
    }

    fn step(&mut self, how: How, span: Option<Span>) {
        let Some(span) = span else { return };
        // What begins at one place and is named twice, as in `a.b or c`, is shown as one line.
        let is_known = |step: &Step| {
            let begins = (step.span.file, step.span.range.start());
            step.span == span || step.how == how && begins == (span.file, span.range.start())
        };
        if !self.steps.iter().any(is_known) {
            self.steps.push(Step { how, span });
        }
    }

    fn step_at(&mut self, how: How, site: Site) {
        let span = self.collector.evaluator.program().span(site);
        self.step(how, span);
    }

    fn follow_thunk(&mut self, thunk: ThunkId, goal: Goal) {
        let value = self.collector.evaluator.force(thunk);
        match self.collector.evaluator.expression_of(thunk) {
            Some((site, env)) => self.follow(site, env, goal),
            None => self.follow_origin(&value.origin, goal),
        }
    }

    /// The steps that evaluation itself kept, where no expression leads further.
    fn follow_origin(&mut self, origin: &Origin, goal: Goal) {
        let mut steps = Vec::new();
        let mut pending = vec![origin];
        while let Some(hop) = pending.pop().filter(|_| steps.len() < self.left).map(Origin::hop) {
            let (how, at) = match hop {
                None => continue,
                Some(Hop::Written(_)) if goal == Goal::Container => continue,
                Some(Hop::Written(at)) => (How::Written, at),
                Some(Hop::Named { at, from }) => {
                    pending.push(from);
                    (How::Named, at)
                }
                Some(Hop::Computed { at, from }) => {
                    pending.extend(from);
                    (How::Computed, at)
                }
            };
            steps.push(Step { how, span: at });
        }
        for step in steps.into_iter().rev() {
            self.step(step.how, Some(step.span));
        }
    }

    fn follow(&mut self, site: Site, env: EnvId, goal: Goal) {
        let Some(hir) = self.collector.evaluator.program().file(site.file) else { return };
        if self.left == 0 || !self.seen.insert((site, env)) {
            return;
        }
        self.left -= 1;
        let part = |expr: ExprId| Site { file: site.file, expr };
        match hir.expr(site.expr) {
            Expr::Missing | Expr::CurrentPosition => {}
            Expr::Attrs(_) | Expr::Lambda(_) if goal == Goal::Container => {}
            Expr::Int(_) | Expr::Float(_) | Expr::List(_) | Expr::Attrs(_) | Expr::Lambda(_) => {
                self.step_at(How::Written, site);
            }
            Expr::Str(parts) => self.follow_parts(site, parts, env),
            Expr::Path(path) => self.follow_parts(site, &path.parts, env),
            Expr::Variable(variable) => {
                self.follow_variable(hir, site, variable, env, goal);
                match variable {
                    Variable::Builtin(name) if is_constant(*name) => {
                        self.step_at(How::Written, site);
                    }
                    Variable::Builtin(_) => {}
                    _ => self.step_at(How::Named, site),
                }
            }
            Expr::Let { attrs, body } => {
                let scope = attrs.scope;
                let inner =
                    scope.map_or(env, |scope| self.collector.evaluator.open(site.file, scope, env));
                self.follow(part(*body), inner, goal);
            }
            Expr::With { scope, body, .. } => {
                let inner = self.collector.evaluator.open(site.file, *scope, env);
                self.follow(part(*body), inner, goal);
            }
            Expr::Assert { body, .. } => self.follow(part(*body), env, goal),
            Expr::Select { base, path, default } => {
                self.follow_selection(site, *base, path, *default, env, goal);
            }
            Expr::Has { base, .. } => {
                self.follow(part(*base), env, Goal::Container);
                self.step_at(How::Computed, site);
            }
            Expr::If { condition, then, otherwise } => {
                let decided = self.collector.evaluator.evaluate(part(*condition), env).as_bool();
                match decided {
                    Some(true) => self.follow(part(*then), env, goal),
                    Some(false) => self.follow(part(*otherwise), env, goal),
                    None => {}
                }
                self.step_at(How::Chosen, part(*condition));
            }
            Expr::Binary { left, right, .. } => {
                self.follow(part(*left), env, goal);
                self.follow(part(*right), env, goal);
                self.step_at(How::Computed, site);
            }
            Expr::Unary { operand, .. } => {
                self.follow(part(*operand), env, goal);
                self.step_at(How::Computed, site);
            }
            Expr::Apply { function, argument } => {
                self.follow_call(hir, site, *function, *argument, env, goal);
            }
        }
    }

    /// A string or path: written if it is nothing but text, else computed from what stands in it.
    fn follow_parts(&mut self, site: Site, parts: &[StrPart], env: EnvId) {
        let mut how = How::Written;
        for part in parts {
            if let StrPart::Hole(expr) = part {
                how = How::Computed;
                self.follow(Site { file: site.file, expr: *expr }, env, Goal::Value);
            }
        }
        self.step_at(how, site);
    }

    /// What a name stands for, without the step to the name itself.
    fn follow_variable(
        &mut self,
        hir: &File,
        site: Site,
        variable: &Variable,
        env: EnvId,
        goal: Goal,
    ) {
        match variable {
            Variable::Builtin(_) => {}
            Variable::Local { depth, slot, .. } => {
                let Some(frame) = self.frame_up(env, *depth) else { return };
                let scope = scope_up(hir, hir.scope_of(site.expr), *depth);
                let inherited = scope.and_then(|scope| inherited(hir, scope, *slot));
                if let Some((source, name, key)) = inherited {
                    let source = Site { file: site.file, expr: source };
                    let key = Span::new(site.file, key);
                    return self.follow_inherited(source, frame, name, key, goal);
                }
                let slots = self.collector.evaluator.frame(frame).slots();
                if let Some(thunk) = slots.get(*slot as usize).copied() {
                    self.follow_thunk(thunk, goal);
                }
            }
            Variable::Dynamic { name, withs } => self.follow_dynamic(*name, withs, env, goal),
        }
    }

    fn frame_up(&self, mut env: EnvId, depth: u32) -> Option<EnvId> {
        for _ in 0..depth {
            env = self.collector.evaluator.frame(env).parent?;
        }
        Some(env)
    }

    /// A name that a `with` brings into view.
    fn follow_dynamic(&mut self, name: Name, withs: &[u32], env: EnvId, goal: Goal) {
        for depth in withs {
            let frame = self.frame_up(env, *depth);
            let slots = frame.map(|frame| self.collector.evaluator.frame(frame).slots());
            let Some(thunk) = slots.and_then(|slots| slots.first().copied()) else { continue };
            let namespace = self.collector.evaluator.force(thunk);
            match &namespace.kind {
                Kind::Attrs(set) => {
                    let Some(slot) = set.get(name) else { continue };
                    self.follow_thunk(slot.value, goal);
                }
                Kind::Symbol(symbol) if matches!(**symbol, Symbol::Root(_)) && withs.len() > 1 => {
                    // Which of several sets outside the tree has the name is not told here.
                    continue;
                }
                _ => {}
            }
            return self.follow_thunk(thunk, Goal::Container);
        }
    }

    fn follow_inherited(&mut self, source: Site, env: EnvId, name: Name, key: Span, goal: Goal) {
        let base = self.collector.evaluator.evaluate(source, env);
        if let Some(slot) = base.as_attrs().and_then(|set| set.get(name).copied()) {
            self.follow_thunk(slot.value, goal);
        }
        self.follow_base(source, env, Goal::Container);
        self.step(How::Named, Some(key));
    }

    fn follow_selection(
        &mut self,
        site: Site,
        base: ExprId,
        path: &[Key],
        default: Option<ExprId>,
        env: EnvId,
        goal: Goal,
    ) {
        let base = Site { file: site.file, expr: base };
        let mut value = self.collector.evaluator.evaluate(base, env);
        let mut found = None;
        let mut absent = false;
        for key in path {
            let name = match key {
                Key::Name(name, _) => Some(*name),
                Key::Dynamic(expr) => {
                    let name = Site { file: site.file, expr: *expr };
                    self.collector.evaluator.evaluate(name, env).as_str().map(Name::new)
                }
            };
            let slot = value.as_attrs().zip(name).and_then(|(set, name)| set.get(name).copied());
            absent = slot.is_none() && value.as_attrs().is_some_and(|set| set.rest.is_none());
            found = slot.map(|slot| slot.value);
            let Some(thunk) = found else { break };
            value = self.collector.evaluator.force(thunk);
        }
        match (found, default) {
            (Some(thunk), _) => self.follow_thunk(thunk, goal),
            (None, Some(default)) if absent => {
                self.follow(Site { file: site.file, expr: default }, env, goal);
            }
            _ => {}
        }
        self.follow_base(base, env, Goal::Container);
        self.step_at(How::Named, site);
    }

    /// The way of what something is selected from, or what is overridden. A name there is part of
    /// that step, and none of its own.
    fn follow_base(&mut self, base: Site, env: EnvId, goal: Goal) {
        let Some(hir) = self.collector.evaluator.program().file(base.file) else { return };
        match hir.expr(base.expr) {
            Expr::Variable(variable) => {
                self.follow_variable(hir, base, variable, env, goal);
            }
            _ => self.follow(base, env, goal),
        }
    }
}

/// The source, name and place of the name, where the slot is `inherit (source) name;`.
fn inherited(
    hir: &File,
    scope: ScopeId,
    slot: u32,
) -> Option<(ExprId, Name, text_size::TextRange)> {
    let (ScopeKind::Let(owner) | ScopeKind::Recursive(owner)) = hir.scope(scope).kind else {
        return None;
    };
    let attrs = hir.attrs_of(owner)?;
    let definition = attrs.definitions.get(slot as usize)?;
    let DefinitionValue::InheritFrom(index) = definition.value else { return None };
    Some((*attrs.sources.get(index as usize)?, definition.name, definition.key))
}

fn is_constant(name: Name) -> bool {
    matches!(name.as_str(), "true" | "false" | "null")
}
