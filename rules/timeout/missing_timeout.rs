//! The rule `missing-timeout`.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::builds::{Allowance, Build, builds, spelled};
use super::meta_edit::{MetaEdit, isolation};
use super::policy::Policy;
use crate::config::TimeoutStyle;
use crate::declare_rule;
use crate::facts::Method;
use crate::knowledge::Known;
use crate::lint::edits::Definition;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A derivation that compiles something, or an override that makes it be compiled anew, without
    /// `meta.timeout`, where the tree's policy asks for one.
    ///
    /// # Why it matters
    ///
    /// A build that hangs holds its threads and its memory until somebody notices. `meta.timeout` is
    /// what Hydra and evaluators like it read to stop it, it says to people how long is normal, and
    /// it costs nothing: metadata is no part of the derivation, so nothing is built anew. Nix itself
    /// reads it nowhere; a local build is stopped by the settings `timeout` and `max-silent-time` only.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///
    ///       meta = {
    ///         description = "Takes notes";
    ///         mainProgram = "notes";
    ///       };
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [timeouts]
    /// require = "all"
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///
    ///       meta = {
    ///         description = "Takes notes";
    ///         mainProgram = "notes";
    ///         timeout = 14400; # 4 hours
    ///       };
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [timeouts]
    /// require = "all"
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes `timeout` into the `meta` that is there, or a `meta.timeout` where there is none; in
    /// `overrideAttrs` it extends the old `meta`, so that `mainProgram`, which is part of the
    /// derivation, stays. No hash changes, so it is safe. The number is what `frugix.toml` says for
    /// the package, else what its attribute `timeout` says, else that of the tables: generous, for it
    /// is there to stop what hangs and not what is slow. With `style = "attr+meta"` the attribute
    /// `timeout` is written too; as it is part of the derivation, that fix is unsafe.
    ///
    /// # When it stays silent
    ///
    /// `require` under `[timeouts]` in `frugix.toml` is `"auto"` unless it says otherwise: all builds,
    /// if any derivation of the tree has a timeout or `frugix.toml` has a `[timeouts]` table, and
    /// none elsewhere. `"heavy"` covers what is expected to take more than an hour. What compiles
    /// nothing needs none: wrappers, unpacked binaries, texts, derivations with `dontBuild`, overrides
    /// of metadata. Nor does a package of nixpkgs of which nothing shows that it compiles, or a call
    /// whose attributes come from an argument that cannot be followed: it may bring a `meta`.
    ///
    /// # Sources
    ///
    /// nixpkgs manual, "Meta-attributes": `timeout` is "a timeout (in seconds) for building the
    /// derivation" and "must be presented directly to an evaluation process that handles" it.
    /// nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: `meta` is taken out before the derivation is
    /// made. The numbers are those of `rules/knowledge/packages.toml` and `timeouts.toml`.
    pub struct MissingTimeout {
        id: "missing-timeout",
        group: Timeout,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for MissingTimeout {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let policy = Policy::of(cx);
        let covered: Vec<Build<'_>> =
            builds(cx).into_iter().filter(|build| policy.covers(build, cx)).collect();
        let shared = longest_by_literal(cx, &covered);
        let tree: &TreeContext<'_> = cx;
        // Each file is read for its fix, which takes longer than most other rules together.
        let of_build = |build: &Build<'_>| of_build(tree, build, policy.style, &shared);
        let found: Vec<Diagnostic> = covered.par_iter().filter_map(of_build).collect();
        cx.report_all(found);
    }
}

/// What a build lacks.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Lack {
    Meta,
    Attribute,
    Both,
}

type Longest = BTreeMap<(usize, u32), u64>;

/// One text may serve several packages: it gets the longest time that any of them needs.
fn longest_by_literal(cx: &TreeContext<'_>, builds: &[Build<'_>]) -> Longest {
    let mut longest = Longest::new();
    for build in builds {
        if let Some(literal) = build.call.literal {
            let seconds = longest.entry(key(literal)).or_default();
            *seconds = build.allowance(cx).seconds.max(*seconds);
        }
    }
    longest
}

fn key(literal: Span) -> (usize, u32) {
    (literal.file.index(), literal.range.start().into())
}

fn of_build(
    cx: &TreeContext<'_>,
    build: &Build<'_>,
    style: TimeoutStyle,
    longest: &Longest,
) -> Option<Diagnostic> {
    if build.builder.is_some_and(|builder| !builder.takes_meta) {
        return None;
    }
    let wants_attribute =
        style == TimeoutStyle::AttrAndMeta && build.method != Some(Method::Override);
    let lack = match (build.has_meta_timeout(), build.has_timeout_attribute() || !wants_attribute) {
        (true, true) => return None,
        (false, true) => Lack::Meta,
        (true, false) => Lack::Attribute,
        (false, false) => Lack::Both,
    };
    let name = &build.name;
    let verb = match build.method {
        Some(_) => "is compiled here",
        // What stdenv's own function makes may be put together as well as compiled.
        None if build.is_generic() => "is built",
        None => "is compiled",
    };
    let lacking = match lack {
        Lack::Meta => "no `meta.timeout`",
        Lack::Attribute => "no attribute `timeout`",
        Lack::Both => "neither `meta.timeout` nor the attribute `timeout`",
    };
    let allowance = build.allowance(cx);
    let mut found = Diagnostic::new(
        &MissingTimeout::META,
        build.place,
        format!("{name} {verb} and has {lacking}"),
    )
    .note(capitalised(&allowance.because));
    found = match lack {
        Lack::Meta => found.note(
            "`meta.timeout` is for Hydra and evaluators like it, and changes no hash; Nix stops a local \
             build by its settings `timeout` and `max-silent-time` only",
        ),
        Lack::Attribute | Lack::Both => found.note(
            "The attribute is part of the derivation: it, and each change of its number, builds the \
             package anew, and Nix reads it nowhere; it is asked for by `style = \"attr+meta\"`",
        ),
    };
    if build.in_helper {
        found = found.related(build.call.span, "by this override in a helper");
    }
    if build.call.condition.is_some() {
        found = found.note("It is compiled if the condition around it holds");
    }
    let shared = build.call.literal.and_then(|literal| longest.get(&key(literal)).copied());
    let seconds = shared.unwrap_or(allowance.seconds);
    Some(found.fixes(fix(cx, build, lack, &Allowance { seconds, ..allowance })))
}

fn fix(cx: &TreeContext<'_>, build: &Build<'_>, lack: Lack, allowance: &Allowance) -> Option<Fix> {
    if build.method == Some(Method::Override) {
        return after_override(cx, build, allowance);
    }
    let literal = build.call.literal?;
    // A builder with a fixed list of arguments may not know `meta`.
    let takes_any = build.builder.is_none_or(|it| it.forwards_unknown == Known::Yes);
    if !takes_any && build.attribute("meta").is_none() {
        return None;
    }
    let file = cx.edited(literal.file)?;
    let edit = MetaEdit {
        file: &file,
        call: build.call,
        attributes: build.attributes,
        open: build.open,
        is_override: build.method.is_some(),
    };
    let value = allowance.seconds.to_string();
    let remark = spelled(allowance.seconds);
    let fix = match lack {
        Lack::Meta | Lack::Both => {
            let edits = edit.set("timeout", &value, Some(&remark))?;
            Fix::safe(format!("Give it a `meta.timeout` of {remark}"), edits)
        }
        Lack::Attribute => {
            let text = format!("timeout = {value};");
            let definition = Definition { text: &text, remark: Some(&remark) };
            let edits = file.insert(literal, None, &[definition])?;
            let why = "the attribute is part of the derivation, which is built anew";
            Fix::unsafe_because(format!("Give it a `timeout` of {remark}"), why, edits)
        }
    };
    Some(fix.isolated(isolation(build.call)))
}

/// An override of arguments has no place for `meta`: it takes another call behind it.
fn after_override(cx: &TreeContext<'_>, build: &Build<'_>, allowance: &Allowance) -> Option<Fix> {
    if build.in_helper {
        return None;
    }
    let file = cx.edited(build.call.span.file)?;
    let call = file.slice(build.call.span.range);
    let meta = format!("meta = (old.meta or {{ }}) // {{ timeout = {}; }};", allowance.seconds);
    let text = format!("({call}).overrideAttrs (old: {{ {meta} }})");
    let edits = file.replace(build.call.span, &text)?;
    let title = format!("Give it a `meta.timeout` of {}", spelled(allowance.seconds));
    Some(Fix::suggestion(title, edits))
}

fn capitalised(sentence: &str) -> String {
    match sentence.strip_prefix("its") {
        Some(rest) => format!("Its{rest}"),
        None => sentence.to_owned(),
    }
}
