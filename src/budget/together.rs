//! Which builds together take the most memory, of those that may run at the same moment.

use super::build::{LocalBuild, Peak};

/// The search looks at no more sets than this. Where that is not enough, what builds wait for counts
/// for nothing, which gives no less than the true sum.
const MAX_STEPS: u32 = 20_000;

/// The `most` of `peaks`, the largest first, that take the most together and of which none waits for
/// another. Any such set can come about: all that its builds wait for is done first, and then each
/// of them is in its largest phase.
pub(super) fn heaviest(
    builds: &[LocalBuild],
    peaks: &[(usize, Peak)],
    most: usize,
) -> Vec<(usize, Peak)> {
    let largest: Vec<usize> = (0..peaks.len().min(most)).collect();
    let search = Search { builds, peaks, most, chosen: Vec::new(), best: None, steps: MAX_STEPS };
    let is_free = largest.iter().all(|one| search.fits(*one, &largest));
    let found = if is_free { largest } else { search.run(&largest) };
    found.into_iter().map(|place| peaks[place]).collect()
}

/// Branch and bound over places in the list of peaks.
struct Search<'a> {
    builds: &'a [LocalBuild],
    peaks: &'a [(usize, Peak)],
    most: usize,
    chosen: Vec<usize>,
    best: Option<(u64, Vec<usize>)>,
    steps: u32,
}

impl Search<'_> {
    fn run(mut self, largest: &[usize]) -> Vec<usize> {
        let all: Vec<usize> = (0..self.peaks.len()).collect();
        self.extend(&all);
        match self.best {
            Some((_, best)) if self.steps > 0 => best,
            _ => largest.to_vec(),
        }
    }

    /// Tries every set of what is chosen and some of `left`, the largest first, each of which may
    /// run beside all that is chosen.
    fn extend(&mut self, left: &[usize]) {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            return;
        }
        let now = self.sum(&self.chosen);
        if self.best.as_ref().is_none_or(|(best, _)| now > *best) {
            self.best = Some((now, self.chosen.clone()));
        }
        let room = self.most - self.chosen.len();
        for (index, place) in left.iter().enumerate() {
            let rest = &left[index..];
            let bound = now.saturating_add(self.sum(&rest[..room.min(rest.len())]));
            if room == 0 || self.best.as_ref().is_some_and(|(best, _)| bound <= *best) {
                return;
            }
            let beside: Vec<usize> =
                rest[1..].iter().copied().filter(|other| self.are_apart(*place, *other)).collect();
            self.chosen.push(*place);
            self.extend(&beside);
            self.chosen.pop();
        }
    }

    fn sum(&self, places: &[usize]) -> u64 {
        places.iter().fold(0, |sum, place| sum.saturating_add(self.peaks[*place].1.bytes.0))
    }

    fn fits(&self, one: usize, others: &[usize]) -> bool {
        others.iter().all(|other| *other == one || self.are_apart(one, *other))
    }

    fn are_apart(&self, one: usize, other: usize) -> bool {
        self.builds[self.peaks[one].0].may_run_beside(&self.builds[self.peaks[other].0])
    }
}
