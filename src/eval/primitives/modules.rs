//! What modules wrap their definitions in, and small functions of nixpkgs' library.

use super::{Primitive, primitives};
use crate::eval::value::Choice;
use crate::eval::{
    AttrSet, Evaluator, Hop, Kind, PackageSet, Rest, Root, Slot, ThunkId, Value, Why,
};
use crate::hir::{Name, name};

type Answer = Result<Value, Value>;

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "mkIf" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| wrapped(e, "if", [(name!("condition"), a[0]), (name!("content"), a[1])]);
    "mkMerge" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| wrapped(e, "merge", [(name!("contents"), a[0])]);
    "mkOverride" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| wrapped(e, "override", [(name!("priority"), a[0]), (name!("content"), a[1])]);
    "mkDefault" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| overriding(e, 1000, a[0]);
    "mkOptionDefault" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| overriding(e, 1500, a[0]);
    "mkForce" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| overriding(e, 50, a[0]);
    "mkVMOverride" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| overriding(e, 10, a[0]);
    "mkImageMediaOverride" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| overriding(e, 60, a[0]);
    "mkOrder" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| wrapped(e, "order", [(name!("priority"), a[0]), (name!("content"), a[1])]);
    "mkBefore" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| ordered(e, 500, a[0]);
    "mkAfter" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| ordered(e, 1500, a[0]);
    "id" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[0]));
    "const" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[0]));
    "flip" 3 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.call2(a[0], a[2], a[1]));
    "pipe" 2 => pipe;
    "warn" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[1]));
    "min" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| extreme(e, a, std::cmp::Ordering::Less);
    "max" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| extreme(e, a, std::cmp::Ordering::Greater);
    "composeExtensions" 4 => compose_extensions;
    "composeManyExtensions" 3 => compose_many_extensions;
    "boolToString" 1 => bool_to_string;
    "makeOverridable" 2 => make_overridable;
};

/// flake-parts' `withSystem system function`: the function, called with what modules of that system
/// are given.
static WITH_SYSTEM: Primitive =
    Primitive { name: "withSystem", arity: 2, run: |e, a| super::either(with_system(e, a)) };

impl Evaluator<'_> {
    /// The argument `withSystem` of flake-parts' modules.
    pub fn with_system(&mut self) -> ThunkId {
        self.done(Value::bare(super::function(&WITH_SYSTEM)))
    }
}

fn with_system(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let packages = e.symbol(Root::Packages(PackageSet::Main));
    let given = [("pkgs", packages), ("system", a[0])];
    let given = given.into_iter().map(|(name, value)| Slot::new(name.into(), value)).collect();
    let rest = Rest { why: Why::Outside("withSystem".into()), base: None };
    let given = e.done(Value::attrs(AttrSet::open(given, rest)));
    Ok(e.call1(a[1], given))
}

impl Evaluator<'_> {
    /// The text `kind`, by which a wrapper is told from others.
    fn mark_of_wrapper(&mut self, kind: &'static str) -> ThunkId {
        if let Some((_, mark)) = self.wrappers.iter().find(|(known, _)| *known == kind) {
            return *mark;
        }
        let mark = self.string_thunk(kind);
        self.wrappers.push((kind, mark));
        mark
    }
}

/// A set marked with a type, as nixpkgs' module system reads it.
fn wrapped<const N: usize>(
    e: &mut Evaluator<'_>,
    kind: &'static str,
    fields: [(Name, ThunkId); N],
) -> Answer {
    let mark = e.mark_of_wrapper(kind);
    let slots = std::iter::once((name!("_type"), mark)).chain(fields);
    Ok(Value::attrs(AttrSet::new(slots.map(|(name, value)| Slot::new(name, value)).collect())))
}

fn overriding(e: &mut Evaluator<'_>, priority: i64, content: ThunkId) -> Answer {
    let priority = e.done(Value::bare(Kind::Int(priority)));
    wrapped(e, "override", [(name!("priority"), priority), (name!("content"), content)])
}

fn ordered(e: &mut Evaluator<'_>, priority: i64, content: ThunkId) -> Answer {
    let priority = e.done(Value::bare(Kind::Int(priority)));
    wrapped(e, "order", [(name!("priority"), priority), (name!("content"), content)])
}

/// `then` or `otherwise`, by a condition that is not known.
pub(super) fn undecided(
    e: &mut Evaluator<'_>,
    condition: &Value,
    then: Value,
    otherwise: Value,
) -> Value {
    let place = condition.origin.hop().map(Hop::place);
    let (then, otherwise) = (e.done(then), e.done(otherwise));
    Value::bare(Kind::Choice(Choice { condition: place, then, otherwise }.into()))
}

fn pipe(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut value = a[0];
    for function in e.list_of(a[1])?.iter() {
        value = e.application(*function, value);
    }
    Ok(e.force(value))
}

fn extreme(e: &mut Evaluator<'_>, a: &[ThunkId], wanted: std::cmp::Ordering) -> Answer {
    let (left, right) = (e.force(a[0]), e.force(a[1]));
    match e.compare(&left, &right) {
        Ok(ordering) => Ok(if ordering == wanted { left } else { right }),
        Err(why) => Err(Value::unknown(why)),
    }
}

/// `composeExtensions f g final prev`: first `f`, then `g` on top of what `f` gives.
fn compose_extensions(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let first = e.call2(a[0], a[2], a[3]);
    let first = e.done(first);
    let below = e.updated(a[3], first);
    let second = e.call2(a[1], a[2], below);
    let first = e.force(first);
    Ok(e.update(&first, &second))
}

/// `composeManyExtensions functions final prev`: each function on top of what the ones before give.
fn compose_many_extensions(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut composed = Value::attrs(AttrSet::default());
    for function in e.list_of(a[0])?.iter() {
        let so_far = e.done(composed.clone());
        let below = e.updated(a[2], so_far);
        let more = e.call2(*function, a[1], below);
        composed = e.update(&composed, &more);
    }
    Ok(composed)
}

/// `makeOverridable function arguments`: what the function gives. A set gets functions that call it
/// anew with other arguments; those are not followed.
fn make_overridable(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let given = e.call1(a[0], a[1]);
    let unknown = Value::unknown(Why::NotFollowed("`makeOverridable`".into()));
    let mut names = vec!["override", "overrideDerivation"];
    match &given.kind {
        Kind::Attrs(set) if set.get("overrideAttrs".into()).is_some() => {
            names.push("overrideAttrs")
        }
        Kind::Attrs(_) | Kind::Choice(_) => {}
        // It becomes a set that can be called.
        Kind::Lambda(_) | Kind::Primitive(_) => return Err(unknown),
        _ => return Ok(given),
    }
    let function = e.done(unknown);
    let slots = names.into_iter().map(|name| Slot::new(name.into(), function)).collect();
    Ok(e.update(&given, &Value::attrs(AttrSet::new(slots))))
}

fn bool_to_string(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    match value.as_bool() {
        Some(bool) => Ok(Value::new(Value::str(bool.to_string()).kind, value.origin)),
        None => Err(super::expected(&value, "a Boolean")),
    }
}
