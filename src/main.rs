//! The `frugix` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Files are looked at in many small pieces that soon are done with: this one takes a fifth less
/// time over them than the system's, for a few megabytes. `docs/performance.md` has the figures.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keep_pages_small();
    frugix::cli::main()
}

/// The allocator asks for huge pages, and some systems give them unasked. Most of many of them would
/// never be used: a fifth of what a large tree takes. Where this cannot be refused, the program is as
/// good with them.
fn keep_pages_small() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
