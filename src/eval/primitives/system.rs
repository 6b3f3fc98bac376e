//! Types, control, imports, and reading files of the tree.

use rustc_hash::FxHashSet;

use super::{Primitive, primitives};
use crate::eval::{AttrSet, Evaluator, Kind, Slot, ThunkId, Value, Why};
use crate::hir::{Binary, Name};
use crate::source::EntryKind;

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "import" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let path = e.force(a[0]);
        Ok::<Value, Value>(e.import(&path))
    };
    "throw" 1 => throw;
    "abort" 1 => |_: &mut Evaluator<'_>, _: &[ThunkId]| Err::<Value, Value>(Value::error("`abort` is reached"));
    "seq" 2 => seq;
    "deepSeq" 2 => deep_seq;
    "tryEval" 1 => try_eval;
    "trace" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[1]));
    "traceVerbose" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[1]));
    "warn" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[1]));
    "addErrorContext" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[1]));
    "unsafeDiscardStringContext" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| Ok::<Value, Value>(e.force(a[0]));
    "typeOf" 1 => type_of;
    "isNull" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "null");
    "isBool" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "bool");
    "isInt" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "int");
    "isFloat" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "float");
    "isString" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "string");
    "isPath" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "path");
    "isList" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "list");
    "isAttrs" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "set");
    "isFunction" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| is_type(e, a[0], "lambda");
    "add" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| arithmetic(e, Binary::Add, a);
    "sub" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| arithmetic(e, Binary::Subtract, a);
    "mul" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| arithmetic(e, Binary::Multiply, a);
    "div" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| arithmetic(e, Binary::Divide, a);
    "lessThan" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let (left, right) = (e.force(a[0]), e.force(a[1]));
        e.compare(&left, &right).map(|ordering| Value::bool(ordering.is_lt())).map_err(Value::unknown)
    };
    "bitAnd" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| bits(e, a, |left, right| left & right);
    "bitOr" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| bits(e, a, |left, right| left | right);
    "bitXor" 2 => |e: &mut Evaluator<'_>, a: &[ThunkId]| bits(e, a, |left, right| left ^ right);
    "ceil" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| rounded(e, a[0], f64::ceil);
    "floor" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| rounded(e, a[0], f64::floor);
    "baseNameOf" 1 => base_name_of;
    "dirOf" 1 => dir_of;
    "pathExists" 1 => path_exists;
    "readFile" 1 => read_file;
    "readDir" 1 => read_dir;
};

fn throw(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let message = e.force(a[0]);
    match &message.kind {
        Kind::Unknown(why) if why.is_final() => Err(message),
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::List(_) => {
            Err(super::expected(&message, "a string"))
        }
        _ => Err(Value::thrown("`throw` is reached")),
    }
}

fn seq(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    if e.is_idle(a[0]) {
        return Ok(e.force(a[1]));
    }
    let first = e.force(a[0]);
    match first.kind {
        Kind::Unknown(ref why) if why.is_final() => Err(first),
        _ => Ok(e.force(a[1])),
    }
}

/// Only what Nix would refuse stops it: a first argument that is not known is taken to evaluate.
fn deep_seq(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    if e.is_idle(a[0]) {
        return Ok(e.force(a[1]));
    }
    let mut seen = FxHashSet::default();
    let mut pending = vec![a[0]];
    while let Some(thunk) = pending.pop() {
        if !seen.insert(thunk) {
            continue;
        }
        e.spend(1).map_err(Value::unknown)?;
        let value = e.force(thunk);
        match value.kind {
            Kind::Unknown(ref why) if why.is_final() => return Err(value),
            Kind::List(items) => pending.extend(items.iter()),
            Kind::Attrs(set) => pending.extend(set.slots().iter().map(|slot| slot.value)),
            _ => {}
        }
        e.can_hold(pending.len()).map_err(Value::unknown)?;
    }
    Ok(e.force(a[1]))
}

fn try_eval(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.trying(|e| e.force(a[0]));
    let caught = matches!(value.kind, Kind::Unknown(Why::Thrown(_)));
    if value.is_undetermined() && !caught {
        return Err(Value::unknown(value.why()));
    }
    let success = e.done(Value::bool(!caught));
    let value = if caught { Value::bool(false) } else { value };
    let value = e.done(value);
    Ok(super::sets::set([("success", success), ("value", value)]))
}

fn nix_type(value: &Value) -> Option<&'static str> {
    Some(match value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "bool",
        Kind::Int(_) => "int",
        Kind::Float(_) => "float",
        Kind::Str(_) => "string",
        Kind::Path(_) => "path",
        Kind::List(_) => "list",
        Kind::Attrs(_) => "set",
        Kind::Lambda(_) | Kind::Primitive(_) => "lambda",
        Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => return None,
    })
}

fn type_of(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    nix_type(&value).map(Value::str).ok_or_else(|| Value::unknown(value.why()))
}

fn is_type(e: &mut Evaluator<'_>, thunk: ThunkId, wanted: &str) -> Answer {
    let value = e.force(thunk);
    nix_type(&value)
        .map(|found| Value::bool(found == wanted))
        .ok_or_else(|| Value::unknown(value.why()))
}

fn arithmetic(e: &mut Evaluator<'_>, operator: Binary, a: &[ThunkId]) -> Answer {
    let (left, right) = (e.force(a[0]), e.force(a[1]));
    Ok(Value::bare(crate::eval::arithmetic::arithmetic(operator, &left, &right)))
}

fn bits(e: &mut Evaluator<'_>, a: &[ThunkId], join: fn(i64, i64) -> i64) -> Answer {
    let (left, right) = (e.int_of(a[0])?, e.int_of(a[1])?);
    Ok(Value::bare(Kind::Int(join(left, right))))
}

fn rounded(e: &mut Evaluator<'_>, thunk: ThunkId, round: fn(f64) -> f64) -> Answer {
    let value = e.force(thunk);
    match value.kind {
        Kind::Int(_) => Ok(value),
        #[allow(clippy::cast_possible_truncation)]
        Kind::Float(float) if float.abs() < 1e15 => Ok(Value::bare(Kind::Int(round(float) as i64))),
        Kind::Float(_) => Err(Value::unknown(Why::TooLarge)),
        _ => Err(super::expected(&value, "a number")),
    }
}

fn base_name_of(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let name = match &value.kind {
        Kind::Path(path) => path.file_name().and_then(|name| name.to_str()).map(str::to_owned),
        Kind::Str(text) => crate::eval::import::base_name(text).map(str::to_owned),
        _ => None,
    };
    name.map(Value::str).ok_or_else(|| Value::unknown(value.why()))
}

fn dir_of(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    match &value.kind {
        Kind::Path(path) => match path.parent() {
            Some(folder) => Ok(Value::bare(Kind::Path(folder.to_path_buf().into()))),
            None => Err(Value::unknown(Why::NotInTree("the folder above the tree".into()))),
        },
        _ => match value.as_str() {
            Some(text) => Ok(Value::str(match text.rsplit_once('/') {
                None => ".",
                Some(("", _)) => "/",
                Some((folder, _)) => folder,
            })),
            None => Err(Value::unknown(value.why())),
        },
    }
}

fn path_exists(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let Some(path) = e.as_path(&value) else { return Err(Value::unknown(value.why())) };
    match e.entry(&path) {
        Some(EntryKind::File | EntryKind::Directory) => Ok(Value::bool(true)),
        None if !e.is_skipped(&path) => Ok(Value::bool(false)),
        _ => Err(Value::unknown(Why::NotInTree(path.display().to_string().into()))),
    }
}

fn read_file(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let Some(path) = e.as_path(&value) else { return Err(Value::unknown(value.why())) };
    match e.read_text(&path) {
        Ok(text) => Ok(Value::str(&*text)),
        Err(_) => Err(Value::unknown(Why::NotInTree(path.display().to_string().into()))),
    }
}

fn read_dir(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let Some(path) = e.as_path(&value) else { return Err(Value::unknown(value.why())) };
    if let Some(known) = e.folders.get(&path) {
        return Ok(known.clone());
    }
    let Some(entries) = e.read_dir(&path) else {
        return Err(Value::unknown(Why::NotInTree(path.display().to_string().into())));
    };
    let folder = folder(e, entries);
    e.folders.insert(path, folder.clone());
    Ok(folder)
}

/// The set that `readDir` gives for a folder with these entries.
fn folder(e: &mut Evaluator<'_>, entries: Vec<(String, EntryKind)>) -> Value {
    let mut slots = Vec::with_capacity(entries.len());
    for (name, kind) in entries {
        let kind = e.string_thunk(match kind {
            EntryKind::File => "regular",
            EntryKind::Directory => "directory",
            EntryKind::Symlink => "symlink",
            EntryKind::Other => "unknown",
        });
        slots.push(Slot::new(Name::new(&name), kind));
    }
    Value::attrs(AttrSet::new(slots))
}
