//! Paths and imports, all inside the tree: nothing outside it is ever read.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::select::{is_nixpkgs, package_set};
use super::symbol::{PackageSet, Root, Symbol};
use super::text::Piece;
use super::{EnvId, Evaluator, Kind, Origin, Site, Text, ThunkId, Value, Why};
use crate::hir::{self, Name, PathAnchor};
use crate::source::{FileId, Span};

impl<'p> Evaluator<'p> {
    pub(super) fn path(
        &mut self,
        file: FileId,
        path: &'p hir::Path,
        env: EnvId,
        here: Span,
    ) -> Value {
        let text = self.string(file, &path.parts, env, here);
        let Some(written) = text.as_str() else {
            return Value::unknown(text.why());
        };
        let kind = match path.anchor {
            PathAnchor::Search => Kind::Symbol(Symbol::root(Root::SearchPath(Name::new(written)))),
            PathAnchor::Absolute | PathAnchor::Home => {
                Kind::Unknown(Why::NotInTree(written.into()))
            }
            PathAnchor::Relative => {
                let folder = self.program.tree.path(file).parent().unwrap_or(Path::new(""));
                inside(&folder.join(written))
            }
        };
        Value::new(kind, Origin::written(here))
    }

    /// The place in the tree that a value names: a path, a string that starts with one, a set or
    /// flake with an `outPath`.
    pub fn as_path(&mut self, value: &Value) -> Option<PathBuf> {
        match &value.kind {
            Kind::Path(path) => Some(PathBuf::clone(path)),
            Kind::Str(text) => {
                let (first, rest) = text.pieces.split_first()?;
                let Piece::Hole(start) = first else { return None };
                let start = self.as_path(start)?;
                let rest = match rest {
                    [] => "",
                    [Piece::Text(rest)] => rest.as_str(),
                    _ => return None,
                };
                match path_plus(&start, rest) {
                    Kind::Path(path) => Some(PathBuf::clone(&path)),
                    _ => None,
                }
            }
            Kind::Attrs(set) => {
                let path = set.get(Name::new("outPath"))?.value;
                let path = self.force(path);
                match path.kind {
                    Kind::Attrs(_) => None,
                    _ => self.as_path(&path),
                }
            }
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Root(Root::Own(flake)) => self.flake_roots.get(flake).cloned(),
                _ => None,
            },
            _ => None,
        }
    }

    /// `import value`.
    pub(super) fn import(&mut self, value: &Value) -> Value {
        if let Some(path) = self.as_path(value) {
            return self.import_path(&path);
        }
        match import_symbol(value) {
            Some(symbol) => Value::bare(Kind::Symbol(symbol)),
            None => Value::unknown(value.why()),
        }
    }

    /// The value of the file at `path`, or of its `default.nix` where it is a folder.
    pub fn import_path(&mut self, path: &Path) -> Value {
        match self.imported_file(path) {
            Some(file) => self.import_file(file),
            None => Value::unknown(Why::NotInTree(path.display().to_string().into())),
        }
    }

    /// The source that `import path` reads in `file`, for a path as it is written there.
    pub fn imported_from(&mut self, file: FileId, path: &str) -> Option<FileId> {
        let folder = self.program.tree.path(file).parent().unwrap_or(Path::new(""));
        match inside(&folder.join(path)) {
            Kind::Path(path) => self.imported_file(&path),
            _ => None,
        }
    }

    /// The value of `file`.
    pub fn import_file(&mut self, file: FileId) -> Value {
        self.note(file);
        match self.imported_value(file) {
            Some(value) => self.force(value),
            None => Value::unknown(Why::Syntax),
        }
    }

    /// The value of `file`, delayed; none where it cannot be parsed.
    pub(super) fn imported_value(&mut self, file: FileId) -> Option<ThunkId> {
        if let Some(known) = self.imported.get(&file) {
            return Some(*known);
        }
        let expr = self.program.file(file)?.root();
        let value = self.delayed(Site { file, expr }, EnvId::ROOT);
        self.imported.insert(file, value);
        Some(value)
    }
}

/// What importing something outside the tree gives.
fn import_symbol(value: &Value) -> Option<Arc<Symbol>> {
    let symbol = match &value.kind {
        Kind::Symbol(symbol) => symbol,
        Kind::Str(text) => match text.pieces.as_slice() {
            [Piece::Hole(hole)] => return import_symbol(hole),
            [Piece::Hole(hole), Piece::Text(rest)] => {
                let symbol = hole.as_symbol()?;
                return Some(Symbol::select(symbol, Name::new(rest)));
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(match &**symbol {
        Symbol::Root(Root::Input(name) | Root::Parameter(_, name) | Root::SearchPath(name))
            if is_nixpkgs(*name) && !name.as_str().contains('/') =>
        {
            Symbol::root(Root::Nixpkgs(package_set(*name)))
        }
        Symbol::Select(base, name) if *name == "outPath" || *name == "path" => match &**base {
            Symbol::Root(Root::Input(input)) if is_nixpkgs(*input) => {
                Symbol::root(Root::Nixpkgs(package_set(*input)))
            }
            Symbol::Root(Root::Packages(set)) => Symbol::root(Root::Nixpkgs(set.clone())),
            _ => Symbol::select(symbol, Name::new("import")),
        },
        Symbol::Select(_, name) if is_nixpkgs(*name) => {
            Symbol::root(Root::Nixpkgs(PackageSet::Other(*name)))
        }
        _ => Symbol::select(symbol, Name::new("import")),
    })
}

/// `path + text`.
pub(super) fn path_plus(path: &Path, text: &str) -> Kind {
    let mut joined = path.as_os_str().to_owned();
    joined.push(text);
    inside(Path::new(&joined))
}

/// The path relative to the root with `.` and `..` resolved, if it stays inside.
fn inside(path: &Path) -> Kind {
    let outside = || Kind::Unknown(Why::NotInTree(path.display().to_string().into()));
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir | Component::RootDir => {}
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir => {
                if !resolved.pop() {
                    return outside();
                }
            }
            Component::Prefix(_) => return outside(),
        }
    }
    Kind::Path(resolved.into())
}

/// The last piece of a text's path, for [`Kind::Path`] and plain strings alike.
pub(super) fn base_name(text: &Text) -> Option<&str> {
    let (last, before) = match text.pieces.split_last() {
        None => return Some(""),
        Some((Piece::Text(last), before)) => (last, before),
        Some((Piece::Hole(_), _)) => return None,
    };
    // Nix ignores one slash at the end, and only one.
    let last = last.strip_suffix('/').unwrap_or(last);
    match last.rsplit_once('/') {
        Some((_, name)) => Some(name),
        None if before.is_empty() => Some(last),
        None => None,
    }
}
