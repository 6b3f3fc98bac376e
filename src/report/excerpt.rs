//! The lines of source that one finding shows, cut out of their files.
//!
//! The renderer is handed only these lines, never a whole file: they are short, harmless to print,
//! and the lines left out between them cost nothing. Offsets into this text are made from offsets
//! of the file here; line and column numbers stay those of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use codespan_reporting::files::{Error, Files, Location};

use super::line::{ShownLine, boundary_before};
use super::{DisplayPaths, visible_name};
use crate::source::{FileId, SourceFile, Span, Tree};

/// Lines shown after the first line of a place that spans several.
pub(super) const LINES_AFTER_START: usize = 3;
/// Lines shown before the last line of a place that spans several.
pub(super) const LINES_BEFORE_END: usize = 1;
/// How far apart the renderer must think two lines for it to draw a break between them.
const FAR_APART: usize = 3;

/// The excerpts of one finding, a file each, in the order in which they were first marked.
#[derive(Default)]
pub(super) struct Excerpts {
    files: Vec<Excerpt>,
}

/// One file's lines.
struct Excerpt {
    name: String,
    text: String,
    lines: BTreeMap<usize, Line>,
    /// Where each marked place begins, by the offset of its label in `text`.
    starts: BTreeMap<usize, Location>,
}

struct Line {
    /// Its number in the file, from 1.
    number: usize,
    /// Its bytes in the excerpt's text.
    range: Range<usize>,
}

/// A place marked in an excerpt: which one, and which bytes of its text.
pub(super) type Mark = (usize, Range<usize>);

impl Excerpts {
    /// Cuts out what `spans` show. The answer has the mark of each, or `None` for a place in a
    /// file that cannot be read.
    pub fn cut(tree: &Tree, paths: &DisplayPaths, spans: &[Span]) -> (Excerpts, Vec<Option<Mark>>) {
        let mut excerpts = Excerpts::default();
        let mut marks = vec![None; spans.len()];
        let mut seen: Vec<FileId> = Vec::new();
        for span in spans {
            if seen.contains(&span.file) {
                continue;
            }
            seen.push(span.file);
            let Ok(source) = tree.source(span.file) else {
                continue;
            };
            let name = visible_name(&paths.name(tree, span.file)).into_owned();
            let places: Vec<(usize, Place)> = spans
                .iter()
                .enumerate()
                .filter(|(_, other)| other.file == span.file)
                .map(|(index, other)| (index, Place::of(&source, *other)))
                .collect();
            let (excerpt, ranges) = Excerpt::cut(name, &source, &places);
            for (index, range) in ranges {
                marks[index] = Some((excerpts.files.len(), range));
            }
            excerpts.files.push(excerpt);
        }
        (excerpts, marks)
    }

    fn file(&self, index: usize) -> Result<&Excerpt, Error> {
        self.files.get(index).ok_or(Error::FileMissing)
    }
}

/// A place of a file: its bytes, and the lines they begin and end on, counted from 0.
struct Place {
    bytes: Range<usize>,
    first: usize,
    last: usize,
    location: Location,
}

impl Place {
    fn of(source: &SourceFile, span: Span) -> Place {
        let text: &str = &source.text;
        let start = boundary_before(text, span.range.start().into());
        let end = boundary_before(text, span.range.end().into());
        // A place that ends with a line ending is not taken to reach into the next line.
        let kept = text[start..end].trim_end_matches(['\n', '\r']).len();
        let bytes = start..start + kept;
        let position = source.position(span.range.start());
        Place {
            first: line_of(source, bytes.start),
            last: line_of(source, bytes.end),
            bytes,
            location: Location {
                line_number: position.line as usize,
                column_number: position.column as usize,
            },
        }
    }

    /// The lines of it that are shown: all of a short place, the ends of a long one.
    fn lines(&self) -> impl Iterator<Item = usize> + use<> {
        let head = self.first..=self.last.min(self.first + LINES_AFTER_START);
        let tail = self.last.saturating_sub(LINES_BEFORE_END).max(self.first)..=self.last;
        head.chain(tail)
    }
}

fn line_of(source: &SourceFile, byte: usize) -> usize {
    let offset = u32::try_from(byte).unwrap_or(u32::MAX);
    source.lines().line(offset.into())
}

fn line_start(source: &SourceFile, line: usize) -> usize {
    source.lines().start(line).map_or(0, usize::from)
}

impl Excerpt {
    /// The lines that `places` show, and each place's bytes in their text.
    fn cut(
        name: String,
        source: &SourceFile,
        places: &[(usize, Place)],
    ) -> (Excerpt, Vec<(usize, Range<usize>)>) {
        let mut text = String::new();
        let mut lines = BTreeMap::new();
        let mut shown = BTreeMap::new();
        let mut index = 0;
        let mut above = None;
        for line in wanted_lines(places) {
            index += match above.replace(line) {
                None => 0,
                Some(above) if above + 1 == line => 1,
                // Far enough apart for the renderer to draw a break.
                Some(_) => FAR_APART,
            };
            let focus = focus(line, places).map_or(0, |byte| byte - line_start(source, line));
            let shown_line = ShownLine::new(source.lines().text(&source.text, line), focus);
            let start = text.len();
            text.push_str(&shown_line.text);
            let range = start..text.len();
            text.push('\n');
            let number = line + 1;
            lines.insert(index, Line { number, range });
            shown.insert(line, (start, shown_line));
        }

        let mut starts = BTreeMap::new();
        let mut ranges = Vec::with_capacity(places.len());
        for (place_index, place) in places {
            let start = shown.get(&place.first).map_or(0, |(at, line)| {
                at + line.start(place.bytes.start - line_start(source, place.first))
            });
            let end = shown.get(&place.last).map_or(start, |(at, line)| {
                at + line.end(place.bytes.end - line_start(source, place.last))
            });
            starts.entry(start).or_insert(place.location);
            ranges.push((*place_index, start..end.max(start)));
        }
        let excerpt = Excerpt { name, text, lines, starts };
        (excerpt, ranges)
    }

    /// The line that holds `byte`, by the index the renderer knows it by.
    fn line_at(&self, byte: usize) -> Option<(usize, &Line)> {
        let mut lines = self.lines.iter().rev();
        lines.find(|(_, line)| line.range.start <= byte).map(|(index, line)| (*index, line))
    }
}

/// The lines to show. A line left out alone between two others is shown as well.
fn wanted_lines(places: &[(usize, Place)]) -> BTreeSet<usize> {
    let wanted: BTreeSet<usize> = places.iter().flat_map(|(_, place)| place.lines()).collect();
    let alone = wanted
        .iter()
        .filter(|line| !wanted.contains(&(*line + 1)) && wanted.contains(&(*line + 2)))
        .map(|line| line + 1);
    wanted.iter().copied().chain(alone).collect()
}

/// The byte that a long `line` is clipped around: where the first place on it begins, or ends.
fn focus(line: usize, places: &[(usize, Place)]) -> Option<usize> {
    let mut places = places.iter().map(|(_, place)| place);
    let starts = places.clone().find(|place| place.first == line);
    let ends = places.find(|place| place.last == line);
    starts.map(|place| place.bytes.start).or(ends.map(|place| place.bytes.end))
}

impl<'a> Files<'a> for Excerpts {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.file(id).map(|excerpt| excerpt.name.as_str())
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.file(id).map(|excerpt| excerpt.text.as_str())
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let line = self.file(id)?.line_at(byte);
        Ok(line.map_or(0, |(index, _)| index))
    }

    /// Between two excerpts lie indices that stand for the lines left out; they answer with the
    /// line above.
    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, Error> {
        let mut above = self.file(id)?.lines.range(..=index).rev();
        Ok(above.next().map_or(1, |(_, line)| line.number))
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, Error> {
        let line = self.file(id)?.lines.get(&index);
        Ok(line.map_or(0..0, |line| line.range.clone()))
    }

    fn location(&'a self, id: usize, byte: usize) -> Result<Location, Error> {
        let excerpt = self.file(id)?;
        let known = excerpt.starts.get(&byte).copied();
        Ok(known.unwrap_or_else(|| Location {
            line_number: excerpt.line_at(byte).map_or(1, |(_, line)| line.number),
            column_number: 1,
        }))
    }
}
