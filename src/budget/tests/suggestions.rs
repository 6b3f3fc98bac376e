//! What fits a machine, for any machine.

use proptest::prelude::*;

use crate::budget::{Parallelism, Room};

fn pair(jobs: u64, cores: u64) -> Parallelism {
    Parallelism { jobs, cores }
}

#[test]
fn cores_go_first_then_jobs() {
    let room = Room::new(8, 2, 1.5);
    assert_eq!(room, Room { processes: 12, cores: 6 });
    assert_eq!(room.fit(pair(4, 8)), pair(2, 6));
    assert_eq!(room.fit(pair(12, 6)), pair(2, 6));
    assert_eq!(room.fit(pair(8, 8)), pair(2, 6));
    assert_eq!(room.fit(pair(12, 2)), pair(6, 2));
    assert_eq!(room.fit(pair(1, 8)), pair(1, 6));
    assert_eq!(room.fit(pair(2, 6)), pair(2, 6));
    assert_eq!(room.alternatives(pair(4, 8)), [pair(3, 4), pair(4, 3)]);
    assert_eq!(room.alternatives(pair(1, 8)), []);
}

#[test]
fn small_machines_still_build() {
    assert_eq!(Room::new(1, 2, 1.5).fit(pair(4, 4)), pair(1, 1));
    assert_eq!(Room::new(2, 2, 0.1).fit(pair(4, 4)), pair(1, 1));
    assert_eq!(Room::new(4, 0, 0.5).fit(pair(9, 9)), pair(1, 2));
}

#[test]
fn the_product_is_not_rounded_away() {
    assert_eq!(Room::new(20, 0, 1.15).processes, 23);
    assert_eq!(Room::new(10, 0, 1.1).processes, 11);
}

proptest! {
    #[test]
    fn a_suggestion_fits(
        threads in 1_u32..1024,
        reserve in 0_u32..64,
        tolerance in 0.1_f64..8.0,
        jobs in 1_u64..4096,
        cores in 1_u64..4096,
    ) {
        let room = Room::new(threads, reserve, tolerance);
        let current = pair(jobs, cores);
        let first = room.fit(current);
        let others = room.alternatives(current);
        prop_assert!(others.len() <= 2 && !others.contains(&first));
        for fitting in others.into_iter().chain([first]) {
            prop_assert!(fitting.jobs >= 1 && fitting.cores >= 1);
            prop_assert!(fitting.jobs <= jobs && fitting.cores <= cores);
            prop_assert!(fitting.cores <= room.cores);
            let tolerated = (tolerance * f64::from(threads)).max(1.0);
            prop_assert!(fitting.processes() as f64 <= tolerated + 1e-6);
        }
        prop_assert_eq!(room.fit(first), first);
        let one_more = first.processes() + first.cores;
        prop_assert!(first.jobs == jobs || one_more > room.processes);
    }

    #[test]
    fn more_threads_never_ask_for_less(
        threads in 1_u32..512,
        reserve in 0_u32..64,
        tolerance in 0.1_f64..8.0,
        jobs in 1_u64..512,
        cores in 1_u64..512,
    ) {
        let (less, more) =
            (Room::new(threads, reserve, tolerance), Room::new(threads + 1, reserve, tolerance));
        prop_assert!(less.processes <= more.processes && less.cores <= more.cores);
        let (before, after) = (less.fit(pair(jobs, cores)), more.fit(pair(jobs, cores)));
        prop_assert!(before.cores <= after.cores);
        prop_assert!(before.cores != after.cores || before.jobs <= after.jobs);
    }
}
