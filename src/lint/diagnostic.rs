//! What a rule reports: a finding, its reasons, and the edits that would settle it.
//!
//! Everything is plain data, ranges and strings, so that findings outlive the trees they came from
//! and cross threads.

use std::fmt;
use std::str::FromStr;

use text_size::TextRange;

pub use crate::config::Severity;
use crate::lint::RuleMeta;
use crate::source::{FileId, Span};

/// How far a fix may be trusted, from least to most.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Applicability {
    /// Shown, never applied.
    Suggestion,
    /// Correct, but it costs a rebuild or could change the meaning; the fix says which.
    Unsafe,
    /// Same meaning: no derivation's hash changes, or only scheduling settings do.
    Safe,
}

impl Applicability {
    /// Every applicability, from least to most trusted.
    pub const ALL: [Applicability; 3] =
        [Applicability::Suggestion, Applicability::Unsafe, Applicability::Safe];

    /// The word for it in output: `suggestion`, `unsafe` or `safe`.
    pub fn name(self) -> &'static str {
        match self {
            Applicability::Suggestion => "suggestion",
            Applicability::Unsafe => "unsafe",
            Applicability::Safe => "safe",
        }
    }

    /// Whether a fix of this kind is written when the user allows fixes from `level` up.
    /// A suggestion never is.
    pub fn applies_at(self, level: Applicability) -> bool {
        self > Applicability::Suggestion && self >= level
    }
}

impl fmt::Display for Applicability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Applicability {
    type Err = UnknownApplicability;

    fn from_str(text: &str) -> Result<Applicability, UnknownApplicability> {
        Applicability::ALL
            .into_iter()
            .find(|applicability| applicability.name() == text)
            .ok_or_else(|| UnknownApplicability(text.to_owned()))
    }
}

/// A word that is no applicability.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("`{0}` is not an applicability; write `safe`, `unsafe` or `suggestion`")]
pub struct UnknownApplicability(pub String);

/// One replacement in one file: the bytes of `span` become `text`.
#[derive(Clone, Eq, PartialEq, Hash, Debug)]
pub struct FixEdit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What takes its place; empty for a removal.
    pub text: String,
}

impl FixEdit {
    /// Puts `text` in place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> FixEdit {
        FixEdit { span, text: text.into() }
    }

    /// Takes `span` out.
    pub fn remove(span: Span) -> FixEdit {
        FixEdit::replace(span, "")
    }

    /// Puts `text` where `span` begins, replacing nothing.
    pub fn insert_before(span: Span, text: impl Into<String>) -> FixEdit {
        let range = TextRange::empty(span.range.start());
        FixEdit::replace(Span::new(span.file, range), text)
    }

    /// Puts `text` where `span` ends, replacing nothing.
    pub fn insert_after(span: Span, text: impl Into<String>) -> FixEdit {
        let range = TextRange::empty(span.range.end());
        FixEdit::replace(Span::new(span.file, range), text)
    }
}

/// Edits that settle a finding. They may lie in several files and are applied whole or not at all.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Fix {
    /// What it does, as an imperative: "Remove the empty override".
    pub title: String,
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// Why it is not safe, or what it costs.
    pub why: Option<String>,
    /// The replacements, disjoint.
    pub edits: Vec<FixEdit>,
    /// Fixes with the same key answer the same question: one of them is applied a pass.
    pub isolation: Option<String>,
}

impl Fix {
    fn new(title: impl Into<String>, applicability: Applicability, edits: Vec<FixEdit>) -> Fix {
        Fix { title: title.into(), applicability, why: None, edits, isolation: None }
    }

    /// A fix that keeps the meaning and every hash.
    pub fn safe(title: impl Into<String>, edits: Vec<FixEdit>) -> Fix {
        Fix::new(title, Applicability::Safe, edits)
    }

    /// A fix that costs a rebuild or could change the meaning; `why` says which.
    pub fn unsafe_because(
        title: impl Into<String>,
        why: impl Into<String>,
        edits: Vec<FixEdit>,
    ) -> Fix {
        Fix { why: Some(why.into()), ..Fix::new(title, Applicability::Unsafe, edits) }
    }

    /// The same where the edits could be made; else its title, to be shown.
    pub fn unsafe_or_shown(
        title: impl Into<String>,
        why: impl Into<String>,
        edits: Option<Vec<FixEdit>>,
    ) -> Fix {
        match edits {
            Some(edits) => Fix::unsafe_because(title, why, edits),
            None => Fix::suggestion(title, Vec::new()),
        }
    }

    /// Something to show, never to apply. Without edits the title says it all.
    pub fn suggestion(title: impl Into<String>, edits: Vec<FixEdit>) -> Fix {
        Fix::new(title, Applicability::Suggestion, edits)
    }

    /// The same fix, applied at most once a pass among those with this key.
    pub fn isolated(mut self, key: impl Into<String>) -> Fix {
        self.isolation = Some(key.into());
        self
    }
}

/// Another place that a finding speaks of, such as where a value was written.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What it has to do with the finding.
    pub message: String,
}

/// One finding.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Diagnostic {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where the harm is.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Why, what it costs and on what basis; a sentence each.
    pub notes: Vec<String>,
    /// The other places it speaks of.
    pub related: Vec<Related>,
    /// The hosts it concerns, sorted; empty when it concerns the tree as such.
    pub hosts: Vec<String>,
    /// The files that a value it stands on came from, besides its own.
    pub depends: Vec<FileId>,
    /// What would settle it, best first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding of `rule` at `span`, of the rule's default severity.
    pub fn new(rule: &'static RuleMeta, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule: rule.id,
            severity: rule.severity,
            span,
            message: message.into(),
            notes: Vec::new(),
            related: Vec::new(),
            hosts: Vec::new(),
            depends: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The same finding, of another severity than the rule's default.
    pub fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// Adds a sentence of reason or cost.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Adds another place, and counts its file among those the finding depends on.
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related { span, message: message.into() });
        self.depends_on(span.file)
    }

    /// The same finding, which speaks of one file alone, once that file goes by another id.
    #[must_use]
    pub fn of_file(mut self, file: FileId) -> Diagnostic {
        self.span.file = file;
        self.related.iter_mut().for_each(|related| related.span.file = file);
        let edits = self.fixes.iter_mut().flat_map(|fix| &mut fix.edits);
        edits.for_each(|edit| edit.span.file = file);
        self
    }

    /// Says that a value the finding stands on came from `file`.
    pub fn depends_on(mut self, file: FileId) -> Diagnostic {
        if file != self.span.file && !self.depends.contains(&file) {
            self.depends.push(file);
        }
        self
    }

    /// Adds a host that the finding concerns.
    pub fn host(mut self, host: impl Into<String>) -> Diagnostic {
        let host = host.into();
        if let Err(place) = self.hosts.binary_search(&host) {
            self.hosts.insert(place, host);
        }
        self
    }

    /// Adds a way to settle it.
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    /// Adds ways to settle it, as far as there are any.
    pub fn fixes(mut self, fixes: impl IntoIterator<Item = Fix>) -> Diagnostic {
        self.fixes.extend(fixes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_never_applied() {
        assert!(!Applicability::Suggestion.applies_at(Applicability::Suggestion));
        assert!(Applicability::Unsafe.applies_at(Applicability::Suggestion));
        assert!(Applicability::Unsafe.applies_at(Applicability::Unsafe));
        assert!(!Applicability::Unsafe.applies_at(Applicability::Safe));
        assert!(Applicability::Safe.applies_at(Applicability::Unsafe));
    }

    #[test]
    fn words_round_trip() {
        for applicability in Applicability::ALL {
            assert_eq!(applicability.name().parse(), Ok(applicability));
        }
        for severity in Severity::ALL {
            assert_eq!(severity.name().parse(), Ok(severity));
        }
        assert!("Safe".parse::<Applicability>().is_err());
    }
}
