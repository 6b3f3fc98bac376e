//! The rule `unused-suppression`.

use crate::declare_rule;
use crate::lint::{Rule, RuleMeta};

declare_rule! {
    /// # What it flags
    ///
    /// A comment that silences a rule where that rule finds nothing.
    ///
    /// # Why it matters
    ///
    /// What it was written for is gone, but it would silence the next finding there too, and
    /// whoever reads it looks for something that does not exist.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   # frugix: ignore[needless-override] the flags will come back
    ///   home.packages = [ pkgs.hello ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [ pkgs.hello ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the comment out, with its line where nothing else stands there; or, where some of
    /// the rules it names are needed, the others' names. Nothing that Nix reads changes.
    ///
    /// # When it stays silent
    ///
    /// A rule that does not run in this file, because of what is selected or ignored, could find
    /// something when it does: its suppressions are not judged. None are while any file of the tree
    /// has a syntax error or cannot be read, since what is wrong elsewhere can keep a rule from
    /// seeing what it would find here; locked secrets, which always are unreadable, do not count.
    ///
    /// # Sources
    ///
    /// What comments may say is described in the README, under "Silencing a finding".
    pub struct UnusedSuppression {
        id: "unused-suppression",
        group: Meta,
        severity: Warning,
        fix: Always(Safe),
        since: "0.1.0",
    }
}

/// Its findings are made where comments are read: see [`suppress`](crate::lint::suppress).
impl Rule for UnusedSuppression {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }
}
