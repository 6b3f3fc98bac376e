//! What can be wrong with a configuration, said so that it can be put right.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Location;

/// What is wrong with a configuration.
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
    /// A text says something that has no meaning.
    #[error("{at}: {message}")]
    Invalid {
        /// Where.
        at: Location,
        /// What is wrong, and what to write instead.
        message: String,
    },
}

impl ConfigError {
    pub(super) fn invalid(at: Location, message: impl Into<String>) -> ConfigError {
        ConfigError::Invalid { at, message: message.into() }
    }
}
