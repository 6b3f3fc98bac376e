//! The rule `syntax-error`.

use crate::declare_rule;
use crate::lint::{Diagnostic, Rule, RuleMeta, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// Text that Nix's grammar does not allow.
    ///
    /// # Why it matters
    ///
    /// Nix refuses the file, and with it everything that imports it. frugix takes nothing from a
    /// file that it understands only in part: no other rule looks at it, and values that other
    /// files take from it are unknown. Without this finding, that silence would read as clean; the
    /// rule therefore runs even where `select` does not name it, until it is ignored.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// {
    ///   programs.git.enable = true
    ///   programs.git.lfs.enable = true;
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// {
    ///   programs.git.enable = true;
    ///   programs.git.lfs.enable = true;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none: what was meant is for you to say.
    ///
    /// # When it stays silent
    ///
    /// A mistake that only evaluation finds, such as a variable that nothing defines, is no syntax
    /// error. One mistake tends to lead to others behind it; at most ten are reported a file. Pipe
    /// operators (`|>`, `<|`) are read whether or not your Nix has them enabled. An expression that
    /// nests hundreds of levels deep is reported too: no parser is asked to read it.
    ///
    /// # Sources
    ///
    /// - [The Nix language](https://nix.dev/manual/nix/stable/language/), in the Nix reference
    ///   manual
    pub struct SyntaxError {
        id: "syntax-error",
        group: Meta,
        severity: Error,
        fix: None,
        since: "0.1.0",
    }
}

impl Rule for SyntaxError {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        for (file, error) in cx.syntax_errors {
            let place = Span::new(*file, error.range);
            cx.report(Diagnostic::new(&Self::META, place, error.message.clone()));
        }
    }
}
