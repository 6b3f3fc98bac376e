//! Findings that somebody has decided to live with: those of a baseline, and those that a comment is
//! written for.

use std::time::Duration;

use super::fix;
use super::run::{Looked, Run};
use super::{ChangeArgs, CliError};
use crate::analysis::Timings;
use crate::cli::Outcome;
use crate::cli::terminal::tolerate_closed;
use crate::lint::{Baseline, Diagnostic};
use crate::report::{Finding, counted, write_timings};

impl ChangeArgs {
    /// What is not to be told.
    pub(super) fn baseline(&self) -> Result<Baseline, CliError> {
        match &self.baseline {
            Some(path) if !self.write_baseline => Ok(Baseline::read(path)?),
            _ => Ok(Baseline::default()),
        }
    }
}

impl Run<'_> {
    /// Puts the findings into the baseline.
    pub(super) fn write_baseline(&self, findings: &[Finding]) -> Result<Outcome, CliError> {
        let Some(path) = &self.args.change.baseline else { return Ok(Outcome::Clean) };
        let entries =
            findings.iter().map(|found| (found.tree, found.diagnostic, found.fingerprint));
        Baseline::write(path, entries)?;
        let count = counted(findings.len(), "finding");
        self.terminal.inform(&format!("{} now holds {count}.", path.display()));
        Ok(Outcome::Clean)
    }

    /// Writes a comment for each finding that is told, as far as its file is among the PATHs.
    pub(super) fn add_ignores(&self, looked: &mut [Looked]) -> Result<(), CliError> {
        let reason = self.args.fixing.reason.as_deref();
        if reason.is_some_and(|reason| reason.contains(['\n', '\r'])) {
            let message = "--reason stands in a comment of one line; take the line breaks out";
            return Err(CliError::Usage(message.to_owned()));
        }
        if self.stdin.is_some() {
            let message = "--add-ignores writes to files; name them instead of standard input";
            return Err(CliError::Usage(message.to_owned()));
        }
        let (mut comments, mut files) = (0, 0);
        for looked in looked {
            let told: Vec<Diagnostic> = self
                .findings_of(looked)
                .into_iter()
                .map(|found| found.diagnostic.clone())
                .collect();
            let Looked { session, tree, analysis, refused, .. } = looked;
            let wanted = |found: &Diagnostic| {
                session.scope.includes(found.span.file) && told.contains(found)
            };
            let silenced = session.analyzer.silence(tree, analysis, &wanted, reason);
            let mut changed = silenced.changed;
            let before = changed.len();
            refused.extend(fix::write_files(self.terminal, tree, &mut changed, &self.paths));
            files += changed.len();
            comments += silenced.count;
            if changed.len() == before {
                (*tree, *analysis) = (silenced.tree, silenced.analysis);
            } else {
                *tree = tree.with_texts(changed);
                *analysis = session.analyzer.analyze(tree);
            }
        }
        let (comments, files) = (counted(comments, "finding"), counted(files, "file"));
        self.print_remark(&format!("Ignored {comments} in {files}."))
    }

    /// Says where the time went, if somebody asked.
    pub(super) fn tell_timings(
        &self,
        looked: &[Looked],
        opened: Duration,
        elapsed: Duration,
    ) -> Result<(), CliError> {
        if !self.args.output.timings {
            return Ok(());
        }
        let mut timings = Timings::default();
        timings.phases.push(("list files", opened));
        for looked in looked {
            timings.add(&looked.analysis.timings);
        }
        timings.phases.push(("in all", elapsed));
        tolerate_closed(write_timings(&mut self.terminal.styled_errors(), &timings))
    }
}
