//! The folder of a compiler cache, and why a build may find nothing in it.

use super::sandbox::{Seen, is_darwin_only, sees};
use crate::lint::TreeContext;

/// The folder that NixOS' module takes unless it is told another.
const DEFAULT_FOLDER: &str = "/var/cache/ccache";

/// Why a cache finds nothing.
pub(super) enum Fault {
    /// Nothing names its folder.
    NoFolder,
    /// The folder goes with the build.
    ThrownAway(String),
    /// There is no home folder.
    Home(String),
    /// The sandbox does not let it in, as far as the tree says.
    Shut(String, Seen),
}

/// What is wrong with a cache in `folder`; `None` for nothing that could be told.
pub(super) fn of_folder(cx: &TreeContext<'_>, folder: &str, host: Option<&str>) -> Option<Fault> {
    let begins = |starts: &[&str]| {
        starts.iter().any(|start| {
            folder
                .strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '}']))
        })
    };
    let shown = folder.to_owned();
    if folder.is_empty() {
        Some(Fault::NoFolder)
    } else if begins(&[
        "/build",
        "/tmp",
        "$TMPDIR",
        "${TMPDIR",
        "$NIX_BUILD_TOP",
        "${NIX_BUILD_TOP",
        "$PWD",
        ".",
        "$out",
    ]) {
        Some(Fault::ThrownAway(shown))
    } else if begins(&["$HOME", "${HOME", "~", "/homeless-shelter"]) {
        Some(Fault::Home(shown))
    } else if folder.starts_with('/') && !is_darwin_only(cx.facts) {
        match sees(cx.facts, folder, host) {
            Seen::Yes => None,
            seen => Some(Fault::Shut(shown, seen)),
        }
    } else {
        None
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::NoFolder => f.write_str("the build has no folder to keep a cache in"),
            Fault::ThrownAway(folder) => write!(f, "{folder} is thrown away with the build"),
            Fault::Home(folder) => write!(f, "{folder} is in a home folder, and a build has none"),
            Fault::Shut(folder, Seen::NoSystem) => {
                write!(f, "builds do not see {folder}, unless the daemon is told so elsewhere")
            }
            Fault::Shut(folder, _) => write!(f, "builds do not see {folder}"),
        }
    }
}

/// The folder that NixOS' module is told to keep, where it is on.
pub(super) fn module_folder(cx: &TreeContext<'_>, host: Option<&str>) -> Option<String> {
    let setting = |name: &'static str| {
        let path = ["programs", "ccache", name];
        cx.facts.settings.iter().find(move |setting| {
            setting.path.iter().eq(&path) && (host.is_none() || setting.host.as_deref() == host)
        })
    };
    setting("enable").filter(|setting| setting.value.as_bool() == Some(true))?;
    match setting("cacheDir") {
        Some(folder) => folder.value.as_str().map(str::to_owned),
        None => Some(DEFAULT_FOLDER.to_owned()),
    }
}
