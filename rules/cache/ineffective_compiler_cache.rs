//! The rule `ineffective-compiler-cache`.

use super::cache_folder::{Fault, module_folder, of_folder};
use super::sandbox::Seen;
use crate::declare_rule;
use crate::facts::{Change, Method, OverrideSite, Setting, ValueFact, ValueKind};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::built::may_compile;
use crate::rules::made::{Made, made};
use crate::rules::removal::remove;
use crate::rules::variables::{Variable, all_variables, commands, variables};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// `sccache` or `ccache` in a derivation that cannot find its cache there.
    ///
    /// # Why it matters
    ///
    /// A build sees neither your home folder nor the variables of your session. Without a cache folder
    /// of its own, which the sandbox lets in, the compiler cache begins empty and is thrown away with
    /// the build: no hit ever, 10 to 20 % more time for the bookkeeping, and another derivation, which
    /// no binary cache has.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.sessionVariables.SCCACHE_DIR = "/var/cache/sccache";
    ///
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       RUSTC_WRAPPER = "${pkgs.sccache}/bin/sccache"; # faster
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.sessionVariables.SCCACHE_DIR = "/var/cache/sccache";
    ///
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       # faster
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the compiler cache out of the build, with the settings that it has there. It is
    /// unsafe: the derivation is another, and is built once more. The way to a cache that works is
    /// only described, for it lets every build write where later builds read; dependencies in a
    /// derivation of their own (crane's `buildDepsOnly`) save as much, and stay pure.
    ///
    /// # When it stays silent
    ///
    /// - The build sets the folder of the cache (`SCCACHE_DIR`, `CCACHE_DIR`), and a system
    ///   configuration lets it in with `nix.settings.extra-sandbox-paths`, or builds without a sandbox.
    /// - The build looks whether the folder is there before it uses it.
    /// - Dev shells and sessions.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libstore/unix/build/linux-derivation-builder.cc`: what a build sees.
    /// - sccache 0.16, measured: with a home folder that cannot be made and no `SCCACHE_DIR` the build
    ///   succeeds, the cache cannot be written, and a second build has no hit.
    /// - lexe-app/lexe-public, `nix/pkgs/buildRustSccache.nix`: a cache that works, and what it takes;
    ///   1.1 to 1.2 times the time without a hit, 0.4 to 0.5 with.
    /// - nixpkgs, `nixos/modules/programs/ccache.nix`: it makes the folder, and says nothing to the
    ///   sandbox; wiki.nixos.org, CCache.
    pub struct IneffectiveCompilerCache {
        id: "ineffective-compiler-cache",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// The compiler caches: the program, the variable that names its folder, and how its variables begin.
const CACHES: [Cache; 2] = [
    Cache { program: "sccache", folder: "SCCACHE_DIR", prefix: "SCCACHE_" },
    Cache { program: "ccache", folder: "CCACHE_DIR", prefix: "CCACHE_" },
];

/// Variables that put a program before the compiler.
const WRAPPERS: [&str; 3] =
    ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"];

/// What the names of CMake's variables for that end in.
const LAUNCHER: &str = "_COMPILER_LAUNCHER";

/// Variables that name a compiler.
const COMPILERS: [&str; 4] = ["CC", "CXX", "HOSTCC", "HOSTCXX"];

/// A standard environment of nixpkgs whose compiler is wrapped.
const STDENV: &str = "ccacheStdenv";

#[derive(Copy, Clone, PartialEq, Eq)]
struct Cache {
    program: &'static str,
    folder: &'static str,
    prefix: &'static str,
}

impl Rule for IneffectiveCompilerCache {
    fn meta(&self) -> &'static RuleMeta {
        const { &IneffectiveCompilerCache::META }
    }

    /// It stands in the name of the other cache, too.
    fn words(&self) -> &'static [&'static str] {
        &[CACHES[1].program]
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if !self.words().iter().any(|word| cx.mentions(word)) {
            return;
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        let builds = made(cx).filter(|made| may_compile(cx, made));
        let of_builds = builds.filter_map(|made| of_build(cx, &made));
        let of_stdenvs = cx.facts.overrides.iter().filter_map(|site| of_stdenv(cx, site));
        for diagnostic in of_builds.chain(of_stdenvs).chain(of_modules(cx)) {
            found.push(diagnostic);
        }
        cx.report_once_a_place(found);
    }
}

fn of_build(cx: &TreeContext<'_>, made: &Made<'_>) -> Option<Diagnostic> {
    let own = variables(cx, made);
    let wrapper = own.iter().find_map(|variable| {
        let cache = CACHES.into_iter().find(|cache| wraps(variable, *cache))?;
        (!variable.guarded).then_some((variable, cache))
    });
    let (change, variable, cache) = match wrapper {
        Some((variable, cache)) => (variable.change, Some(variable), cache),
        None => {
            let unread = |change: &&Change| WRAPPERS.contains(&change.name.as_str());
            let inner = made.attributes.iter().flat_map(|change| &change.inner);
            let mut unread = made.attributes.iter().chain(inner).filter(unread);
            let (change, cache) =
                unread.find_map(|change| Some((change, named_in(cx, change)?)))?;
            (change, None, cache)
        }
    };
    let all = all_variables(cx, made);
    let is_outside_sandbox = made.attribute("__noChroot").is_some();
    if is_outside_sandbox || looks_for_folder(cx, made, cache) {
        return None;
    }
    let fault = fault(cx, &all, cache)?;
    let place = change.key.or(change.value.place).unwrap_or(made.call.span);
    let optional = variable.is_some_and(|variable| variable.optional);
    let condition = match optional || change.optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let span = made.call.used_at.unwrap_or(place);
    let message = format!(
        "{condition}{} finds nothing while {} is built: {}",
        cache.program, made.name, fault
    );
    let mut found = explained(
        cx,
        Diagnostic::new(&IneffectiveCompilerCache::META, span, message),
        &fault,
        cache,
    );
    if span != place {
        found = found.related(place, "in this helper");
    }
    let of_cache = own.iter().filter(|one| {
        variable.is_some_and(|variable| one.change.key == variable.change.key)
            || one.name.starts_with(cache.prefix)
    });
    let of_cache: Vec<&Variable<'_>> = of_cache.collect();
    let is_whole = |variable: &Variable<'_>| WRAPPERS.contains(&variable.name.as_str());
    let removable = variable.is_some_and(is_whole).then(|| remove(cx, &of_cache)).flatten();
    let title = format!("Take {} out of the build", cache.program);
    let removal =
        Fix::unsafe_or_shown(title, "the derivation is another, and is built once more", removable);
    Some(found.fix(removal).fix(recipe(cache)))
}

/// Whether `variable` puts `cache` before the compiler.
fn wraps(variable: &Variable<'_>, cache: Cache) -> bool {
    let is_program = |word: &str| word.rsplit('/').next() == Some(cache.program);
    let launches = || {
        variable.text.split_whitespace().any(|word| {
            word.split_once('=').is_some_and(|(name, value)| {
                let name = name.split(':').next().unwrap_or(name);
                name.starts_with("-D") && name.ends_with(LAUNCHER) && is_program(value)
            })
        })
    };
    let name = variable.name.as_str();
    let is_wrapper = WRAPPERS.contains(&name) || name.ends_with(LAUNCHER);
    if is_wrapper || COMPILERS.contains(&name) {
        return variable.text.split_whitespace().next().is_some_and(is_program);
    }
    name.starts_with("cmakeFlags") && launches()
}

/// The cache of `lib.getExe pkgs.sccache`, of which evaluation knows no text.
fn named_in(cx: &TreeContext<'_>, change: &Change) -> Option<Cache> {
    let of_name = |name: &str| CACHES.into_iter().find(|cache| cache.program == name);
    if let ValueKind::Package(package) = &change.value.kind {
        return of_name(package.path.last()?);
    }
    let place = change.value.place?;
    let file = cx.edited(place.file)?;
    let node = file.node(place)?;
    let mut names = node.descendants().filter(|node| node.kind() == SyntaxKind::NODE_IDENT);
    names.find_map(|name| of_name(name.text()))
}

/// Whether a phase asks for the folder before the cache is used.
fn looks_for_folder(cx: &TreeContext<'_>, made: &Made<'_>, cache: Cache) -> bool {
    commands(cx, made).iter().any(|one| {
        let asks = matches!(one.command.program(), Some("[" | "[[" | "test"));
        let speaks = |word: &String| word.contains(cache.folder) || word.contains(cache.program);
        asks && one.command.words.iter().any(speaks)
    })
}

fn fault(cx: &TreeContext<'_>, all: &[Variable<'_>], cache: Cache) -> Option<Fault> {
    let Some(folder) = all.iter().find(|variable| variable.name == cache.folder) else {
        return Some(Fault::NoFolder);
    };
    of_folder(cx, folder.text.trim_end_matches('/'), None)
}

/// The notes that a fault comes with.
fn explained(cx: &TreeContext<'_>, found: Diagnostic, fault: &Fault, cache: Cache) -> Diagnostic {
    let mut found = found.note(
        "So every build begins with an empty cache, takes 10 to 20 % longer for it, and is a \
         derivation that no binary cache has (measured: sccache 0.16)",
    );
    if let Fault::Shut(_, Seen::ByUserOnly) = fault {
        found = found.note(
            "`extra-sandbox-paths` in a user's configuration is not heeded by the daemon: it belongs \
             into the system's",
        );
    }
    let session = cx.facts.settings.iter().find(|setting| {
        let is_variables = setting
            .path
            .iter()
            .any(|name| matches!(name.as_str(), "sessionVariables" | "variables" | "environment"));
        is_variables && setting.path.last().is_some_and(|name| name == cache.folder)
    });
    match session {
        Some(setting) => found.related(setting.key, "only your own shells see this variable"),
        None => found,
    }
}

fn recipe(cache: Cache) -> Fix {
    let Cache { program, folder, .. } = cache;
    Fix::suggestion(
        format!(
            "Or give it a cache: a folder that the group nixbld may write, such as /var/cache/{program}; \
             `nix.settings.extra-sandbox-paths = [ \"/var/cache/{program}?\" ]` in the system's \
             configuration; {folder} = \"/var/cache/{program}\" in the derivation. Builds can then \
             change what later builds get"
        ),
        Vec::new(),
    )
}

/// `package.override { stdenv = ccacheStdenv; }`.
fn of_stdenv(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let change = site.change("stdenv").filter(|_| site.method == Method::Override)?;
    let is_cached = |value: &ValueFact| matches!(&value.kind, ValueKind::Package(package) if package.path.last().is_some_and(|name| name == STDENV));
    let is_wrapper_changed = cx.facts.overrides.iter().any(|site| {
        let path = site.package.iter().flat_map(|package| package.path.last());
        path.into_iter().any(|name| name == "ccacheWrapper")
    });
    if !is_cached(&change.value) || is_wrapper_changed {
        return None;
    }
    let cache = CACHES[1];
    let fault = match module_folder(cx, None) {
        Some(folder) => of_folder(cx, &folder, None)?,
        None => Fault::NoFolder,
    };
    let name = work::name_of(site);
    let place = change.key.unwrap_or(site.call.span);
    let span = site.call.used_at.unwrap_or(place);
    let message = format!("ccache finds nothing while {name} is built: {fault}");
    let found = Diagnostic::new(&IneffectiveCompilerCache::META, span, message);
    let removal = Fix::suggestion("Build it with the stdenv it has", Vec::new());
    Some(explained(cx, found, &fault, cache).fix(removal).fix(recipe(cache)))
}

/// `programs.ccache.packageNames`, each of which leaves the binary cache for it.
fn of_modules<'a>(cx: &'a TreeContext<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let settings = cx.facts.settings_at(&["programs", "ccache", "packageNames"]);
    settings.filter_map(move |setting| of_module(cx, setting))
}

fn of_module(cx: &TreeContext<'_>, setting: &Setting) -> Option<Diagnostic> {
    let ValueKind::List(names) = &setting.value.kind else { return None };
    let names: Vec<&str> = names.iter().filter_map(ValueFact::as_str).collect();
    let folder = module_folder(cx, setting.host.as_deref()).filter(|_| !names.is_empty())?;
    let fault = of_folder(cx, &folder, setting.host.as_deref())?;
    let cache = CACHES[1];
    let place: Span = setting.key;
    let built = match names.as_slice() {
        [others @ .., last] if !others.is_empty() => {
            format!("{} and {last} are", others.join(", "))
        }
        _ => format!("{} is", names.join(", ")),
    };
    let message = format!("ccache finds nothing while {built} built: {fault}");
    let found = Diagnostic::new(&IneffectiveCompilerCache::META, place, message).note(
        "`programs.ccache` makes the folder and wraps the compiler; to let the folder into the \
         sandbox is up to you",
    );
    let found = setting.host.iter().fold(found, |found, host| found.host(host.clone()));
    let add = format!("Add `nix.settings.extra-sandbox-paths = [ \"{folder}\" ];`");
    Some(explained(cx, found, &fault, cache).fix(Fix::suggestion(add, Vec::new())))
}
