//! Fetches without a hash or commit, and lookup paths in what flakes evaluate.

use super::Collector;
use super::callee::{called_name, is_builtin};
use super::conditions::Reach;
use crate::eval::{EnvId, Kind, Piece, Site, Value};
use crate::facts::{LookupPath, Unpinned, UnpinnedFetch};
use crate::hir::{Expr, ExprId, File, PathAnchor, StrPart};
use crate::source::{FileId, Span};

/// How many letters a commit has.
const COMMIT: usize = 40;

impl Collector<'_, '_> {
    /// Keeps `<nixpkgs>` where a flake evaluates it: asked before anything but flakes was evaluated.
    pub(super) fn collect_lookup_paths(&mut self) {
        let mut files: Vec<FileId> = self.evaluator.reads().iter().copied().collect();
        files.sort_unstable();
        for file in files {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            for expr in hir.expr_ids() {
                let Some(path) = lookup_path(hir, expr) else { continue };
                let site = Site { file, expr };
                if is_default(hir, expr) || self.reached_env(site).is_none() {
                    continue;
                }
                let place = Span::new(file, hir.range(expr));
                self.facts.lookup_paths.push(LookupPath { path, place });
            }
        }
    }

    /// Keeps the fetches that nothing pins.
    pub(super) fn collect_fetches(&mut self) {
        for file in self.tree().files().to_vec() {
            let Some(hir) = self.evaluator.program().file(file) else { continue };
            let fetching = &self.knowledge.fetching;
            let mut names = fetching
                .builtins
                .rows()
                .iter()
                .chain(fetching.fetchers.rows())
                .flat_map(|row| &row.names);
            if !names.any(|name| hir.mentions(name.as_str().into())) {
                continue;
            }
            for expr in hir.expr_ids() {
                let found = self.unpinned_fetch(hir, Site { file, expr });
                self.facts.unpinned_fetches.extend(found);
            }
        }
    }

    fn unpinned_fetch(&mut self, hir: &File, site: Site) -> Option<UnpinnedFetch> {
        let Expr::Apply { function, argument } = hir.expr(site.expr) else { return None };
        let name = called_name(hir, *function)?.to_string();
        let fetching = &self.knowledge.fetching;
        let pins = fetching
            .builtins
            .get(&[&name])
            .filter(|_| is_builtin(hir, *function))
            .map(|row| row.pins.clone());
        if pins.is_none() && fetching.fetchers.get(&[&name]).is_none() {
            return None;
        }
        let env = self.reached_env(site)?;
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
        let is_branch = bare.is_some() || self.knowledge.fetching.branches.get(&[name]).is_some();
        let name = bare.unwrap_or(name).to_owned();
        is_branch.then_some((name, value.origin.literal().or(slot.key)?))
    }

    /// An environment in which `site` is surely evaluated.
    fn reached_env(&mut self, site: Site) -> Option<EnvId> {
        self.evaluator.refuel();
        let envs = self.environments(site, 1);
        envs.into_iter().find(|env| matches!(self.reach(site, *env), Reach::Reached(_)))
    }
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
