//! What stands in an expression, whatever its environment: what it looks up outside, which files it
//! imports, and whether a function in it is worth a call.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::callee::called_name;
use super::outline::Outline;
use super::unbound::application_head;
use crate::eval::{LookUp, Program, Site, Summarise, Summary};
use crate::hir::{Expr, ExprId, File, Key, Name, PathAnchor, ScopeId, StrPart, Variable};
use crate::source::FileId;

/// Names of functions whose call brings something into the tree: files, package sets, configurations.
const THAT_BRING: [&str; 17] = [
    "appendOverlays",
    "callPackage",
    "callPackageWith",
    "callPackages",
    "darwinSystem",
    "evalConfig",
    "evalModules",
    "extend",
    "extendModules",
    "getFlake",
    "homeManagerConfiguration",
    "import",
    "importModule",
    "newScope",
    "nixosSystem",
    "nixosTest",
    "scopedImport",
];

/// An expression that looks up more is not followed: something will be worth a look.
const MAX_LOOK_UPS: usize = 256;

/// Threads seldom want the same of so many.
const TABLES: usize = 32;

/// What stands in the expressions that some unit asked for.
#[derive(Default)]
pub(super) struct Summaries([Mutex<FxHashMap<Site, Arc<Summary>>>; TABLES]);

impl Summaries {
    /// What stands in the expression at `site`, which `make` finds out if nobody has.
    pub fn get_or_make(&self, site: Site, make: impl FnOnce() -> Summary) -> Arc<Summary> {
        let table = &self.0[site.file.index() % TABLES];
        let table = || table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table().get(&site) {
            return Arc::clone(known);
        }
        let made = Arc::new(make());
        table().insert(site, Arc::clone(&made));
        made
    }

    fn forget(&self) {
        for table in &self.0 {
            std::mem::take(&mut *table.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// What makes an expression worth a look: it is told of whether there is such a thing in it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Worth {
    /// Whatever a fact is made of.
    Facts,
    /// What brings something into a configuration, which is found where it is evaluated for it.
    Bringing,
}

impl Worth {
    /// Whether a call in `hir` that facts are made of counts.
    fn is_met_by(self, hir: &File, call: ExprId) -> bool {
        let brings = || {
            called_name(hir, application_head(hir, call))
                .is_none_or(|name| THAT_BRING.contains(&name.as_str()))
        };
        self == Worth::Facts || brings()
    }
}

/// What stands in the expressions of a program, for one purpose.
pub(super) struct Telling<'o> {
    worth: Worth,
    /// Where in a file it stands; none for one purpose, which names decide alone.
    outlines: &'o [Option<Arc<Outline>>],
    names: Arc<TellingNames>,
    summaries: Summaries,
}

/// Names by which functions can be had that are worth a call, in any file.
#[derive(Clone, Debug, Default)]
pub(super) struct TellingNames(FxHashSet<Name>);

impl<'o> Telling<'o> {
    /// What may show anything that facts are made of: where `outlines` say so, and by these names.
    pub fn of_facts(outlines: &'o [Option<Arc<Outline>>], names: Arc<TellingNames>) -> Telling<'o> {
        Telling::new(Worth::Facts, outlines, names)
    }

    /// What may bring something into a configuration, by these names.
    pub fn that_brings(names: Arc<TellingNames>) -> Telling<'o> {
        Telling::new(Worth::Bringing, &[], names)
    }

    /// Where everything is evaluated, and nobody asks.
    pub fn unasked() -> Telling<'o> {
        Telling::new(Worth::Facts, &[], Arc::default())
    }

    fn new(
        worth: Worth,
        outlines: &'o [Option<Arc<Outline>>],
        names: Arc<TellingNames>,
    ) -> Telling<'o> {
        Telling { worth, outlines, names, summaries: Summaries::default() }
    }

    /// Forgets what was found out so far, which is found out again for whoever asks.
    pub fn forget(&self) {
        self.summaries.forget();
    }
}

impl Summarise for Telling<'_> {
    fn summary(&self, hir: &File, site: Site) -> Arc<Summary> {
        let outline = self.outlines.get(site.file.index()).and_then(Option::as_deref);
        let telling = outline.map_or(&[][..], |outline| &outline.telling);
        self.summaries.get_or_make(site, || Reader::summary(hir, site.expr, telling, self))
    }

    fn is_telling(&self, name: Name, asked: &mut FxHashSet<Name>) -> bool {
        self.names.contain(name, asked)
    }

    fn is_telling_outside(&self, name: Name) -> bool {
        THAT_BRING.contains(&name.as_str())
    }
}

impl TellingNames {
    /// Those that are known whatever files say.
    pub fn that_bring() -> TellingNames {
        TellingNames(THAT_BRING.iter().map(|name| Name::new(name)).collect())
    }

    /// Those and what the files of `program` say.
    pub fn of(
        program: Program<'_>,
        outlines: &[Option<Arc<Outline>>],
        worth: Worth,
    ) -> TellingNames {
        let mut names = TellingNames::that_bring();
        for (index, outline) in outlines.iter().enumerate() {
            let Some(outline) = outline.as_ref().filter(|outline| !outline.telling.is_empty())
            else {
                continue;
            };
            let Some(hir) = program.file(FileId::from_index(index)) else { continue };
            names.learn(hir, outline, worth, |_| {});
        }
        names
    }

    /// Takes up the names of the definitions in `hir` that have a function worth a call in them, and tells
    /// which are new.
    pub fn learn(
        &mut self,
        hir: &File,
        outline: &Outline,
        worth: Worth,
        mut is_new: impl FnMut(Name),
    ) {
        for expr in outline.telling.iter().filter(|expr| worth.is_met_by(hir, **expr)) {
            for name in names_of_functions_around(hir, *expr) {
                if self.0.insert(name) {
                    is_new(name);
                }
            }
        }
    }

    /// Whether `name` is one of them. Nothing is noted.
    pub fn know(&self, name: Name) -> bool {
        self.0.contains(&name)
    }

    /// Whether `name` is one of them; it is noted that this was `asked`.
    pub fn contain(&self, name: Name, asked: &mut FxHashSet<Name>) -> bool {
        asked.insert(name);
        self.0.contains(&name)
    }

    /// The names that are in one and not in the other.
    pub fn other_than(&self, before: &TellingNames) -> FxHashSet<Name> {
        self.0.symmetric_difference(&before.0).copied().collect()
    }
}

/// The names of the definitions around `expr` that have a function between them and it.
fn names_of_functions_around(hir: &File, expr: ExprId) -> impl Iterator<Item = Name> {
    let mut in_function = false;
    let around = std::iter::once(expr).chain(hir.ancestors(expr));
    around.filter_map(move |expr| {
        in_function |= matches!(hir.expr(expr), Expr::Lambda(_));
        let (_, definition) = hir.definition_of(expr).filter(|_| in_function)?;
        Some(definition.name)
    })
}

/// Reads one expression.
struct Reader<'r> {
    hir: &'r File,
    /// For what it is read.
    purpose: &'r Telling<'r>,
    /// What is worth a look in the file, sorted.
    telling: &'r [ExprId],
    /// The scope that the expression stands in.
    scope: ScopeId,
    found: Summary,
}

impl<'r> Reader<'r> {
    /// What stands in `expr`, a part of `hir`; `telling` are the expressions in the file that are
    /// worth a closer look, sorted.
    fn summary(
        hir: &'r File,
        expr: ExprId,
        telling: &'r [ExprId],
        purpose: &'r Telling<'r>,
    ) -> Summary {
        let scope = hir.scope_of(expr);
        let mut reader = Reader { hir, purpose, telling, scope, found: Summary::default() };
        reader.read(expr);
        reader.found
    }

    fn look_up(&mut self, name: LookUp) {
        let found = &mut self.found;
        if !found.looks_up.contains(&name) {
            found.looks_up.push(name);
        }
        found.tells |= found.looks_up.len() > MAX_LOOK_UPS;
    }

    fn read(&mut self, whole: ExprId) {
        let mut waiting = vec![(whole, false)];
        while let Some((expr, in_function)) = waiting.pop() {
            if self.found.tells {
                return;
            }
            let hir = self.hir;
            let in_function = in_function || matches!(hir.expr(expr), Expr::Lambda(_));
            // What stands in no function is looked at wherever it stands.
            self.found.tells |= in_function && self.telling.binary_search(&expr).is_ok();
            self.read_one(expr);
            hir.expr(expr).for_each_part(&mut |part| waiting.push((part, in_function)));
        }
    }

    fn read_one(&mut self, expr: ExprId) {
        match self.hir.expr(expr) {
            Expr::Variable(variable) => self.variable(expr, variable),
            Expr::Select { base, path, .. } => {
                // What is selected from a name outside is looked up, as far as its names are written.
                let looked_up = if self.is_outside(*base) { written(path).count() } else { 0 };
                for key in &path[looked_up..] {
                    if let Key::Name(name, _) = key {
                        self.telling_name(*name);
                    }
                }
            }
            // A set with a package may be that of a program or service.
            Expr::Attrs(attrs) if self.purpose.worth == Worth::Facts => {
                self.found.tells |= attrs.get(Name::new("package")).is_some();
            }
            _ => {}
        }
    }

    fn telling_name(&mut self, name: Name) {
        self.found.tells |= self.purpose.names.contain(name, &mut self.found.asked);
    }

    fn variable(&mut self, expr: ExprId, variable: &Variable) {
        match variable {
            Variable::Local { depth, slot, .. } => {
                if let Some(depth) = self.outside(expr, *depth) {
                    self.look_up(LookUp { depth, slot: *slot, path: self.selected(expr) });
                }
            }
            Variable::Builtin(name) if *name == "import" => match self.imported(expr) {
                Some(path) => self.found.imports.push(path),
                None => self.found.tells = true,
            },
            Variable::Builtin(name) => self.telling_name(*name),
            Variable::Dynamic { name, withs } => {
                for depth in withs.iter() {
                    match self.outside(expr, *depth) {
                        Some(depth) => {
                            self.look_up(LookUp { depth, slot: 0, path: vec![*name] });
                        }
                        None => self.telling_name(*name),
                    }
                }
            }
        }
    }

    /// How many frames up of the whole a frame is that is `depth` frames up of `expr`; `None` for one
    /// that the whole opens itself.
    fn outside(&self, expr: ExprId, mut depth: u32) -> Option<u32> {
        let mut scope = self.hir.scope_of(expr);
        while scope != self.scope {
            depth = depth.checked_sub(1)?;
            scope = self.hir.scope(scope).parent?;
        }
        Some(depth)
    }

    /// Whether `base` is a name from outside.
    fn is_outside(&self, base: ExprId) -> bool {
        match self.hir.expr(base) {
            Expr::Variable(Variable::Local { depth, .. }) => self.outside(base, *depth).is_some(),
            _ => false,
        }
    }

    /// What is selected from the name at `expr`, as far as that is written.
    fn selected(&self, expr: ExprId) -> Vec<Name> {
        let Some(parent) = self.hir.parent(expr) else { return Vec::new() };
        match self.hir.expr(parent) {
            Expr::Select { base, path, .. } if *base == expr => written(path).collect(),
            _ => Vec::new(),
        }
    }

    /// The path that the `import` at `expr` imports, where it is written out.
    fn imported(&self, expr: ExprId) -> Option<String> {
        let Expr::Apply { function, argument } = self.hir.expr(self.hir.parent(expr)?) else {
            return None;
        };
        let Expr::Path(path) = self.hir.expr(*argument) else { return None };
        match (&*path.parts, path.anchor) {
            ([StrPart::Text(text)], PathAnchor::Relative) if *function == expr => {
                Some(text.to_string())
            }
            _ => None,
        }
    }
}

/// The names that `path` begins with.
fn written(path: &[Key]) -> impl Iterator<Item = Name> {
    path.iter().map_while(|key| match key {
        Key::Name(name, _) => Some(*name),
        Key::Dynamic(_) => None,
    })
}
