//! The folder of the tree that a source is: a path, the flake itself, or what functions that filter
//! little or nothing make of one.

use std::path::{Path, PathBuf};

use super::{is_flake_set, is_flake_symbol, local};
use crate::eval::{EnvId, Kind, Piece, Root, Site, Symbol, ThunkId, Value};
use crate::facts::collect::Collector;
use crate::facts::{Read, ReadOf};
use crate::hir::{Expr, ExprId, File, Key, Name, Variable};
use crate::source::EntryKind;

/// A source is followed through at most this many names and calls.
const MAX_STEPS: u32 = 12;

/// A folder that a source is.
struct Folder {
    path: PathBuf,
    cleaned: bool,
    part: bool,
}

impl Collector<'_, '_> {
    /// The folder of the tree that a source is.
    pub(super) fn source(&mut self, value: ThunkId) -> Option<Read> {
        let (site, env) = self.evaluator.expression_of(value)?;
        let place = self.evaluator.program().span(site)?;
        let folder = self.folder_at(site, env, MAX_STEPS)?;
        let path = folder.path.display().to_string();
        let what = ReadOf::Folder { path, cleaned: folder.cleaned, part: folder.part };
        Some(Read { what, place })
    }

    fn folder_at(&mut self, site: Site, env: EnvId, steps: u32) -> Option<Folder> {
        let steps = steps.checked_sub(1)?;
        let hir = self.evaluator.program().file(site.file)?;
        let part = |expr: ExprId| Site { file: site.file, expr };
        match hir.expr(site.expr) {
            Expr::Let { attrs, body } => {
                let inner =
                    attrs.scope.map_or(env, |scope| self.evaluator.open(site.file, scope, env));
                return self.folder_at(part(*body), inner, steps);
            }
            Expr::With { scope, body, .. } => {
                let inner = self.evaluator.open(site.file, *scope, env);
                return self.folder_at(part(*body), inner, steps);
            }
            Expr::Variable(Variable::Local { depth, slot, .. }) => {
                let thunk = local(self, env, *depth, *slot)?;
                if let Some((site, env)) = self.evaluator.expression_of(thunk) {
                    return self.folder_at(site, env, steps);
                }
            }
            Expr::Apply { function, argument } => {
                return self.cleaned_folder(hir, site, *function, *argument, env, steps);
            }
            _ => {}
        }
        let value = self.evaluator.evaluate(site, env);
        self.folder_of(&value)
    }

    /// What a function that filters little or nothing makes of its argument.
    fn cleaned_folder(
        &mut self,
        hir: &File,
        site: Site,
        function: ExprId,
        argument: ExprId,
        env: EnvId,
        steps: u32,
    ) -> Option<Folder> {
        let name = function_name(hir, function)?;
        let argument = Site { file: site.file, expr: argument };
        match name.as_str() {
            "cleanSource" => {
                let folder = self.folder_at(argument, env, steps)?;
                Some(Folder { cleaned: true, ..folder })
            }
            "path" | "cleanSourceWith" => {
                let given = self.evaluator.evaluate(argument, env);
                let is_flake = flake_folder(self, &given).is_some();
                let Some(set) = given.as_attrs().filter(|_| !is_flake).cloned() else {
                    // crane's `path` takes a path as it is.
                    return self.folder_at(argument, env, steps);
                };
                if set.rest.is_some() || set.get("filter".into()).is_some() {
                    return None;
                }
                let key = if name == "path" { "path" } else { "src" };
                let value = set.get(key.into())?.value;
                let (site, env) = self.evaluator.expression_of(value)?;
                self.folder_at(site, env, steps)
            }
            _ => None,
        }
    }

    fn folder_of(&mut self, value: &Value) -> Option<Folder> {
        let whole = |path: PathBuf| Folder { path, cleaned: false, part: false };
        if let Some(path) = flake_folder(self, value) {
            return Some(whole(path));
        }
        match &value.kind {
            Kind::Path(path) => (self.evaluator.entry(path) == Some(EntryKind::Directory)
                || path.as_os_str().is_empty())
            .then(|| whole(path.to_path_buf())),
            Kind::Str(text) => match text.pieces.as_slice() {
                [Piece::Hole(inner)] => self.folder_of(&inner.clone()),
                [Piece::Hole(inner), Piece::Text(rest)] if rest.starts_with('/') => {
                    let folder = self.folder_of(&inner.clone())?;
                    Some(Folder { part: true, ..folder })
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The last name of the function that is called.
fn function_name(hir: &File, function: ExprId) -> Option<Name> {
    match hir.expr(function) {
        Expr::Select { path, .. } => match path.last()? {
            Key::Name(name, _) => Some(*name),
            Key::Dynamic(_) => None,
        },
        Expr::Variable(variable) => Some(variable.name()),
        _ => None,
    }
}

/// The folder of the flake that a value is.
fn flake_folder(collector: &mut Collector<'_, '_>, value: &Value) -> Option<PathBuf> {
    match &value.kind {
        Kind::Attrs(set) if is_flake_set(set) => {
            let place = collector.evaluator.force(set.get("outPath".into())?.value);
            path_in(collector, &place)
        }
        Kind::Symbol(symbol) if is_flake_symbol(symbol) => match &**symbol {
            Symbol::Root(Root::Own(file)) => {
                Some(collector.tree().path(*file).parent().unwrap_or(Path::new("")).to_path_buf())
            }
            // A file that nothing in the tree calls speaks of the flake that it lies in.
            _ => collector.evaluator.file_at(Path::new("flake.nix")).map(|_| PathBuf::new()),
        },
        _ => None,
    }
}

/// The path that a place is; of an open set it may be another, for all that is known.
fn path_in(collector: &mut Collector<'_, '_>, place: &Value) -> Option<PathBuf> {
    match &place.kind {
        Kind::Path(path) => Some(path.to_path_buf()),
        Kind::Choice(choice) => {
            let (then, otherwise) = (choice.then, choice.otherwise);
            [then, otherwise].into_iter().find_map(|side| {
                let side = collector.evaluator.force(side);
                match side.kind {
                    Kind::Path(path) => Some(path.to_path_buf()),
                    _ => None,
                }
            })
        }
        _ => None,
    }
}
