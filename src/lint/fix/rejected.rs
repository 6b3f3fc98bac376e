//! Fixes that broke something, recognised again though other fixes move them about.

use std::collections::HashSet;
use std::path::PathBuf;

use text_size::{TextRange, TextSize};

use super::pass::Candidate;
use crate::source::Tree;

/// Fixes not to be tried again.
#[derive(Default)]
pub(super) struct Rejected {
    known: HashSet<Mark>,
}

impl Rejected {
    pub(super) fn add(&mut self, tree: &Tree, candidate: &Candidate<'_>) {
        self.known.insert(Mark::of(tree, candidate));
    }

    pub(super) fn contains(&self, tree: &Tree, candidate: &Candidate<'_>) -> bool {
        !self.known.is_empty() && self.known.contains(&Mark::of(tree, candidate))
    }
}

/// What a fix is, wherever it has moved: what it replaces by what, in which lines.
#[derive(Eq, PartialEq, Hash)]
struct Mark {
    rule: &'static str,
    title: String,
    edits: Vec<EditMark>,
}

#[derive(Eq, PartialEq, Hash)]
struct EditMark {
    path: PathBuf,
    /// The lines it touches, from the start of the first to the end of the last.
    lines: String,
    /// Where in those lines it begins.
    column: TextSize,
    length: TextSize,
    text: String,
}

impl Mark {
    fn of(tree: &Tree, candidate: &Candidate<'_>) -> Mark {
        let edits = candidate.edits.iter().map(|edit| {
            let source = tree.source(edit.span.file).ok();
            let text = source.as_ref().map_or("", |source| &source.text);
            let range = edit.span.range;
            let lines = whole_lines(text, range);
            EditMark {
                path: tree.path(edit.span.file).to_owned(),
                lines: text.get(std::ops::Range::<usize>::from(lines)).unwrap_or("").to_owned(),
                column: range.start() - lines.start(),
                length: range.len(),
                text: edit.text.clone(),
            }
        });
        Mark { rule: candidate.rule, title: candidate.fix.title.clone(), edits: edits.collect() }
    }
}

/// `range` widened to whole lines of `text`; itself where it does not fit the text.
fn whole_lines(text: &str, range: TextRange) -> TextRange {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else {
        return range;
    };
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = end + after.find('\n').unwrap_or(after.len());
    match (TextSize::try_from(line_start), TextSize::try_from(line_end)) {
        (Ok(start), Ok(end)) => TextRange::new(start, end),
        _ => range,
    }
}
