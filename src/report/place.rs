//! Where something stands, as the forms for programs say it.

use super::{DisplayPaths, Finding};
use crate::source::{Position, Span};

/// A place with the name of its file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file, from the working directory.
    pub name: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the first character that is not part of it.
    pub end: Position,
    /// The columns of `start` and `end` in bytes, from 1.
    pub byte_columns: (u32, u32),
}

impl Place {
    /// The place of `span`; the start of the file if the file cannot be read.
    pub fn of(finding: &Finding, span: Span, paths: &DisplayPaths) -> Place {
        let name = paths.name(finding.tree, span.file);
        let Ok(source) = finding.tree.source(span.file) else {
            let start = Position { line: 1, column: 1, offset: 0 };
            return Place { name, start, end: start, byte_columns: (1, 1) };
        };
        let (start, end) = (span.range.start(), span.range.end());
        let byte_column = |at: text_size::TextSize| {
            let at = at.min(source.range().end());
            let line = source.lines().start(source.lines().line(at)).unwrap_or_default();
            u32::from(at - line) + 1
        };
        Place {
            name,
            start: source.position(start),
            end: source.position(end),
            byte_columns: (byte_column(start), byte_column(end)),
        }
    }

    /// The place of the finding itself.
    pub fn of_finding(finding: &Finding, paths: &DisplayPaths) -> Place {
        Place::of(finding, finding.diagnostic.span, paths)
    }
}
