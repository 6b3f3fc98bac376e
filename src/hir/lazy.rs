//! Files that are lowered when they are first asked for: most files of a large tree tell nothing by
//! themselves, and many of these nothing ever leads to. What a file was lowered to can be let go, and is
//! made again for whoever asks.

use std::fmt;
use std::sync::OnceLock;

use super::File;

/// A file, lowered or yet to be. Any thread may be the first to ask for it.
pub struct LazyFile {
    file: OnceLock<Option<Box<File>>>,
    /// None where it was lowered from nothing that is there still.
    lower: Option<Lower>,
    is_plain: bool,
}

type Lower = Box<dyn Fn() -> Option<File> + Send + Sync>;

impl LazyFile {
    /// A file of which nothing is of interest until something else leads to it. Then `lower` is called,
    /// once; it gives none if it cannot be lowered after all.
    pub fn plain(lower: impl Fn() -> Option<File> + Send + Sync + 'static) -> LazyFile {
        LazyFile { file: OnceLock::new(), lower: Some(Box::new(lower)), is_plain: true }
    }

    /// The lowered `file`, which `lower` gives again once it was let go.
    pub fn lowered(
        file: File,
        lower: impl Fn() -> Option<File> + Send + Sync + 'static,
    ) -> LazyFile {
        LazyFile { lower: Some(Box::new(lower)), ..LazyFile::from(file) }
    }

    /// Whether nothing in the file is of interest by itself.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The lowered file.
    pub fn file(&self) -> Option<&File> {
        let lower = || Some(Box::new(self.lower.as_ref()?()?));
        self.file.get_or_init(lower).as_deref()
    }

    /// Lets go of what it was lowered to, if it can be lowered again.
    pub fn let_go(&mut self) {
        if self.lower.is_some() {
            self.file.take();
        }
    }
}

impl From<File> for LazyFile {
    fn from(file: File) -> LazyFile {
        let file = OnceLock::from(Some(Box::new(file)));
        LazyFile { file, lower: None, is_plain: false }
    }
}

impl fmt::Debug for LazyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyFile").field("is_plain", &self.is_plain).finish_non_exhaustive()
    }
}
