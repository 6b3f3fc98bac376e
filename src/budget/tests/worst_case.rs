//! The worst case against every set of builds that `max-jobs` lets run together, phase by phase.

use std::collections::BTreeSet;

use text_size::TextRange;

use crate::budget::order::put_in_order;
use crate::budget::{Figure, LocalBuild, Parallelism, Processes, WorstCase};
use crate::config::{Bytes, Hours};
use crate::facts::{Origin, Package};
use crate::knowledge::{Basis, Linker, Lto};
use crate::source::{FileId, Span};

fn figure(bytes: u64, basis: Basis) -> Figure {
    Figure { bytes: Bytes(bytes), low: Bytes(bytes), basis, source: "this test".to_owned() }
}

fn build(process: u64, link: Option<u64>, processes: Processes) -> LocalBuild {
    LocalBuild {
        language: None,
        lto: Lto::Off,
        linker: Linker::Default,
        heap: None,
        name: "a".to_owned(),
        origin: Origin::Own,
        place: Span::new(FileId::from_index(0), TextRange::default()),
        id: 0,
        is_replacement: false,
        after: Vec::new(),
        needs: Vec::new(),
        files: Vec::new(),
        processes,
        processes_literal: None,
        idle: Vec::new(),
        process: Some(figure(process, Basis::Measured)),
        link: link.map(|link| figure(link, Basis::Estimate)),
        peak: None,
        hours: None,
        spread: None,
        hours_basis: Basis::Estimate,
        is_known: true,
        is_browser: false,
        is_overlay_entry: false,
        is_conditional: false,
        has_dependents: false,
    }
}

/// Where each build is: not begun, in one of its phases, or done.
type State = Vec<Option<usize>>;

/// The most memory of any state that can be reached when at most `jobs` builds run at once and any
/// that has not begun, and whose `needs` are done, may be the next.
fn enumerated(
    builds: &[LocalBuild],
    needs: &[Vec<usize>],
    parallelism: Parallelism,
    threads: u64,
) -> u64 {
    let phases: Vec<Vec<u64>> = builds
        .iter()
        .map(|build| {
            let phases = build.phases(parallelism.cores, Some(threads));
            phases.iter().map(|phase| phase.bytes.0).collect()
        })
        .collect();
    let mut seen: BTreeSet<State> = BTreeSet::new();
    let mut waiting = vec![vec![None; builds.len()]];
    let mut most = 0;
    while let Some(state) = waiting.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let memory = |(index, at): (usize, &Option<usize>)| {
            at.and_then(|at| phases[index].get(at)).copied().unwrap_or(0)
        };
        most = most.max(state.iter().enumerate().map(memory).sum());
        let is_running = |index: usize| state[index].is_some_and(|at| at < phases[index].len());
        let running = (0..builds.len()).filter(|index| is_running(*index)).count() as u64;
        let is_done = |needed: &usize| state[*needed].is_some_and(|at| at >= phases[*needed].len());
        let is_ready = |index: usize| needs[index].iter().all(is_done);
        for index in 0..builds.len() {
            let next = match state[index] {
                None if running < parallelism.jobs && is_ready(index) => Some(0),
                Some(at) if at < phases[index].len() => Some(at + 1),
                _ => None,
            };
            if next.is_some() {
                let mut state = state.clone();
                state[index] = next;
                waiting.push(state);
            }
        }
    }
    most
}

#[test]
fn it_is_what_enumeration_finds() {
    let kinds = [
        build(1, Some(7), Processes::Cores),
        build(3, Some(2), Processes::Cores),
        build(5, None, Processes::AtMost(2)),
        build(2, Some(9), Processes::Fixed(1)),
        build(4, Some(1), Processes::Threads),
    ];
    let mut compared = 0;
    for set in 0..1_u32 << kinds.len() {
        let builds: Vec<LocalBuild> = (0..kinds.len())
            .filter(|index| set & (1 << index) != 0)
            .map(|index| kinds[index].clone())
            .collect();
        for jobs in 0..=4 {
            for cores in 1..=4 {
                let parallelism = Parallelism { jobs, cores };
                let worst = WorstCase::of(&builds, parallelism, Some(4));
                assert_eq!(
                    worst.bytes.0,
                    enumerated(&builds, &vec![Vec::new(); builds.len()], parallelism, 4),
                    "set {set:b}, {parallelism:?}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 32 * 5 * 4);
}

/// Four builds of which each may need any of those before it: every such order there is.
#[test]
fn it_is_what_enumeration_finds_in_every_order() {
    let kinds = [
        build(3, Some(7), Processes::Cores),
        build(5, Some(2), Processes::AtMost(2)),
        build(2, Some(9), Processes::Fixed(1)),
        build(4, Some(1), Processes::Threads),
    ];
    let names = ["a", "b", "c", "d"];
    let pairs: Vec<(usize, usize)> =
        (0..4).flat_map(|later| (0..later).map(move |earlier| (later, earlier))).collect();
    let mut compared = 0;
    for order in 0..1_u32 << pairs.len() {
        let mut needs = vec![Vec::new(); kinds.len()];
        for (index, (later, earlier)) in pairs.iter().enumerate() {
            if order & (1 << index) != 0 {
                needs[*later].push(*earlier);
            }
        }
        let named = |(index, kind): (usize, &LocalBuild)| LocalBuild {
            name: names[index].to_owned(),
            needs: needs[index].iter().map(|needed| own(names[*needed])).collect(),
            ..kind.clone()
        };
        let mut builds: Vec<LocalBuild> = kinds.iter().enumerate().map(named).collect();
        put_in_order(&mut builds, &[]);
        for jobs in 0..=4 {
            for cores in [1, 2, 4] {
                let parallelism = Parallelism { jobs, cores };
                let worst = WorstCase::of(&builds, parallelism, Some(4));
                let expected = enumerated(&builds, &needs, parallelism, 4);
                assert_eq!(worst.bytes.0, expected, "{needs:?}, {parallelism:?}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 64 * 5 * 3);
}

fn own(name: &str) -> Package {
    Package { origin: Origin::Own, path: vec![name.to_owned()] }
}

#[test]
fn circles_and_merged_packages_keep_nothing_apart() {
    let named = |name: &str, needs: &str| LocalBuild {
        name: name.to_owned(),
        needs: vec![own(needs)],
        ..build(1, None, Processes::Fixed(1))
    };
    let together = |builds: &mut [LocalBuild], merged: &[String]| {
        put_in_order(builds, merged);
        WorstCase::of(builds, Parallelism { jobs: 9, cores: 1 }, None).bytes.0
    };
    assert_eq!(together(&mut [named("a", "b"), named("b", "c"), named("c", "x")], &[]), 1);
    assert_eq!(together(&mut [named("a", "b"), named("b", "a"), named("c", "a")], &[]), 3);
    let merged = ["b".to_owned()];
    assert_eq!(together(&mut [named("a", "b"), named("b", "c"), named("c", "x")], &merged), 3);
}

/// Where the search is cut short, the sum is no less than the true one.
#[test]
fn many_builds_end_soon_and_are_bounded() {
    let named = |index: u64| LocalBuild {
        name: index.to_string(),
        needs: vec![own(&(index / 2).to_string()), own(&(index / 3).to_string())],
        ..build(1000 - index % 7, None, Processes::Fixed(1))
    };
    let mut builds: Vec<LocalBuild> = (1..400).map(named).collect();
    builds[0].needs.clear();
    put_in_order(&mut builds, &[]);
    let sum = |jobs| WorstCase::of(&builds, Parallelism { jobs, cores: 1 }, None).bytes.0;
    let free: u64 = 64 * 1000;
    assert!(sum(64) <= free && sum(64) >= 64 * 994, "{}", sum(64));
    assert!(sum(2) <= 2000);
}

#[test]
fn it_is_as_well_known_as_its_weakest_part() {
    let builds = [build(9, Some(1), Processes::Fixed(1)), build(1, Some(5), Processes::Fixed(1))];
    let basis = |jobs| WorstCase::of(&builds, Parallelism { jobs, cores: 1 }, Some(1)).basis;
    assert_eq!(basis(1), Basis::Measured);
    assert_eq!(basis(2), Basis::Estimate);
}

#[test]
fn a_given_peak_counts_whatever_runs() {
    let given = LocalBuild {
        peak: Some(figure(6, Basis::Measured)),
        ..build(100, Some(100), Processes::Cores)
    };
    assert_eq!(given.peak(8, Some(8)).map(|peak| peak.bytes), Some(Bytes(6)));
}

/// Hours in the tables are for eight processes; what the language spreads over them takes longer with
/// fewer, and the rest as long.
#[test]
fn hours_are_scaled_by_the_processes_that_run() {
    let hours = Hours { low: 1.0, high: 4.0 };
    let spread = |processes| LocalBuild {
        hours: Some(hours),
        spread: Some(0.9),
        ..build(1, None, processes)
    };
    let on = |build: &LocalBuild, cores, threads| {
        let hours = build.hours_on(cores, threads).expect("they are known");
        assert!((hours.high - 4.0 * hours.low).abs() < 1e-9, "both ends alike");
        (hours.low * 100.0).round()
    };
    let free = spread(Processes::Cores);
    assert_eq!(on(&free, 8, Some(8)), 100.0);
    assert_eq!(on(&free, 1, Some(8)), 471.0);
    assert_eq!(on(&free, 4, Some(8)), 153.0);
    assert!(on(&free, 16, Some(16)) < 100.0);
    // What bounds the processes bounds the speed; what is fixed asks nobody.
    assert_eq!(on(&spread(Processes::AtMost(4)), 8, Some(8)), 153.0);
    assert_eq!(on(&spread(Processes::Fixed(1)), 8, Some(8)), 471.0);
    assert_eq!(on(&spread(Processes::Threads), 1, Some(8)), 100.0);
    // Somebody said how long it takes, or nobody knows how many run.
    let said = LocalBuild { spread: None, ..free.clone() };
    assert_eq!(on(&said, 1, Some(8)), 100.0);
    assert_eq!(on(&spread(Processes::Threads), 1, None), 100.0);
    let unknown = LocalBuild { hours: None, ..free };
    assert_eq!(unknown.hours_on(8, Some(8)), None);
}
