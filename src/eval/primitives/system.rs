//! Types, control, imports, and reading files of the tree.

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
    "throw" 1 => |_: &mut Evaluator<'_>, _: &[ThunkId]| Err::<Value, Value>(Value::error("`throw` is reached"));
    "abort" 1 => |_: &mut Evaluator<'_>, _: &[ThunkId]| Err::<Value, Value>(Value::error("`abort` is reached"));
    "seq" 2 => seq;
    "deepSeq" 2 => seq;
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
        e.compare(&left, &right, 0).map(|ordering| Value::bool(ordering.is_lt())).map_err(Value::unknown)
    };
    "ceil" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| rounded(e, a[0], f64::ceil);
    "floor" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| rounded(e, a[0], f64::floor);
    "baseNameOf" 1 => base_name_of;
    "dirOf" 1 => dir_of;
    "pathExists" 1 => path_exists;
    "readFile" 1 => read_file;
    "readDir" 1 => read_dir;
    "fromJSON" 1 => from_json;
};

fn seq(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let first = e.force(a[0]);
    match first.kind {
        Kind::Unknown(Why::Error(_)) => Err(first),
        _ => Ok(e.force(a[1])),
    }
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
    Ok(Value::bare(crate::eval::operators::arithmetic(operator, &left, &right)))
}

fn rounded(e: &mut Evaluator<'_>, thunk: ThunkId, round: fn(f64) -> f64) -> Answer {
    let value = e.force(thunk);
    match value.kind {
        Kind::Int(_) => Ok(value),
        #[allow(clippy::cast_possible_truncation)]
        Kind::Float(float) if float.abs() < 1e15 => Ok(Value::bare(Kind::Int(round(float) as i64))),
        Kind::Float(_) => Err(Value::unknown(Why::Limit)),
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
    let tree = e.program().tree;
    match tree.entry(&path) {
        Some(EntryKind::File | EntryKind::Directory) => Ok(Value::bool(true)),
        None if !tree.is_skipped(&path) => Ok(Value::bool(false)),
        _ => Err(Value::unknown(Why::NotInTree(path.display().to_string().into()))),
    }
}

fn read_file(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let Some(path) = e.as_path(&value) else { return Err(Value::unknown(value.why())) };
    match e.program().tree.read_text(&path) {
        Ok(text) => Ok(Value::str(&*text)),
        Err(_) => Err(Value::unknown(Why::NotInTree(path.display().to_string().into()))),
    }
}

fn read_dir(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let value = e.force(a[0]);
    let Some(path) = e.as_path(&value) else { return Err(Value::unknown(value.why())) };
    let Some(entries) = e.program().tree.read_dir(&path) else {
        return Err(Value::unknown(Why::NotInTree(path.display().to_string().into())));
    };
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
    Ok(Value::attrs(AttrSet::new(slots)))
}

fn from_json(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let text = e.text_of(a[0])?;
    let json = serde_json::from_str(&text).map_err(|_| Value::error("this text is no JSON"))?;
    Ok(json_value(e, &json))
}

fn json_value(e: &mut Evaluator<'_>, json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::bare(Kind::Null),
        Json::Bool(bool) => Value::bool(*bool),
        Json::Number(number) => Value::bare(match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Kind::Int(int),
            (None, Some(float)) if !number.is_u64() => Kind::Float(float),
            _ => Kind::Unknown(Why::Limit),
        }),
        Json::String(text) => Value::str(text),
        Json::Array(items) => {
            let items: Vec<ThunkId> = items
                .iter()
                .map(|item| {
                    let value = json_value(e, item);
                    e.done(value)
                })
                .collect();
            Value::list(items)
        }
        Json::Object(fields) => {
            let mut slots = Vec::with_capacity(fields.len());
            for (name, field) in fields {
                let value = json_value(e, field);
                slots.push(Slot::new(Name::new(name), e.done(value)));
            }
            Value::attrs(AttrSet::new(slots))
        }
    }
}
