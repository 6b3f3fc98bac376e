//! Where the time of an analysis went.

use std::time::{Duration, Instant};

/// Where the time of an analysis went.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    /// What was done, in this order, and how long it took by the clock.
    pub phases: Vec<(&'static str, Duration)>,
    /// How often the tree was looked at: once, and once more after each pass of fixes.
    pub analyses: usize,
    /// How many files were parsed for that; one that is as it was is not parsed again.
    pub files: usize,
    /// How long each rule took. Rules run side by side: the sum may be more than the clock says.
    pub rules: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// Does `work`, and remembers how long it took, with what was done before by that name.
    pub(super) fn phase<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let (result, took) = timed(work);
        match self.phases.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => self.phases.push((name, took)),
        }
        result
    }

    /// Adds a phase for what is left of `whole` besides the others.
    pub(super) fn rest(&mut self, name: &'static str, whole: Duration) {
        let known = self.phases.iter().map(|(_, took)| *took).sum();
        self.phases.push((name, whole.saturating_sub(known)));
    }

    /// Adds what another analysis took: of another tree, or in another pass.
    pub fn add(&mut self, other: &Timings) {
        self.analyses += other.analyses;
        self.files += other.files;
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
