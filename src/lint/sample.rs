//! Rules that this floor's tests speak of.

use crate::declare_rule;
use crate::lint::RuleMeta;

macro_rules! sample_rules {
    ($($name:ident $id:literal $group:ident $severity:ident $default_on:literal;)+) => {
        $(declare_rule! {
            /// A rule that tests speak of.
            struct $name {
                id: $id,
                group: $group,
                severity: $severity,
                fix: None,
                since: "0.1.0",
                default_on: $default_on,
            }
        })+

        /// All of them.
        pub(super) static RULES: &[&RuleMeta] = &[$(&$name::META),+];
    };
}

sample_rules! {
    NeedlessOverride "needless-override" Override Warning true;
    HeavyOverride "heavy-override" Override Warning true;
    UnreviewedOverride "unreviewed-override" Override Warning false;
    CpuOverBudget "cpu-over-budget" Parallelism Warning true;
    UseMold "use-mold" Advice Info false;
    UnusedSuppression "unused-suppression" Meta Warning true;
    UnknownSuppression "unknown-suppression" Meta Warning true;
    SyntaxError "syntax-error" Meta Error true;
}

/// The one called `id`.
pub(super) fn rule(id: &str) -> &'static RuleMeta {
    RULES.iter().find(|rule| rule.id == id).unwrap()
}
