//! The rule `commit-in-derivation`.

use crate::declare_rule;
use crate::facts::{Change, Read, ReadOf};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::built::compiles;
use crate::rules::made::{Made, made};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A package that compiles something and has the commit of the configuration, or the time, in its
    /// derivation: `self.rev`, `self.lastModifiedDate`, `builtins.currentTime`.
    ///
    /// # Why it matters
    ///
    /// Every commit is another derivation: the package is compiled anew although none of its sources
    /// has changed, and no cache has it. The same holds for every edit before the commit, and for the
    /// time with every evaluation.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   outputs = { self, nixpkgs }: {
    ///     packages.x86_64-linux.notes = nixpkgs.legacyPackages.x86_64-linux.buildGoModule {
    ///       pname = "notes";
    ///       version = self.shortRev or "dirty";
    ///       src = ./notes;
    ///       vendorHash = null;
    ///     };
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   outputs = { self, nixpkgs }: {
    ///     packages.x86_64-linux.notes = nixpkgs.legacyPackages.x86_64-linux.buildGoModule {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       vendorHash = null;
    ///       passthru.commit = self.shortRev or "dirty";
    ///     };
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: what the commit is good for has to be decided. In `meta` or `passthru`
    /// it costs nothing; a program that is to print it can be given it by a wrapper, which is made in
    /// a second.
    ///
    /// # When it stays silent
    ///
    /// In `meta` and `passthru`; for what is only written, linked or wrapped (`writeText`,
    /// `runCommand`, `system.configurationRevision`), and for scripts and Python without extensions; for
    /// dev shells and templates; for the commits of other inputs, which change when they are updated.
    ///
    /// # Sources
    ///
    /// Nix manual, Flakes, `self`: `rev`, `lastModified` and their like are those of the commit that the
    /// flake is evaluated from. nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: `meta` and
    /// `passthru` are taken out before the derivation is made.
    pub struct CommitInDerivation {
        id: "commit-in-derivation",
        group: Cache,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for CommitInDerivation {
    fn meta(&self) -> &'static RuleMeta {
        const { &CommitInDerivation::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let is_folder = |read: &Read| matches!(read.what, ReadOf::Folder { .. });
        if cx.facts.reads().all(is_folder) {
            return;
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx) {
            let Some(diagnostic) = of_build(&made).filter(|_| compiles(cx, &made, None)) else {
                continue;
            };
            found.push(diagnostic);
        }
        cx.report_once_a_place(found);
    }
}

/// An attribute that a commit or the time changes.
struct Changing<'a> {
    change: &'a Change,
    read: &'a Read,
    what: &'a str,
}

fn of_build(made: &Made<'_>) -> Option<Diagnostic> {
    let inner = made.attributes.iter().filter(|change| change.name == "env");
    let all = made.attributes.iter().chain(inner.flat_map(|env| &env.inner));
    let mut changing: Vec<Changing<'_>> = all.filter_map(changing).collect();
    changing.sort_by_key(|one| one.change.key.map(|key| key.sort_key()));
    let first = changing.first()?;
    let is_time = first.read.what == ReadOf::Time;
    let mut names: Vec<String> = Vec::new();
    for name in changing.iter().map(|one| format!("`{}`", one.change.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let when = if is_time { "at every evaluation" } else { "with every commit" };
    let condition = match first.change.optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let message = format!(
        "{condition}{} is compiled anew {when}: `{}` is in its {}",
        made.name,
        first.what,
        names.join(", "),
    );
    let own = first.change.key.or(first.change.value.place).unwrap_or(made.call.span);
    let span = made.call.used_at.unwrap_or(own);
    let mut found = Diagnostic::new(&CommitInDerivation::META, span, message).note(
        "It is part of the derivation: though no source changed, the package is another, and no cache \
         has it",
    );
    let mut known: Vec<Span> = vec![span];
    for one in &changing {
        let is_near = one.change.definition.is_some_and(|definition| {
            definition.file == one.read.place.file
                && definition.range.contains_range(one.read.place.range)
        });
        if (!is_near || span != own) && !known.contains(&one.read.place) {
            known.push(one.read.place);
            found = found.related(one.read.place, format!("`{}` comes in here", one.what));
        }
    }
    Some(found.fix(Fix::suggestion(
        "Keep it in `meta` or `passthru`, or give it to the program by a wrapper around the compiled \
         package",
        Vec::new(),
    )))
}

fn changing(change: &Change) -> Option<Changing<'_>> {
    change.reads.iter().find_map(|read| {
        let what = match &read.what {
            ReadOf::Commit(name) => name.as_str(),
            ReadOf::Time => "builtins.currentTime",
            ReadOf::Folder { .. } => return None,
        };
        Some(Changing { change, read, what })
    })
}
