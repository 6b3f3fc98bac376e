//! Sizes that a profile holds as text, and something computes with.

use super::wording::line;
use crate::declare_rule;
use crate::facts::{HostProfile, StringArithmetic};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A number that a hardware profile holds as text, where it is compared or computed with as a
    /// number.
    ///
    /// # Why it matters
    ///
    /// Nix compares text with text and numbers with numbers, and fails on a mixture: "cannot compare a
    /// string with an integer". Being lazy, it does so only once the place is reached, which may be
    /// on another machine, or the day a condition turns.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- machine.nix
    /// {
    ///   build.parallelism.maxJobs = 2;
    ///   memory.total = "16"; # gigabytes
    /// }
    /// #- home.nix
    /// { lib, ... }:
    ///
    /// let
    ///   machine = import ./machine.nix;
    /// in
    /// {
    ///   nix.settings.cores = if machine.memory.total <= 8 then 2 else 6;
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- machine.nix
    /// {
    ///   build.parallelism.maxJobs = 2;
    ///   memory.total = 16; # gigabytes
    /// }
    /// #- home.nix
    /// { lib, ... }:
    ///
    /// let
    ///   machine = import ./machine.nix;
    /// in
    /// {
    ///   nix.settings.cores = if machine.memory.total <= 8 then 2 else 6;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It takes the quotes from the number in the profile. It is safe where all that the tree does with
    /// it takes a number as well: operations on numbers, and `toString`. Where something needs the
    /// text, it is only suggested to make a number of it at the operation.
    ///
    /// # When it stays silent
    ///
    /// - Text that is compared with text, or joined with it.
    /// - Text that does not come from a profile as it is, such as what `toString` gives.
    /// - Operations in a branch that is never taken, and what cannot be followed.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libexpr/primops.cc`: values of different types are not compared.
    /// - Nix manual, "Operators": arithmetic is on numbers.
    pub struct StringlyNumber {
        id: "stringly-number",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for StringlyNumber {
    fn meta(&self) -> &'static RuleMeta {
        const { &StringlyNumber::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> =
            cx.facts.string_arithmetic.iter().map(|operation| report(cx, operation)).collect();
        cx.report_all(found);
    }
}

fn report(cx: &TreeContext<'_>, operation: &StringArithmetic) -> Diagnostic {
    let StringArithmetic { operator, text, number, literal, .. } = operation;
    let name = name_of(cx, operation).unwrap_or_else(|| "this".to_owned());
    let message = format!(
        "{name} is the text \"{text}\", and `{operator}` takes it for a number beside {number}: \
         evaluation fails as soon as it gets here"
    );
    let mut found = Diagnostic::new(&StringlyNumber::META, operation.operand, message)
        .related(*literal, "the text is written here");
    if let Some(condition) = operation.condition {
        let place = line(cx.tree, condition);
        found = found.note(format!("it gets here if the condition at {place} holds"));
    }
    if let Some(other) = operation.other_uses.first() {
        found = found.related(*other, "text may be needed here");
    }
    let edits = number_at(cx, operation).filter(|_| operation.other_uses.is_empty());
    found.fix(match edits {
        Some(edits) => Fix::safe(format!("Make it the number {}", text.trim()), edits),
        None => Fix::suggestion("Make a number of it here: `lib.toInt`", Vec::new()),
    })
}

/// The dotted path of the value in its profile.
fn name_of(cx: &TreeContext<'_>, operation: &StringArithmetic) -> Option<String> {
    let in_profile = |profile: &HostProfile| {
        let values = profile.values.iter();
        let mut own = values.filter(|(_, value)| value.literal == Some(operation.literal));
        own.next().map(|(path, _)| path.clone())
    };
    cx.facts.profiles.iter().find_map(in_profile)
}

fn number_at(cx: &TreeContext<'_>, operation: &StringArithmetic) -> Option<Vec<FixEdit>> {
    let text = operation.text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok();
    let starts_as_number = text == "0" || !text.starts_with('0');
    if !is_plain || !starts_as_number {
        return None;
    }
    cx.edited(operation.literal.file)?.replace(operation.literal, text)
}
