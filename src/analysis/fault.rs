//! Faults of frugix itself. One must not take the rest of the findings with it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use crate::source::Cancelled;

/// A fault of frugix, and what could not be done because of it.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("{lost} because of a fault of frugix: {reason}")]
pub struct Fault {
    /// What could not be done.
    pub lost: Lost,
    /// What the fault said of itself.
    pub reason: String,
}

/// What a fault keeps from being done.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
pub enum Lost {
    /// The file was not understood. Its path is relative to the root of the tree.
    #[error("{} was left out", .0.display())]
    File(PathBuf),
    /// A rule did not look at all of a file.
    #[error("the rule {rule} left out a part of {}", .path.display())]
    RuleInFile {
        /// The rule's id.
        rule: &'static str,
        /// The file, relative to the root of the tree.
        path: PathBuf,
    },
    /// The tree was not evaluated, so that only what can be told of single files was found.
    #[error("the tree was not evaluated")]
    Facts,
    /// A rule did not look at the tree.
    #[error("the rule {0} was left out")]
    Rule(&'static str),
}

/// Runs `work`. A panic comes back as a fault, and what the closure had in its hands is not to be
/// trusted then. Work that is given up goes on its way.
pub(super) fn guard<T>(lost: impl FnOnce() -> Lost, work: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if Cancelled::is_it(&*payload) {
            resume_unwind(payload);
        }
        Fault { lost: lost(), reason: reason(&*payload) }
    })
}

fn reason(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}
