//! The rule `cache-connections`.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::facts::{CacheList, ModuleKind, Setting, SettingPlace, ValueKind};
use crate::knowledge::cache_address;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// `http-connections` or `max-substitution-jobs` below Nix's own default, where several caches are
    /// asked.
    ///
    /// # Why it matters
    ///
    /// Every path is asked of the caches, and what they have is fetched over the same few connections:
    /// an update of a thousand paths waits for its turn, whatever the line could carry. More than the
    /// default gains little.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, ... }:
    ///
    /// {
    ///   imports = [ ./hardware-configuration.nix ];
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings = {
    ///     substituters = [ "https://cache.nixos.org" "https://nix-community.cachix.org" ];
    ///     http-connections = 4;
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, ... }:
    ///
    /// {
    ///   imports = [ ./hardware-configuration.nix ];
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings = {
    ///     substituters = [ "https://cache.nixos.org" "https://nix-community.cachix.org" ];
    ///     http-connections = 25;
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes Nix's own default. It is safe: how much is fetched at once changes no derivation. In a
    /// user's configuration and in a flake's `nixConfig` it is only described, since the daemon heeds
    /// those of trusted users only.
    ///
    /// # When it stays silent
    ///
    /// For zero, which means without limit; for a single cache; for values that are not known.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/advice.toml`, `[connections]`.
    pub struct CacheConnections {
        id: "cache-connections",
        group: Advice,
        severity: Info,
        fix: Sometimes(Safe),
        since: "0.1.0",
        default_on: false,
    }
}

/// From this many caches on they are several.
const SEVERAL: usize = 2;

impl Rule for CacheConnections {
    fn meta(&self) -> &'static RuleMeta {
        const { &CacheConnections::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let lists: Vec<_> = cx.facts.cache_settings().collect();
        let caches: BTreeSet<&str> = lists
            .iter()
            .filter(|list| list.list == CacheList::Substituters)
            .flat_map(|list| &list.elements)
            .map(|element| cache_address(&element.text))
            .collect();
        if caches.len() < SEVERAL {
            return;
        }
        let of = |setting: &Setting| of_setting(cx, setting, caches.len());
        let found: Vec<Diagnostic> = cx.facts.settings.iter().filter_map(of).collect();
        cx.report_all(found);
    }
}

fn of_setting(cx: &TreeContext<'_>, setting: &Setting, caches: usize) -> Option<Diagnostic> {
    let advice = &cx.knowledge.advice.connections;
    let [nix, settings, name] = setting.path.as_slice() else { return None };
    let default = match name.as_str() {
        "http-connections" => advice.http,
        "max-substitution-jobs" => advice.jobs,
        _ => return None,
    };
    let ValueKind::Int(value) = setting.value.kind else { return None };
    let is_low = nix == "nix" && settings == "settings" && (1..default).contains(&value);
    if !is_low {
        return None;
    }
    let condition = match setting.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let message = format!("{condition}{caches} caches are fetched from with `{name}` at {value}");
    let found = Diagnostic::new(&CacheConnections::META, setting.key, message)
        .note(format!("Nix's own default is {default} ({})", advice.evidence()));
    let title = format!("Set `{name}` to {default}");
    Some(found.fix(match edits(cx, setting, default) {
        Some(edits) => Fix::safe(title, edits),
        None => Fix::suggestion(title, Vec::new()),
    }))
}

fn edits(cx: &TreeContext<'_>, setting: &Setting, default: i64) -> Option<Vec<FixEdit>> {
    let is_trusted =
        matches!(setting.place, SettingPlace::Module(ModuleKind::Nixos | ModuleKind::Darwin));
    let literal = setting.value.literal.filter(|_| is_trusted)?;
    let file = cx.edited(literal.file)?;
    let node = file.node(literal)?;
    let is_number = node.kind() == SyntaxKind::NODE_LITERAL;
    is_number.then(|| vec![FixEdit::replace(literal, default.to_string())])
}
