//! Places in the analysed tree: which file, and which bytes of it.

use std::num::NonZeroU32;

use text_size::TextRange;

/// One file of a tree, by position in its list. Valid for that tree and the trees
/// made from it by replacing texts. One more than the position, so that a [`Span`] that may be missing
/// takes no more room.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct FileId(NonZeroU32);

impl FileId {
    /// The file at `index` of its tree's list.
    pub fn from_index(index: usize) -> FileId {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        FileId(NonZeroU32::MIN.saturating_add(index))
    }

    /// The position in its tree's list.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A range of bytes of one file, counted in its text without a byte order mark.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: TextRange,
}

impl Span {
    /// The span of `range` in `file`.
    pub fn new(file: FileId, range: TextRange) -> Span {
        Span { file, range }
    }

    /// A key that orders spans by file, then start, then end.
    pub fn sort_key(&self) -> (FileId, u32, u32) {
        (self.file, self.range.start().into(), self.range.end().into())
    }
}
