//! `<nixpkgs>` in a flake.

use crate::declare_rule;
use crate::facts::LookupPath as Found;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `<nixpkgs>` in what a flake evaluates.
    ///
    /// # Why it matters
    ///
    /// Flakes are evaluated purely: `NIX_PATH` is empty, and the lookup fails. With `--impure` it finds
    /// another nixpkgs than the locked one, whose packages have other hashes and other libraries.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   outputs = { self, nixpkgs }: {
    ///     packages.x86_64-linux.default = (import <nixpkgs> { system = "x86_64-linux"; }).hello;
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
    ///     packages.x86_64-linux.default = (import nixpkgs { system = "x86_64-linux"; }).hello;
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It is suggested to use the input: how it reaches the place is for the tree to say.
    ///
    /// # When it stays silent
    ///
    /// - Files that no flake of the tree evaluates, such as a `shell.nix` for those without flakes.
    /// - The default of a parameter, `{ pkgs ? import <nixpkgs> { } }:`, which flakes hand over.
    /// - Other lookup paths.
    ///
    /// # Sources
    ///
    /// - Nix manual, `pure-eval`; nix.dev, "Best practices", lookup paths.
    pub struct LookupPath {
        id: "lookup-path",
        group: Flake,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for LookupPath {
    fn meta(&self) -> &'static RuleMeta {
        const { &LookupPath::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> = cx.facts.lookup_paths.iter().map(report).collect();
        cx.report_all(found);
    }
}

fn report(found: &Found) -> Diagnostic {
    let path = &found.path;
    let message =
        format!("<{path}> is not found in a flake, or is not the nixpkgs of its lock file");
    let input = match path.strip_prefix("nixpkgs/") {
        Some(rest) => format!("\"${{nixpkgs}}/{rest}\""),
        None => "the input `nixpkgs`".to_owned(),
    };
    Diagnostic::new(&LookupPath::META, found.place, message)
        .note("pure evaluation has no NIX_PATH; with --impure it is another nixpkgs")
        .fix(Fix::suggestion(format!("Use {input}, or the `pkgs` that is there"), Vec::new()))
}
