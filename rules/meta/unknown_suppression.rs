//! The rule `unknown-suppression`.

use crate::declare_rule;
use crate::lint::{Rule, RuleMeta};

declare_rule! {
    /// # What it flags
    ///
    /// A comment that is meant for frugix and cannot be understood: it names a rule that does not
    /// exist, or none, or asks for something other than `ignore`, `ignore-file`, `disable` or
    /// `enable`.
    ///
    /// # Why it matters
    ///
    /// Such a comment silences nothing. A misspelt name goes unnoticed as long as there is nothing
    /// to silence, and is puzzling once there is.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   # frugix: ignore[needles-override] kept in place for the next experiment
    ///   home.packages = [ (pkgs.hello.override { }) ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   # frugix: ignore[needless-override] kept in place for the next experiment
    ///   home.packages = [ (pkgs.hello.override { }) ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none: which rule was meant is for you to say. Where a name is close to what is
    /// written, the finding tells it.
    ///
    /// # When it stays silent
    ///
    /// Only a comment whose first word is `frugix:` is meant for frugix, and after it either a list
    /// in brackets stands or a word close to one of the four; `# frugix: see README` is a comment
    /// like any other. Rules that exist and do not run may be named.
    ///
    /// # Sources
    ///
    /// What comments may say is described in the README, under "Silencing a finding".
    pub struct UnknownSuppression {
        id: "unknown-suppression",
        group: Meta,
        severity: Warning,
        fix: None,
        since: "0.1.0",
    }
}

/// Its findings are made where comments are read: see [`suppress`](crate::lint::suppress).
impl Rule for UnknownSuppression {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }
}
