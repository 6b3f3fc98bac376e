//! The rule `zram`.

use super::heavy::heavy;
use crate::budget::{Host, holds_on, is_built_on};
use crate::config::Bytes;
use crate::declare_rule;
use crate::facts::{ModuleKind, Setting, SettingPlace};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A machine of less than 32 GiB that builds something heavy and has no `zramSwap`, or one that
    /// compresses little or keeps it small.
    ///
    /// # Why it matters
    ///
    /// The memory of a build has a peak, most often at the link. Where it is more than there is, the
    /// kernel ends the build after hours. Compressed swap in memory takes in what is not touched at the
    /// moment, at a speed that a disk does not have.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   outputs = { nixpkgs, ... }: {
    ///     nixosConfigurations.laptop = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
    ///   };
    /// }
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   zramSwap = {
    ///     enable = true;
    ///     algorithm = "lz4";
    ///   };
    ///   environment.systemPackages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "16GiB"
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   outputs = { nixpkgs, ... }: {
    ///     nixosConfigurations.laptop = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
    ///   };
    /// }
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   zramSwap = {
    ///     enable = true;
    ///     algorithm = "zstd";
    ///     memoryPercent = 75;
    ///   };
    ///   environment.systemPackages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "16GiB"
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: it is the machine's memory, and its owner's choice.
    ///
    /// # When it stays silent
    ///
    /// For machines of which the memory is not known, or that have no NixOS configuration in the tree;
    /// where nothing heavy is built; where `frugix.toml` or a hardware profile tells of zram; where
    /// `zramSwap` hangs on a condition.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/advice.toml`, `[zram]`; nixpkgs, `nixos/modules/config/zram.nix`.
    pub struct Zram {
        id: "zram",
        group: Advice,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
        default_on: false,
    }
}

impl Rule for Zram {
    fn meta(&self) -> &'static RuleMeta {
        const { &Zram::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let builds: Vec<(String, Span)> =
            heavy(cx).into_iter().map(|one| (one.build.name.clone(), one.build.place)).collect();
        let found: Vec<Diagnostic> =
            budget.hosts.iter().flat_map(|host| of_host(cx, host, &builds)).collect();
        cx.report_all(found);
    }
}

fn of_host(cx: &TreeContext<'_>, host: &Host, builds: &[(String, Span)]) -> Vec<Diagnostic> {
    let advice = &cx.knowledge.advice.zram;
    let enough = Bytes::gibibytes(advice.memory_gib);
    let is_here = |(_, place): &&(String, Span)| is_built_on(place.file, host, cx.facts);
    let Some((build, _)) = builds.iter().find(is_here) else { return Vec::new() };
    let Some(memory) = host.memory.filter(|memory| memory.value < enough) else {
        return Vec::new();
    };
    let of_system = |setting: &&Setting| {
        setting.place == SettingPlace::Module(ModuleKind::Nixos) && holds_on(setting, host)
    };
    let settings: Vec<&Setting> = cx.facts.settings.iter().filter(of_system).collect();
    let option = |name: &str| settings.iter().find(|setting| setting.path == ["zramSwap", name]);
    let report = |place: Span, message: String| {
        let note = format!(
            "{} has {} and builds {build}; with zram, {} ({})",
            host.name,
            memory.value,
            advice.gain,
            advice.evidence()
        );
        Diagnostic::new(&Zram::META, place, message).note(note).host(host.name.clone())
    };
    let is_decided = |setting: &Setting| setting.condition.is_none() && setting.value.is_known();
    match option("enable") {
        Some(enable) if !is_decided(enable) => Vec::new(),
        Some(enable) if enable.value.as_bool() == Some(true) => {
            let algorithm = option("algorithm").filter(|setting| is_decided(setting));
            let other = algorithm.filter(|setting| {
                setting.value.as_str().is_some_and(|name| name != advice.algorithm)
            });
            let percent = option("memoryPercent").filter(|setting| is_decided(setting));
            let low = percent.filter(|setting| {
                setting.value.as_int().is_some_and(|percent| percent < advice.percent)
            });
            let other = other.map(|setting| {
                let message =
                    format!("{} compresses more than {}", advice.algorithm, shown(setting));
                let fix = format!("Set `zramSwap.algorithm` to {}", advice.algorithm);
                report(setting.key, message).fix(Fix::suggestion(fix, Vec::new()))
            });
            let low = low.map(|setting| {
                let message = format!("{} % of the memory is little for zram", shown(setting));
                let fix = format!("Set `zramSwap.memoryPercent` to {} or more", advice.percent);
                report(setting.key, message).fix(Fix::suggestion(fix, Vec::new()))
            });
            other.into_iter().chain(low).collect()
        }
        enable if host.zram.is_none() => {
            let anchor = enable.or_else(|| settings.first()).map(|setting| setting.key);
            let message = format!("{} builds {build} and has no zram", host.name);
            let fix = format!(
                "Add `zramSwap = {{ enable = true; algorithm = \"{}\"; memoryPercent = {}; }};`",
                advice.algorithm, advice.percent
            );
            let found =
                anchor.map(|place| report(place, message).fix(Fix::suggestion(fix, Vec::new())));
            found.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn shown(setting: &Setting) -> String {
    let number = setting.value.as_int().map(|number| number.to_string());
    number.or_else(|| setting.value.as_str().map(str::to_owned)).unwrap_or_default()
}
