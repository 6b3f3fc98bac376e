//! Fetches without a hash or commit, and lookup paths in what flakes evaluate.

use super::Collector;
use super::callee::{called_name, is_builtin};
use super::conditions::Reach;
use super::fragment::{Rank, Sighting};
use crate::eval::{EnvId, Kind, Piece, Site, Value};
use crate::facts::{LookupPath, Unpinned, UnpinnedFetch};
use crate::hir::{Expr, ExprId, File, PathAnchor, StrPart};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Span};

/// How many letters a commit has.
const COMMIT: usize = 40;

impl Collector<'_, '_> {
    /// Keeps `<nixpkgs>` in `files`, where a flake evaluates it.
    pub(super) fn collect_lookup_paths(&mut self, files: &[FileId]) {
        for file in files {
            let Some(outline) = self.basis.outline(*file) else { continue };
            for (expr, path) in &outline.lookups {
                let site = Site { file: *file, expr: *expr };
                let Some((rank, env)) = self.surveyed(site) else { continue };
                let place = self.evaluator.program().span(site);
                let fact = env.and(place).map(|place| LookupPath { path: path.clone(), place });
                self.lookups.push(Sighting { site, rank, fact });
            }
        }
    }

    /// Keeps the fetches in `file` that nothing pins.
    pub(super) fn collect_fetches(&mut self, file: FileId) {
        let Some(hir) = self.evaluator.program().file(file) else { return };
        let Some(outline) = self.basis.outline(file) else { return };
        for expr in &outline.fetches {
            let site = Site { file, expr: *expr };
            let Some((rank, env)) = self.surveyed(site) else { continue };
            let fact = env.and_then(|env| self.unpinned_fetch(hir, site, env));
            self.fetches.push(Sighting { site, rank, fact });
        }
    }

    fn unpinned_fetch(&mut self, hir: &File, site: Site, env: EnvId) -> Option<UnpinnedFetch> {
        let Expr::Apply { function, argument } = hir.expr(site.expr) else { return None };
        let name = called_name(hir, *function)?.to_string();
        let builtins = &self.basis.knowledge.fetching.builtins;
        let row = builtins.get(&[&name]).filter(|_| is_builtin(hir, *function));
        let pins = row.map(|row| row.pins.clone());
        let value = self.evaluator.evaluate(Site { expr: *argument, ..site }, env);
        let unpinned = match pins {
            Some(pins) => self.is_unpinned(&value, &pins).then_some(Unpinned::NothingGiven(pins)),
            None => self.branch(&value).map(|(name, place)| Unpinned::Branch(name, place)),
        }?;
        let place = Span::new(site.file, hir.range(site.expr));
        Some(UnpinnedFetch { fetcher: name, place, unpinned })
    }

    /// Whether a fetch with this argument surely has none of `pins`.
    fn is_unpinned(&mut self, argument: &Value, pins: &[String]) -> bool {
        match &argument.kind {
            Kind::Str(_) => is_moving(argument),
            Kind::Attrs(set) if set.rest.is_none() => {
                let set = set.clone();
                if pins.iter().any(|pin| set.get(pin.as_str().into()).is_some()) {
                    return false;
                }
                let url = set.get("url".into()).map(|slot| self.evaluator.force(slot.value));
                url.is_some_and(|url| is_moving(&url))
            }
            _ => false,
        }
    }

    /// The branch that a fetch with this argument gives as `rev`.
    fn branch(&mut self, argument: &Value) -> Option<(String, Span)> {
        let slot = *argument.as_attrs()?.get("rev".into())?;
        let value = self.evaluator.force(slot.value);
        let name = value.as_str()?;
        let bare = name.strip_prefix("refs/heads/");
        let is_branch =
            bare.is_some() || self.basis.knowledge.fetching.branches.get(&[name]).is_some();
        let name = bare.unwrap_or(name).to_owned();
        is_branch.then_some((name, value.origin.literal().or(slot.key)?))
    }

    /// How well the environment of `site` is known, and the environment, where `site` is surely
    /// evaluated in it.
    fn surveyed(&mut self, site: Site) -> Option<(Rank, Option<EnvId>)> {
        self.evaluator.refuel();
        let env = self.own_environments(site, 1).first().copied()?;
        let rank = self.rank(site.file, env);
        let is_reached = matches!(self.reach(site, env), Reach::Reached(_));
        Some((rank, is_reached.then_some(env)))
    }
}

/// The lookup paths in a file, but for what a caller may give instead.
pub(super) fn lookups_in(hir: &File) -> Vec<(ExprId, String)> {
    let lookup = |expr| Some((expr, lookup_path(hir, expr)?));
    hir.expr_ids().filter_map(lookup).filter(|(expr, _)| !is_default(hir, *expr)).collect()
}

/// The names of all that fetches: without one of them, a file has no such call.
pub(super) fn words(knowledge: &Knowledge) -> impl Iterator<Item = &str> {
    let fetching = &knowledge.fetching;
    let rows = fetching.builtins.rows().iter().chain(fetching.fetchers.rows());
    rows.flat_map(|row| &row.names).map(String::as_str)
}

/// The calls in a file that may fetch something.
pub(super) fn fetches_in(hir: &File, knowledge: &Knowledge) -> Vec<ExprId> {
    let fetching = &knowledge.fetching;
    let is_fetch = |expr: &ExprId| {
        let Expr::Apply { function, .. } = hir.expr(*expr) else { return false };
        called_name(hir, *function).is_some_and(|name| {
            let name = name.to_string();
            let is_known = |row: Option<_>| row.is_some();
            is_known(fetching.fetchers.get(&[&name]))
                || is_known(fetching.builtins.get(&[&name])) && is_builtin(hir, *function)
        })
    };
    hir.expr_ids().filter(is_fetch).collect()
}

/// Whether an address is one of the web and names no commit.
fn is_moving(url: &Value) -> bool {
    let Kind::Str(text) = &url.kind else { return false };
    let is_whole = !text.pieces.iter().any(|piece| matches!(piece, Piece::Hole(_)));
    let Some(url) = url.as_str().filter(|_| is_whole) else { return false };
    let is_of_the_web = ["http://", "https://", "git://", "ssh://", "git+https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    let mut words = url.split(|char: char| !char.is_ascii_hexdigit());
    is_of_the_web && !words.any(|word| word.len() == COMMIT)
}

fn lookup_path(hir: &File, expr: ExprId) -> Option<String> {
    let Expr::Path(path) = hir.expr(expr) else { return None };
    let [StrPart::Text(text)] = &*path.parts else { return None };
    let is_nixpkgs = &**text == "nixpkgs" || text.starts_with("nixpkgs/");
    (path.anchor == PathAnchor::Search && is_nixpkgs).then(|| text.to_string())
}

/// Whether `expr` is part of what a parameter is when the caller leaves it out.
fn is_default(hir: &File, expr: ExprId) -> bool {
    std::iter::once(expr).chain(hir.ancestors(expr)).any(|part| {
        hir.parent(part).is_some_and(|parent| match hir.expr(parent) {
            Expr::Lambda(lambda) => {
                lambda.fields.iter().flatten().any(|field| field.default == Some(part))
            }
            _ => false,
        })
    })
}
