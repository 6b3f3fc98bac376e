//! What the user asked for: `frugix.toml` as plain data, with places for errors.
//!
//! Nothing here knows rules; their names are checked where rules are selected.

mod severity;

pub use severity::{Severity, UnknownSeverity};

/// What the user asked for, with defaults where nothing was said.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Config {}
