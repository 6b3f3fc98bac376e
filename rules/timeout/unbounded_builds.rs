//! The rule `unbounded-builds`.

use std::cmp::Reverse;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::builds::{Build, builds, spelled};
use crate::declare_rule;
use crate::facts::{Call, ModuleKind, Setting, SettingPlace};
use crate::lint::edits::Definition;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::built::{compiles, source_folder};
use crate::rules::made::{is_template, made};
use crate::source::{FileId, Span};
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// A tree that compiles something and sets neither `timeout` nor `max-silent-time` for Nix.
    ///
    /// # Why it matters
    ///
    /// These two settings are all that ever stops a build, and neither is on by default: a build that
    /// hangs, on a download without an end or in a test that waits, hangs until somebody looks, with
    /// its threads and its memory. `max-silent-time` is the better watchman: what prints nothing for
    /// hours is hardly at work. They cost nothing, change no hash, and hold for every user.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   nix.settings = {
    ///     max-jobs = 2;
    ///   };
    ///
    ///   home.packages = [
    ///     (pkgs.buildGoModule {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       vendorHash = null;
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
    ///   nix.settings = {
    ///     max-jobs = 2;
    ///     timeout = 86400; # 24 hours
    ///     max-silent-time = 14400; # 4 hours
    ///   };
    ///
    ///   home.packages = [
    ///     (pkgs.buildGoModule {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       vendorHash = null;
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes both settings beside those of `nix.settings` that most machines read, the first above
    /// the longest build known of this tree. It is unsafe, for it may stop a sound build that takes longer
    /// than anybody thought. Where the tree has no such `nix.settings`, it is only suggested: beside
    /// what one machine of several says, they would leave the others as they are, and the image of
    /// an installer builds nothing in the end; where `nix.enable` is off, `nix.settings` write nothing. What lies in the folder of a module that names a machine,
    /// its platform or its disks is taken for that machine's.
    ///
    /// # When it stays silent
    ///
    /// Where either of the two is set in `nix.settings`, in the text of a `nix.conf` or in a flake's
    /// `nixConfig`; where nothing is surely compiled (fonts, scripts, unpacked programs, shells to work in
    /// and templates are not). It is told once a tree, and is a warning where
    /// `frugix.toml` has a `[timeouts]` table.
    ///
    /// # Sources
    ///
    /// Nix manual, `nix.conf`: `timeout` and `max-silent-time`, both 0 by default, which is none. Nix,
    /// `src/libstore/daemon.cc`: the daemon takes both from users that it does not trust, too. The
    /// numbers are those of `rules/knowledge/timeouts.toml`.
    pub struct UnboundedBuilds {
        id: "unbounded-builds",
        group: Timeout,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// The settings that stop a build.
const SETTINGS: [&str; 2] = ["timeout", "max-silent-time"];

impl Rule for UnboundedBuilds {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if nix_settings(cx).any(stops_builds) {
            return;
        }
        let builds = surely_compiled(cx);
        let rank = |build: &&Build<'_>| (build.is_named, build.allowance(cx).seconds);
        if let Some(longest) = builds.iter().max_by_key(rank) {
            let diagnostic = report(cx, &builds, longest);
            cx.report(diagnostic);
        }
    }
}

/// The builds of the tree that no one would call anything but a compilation.
fn surely_compiled<'a>(cx: &TreeContext<'a>) -> Vec<Build<'a>> {
    let mut builds = builds(cx);
    let calls: FxHashSet<*const Call> =
        builds.iter().map(|build| std::ptr::from_ref(build.call)).collect();
    let of_builds = made(cx).filter(|made| calls.contains(&std::ptr::from_ref(made.call)));
    let unsure = of_builds.filter(|made| !compiles(cx, made, source_folder(made)));
    let unsure: FxHashSet<*const Call> = unsure.map(|made| std::ptr::from_ref(made.call)).collect();
    builds.retain(|build| !unsure.contains(&std::ptr::from_ref(build.call)));
    builds
}

fn nix_settings<'a>(cx: &TreeContext<'a>) -> impl Iterator<Item = &'a Setting> {
    cx.facts.settings.iter().filter(|setting| {
        matches!(setting.path.as_slice(), [nix, settings, _] if nix == "nix" && settings == "settings")
    })
}

/// Whether it is one of the two, and not 0, which is none.
fn stops_builds(setting: &Setting) -> bool {
    setting.path.last().is_some_and(|name| SETTINGS.contains(&name.as_str()))
        && setting.value.as_int() != Some(0)
}

fn report(cx: &TreeContext<'_>, builds: &[Build<'_>], longest: &Build<'_>) -> Diagnostic {
    let beside = beside(cx);
    let place = beside.map_or(longest.place, |setting| setting.key);
    let message =
        "nothing stops a build that hangs: neither `timeout` nor `max-silent-time` is set";
    let limits = &cx.knowledge.limits;
    let seconds = limits.global.seconds.max(longest.allowance(cx).seconds);
    let silence = limits.silence.seconds;
    let name = if longest.is_named { longest.name.as_str() } else { "a package" };
    let others = match builds.len() {
        1 => String::new(),
        2 => " and one more package".to_owned(),
        count => format!(" and {} more packages", count - 1),
    };
    let mut found = Diagnostic::new(&UnboundedBuilds::META, place, message)
        .note(format!("This tree compiles {name}{others}"))
        .note(format!(
            "{} for all of a build leaves room for the longest that is to be expected here: {}",
            spelled(seconds),
            longest.allowance(cx).because
        ))
        .note(format!("{} of silence ({})", spelled(silence), limits.silence.evidence()));
    if beside.is_some() {
        found = found.related(longest.place, format!("{name} is compiled here"));
    }
    if cx.config.timeouts.is_some() {
        found = found.severity(Severity::Warning);
    }
    let why = "it stops a sound build, too, that takes longer than this";
    let fix = beside
        .and_then(|setting| written_beside(cx, setting, seconds, silence))
        .map(|edits| Fix::unsafe_because("Set `timeout` and `max-silent-time`", why, edits));
    match fix {
        Some(fix) => found.fix(fix),
        None => found.fix(Fix::suggestion(
            format!("Set `nix.settings.timeout = {seconds}` and `nix.settings.max-silent-time = {silence}`"),
            Vec::new(),
        )),
    }
}

/// The definition that the two are best written beside, of those that most machines read: the
/// machine's own, else the user's.
fn beside<'a>(cx: &TreeContext<'a>) -> Option<&'a Setting> {
    let rank = |setting: &&Setting| match setting.place {
        // A module of which that cannot be told is rather a machine's.
        SettingPlace::Module(ModuleKind::Nixos | ModuleKind::Unknown) => 0,
        SettingPlace::Module(ModuleKind::Darwin) => 1,
        SettingPlace::Module(ModuleKind::HomeManager) => 2,
        SettingPlace::FlakeNixConfig | SettingPlace::NixConf(_) => 3,
    };
    let unmanaged = unmanaged(cx);
    let may_be = |setting: &&Setting| {
        let file = setting.key.file;
        rank(setting) < 3
            && setting.condition.is_none()
            && !unmanaged.contains(&whose(setting))
            && !is_template(cx, file)
            && !setting.host.as_deref().map_or_else(|| is_aside(cx, file), is_image)
    };
    let all: Vec<&Setting> = nix_settings(cx).filter(may_be).collect();
    // Among them, what most machines read, and what most is said of Nix in.
    let mut company: FxHashMap<FileId, usize> = FxHashMap::default();
    let mut readers: FxHashMap<Span, FxHashSet<&str>> = FxHashMap::default();
    for setting in &all {
        *company.entry(setting.key.file).or_default() += 1;
        readers.entry(setting.key).or_default().extend(setting.host.as_deref());
    }
    let readers = |setting: &Setting| readers.get(&setting.key).map_or(0, FxHashSet::len);
    let machines = Machines::of(cx);
    let is_shared = |setting: &&Setting| machines.share(cx, setting, readers(setting));
    all.iter().copied().filter(is_shared).min_by_key(|setting| {
        // A machine that builds nothing needs neither.
        let is_grant = setting.path.last().is_some_and(|name| {
            is_grant(name) || name == "max-jobs" && setting.value.as_int() == Some(0)
        });
        let company = company.get(&setting.key.file).copied();
        let order = Reverse((readers(setting), company));
        (is_grant, setting.host.is_none(), rank(setting), order)
    })
}

/// Where a setting counts: in a machine's configuration, or in a module that nothing is seen to import.
#[derive(PartialEq, Eq, Hash)]
enum Whose<'a> {
    Host(&'a str),
    Module(FileId),
}

fn whose(setting: &Setting) -> Whose<'_> {
    match setting.host.as_deref() {
        Some(host) => Whose::Host(host),
        None => Whose::Module(setting.key.file),
    }
}

/// Whether a configuration or file is called after what is written to a medium and builds nothing: an installer,
/// a live system.
fn is_image(name: &str) -> bool {
    const WORDS: [&str; 7] = ["image", "install", "installer", "iso", "kexec", "live", "netboot"];
    name.to_lowercase().split(['-', '_', '.', '@']).any(|word| WORDS.contains(&word))
}

/// Whose `nix.enable` is off: from their `nix.settings` no nix.conf is written.
fn unmanaged<'a>(cx: &TreeContext<'a>) -> FxHashSet<Whose<'a>> {
    let is_off =
        |setting: &&Setting| setting.condition.is_none() && setting.value.as_bool() == Some(false);
    cx.facts.settings_at(&["nix", "enable"]).filter(is_off).map(whose).collect()
}

/// Whether a file lies among tests, or makes an image: what it sets is set for them.
fn is_aside(cx: &TreeContext<'_>, file: FileId) -> bool {
    const FOLDERS: [&str; 2] = ["test", "tests"];
    let mut parts = cx.tree.path(file).components().filter_map(|part| part.as_os_str().to_str());
    parts.any(|name| FOLDERS.contains(&name) || is_image(name))
}

/// The machines of a tree, as far as they can be told apart.
struct Machines<'a> {
    /// Those of which it is known what they are made of.
    known: FxHashSet<&'a str>,
    /// How many more there are: modules that name a machine or say what hardware it has, and that
    /// nothing is seen to import.
    others: usize,
    /// The folders of those.
    folders: FxHashSet<&'a Path>,
}

impl<'a> Machines<'a> {
    fn of(cx: &TreeContext<'a>) -> Machines<'a> {
        let configurations = || {
            let all = cx.facts.configurations.iter();
            all.filter(|it| {
                it.flake.is_none_or(|flake| !is_template(cx, flake)) && !is_image(&it.host)
            })
        };
        let systems = configurations().filter(|it| it.kind != ModuleKind::HomeManager);
        let mut known: FxHashSet<&str> = systems.map(|it| it.host.as_str()).collect();
        if known.is_empty() {
            known = configurations().map(|it| it.host.as_str()).collect();
        }
        let of_others = |are: fn(&[String]) -> bool| -> FxHashSet<FileId> {
            let is_one = |setting: &&Setting| {
                setting.host.is_none() && are(&setting.path) && !is_template(cx, setting.key.file)
            };
            cx.facts.settings.iter().filter(is_one).map(|setting| setting.key.file).collect()
        };
        let folder = |file: &FileId| cx.tree.path(*file).parent();
        let naming = of_others(is_name_of_a_machine);
        let named: FxHashSet<&Path> = naming.iter().filter_map(folder).collect();
        let hardware = of_others(is_hardware);
        let mut folders: FxHashSet<&Path> = hardware.iter().filter_map(folder).collect();
        let others = naming.len() + folders.difference(&named).count();
        folders.extend(named);
        Machines { known, others, folders }
    }

    /// Whether what `setting` says, which so many `readers` of them have, is for most machines: they read
    /// it, or it stands in a module that does not lie with one of them.
    fn share(&self, cx: &TreeContext<'_>, setting: &Setting, readers: usize) -> bool {
        if self.known.len() + self.others < 2 {
            return true;
        }
        if readers > 0 {
            return readers > 1 && readers * 2 >= self.known.len();
        }
        // Modules of programs bring caches of their own.
        let is_of_nix = setting.path.last().is_some_and(|name| !is_grant(name));
        is_of_nix && !self.have(cx.tree.path(setting.key.file))
    }

    /// Whether a file lies with one of the others: in its folder, or below it where no other
    /// machine's is.
    fn have(&self, file: &Path) -> bool {
        let is_of_one =
            |folder: &Path| !self.folders.iter().any(|it| *it != folder && it.starts_with(folder));
        let mut around = file.ancestors().skip(1);
        around.next().is_some_and(|folder| self.folders.contains(folder))
            || around.any(|folder| self.folders.contains(folder) && is_of_one(folder))
    }
}

fn is_name_of_a_machine(path: &[String]) -> bool {
    path.iter().eq(["networking", "hostName"])
}

/// Whether an option says what a machine is made of, as its own modules alone do.
fn is_hardware(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        path.as_slice(),
        ["nixpkgs", "hostPlatform", ..]
            | ["fileSystems", "/", ..]
            | ["hardware", "facter", "reportPath"]
            | ["facter", "reportPath"]
    )
}

/// Whether a setting says who or what is let in or offered. Modules write that for their own sake.
fn is_grant(name: &str) -> bool {
    const GRANTS: [&str; 7] = [
        "substituters",
        "trusted-substituters",
        "trusted-public-keys",
        "trusted-users",
        "allowed-users",
        "allowed-uris",
        "system-features",
    ];
    GRANTS.contains(&name.strip_prefix("extra-").unwrap_or(name))
}

fn written_beside(
    cx: &TreeContext<'_>,
    setting: &Setting,
    seconds: u64,
    silence: u64,
) -> Option<Vec<FixEdit>> {
    let definition: Span = setting.definition?;
    let file = cx.edited(definition.file)?;
    let node = file.node(definition).filter(|n| n.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)?;
    let set = node.parent().filter(|set| set.kind() == SyntaxKind::NODE_ATTR_SET)?;
    let path = node.first_child()?;
    let prefix = path.text().strip_suffix(path.last_child()?.text())?;
    let mut edits = Vec::new();
    let mut texts = Vec::new();
    for (name, seconds) in SETTINGS.into_iter().zip([seconds, silence]) {
        // One that is set to 0 is written once, and corrected.
        match nix_settings(cx).find(|setting| setting.path.last().is_some_and(|last| last == name))
        {
            Some(zero) => edits.push(FixEdit::replace(zero.value.literal?, seconds.to_string())),
            None => texts.push((format!("{prefix}{name} = {seconds};"), spelled(seconds))),
        }
    }
    let new: Vec<Definition<'_>> =
        texts.iter().map(|(text, remark)| Definition { text, remark: Some(remark) }).collect();
    if !new.is_empty() {
        // In a set of settings they come last; among other options, beside the one that is there.
        let after = if prefix.is_empty() { None } else { Some(definition) };
        edits.extend(file.insert(file.span(set.range()), after, &new)?);
    }
    Some(edits)
}
