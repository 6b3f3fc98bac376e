//! The rule `tmpfs-builds`.

use super::nixpkgs_age::NixpkgsAge;
use super::served::is_at;
use crate::budget::{Host, LocalBuild, holds_on, is_built_on};
use crate::declare_rule;
use crate::facts::{ModuleKind, Setting, SettingPlace, ValueKind};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A machine that builds something heavy in a folder that lies in memory.
    ///
    /// # Why it matters
    ///
    /// A build unpacks its sources and writes its objects into a folder of its own: gigabytes for a
    /// heavy package. On a tmpfs they take the memory that its compilers need, and a build that fills
    /// the tmpfs fails with "No space left on device", often after hours.
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
    /// { pkgs, ... }:
    ///
    /// {
    ///   boot.tmp.useTmpfs = true;
    ///   nix.settings.build-dir = "/tmp";
    ///   environment.systemPackages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
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
    /// { pkgs, ... }:
    ///
    /// {
    ///   boot.tmp.useTmpfs = true;
    ///   nix.settings.build-dir = "/var/tmp";
    ///   environment.systemPackages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: which disk has room is for the machine's owner to say.
    ///
    /// # When it stays silent
    ///
    /// - Nothing heavy is built on the machine.
    /// - `build-dir` is a folder on disk, or is not known; with an older Nix, `TMPDIR` of the daemon is.
    /// - Only `/tmp` lies in memory, no `build-dir` is set, and `flake.lock` shows a nixpkgs whose Nix
    ///   builds elsewhere: Nix does so from 2.30 on. Where the version cannot be told, the finding says
    ///   "if".
    ///
    /// # Sources
    ///
    /// Nix, release notes of 2.30: `build-dir` no longer defaults to `TMPDIR`. nixpkgs,
    /// `nixos/modules/system/boot/tmp.nix`: "Large Nix builds can fail if the mounted tmpfs is not large
    /// enough."
    pub struct TmpfsBuilds {
        id: "tmpfs-builds",
        group: Cache,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for TmpfsBuilds {
    fn meta(&self) -> &'static RuleMeta {
        const { &TmpfsBuilds::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let long = cx.knowledge.limits.heavy.seconds as f64 / 3600.0;
        let is_heavy = |build: &&LocalBuild| build.hours.is_some_and(|hours| hours.high > long);
        let heavy: Vec<&LocalBuild> = cx.demand().builds.iter().filter(is_heavy).collect();
        cx.report_each(&cx.budget().hosts, |cx, host| of_host(cx, host, &heavy));
    }
}

/// Where a machine builds.
struct Folder {
    path: String,
    /// The setting that says so.
    by: Option<Span>,
    /// It holds only for an older Nix, and which one there is cannot be told.
    is_doubtful: bool,
}

fn of_host(cx: &TreeContext<'_>, host: &Host, heavy: &[&LocalBuild]) -> Option<Diagnostic> {
    let is_here = |build: &&&LocalBuild| is_built_on(build.place.file, host, cx.facts);
    let longest = |build: &&&LocalBuild| build.hours.map_or(0.0, |hours| hours.high);
    let here = heavy.iter().filter(is_here);
    let build = here.max_by(|a, b| longest(a).total_cmp(&longest(b)))?;
    let settings: Vec<&Setting> = cx
        .facts
        .settings
        .iter()
        .filter(|setting| setting.place == SettingPlace::Module(ModuleKind::Nixos))
        .filter(|setting| holds_on(setting, host))
        .collect();
    let folder = folder(cx, host, &settings)?;
    let place = in_memory(cx, &settings, &folder)?;
    let doubt = if folder.is_doubtful { "if its Nix is older than 2.30, " } else { "" };
    let message =
        format!("{doubt}{} builds {} in memory, in {}", host.name, build.name, folder.path);
    let row = &cx.knowledge.build_folder;
    let fix = "Set `nix.settings.build-dir` to a folder on a disk with room";
    let by_default = folder.by.is_none().then(|| {
        let evidence = row.evidence();
        format!("Nix up to 2.29 builds in {} where nothing is set ({evidence})", row.before)
    });
    let found = Diagnostic::new(&TmpfsBuilds::META, place, message)
        .note("What it unpacks and writes takes the memory that its compilers need, and must fit");
    let found = by_default.into_iter().fold(found, Diagnostic::note);
    Some(
        found
            .related(build.place, format!("{} is built here", build.name))
            .host(host.name.clone())
            .fix(Fix::suggestion(fix, Vec::new())),
    )
}

/// Where the machine builds; `None` where that is on disk for sure, or not known.
fn folder(cx: &TreeContext<'_>, host: &Host, settings: &[&Setting]) -> Option<Folder> {
    let row = &cx.knowledge.build_folder;
    if let Some(setting) = strongest(settings, "nix.settings.build-dir") {
        let path = path_in(setting)?;
        return Some(Folder { path, by: Some(setting.key), is_doubtful: false });
    }
    let age = NixpkgsAge::of(cx, host);
    if age.is_since(row.on_disk_since, &row.on_disk_release) {
        return None;
    }
    let is_old = age.is_before(row.in_tmp_before, None) && has_nix_of_nixpkgs(settings);
    match strongest(settings, "systemd.services.nix-daemon.environment.TMPDIR") {
        Some(setting) => {
            let path = path_in(setting)?;
            Some(Folder { path, by: Some(setting.key), is_doubtful: !is_old })
        }
        None => Some(Folder { path: row.before.clone(), by: None, is_doubtful: !is_old }),
    }
}

fn path_in(setting: &Setting) -> Option<String> {
    match &setting.value.kind {
        ValueKind::Str(path) if setting.condition.is_none() => Some(path.clone()),
        _ => None,
    }
}

/// Whether the machine's Nix is one of its nixpkgs.
fn has_nix_of_nixpkgs(settings: &[&Setting]) -> bool {
    settings.iter().filter(|setting| is_at(setting, "nix.package")).all(
        |setting| matches!(&setting.value.kind, ValueKind::Package(package) if package.is_stock()),
    )
}

/// The setting that puts `folder` into memory.
fn in_memory(cx: &TreeContext<'_>, settings: &[&Setting], folder: &Folder) -> Option<Span> {
    let lies_in = |parent: &str| {
        folder
            .path
            .strip_prefix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_always = cx.knowledge.build_folder.memory.iter().any(|memory| lies_in(memory));
    if let Some(by) = folder.by.filter(|_| is_always) {
        return Some(by);
    }
    let is_on = |path: &str| {
        let setting = strongest(settings, path)?;
        let is_true = setting.value.as_bool() == Some(true) && setting.condition.is_none();
        is_true.then_some(setting.key)
    };
    let tmp = strongest(settings, "fileSystems./tmp.fsType");
    let root = strongest(settings, "fileSystems./.fsType").filter(|_| tmp.is_none());
    let is_tmpfs =
        |setting: &&Setting| setting.value.as_str() == Some("tmpfs") && setting.condition.is_none();
    lies_in("/tmp").then(|| {
        is_on("boot.tmp.useTmpfs")
            .or_else(|| is_on("boot.tmpOnTmpfs"))
            .or_else(|| tmp.or(root).filter(is_tmpfs).map(|setting| setting.key))
    })?
}

/// The strongest definition of the option at the dotted `path`; `None` where two are as strong and
/// differ.
fn strongest<'f>(settings: &[&'f Setting], path: &str) -> Option<&'f Setting> {
    let all = || settings.iter().filter(|setting| is_at(setting, path));
    let first = all().min_by_key(|setting| setting.priority)?;
    let mut equals = all().filter(|setting| setting.priority == first.priority);
    equals.all(|setting| setting.value.kind == first.value.kind).then_some(*first)
}
