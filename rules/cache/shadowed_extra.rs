//! Settings that are lost because the one they add to is written after them.

use std::collections::BTreeSet;

use super::lists::{Replacing, are_together};
use crate::declare_rule;
use crate::facts::{Setting, SettingPlace, ValueKind};
use crate::lint::edits::EditedFile;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::source::Span;
use crate::syntax::{Node, StringPart, SyntaxKind, string_parts};

declare_rule! {
    /// # What it flags
    ///
    /// A setting and its `extra-` counterpart in one home-manager configuration or one `nixConfig`:
    /// `substituters` and `extra-substituters`, `trusted-users` and `extra-trusted-users`.
    ///
    /// # Why it matters
    ///
    /// Both write settings in alphabetical order, and Nix takes them in the order it reads them: first
    /// `extra-substituters` adds to the list, then `substituters` replaces all of it. The extra caches
    /// are never asked, and nothing says so.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     substituters = [ "https://cache.nixos.org" ];
    ///     extra-substituters = [ "https://nix-community.cachix.org" ];
    ///     extra-trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    ///
    ///   outputs = { self }: { };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     substituters = [ "https://cache.nixos.org" "https://nix-community.cachix.org" ];
    ///     extra-trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    ///
    ///   outputs = { self }: { };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It moves the elements of the extra list into the list that replaces them.
    ///
    /// # When it stays silent
    ///
    /// - NixOS and nix-darwin: they write the `extra-` settings last.
    /// - A setting that sorts before its counterpart, such as `experimental-features`: then the extra
    ///   ones are added after it.
    /// - The text of a nix.conf, which keeps its order.
    /// - The two are not known to end up in one file.
    ///
    /// # Sources
    ///
    /// - home-manager, `modules/misc/nix/default.nix`: the settings are written by `mapAttrsToList`.
    /// - Nix, `src/libflake/include/nix/flake/flake.hh`: the settings of `nixConfig` are a sorted map.
    /// - Nix, issue 9487: `extra-` before the setting itself is lost. nixpkgs (pull request 278064) and
    ///   nix-darwin (1337) put it last for that reason.
    pub struct ShadowedExtra {
        id: "shadowed-extra",
        group: Cache,
        severity: Error,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for ShadowedExtra {
    fn meta(&self) -> &'static RuleMeta {
        const { &ShadowedExtra::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let is_settled = |setting: &&Setting| {
            let is_written = !matches!(setting.place, SettingPlace::NixConf(_));
            is_written && Replacing::of(setting).is_some() && setting.path.len() == 3
        };
        let settings: Vec<&Setting> = cx
            .facts
            .settings
            .iter()
            .filter(is_settled)
            .filter(|setting| setting.path.starts_with(&["nix".into(), "settings".into()]))
            .collect();
        let mut found = Vec::new();
        for extra in &settings {
            let Some(name) = name(extra).strip_prefix("extra-") else { continue };
            let is_lost = name > self::name(extra);
            let plain = |other: &&&Setting| self::name(other) == name && are_together(extra, other);
            let plain: Vec<&Setting> = settings.iter().filter(plain).copied().collect();
            if let [first, ..] = plain.as_slice()
                && is_lost
            {
                let rivals = settings.iter().filter(|other| {
                    self::name(other) == self::name(extra) && are_together(extra, other)
                });
                let is_single = plain.len() == 1 && rivals.count() == 1;
                found.push(report(cx, extra, first, is_single));
            }
        }
        cx.report_all(found);
    }
}

/// The setting's name.
fn name(setting: &Setting) -> &str {
    setting.path.last().map(String::as_str).unwrap_or_default()
}

fn report(cx: &TreeContext<'_>, extra: &Setting, plain: &Setting, is_single: bool) -> Diagnostic {
    let (name, extra_name) = (name(plain), name(extra));
    let writer = match Replacing::of(extra) {
        Some(Replacing::Flake) => "Nix applies nixConfig in alphabetical order",
        _ => "home-manager writes nix.conf in alphabetical order",
    };
    let is_certain = extra.condition.is_none() && plain.condition.is_none();
    let effect = match is_certain {
        true => "has no effect",
        false => "has no effect where both hold",
    };
    let message = format!("{extra_name} {effect}: {name} is set too, and replaces it");
    let mut found = Diagnostic::new(&ShadowedExtra::META, extra.key, message)
        .note(format!("{writer}, so {name} comes after {extra_name}"))
        .related(plain.key, format!("{name} is set here"));
    found.hosts.extend(extra.host.clone());
    let merged = is_single.then(|| merge(cx, extra, plain)).flatten().filter(|_| is_certain);
    found.fixes(merged.map(|edits| Fix::safe(format!("Move its elements into {name}"), edits)))
}

/// The elements of `extra` put behind those of `plain`, and `extra` gone.
fn merge(cx: &TreeContext<'_>, extra: &Setting, plain: &Setting) -> Option<Vec<FixEdit>> {
    let written = |setting: &Setting| {
        let place = setting.value.place?;
        let is_own = setting.definition?.range.contains_range(place.range);
        (is_own && place.file == setting.key.file).then_some(place)
    };
    let (from, to) = (written(extra)?, written(plain)?);
    let there: BTreeSet<String> = texts(plain)?.into_iter().collect();
    let source = cx.edited(from.file)?;
    let list = list_at(&source, from)?;
    let is_plain = list.children().all(is_text);
    if !is_plain || source.has_comment(list.range()) {
        return None;
    }
    let known = texts(extra)?;
    let elements: Vec<String> = list.children().map(|node| node.text().to_owned()).collect();
    let is_new = |index: &usize| known.get(*index).is_none_or(|text| !there.contains(text));
    let new: Vec<String> =
        (0..elements.len()).filter(is_new).map(|index| elements[index].clone()).collect();
    let file = cx.edited(to.file)?;
    let to = file.span(list_at(&file, to)?.range());
    let mut edits = match new.is_empty() {
        true => Vec::new(),
        false => file.append_elements(to, &new)?,
    };
    edits.extend(source.remove_definition(extra.definition?)?);
    edits.sort_by_key(|edit| edit.span.sort_key());
    Some(edits)
}

fn list_at(file: &EditedFile, place: Span) -> Option<Node<'_>> {
    file.node(place).filter(|node| node.kind() == SyntaxKind::NODE_LIST)
}

/// Whether `node` means the same wherever it stands.
fn is_text(node: Node<'_>) -> bool {
    let is_text = |part: &StringPart<'_>| matches!(part, StringPart::Text(_));
    node.kind() == SyntaxKind::NODE_STRING && string_parts(node).iter().all(is_text)
}

/// The texts of a list of strings that is wholly known.
fn texts(setting: &Setting) -> Option<Vec<String>> {
    let ValueKind::List(items) = &setting.value.kind else { return None };
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}
