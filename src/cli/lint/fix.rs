//! What fixing came to: texts to write, to show or to give back, and what the user is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::analysis::FixOutcome;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::lint::{Applicability, Diagnostic, Fix};
use crate::report::{DisplayPaths, FileDiff, counted, visible, write_diff};
use crate::source::{Edit, FileId, Tree, apply_edits};

/// Writes the diff of every file that would change.
pub(super) fn write_diffs(
    out: &mut dyn Write,
    before: &Tree,
    changed: &[(FileId, String)],
    paths: &DisplayPaths,
    for_people: bool,
) -> io::Result<()> {
    for (file, after) in changed {
        let Ok(source) = before.source(*file) else { continue };
        let name = paths.name(before, *file);
        let diff = FileDiff { name: &name, before: &source.text, after, bom: source.bom };
        write_diff(out, &diff, for_people)?;
    }
    Ok(())
}

/// Writes the new texts to disk. Those that are refused are taken out of `changed`; the answer
/// names their files, and each has been told of.
pub(in crate::cli) fn write_files(
    terminal: &Terminal,
    tree: &Tree,
    changed: &mut Vec<(FileId, String)>,
    paths: &DisplayPaths,
) -> Vec<String> {
    let mut refused = Vec::new();
    changed.retain(|(file, text)| {
        let written = tree.write(*file, text);
        if let Err(error) = &written {
            let name = paths.name(tree, *file);
            terminal.warn(&format!("{name} is not written: {error}"));
            refused.push(name);
        }
        written.is_ok()
    });
    refused
}

/// Says which fixes were left out because they would have broken something.
pub(in crate::cli) fn tell_failures(terminal: &Terminal, outcome: &FixOutcome) {
    for failure in &outcome.failures {
        terminal.warn(&format!(
            "the fix \"{}\" of {} {} and is left out; this is a fault of the rule, please report it",
            failure.title, failure.rule, failure.reason
        ));
    }
}

/// What was fixed: a sentence, and a line a rule.
pub(in crate::cli) fn fixed(
    applied: &BTreeMap<&'static str, usize>,
    files: usize,
    would: bool,
) -> Option<String> {
    let total: usize = applied.values().sum();
    if total == 0 && files == 0 {
        return None;
    }
    let verb = if would { "Would fix" } else { "Fixed" };
    let mut text = format!("{verb} {} in {}:", counted(total, "finding"), counted(files, "file"));
    let mut rules: Vec<_> = applied.iter().filter(|(_, count)| **count > 0).collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (rule, count) in rules {
        text.push_str(&format!("\n  {count} × {rule}"));
    }
    Some(text)
}

/// A fix that was not applied because it would change a file that is not among the PATHs.
pub(super) struct Blocked<'a> {
    fix: &'a Fix,
    rule: &'static str,
    outside: BTreeSet<FileId>,
}

/// The fixes that only the choice of PATHs keeps from being applied, each once.
pub(super) fn blocked<'a>(
    session: &Session,
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    level: Applicability,
    fixable: &BTreeSet<&'static str>,
) -> Vec<Blocked<'a>> {
    let mut blocked: Vec<Blocked<'a>> = Vec::new();
    for diagnostic in diagnostics {
        if !fixable.contains(diagnostic.rule) {
            continue;
        }
        let first = diagnostic.fixes.iter().find(|fix| fix.applicability.applies_at(level));
        let Some(fix) = first else { continue };
        let files = fix.edits.iter().map(|edit| edit.span.file);
        let outside: BTreeSet<FileId> =
            files.filter(|file| !session.scope.includes(*file)).collect();
        let known = blocked.iter().any(|other| other.fix.edits == fix.edits);
        if !outside.is_empty() && !known {
            blocked.push(Blocked { fix, rule: diagnostic.rule, outside });
        }
    }
    blocked
}

impl Blocked<'_> {
    /// Which fix it is, and which files keep it from being applied.
    pub fn sentence(&self, tree: &Tree, paths: &DisplayPaths) -> String {
        let names: Vec<String> = self.outside.iter().map(|file| paths.name(tree, *file)).collect();
        let names = names.join(", ");
        let whose = if self.outside.len() == 1 { "is" } else { "are" };
        let text = format!(
            "Not applied: \"{}\" ({}) edits {names}, which {whose} not among the given paths.",
            self.fix.title, self.rule
        );
        visible(&text).into_owned()
    }

    /// Shows what it would change.
    pub fn write_diff(
        &self,
        out: &mut dyn Write,
        tree: &Tree,
        paths: &DisplayPaths,
    ) -> io::Result<()> {
        let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for edit in &self.fix.edits {
            let plain = Edit { range: edit.span.range, text: edit.text.clone() };
            by_file.entry(edit.span.file).or_default().push(plain);
        }
        let changed: Vec<(FileId, String)> = by_file
            .into_iter()
            .filter_map(|(file, edits)| {
                let source = tree.source(file).ok()?;
                Some((file, apply_edits(&source.text, &edits).ok()?))
            })
            .collect();
        write_diffs(out, tree, &changed, paths, true)
    }
}
