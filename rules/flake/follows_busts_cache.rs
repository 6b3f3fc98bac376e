//! Inputs that follow another nixpkgs, and so miss the cache that has their packages.

use crate::declare_rule;
use crate::facts::{CacheElement, CacheList, FlakeInput, InputOverride, Reference};
use crate::knowledge::{CachedInput, Row as _, cache_address};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// `inputs.X.inputs.nixpkgs.follows` for an input of which the tree uses packages and asks the cache.
    ///
    /// # Why it matters
    ///
    /// The cache has the input's packages as they are built with the input's own nixpkgs. With another
    /// they have other hashes, and the cache has none of them: it is asked in vain, and they are built
    /// here.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://hyprland.cachix.org" ];
    ///     extra-trusted-public-keys = [ "hyprland.cachix.org-1:a7pgxzMz7+chwVL3/pzj6jIBMioiJM7ypFP8PwtkuGc=" ];
    ///   };
    ///
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///   inputs.hyprland.url = "github:hyprwm/Hyprland";
    ///   inputs.hyprland.inputs.nixpkgs.follows = "nixpkgs";
    ///
    ///   outputs = { nixpkgs, hyprland, ... }: {
    ///     packages.x86_64-linux.default = hyprland.packages.x86_64-linux.hyprland;
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://hyprland.cachix.org" ];
    ///     extra-trusted-public-keys = [ "hyprland.cachix.org-1:a7pgxzMz7+chwVL3/pzj6jIBMioiJM7ypFP8PwtkuGc=" ];
    ///   };
    ///
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ///   inputs.hyprland.url = "github:hyprwm/Hyprland";
    ///
    ///   outputs = { nixpkgs, hyprland, ... }: {
    ///     packages.x86_64-linux.default = hyprland.packages.x86_64-linux.hyprland;
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It removes the line. The input's packages then come with the libraries of its own nixpkgs, and the
    /// lock file has to be written anew, which is why the fix is not safe.
    ///
    /// # When it stays silent
    ///
    /// - The tree uses only modules, overlays or functions of the input: they build with your nixpkgs
    ///   anyway.
    /// - The input's cache is not asked in this tree, or it is not known to have one.
    /// - It follows the nixpkgs of an input, its own or one of the same makers, or nothing at all.
    ///
    /// # Sources
    ///
    /// - Hyprland wiki, "Nix", "Cachix": do not override its nixpkgs.
    /// - The table of inputs; each row's source is printed with it.
    pub struct FollowsBustsCache {
        id: "follows-busts-cache",
        group: Flake,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for FollowsBustsCache {
    fn meta(&self) -> &'static RuleMeta {
        const { &FollowsBustsCache::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let inputs = cx.facts.flakes.iter().flat_map(|flake| &flake.inputs);
        let found: Vec<Diagnostic> = inputs.filter_map(|input| report(cx, input)).collect();
        cx.report_all(found);
    }
}

fn report(cx: &TreeContext<'_>, input: &FlakeInput) -> Option<Diagnostic> {
    let reference = input.reference.as_ref()?;
    let row = cx.knowledge.cached_input(&reference.owner, &reference.repository)?;
    let changed = input.overrides.iter().find(|changed| changed.name == "nixpkgs")?;
    if changed.follows.is_empty() || changed.follows.contains('/') {
        return None;
    }
    let used = *input.packages.first()?;
    let cache = asked_cache(cx, row)?;
    let (name, address) = (&input.name, cache_address(&cache.text));
    let target = cx.facts.flakes.iter().find_map(|flake| flake.input(&changed.follows));
    let is_pinned = target.and_then(|it| it.reference.as_ref()).is_some_and(is_commit);
    // Who pins an input for another one may have taken the commit from there.
    let unless = match is_pinned {
        true => format!(" unless {} is the very commit that it has itself", changed.follows),
        false => String::new(),
    };
    let message = format!(
        "packages of {name} are built here{unless}, for {address} has them with its own nixpkgs only"
    );
    let evidence = row.evidence();
    let mut found = Diagnostic::new(&FollowsBustsCache::META, changed.key, message)
        .note(format!("{address} is the cache of {name} ({evidence})"))
        .related(used, "a package is used here")
        .related(cache.place, "the cache is asked here");
    if let Some(edits) = without(cx, changed) {
        let why =
            "its packages come with their own libraries, and flake.lock has to be written anew";
        found = found.fix(Fix::unsafe_because("Let it keep its own nixpkgs", why, edits));
    }
    Some(found)
}

/// Whether a commit is asked for, and no branch.
fn is_commit(reference: &Reference) -> bool {
    reference
        .name
        .as_ref()
        .is_some_and(|name| name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A cache of the input that the tree asks.
fn asked_cache(cx: &TreeContext<'_>, row: &CachedInput) -> Option<CacheElement> {
    let lists = cx.facts.cache_settings().filter(|list| list.list == CacheList::Substituters);
    lists
        .flat_map(|list| list.elements)
        .find(|element| row.caches.iter().any(|cache| cache == cache_address(&element.text)))
}

/// The definition removed, where it is one by itself.
fn without(cx: &TreeContext<'_>, changed: &InputOverride) -> Option<Vec<crate::lint::FixEdit>> {
    let definition = changed.definition?;
    let file = cx.edited(definition.file)?;
    let node = file.node(definition)?;
    (node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE).then_some(())?;
    file.remove_definition(definition)
}
