//! The rule `mass-rebuild-config`.

use super::nixpkgs_options::{Chosen, Reach, chosen};
use crate::budget::asked::{Asked, asked, proposed};
use crate::declare_rule;
use crate::facts::{AppliesTo, OverlayEntry, ValueKind};
use crate::knowledge::{ConfigEffect, ConfigOption, DefaultValue, Evidence, Row as _};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::work;

declare_rule! {
    /// # What it flags
    ///
    /// A setting of nixpkgs after which most of nixpkgs is built another way: `cudaSupport` for all
    /// packages at once, a CPU in `hostPlatform.gcc`, another stdenv, `contentAddressedByDefault`.
    ///
    /// # Why it matters
    ///
    /// A binary cache has packages as nixpkgs builds them with its defaults. One such setting changes
    /// the hash of everything that reads it, and of everything that is built with that: what was a
    /// download becomes days of compiling, again at each update. Most often a few packages were meant,
    /// and can be told by themselves.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   nixpkgs.config.cudaSupport = true;
    ///   environment.systemPackages = [ pkgs.blender ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- configuration.nix
    /// { pkgs, ... }:
    ///
    /// {
    ///   networking.hostName = "box";
    ///   environment.systemPackages = [ (pkgs.blender.override { cudaSupport = true; }) ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Nothing is changed by itself, for only you know which packages were meant. It is shown how to
    /// tell a single package, and which cache has what is built with CUDA.
    ///
    /// # When it stays silent
    ///
    /// - The value is the default, or is not known.
    /// - The package set is bound to a name of its own (`pkgs-cuda = import nixpkgs { … }`), or a module
    ///   gives it to a file (`import ./kernel.nix { pkgs = import nixpkgs { … }; }`): nothing else is
    ///   built with it.
    /// - Options that decide what may be evaluated and not what is built, such as `allowUnfree`.
    /// - home-manager's `nixpkgs.*` where `home-manager.useGlobalPkgs` leaves it unread.
    /// - `cudaCapabilities` and `cudaForwardCompat`, unless the tree asks a cache of CUDA packages, which
    ///   they then miss.
    ///
    /// Where `cudaSupport` is on and a cache of CUDA packages is asked and trusted, it is only told that
    /// what this cache has not is compiled.
    ///
    /// An undecided condition, and a module or a package set of which no use is seen, are warnings that
    /// say so. An overlay that overrides stdenv is left to `mass-rebuild-overlay`.
    ///
    /// # Sources
    ///
    /// nixpkgs, `pkgs/top-level/config.nix`: the options declared with `mkMassRebuild`. nixpkgs,
    /// `pkgs/stdenv/adapters.nix`: an adapter applied to stdenv "would recompile every derivation on the
    /// system". `rules/knowledge/mass-rebuild.toml`, each row with its source.
    pub struct MassRebuildConfig {
        id: "mass-rebuild-config",
        group: Cache,
        severity: Error,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for MassRebuildConfig {
    fn meta(&self) -> &'static RuleMeta {
        const { &MassRebuildConfig::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let options = chosen(cx);
        let overlays = cx.facts.overlay_entries.iter().filter_map(|entry| of_overlay(cx, entry));
        let found: Vec<Diagnostic> =
            options.iter().filter_map(|option| of_option(cx, option)).chain(overlays).collect();
        cx.report_all(found);
    }
}

fn of_option(cx: &TreeContext<'_>, option: &Chosen<'_>) -> Option<Diagnostic> {
    match option.path.as_slice() {
        ["config", path @ ..] => of_config(cx, option, cx.knowledge.config_option(path)?),
        ["hostPlatform" | "localSystem", path @ ..] => {
            let row = cx.knowledge.platform_attributes.get(path)?;
            differs(option, &DefaultValue::Bool(false))?;
            let instead = "Compile what gains by it for that CPU, under a name of its own, with \
                           `NIX_CFLAGS_COMPILE` or `RUSTFLAGS`";
            Some(report(option, &row.rebuilds, row.evidence()).fix(shown(instead)))
        }
        ["crossSystem", ..] => {
            let row = cx.knowledge.platform_attributes.get(&["crossSystem"])?;
            if !is_the_platform(option) {
                return None;
            }
            let instead = "Build it on such a machine, or on this one by emulation \
                           (`boot.binfmt.emulatedSystems`): the cache has what is built natively";
            Some(report(option, &row.rebuilds, row.evidence()).fix(shown(instead)))
        }
        ["buildPlatform"] | ["buildPlatform", "system"] => {
            let host = host_platform(cx, option)?;
            let row = cx.knowledge.platform_attributes.get(&["crossSystem"])?;
            let build = option.value.as_str().filter(|build| *build != host)?;
            let instead = format!(
                "Build it on a machine of {host}, or on this one by emulation \
                 (`boot.binfmt.emulatedSystems`): the cache has what is built natively"
            );
            let name = format!("building on {build} for {host}");
            Some(report_as(&name, option, &row.rebuilds, row.evidence()).fix(shown(&instead)))
        }
        ["pkgs"] => {
            let ValueKind::Package(set) = &option.value.kind else { return None };
            let row = cx.knowledge.variant_sets.get(&set.lookup_path())?;
            let instead = format!("Take single packages of {}", set.name());
            let found = report_as(&set.name(), option, &row.rebuilds, row.evidence());
            Some(found.fix(shown(&instead)))
        }
        _ => None,
    }
}

fn of_config(cx: &TreeContext<'_>, option: &Chosen<'_>, row: &ConfigOption) -> Option<Diagnostic> {
    let rebuilds = row.rebuilds.as_deref().filter(|_| row.effect != ConfigEffect::None)?;
    differs(option, &row.default)?;
    let found = report(option, rebuilds, row.evidence());
    let name = option.path[1..].join(".");
    match (row.built_for.as_deref(), row.effect) {
        (Some(what), ConfigEffect::MassRebuild) => Some(with_cache(cx, found, &name, what)),
        (Some(what), _) => {
            // Without such a cache, there is nothing that could be missed.
            let Asked::Yes(cache) = asked(cx.knowledge, cx.facts, what) else { return None };
            let builds = format!("{} builds with the defaults", cache.addresses.concat());
            let default = shown(&format!("Leave {name} at its default, {}", row.default));
            Some(found.severity(Severity::Warning).note(builds).fix(default))
        }
        (None, _) => {
            let heavy = (!row.victims.is_empty())
                .then(|| format!("Heavy ones among them: {}", row.victims.join(", ")));
            let default = shown(&format!("Leave {name} at its default, {}", row.default));
            Some(heavy.into_iter().fold(found, Diagnostic::note).fix(default))
        }
    }
}

/// Says which cache has what the option `name` rebuilds, and what to do where none is asked.
fn with_cache(cx: &TreeContext<'_>, found: Diagnostic, name: &str, what: &str) -> Diagnostic {
    let found = match asked(cx.knowledge, cx.facts, what) {
        Asked::Yes(cache) => {
            let note = format!(
                "{} has such builds of the nixpkgs that it built itself; what it has not is compiled here",
                cache.addresses.concat()
            );
            return found.severity(Severity::Info).note(note);
        }
        Asked::Perhaps => found
            .severity(Severity::Warning)
            .note("Not every cache of this tree is known: one of them may have such builds"),
        Asked::No => found,
    };
    let one = format!("Turn it on where it is wanted: `(pkgs.NAME.override {{ {name} = true; }})`");
    let cache = proposed(cx.knowledge, what).map(|cache| {
        let (address, keys) = (cache.addresses.concat(), cache.keys.join(" "));
        shown(&format!("Or ask the cache that builds it: https://{address}, key {keys}"))
    });
    found.fix(shown(&one)).fixes(cache)
}

/// Whether the option is set to other than `default`, perhaps; `None` where it is not, or not known.
fn differs(option: &Chosen<'_>, default: &DefaultValue) -> Option<()> {
    let is_default = |kind: &ValueKind| match kind {
        ValueKind::Function | ValueKind::Set | ValueKind::Path(_) | ValueKind::Package(_) => {
            Some(false)
        }
        ValueKind::Null => Some(true),
        ValueKind::PartialStr(_) => Some(false),
        ValueKind::List(items) if items.is_empty() => {
            Some(matches!(default, DefaultValue::List(all) if all.is_empty()))
        }
        ValueKind::List(_) => Some(false),
        _ => Some(work::literal(option.value)? == *default),
    };
    (is_default(&option.value.kind) == Some(false)).then_some(())
}

/// The platform that is built for on the machine of `option`, where that is certain.
fn host_platform<'f>(cx: &TreeContext<'f>, option: &Chosen<'_>) -> Option<&'f str> {
    let paths: [&[&str]; 2] =
        [&["nixpkgs", "hostPlatform"], &["nixpkgs", "hostPlatform", "system"]];
    let settings = paths.iter().flat_map(|path| cx.facts.settings_at(path));
    let mut here = settings.filter(|setting| {
        let is_beside = match option.host {
            Some(host) => setting.host.as_deref() == Some(host),
            None => setting.host.is_none() && setting.key.file == option.key.file,
        };
        is_beside && setting.condition.is_none()
    });
    let first = here.next()?.value.as_str()?;
    here.all(|other| other.value.as_str() == Some(first)).then_some(first)
}

/// Whether it says which platform is built for, once of several attributes.
fn is_the_platform(option: &Chosen<'_>) -> bool {
    let is_first = matches!(option.path.as_slice(), [_] | [_, "system"]);
    is_first && option.value.kind != ValueKind::Null
}

fn report(option: &Chosen<'_>, rebuilds: &str, evidence: Evidence<'_>) -> Diagnostic {
    let name = match option.path.as_slice() {
        ["config", path @ ..] => path.join("."),
        ["crossSystem", ..] => "crossSystem".to_owned(),
        path => path.join("."),
    };
    report_as(&name, option, rebuilds, evidence)
}

fn report_as(
    name: &str,
    option: &Chosen<'_>,
    rebuilds: &str,
    evidence: Evidence<'_>,
) -> Diagnostic {
    let condition = if option.is_conditional { ", if its condition holds" } else { "" };
    let message = format!("{}{name} rebuilds {rebuilds}{condition}", option.reach.proviso());
    let is_certain = !option.is_conditional && option.reach == Reach::Theirs;
    let severity = if is_certain { Severity::Error } else { Severity::Warning };
    let mut found = Diagnostic::new(&MassRebuildConfig::META, option.key, message)
        .severity(severity)
        .note(format!("cache.nixos.org has nixpkgs as its defaults build it ({evidence})"));
    found.hosts.extend(option.host.map(str::to_owned));
    found
}

/// Another stdenv under its name, in an overlay.
fn of_overlay(cx: &TreeContext<'_>, entry: &OverlayEntry) -> Option<Diagnostic> {
    let is_stdenv = entry.name == "stdenv" && entry.is_of_nixpkgs && !entry.redefines;
    let is_itself = entry.alias_of.as_ref().is_some_and(|package| package.path == ["stdenv"]);
    let is_said = cx.facts.redefinitions.iter().any(|redefined| redefined.key == entry.key);
    let is_apart = matches!(entry.applies_to, AppliesTo::Separate(_));
    if !is_stdenv || is_itself || is_said || is_apart {
        return None;
    }
    let row = cx.knowledge.tier(&["stdenv"])?;
    let reach = Reach::of(&entry.applies_to)?;
    let condition = if entry.conditional { ", if its condition holds" } else { "" };
    let proviso = match reach {
        Reach::Theirs => "",
        Reach::Perhaps(_) => "where this overlay is applied, ",
    };
    let message = format!("{proviso}another stdenv rebuilds {}{condition}", row.rebuilds);
    let is_certain = reach == Reach::Theirs && !entry.conditional;
    let severity = if is_certain { Severity::Error } else { Severity::Warning };
    let instead = "Give it to what wants it: `prev.NAME.override { stdenv = …; }`";
    Some(
        Diagnostic::new(&MassRebuildConfig::META, entry.key, message)
            .severity(severity)
            .note(format!("Every package is built with it ({})", row.evidence()))
            .fix(shown(instead)),
    )
}

fn shown(title: &str) -> Fix {
    Fix::suggestion(title, Vec::new())
}
