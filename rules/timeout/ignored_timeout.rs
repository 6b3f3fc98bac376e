//! The rule `ignored-timeout`.

use super::meta_edit::{MetaEdit, isolation};
use super::policy::Policy;
use crate::config::TimeoutStyle;
use crate::declare_rule;
use crate::facts::{Call, Change, Method};
use crate::knowledge::{Builder, BuilderClass};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

declare_rule! {
    /// # What it flags
    ///
    /// `timeout` or `maxSilent` as an attribute of a derivation.
    ///
    /// # Why it matters
    ///
    /// Nix never reads it: it becomes one more variable in the environment of the build, which runs as
    /// long as it likes. But it is part of the derivation, so each change of the number builds the
    /// package anew, and a package of nixpkgs that gets one is no longer the one in the binary cache.
    /// As `meta.timeout` it is read by Hydra and evaluators like it, and changes no hash.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.buildGoModule {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       vendorHash = null;
    ///       timeout = 7200; # two hours
    ///       meta.mainProgram = "notes";
    ///     })
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
    ///     (pkgs.buildGoModule {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       vendorHash = null;
    ///       # two hours
    ///       meta.mainProgram = "notes";
    ///       meta.timeout = 7200;
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It moves the number to `meta`, unless there is one already. It is unsafe, for without the
    /// attribute the derivation is another, and is built once more: apply it together with the next
    /// update of the package.
    ///
    /// # When it stays silent
    ///
    /// Everywhere but in the attributes of a call that is known to make a derivation, and in what
    /// `overrideAttrs` gets: boot loaders, idle daemons, services and JSON files have timeouts of their
    /// own. Where the build itself uses `$timeout`. With `style = "attr+meta"` under `[timeouts]` in
    /// `frugix.toml`, which asks for the attribute.
    ///
    /// # Sources
    ///
    /// Nix, `src/libstore/include/nix/store/derivation-options.hh`: the attributes that Nix reads;
    /// `src/libstore/build/worker.cc`: only the settings `timeout` and `max-silent-time` stop a build.
    pub struct IgnoredTimeout {
        id: "ignored-timeout",
        group: Timeout,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// The attributes of `meta` that are written as attributes of the derivation.
const NAMES: &[&str] = &["timeout", "maxSilent"];

impl Rule for IgnoredTimeout {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if Policy::of(cx).style == TimeoutStyle::AttrAndMeta {
            return;
        }
        let found: Vec<Diagnostic> = attributed(cx)
            .into_iter()
            .flat_map(|given| {
                let ignored = given
                    .attributes
                    .iter()
                    .filter(|change| NAMES.contains(&change.name.as_str()) && !change.is_identity);
                ignored.filter_map(|change| report(cx, &given, change)).collect::<Vec<_>>()
            })
            .collect();
        cx.report_all(found);
    }
}

/// Attributes of a derivation, as a call gives them.
struct Given<'a> {
    call: &'a Call,
    attributes: &'a [Change],
    open: bool,
    is_override: bool,
    is_stock: bool,
    /// There is a `meta` to move it to.
    takes_meta: bool,
}

/// The calls of which the attributes become those of a derivation.
fn attributed<'a>(cx: &TreeContext<'a>) -> Vec<Given<'a>> {
    let builders = cx.facts.derivations.iter().filter_map(|site| {
        let path = site.builder_path();
        let builder = cx.knowledge.builder(&path)?;
        // What a trivial builder or a shell gets is meant for its script.
        let is_read = builder.class != BuilderClass::Compiles && !is_generic(builder);
        (!is_read).then_some(Given {
            call: &site.call,
            attributes: &site.attributes,
            open: site.open,
            is_override: false,
            is_stock: false,
            takes_meta: builder.takes_meta,
        })
    });
    let overrides = cx.facts.overrides.iter().filter(|site| site.method != Method::Override);
    let overrides = overrides.map(|site| Given {
        call: &site.call,
        attributes: &site.changes,
        open: site.open,
        is_override: true,
        is_stock: site.package.as_ref().is_some_and(|package| package.is_stock()),
        takes_meta: true,
    });
    builders.chain(overrides).collect()
}

/// stdenv's own function, of which the attributes are for its phases.
fn is_generic(builder: &Builder) -> bool {
    builder.name.ends_with("mkDerivation")
}

fn report(cx: &TreeContext<'_>, given: &Given<'_>, change: &Change) -> Option<Diagnostic> {
    let key = change.key?;
    let name = &change.name;
    let place = given.call.used_at.unwrap_or(key);
    if is_used(cx, given.call, name) {
        return None;
    }
    let mut found = Diagnostic::new(
        &IgnoredTimeout::META,
        place,
        format!("Nix does not read `{name}` of a derivation: it stops nothing"),
    )
    .note(match given.is_stock {
        true => {
            "It is part of the derivation, so the package is not the one in the binary cache, and each \
             change of the number builds it anew"
        }
        false => "It is part of the derivation, so each change of the number builds the package anew",
    })
    .note(format!("`meta.{name}` is what Hydra and evaluators like it read, and changes no hash"));
    if given.call.used_at.is_some() {
        found = found.related(key, "in this helper");
    }
    let why = "without the attribute the derivation is another, and is built once more";
    let fix = fix(cx, given, change, key).map(|edits| {
        Fix::unsafe_because(format!("Move it to `meta.{name}`"), why, edits)
            .isolated(isolation(given.call))
    });
    Some(found.fixes(fix))
}

/// Whether the text of the call reads the variable: then the build makes something of it.
fn is_used(cx: &TreeContext<'_>, call: &Call, name: &str) -> bool {
    let Ok(source) = cx.tree.source(call.span.file) else { return false };
    let text = source.slice(call.span.range);
    [format!("${name}"), format!("${{{name}"), format!("finalAttrs.{name}")]
        .iter()
        .any(|variable| text.contains(variable.as_str()))
}

fn fix(
    cx: &TreeContext<'_>,
    given: &Given<'_>,
    change: &Change,
    key: Span,
) -> Option<Vec<FixEdit>> {
    change.value.as_int().filter(|seconds| given.takes_meta && *seconds > 0)?;
    let definition = change.definition?;
    let file = cx.edited(key.file)?;
    let literal = given.call.literal.filter(|literal| literal.file == key.file)?;
    let value = change.value.place.filter(|place| place.file == key.file)?;
    if !literal.range.contains_range(definition.range)
        || !definition.range.contains_range(value.range)
    {
        return None;
    }
    if is_named(file.node(literal)?, &change.name) {
        return None;
    }
    let meta = given.attributes.iter().find(|attribute| attribute.name == "meta");
    let mut edits = file.remove_definition(definition)?;
    if meta.is_some_and(|meta| meta.inner(&change.name).is_some()) {
        return Some(edits);
    }
    if meta.is_none() && !given.is_override && !given.open {
        return Some(vec![FixEdit::replace(key, format!("meta.{}", change.name))]);
    }
    let value = file.slice(value.range).to_owned();
    if meta.is_none() {
        let old = file.old_attributes(given.call.argument, literal)?;
        // Name and value apart: a comment between them stays.
        let whole = file.node(definition)?.last_child()?.range();
        let text = format!("({}.meta or {{ }}) // {{ {} = {value}; }}", old.name, change.name);
        let mut edits = old.edits;
        edits.push(FixEdit::replace(key, "meta"));
        edits.push(FixEdit::replace(file.span(whole), text));
        return Some(edits);
    }
    let edit = MetaEdit {
        file: &file,
        call: given.call,
        attributes: given.attributes,
        open: given.open,
        is_override: given.is_override,
    };
    edits.extend(edit.set(&change.name, &value, None)?);
    Some(edits)
}

/// Whether anything in the set refers to its attribute `name`.
fn is_named(set: Node<'_>, name: &str) -> bool {
    set.descendants().any(|node| {
        let is_reference = |parent: Node<'_>| {
            !matches!(parent.kind(), SyntaxKind::NODE_ATTRPATH | SyntaxKind::NODE_IDENT_PARAM)
        };
        node.kind() == SyntaxKind::NODE_IDENT
            && node.text() == name
            && node.parent().is_some_and(is_reference)
    })
}
