//! How findings are told: for people (`full`, `concise`), for programs (`json`, `json-lines`), for
//! forges and review tools (`sarif`, `github`, `gitlab`, `junit`, `checkstyle`, `rdjson`,
//! `markdown`), as counts, and as diffs.
//!
//! Every writer here styles its text unconditionally; the stream it writes to takes the styles out
//! where they are not wanted. Text that comes from the user's files, names of files included, is
//! made harmless first (see [`visible`]), and machine formats escape it their own way.

mod checkstyle;
mod concise;
mod cost;
mod diff;
mod excerpt;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod line;
mod markdown;
mod paths;
mod place;
mod plain_json;
mod rdjson;
mod rule_page;
mod sarif;
mod statistics;
mod style;
mod summary;
mod timings;
mod trace;
mod visible;
mod xml;

#[cfg(test)]
mod forges;
#[cfg(test)]
mod sample;

use std::collections::HashMap;

use crate::lint::{Diagnostic, Fingerprint, Fix, Group, fingerprints};
use crate::rules::ALL;
use crate::source::Tree;

pub use checkstyle::write_checkstyle;
pub use concise::write_concise;
pub use cost::{described_change, described_cost, described_hours};
pub use diff::{FileDiff, write_diff};
pub use full::write_full;
pub use github::write_github;
pub use gitlab::write_gitlab;
pub use json::{write_json, write_json_lines};
pub use junit::write_junit;
pub use markdown::write_markdown;
pub use paths::DisplayPaths;
pub use plain_json::write_pretty;
pub use rdjson::write_rdjson;
pub use rule_page::{fix_phrase, fix_word, rule_page, rule_url};
pub use sarif::write_sarif;
pub use statistics::{RuleCount, count_by_rule, write_statistics, write_statistics_json};
pub use summary::{Fixable, Resolution, Summary, counted};
pub use timings::write_timings;
pub use trace::{Trace, described, write_trace, write_trace_json};
pub use visible::{visible, visible_name};

/// A finding together with what is needed to tell it.
#[derive(Copy, Clone)]
pub struct Finding<'a> {
    /// The tree that the finding's places lie in.
    pub tree: &'a Tree,
    /// What was found.
    pub diagnostic: &'a Diagnostic,
    /// The group of its rule, when the rule is known.
    pub group: Option<Group>,
    /// What it is known by.
    pub fingerprint: Fingerprint,
}

impl<'a> Finding<'a> {
    /// The findings of an analysis of `tree`. All of them: what each is known by hangs on those that
    /// look like it.
    pub fn all(tree: &'a Tree, diagnostics: &'a [Diagnostic]) -> Vec<Finding<'a>> {
        let groups: HashMap<&str, Group> =
            ALL.iter().map(|rule| (rule.meta().id, rule.meta().group)).collect();
        let known = fingerprints(diagnostics.iter().map(|diagnostic| (tree, diagnostic)));
        let finding = |(diagnostic, fingerprint): (&'a Diagnostic, Fingerprint)| Finding {
            tree,
            diagnostic,
            group: groups.get(diagnostic.rule).copied(),
            fingerprint,
        };
        diagnostics.iter().zip(known).map(finding).collect()
    }

    /// The fix that is offered first, by how far it may be trusted and then by the rule's order.
    pub fn best_fix(&self) -> Option<&'a Fix> {
        let fixes = self.diagnostic.fixes.iter().rev();
        fixes.max_by_key(|fix| fix.applicability)
    }
}
