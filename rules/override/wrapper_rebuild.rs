//! The rule `wrapper-rebuild`.

use super::cost;
use crate::budget::concern::Concern;
use crate::declare_rule;
use crate::facts::{Context, OverrideSite};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// An override of a package that takes long to compile, made only to wrap its programs or to edit
    /// a desktop file.
    ///
    /// # Why it matters
    ///
    /// `postInstall` and `postFixup` are part of the derivation: with another text the package is
    /// another one, which no cache has, and all of it is compiled before the wrapper is written. A
    /// wrapper around the finished package takes seconds.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.freecad.overrideAttrs (old: {
    ///       nativeBuildInputs = old.nativeBuildInputs ++ [ pkgs.makeWrapper ];
    ///       postFixup = (old.postFixup or "") + ''
    ///         wrapProgram $out/bin/FreeCAD --set QT_QPA_PLATFORM xcb
    ///       '';
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.symlinkJoin {
    ///       name = "freecad-wrapped";
    ///       paths = [ pkgs.freecad ];
    ///       nativeBuildInputs = [ pkgs.makeWrapper ];
    ///       postBuild = ''
    ///         wrapProgram $out/bin/FreeCAD --set QT_QPA_PLATFORM xcb
    ///       '';
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It only shows the wrapper, for the result of `symlinkJoin` is not the package: it has no
    /// `.override`, no outputs but one, and desktop files that name a path of the package still start
    /// the unwrapped program.
    ///
    /// # When it stays silent
    ///
    /// - Something else changes too.
    /// - The package is a vendor's binary or a script, takes less than a quarter of an hour, or nothing
    ///   is known of what it takes.
    /// - It is given to an option of which the module overrides the package again.
    /// - `mass-rebuild-overlay` tells of the same override, or `keep` under `[overrides]` in
    ///   `frugix.toml` lists the package.
    ///
    /// # Sources
    ///
    /// - nixpkgs, `pkgs/build-support/trivial-builders/default.nix`: `symlinkJoin` links, and is
    ///   always made locally.
    /// - Which options override their package stands in `rules/knowledge/changes.toml`.
    pub struct WrapperRebuild {
        id: "wrapper-rebuild",
        group: Override,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for WrapperRebuild {
    fn meta(&self) -> &'static RuleMeta {
        const { &WrapperRebuild::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        cx.report_each(cost::sites(cx.facts), of_override);
    }
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let (package, Concern::Wrapping(cost)) = cost::concern(cx, site)? else { return None };
    if is_overridden_again(cx, site) {
        return None;
    }
    let name = package.name();
    let message =
        format!("this override compiles {name} here only to wrap it{}", cost::proviso(site));
    let (place, helper) = cost::at(cx, site);
    let found = Diagnostic::new(&WrapperRebuild::META, place, message);
    let found = cost::with_cost(cx, found, &name, &cost);
    let last = package.path.last().map_or(name.as_str(), String::as_str);
    let title = format!(
        "Wrap the finished package: symlinkJoin {{ name = \"{last}-wrapped\"; paths = [ pkgs.{name} ]; \
         nativeBuildInputs = [ pkgs.makeWrapper ]; postBuild = …; }}, which has no `.override` and \
         one output"
    );
    Some(cost::with_helper(found, helper).fix(Fix::suggestion(title, Vec::new())))
}

/// Whether what `site` makes is given to an option of which the module overrides it again.
fn is_overridden_again(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    let is_again = |option: &str| cx.knowledge.overrides_its_package(option);
    match &site.call.context {
        Context::OptionValue { option } => is_again(option),
        Context::Binding { name, .. } => cx.facts.settings.iter().any(|setting| {
            is_again(&setting.path.join("."))
                && setting.value.place.is_some_and(|place| {
                    cx.tree.source(place.file).is_ok_and(|source| {
                        source.slice(place.range).trim_matches(['(', ')']) == name
                    })
                })
        }),
        _ => false,
    }
}
