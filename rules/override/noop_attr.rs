//! The rule `noop-attr`.

use crate::declare_rule;
use crate::facts::{Change, Package};
use crate::knowledge::IgnoredAttribute;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::built::may_compile;
use crate::rules::made::{Made, made};
use crate::rules::removal;
use crate::rules::work;

declare_rule! {
    /// # What it flags
    ///
    /// An attribute of a derivation that nothing in its build heeds: `NIX_CXXFLAGS_COMPILE`,
    /// `CARGO_INCREMENTAL = 0` in a release build, `enableParallelBuilding = true` where ninja or cargo
    /// builds.
    ///
    /// # Why it matters
    ///
    /// Each attribute becomes a variable of the build, and so a part of the derivation's hash. One that
    /// nothing reads changes no byte of the program, and yet takes a package of nixpkgs out of the
    /// cache. And who sets it believes in something that does not happen: nobody optimises C++ with
    /// `NIX_CXXFLAGS_COMPILE`.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.snappy.overrideAttrs (old: {
    ///       env = (old.env or { }) // {
    ///         NIX_CFLAGS_COMPILE = "-O3";
    ///         NIX_CXXFLAGS_COMPILE = "-O3";
    ///       };
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
    ///     (pkgs.snappy.overrideAttrs (old: {
    ///       env = (old.env or { }) // {
    ///         NIX_CFLAGS_COMPILE = "-O3";
    ///       };
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It removes the attribute, and an `env` that holds nothing else. It is unsafe: the derivation is
    /// another, and is built once more, to the same result.
    ///
    /// # When it stays silent
    ///
    /// - It is not known what builds the package, or with which tools, and what reads the attribute
    ///   depends on that.
    /// - A phase of the build's own takes the place of the one that ignores it, or a text of the call
    ///   names the variable.
    /// - nixpkgs is known to give the package the attribute too.
    /// - Nothing is compiled, or it is an environment to work in.
    /// - Other rules tell of it: `ignored-jobs` of limits, `ignored-timeout`, `cargo-incremental`.
    ///
    /// Of the tree's own packages, and of a flake's, no cache is lost: there it is for information only.
    ///
    /// # Sources
    ///
    /// Each row of `rules/knowledge/ignored.toml` names its source; the note of a finding quotes it.
    pub struct NoopAttr {
        id: "noop-attr",
        group: Override,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for NoopAttr {
    fn meta(&self) -> &'static RuleMeta {
        const { &NoopAttr::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx) {
            for diagnostic in of_made(cx, &made) {
                found.push(diagnostic);
            }
        }
        cx.report_once_a_place(found);
    }
}

/// An attribute that is not heeded.
struct Ignored<'a> {
    change: &'a Change,
    /// The `env` it stands in.
    within: Option<&'a Change>,
    row: &'a IgnoredAttribute,
}

fn of_made(cx: &TreeContext<'_>, made: &Made<'_>) -> Vec<Diagnostic> {
    if !may_compile(cx, made) || made.is_template(cx) {
        return Vec::new();
    }
    let top = made.attributes.iter().map(|change| (change, None));
    let env = made.attributes.iter().filter(|change| change.name == "env");
    let inner = env.flat_map(|env| env.inner.iter().map(move |change| (change, Some(env))));
    let all = top.chain(inner).filter(|(change, _)| !change.is_identity);
    all.filter_map(|(change, within)| {
        let value = work::literal(&change.value);
        let row = cx.knowledge.ignored_at(&change.name, value.as_ref(), made)?;
        if is_there_anyway(cx, made, change) {
            return None;
        }
        let ignored = Ignored { change, within, row };
        (!made.uses_variable(cx, &change.name)).then(|| report(cx, made, &ignored))
    })
    .collect()
}

/// Whether nixpkgs gives the package the attribute too: then the derivation stays as it was.
fn is_there_anyway(cx: &TreeContext<'_>, made: &Made<'_>, change: &Change) -> bool {
    let package = made.package.filter(|package| package.is_stock());
    let upstream = package.and_then(|package| cx.knowledge.upstream(&package.lookup_path()));
    upstream.is_some_and(|row| row.sets(&change.name) || row.has_variable(&change.name))
}

fn report(cx: &TreeContext<'_>, made: &Made<'_>, ignored: &Ignored<'_>) -> Diagnostic {
    let Ignored { change, within, row } = ignored;
    let name = &made.name;
    let own = change.key.or(change.value.place).unwrap_or(made.call.span);
    let place = made.call.used_at.unwrap_or(own);
    let optional = change.optional || within.is_some_and(|env| env.optional);
    let condition = match optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let attribute = match work::literal(&change.value).filter(|_| !row.values.is_empty()) {
        Some(value) => format!("{} = {value}", change.name),
        None => change.name.to_string(),
    };
    let message = format!("{condition}`{attribute}` changes nothing about how {name} is built");
    let is_stock = made.package.is_some_and(Package::is_stock);
    let harm = match is_stock {
        true => format!(
            "Yet it is part of the derivation: no cache has {name} with it, and each change of it \
             builds {name} anew"
        ),
        false => format!(
            "It is part of the derivation all the same: each change of it builds {name} anew"
        ),
    };
    let severity = if is_stock { Severity::Warning } else { Severity::Info };
    let mut found = Diagnostic::new(&NoopAttr::META, place, message)
        .severity(severity)
        .note(format!("{} ({})", row.why, row.evidence()))
        .note(harm);
    if place != own {
        found = found.related(own, "in this helper");
    }
    let title = format!("Remove `{}`", change.name);
    let edits = removal::remove_attributes(cx, &[(change, *within)]);
    found.fix(Fix::unsafe_or_shown(
        title,
        "the derivation is another, and is built once more, to the same result",
        edits,
    ))
}
