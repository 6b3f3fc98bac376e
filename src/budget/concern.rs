//! The one thing to say of what an override costs, however many could be said.
//!
//! An override of `openssl` in an overlay that turns its tests off leaves the cache for the sake of
//! tests, compiles thousands of packages anew, and is perhaps of a package that takes hours. Whoever
//! reads all of that three times reads none of it. So each override has at most one [`Concern`], and
//! the rules about costs each tell of their own. The order, the first that holds:
//!
//! 1. [`Concern::Engine`]: the engine of a browser is compiled;
//! 2. [`Concern::MassRebuild`]: an overlay redefines what much of nixpkgs is built with;
//! 3. [`Concern::Checks`]: nothing but tests changes;
//! 4. [`Concern::Wrapping`]: what takes long to compile is compiled to be wrapped;
//! 5. [`Concern::Heavy`]: what takes very long is compiled;
//! 6. [`Concern::Other`]: it leaves the cache, and no figure is known.
//!
//! Rules that are about one attribute and whether it does what it says stand beside this: they tell
//! something else.

use super::asked::{self, Asked};
use super::kinds;
use super::work::{self, Work};
use crate::config::Config;
use crate::facts::{Change, Facts, Method, OverrideSite, Package, Redefinition};
use crate::knowledge::{Cost, EngineFamily, Knowledge, MassRebuild, PackageClass, Reach};
use crate::source::Tree;

/// What to say of the cost of an override.
#[derive(Clone, Copy, Debug)]
pub enum Concern<'k> {
    /// It compiles the engine of a browser, or may do so.
    Engine,
    /// It redefines, in an overlay, what many packages are built with.
    MassRebuild {
        /// What is rebuilt.
        row: &'k MassRebuild,
        /// Only if the version that the name tells is the default one.
        if_default: bool,
    },
    /// It changes only how the package is tested.
    Checks(Option<Cost<'k>>),
    /// It only wraps what takes this long to compile.
    Wrapping(Cost<'k>),
    /// It compiles what takes this long.
    Heavy(Cost<'k>),
    /// It gives another derivation than the one that a binary cache has.
    Other,
}

/// What overrides are judged by.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The tables.
    pub knowledge: &'a Knowledge,
    /// What the tree says.
    pub facts: &'a Facts,
}

impl<'a> Judge<'a> {
    /// The concern of `site`; `None` where it is of no package of nixpkgs, leaves the derivation as
    /// it was, stands aside, or is but a part of a chain, of which the last override tells all.
    pub fn concern(&self, site: &'a OverrideSite) -> Option<Concern<'a>> {
        if site.call.is_aside {
            return None;
        }
        let package = site.package.as_ref().filter(|package| package.is_stock())?;
        let path = package.lookup_path();
        let is_builder = self.knowledge.builder(&path).is_some();
        // Of pkgsStatic, pkgsi686Linux and their like no cache has much.
        let is_variant = matches!(path.as_slice(), [set, _, ..] if set.starts_with("pkgs"));
        if is_builder || is_variant || work::is_chained_onto(self.facts, site) {
            return None;
        }
        let chain = self.chain(site);
        let works =
            chain.iter().map(|site| work::work_of_override(self.knowledge, self.facts, site));
        let works: Vec<Work> = works.collect();
        let may_be_default =
            |change: &Change| work::may_be_default(self.knowledge, package, change);
        let is_as_it_was = chain.iter().zip(&works).all(|(site, work)| {
            matches!(work, Work::Nothing | Work::Metadata)
                || site.method == Method::Override
                    && !site.open
                    && site.changes.iter().all(may_be_default)
        });
        if is_as_it_was {
            return None;
        }
        if self.reaches_engine(&chain, package) {
            return Some(Concern::Engine);
        }
        // An interpreter with other packages around it is the interpreter it was.
        let is_rebuilt = works.iter().any(|work| matches!(work, Work::Compiles | Work::Unclear));
        if is_rebuilt && let Some(concern) = self.mass_rebuild(&chain) {
            return Some(concern);
        }
        let cost = self.cost(&chain, package);
        let changing = || chain.iter().filter(|site| !work::changes_only_metadata(site));
        if changing().all(|site| kinds::only_checks(self.knowledge, site))
            && !self.is_cheap(package)
        {
            return Some(Concern::Checks(cost));
        }
        let takes = |cost: &Cost<'_>, seconds: u64| cost.hours.high * 3600.0 > seconds as f64;
        let limits = &self.knowledge.limits;
        let compiles = works.contains(&Work::Compiles);
        Some(match cost.filter(|_| compiles) {
            Some(cost)
                if takes(&cost, limits.lengthy.seconds)
                    && changing()
                        .all(|site| kinds::only_wraps(self.tree, self.knowledge, site)) =>
            {
                Concern::Wrapping(cost)
            }
            Some(cost)
                if takes(&cost, limits.heavy.seconds) && !self.may_be_fetched(&chain, package) =>
            {
                Concern::Heavy(cost)
            }
            _ => Concern::Other,
        })
    }

    /// Whether the engine of a browser is compiled, or may be.
    fn reaches_engine(&self, chain: &[&OverrideSite], package: &Package) -> bool {
        let path = package.lookup_path();
        let engine = self.knowledge.browser(&path).and_then(|it| self.knowledge.engine(it));
        let reaches = |site: &&OverrideSite| {
            let reach = work::browser_reach(self.knowledge, site);
            matches!(reach, Reach::Engine | Reach::Unknown)
        };
        engine.is_some_and(|it| it.family != EngineFamily::Other) && chain.iter().any(reaches)
    }

    /// `site` and the overrides below it that change something.
    fn chain(&self, site: &'a OverrideSite) -> Vec<&'a OverrideSite> {
        let inner = work::inner_overrides(self.facts, site);
        let changes = |site: &&OverrideSite| !work::changes_nothing(site);
        std::iter::once(site).chain(inner).filter(changes).collect()
    }

    /// What compiling the package takes with the arguments that a chain of overrides turns on.
    fn cost(&self, chain: &[&OverrideSite], package: &Package) -> Option<Cost<'a>> {
        let path = package.lookup_path();
        let row = self.knowledge.package(&path).filter(|row| row.class.compiles())?;
        let changes = chain.iter().flat_map(|site| &site.changes);
        let on = changes.filter(|change| work::is_on(&change.value));
        let arguments: Vec<&str> = on.map(|change| change.name.as_str()).collect();
        Some(row.cost_with(&arguments))
    }

    /// Whether a cache that the tree asks builds the variant that the chain makes, and may have it.
    fn may_be_fetched(&self, chain: &[&OverrideSite], package: &Package) -> bool {
        let what = asked::variant(self.knowledge, chain, package);
        what.is_some_and(|what| {
            matches!(asked::asked(self.knowledge, self.facts, what), Asked::Yes(_))
        })
    }

    fn is_cheap(&self, package: &Package) -> bool {
        let row = self.knowledge.package(&package.lookup_path());
        row.is_some_and(|row| row.class != PackageClass::Compiled)
    }

    /// What is rebuilt where the chain makes what an overlay defines anew, in a scope such as Python's
    /// packages too: what the rule mass-rebuild-overlay tells of, by the same facts.
    fn mass_rebuild(&self, chain: &[&OverrideSite]) -> Option<Concern<'a>> {
        let changes = |site: &&&OverrideSite| !work::changes_only_metadata(site);
        let changing: Vec<&OverrideSite> = chain.iter().filter(changes).copied().collect();
        let is_elsewhere =
            || changing.iter().any(|site| kinds::is_for_unusual_platform(self.tree, site));
        let makes = |it: &&Redefinition| {
            it.is_shared()
                && chain.iter().any(|site| it.is_made_by(site))
                && (it.is_certain(&changing) || !is_elsewhere())
        };
        self.facts.redefinitions.iter().filter(makes).find_map(|redefinition| {
            let path: Vec<&str> = redefinition.path.iter().map(String::as_str).collect();
            let row = self.knowledge.tier(&path)?;
            let if_default = row.only_if_default(&path);
            let is_harmless = self.knowledge.harmless.get(&path).is_some();
            (!is_harmless).then_some(Concern::MassRebuild { row, if_default })
        })
    }
}

/// Whether `frugix.toml` says that overrides of `package` are wanted: by its path, its last name, or
/// the name that its unwrapped form goes by.
pub fn is_kept(config: &Config, package: &Package) -> bool {
    let whole = package.name();
    let last = package.path.last().map_or(whole.as_str(), String::as_str);
    let of = match package.path.as_slice() {
        [.., of, unwrapped] if unwrapped == "unwrapped" => of,
        _ => last.strip_suffix("-unwrapped").unwrap_or(last),
    };
    config.overrides.keep.iter().any(|kept| [whole.as_str(), last, of].contains(&kept.as_str()))
}
