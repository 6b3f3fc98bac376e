//! From what the rules reported to what is told: what the user asked for, once, in order.

use std::collections::BTreeMap;

use super::file::FileAnalysis;
use crate::lint::{CommentedFile, Diagnostic, RuleMeta, Selection, suppress};
use crate::source::{FileId, Tree};

/// The rule that can only be judged when everything was looked at.
const UNUSED_SUPPRESSION: &str = "unused-suppression";

/// What findings are told by.
pub(super) struct Telling<'a> {
    pub(super) tree: &'a Tree,
    pub(super) selection: &'a Selection,
    pub(super) rules: &'a [&'static RuleMeta],
    /// Whether all of the tree was looked at; if not, a comment that silences nothing may well
    /// silence something once it is.
    pub(super) complete: bool,
}

impl Telling<'_> {
    /// The findings that are wanted and that no comment silences, sorted, each once.
    pub(super) fn tell<'f>(
        &self,
        findings: Vec<Diagnostic>,
        files: impl Iterator<Item = Option<&'f FileAnalysis>>,
    ) -> Vec<Diagnostic> {
        let mut by_file: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
        for finding in findings.into_iter().filter(|finding| self.wants(finding)) {
            by_file.entry(finding.span.file).or_default().push(finding);
        }
        for (file, analysis) in self.tree.files().iter().zip(files) {
            if let Some(analysis) = analysis.filter(|analysis| !analysis.comments.is_empty()) {
                let findings = by_file.remove(file).unwrap_or_default();
                by_file.insert(*file, self.unsilenced(*file, analysis, findings));
            }
        }
        let mut told: Vec<Diagnostic> = by_file.into_values().flatten().collect();
        for finding in &mut told {
            finding.severity = self.selection.severity(finding.rule, finding.severity);
        }
        self.sort(&mut told);
        merge(told)
    }

    fn wants(&self, finding: &Diagnostic) -> bool {
        self.selection.applies_in(finding.rule, self.tree.path(finding.span.file))
    }

    fn unsilenced(
        &self,
        file: FileId,
        analysis: &FileAnalysis,
        findings: Vec<Diagnostic>,
    ) -> Vec<Diagnostic> {
        let Ok(source) = self.tree.source(file) else {
            return findings;
        };
        let commented = CommentedFile { file, text: &source.text, comments: &analysis.comments };
        let runs = |rule: &str| {
            (self.complete || rule != UNUSED_SUPPRESSION)
                && self.selection.applies_in(rule, &source.path)
        };
        suppress(&commented, findings, self.rules, &runs).kept
    }

    fn sort(&self, findings: &mut [Diagnostic]) {
        findings.sort_by(|one, other| {
            let key = |finding: &Diagnostic| {
                let (_, start, end) = finding.span.sort_key();
                (start, end, finding.rule)
            };
            let path = |finding: &Diagnostic| self.tree.path(finding.span.file);
            path(one)
                .cmp(path(other))
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| one.message.cmp(&other.message))
        });
    }
}

/// Makes one of neighbours that say the same, for all the hosts and files that they say it of.
fn merge(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    for mut finding in findings {
        // Neighbours with one message may differ in notes or fixes: each is compared with all.
        let same_place = |earlier: &&mut Diagnostic| earlier.span == finding.span;
        let same = merged
            .iter_mut()
            .rev()
            .take_while(same_place)
            .find(|earlier| says_the_same(earlier, &finding));
        match same {
            Some(earlier) => {
                let everywhere = earlier.hosts.is_empty() || finding.hosts.is_empty();
                if everywhere {
                    earlier.hosts.clear();
                } else {
                    unite(&mut earlier.hosts, finding.hosts);
                    earlier.hosts.sort_unstable();
                }
                unite(&mut earlier.related, finding.related);
                unite(&mut earlier.depends, finding.depends);
            }
            None => {
                finding.hosts.sort_unstable();
                finding.hosts.dedup();
                merged.push(finding);
            }
        }
    }
    merged
}

fn says_the_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule
        && one.message == other.message
        && one.severity == other.severity
        && one.notes == other.notes
        && one.fixes == other.fixes
}

fn unite<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !all.contains(&item) {
            all.push(item);
        }
    }
}
