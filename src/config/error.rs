//! What can be wrong with a configuration, said so that it can be put right.
//!
//! Reading goes on after a mistake, so that all of them are told at once.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Location;

/// Why there is no configuration.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}; check that the file is there and may be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: Arc<io::Error>,
    },
    /// Texts say something that has no meaning.
    #[error(transparent)]
    Invalid(#[from] Mistakes),
}

/// Something that has no meaning where it is written.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub struct Mistake {
    /// Where.
    pub at: Location,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// All that is wrong, each thing once, by place. As an error it is never empty.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// A single one.
    pub fn one(at: Location, message: impl Into<String>) -> Mistakes {
        Mistakes(vec![Mistake { at, message: message.into() }])
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// What was read, if it could be; else what is wrong is remembered.
    pub fn note<T>(&mut self, read: Result<T, Mistakes>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(more) => {
                self.0.extend(more.0);
                self.0.sort();
                self.0.dedup();
                None
            }
        }
    }

    /// What both have read, or all that is wrong with either.
    pub fn both<A, B>(
        one: Result<A, Mistakes>,
        other: Result<B, Mistakes>,
    ) -> Result<(A, B), Mistakes> {
        let mut mistakes = Mistakes::default();
        match (mistakes.note(one), mistakes.note(other)) {
            (Some(one), Some(other)) => Ok((one, other)),
            _ => Err(mistakes),
        }
    }

    /// `read`, if nothing is wrong with that, nor was before.
    pub fn or<T>(mut self, read: Result<T, Mistakes>) -> Result<T, Mistakes> {
        match self.note(read) {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
