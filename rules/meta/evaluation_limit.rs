//! The rule `evaluation-limit`.

use crate::declare_rule;
use crate::eval::{GivenUp, Limit};
use crate::lint::{Diagnostic, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A place where evaluation was given up, for it went further than frugix allows it to.
    ///
    /// # Why it matters
    ///
    /// frugix follows values through the whole tree and must end whatever a tree says, and soon. What
    /// hangs on the value at such a place is unknown: findings may be missing. Without this finding,
    /// that silence would read as clean; the rule therefore runs even where `select` does not name it,
    /// until it is ignored.
    ///
    /// Each limit is a key under `[evaluation]`, and the message names the one that was reached:
    ///
    /// - `max-steps`: expressions evaluated for one question, 2000000
    /// - `max-depth`: values evaluated inside each other, 600
    /// - `max-values`: values remembered of one configuration, 2000000; of a file that no flake leads
    ///   to, a tenth
    /// - `max-elements`: elements of a list, 200000
    /// - `max-text`: the length of a string that is computed, 4 MiB
    /// - `max-definitions`: option definitions looked at in one module, or outputs of one flake, 20000
    ///
    /// # Example
    ///
    /// A recursion without an end, which Nix would refuse after 10000 calls.
    ///
    /// ```nix bad
    /// let
    ///   cores = n: 1 + cores (n + 1);
    /// in
    /// {
    ///   nix.settings.cores = cores 0;
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// let
    ///   cores = n: if n > 4 then 0 else 1 + cores (n + 1);
    /// in
    /// {
    ///   nix.settings.cores = cores 0;
    /// }
    /// ```
    ///
    /// Or, where it is right and large, more of what the message names:
    ///
    /// ```toml
    /// # frugix.toml
    /// [evaluation]
    /// max-elements = 1000000
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none: whether to wait longer, or to simplify, is for you to say.
    ///
    /// # When it stays silent
    ///
    /// Each limit is told once a file, where it was reached first. What frugix does not evaluate at all,
    /// because it lies outside the tree or depends on what only a build tells, is nothing that a limit
    /// would change; the last line of a run counts the overrides that were not understood.
    ///
    /// # Sources
    ///
    /// The limits are frugix's own; the README describes them under "Configuration".
    pub struct EvaluationLimit {
        id: "evaluation-limit",
        group: Meta,
        severity: Info,
        fix: None,
        since: "0.1.0",
    }
}

impl Rule for EvaluationLimit {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        for given_up in &cx.facts.given_up {
            cx.report(Diagnostic::new(&Self::META, given_up.place, message(given_up)));
        }
    }
}

fn message(given_up: &GivenUp) -> String {
    let GivenUp { limit, at, .. } = given_up;
    let reached = match limit {
        Limit::Steps => format!("after {at} steps"),
        Limit::Depth => format!("{at} values deep"),
        Limit::Values => format!("with {at} values remembered"),
        Limit::Elements => format!("at a list of more than {at} elements"),
        Limit::Text => format!("at a string of more than {at} bytes"),
        Limit::Definitions => format!("after {at} definitions"),
    };
    let setting = limit.setting();
    let help = match given_up.is_most {
        false => format!("raise `{setting}` under [evaluation] if it is to be followed further"),
        true => format!("`{setting}` cannot be raised further"),
    };
    format!("evaluation is given up here {reached}, and what hangs on the value is unknown; {help}")
}
