//! How long a thread has had a processor, which other programs do not add to, however busy the machine.

use std::fs;
use std::time::Duration;

/// What the kernel says of this thread; `None` where it does not say.
pub fn spent() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
