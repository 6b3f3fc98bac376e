//! What to do about an override, and why, in one sentence.

use super::{Cache, Expense, Kind, Verdict};
use crate::budget::concern::{Concern, Judge, is_kept};
use crate::budget::{asked, kinds, lost, neighbours};
use crate::config::Config;
use crate::facts::{ModuleKind, Origin, OverrideSite, Package};
use crate::knowledge::{Alternative, Knowledge};

/// An override as far as it has been looked at.
pub(super) struct Subject<'a> {
    pub judge: Judge<'a>,
    /// The outermost override, and those that it is chained onto.
    pub chain: &'a [&'a OverrideSite],
    pub kind: Kind,
    pub cache: Cache,
    pub concern: Option<Concern<'a>>,
    pub expense: Option<Expense>,
    /// Something is compiled for sure.
    pub compiles: bool,
    /// Nothing is.
    pub is_cheap: bool,
    /// It is a shell to work in.
    pub is_shell: bool,
}

impl<'a> Subject<'a> {
    /// The outermost override.
    fn site(&self) -> &'a OverrideSite {
        self.chain[0]
    }

    /// Whether any of the overrides gives `name`.
    fn gives(&self, name: &str) -> bool {
        self.chain.iter().any(|site| site.change(name).is_some())
    }
}

pub(super) fn judged(config: &Config, subject: &Subject<'_>) -> (Verdict, String) {
    let knowledge = subject.judge.knowledge;
    let site = subject.site();
    let (verdict, why) = match subject.kind {
        Kind::NoChange => (Verdict::Remove, "it is the package as it was".to_owned()),
        Kind::MetadataOnly => (Verdict::Keep, "the derivation stays the same".to_owned()),
        _ if subject.is_shell => {
            (Verdict::Keep, "a shell to work in: it is entered, and not built".to_owned())
        }
        _ => match &site.package {
            None => (Verdict::Review, NOT_FOLLOWED.to_owned()),
            Some(package) if is_kept(config, package) => {
                (Verdict::Keep, "frugix.toml lists it as one to keep".to_owned())
            }
            Some(package) => match &package.origin {
                Origin::Unknown => match flake_of(package) {
                    Some(flake) => of_input(flake, knowledge, subject),
                    None => (Verdict::Review, NOT_FOLLOWED.to_owned()),
                },
                Origin::Own => {
                    (Verdict::Keep, "the tree's own: it is built here anyway".to_owned())
                }
                Origin::Input(input) => of_input(input, knowledge, subject),
                Origin::Stock | Origin::OtherNixpkgs(_) => of_stock(subject),
            },
        },
    };
    match subject.cache {
        Cache::MayLeave => (verdict, format!("if its condition holds: {why}")),
        _ => (verdict, why),
    }
}

/// Attributes that bring another source, or say that none is wanted.
const SOURCES: [&str; 3] = ["src", "srcs", "__intentionallyOverridingVersion"];

/// Of what is overridden no more is known than its name, if that: it is of a set that is handed in, or
/// that the tree extends in a way that cannot be followed.
const NOT_FOLLOWED: &str = "what it overrides is handed in from elsewhere; with this change no cache has it, \
     and `nix build --dry-run` tells whether it is built";

/// The flake that a package is of, where no more is known than that it is one's:
/// `inputs.NAME.packages.…`.
pub(super) fn flake_of(package: &Package) -> Option<&str> {
    let is_set = |name: &String| matches!(name.as_str(), "packages" | "legacyPackages");
    let at = package.path.iter().position(is_set).filter(|_| package.origin == Origin::Unknown)?;
    let before = at.checked_sub(1).and_then(|at| package.path.get(at));
    Some(before.map_or("another flake", String::as_str))
}

fn of_input(input: &str, knowledge: &Knowledge, subject: &Subject<'_>) -> (Verdict, String) {
    let heavy = knowledge.limits.heavy.seconds as f64 / 3600.0;
    let is_heavy = subject.expense.is_some_and(|expense| expense.hours.high > heavy);
    match is_heavy {
        true => {
            let why = format!("a cache of {input}, if it has one, has it only as it is");
            (Verdict::Review, why)
        }
        false => (Verdict::Keep, format!("{input}'s own: nixpkgs' cache never had it")),
    }
}

fn of_stock(subject: &Subject<'_>) -> (Verdict, String) {
    let Judge { tree, .. } = subject.judge;
    let site = subject.site();
    match subject.concern {
        Some(Concern::Engine) => {
            (Verdict::Review, format!("it compiles a browser's engine{}", instead(subject)))
        }
        Some(Concern::MassRebuild { row, if_default }) => {
            let proviso = if if_default { ", if it is the default version" } else { "" };
            let why = format!(
                "it rebuilds {}{proviso}; bind it to a name of its own, and use that",
                row.rebuilds
            );
            (Verdict::Move, why)
        }
        Some(Concern::Checks(_)) if kinds::asks_for_platform(tree, site) => {
            (Verdict::Keep, "tests of another platform".to_owned())
        }
        Some(Concern::Checks(_)) => of_checks(subject),
        Some(Concern::Wrapping(_)) => {
            (Verdict::Move, "wrap the finished package with symlinkJoin".to_owned())
        }
        Some(Concern::Heavy(_)) => {
            (Verdict::Review, format!("compiling it takes long{}", instead(subject)))
        }
        Some(Concern::Other) | None => of_cheap(subject),
    }
}

/// Only tests change. Something that it is built with may make it another derivation all the same.
fn of_checks(subject: &Subject<'_>) -> (Verdict, String) {
    let (judge, site) = (&subject.judge, subject.site());
    let others = judge.neighbours(site);
    let Some(nearest) = others.first() else {
        let why = "the cache has it tested; only where its build fails for all is this of use";
        return (Verdict::Remove, why.to_owned());
    };
    let package = site.package.as_ref();
    let is_likely = package.is_some_and(|package| judge.is_likely(nearest, package));
    let verdict = if is_likely { Verdict::Review } else { Verdict::Remove };
    let names = neighbours::listed(&others);
    (verdict, format!("the cache has it tested, unless it is built with {names}, changed here too"))
}

fn of_cheap(subject: &Subject<'_>) -> (Verdict, String) {
    let Judge { tree, knowledge, .. } = subject.judge;
    let site = subject.site();
    let lost = lost::changes(tree, knowledge, site);
    let others = site.changes.iter().filter(|change| !kinds::is_metadata(change));
    if !site.open && !lost.is_empty() && others.count() == lost.len() {
        let names: Vec<String> = lost.iter().map(|change| format!("`{}`", change.name)).collect();
        let names = names.join(" and ");
        return (Verdict::Remove, format!("{names} reach only the wrapper, and do nothing there"));
    }
    let option = || {
        let package = site.package.as_ref()?;
        let browser = knowledge.browser(&package.lookup_path())?;
        let options = site.changes.iter().map(|change| browser.home_manager_option(&change.name));
        let options: Option<Vec<String>> = options.collect();
        // What a helper makes may be used where no option reaches, such as in a script.
        let is_plain = site.call.used_at.is_none() && !site.open;
        options.filter(|_| site.call.module == ModuleKind::HomeManager && is_plain)
    };
    match subject.kind {
        Kind::Wrapper if !subject.is_cheap => {
            let why = "all of it is built anew to be wrapped: wrap the finished package with \
                       symlinkJoin";
            (Verdict::Move, why.to_owned())
        }
        Kind::Wrapper | Kind::Repack => match option() {
            Some(options) if !options.is_empty() => {
                (Verdict::Move, format!("home-manager says it as {}", options.join(" and ")))
            }
            _ => (Verdict::Keep, "nothing is compiled: seconds to minutes".to_owned()),
        },
        Kind::CheckOnly => {
            (Verdict::Keep, "it repairs tests, without which nobody can build it".to_owned())
        }
        Kind::Version
            if subject.gives("version") && !SOURCES.iter().any(|it| subject.gives(it)) =>
        {
            (Verdict::Review, "it sets `version` and not `src`".to_owned())
        }
        Kind::Version => (Verdict::Keep, "another source than nixpkgs has".to_owned()),
        Kind::Patch => (Verdict::Keep, "its source is changed".to_owned()),
        _ if subject.compiles => {
            (Verdict::Review, "it is compiled here; is what it changes worth that?".to_owned())
        }
        _ => (Verdict::Keep, "built here; how long that takes is not known".to_owned()),
    }
}

/// What spares the compilation, as the end of a sentence: a binary, a cache that builds such a variant,
/// or what the table says.
fn instead(subject: &Subject<'_>) -> String {
    let knowledge = subject.judge.knowledge;
    let said = subject.site().package.as_ref().and_then(|package| {
        if let Some(what) = asked::variant(knowledge, subject.chain, package) {
            let cache = asked::proposed(knowledge, what)?;
            return Some(format!("{} builds such packages", cache.addresses.first()?));
        }
        let path = package.lookup_path();
        let browser = knowledge.browser(&path).and_then(|row| row.alternative.as_ref());
        let Alternative { binaries, note, .. } =
            browser.or_else(|| knowledge.package(&path)?.alternative.as_ref())?;
        let binary = binaries.first().map(|binary| format!("{binary} is not compiled"));
        binary.or_else(|| note.clone())
    });
    said.map(|said| format!("; {said}")).unwrap_or_default()
}
