//! A nixpkgs that Hydra may not have built.

use crate::declare_rule;
use crate::facts::{Flake, FlakeInput, Reference};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// An input `nixpkgs` that follows a branch which is not a channel: `master`, `staging`, `release-…`,
    /// no branch at all, or a fork.
    ///
    /// # Why it matters
    ///
    /// A channel (`nixos-unstable`, `nixos-25.05`) moves to a commit once Hydra has built it, so its
    /// packages are in cache.nixos.org. The other branches run ahead: what was changed in the last days
    /// may not be built yet, and is built here.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///
    ///   outputs = { nixpkgs, ... }: { };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///
    ///   outputs = { nixpkgs, ... }: { };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It names the channel; writing it there changes the version of every package, so that is left to
    /// you.
    ///
    /// # When it stays silent
    ///
    /// - Channels, tags, commits and pull requests of nixpkgs; the registry's `nixpkgs`; FlakeHub.
    /// - Inputs of another name: a second nixpkgs from `master`, for one package, is common.
    /// - A flake below the topmost one without a lock file and configurations: a template for others.
    /// - Addresses that cannot be followed.
    ///
    /// # Sources
    ///
    /// - nixos.org, "Channel status": a channel moves when its jobset is built.
    /// - nixpkgs, CONTRIBUTING.md: which branch is for what.
    pub struct UncachedNixpkgs {
        id: "uncached-nixpkgs",
        group: Flake,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

/// What the tree's main nixpkgs is called.
const MAIN: &str = "nixpkgs";

impl Rule for UncachedNixpkgs {
    fn meta(&self) -> &'static RuleMeta {
        const { &UncachedNixpkgs::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let flakes = cx.facts.flakes.iter().enumerate();
        let makes = |flake: &Flake| {
            cx.facts.configurations.iter().any(|made| made.flake == Some(flake.file))
        };
        let used = flakes.filter(|(index, flake)| *index == 0 || flake.is_locked || makes(flake));
        let found: Vec<Diagnostic> = used.filter_map(|(_, flake)| report(flake)).collect();
        cx.report_all(found);
    }
}

fn report(flake: &Flake) -> Option<Diagnostic> {
    let input = main_nixpkgs(flake)?;
    let reference = input.reference.as_ref().filter(|reference| reference.is_nixpkgs())?;
    let (message, channel) = judge(reference)?;
    let url = input.url.as_ref().and_then(|url| url.place).unwrap_or(input.key);
    let title = format!("Follow the channel: github:NixOS/nixpkgs/{channel}");
    Some(
        Diagnostic::new(&UncachedNixpkgs::META, url, message)
            .note("a channel moves only to what Hydra has built and cache.nixos.org has")
            .fix(Fix::suggestion(title, Vec::new())),
    )
}

/// The input `nixpkgs`, or the one that it follows.
fn main_nixpkgs(flake: &Flake) -> Option<&FlakeInput> {
    let input = flake.input(MAIN)?;
    match &input.follows {
        Some(other) => flake.input(other),
        None => Some(input),
    }
}

/// What is wrong with a branch, and the channel to use instead.
fn judge(reference: &Reference) -> Option<(String, String)> {
    let unstable = "nixos-unstable".to_owned();
    if !reference.owner.eq_ignore_ascii_case("nixos") {
        let fork = format!("{}/{}", reference.owner, reference.repository);
        let message = format!(
            "nixpkgs is the fork {fork}: unless its owner has a cache, what it changes is built here"
        );
        let release = reference.name.as_deref().and_then(release_in);
        return Some((message, release.map_or(unstable, |release| format!("nixos-{release}"))));
    }
    let (branch, channel) = match reference.name.as_deref() {
        None => ("no branch, which is master".to_owned(), unstable),
        Some(name) if name == "master" || name.starts_with("staging") => {
            (name.to_owned(), unstable)
        }
        Some(name) => (name.to_owned(), format!("nixos-{}", name.strip_prefix("release-")?)),
    };
    Some((
        format!("nixpkgs follows {branch}: its newest changes may not be in a cache yet"),
        channel,
    ))
}

/// The release of nixpkgs that a fork's branch is called after: `26.05` of `nixos-26.05-backports`.
fn release_in(branch: &str) -> Option<String> {
    let mut parts = branch.split('-');
    let is_release = |part: &&str| {
        let (year, month) = part.split_once('.').unwrap_or(("", ""));
        [year, month].iter().all(|two| two.len() == 2 && two.bytes().all(|c| c.is_ascii_digit()))
    };
    parts.find(is_release).map(str::to_owned)
}
