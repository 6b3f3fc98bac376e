//! Where something was asked for, so that an error can point at it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where something was asked for.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub enum Location {
    /// In a configuration file.
    File {
        /// The file, as it was named.
        path: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in Unicode scalar values.
        column: usize,
    },
    /// By a command line argument, such as `--select`.
    Argument(Arc<str>),
}

impl Location {
    /// The place of a command line argument.
    pub fn argument(name: &str) -> Location {
        Location::Argument(name.into())
    }

    /// The place of the byte at `offset` of `text`, which is the text of `path`.
    pub(super) fn in_text(path: &Arc<Path>, text: &str, offset: usize) -> Location {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Location::File {
            path: Arc::clone(path),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File { path, line, column } => {
                write!(f, "{}:{line}:{column}", path.display())
            }
            Location::Argument(name) => f.write_str(name),
        }
    }
}

/// A value, and where it was asked for.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Located<T> {
    /// What was asked for.
    pub value: T,
    /// Where.
    pub at: Location,
}

impl<T> Located<T> {
    /// A value from a command line argument, such as `--select`.
    pub fn argument(name: &str, value: impl Into<T>) -> Located<T> {
        Located { value: value.into(), at: Location::argument(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let path: Arc<Path> = Path::new("a.toml").into();
        let text = "x\n\"ö\" = ß";
        let place = Location::in_text(&path, text, text.find('ß').unwrap());
        assert_eq!(place.to_string(), "a.toml:2:7");
        assert_eq!(Location::in_text(&path, text, 0).to_string(), "a.toml:1:1");
    }
}
