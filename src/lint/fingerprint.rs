//! What a finding is known by from one day to the next: baselines and code review tools tell old
//! findings from new ones with it.
//!
//! Lines move, numbers in messages change, and neither makes a finding another. So it is known by
//! its rule, its file, the text of the line it begins on, spaces apart, and, where all of that is
//! the same for several findings, by which of them it is.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hasher;
use std::path::Component;

use fnv::FnvHasher;

use crate::lint::Diagnostic;
use crate::source::Tree;

/// What a finding is known by.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The fingerprints of findings, in their order. No two are the same.
pub fn fingerprints<'a>(
    findings: impl IntoIterator<Item = (&'a Tree, &'a Diagnostic)>,
) -> Vec<Fingerprint> {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let findings = findings.into_iter().map(|(tree, found)| {
        let alike = hash(tree, found);
        let count = seen.entry(alike).or_default();
        let which = *count;
        *count += 1;
        let mut hasher = FnvHasher::with_key(alike);
        hasher.write(&which.to_le_bytes());
        Fingerprint(hasher.finish())
    });
    findings.collect()
}

/// What several findings may have in common. Everything is written byte by byte: what the standard
/// library would make of it could be another on the next machine.
fn hash(tree: &Tree, found: &Diagnostic) -> u64 {
    const END: &[u8] = &[0];
    let mut hasher = FnvHasher::default();
    let mut write = |text: &str| {
        hasher.write(text.as_bytes());
        hasher.write(END);
    };
    write(found.rule);
    for step in tree.path(found.span.file).components() {
        if let Component::Normal(name) = step {
            write(&name.to_string_lossy());
        }
    }
    if let Ok(source) = tree.glance(found.span.file) {
        let line = source.position(found.span.range.start()).line;
        source.line_text(line).split_whitespace().for_each(write);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use text_size::TextRange;

    use super::*;
    use crate::lint::{FixAvailability, Group, RuleMeta, Severity};
    use crate::source::Span;

    static META: RuleMeta = RuleMeta {
        id: "sample",
        group: Group::Meta,
        severity: Severity::Warning,
        fix: FixAvailability::None,
        applicability: None,
        since: "0.1.0",
        summary: "",
        docs: "",
        default_on: true,
    };

    /// The fingerprints of a finding at every `x` of the file.
    fn of(path: &str, text: &str) -> Vec<Fingerprint> {
        let tree = Tree::in_memory(Path::new("/config"), [(path, text)]);
        let file = tree.files()[0];
        let places = text.match_indices('x').map(|(at, _)| u32::try_from(at).expect("short"));
        let found: Vec<Diagnostic> = places
            .map(|at| TextRange::at(at.into(), 1.into()))
            .map(|range| Diagnostic::new(&META, Span::new(file, range), "a finding"))
            .collect();
        fingerprints(found.iter().map(|found| (&tree, found)))
    }

    #[test]
    fn lines_may_move_and_be_indented_otherwise() {
        let before = of("a.nix", "{\n  b = x;\n}\n");
        assert_eq!(before, of("a.nix", "{\n  # new\n\n      b  =  x;\n}\n"));
        assert_ne!(before, of("a.nix", "{\n  c = x;\n}\n"));
        assert_ne!(before, of("other.nix", "{\n  b = x;\n}\n"));
    }

    #[test]
    fn findings_that_look_alike_are_counted() {
        let both = of("a.nix", "{\n  b = x;\n  b = x;\n  c = [ x x ];\n}\n");
        let mut apart = both.clone();
        apart.sort_unstable();
        apart.dedup();
        assert_eq!(apart.len(), 4, "{both:?}");
        assert_eq!(both[..1], of("a.nix", "{\n  b = x;\n}\n"));
    }

    #[test]
    fn they_are_the_same_on_every_machine() {
        let known = of("a.nix", "{ b = x; }");
        assert_eq!(known[0].to_string(), "04f9aded0891a70b");
    }
}
