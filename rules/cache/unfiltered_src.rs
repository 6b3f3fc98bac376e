//! The rule `unfiltered-src`.

use std::path::Path;

use crate::declare_rule;
use crate::facts::{DerivationSite, Read, ReadOf};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::built::compiles;
use crate::rules::made::{Made, made};
use crate::rules::work::{self, Work};
use crate::source::{EntryKind, Span};

declare_rule! {
    /// # What it flags
    ///
    /// A package that compiles something from a whole folder which holds more than the package:
    /// `src = ./.`, `src = self`, `src = lib.cleanSource ./.`.
    ///
    /// # Why it matters
    ///
    /// The source is part of the derivation. An edit of the README, of `flake.lock` or of another
    /// machine's configuration makes another source, and the package is compiled anew.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   outputs = { self, nixpkgs }: {
    ///     packages.x86_64-linux.notes =
    ///       nixpkgs.legacyPackages.x86_64-linux.rustPlatform.buildRustPackage {
    ///         pname = "notes";
    ///         version = "1.0.0";
    ///         src = ./.;
    ///         cargoLock.lockFile = ./Cargo.lock;
    ///       };
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   outputs = { self, nixpkgs }:
    ///     let
    ///       inherit (nixpkgs.lib) fileset;
    ///     in
    ///     {
    ///       packages.x86_64-linux.notes =
    ///         nixpkgs.legacyPackages.x86_64-linux.rustPlatform.buildRustPackage {
    ///           pname = "notes";
    ///           version = "1.0.0";
    ///           src = fileset.toSource {
    ///             root = ./.;
    ///             fileset = fileset.unions [ ./Cargo.toml ./Cargo.lock ./src ];
    ///           };
    ///           cargoLock.lockFile = ./Cargo.lock;
    ///         };
    ///     };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: which files the package needs has to be said. `lib.fileset.toSource`
    /// takes them by name; crane has `cleanCargoSource`.
    ///
    /// # When it stays silent
    ///
    /// - The source is filtered: `lib.fileset`, `cleanSourceWith` and `builtins.path` with a filter,
    ///   `sourceByRegex`, `cleanCargoSource`, `gitignoreSource`.
    /// - The folder is the package's own, without a flake, a module or another package in it.
    /// - Nothing is known to be compiled: scripts, documents, Python without extensions, dev shells.
    /// - A template, which lies there for others to begin with.
    ///
    /// # Sources
    ///
    /// - Nix manual, Path literals: a path that becomes part of a derivation is copied to the store by
    ///   its contents.
    /// - nixpkgs manual, `lib.fileset`; `lib/sources.nix`: `cleanSource` takes out version control,
    ///   editors' files, objects and results, and nothing else.
    pub struct UnfilteredSrc {
        id: "unfiltered-src",
        group: Cache,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

/// Files that are edited without regard to any package.
const CHANGING: [&str; 2] = ["flake.nix", "flake.lock"];

impl Rule for UnfilteredSrc {
    fn meta(&self) -> &'static RuleMeta {
        const { &UnfilteredSrc::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let is_folder = |read: &Read| matches!(read.what, ReadOf::Folder { .. });
        if !cx.facts.reads().any(is_folder) {
            return;
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx) {
            let Some(diagnostic) = of_build(cx, &made) else { continue };
            found.push(diagnostic);
        }
        cx.report_once_a_place(found);
    }
}

fn of_build(cx: &TreeContext<'_>, made: &Made<'_>) -> Option<Diagnostic> {
    let change = made.own("src")?;
    let read = change.reads.first()?;
    let ReadOf::Folder { path, cleaned, part } = &read.what else { return None };
    let more = holds_more(cx, made, path).filter(|_| compiles(cx, made, Some(Path::new(path))))?;
    let own = read.place;
    let span = made.call.used_at.unwrap_or(own);
    let condition = match change.optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let folder = match path.as_str() {
        "" => "the whole tree".to_owned(),
        path => format!("all of {path}"),
    };
    let message = format!(
        "{condition}any edit of {} compiles {} anew: its source is {folder}",
        more, made.name
    );
    let mut found = Diagnostic::new(&UnfilteredSrc::META, span, message);
    if *cleaned {
        found = found
            .note("`cleanSource` takes out version control and editors' files, and nothing else");
    }
    if *part {
        found = found.note(
            "`${…}` of a flake or folder copies the whole of it, of which the rest of the string is a \
             part; a path such as `./folder` copies that folder alone",
        );
    }
    if span != own {
        found = found.related(own, "in this helper");
    }
    let is_rust = made.builder.is_some_and(|builder| builder.language == "rust");
    let crane = if is_rust { ", or crane's `cleanCargoSource`" } else { "" };
    let title = match part {
        true => "Write the path of the folder, relative to this file".to_owned(),
        false => format!(
            "Name what the package needs: `lib.fileset.toSource {{ root = …; fileset = \
             lib.fileset.unions [ … ]; }}`{crane}"
        ),
    };
    Some(found.fix(Fix::suggestion(title, Vec::new())))
}

/// A file in `folder` that is none of the package's; `None` where there is none that could be told.
fn holds_more(cx: &TreeContext<'_>, made: &Made<'_>, folder: &str) -> Option<String> {
    let folder = Path::new(folder);
    let is_file = |name: &&&str| cx.tree.entry(&folder.join(name)) == Some(EntryKind::File);
    if let Some(name) = CHANGING.iter().rev().find(is_file) {
        return Some(name.to_string());
    }
    let own = [made.call.span, made.call.reported_at()];
    let is_other = |place: &Span| {
        own.iter().all(|own| own.file != place.file) && cx.tree.path(place.file).starts_with(folder)
    };
    let settings = cx.facts.settings.iter().map(|setting| setting.key);
    // A shell to work on the package is a part of it.
    let is_package =
        |site: &&DerivationSite| work::work_of_derivation(cx.knowledge, site) == Work::Compiles;
    let derivations = cx.facts.derivations.iter().filter(is_package).map(|site| site.call.span);
    let overrides = cx.facts.overrides.iter().map(|site| site.call.span);
    let other = settings.chain(derivations).chain(overrides).find(is_other)?;
    Some(cx.tree.path(other.file).display().to_string())
}
