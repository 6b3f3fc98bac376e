//! Files that are lowered when they are first asked for: most files of a large tree tell nothing by
//! themselves, and many of these nothing ever leads to.

use std::fmt;
use std::sync::LazyLock;

use super::File;

/// A file, lowered or yet to be. Any thread may be the first to ask for it.
pub struct LazyFile {
    file: LazyLock<Option<File>, Lower>,
    is_plain: bool,
}

type Lower = Box<dyn FnOnce() -> Option<File> + Send>;

impl LazyFile {
    /// A file of which nothing is of interest until something else leads to it. Then `lower` is called,
    /// once; it gives none if it cannot be lowered after all.
    pub fn plain(lower: impl FnOnce() -> Option<File> + Send + 'static) -> LazyFile {
        LazyFile { file: LazyLock::new(Box::new(lower)), is_plain: true }
    }

    /// Whether nothing in the file is of interest by itself.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The lowered file.
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }
}

impl From<File> for LazyFile {
    fn from(file: File) -> LazyFile {
        let file = LazyLock::new(Box::new(|| Some(file)) as Lower);
        LazyLock::force(&file);
        LazyFile { file, is_plain: false }
    }
}

impl fmt::Debug for LazyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyFile").field("is_plain", &self.is_plain).finish_non_exhaustive()
    }
}
