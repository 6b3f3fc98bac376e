//! Fetches that give something else tomorrow.

use crate::declare_rule;
use crate::facts::{Unpinned, UnpinnedFetch as Found};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `fetchTarball`, `builtins.fetchurl` and `fetchGit` without a hash or commit, and a branch as the
    /// `rev` of a fetcher of nixpkgs.
    ///
    /// # Why it matters
    ///
    /// Nix' own functions fetch while they evaluate: without a hash once an hour, with whatever lies
    /// there by then, and never in a flake, where evaluation fails. A fetcher of nixpkgs with a branch
    /// keeps to its hash, and fails on the first machine that has to fetch after the branch has moved.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   imports = [
    ///     (builtins.fetchTarball "https://github.com/nix-community/home-manager/archive/master.tar.gz")
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   imports = [
    ///     (builtins.fetchTarball {
    ///       url = "https://github.com/nix-community/home-manager/archive/0123456789abcdef0123456789abcdef01234567.tar.gz";
    ///       sha256 = "0000000000000000000000000000000000000000000000000000";
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It is suggested what to add; which commit and hash they are, only a fetch can tell.
    ///
    /// # When it stays silent
    ///
    /// - A commit in the address, a hash or a commit among the arguments.
    /// - Arguments and addresses that cannot be followed, and local ones.
    /// - Tags: they should not move.
    ///
    /// # Sources
    ///
    /// - Nix manual, "Built-ins", and `tarball-ttl`.
    pub struct UnpinnedFetch {
        id: "unpinned-fetch",
        group: Flake,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for UnpinnedFetch {
    fn meta(&self) -> &'static RuleMeta {
        const { &UnpinnedFetch::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> = cx.facts.unpinned_fetches.iter().map(report).collect();
        cx.report_all(found);
    }
}

fn report(found: &Found) -> Diagnostic {
    let fetcher = &found.fetcher;
    match &found.unpinned {
        Unpinned::NothingGiven(pins) => {
            let pin = pins.first().map_or("a hash", String::as_str);
            let message = format!("{fetcher} without {pin}: what it gives may change at any time");
            Diagnostic::new(&UnpinnedFetch::META, found.place, message)
                .note("a flake refuses to evaluate it; elsewhere it is fetched anew after an hour")
                .fix(Fix::suggestion(format!("Add `{pin}`, or make it an input"), Vec::new()))
        }
        Unpinned::Branch(branch, place) => {
            let message = format!(
                "{branch} is a branch: once it moves, {fetcher} no longer gives what its hash says"
            );
            Diagnostic::new(&UnpinnedFetch::META, *place, message)
                .note("it goes unnoticed where the source was fetched before, and fails where not")
                .fix(Fix::suggestion("Write the commit that the hash is of", Vec::new()))
        }
    }
}
