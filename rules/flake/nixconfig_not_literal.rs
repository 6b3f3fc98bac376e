//! Settings of a flake that Nix would have to compute.

use crate::declare_rule;
use crate::facts::{NixConfigValue, ValueFact, ValueKind};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// A value in a flake's `nixConfig` that is not written out: a sum, a call, a text with `${ }`, or a
    /// `nixConfig` that is not a set to begin with.
    ///
    /// # Why it matters
    ///
    /// Nix reads `nixConfig` before it evaluates the flake, and takes literals only. Anything else ends
    /// every command on the flake with "flake configuration setting … is a thunk". A hardware profile
    /// can therefore not be read here.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     max-silent-time = 2 * 3600;
    ///   };
    ///
    ///   outputs = { self }: { };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     max-silent-time = 7200;
    ///   };
    ///
    ///   outputs = { self }: { };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes what the expression comes to, where that is known. That is safe: before, there was no
    /// evaluation at all.
    ///
    /// # When it stays silent
    ///
    /// - Numbers, texts and paths without `${ }`, `true` and `false`, and lists of them.
    /// - A name that a recursive set binds: Nix may know its value by then.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libflake/flake.cc`: values are forced only where that is trivial.
    pub struct NixconfigNotLiteral {
        id: "nixconfig-not-literal",
        group: Flake,
        severity: Error,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for NixconfigNotLiteral {
    fn meta(&self) -> &'static RuleMeta {
        const { &NixconfigNotLiteral::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let computed = cx.facts.flakes.iter().flat_map(|flake| &flake.computed_settings);
        let found: Vec<Diagnostic> = computed.map(|value| report(cx, value)).collect();
        cx.report_all(found);
    }
}

fn report(cx: &TreeContext<'_>, computed: &NixConfigValue) -> Diagnostic {
    let message = match &computed.name {
        Some(name) => format!("Nix does not compute {name}: nixConfig takes literals only"),
        None => "Nix does not compute nixConfig: it has to be a set of literals".to_owned(),
    };
    let edits = || {
        let literal = literal(&computed.value)?;
        cx.edited(computed.place.file)?.replace(computed.place, &literal)
    };
    Diagnostic::new(&NixconfigNotLiteral::META, computed.place, message)
        .note("every command on this flake fails with \"is a thunk\"")
        .fixes(edits().map(|edits| Fix::safe("Write what it comes to", edits)))
}

/// The text of a value that `nixConfig` takes.
fn literal(value: &ValueFact) -> Option<String> {
    match &value.kind {
        ValueKind::Int(number) if *number >= 0 => Some(number.to_string()),
        ValueKind::Bool(truth) => Some(truth.to_string()),
        ValueKind::Str(text) => quoted(text),
        ValueKind::List(items) => {
            let items: Option<Vec<String>> =
                items.iter().map(|item| item.as_str().and_then(quoted)).collect();
            Some(format!("[ {} ]", items?.join(" ")))
        }
        _ => None,
    }
}

fn quoted(text: &str) -> Option<String> {
    (!text.contains(['"', '\\', '$', '\n', '\r'])).then(|| format!("\"{text}\""))
}
