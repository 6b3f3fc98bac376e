//! Where the time of an analysis went.

use std::time::{Duration, Instant};

/// Where the time of an analysis went.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    /// What was done, in this order, and how long it took by the clock.
    pub phases: Vec<(&'static str, Duration)>,
    /// How long each rule took. Rules run side by side: the sum may be more than the clock says.
    pub rules: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// Does `work`, and remembers how long it took.
    pub(super) fn phase<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let (result, took) = timed(work);
        self.phases.push((name, took));
        result
    }

    /// Adds what another analysis took: of another tree, or in another pass.
    pub fn add(&mut self, other: &Timings) {
        for (mine, theirs) in [(&mut self.phases, &other.phases), (&mut self.rules, &other.rules)] {
            for (name, took) in theirs {
                match mine.iter_mut().find(|(known, _)| known == name) {
                    Some((_, sum)) => *sum += *took,
                    None => mine.push((name, *took)),
                }
            }
        }
    }
}

/// Does `work`, and says how long it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}
