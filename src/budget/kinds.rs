//! What an override is about, told from what it gives: tests, wrapping, and what is left beside.
//!
//! The tables say which attribute is about what; a hook, such as `postInstall`, is about what its text
//! does.

use crate::facts::{Change, Method, OverrideSite};
use crate::knowledge::{ChangeKind, Knowledge};
use crate::source::Tree;

/// Commands of nixpkgs that wrap a finished program, and the end of a desktop file's name.
const WRAPPING: [&str; 4] = ["wrapProgram", "makeWrapper", "makeBinaryWrapper", ".desktop"];

/// What conditions ask that hold on some machines.
const PLATFORMS: [&str; 5] = ["hostPlatform", "buildPlatform", "isLinux", "isx86_64", "system =="];

/// What conditions ask that hold on no ordinary Linux machine.
const UNUSUAL_PLATFORMS: [&str; 12] = [
    "isStatic",
    "isMusl",
    "isDarwin",
    "isAarch",
    "isRiscV",
    "isi686",
    "is32bit",
    "isx86_32",
    "isWindows",
    "isFreeBSD",
    "isCross",
    "isArmv",
];

/// Whether `change` leaves the derivation alone, as far as the others of its override do.
pub fn is_metadata(change: &Change) -> bool {
    change.is_identity || matches!(change.name.as_str(), "meta" | "passthru" | "pos")
}

/// Attributes of `meta` that keep a cache from having the package as it is.
const NOT_BUILT: [&str; 4] = ["badPlatforms", "broken", "hydraPlatforms", "platforms"];

/// Whether `site` changes nothing but whether tests run. Who only chooses among them repairs a build
/// that fails without, and that no cache can have; who also says where the package can be built, says
/// that no cache has it; and who turns tests on, wants them.
pub fn only_checks(knowledge: &Knowledge, site: &OverrideSite) -> bool {
    let kind = |change: &Change| knowledge.change_kind(&change.name);
    let rest = || site.changes.iter().filter(|change| !is_metadata(change)).map(kind);
    let is_not_built = |change: &Change| {
        change.name == "meta" && NOT_BUILT.iter().any(|name| change.inner(name).is_some())
    };
    let turns_on = |change: &Change| {
        kind(change) == Some(ChangeKind::Check) && change.value.as_bool() == Some(true)
    };
    !site.open
        && !site.changes.iter().any(|change| is_not_built(change) || turns_on(change))
        && rest().any(|kind| kind == Some(ChangeKind::Check))
        && rest().all(|kind| matches!(kind, Some(ChangeKind::Check | ChangeKind::CheckDetail)))
}

/// Whether `site` changes nothing but how finished programs are started: it wraps them, or edits
/// their desktop files.
pub fn only_wraps(tree: &Tree, knowledge: &Knowledge, site: &OverrideSite) -> bool {
    let kind = |change: &Change| knowledge.change_kind(&change.name);
    let text = |change: &Change| written(tree, change).unwrap_or_default();
    let wraps = |change: &Change| match kind(change) {
        Some(ChangeKind::Wrapper) => true,
        Some(ChangeKind::Hook) => WRAPPING.iter().any(|command| text(change).contains(command)),
        _ => false,
    };
    let adds_tools = |change: &Change| {
        let is_tool = |input: &str| knowledge.is_tool_for(ChangeKind::Wrapper, input);
        kind(change) == Some(ChangeKind::Dependencies)
            && change.uses_old
            && elements(&text(change)).is_some_and(|mut inputs| inputs.all(is_tool))
    };
    let rest = || site.changes.iter().filter(|change| !is_metadata(change));
    site.method != Method::Override
        && !site.open
        && rest().any(wraps)
        && rest().all(|change| wraps(change) || adds_tools(change))
}

/// The last names of what stands in the lists that `text` is joined of; `None` where it is more than
/// lists and the old value.
fn elements(text: &str) -> Option<impl Iterator<Item = &str>> {
    if text.contains("lib.") || text.contains("if ") {
        return None;
    }
    let lists = text.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let names = lists.flat_map(str::split_whitespace);
    Some(names.map(|name| name.rsplit('.').next().unwrap_or(name)))
}

/// Whether what decides about `site`, or stands in it, asks for the platform.
pub fn asks_for_platform(tree: &Tree, site: &OverrideSite) -> bool {
    let asks = |text: &str| {
        PLATFORMS.iter().any(|name| text.contains(name)) || asks_for_unusual_platform(text)
    };
    decides(tree, site, asks)
}

/// Whether what decides about `site`, or stands in it, asks for a platform unlike that of most
/// machines.
pub fn is_for_unusual_platform(tree: &Tree, site: &OverrideSite) -> bool {
    decides(tree, site, asks_for_unusual_platform)
}

/// Whether `asks` is true of the text of `site`, or of the condition that it hangs on.
fn decides(tree: &Tree, site: &OverrideSite, asks: impl Fn(&str) -> bool) -> bool {
    let mut places = [Some(site.call.argument), site.call.condition].into_iter().flatten();
    places.any(|place| tree.source(place.file).is_ok_and(|source| asks(source.slice(place.range))))
}

/// Whether the text of a condition asks for a platform unlike that of most machines.
pub fn asks_for_unusual_platform(text: &str) -> bool {
    UNUSUAL_PLATFORMS.iter().any(|name| text.contains(name))
}

fn written(tree: &Tree, change: &Change) -> Option<String> {
    let place = change.definition?;
    Some(tree.source(place.file).ok()?.slice(place.range).to_owned())
}
