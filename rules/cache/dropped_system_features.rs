//! The rule `dropped-system-features`.

use super::nixpkgs_age::NixpkgsAge;
use super::served::is_at;
use crate::budget::{Host, holds_on};
use crate::declare_rule;
use crate::facts::{ModuleKind, Priority, Setting, SettingPlace, ValueFact, ValueKind};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A machine whose `system-features` take the place of the defaults, and lack `big-parallel` or the
    /// architecture that `gcc.arch` makes everything ask for.
    ///
    /// # Why it matters
    ///
    /// Chromium, LLVM, the kernel and other heavy packages ask for a builder with `big-parallel`. Nix
    /// offers it by default; a list that is set replaces the default, and then such a package cannot be
    /// built at all: "a 'x86_64-linux' with features {big-parallel} is required". It is noticed on the
    /// day that the cache has not got it. With `gcc.arch` set, every package asks for the `gccarch-…` of
    /// the platform that builds it: `nixpkgs.buildPlatform`, which is `nixpkgs.hostPlatform` unless it
    /// is set.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   outputs = { nixpkgs, ... }: {
    ///     nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
    ///   };
    /// }
    /// #- configuration.nix
    /// { lib, ... }:
    ///
    /// {
    ///   nix.settings.system-features = lib.mkForce [ "kvm" ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   outputs = { nixpkgs, ... }: {
    ///     nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
    ///   };
    /// }
    /// #- configuration.nix
    /// { lib, ... }:
    ///
    /// {
    ///   nix.settings.system-features = lib.mkForce [ "kvm" "big-parallel" ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It adds what is missing to the list. That changes what may be built here, and no derivation.
    ///
    /// # When it stays silent
    ///
    /// - The list is merged with the defaults: NixOS does so since February 2025, unless it is given with
    ///   `mkForce`. A plain list counts where `flake.lock`, or the branch where there is none, shows an
    ///   older nixpkgs. nix-darwin writes a list as it is, and so does the text of a nix.conf.
    /// - Another module of the same machine has the feature, or a list is not known.
    /// - The list is empty: that is no way to forget one feature, but to refuse them all.
    /// - A build machine that is in use has it, or may have it; nothing is built here (`max-jobs = 0`).
    /// - A module of which it is not known what machine it is of.
    ///
    /// # Sources
    ///
    /// NixOS/nixpkgs#383052 (February 2025): "make nix.settings.system-features default mergeable
    /// again". nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: `gccarch-…`. NixOS/nixpkgs#120679:
    /// `big-parallel` for what takes over two hours on two cores.
    pub struct DroppedSystemFeatures {
        id: "dropped-system-features",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for DroppedSystemFeatures {
    fn meta(&self) -> &'static RuleMeta {
        const { &DroppedSystemFeatures::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        cx.report_each(&cx.budget().hosts, of_host);
    }
}

/// What is in force in place of the default.
struct Replacement<'f> {
    /// The definitions, or the one line of nix.conf.
    definitions: Vec<&'f Setting>,
    /// Why it replaces the default.
    why: &'static str,
}

fn of_host(cx: &TreeContext<'_>, host: &Host) -> Option<Diagnostic> {
    let settings: Vec<&Setting> = cx
        .facts
        .settings
        .iter()
        .filter(|setting| is_of_system(setting) && holds_on(setting, host))
        .collect();
    let replacement = replacement(cx, host, &settings)?;
    let mut present = Vec::new();
    for definition in replacement.definitions.iter().chain(&extra(&settings)) {
        words(&definition.value, &mut present)?;
    }
    if present.is_empty() {
        return None;
    }
    let needed = needed(cx, &settings);
    let missing: Vec<&String> = needed
        .iter()
        .filter(|feature| !present.contains(feature) && !is_built_elsewhere(&settings, feature))
        .collect();
    (!missing.is_empty() && !builds_nothing(&settings))
        .then(|| report(cx, host, &replacement, &missing))
}

/// Whether it is of the machine itself and not of one of its users.
fn is_of_system(setting: &Setting) -> bool {
    matches!(
        setting.place,
        SettingPlace::Module(ModuleKind::Nixos | ModuleKind::Darwin)
            | SettingPlace::NixConf(ModuleKind::Nixos | ModuleKind::Darwin)
    )
}

fn is_of_text(setting: &Setting) -> bool {
    matches!(setting.place, SettingPlace::NixConf(_))
}

fn replacement<'f>(
    cx: &TreeContext<'f>,
    host: &Host,
    settings: &[&'f Setting],
) -> Option<Replacement<'f>> {
    let is_list = |setting: &&&Setting| {
        is_at(setting, "nix.settings.system-features") || is_at(setting, "nix.systemFeatures")
    };
    let all: Vec<&Setting> = settings.iter().filter(is_list).copied().collect();
    // Text comes behind what the options give, and the last line counts.
    if let Some(line) = all.iter().rfind(|setting| is_of_text(setting)) {
        let why = "This line comes last in nix.conf, in place of what stands before it";
        return Some(Replacement { definitions: vec![line], why });
    }
    let strongest = all.iter().map(|setting| setting.priority).min()?;
    let in_force = all.into_iter().filter(|setting| setting.priority == strongest);
    let definitions: Vec<&Setting> = in_force.collect();
    let is_darwin =
        definitions.iter().all(|setting| setting.place == SettingPlace::Module(ModuleKind::Darwin));
    let row = &cx.knowledge.system_features;
    let is_old = || NixpkgsAge::of(cx, host).is_before(row.merged_since, Some(&row.merged_release));
    let why = match strongest {
        _ if is_darwin => "nix-darwin writes the list as it is, in place of Nix' default",
        strongest if strongest < Priority::PLAIN => "mkForce takes the place of NixOS' own list",
        strongest if strongest < Priority::DEFAULT && is_old() => {
            "The nixpkgs of this machine is from before February 2025: there a list takes the place of \
             NixOS' own"
        }
        _ => return None,
    };
    Some(Replacement { definitions, why })
}

fn extra<'f>(settings: &[&'f Setting]) -> Vec<&'f Setting> {
    let is_extra = |setting: &&&Setting| is_at(setting, "nix.settings.extra-system-features");
    settings.iter().filter(is_extra).copied().collect()
}

/// Adds the words of a list or a text to `found`; `None` where they are not all known.
fn words(value: &ValueFact, found: &mut Vec<String>) -> Option<()> {
    match &value.kind {
        ValueKind::List(items) => items.iter().try_for_each(|item| words(item, found)),
        ValueKind::Str(text) => {
            found.extend(text.split_whitespace().map(str::to_owned));
            Some(())
        }
        _ => None,
    }
}

/// What builds here ask for: `big-parallel`, and the architecture that all is built for.
fn needed(cx: &TreeContext<'_>, settings: &[&Setting]) -> Vec<String> {
    let row = &cx.knowledge.system_features;
    let arch = architecture(settings).filter(|arch| !row.usual.iter().any(|usual| usual == arch));
    let arch = arch.map(|arch| format!("{}{arch}", row.architecture));
    std::iter::once(row.heavy.clone()).chain(arch).collect()
}

/// The architecture of the platform that builds, which is the one that is built for unless it is set.
fn architecture<'f>(settings: &[&'f Setting]) -> Option<&'f str> {
    let begins = |setting: &Setting, platform: &str| {
        setting.path.first().is_some_and(|first| first == "nixpkgs")
            && setting.path.get(1).is_some_and(|second| second == platform)
    };
    let is_set = |platform: &str| settings.iter().any(|setting| begins(setting, platform));
    let platforms: &[&str] = match is_set("buildPlatform") {
        true => &["buildPlatform"],
        false => &["hostPlatform", "localSystem"],
    };
    let mut at = platforms.iter().flat_map(|platform| {
        let path = format!("nixpkgs.{platform}.gcc.arch");
        settings.iter().filter(move |setting| is_at(setting, &path))
    });
    at.find(|setting| setting.condition.is_none())?.value.as_str()
}

/// Whether another machine builds what asks for `feature`, or may do so.
fn is_built_elsewhere(settings: &[&Setting], feature: &str) -> bool {
    let has_it = |setting: &Setting| {
        let mut features = Vec::new();
        words(&setting.value, &mut features).is_none()
            || features.iter().any(|known| known.contains(feature))
    };
    let at = |path: &'static str| settings.iter().filter(move |setting| is_at(setting, path));
    let is_distributed =
        at("nix.distributedBuilds").any(|setting| setting.value.as_bool() != Some(false));
    let by_machine = is_distributed
        && (at("nix.buildMachines").any(|setting| !setting.value.is_known())
            || at("nix.buildMachines.*.supportedFeatures").any(|setting| has_it(setting))
            || at("nix.buildMachines.*.mandatoryFeatures").any(|setting| has_it(setting)));
    by_machine || at("nix.settings.builders").any(|setting| has_it(setting))
}

fn builds_nothing(settings: &[&Setting]) -> bool {
    let is_none = |setting: &&Setting| {
        is_at(setting, "nix.settings.max-jobs") && setting.value.as_int() == Some(0)
    };
    settings.iter().any(is_none)
}

fn report(
    cx: &TreeContext<'_>,
    host: &Host,
    replacement: &Replacement<'_>,
    missing: &[&String],
) -> Diagnostic {
    let row = &cx.knowledge.system_features;
    let is_conditional =
        replacement.definitions.iter().all(|definition| definition.condition.is_some());
    let condition = if is_conditional { ", if the condition holds" } else { "" };
    let names: Vec<&str> = missing.iter().map(|name| name.as_str()).collect();
    let what = match names.iter().any(|name| name.starts_with(&row.architecture)) {
        true => "nothing can be built here: with gcc.arch, all packages ask for it",
        false => "chromium, LLVM, the kernel and other heavy packages cannot be built here",
    };
    let message = format!("system-features without {}: {what}{condition}", names.join(" and "));
    let place = replacement.definitions[0].key;
    let defaults =
        format!("Where nothing is set, it is {} ({})", row.defaults.join(", "), row.evidence());
    let found = Diagnostic::new(&DroppedSystemFeatures::META, place, message)
        .note(replacement.why)
        .note(defaults)
        .host(host.name.clone());
    let title = format!("Add {}", names.join(" and "));
    let added = replacement.definitions.iter().find_map(|definition| add(cx, definition, &names));
    match added {
        Some(edits) => found.fix(Fix::safe(title, edits)),
        None => found.fix(Fix::suggestion(title, Vec::new())),
    }
}

/// The edits that add `names` to a list, or to a line of nix.conf.
fn add(cx: &TreeContext<'_>, definition: &Setting, names: &[&str]) -> Option<Vec<FixEdit>> {
    let place = definition.value.place.filter(|_| definition.condition.is_none())?;
    if is_of_text(definition) {
        let line = definition.value.literal?;
        return Some(vec![FixEdit::insert_after(line, format!(" {}", names.join(" ")))]);
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    cx.edited(place.file)?.append_elements(place, &quoted)
}
