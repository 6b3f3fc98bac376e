//! Folders of the tree, and what configurations that import whole folders do with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Primitive, primitives};
use crate::eval::{Evaluator, Kind, ThunkId, Value, Why};
use crate::source::EntryKind;

type Answer = Result<Value, Value>;

pub(super) const LIBRARY: &[Primitive] = primitives! {
    "listFilesRecursive" 1 => list_files_recursive;
    "pathIsDirectory" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| has_kind(e, a[0], EntryKind::Directory);
    "pathIsRegularFile" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| has_kind(e, a[0], EntryKind::File);
    "importJSON" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let text = text_at(e, a[0])?;
        super::json::parsed(e, &text)
    };
    "importTOML" 1 => |e: &mut Evaluator<'_>, a: &[ThunkId]| {
        let text = text_at(e, a[0])?;
        super::toml::parsed(e, &text)
    };
};

fn path_of(e: &mut Evaluator<'_>, thunk: ThunkId) -> Result<PathBuf, Value> {
    let value = e.force(thunk);
    e.as_path(&value).ok_or_else(|| Value::unknown(value.why()))
}

fn not_in_tree(path: &Path) -> Value {
    Value::unknown(Why::NotInTree(path.display().to_string().into()))
}

/// `lib.filesystem.listFilesRecursive`: depth first, each folder in the order of its names.
fn list_files_recursive(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let mut found: Vec<ThunkId> = Vec::new();
    let mut pending = vec![(path_of(e, a[0])?, EntryKind::Directory)];
    while let Some((path, kind)) = pending.pop() {
        if kind != EntryKind::Directory {
            found.push(e.done(Value::bare(Kind::Path(path.into()))));
            continue;
        }
        let entries = e.read_dir(&path).ok_or_else(|| not_in_tree(&path))?;
        pending.extend(entries.into_iter().rev().map(|(name, kind)| (path.join(name), kind)));
        e.can_hold(found.len() + pending.len()).map_err(Value::unknown)?;
    }
    Ok(Value::list(found))
}

fn has_kind(e: &mut Evaluator<'_>, path: ThunkId, wanted: EntryKind) -> Answer {
    let path = path_of(e, path)?;
    match e.entry(&path) {
        Some(kind @ (EntryKind::File | EntryKind::Directory)) => Ok(Value::bool(kind == wanted)),
        None if !e.is_skipped(&path) => Ok(Value::bool(false)),
        _ => Err(not_in_tree(&path)),
    }
}

fn text_at(e: &mut Evaluator<'_>, path: ThunkId) -> Result<Arc<str>, Value> {
    let path = path_of(e, path)?;
    e.read_text(&path).map_err(|_| not_in_tree(&path))
}
