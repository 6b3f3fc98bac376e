//! frugix itself: its comments, and texts that it cannot look at.

mod evaluation_limit;
mod syntax_error;
mod unknown_suppression;
mod unreadable_file;
mod unused_suppression;

pub use evaluation_limit::EvaluationLimit;
pub use syntax_error::SyntaxError;
pub use unknown_suppression::UnknownSuppression;
pub use unreadable_file::UnreadableFile;
pub use unused_suppression::UnusedSuppression;
