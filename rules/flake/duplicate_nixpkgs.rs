//! Lock files with many nixpkgs.

use crate::declare_rule;
use crate::facts::{Flake, FlakeInput, LockedNixpkgs};
use crate::knowledge::Knowledge;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A `flake.lock` that holds three nixpkgs or more which inputs bring with them, although no cache
    /// of their own needs that.
    ///
    /// # Why it matters
    ///
    /// Each that is used is downloaded and evaluated, and packages of each come with their own libraries: the same
    /// glibc and the same Python several times over.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   inputs.one.url = "github:example/one";
    ///   inputs.two.url = "github:example/two";
    ///   inputs.three.url = "github:example/three";
    ///
    ///   outputs = { self, ... }: { };
    /// }
    /// #- flake.lock
    /// {
    ///   "nodes": {
    ///     "root": { "inputs": { "one": "one", "two": "two", "three": "three" } },
    ///     "one": { "inputs": { "nixpkgs": "a" } },
    ///     "two": { "inputs": { "nixpkgs": "b" } },
    ///     "three": { "inputs": { "nixpkgs": "c" } },
    ///     "a": { "locked": { "owner": "NixOS", "repo": "nixpkgs", "rev": "1" } },
    ///     "b": { "locked": { "owner": "NixOS", "repo": "nixpkgs", "rev": "2" } },
    ///     "c": { "locked": { "owner": "NixOS", "repo": "nixpkgs", "rev": "3" } }
    ///   },
    ///   "root": "root",
    ///   "version": 7
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   inputs.one.url = "github:example/one";
    ///   inputs.two.url = "github:example/two";
    ///   inputs.two.inputs.nixpkgs.follows = "one/nixpkgs";
    ///   inputs.three.url = "github:example/three";
    ///   inputs.three.inputs.nixpkgs.follows = "one/nixpkgs";
    ///
    ///   outputs = { self, ... }: { };
    /// }
    /// #- flake.lock
    /// {
    ///   "nodes": {
    ///     "root": { "inputs": { "one": "one", "two": "two", "three": "three" } },
    ///     "one": { "inputs": { "nixpkgs": "a" } },
    ///     "two": { "inputs": { "nixpkgs": [ "one", "nixpkgs" ] } },
    ///     "three": { "inputs": { "nixpkgs": [ "one", "nixpkgs" ] } },
    ///     "a": { "locked": { "owner": "NixOS", "repo": "nixpkgs", "rev": "1" } }
    ///   },
    ///   "root": "root",
    ///   "version": 7
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It is suggested to let the inputs follow the flake's own nixpkgs; the lock file has to be written
    /// anew for that.
    ///
    /// # When it stays silent
    ///
    /// - The nixpkgs that the flake itself declares, however many.
    /// - Those that are called after a release, such as `nixpkgs-23-11`: they are wanted as they are.
    /// - Those of inputs that have a cache of their own: following another would make it useless.
    /// - No lock file, or one that cannot be read.
    ///
    /// # Sources
    ///
    /// - Nix manual, `nix flake`: `follows`.
    pub struct DuplicateNixpkgs {
        id: "duplicate-nixpkgs",
        group: Flake,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

/// So many that are brought along are worth a word.
const MANY: usize = 3;

/// How many definitions a suggestion spells out.
const SHOWN: usize = 3;

impl Rule for DuplicateNixpkgs {
    fn meta(&self) -> &'static RuleMeta {
        const { &DuplicateNixpkgs::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let flakes = cx.facts.flakes.iter();
        let found: Vec<Diagnostic> =
            flakes.filter_map(|flake| report(cx.knowledge, flake)).collect();
        cx.report_all(found);
    }
}

fn report(knowledge: &Knowledge, flake: &Flake) -> Option<Diagnostic> {
    let brought = flake.nixpkgs.iter().filter_map(|node| {
        let input = flake.input(node.path.first()?)?;
        let is_brought = node.path.len() > 1 && !is_of_a_release(node);
        (is_brought && !has_cache(knowledge, input)).then_some((node, input))
    });
    let brought: Vec<(&LockedNixpkgs, &FlakeInput)> = brought.collect();
    let (_, first) = brought.first().filter(|_| brought.len() >= MANY)?;
    let mut inputs: Vec<&FlakeInput> = Vec::new();
    for (_, input) in &brought {
        if !inputs.iter().any(|known| known.name == input.name) {
            inputs.push(input);
        }
    }
    let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    let message = format!(
        "flake.lock holds {} more nixpkgs than this flake asks for, brought by {}",
        brought.len(),
        names.join(", ")
    );
    let follows = brought.iter().filter_map(|(node, _)| {
        let (last, way) = node.path.split_last()?;
        Some(format!("inputs.{}.inputs.{last}.follows", way.join(".inputs.")))
    });
    let follows: Vec<String> = follows.take(SHOWN).collect();
    let mut found = Diagnostic::new(&DuplicateNixpkgs::META, first.key, message).note(
        "each that is used is fetched and evaluated, and its packages bring libraries of their own",
    );
    for input in inputs.iter().skip(1) {
        found = found.related(input.key, format!("{} brings one too", input.name));
    }
    let rest = if brought.len() > SHOWN { " and so on" } else { "" };
    let title = format!("Let them follow one nixpkgs: set {}{rest}", follows.join(", "));
    Some(found.fix(Fix::suggestion(title, Vec::new())))
}

/// Whether the input is called after a release, or kept for tests against an old one: another would not
/// do in its place.
fn is_of_a_release(node: &LockedNixpkgs) -> bool {
    node.path.last().is_some_and(|name| {
        name.bytes().any(|byte| byte.is_ascii_digit()) || name.contains("regression")
    })
}

fn has_cache(knowledge: &Knowledge, input: &FlakeInput) -> bool {
    input.reference.as_ref().is_some_and(|reference| {
        knowledge.cached_input(&reference.owner, &reference.repository).is_some()
    })
}
