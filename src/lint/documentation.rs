//! A rule's declaration: its doc comment becomes its documentation, at compile time.
//!
//! `concat!` joins the comment's lines, each still behind the space that follows `///`. The
//! functions here take that space away and pick the summary. They are `const`, so that a
//! [`RuleMeta`](crate::lint::RuleMeta) stays a constant; that is why they count bytes by hand.

/// Declares a rule: the struct, and its `META` from the doc comment and the fields.
///
/// ```
/// frugix::declare_rule! {
///     /// # What it flags
///     ///
///     /// An override that changes nothing.
///     pub struct NeedlessOverride {
///         id: "needless-override",
///         group: Override,
///         severity: Warning,
///         fix: Sometimes(Safe),
///         since: "0.1.0",
///     }
/// }
/// assert_eq!(NeedlessOverride::META.summary, "An override that changes nothing.");
/// ```
///
/// `fix` is `None`, `Sometimes(BEST)` or `Always(BEST)`, where `BEST` is the most trusted
/// [`Applicability`](crate::lint::Applicability) the rule offers; a rule that only ever shows
/// suggestions writes `None(Suggestion)`. `default_on: false` as a last field keeps the rule from
/// running until it is selected.
#[macro_export]
macro_rules! declare_rule {
    (
        $(#[doc = $line:literal])+
        $visibility:vis struct $name:ident {
            id: $id:literal,
            group: $group:ident,
            severity: $severity:ident,
            fix: $fix:ident $(($applicability:ident))?,
            since: $since:literal
            $(, default_on: $default_on:literal)?
            $(,)?
        }
    ) => {
        $(#[doc = $line])+
        #[derive(Copy, Clone, Debug)]
        $visibility struct $name;

        impl $name {
            /// What the rule declares of itself.
            pub const META: $crate::lint::RuleMeta = {
                const LINES: &str = concat!($($line, "\n"),+);
                const DOCS_BYTES: [u8; $crate::lint::dedented_len(LINES)] =
                    $crate::lint::dedent(LINES);
                const DOCS: &str = match ::core::str::from_utf8(&DOCS_BYTES) {
                    Ok(text) => text,
                    Err(_) => panic!("a doc comment cut inside a character"),
                };
                const SUMMARY_BYTES: [u8; $crate::lint::summary_len(DOCS)] =
                    $crate::lint::summarise(DOCS);
                const SUMMARY: &str = match ::core::str::from_utf8(&SUMMARY_BYTES) {
                    Ok(text) => text,
                    Err(_) => panic!("a summary cut inside a character"),
                };
                $crate::lint::RuleMeta {
                    id: $id,
                    group: $crate::lint::Group::$group,
                    severity: $crate::lint::Severity::$severity,
                    fix: $crate::lint::FixAvailability::$fix,
                    applicability: $crate::declare_rule!(@applicability $($applicability)?),
                    since: $since,
                    summary: SUMMARY,
                    docs: DOCS,
                    default_on: true $(&& $default_on)?,
                }
            };
        }
    };
    (@applicability) => { ::core::option::Option::None };
    (@applicability $applicability:ident) => {
        ::core::option::Option::Some($crate::lint::Applicability::$applicability)
    };
}

const HEADING: &[u8] = b"# What it flags";

/// How long `text` is once each line has lost the one space it may begin with.
pub const fn dedented_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    let mut index = 0;
    while index < bytes.len() {
        length += !is_margin(bytes, index) as usize;
        index += 1;
    }
    length
}

/// `text` with one leading space taken from each line. `N` is its [`dedented_len`].
pub const fn dedent<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut kept = [0; N];
    let mut length = 0;
    let mut index = 0;
    while index < bytes.len() {
        if !is_margin(bytes, index) {
            kept[length] = bytes[index];
            length += 1;
        }
        index += 1;
    }
    kept
}

/// How long the [`summarise`]d `docs` are.
pub const fn summary_len(docs: &str) -> usize {
    let (start, end) = summary_range(docs.as_bytes());
    end - start
}

/// The paragraph that follows "What it flags", or else the first line, on one line.
/// `N` is its [`summary_len`].
pub const fn summarise<const N: usize>(docs: &str) -> [u8; N] {
    let bytes = docs.as_bytes();
    let (start, _) = summary_range(bytes);
    let mut summary = [0; N];
    let mut index = 0;
    while index < N {
        let byte = bytes[start + index];
        summary[index] = if byte == b'\n' { b' ' } else { byte };
        index += 1;
    }
    summary
}

const fn is_margin(bytes: &[u8], index: usize) -> bool {
    bytes[index] == b' ' && (index == 0 || bytes[index - 1] == b'\n')
}

const fn summary_range(bytes: &[u8]) -> (usize, usize) {
    let mut line = 0;
    while line < bytes.len() {
        let end = line_end(bytes, line);
        if starts_with(bytes, line, HEADING) && end == line + HEADING.len() {
            let start = skip_newlines(bytes, end);
            return (start, paragraph_end(bytes, start));
        }
        line = end + 1;
    }
    let start = skip_newlines(bytes, 0);
    (start, line_end(bytes, start))
}

const fn starts_with(bytes: &[u8], at: usize, prefix: &[u8]) -> bool {
    let mut index = 0;
    while index < prefix.len() {
        if at + index >= bytes.len() || bytes[at + index] != prefix[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn line_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        at += 1;
    }
    at
}

const fn skip_newlines(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] == b'\n' {
        at += 1;
    }
    at
}

const fn paragraph_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !(bytes[at] == b'\n' && starts_with(bytes, at + 1, b"\n")) {
        at += 1;
    }
    if at == bytes.len() && at > 0 && bytes[at - 1] == b'\n' {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use crate::lint::{Applicability, FixAvailability, Group, Severity};

    declare_rule! {
        /// # What it flags
        ///
        /// An override – of anything –
        /// that changes nothing.
        ///
        /// # Example
        ///
        /// ```nix bad
        /// pkgs.hello.override {
        ///   }
        /// ```
        pub struct Headed {
            id: "headed",
            group: Override,
            severity: Warning,
            fix: Sometimes(Unsafe),
            since: "0.1.0",
        }
    }

    declare_rule! {
        /// A rule in one line.
        ///
        /// And more.
        struct Plain { id: "plain", group: Advice, severity: Info, fix: None, since: "0.2.0", default_on: false }
    }

    declare_rule! {
        /// # What it flags
        /// Right below.
        struct Tight { id: "tight", group: Meta, severity: Error, fix: Always(Safe), since: "0.2.0" }
    }

    #[test]
    fn fields_are_declared() {
        let meta = Headed::META;
        assert_eq!(meta.id, "headed");
        assert_eq!(meta.group, Group::Override);
        assert_eq!(meta.severity, Severity::Warning);
        assert_eq!(meta.fix, FixAvailability::Sometimes);
        assert_eq!(meta.applicability, Some(Applicability::Unsafe));
        assert_eq!(meta.since, "0.1.0");
        assert!(meta.default_on);
        let meta = Plain::META;
        assert!(!meta.default_on);
        assert_eq!(meta.applicability, None);
        assert_eq!(Tight::META.fix, FixAvailability::Always);
    }

    #[test]
    fn documentation_keeps_its_indentation() {
        assert_eq!(
            Headed::META.docs,
            "# What it flags\n\nAn override – of anything –\nthat changes nothing.\n\n\
             # Example\n\n```nix bad\npkgs.hello.override {\n  }\n```\n"
        );
    }

    #[test]
    fn the_summary_is_one_line() {
        assert_eq!(Headed::META.summary, "An override – of anything – that changes nothing.");
        assert_eq!(Plain::META.summary, "A rule in one line.");
        assert_eq!(Tight::META.summary, "Right below.");
    }
}
