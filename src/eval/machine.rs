//! The machine: forcing delayed values and evaluating expressions.

use rustc_hash::FxHashSet;

use super::value::{Choice, Closure};
use super::{
    AttrSet, EnvId, Evaluator, Kind, Limit, Origin, Rest, Site, Slot, Thunk, ThunkId, Value, Why,
};
use crate::hir::{Attrs, Definition, Expr, ExprId, Lambda, Name, Unary, Variable};
use crate::source::{FileId, Span};

/// A step pays for this much new text.
pub(super) const BYTES_A_STEP: usize = 16;

/// After so many steps it is asked whether somebody still waits for the answer.
const STEPS_BETWEEN_CHECKS: u64 = 1024;

impl<'p> Evaluator<'p> {
    /// The value of `thunk`, to its outermost constructor.
    pub fn force(&mut self, thunk: ThunkId) -> Value {
        let index = thunk.index();
        let expression = match &self.thunks[index] {
            Thunk::Done(value, _) => return value.clone(),
            Thunk::Busy => return Value::unknown(Why::Cycle),
            Thunk::Expr(site, _) => Some(*site),
            _ => None,
        };
        if let Err(why) = self.has_room() {
            return Value::unknown(why);
        }
        let like = expression.and_then(|site| self.like(thunk, site));
        let work = std::mem::replace(&mut self.thunks[index], Thunk::Busy);
        let steps_left = self.steps_left;
        self.depth += 1;
        let value = match like {
            Some(like) => self.force(like),
            None => self.perform(&work),
        };
        self.depth -= 1;
        let transient = matches!(&value.kind, Kind::Unknown(why) if why.is_transient());
        let from = match &work {
            Thunk::Expr(site, env) => Some((*site, *env)),
            Thunk::Same(other) => self.expression_of(*other),
            _ => None,
        };
        self.thunks[index] = if transient { work } else { Thunk::Done(value.clone(), from) };
        if let Some(site) = expression.filter(|_| !transient) {
            self.took(thunk, site, steps_left.saturating_sub(self.steps_left));
        }
        value
    }

    fn perform(&mut self, work: &Thunk) -> Value {
        match *work {
            Thunk::Expr(site, env) => self.evaluate(site, env),
            Thunk::Apply(function, argument, site) => {
                let function = self.force(function);
                self.apply(&function, argument, site, EnvId::ROOT)
            }
            Thunk::Select(base, name, at) => {
                let base = self.force(base);
                let value = self.select(&base, name);
                match at {
                    Some(at) => self.named(value, at),
                    None => value,
                }
            }
            Thunk::Update(left, right) => {
                let (left, right) = (self.force(left), self.force(right));
                self.update(&left, &right)
            }
            Thunk::Merge(ref merge) => self.merge(merge),
            Thunk::Same(other) => self.force(other),
            Thunk::Busy | Thunk::Done(..) => Value::unknown(Why::Cycle),
        }
    }

    /// The value of the expression at `site` in `env`.
    pub fn evaluate(&mut self, site: Site, env: EnvId) -> Value {
        let Some(hir) = self.program.file(site.file) else {
            return Value::unknown(Why::Syntax);
        };
        self.at = Some(site);
        if let Err(why) = self.spend(1) {
            return Value::unknown(why);
        }
        if self.steps_left.is_multiple_of(STEPS_BETWEEN_CHECKS) {
            self.program.tree.check_wanted();
        }
        let here = Span::new(site.file, hir.range(site.expr));
        let written = |kind: Kind| Value::new(kind, Origin::written(here));
        match hir.expr(site.expr) {
            Expr::Missing => Value::unknown(Why::Syntax),
            Expr::Int(Some(int)) => written(Kind::Int(*int)),
            Expr::Int(None) => Value::error("this integer does not fit 64 bits"),
            Expr::Float(float) => written(Kind::Float(*float)),
            Expr::Str(parts) => {
                let text = self.string(site.file, parts, env, here);
                self.paid(text)
            }
            Expr::Path(path) => self.path(site.file, path, env, here),
            Expr::Variable(variable) => self.variable(variable, env, here),
            Expr::List(items) => {
                let items = items.iter().map(|item| self.part(site.file, *item, env));
                written(Kind::List(items.collect()))
            }
            Expr::Attrs(attrs) => self.attribute_set(site.file, attrs, env, here),
            Expr::Let { attrs, body } => {
                let inner = attrs.scope.map_or(env, |scope| self.open(site.file, scope, env));
                self.evaluate_part(site.file, *body, inner)
            }
            Expr::With { scope, body, .. } => {
                let inner = self.open(site.file, *scope, env);
                self.evaluate_part(site.file, *body, inner)
            }
            Expr::Select { base, path, default } => {
                self.selection_expr(site, *base, path, *default, env, here)
            }
            Expr::Has { base, path } => {
                let value = self.has_expr(site.file, *base, path, env);
                Value::new(value.kind, Origin::computed(here, vec![value.origin]))
            }
            Expr::If { condition, then, otherwise } => {
                self.if_expr(site.file, *condition, *then, *otherwise, env)
            }
            Expr::Assert { condition, body } => {
                let condition = self.evaluate_part(site.file, *condition, env);
                match condition.kind {
                    Kind::Bool(false) => Value::thrown("an assertion fails"),
                    Kind::Unknown(ref why) if why.is_final() => condition,
                    // What cannot be decided here holds, or the configuration does not evaluate.
                    Kind::Bool(true) | Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => {
                        self.evaluate_part(site.file, *body, env)
                    }
                    _ => Value::error("an assertion is no Boolean"),
                }
            }
            Expr::Binary { operator, left, right } => {
                let value = self.binary(site.file, *operator, *left, *right, env, here);
                self.paid(value)
            }
            Expr::Unary { operator, operand } => {
                let operand = self.evaluate_part(site.file, *operand, env);
                unary(*operator, &operand, here)
            }
            Expr::Apply { function, argument } => {
                let function = self.evaluate_part(site.file, *function, env);
                let argument = self.part(site.file, *argument, env);
                self.apply(&function, argument, Some(site), env)
            }
            Expr::Lambda(_) => {
                written(Kind::Lambda(Closure { file: site.file, expr: site.expr, env }))
            }
            Expr::CurrentPosition => Value::unknown(Why::NotFollowed("__curPos".into())),
        }
    }

    /// A part of an expression, delayed; parts that are names of known values are not delayed
    /// twice.
    pub(super) fn part(&mut self, file: FileId, expr: ExprId, env: EnvId) -> ThunkId {
        self.delayed(Site { file, expr }, env)
    }

    /// A part of an expression, evaluated one level deeper.
    pub(super) fn evaluate_part(&mut self, file: FileId, expr: ExprId, env: EnvId) -> Value {
        self.deeper(|evaluator| evaluator.evaluate(Site { file, expr }, env))
            .unwrap_or_else(Value::unknown)
    }

    /// Does `work` one level deeper, so that whatever calls itself does so within the limit.
    ///
    /// # Errors
    ///
    /// [`Why::Limit`] where that is too deep.
    pub(super) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Result<T, Why> {
        self.can_go_deeper()?;
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        Ok(done)
    }

    /// Takes `steps` from what the query has left: for work that grows with the data, not with the
    /// expressions evaluated.
    ///
    /// # Errors
    ///
    /// [`Why::Limit`] where less is left.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Why> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => {
                self.steps_left = 0;
                self.give_up(Limit::Steps);
                Err(Why::Limit)
            }
        }
    }

    /// Whether something may be evaluated inside what is being evaluated.
    pub(super) fn can_go_deeper(&mut self) -> Result<(), Why> {
        if self.depth >= self.limits.depth {
            self.give_up(Limit::Depth);
            return Err(Why::Limit);
        }
        Ok(())
    }

    /// Whether one more value may be forced.
    fn has_room(&mut self) -> Result<(), Why> {
        self.can_go_deeper()?;
        if self.is_full() {
            self.give_up(Limit::Values);
            return Err(Why::Limit);
        }
        Ok(())
    }

    /// Whether a list may have so many elements.
    pub(super) fn can_hold(&mut self, elements: usize) -> Result<(), Why> {
        if elements > self.limits.elements {
            self.give_up(Limit::Elements);
            return Err(Why::TooLarge);
        }
        Ok(())
    }

    /// Spends what a new list, set or string costs.
    pub(super) fn paid(&mut self, value: Value) -> Value {
        let parts = match &value.kind {
            Kind::List(items) => items.len(),
            Kind::Attrs(set) => set.slots().len(),
            Kind::Str(text) => text.size() / BYTES_A_STEP,
            _ => 0,
        };
        match self.spend(parts) {
            Ok(()) => value,
            Err(why) => Value::unknown(why),
        }
    }

    fn variable(&mut self, variable: &Variable, env: EnvId, here: Span) -> Value {
        match variable {
            Variable::Local { depth, slot, .. } => match self.local(env, *depth, *slot) {
                Some(thunk) => {
                    let value = self.force(thunk);
                    self.named(value, here)
                }
                None => Value::unknown(Why::Limit),
            },
            Variable::Builtin(name) => self.builtin(*name, here),
            Variable::Dynamic { name, withs } => {
                let value = self.dynamic_variable(*name, withs, env);
                self.named(value, here)
            }
        }
    }

    /// `value`, named or selected at `at`.
    ///
    pub(super) fn named(&self, value: Value, at: Span) -> Value {
        let is_told = match value.kind {
            Kind::Lambda(_) | Kind::Primitive(_) => false,
            // That it has a way at all is asked where it is selected from, and merged with others.
            Kind::Attrs(_) => value.origin.hop().is_none(),
            _ => true,
        };
        match is_told || self.keeps_ways {
            true => Value { origin: value.origin.named(at), kind: value.kind },
            false => value,
        }
    }

    fn dynamic_variable(&mut self, name: Name, withs: &[u32], env: EnvId) -> Value {
        let frames: Vec<ThunkId> =
            withs.iter().filter_map(|depth| self.local(env, *depth, 0)).collect();
        let namespaces: Vec<Value> = frames.into_iter().map(|thunk| self.force(thunk)).collect();
        self.lookup_in_namespaces(name, &namespaces)
    }

    fn attribute_set(&mut self, file: FileId, attrs: &'p Attrs, env: EnvId, here: Span) -> Value {
        let inner = attrs.scope.map_or(env, |scope| self.open(file, scope, env));
        let slot = |(definition, value): (&Definition, ThunkId)| Slot {
            name: definition.name,
            value,
            key: Some(Span::new(file, definition.key)),
            definition: Some(Span::new(file, definition.range)),
            optional: false,
        };
        let mut slots: Vec<Slot> = match attrs.scope {
            Some(_) => {
                let values = self.frame(inner).slots().iter().copied();
                attrs.definitions.iter().zip(values).map(slot).collect()
            }
            None => self.definition_thunks(file, attrs, env, env).map(slot).collect(),
        };
        let mut rest = None;
        let mut names: FxHashSet<Name> = match attrs.dynamic.is_empty() {
            true => FxHashSet::default(),
            false => slots.iter().map(|slot| slot.name).collect(),
        };
        for dynamic in &attrs.dynamic {
            let name = self.evaluate_part(file, dynamic.name, inner);
            match (&name.kind, name.as_str()) {
                (_, Some(text)) => {
                    if !names.insert(Name::new(text)) {
                        return Value::error(format!("attribute `{text}` is defined twice"));
                    }
                    let value = self.part(file, dynamic.value, inner);
                    let key = self.program.span(Site { file, expr: dynamic.name });
                    slots.push(Slot { key, ..Slot::new(Name::new(text), value) });
                }
                // `${null} = …` defines nothing.
                (Kind::Null, _) => {}
                (Kind::Unknown(why), _) if why.is_final() => return name,
                _ if name.is_undetermined() || matches!(name.kind, Kind::Str(_)) => {
                    rest = Some(Rest { why: name.why(), base: None });
                }
                _ => return Value::error(format!("{} is no attribute name", name.type_name())),
            }
        }
        let mut set = AttrSet::new(slots);
        set.rest = rest;
        Value::new(Kind::Attrs(set.into()), Origin::written(here))
    }

    fn if_expr(
        &mut self,
        file: FileId,
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
        env: EnvId,
    ) -> Value {
        let decided = self.evaluate_part(file, condition, env);
        match decided.kind {
            Kind::Bool(true) => self.evaluate_part(file, then, env),
            Kind::Bool(false) => self.evaluate_part(file, otherwise, env),
            Kind::Unknown(ref why) if why.is_final() => decided,
            Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => {
                let (then, otherwise) =
                    (self.part(file, then, env), self.part(file, otherwise, env));
                let condition = self.program.span(Site { file, expr: condition });
                Value::bare(Kind::Choice(Choice { condition, then, otherwise }.into()))
            }
            _ => Value::error("the condition of an `if` is no Boolean"),
        }
    }

    /// The lambda of a closure.
    pub(super) fn lambda(&self, closure: &Closure) -> Option<&'p Lambda> {
        match self.program.file(closure.file)?.expr(closure.expr) {
            Expr::Lambda(lambda) => Some(lambda),
            _ => None,
        }
    }
}

fn unary(operator: Unary, operand: &Value, here: Span) -> Value {
    let kind = match (operator, &operand.kind) {
        (_, Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_)) => Kind::Unknown(operand.why()),
        (Unary::Not, Kind::Bool(bool)) => Kind::Bool(!bool),
        (Unary::Negate, Kind::Int(int)) => match int.checked_neg() {
            Some(int) => Kind::Int(int),
            None => Kind::Unknown(Why::Error("integer overflow".into())),
        },
        (Unary::Negate, Kind::Float(float)) => Kind::Float(-float),
        _ => Kind::Unknown(Why::Error(format!("{} cannot be negated", operand.type_name()).into())),
    };
    Value::new(kind, Origin::computed(here, vec![operand.origin.clone()]))
}
