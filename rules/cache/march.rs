//! The CPU that a tree's machine has, as compilers call it.

use crate::budget::{Budget, is_built_on};
use crate::facts::{Facts, HostProfile};
use crate::lint::TreeContext;
use crate::source::FileId;

/// A CPU, and who says that the machine has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct March {
    /// Its name for `-march=`.
    pub(super) name: String,
    /// Where that is from, for a message.
    pub(super) from: String,
    /// The profile that says so, and the dotted path in it.
    pub(super) profile: Option<(FileId, &'static str)>,
}

/// Where profiles keep it.
const PATHS: [&str; 2] = ["build.compiler.march", "cpu.march"];

/// The options that set it for all of nixpkgs. `nixpkgs.buildPlatform` is none of them: it says what
/// builds, and not what the package runs on.
const OPTIONS: [[&str; 4]; 2] =
    [["nixpkgs", "hostPlatform", "gcc", "arch"], ["nixpkgs", "localSystem", "gcc", "arch"]];

/// What the profiles say of the hosts that build what stands in `file`, else what every profile
/// does, else the hosts' platform; `None` where nothing says it, or several say different things.
pub(super) fn march(cx: &TreeContext<'_>, budget: &Budget, file: FileId) -> Option<March> {
    let builders = budget.hosts.iter().filter(|host| is_built_on(file, host, cx.facts));
    let of_hosts = builders.filter_map(|host| cx.facts.profiles.get(host.profile?));
    only(cx, of_hosts.collect())
        .or_else(|| only(cx, cx.facts.profiles.iter().collect()))
        .or_else(|| of_platform(cx.facts))
}

fn only(cx: &TreeContext<'_>, profiles: Vec<&HostProfile>) -> Option<March> {
    let mut found = profiles.into_iter().filter_map(|profile| {
        let (path, name) =
            PATHS.iter().find_map(|path| Some((*path, profile.value(path)?.as_str()?)))?;
        let from = cx.tree.path(profile.file).display().to_string();
        let profile = Some((profile.file, path));
        is_cpu(name).then(|| March { name: name.to_owned(), from, profile })
    });
    let first = found.next()?;
    found.all(|other| other.name == first.name).then_some(first)
}

fn of_platform(facts: &Facts) -> Option<March> {
    let settings = OPTIONS.iter().flat_map(|option| facts.settings_at(option));
    let mut found = settings.filter_map(|setting| {
        let name = setting.value.as_str().filter(|name| is_cpu(name))?;
        Some(March { name: name.to_owned(), from: setting.path.join("."), profile: None })
    });
    let first = found.next()?;
    found.all(|other| other.name == first.name).then_some(first)
}

fn is_cpu(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name != "native" && name.chars().all(is_part)
}
