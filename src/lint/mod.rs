//! What a rule is, what it reports, and what becomes of the report: which rules run, which
//! findings are suppressed, which fixes are applied.
//!
//! This floor knows rules only by their trait, and is handed them as a slice.

mod baseline;
mod diagnostic;
mod documentation;
pub mod edits;
mod examples;
mod fingerprint;
mod fix;
mod mentions;
mod rule;
#[cfg(test)]
mod sample;
mod selection;
mod suppression;

pub use baseline::{Baseline, BaselineError};
pub use diagnostic::{Applicability, Diagnostic, Fix, FixEdit, Related, Severity};
pub use examples::{Example, ExampleError, Verdict, examples, fixed_pairs};
pub use fingerprint::{Fingerprint, fingerprints};
pub use fix::{Broken, Ending, FixFailure, FixRequest, FixRun, MAX_PASSES, apply_fixes};
pub use mentions::{Mentioned, Mentions, Sought};
pub use rule::{FixAvailability, Group, NodeContext, Rule, RuleMeta, Shared, TreeContext};
pub use selection::{Selection, Selectors, named_rules};
pub use suppression::{
    CommentedFile, Suppressed, ignore_all, ignore_file, ignore_line, is_directive,
    may_hold_directives, name_in_list, suppress,
};

#[doc(hidden)]
pub use documentation::{dedent, dedented_len, summarise, summary_len};
