//! A run of `frugix lint`, from its arguments to its exit code.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use super::kept::Kept;
use super::options::{Input, Mode, Stdin};
use super::output::{Destination, Text};
use super::{LintArgs, fix};
use crate::analysis::{Analysis, FixOutcome, FixRequest};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::{CliError, Outcome};
use crate::config::FailOn;
use crate::lint::{Baseline, Diagnostic};
use crate::report::{DisplayPaths, Finding, Fixable, Resolution, Summary, counted, visible};
use crate::source::{ChangedLines, FileId, ReadError, Tree};

/// Runs the command.
///
/// What was found out about files is taken from `kept` and left there for the next run.
pub(super) fn lint(
    args: &LintArgs,
    terminal: &Terminal,
    kept: &mut Kept,
) -> Result<Outcome, CliError> {
    let began = Instant::now();
    let input = args.input()?;
    let working_directory = std::env::current_dir()
        .and_then(|directory| directory.canonicalize())
        .map_err(CliError::WorkingDirectory)?;
    let paths = DisplayPaths::new(working_directory);
    let baseline = args.change.baseline()?;
    let run = Run { args, terminal, stdin: input.stdin.as_ref(), paths, baseline };
    args.tree.on_workers(|| run.go(&input, began, kept))
}

pub(super) struct Run<'a> {
    pub(super) args: &'a LintArgs,
    pub(super) terminal: &'a Terminal,
    pub(super) stdin: Option<&'a Stdin>,
    pub(super) paths: DisplayPaths,
    /// What is known and not told.
    pub(super) baseline: Baseline,
}

/// One tree, looked at.
pub(super) struct Looked {
    pub(super) session: Session,
    /// The tree that the findings lie in: after fixes, if there were any.
    pub(super) tree: Tree,
    pub(super) analysis: Analysis,
    changed: Vec<(FileId, String)>,
    applied: BTreeMap<&'static str, usize>,
    /// The names of the files that could not be written.
    pub(super) refused: Vec<String>,
    /// The lines that alone count, if not all do.
    changed_lines: Option<ChangedLines>,
}

impl Run<'_> {
    fn go(&self, input: &Input, began: Instant, kept: &mut Kept) -> Result<Outcome, CliError> {
        let mut sessions = self.open(input)?;
        kept.lend(&mut sessions);
        let opened = began.elapsed();
        if self.args.output.show_files {
            self.tell_problems(&sessions);
            return self.show_files(&sessions);
        }
        self.tell_emptiness(&sessions);
        let mut looked = Vec::new();
        for session in sessions {
            looked.push(self.look(session)?);
        }
        self.tell_timings(&looked, opened, began.elapsed())?;
        self.tell_unknown_hosts(&looked);
        if self.args.fixing.add_ignores {
            self.add_ignores(&mut looked)?;
        }
        let outcome = match self.args.fixing.mode() {
            Mode::Report => self.report(&looked, began)?,
            Mode::Diff => self.diff(&looked)?,
            Mode::Fix { report } => self.fix(&looked, report, began)?,
        };
        let faults = looked.iter().flat_map(|looked| &looked.analysis.faults);
        let faults: Vec<String> = faults.map(ToString::to_string).collect();
        let changed = self.changed_meanwhile(&looked);
        kept.take_back(looked.into_iter().map(|looked| looked.session));
        match (faults.as_slice(), changed.as_slice()) {
            ([], []) => Ok(outcome),
            ([], changed) => Err(CliError::Changed(changed.join(", "))),
            (faults, _) => Err(CliError::Faults(faults.join("; "))),
        }
    }

    /// The names of files that were read a second time, and are not what they were.
    fn changed_meanwhile(&self, looked: &[Looked]) -> Vec<String> {
        let of_tree = |looked: &Looked| {
            let tree = &looked.session.tree;
            let is_changed = |file: &FileId| tree.read_error(*file) == Some(ReadError::Changed);
            let changed = tree.files().iter().copied().filter(is_changed);
            changed.map(|file| self.paths.name(tree, file)).collect::<Vec<_>>()
        };
        looked.iter().flat_map(of_tree).collect()
    }

    fn look(&self, mut session: Session) -> Result<Looked, CliError> {
        let doing = format!("Checking {}", counted(session.tree.files().len(), "file"));
        let _progress = Progress::start(self.terminal, doing);
        if self.args.fixing.mode() == Mode::Report {
            let analysis = match self.args.output.watch {
                true => session.analyzer.analyze(&session.tree),
                false => session.analyzer.analyze_once(&session.tree),
            };
            let tree = session.tree.clone();
            let changed_lines = self.changed_lines(&tree)?;
            return Ok(Looked {
                session,
                tree,
                analysis,
                changed: Vec::new(),
                applied: BTreeMap::new(),
                refused: Vec::new(),
                changed_lines,
            });
        }
        let fixable = self.args.fixing.fixable_rules()?;
        let Session { tree, scope, analyzer, .. } = &mut session;
        let request = FixRequest {
            level: self.args.fixing.level(),
            writable: &|file| scope.includes(file),
            fixable: &|rule| fixable.contains(rule),
            wanted: &|tree, diagnostics| self.may_be_fixed(tree, diagnostics),
        };
        let outcome = analyzer.fix(tree, &request);
        fix::tell_failures(self.terminal, &outcome);
        let FixOutcome { changed, tree, analysis, applied, .. } = outcome;
        let mut looked = Looked {
            session,
            tree,
            analysis,
            changed,
            applied,
            refused: Vec::new(),
            changed_lines: None,
        };
        if let (Mode::Fix { .. }, None) = (self.args.fixing.mode(), self.stdin) {
            self.write(&mut looked);
        }
        Ok(looked)
    }

    /// Whether each finding is on a host that was asked for, and none that somebody lives with: what a
    /// baseline holds is left alone, as what a comment ignores is.
    fn may_be_fixed(&self, tree: &Tree, diagnostics: &[Diagnostic]) -> Vec<bool> {
        let may = |found: Finding| {
            self.args.selection.wants(found.diagnostic) && !self.baseline.holds(found.fingerprint)
        };
        Finding::all(tree, diagnostics).into_iter().map(may).collect()
    }

    /// Writes the new texts to disk. Where one is refused, the tree is what was written.
    fn write(&self, looked: &mut Looked) {
        let Looked { session, changed, .. } = looked;
        let before = changed.len();
        looked.refused = fix::write_files(self.terminal, &session.tree, changed, &self.paths);
        if changed.len() < before {
            looked.tree = session.tree.with_texts(changed.iter().cloned());
            let mut timings = std::mem::take(&mut looked.analysis.timings);
            looked.analysis = session.analyzer.analyze(&looked.tree);
            timings.add(&looked.analysis.timings);
            looked.analysis.timings = timings;
        }
    }

    fn report(&self, looked: &[Looked], began: Instant) -> Result<Outcome, CliError> {
        let findings = self.findings(looked);
        if self.args.change.write_baseline {
            return self.write_baseline(&findings);
        }
        self.print_findings(&findings)?;
        self.print_remark(&self.summary(looked, &findings, began.elapsed()))?;
        refuse(looked)?;
        Ok(self.outcome(looked, &findings))
    }

    fn diff(&self, looked: &[Looked]) -> Result<Outcome, CliError> {
        let for_people =
            self.args.output.output_file.is_none() && self.terminal.output_is_for_people();
        let mut bytes = Vec::new();
        for Looked { session, changed, .. } in looked {
            fix::write_diffs(&mut bytes, &session.tree, changed, &self.paths, for_people)
                .map_err(CliError::Output)?;
        }
        let text = if for_people { Text::Styled(bytes) } else { Text::Exact(bytes) };
        self.print(&text)?;
        for (looked, blocked) in self.blocked(looked)? {
            self.terminal.inform(&blocked.sentence(&looked.tree, &self.paths));
        }
        let files = looked.iter().map(|looked| looked.changed.len()).sum();
        match fix::fixed(&applied(looked), files, true) {
            Some(text) => self.terminal.inform(&text),
            None => self.terminal.inform("Nothing to fix."),
        }
        let found = files > 0 && !self.args.exit.exit_zero;
        Ok(if found { Outcome::Findings } else { Outcome::Clean })
    }

    fn fix(&self, looked: &[Looked], report: bool, began: Instant) -> Result<Outcome, CliError> {
        if let (Some(stdin), [looked]) = (self.stdin, looked) {
            let fixed = looked.changed.first().map(|(_, text)| text);
            let text = fixed.unwrap_or(&stdin.stand_in.text);
            let bytes = [stdin.mark, text].concat().into_bytes();
            Destination::Output.print(self.terminal, &Text::Exact(bytes))?;
        }
        let mut outcome = Outcome::Clean;
        if report {
            let findings = self.findings(looked);
            self.print_findings(&findings)?;
            self.show_blocked(looked)?;
            outcome = self.outcome(looked, &findings);
            self.print_remark(&self.summary(looked, &findings, began.elapsed()))?;
        }
        refuse(looked)?;
        let files = looked.iter().map(|looked| looked.changed.len()).sum();
        if let Some(text) = fix::fixed(&applied(looked), files, false) {
            self.print_remark(&text)?;
        }
        if files > 0 && self.args.exit.exit_non_zero_on_fix {
            outcome = Outcome::Findings;
        }
        Ok(outcome)
    }

    /// Shows the fixes that lie elsewhere.
    fn show_blocked(&self, looked: &[Looked]) -> Result<(), CliError> {
        if !self.args.output.output_format.is_for_people() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for (looked, blocked) in self.blocked(looked)? {
            let sentence = blocked.sentence(&looked.tree, &self.paths);
            writeln!(bytes, "{sentence}")
                .and_then(|()| blocked.write_diff(&mut bytes, &looked.tree, &self.paths))
                .and_then(|()| writeln!(bytes))
                .map_err(CliError::Output)?;
        }
        self.remark_destination().print(self.terminal, &Text::Styled(bytes))
    }

    fn blocked<'l>(
        &self,
        looked: &'l [Looked],
    ) -> Result<Vec<(&'l Looked, fix::Blocked<'l>)>, CliError> {
        let fixable = self.args.fixing.fixable_rules()?;
        let level = self.args.fixing.level();
        let of_tree = |looked: &'l Looked| {
            let findings = self.findings_of(looked);
            let wanted = findings.iter().map(|found| found.diagnostic);
            let blocked = fix::blocked(&looked.session, wanted, level, &fixable);
            blocked.into_iter().map(move |blocked| (looked, blocked))
        };
        Ok(looked.iter().flat_map(of_tree).collect())
    }

    pub(super) fn wants(&self, looked: &Looked, diagnostic: &Diagnostic) -> bool {
        let is_new = |lines: &ChangedLines| {
            let places = diagnostic.related.iter().map(|related| related.span);
            std::iter::once(diagnostic.span)
                .chain(places)
                .any(|span| lines.touch(&looked.tree, span))
        };
        looked.session.scope.concerns(diagnostic)
            && self.args.selection.wants(diagnostic)
            && looked.changed_lines.as_ref().is_none_or(is_new)
    }

    /// What is reported, sorted by file, then place, then rule; what lies in two trees once.
    fn findings<'l>(&self, looked: &'l [Looked]) -> Vec<Finding<'l>> {
        let mut findings: Vec<Finding<'l>> = Vec::new();
        for looked in looked {
            findings.extend(self.findings_of(looked));
        }
        if looked.len() > 1 {
            let key = |finding: &Finding| {
                let Diagnostic { rule, span, message, .. } = finding.diagnostic;
                let name = self.paths.name(finding.tree, span.file);
                let (_, start, end) = span.sort_key();
                (name, start, *rule, end, message.clone())
            };
            findings.sort_by_cached_key(key);
            findings.dedup_by_key(|finding| key(finding));
        }
        findings
    }

    /// What is reported of one tree.
    pub(super) fn findings_of<'l>(&self, looked: &'l Looked) -> Vec<Finding<'l>> {
        let mut findings = Finding::all(&looked.tree, &looked.analysis.diagnostics);
        findings.retain(|found| self.wants(looked, found.diagnostic));
        findings.retain(|found| !self.baseline.holds(found.fingerprint));
        findings
    }

    fn outcome(&self, looked: &[Looked], findings: &[Finding]) -> Outcome {
        let by_option = self.args.exit.fail_on.map(FailOn::from);
        // Every tree is judged by its own configuration.
        let fails = |finding: &Finding| {
            let tree =
                looked.iter().find(|looked| std::ptr::eq(&raw const looked.tree, finding.tree));
            let by_config = tree.map(|looked| looked.session.config.fail_on);
            by_option.or(by_config).unwrap_or_default().fails(finding.diagnostic.severity)
        };
        match !self.args.exit.exit_zero && findings.iter().any(fails) {
            true => Outcome::Findings,
            false => Outcome::Clean,
        }
    }

    fn summary(&self, looked: &[Looked], findings: &[Finding], elapsed: Duration) -> String {
        let overrides = looked.iter().map(|looked| looked.analysis.coverage.overrides);
        let resolution = Resolution {
            kind: "overrides",
            total: overrides.clone().map(|overrides| overrides.total).sum(),
            unresolved: overrides.map(|overrides| overrides.unresolved).sum(),
        };
        let counted = Summary::of(findings);
        let fixable = match self.args.fixing.mode() {
            // What could be fixed is; the rest lies elsewhere, or is not wanted.
            Mode::Fix { .. } if self.args.fixing.unsafe_fixes => Fixable::default(),
            Mode::Fix { .. } => Fixable { safe: 0, ..counted.fixable },
            Mode::Report | Mode::Diff => counted.fixable,
        };
        let summary = Summary {
            fixable,
            files: looked.iter().map(|looked| looked.session.scope.len()).sum(),
            resolutions: vec![resolution],
            elapsed,
            ..counted
        };
        summary.to_string()
    }

    /// With fixes on standard output, findings go to standard error.
    fn remark_destination(&self) -> Destination<'_> {
        let gives_text_back =
            self.stdin.is_some() && matches!(self.args.fixing.mode(), Mode::Fix { .. });
        if gives_text_back { Destination::Errors } else { Destination::Output }
    }

    fn destination(&self) -> Destination<'_> {
        match &self.args.output.output_file {
            Some(path) => Destination::File(path),
            None => self.remark_destination(),
        }
    }

    pub(super) fn print(&self, text: &Text) -> Result<(), CliError> {
        self.destination().print(self.terminal, text)
    }

    fn print_findings(&self, findings: &[Finding]) -> Result<(), CliError> {
        self.args.write_findings(self.destination(), self.terminal, findings, &self.paths)
    }

    /// Says what a run came to, to people only.
    pub(super) fn print_remark(&self, remark: &str) -> Result<(), CliError> {
        if self.terminal.is_quiet() {
            return Ok(());
        }
        if !self.args.output.output_format.is_for_people() {
            return Ok(());
        }
        let line = format!("{}\n", visible(remark));
        self.remark_destination().print(self.terminal, &Text::Styled(line.into_bytes()))
    }
}

/// The error that some files could not be written, if so.
fn refuse(looked: &[Looked]) -> Result<(), CliError> {
    let refused: Vec<&str> =
        looked.iter().flat_map(|looked| &looked.refused).map(String::as_str).collect();
    if refused.is_empty() { Ok(()) } else { Err(CliError::NotWritten(refused.join(", "))) }
}

/// How many findings of each rule were fixed, in all trees.
fn applied(looked: &[Looked]) -> BTreeMap<&'static str, usize> {
    let mut sums = BTreeMap::new();
    for (rule, count) in looked.iter().flat_map(|looked| &looked.applied) {
        *sums.entry(*rule).or_insert(0) += count;
    }
    sums
}
