//! Which builds must say how long they may take, and how.

use super::builds::Build;
use crate::config::{RequireTimeouts, TimeoutStyle};
use crate::facts::Change;
use crate::lint::TreeContext;

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

/// Whether any derivation of the tree has a timeout: then its owner cares.
fn sets_any_timeout(cx: &TreeContext<'_>) -> bool {
    let says = |changes: &[Change]| {
        changes.iter().any(|change| {
            change.name == "timeout" || change.name == "meta" && change.inner("timeout").is_some()
        })
    };
    cx.facts.derivations.iter().any(|site| says(&site.attributes))
        || cx.facts.overrides.iter().any(|site| says(&site.changes))
}
