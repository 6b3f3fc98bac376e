//! The rule `unreviewed-override`.

use super::cost;
use crate::budget::concern::Concern;
use crate::declare_rule;
use crate::facts::OverrideSite;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// An override of a package of nixpkgs that is not on your list of those to keep.
    ///
    /// Only once there is such a list: `keep` under `[overrides]` in `frugix.toml`.
    ///
    /// # Why it matters
    ///
    /// Most overrides take a package out of the binary cache, for as long as somebody remembers why.
    /// A list of those that were looked at makes each new one a decision.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.btop.override { rocmSupport = true; })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [overrides]
    /// keep = ["ripgrep"]
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     pkgs.btop
    ///   ];
    /// }
    /// #- frugix.toml
    /// [overrides]
    /// keep = ["ripgrep"]
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only names the two ways: the plain package, or a line in the list.
    ///
    /// # When it stays silent
    ///
    /// - There is no list. `keep = [ ]` is one.
    /// - The package is on it: by its path, its last name, or the name of its wrapper (`firefox` stands
    ///   for `firefox-unwrapped` too).
    /// - The derivation stays the same, or the package is none of nixpkgs.
    /// - Another rule tells what the same override costs.
    ///
    /// # Sources
    ///
    /// What is wanted is the owner's to say.
    pub struct UnreviewedOverride {
        id: "unreviewed-override",
        group: Override,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for UnreviewedOverride {
    fn meta(&self) -> &'static RuleMeta {
        const { &UnreviewedOverride::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if !cx.config.overrides.reviewed {
            return;
        }
        cx.report_each(cost::sites(cx.facts), of_override);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let (package, Concern::Other) = cost::concern(cx, site)? else { return None };
    let name = package.name();
    let message =
        format!("this override of {name} is not among those to keep{}", cost::proviso(site));
    let (place, helper) = cost::at(cx, site);
    let last = package.path.last().map_or(name.as_str(), String::as_str);
    let found = Diagnostic::new(&UnreviewedOverride::META, place, message);
    let title = format!("Use {name} as it is, or add \"{last}\" to `keep` under [overrides]");
    Some(cost::with_helper(found, helper).fix(Fix::suggestion(title, Vec::new())))
}
