//! Threads that deep expressions do not overflow.

use std::sync::OnceLock;

use rayon::ThreadPool;

/// The memory is only used by those who need it.
const STACK_BYTES: usize = 256 << 20;

static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();

/// Runs `work` on a worker thread: on this one, if it is one of some pool, else on one of a pool of
/// our own, with deep stacks.
pub(super) fn on_worker<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if rayon::current_thread_index().is_some() {
        return work();
    }
    let build = || rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().ok();
    match POOL.get_or_init(build) {
        Some(pool) => pool.install(work),
        None => work(),
    }
}
