//! What the user sees of a fault in frugix: one short message, never a backtrace.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::report::visible;

const REPORT_AT: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// From now on a panic prints a request for a report instead of the standard message.
pub(super) fn install() {
    panic::set_hook(Box::new(|panic| {
        anstream::eprintln!("{}", message(panic));
    }));
}

/// Runs `work`; `None` if it panicked, which the hook has told the user by then.
pub(super) fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

fn message(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    let reason = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given");
    let place = panic.location().map_or_else(String::new, |location| {
        format!(" at {}:{}", location.file(), location.line())
    });
    format!(
        "error: frugix {} has a fault: {}{place}\n\
         No file was left half written. Please report it, with the command and if you can the \
         file, at {REPORT_AT}",
        env!("CARGO_PKG_VERSION"),
        visible(reason),
    )
}
