//! Application: functions of the tree, primitives, and calls of what lies outside.

use std::sync::Arc;

use smallvec::SmallVec;
use thin_vec::ThinVec;

use super::environment::Frame;
use super::primitives::Primitive;
use super::symbol::{Root, Symbol};
use super::value::{Choice, Closure, Partial};
use super::{
    AttrSet, Call, CallId, EnvId, Evaluator, Kind, Site, Slot, Thunk, ThunkId, Value, Why,
};
use crate::hir::{Expr, Field, Lambda, Name, name};

/// A function called with more frames than this is called often enough to be known.
const MAX_RECORDED_FRAMES: usize = 256;

/// Where an application is written, and in which environment.
pub(super) type Caller = Option<(Site, EnvId)>;

impl<'p> Evaluator<'p> {
    /// `function argument`, written at `site` in `env`.
    pub fn apply(
        &mut self,
        function: &Value,
        argument: ThunkId,
        site: Option<Site>,
        env: EnvId,
    ) -> Value {
        let caller = site.map(|site| (site, env));
        match &function.kind {
            Kind::Lambda(closure) => self.call_closure(closure, argument, caller),
            Kind::Primitive(partial) => self.call_primitive(partial, argument),
            Kind::Symbol(symbol) => self.call_symbol(&symbol.clone(), argument, caller),
            Kind::Attrs(set) => match set.get(name!("__functor")) {
                Some(functor) => {
                    let functor = self.force(functor.value);
                    let this = self.done(function.clone());
                    // A set may be its own functor.
                    if let Err(why) = self.spend(1) {
                        return Value::unknown(why);
                    }
                    self.deeper(|evaluator| {
                        let function = evaluator.apply(&functor, this, site, env);
                        evaluator.apply(&function, argument, site, env)
                    })
                    .unwrap_or_else(Value::unknown)
                }
                None if set.rest.is_some() => Value::unknown(function.why()),
                None => Value::error("a set is called that is no function"),
            },
            Kind::Choice(choice) => {
                let then = self.delay(Thunk::Apply(choice.then, argument, site));
                let otherwise = self.delay(Thunk::Apply(choice.otherwise, argument, site));
                let condition = choice.condition;
                Value::bare(Kind::Choice(Choice { condition, then, otherwise }.into()))
            }
            Kind::Unknown(why) => Value::unknown(why.clone()),
            _ => Value::error(format!("{} is called that is no function", function.type_name())),
        }
    }

    fn call_primitive(&mut self, partial: &Partial, argument: ThunkId) -> Value {
        let primitive: &'static Primitive = partial.primitive;
        if partial.arguments.len() + 1 < primitive.arity {
            let mut arguments = ThinVec::with_capacity(partial.arguments.len() + 1);
            arguments.extend_from_slice(&partial.arguments);
            arguments.push(argument);
            return Value::bare(Kind::Primitive(Partial { primitive, arguments }));
        }
        let mut arguments = SmallVec::<[ThunkId; 4]>::from_slice(&partial.arguments);
        arguments.push(argument);
        if let Err(why) = self.spend(1).and_then(|()| self.can_go_deeper()) {
            return Value::unknown(why);
        }
        self.depth += 1;
        let value = (primitive.run)(self, &arguments);
        self.depth -= 1;
        self.paid(value)
    }

    /// Calls a function of the tree.
    pub(super) fn call_closure(
        &mut self,
        closure: &Closure,
        argument: ThunkId,
        caller: Caller,
    ) -> Value {
        let Some(lambda) = self.lambda(closure) else {
            return Value::unknown(Why::Syntax);
        };
        match self.bind(closure, lambda, argument, caller, false) {
            Ok(frame) => self.evaluate_part(closure.file, lambda.body, frame),
            Err(why) => Value::unknown(why),
        }
    }

    /// Opens the frame of a call.
    fn bind(
        &mut self,
        closure: &Closure,
        lambda: &'p Lambda,
        argument: ThunkId,
        caller: Caller,
        symbolic: bool,
    ) -> Result<EnvId, Why> {
        let frame = self.push_frame(Frame {
            parent: Some(closure.env),
            scope: lambda.scope,
            caller,
            symbolic,
            slots: Box::default(),
        });
        let mut slots = Vec::with_capacity(lambda.slots());
        if let Some(fields) = &lambda.fields {
            let given = self.force(argument);
            self.check_argument(closure, &given, lambda)?;
            for field in fields {
                slots.push(self.field_value(closure, &given, field, frame)?);
            }
        }
        if lambda.binder.is_some() {
            slots.push(argument);
        }
        self.frames[frame.index()].slots = slots.into();
        let frames =
            self.applied.entry(Site { file: closure.file, expr: closure.expr }).or_default();
        if frames.len() < MAX_RECORDED_FRAMES {
            frames.push(frame);
        }
        Ok(frame)
    }

    /// Whether the argument of a pattern is a set, and one that the pattern accepts.
    fn check_argument(&self, closure: &Closure, given: &Value, lambda: &Lambda) -> Result<(), Why> {
        let Some(hir) = self.program.file(closure.file) else { return Err(Why::Syntax) };
        let fields = lambda.fields.as_ref().map_or(0, |fields| fields.len());
        let is_field = |name: Name| {
            let slot = hir.scope(lambda.scope).slot(name);
            slot.is_some_and(|slot| (slot as usize) < fields)
        };
        match &given.kind {
            Kind::Attrs(_) if lambda.ellipsis => Ok(()),
            Kind::Attrs(set) => {
                let unexpected = |slot: &&Slot| !slot.optional && !is_field(slot.name);
                match set.slots().iter().find(unexpected) {
                    Some(slot) => Err(Why::Error(
                        format!("the argument `{}` is not expected", slot.name).into(),
                    )),
                    None => Ok(()),
                }
            }
            Kind::Unknown(why) if why.is_final() => Err(why.clone()),
            Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => Ok(()),
            _ => {
                Err(Why::Error("a function that takes a set is called with something else".into()))
            }
        }
    }

    fn field_value(
        &mut self,
        closure: &Closure,
        given: &Value,
        field: &Field,
        frame: EnvId,
    ) -> Result<ThunkId, Why> {
        let default =
            field.default.map(|expr| self.delayed(Site { file: closure.file, expr }, frame));
        let (present, certain) = match &given.kind {
            Kind::Attrs(set) => match (set.get(field.name), &set.rest) {
                (Some(slot), _) => (Some(slot.value), !slot.optional),
                (None, None) => (None, true),
                (None, Some(_)) => (Some(self.possible_field(given, field.name)), false),
            },
            _ => (Some(self.possible_field(given, field.name)), false),
        };
        match (present, default) {
            (Some(value), Some(default)) if !certain => {
                let choice = Choice { condition: None, then: value, otherwise: default };
                Ok(self.done(Value::bare(Kind::Choice(choice.into()))))
            }
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default),
            (None, None) => {
                Err(Why::Error(format!("the argument `{}` is missing", field.name).into()))
            }
        }
    }

    fn possible_field(&mut self, given: &Value, name: Name) -> ThunkId {
        let value = self.select(given, name);
        self.done(value)
    }

    /// Opens a frame for a function that nothing in the tree calls, with `argument`.
    pub fn bind_unbound(&mut self, lambda: Site, env: EnvId, argument: ThunkId) -> Option<EnvId> {
        let closure = Closure { file: lambda.file, expr: lambda.expr, env };
        let lambda = self.lambda(&closure)?;
        self.bind(&closure, lambda, argument, None, true).ok()
    }

    fn call_symbol(&mut self, symbol: &Arc<Symbol>, argument: ThunkId, caller: Caller) -> Value {
        if let Symbol::Call(function, call) = &**symbol
            && is_call_package(function)
            && let Some(value) = self.call_package(function, *call, argument, caller)
        {
            return value;
        }
        if symbol.is_far() {
            return Value::unknown(Why::NotFollowed("so long a chain".into()));
        }
        if matches!(&**symbol, Symbol::Select(base, name) if **base == Symbol::Root(Root::Lib) && *name == "extend")
        {
            return self.extended_library(argument);
        }
        let call = self.record(symbol, argument, caller);
        let made = match &**symbol {
            Symbol::Root(Root::Nixpkgs(set)) => Symbol::root(Root::Packages(set.clone())),
            _ => Arc::new(Symbol::Call(symbol.clone(), call)),
        };
        let by_system = self.each_system(&made, symbol, argument);
        by_system.unwrap_or_else(|| Value::bare(Kind::Symbol(made)))
    }

    /// `lib.extend overlay`: the library with what the overlay adds, which sees itself finished.
    fn extended_library(&mut self, overlay: ThunkId) -> Value {
        let library = self.symbol(Root::Lib);
        let finished = self.placeholder();
        let partial = self.application(overlay, finished);
        let more = self.application(partial, library);
        let meaning = self.updated(library, more);
        self.define(finished, meaning);
        self.force(finished)
    }

    fn record(&mut self, function: &Arc<Symbol>, argument: ThunkId, caller: Caller) -> CallId {
        if let Some(call) = caller.and_then(|caller| self.call_ids.get(&caller)) {
            return *call;
        }
        let id = CallId(u32::try_from(self.calls.len()).unwrap_or(u32::MAX));
        let (site, env) = caller.map_or((None, EnvId::ROOT), |(site, env)| (Some(site), env));
        self.calls.push(Call { site, env, function: function.clone(), argument });
        if let Some(caller) = caller {
            self.call_ids.insert(caller, id);
        }
        id
    }

    /// `callPackage file arguments`: the file's function, its parameters taken from the arguments,
    /// else from the package set.
    fn call_package(
        &mut self,
        function: &Arc<Symbol>,
        call: CallId,
        argument: ThunkId,
        caller: Caller,
    ) -> Option<Value> {
        let Symbol::Select(packages, _) = &**function else { return None };
        let target = self.call(call).argument;
        let target = self.force(target);
        let target = match &target.kind {
            Kind::Lambda(_) => target,
            _ => {
                let path = self.as_path(&target)?;
                self.import_path(&path)
            }
        };
        let Kind::Lambda(closure) = target.kind else { return None };
        let lambda = self.lambda(&closure)?;
        let given = self.force(argument);
        let given = given.as_attrs()?.clone();
        let filled = self.fill_from_packages(&closure, lambda, &given, packages);
        let argument = self.done(Value::attrs(filled));
        Some(self.call_closure(&closure, argument, caller))
    }

    /// The arguments that `callPackage` gives a function.
    pub(super) fn fill_from_packages(
        &mut self,
        closure: &Closure,
        lambda: &Lambda,
        given: &AttrSet,
        packages: &Arc<Symbol>,
    ) -> AttrSet {
        let mut slots = given.slots().to_vec();
        for field in lambda.fields.iter().flatten() {
            if given.get(field.name).is_some() || self.has_plain_default(closure, field) {
                continue;
            }
            let value = self.select(&Value::bare(Kind::Symbol(packages.clone())), field.name);
            let mut value = self.done(value);
            if let Some(default) = field.default {
                let default = self.delayed(Site { file: closure.file, expr: default }, closure.env);
                let choice = Choice { condition: None, then: value, otherwise: default };
                value = self.done(Value::bare(Kind::Choice(choice.into())));
            }
            slots.push(Slot::new(field.name, value));
        }
        let mut set = AttrSet::new(slots);
        set.rest = given.rest.clone();
        set
    }

    /// A field whose default is a plain value is an option of the package, which no package set has.
    fn has_plain_default(&self, closure: &Closure, field: &Field) -> bool {
        let Some(default) = field.default else { return false };
        let Some(hir) = self.program.file(closure.file) else { return false };
        match hir.expr(default) {
            Expr::Variable(variable) => {
                matches!(variable.name().as_str(), "true" | "false" | "null")
            }
            Expr::Int(_) | Expr::Float(_) | Expr::Str(_) | Expr::List(_) | Expr::Attrs(_) => true,
            _ => false,
        }
    }
}

fn is_call_package(function: &Symbol) -> bool {
    function.last_name().is_some_and(|name| name == "callPackage")
}
