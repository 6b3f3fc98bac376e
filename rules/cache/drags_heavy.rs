//! The rule `drags-heavy`.

use super::redefined::{Redefined, path_of, redefined};
use crate::declare_rule;
use crate::facts::{ModuleKind, Setting, SettingPlace, ValueKind};
use crate::knowledge::InstalledAs;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// An overlay that redefines a package with few dependents of which one is a browser, or as heavy
    /// as one: `onnxruntime`, with which Firefox is built, is the best known.
    ///
    /// # Why it matters
    ///
    /// Nobody who turns CUDA on in `onnxruntime` asks for Firefox to be compiled; but Firefox links
    /// against it, so its hash changes too, and no binary cache has it any more. Hours of compiling
    /// follow at the next update of either. Under a name of its own the changed package is used where
    /// it is wanted, and the browser comes from the cache.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// {
    ///   programs.firefox.enable = true;
    ///
    ///   nixpkgs.overlays = [
    ///     (final: prev: {
    ///       onnxruntime = prev.onnxruntime.override { cudaSupport = true; };
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// {
    ///   programs.firefox.enable = true;
    ///
    ///   nixpkgs.overlays = [
    ///     (final: prev: {
    ///       onnxruntime-cuda = prev.onnxruntime.override { cudaSupport = true; };
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Nothing is changed by itself, for only you know what the changed package was for: a new name is
    /// shown.
    ///
    /// # When it stays silent
    ///
    /// As `mass-rebuild-overlay` does: for new names, changes of `meta` alone, and overlays of package
    /// sets of their own. It also leaves to that rule what thousands of packages depend on, and to
    /// `browser-source-build` the overlays of browsers.
    ///
    /// It is an error where the tree is seen to install what is dragged along, else a warning.
    ///
    /// # Sources
    ///
    /// nixpkgs, `pkgs/build-support/build-mozilla-mach/default.nix`: `--with-onnx-runtime`, from
    /// version 141 on. The others are in `rules/knowledge/mass-rebuild.toml`, each with its source.
    pub struct DragsHeavy {
        id: "drags-heavy",
        group: Cache,
        severity: Warning,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for DragsHeavy {
    fn meta(&self) -> &'static RuleMeta {
        const { &DragsHeavy::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> =
            redefined(cx).iter().filter_map(|redefined| of(cx, redefined)).collect();
        cx.report_all(found);
    }
}

fn of(cx: &TreeContext<'_>, redefined: &Redefined<'_>) -> Option<Diagnostic> {
    let path = path_of(redefined.site);
    if cx.knowledge.tier(&path).is_some() || cx.knowledge.browser(&path).is_some() {
        return None;
    }
    let row = cx.knowledge.drags(&path)?;
    let is_dragging = |name: &str| row.only_arguments.iter().any(|argument| argument == name);
    if !row.only_arguments.is_empty() && !redefined.arguments().any(is_dragging) {
        return None;
    }
    let name = redefined.name();
    let installed: Vec<(&str, Span)> = row
        .victims
        .iter()
        .filter_map(|victim| Some((victim.as_str(), installation(cx, victim)?)))
        .collect();
    let (here, others): (Vec<&str>, Vec<&str>) =
        row.victims.iter().map(String::as_str).partition(|victim| {
            installed.is_empty() || installed.iter().any(|(name, _)| name == victim)
        });
    let message = format!(
        "{}redefining {name} compiles {} too{}",
        redefined.proviso(),
        list(&here),
        redefined.condition()
    );
    let mut found = Diagnostic::new(&DragsHeavy::META, redefined.site.key, message).note(format!(
        "What is built with {name} has another hash then, and no cache has that ({}: {})",
        row.basis, row.source
    ));
    for victim in &here {
        let path: Vec<&str> = victim.split('.').collect();
        if let Some(package) = cx.knowledge.package(&path).filter(|row| row.class.compiles()) {
            found = found.note(format!(
                "{victim} takes {} hours on four cores and up to {} GiB of memory ({})",
                package.hours, package.memory_gib.high, package.basis
            ));
        }
    }
    for (victim, place) in &installed {
        found = found.related(*place, format!("{victim} is installed here"));
    }
    if !others.is_empty() {
        found = found.note(format!("So it does {} for whoever installs it", list(&others)));
    }
    if installed.is_empty() {
        found = found
            .note("No configuration of this tree is seen to install them: it costs whoever does");
    } else if redefined.is_theirs() {
        found = found.severity(Severity::Error);
    }
    found = redefined.with_helpers(found);
    Some(found.fixes(renamed(redefined)))
}

/// Where a configuration installs `victim`, or what is made of it.
fn installation(cx: &TreeContext<'_>, victim: &str) -> Option<Span> {
    let own = |path: &[&str]| path.join(".") == victim;
    let row = cx.knowledge.installed_as.get(&[victim]);
    let is_it = |path: &[&str]| row.map_or_else(|| own(path), |row| row.is_installed_by(path));
    let by_package = cx.facts.installed.iter().find(|installed| {
        !installed.conditional
            && installed.package.is_stock()
            && is_it(&installed.package.lookup_path())
    });
    let by_program = || {
        let row = row?;
        let enabled = |setting: &&Setting| {
            enabled_program(setting).is_some_and(|program| {
                installs(row, program, setting) && has_its_own_package(cx, program)
            })
        };
        Some(cx.facts.settings.iter().find(enabled)?.key)
    };
    by_package.map(|installed| installed.place).or_else(by_program)
}

/// NAME of `programs.NAME.enable = true`.
fn enabled_program(setting: &Setting) -> Option<&str> {
    match setting.path.as_slice() {
        [programs, name, enable] if programs == "programs" && enable == "enable" => {
            let holds = setting.value.as_bool() == Some(true) && setting.condition.is_none();
            holds.then_some(name.as_str())
        }
        _ => None,
    }
}

fn installs(row: &InstalledAs, program: &str, setting: &Setting) -> bool {
    let is_home = setting.place == SettingPlace::Module(ModuleKind::HomeManager);
    row.programs.iter().any(|name| name == program)
        || (is_home && row.home_programs.iter().any(|name| name == program))
}

/// No definition gives the program another package.
fn has_its_own_package(cx: &TreeContext<'_>, program: &str) -> bool {
    let path = ["programs", program, "package"];
    let mut packages = cx.facts.settings_at(&path);
    packages.all(|setting| match &setting.value.kind {
        ValueKind::Package(package) => package.path == [program],
        _ => false,
    })
}

/// "a", "a and b", "a, b and c".
fn list(names: &[&str]) -> String {
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

fn renamed(redefined: &Redefined<'_>) -> Option<Fix> {
    let (name, edits) = redefined.renamed()?;
    let title = format!("Call it {name}, and give it to what wants it");
    Some(Fix::suggestion(title, edits))
}
