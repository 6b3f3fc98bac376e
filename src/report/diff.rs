//! What a fix would change, as unified diffs that `patch` and `git apply` take.

use std::io::{self, Write};

use anstyle::Style;
use similar::{ChangeTag, TextDiff};

use super::style::{ADDED, BOLD, FRAME, REMOVED};
use super::{visible, visible_name};

const CONTEXT: usize = 3;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One file, before and after.
#[derive(Copy, Clone, Debug)]
pub struct FileDiff<'a> {
    /// How the file is named to the user.
    pub name: &'a str,
    /// Its text as it is, without a byte order mark.
    pub before: &'a str,
    /// Its text as it would be.
    pub after: &'a str,
    /// Whether the file begins with a byte order mark.
    pub bom: bool,
}

/// Writes the unified diff of one file; nothing if it does not change. `for_people` it is styled,
/// and hidden characters are written out; otherwise the lines are exactly those of the file, so
/// that the diff applies.
///
/// # Errors
///
/// Those of `out`.
pub fn write_diff(out: &mut dyn Write, file: &FileDiff, for_people: bool) -> io::Result<()> {
    if file.before == file.after {
        return Ok(());
    }
    let mark = if file.bom { BYTE_ORDER_MARK } else { "" };
    let before = format!("{mark}{}", file.before);
    let after = format!("{mark}{}", file.after);
    let name = header_name(file.name);
    let plain = Style::new();
    let (heading, place) = if for_people { (BOLD, FRAME) } else { (plain, plain) };
    writeln!(out, "{heading}--- a/{name}{heading:#}")?;
    writeln!(out, "{heading}+++ b/{name}{heading:#}")?;
    // Lines are what `patch` takes for lines: a carriage return alone ends none.
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&before, &after);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        writeln!(out, "{place}{}{place:#}", hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete if for_people => ('-', REMOVED),
                ChangeTag::Insert if for_people => ('+', ADDED),
                ChangeTag::Delete => ('-', plain),
                ChangeTag::Insert => ('+', plain),
                ChangeTag::Equal => (' ', plain),
            };
            let (line, ending) = split_ending(change.value());
            let line = if for_people { visible(line) } else { line.into() };
            write!(out, "{style}{sign}{line}{style:#}{ending}")?;
            if ending.is_empty() {
                writeln!(out, "\n\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

fn split_ending(line: &str) -> (&str, &str) {
    let kept = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
    line.split_at(kept.len())
}

/// A name with a space is closed with a tab, which is how `patch` tells it from a time.
fn header_name(name: &str) -> String {
    let end = if name.contains(' ') { "\t" } else { "" };
    format!("{}{end}", visible_name(name))
}
