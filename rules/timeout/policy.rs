//! Which builds must say how long they may take, and how.

use super::builds::Build;
use crate::config::{RequireTimeouts, TimeoutStyle};
use crate::lint::TreeContext;
use crate::rules::made::{Made, made};
use crate::rules::work::Work;

/// What `[timeouts]` asks for, with `auto` decided.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which builds: never `Auto`.
    pub require: RequireTimeouts,
    /// How they say it.
    pub style: TimeoutStyle,
}

impl Policy {
    /// The policy of the tree.
    pub fn of(cx: &TreeContext<'_>) -> Policy {
        let timeouts = cx.config.timeouts.clone().unwrap_or_default();
        let require = match timeouts.require {
            RequireTimeouts::Auto if cx.config.timeouts.is_some() || sets_any_timeout(cx) => {
                RequireTimeouts::All
            }
            RequireTimeouts::Auto => RequireTimeouts::None,
            decided => decided,
        };
        Policy { require, style: timeouts.style }
    }

    /// Whether it covers `build`.
    pub fn covers(self, build: &Build<'_>, cx: &TreeContext<'_>) -> bool {
        match self.require {
            RequireTimeouts::Auto | RequireTimeouts::None => false,
            RequireTimeouts::All => true,
            RequireTimeouts::Heavy => is_heavy(build, cx),
        }
    }
}

/// Whether `build` is expected to take longer than what counts as heavy.
pub fn is_heavy(build: &Build<'_>, cx: &TreeContext<'_>) -> bool {
    let limit = cx.knowledge.limits.heavy.seconds as f64;
    build.worst_hours(cx).is_some_and(|hours| hours * 3600.0 > limit)
}

/// Whether any build of the tree has a timeout: then its owner cares. One of a test, a script or a
/// wrapper says nothing of how long compilations may take.
fn sets_any_timeout(cx: &TreeContext<'_>) -> bool {
    let is_test = |made: &Made<'_>| {
        let path = made.package.map(|package| package.path.as_slice()).unwrap_or_default();
        path.iter().any(|name| matches!(name.as_str(), "nixosTests" | "tests"))
    };
    let is_build =
        |made: &Made<'_>| matches!(made.work, Work::Compiles | Work::Metadata) && !is_test(made);
    made(cx).filter(|made| is_build(made)).any(|made| {
        let in_meta = || made.own("meta").and_then(|meta| meta.inner("timeout"));
        made.own("timeout").or_else(in_meta).is_some()
    })
}
